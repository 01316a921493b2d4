//! Draws what an element costs against the stride between elements, on logarithmic scales.

use std::fmt::Write as _;

use super::Row;
use crate::Result;

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 360.0;
const MARGIN: f64 = 56.0;
/// The stride from which each element has a cache line of its own, in bytes.
const LINE: f64 = 64.0;
const COLOURS: [&str; 3] = ["#888888", "#d55e00", "#0072b2"];

/// The groups named `… every N bytes`, one curve a contestant.
pub(super) fn of(rows: &[Row]) -> Result<String> {
    let stride =
        |group: &str| group.strip_suffix(" bytes")?.rsplit_once(" every ")?.1.parse::<f64>().ok();
    let points: Vec<(f64, &Row)> =
        rows.iter().filter_map(|row| Some((stride(&row.group)?, row))).collect();
    let bounds = |numbers: &mut dyn Iterator<Item = f64>| {
        numbers.fold((f64::MAX, 0f64), |(low, high), n| (low.min(n), high.max(n)))
    };
    let (left, right) = bounds(&mut points.iter().map(|(stride, _)| *stride));
    let (low, high) = bounds(&mut points.iter().map(|(_, row)| row.nanoseconds));
    if left >= right {
        return Err("no groups of strides to draw".into());
    }
    let (low, high) = (10f64.powf(low.log10().floor()), 10f64.powf(high.log10().ceil()));
    let place = |number: f64, from: f64, to: f64, length: f64| {
        (number / from).ln() / (to / from).ln() * (length - 2.0 * MARGIN)
    };
    let x = |stride: f64| MARGIN + place(stride, left, right, WIDTH);
    let y = |nanoseconds: f64| HEIGHT - MARGIN - place(nanoseconds, low, high, HEIGHT);

    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" \
         font-size=\"11\">\n<rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"white\"/>\n\
         <text x=\"{MARGIN}\" y=\"20\" font-size=\"14\">Sum of f32: nanoseconds an element, by the bytes from one to \
         the next</text>\n"
    );
    let text = |x: f64, y: f64, anchor: &str, text: &str| {
        format!("<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{text}</text>\n")
    };
    let line = |x1: f64, y1: f64, x2: f64, y2: f64, style: &str| {
        format!("<path d=\"M{x1:.1} {y1:.1}L{x2:.1} {y2:.1}\" {style}/>\n")
    };
    let mut tick = low;
    while tick <= high * 1.001 {
        svg += &line(MARGIN, y(tick), WIDTH - MARGIN, y(tick), "stroke=\"#dddddd\"");
        svg += &text(MARGIN - 6.0, y(tick) + 4.0, "end", &format!("{tick}"));
        tick *= 10.0;
    }
    svg += &line(
        x(LINE),
        MARGIN,
        x(LINE),
        HEIGHT - MARGIN,
        "stroke=\"#666666\" stroke-dasharray=\"4\"",
    );
    svg += &text(x(LINE) + 4.0, MARGIN + 8.0, "start", "a cache line each");
    let mut names: Vec<&str> = Vec::new();
    for (stride, row) in &points {
        if !names.contains(&row.contestant.as_str()) {
            names.push(&row.contestant);
        }
        if row.contestant == names[0] {
            svg += &text(x(*stride), HEIGHT - MARGIN + 16.0, "middle", &format!("{stride}"));
        }
    }
    for (number, (name, colour)) in names.iter().zip(COLOURS).enumerate() {
        let own = points.iter().filter(|(_, row)| row.contestant == *name);
        let path: Vec<String> = own
            .map(|(stride, row)| format!("{:.1} {:.1}", x(*stride), y(row.nanoseconds)))
            .collect();
        let _ = writeln!(
            svg,
            "<path d=\"M{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>",
            path.join("L")
        );
        let at = MARGIN + 150.0 * number as f64;
        svg += &line(
            at,
            HEIGHT - 16.0,
            at + 16.0,
            HEIGHT - 16.0,
            &format!("stroke=\"{colour}\" stroke-width=\"2\""),
        );
        svg += &text(at + 22.0, HEIGHT - 12.0, "start", name);
    }
    svg.push_str("</svg>\n");
    Ok(svg)
}
