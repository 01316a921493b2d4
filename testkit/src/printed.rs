//! How an array is printed, by NumPy's own algorithm (`_formatArray` and `_extendLine` of
//! `numpy/_core/arrayprint.py`), from the words of its elements. That the library's text is NumPy's own
//! is tested in `tests/it/display.rs`, and that it is this one by the fuzz targets.

/// NumPy's defaults: more elements than this are elided, to so many at either end of an axis.
const THRESHOLD: u128 = 1000;
const EDGE: usize = 3;
const LINE_WIDTH: usize = 75;

/// The text of an array that is not empty, with all words padded to the longest, or to `least`.
pub fn array(shape: &[usize], least: usize, word: impl Fn(&[usize]) -> String) -> String {
    let elided = strideproof_oracle::count(shape) > THRESHOLD;
    let shown = shape.iter().map(|&size| positions(size, elided).flatten().collect::<Vec<_>>());
    let shown: Vec<Vec<usize>> = shown.collect();
    let sizes: Vec<usize> = shown.iter().map(Vec::len).collect();
    let mut width = least;
    strideproof_oracle::for_each_index(&sizes, |at| {
        let index: Vec<usize> = at.iter().zip(&shown).map(|(&at, shown)| shown[at]).collect();
        width = width.max(word(&index).chars().count());
    });
    let padded = |index: &[usize]| format!("{:>width$}", word(index));
    Printer { shape, elided, word: &padded }.text(&mut Vec::new(), " ", LINE_WIDTH)
}

/// How many elements of an array are shown.
pub fn shown(shape: &[usize]) -> u128 {
    let elided = strideproof_oracle::count(shape) > THRESHOLD;
    let most = |&size: &usize| if elided && size > 2 * EDGE { 2 * EDGE } else { size };
    strideproof_oracle::count(&shape.iter().map(most).collect::<Vec<_>>())
}

/// The positions of an axis that are shown, and `None` for those that are not.
fn positions(size: usize, elided: bool) -> impl Iterator<Item = Option<usize>> {
    let elided = elided && size > 2 * EDGE;
    let (head, tail) = if elided { (EDGE, size - EDGE) } else { (size, size) };
    (0..head).map(Some).chain(elided.then_some(None)).chain((tail..size).map(Some))
}

struct Printer<'a> {
    shape: &'a [usize],
    elided: bool,
    word: &'a dyn Fn(&[usize]) -> String,
}

impl Printer<'_> {
    fn text(&self, index: &mut Vec<usize>, indent: &str, width: usize) -> String {
        let left = self.shape.len() - index.len();
        let Some(&size) = self.shape.get(index.len()) else { return (self.word)(index) };
        let inner_indent = format!("{indent} ");
        let (mut done, mut line) = (String::new(), String::from(indent));
        for (number, position) in positions(size, self.elided).enumerate() {
            let word = match position {
                Some(position) => {
                    index.push(position);
                    let word = self.text(index, &inner_indent, width - 1);
                    index.pop();
                    word
                }
                None => "...".into(),
            };
            if left > 1 {
                done += if number > 0 { indent } else { "" };
                done += &word;
                done += &"\n".repeat(left - 1);
                continue;
            }
            let wraps = line.chars().count() + word.chars().count() > width - 1;
            if wraps && line.len() > indent.len() {
                done += line.trim_end();
                done += "\n";
                line = indent.into();
            }
            line += &word;
            line += " ";
        }
        let text =
            if left > 1 { done.trim_end_matches('\n').into() } else { done + line.trim_end() };
        format!("[{}]", text.strip_prefix(indent).unwrap_or(&text))
    }
}
