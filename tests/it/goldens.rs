//! What real NumPy prints, as `goldens/numpy.py` wrote it down.

const NUMPY: &str = include_str!("../goldens/numpy.txt");

/// The section of that name, without its last newline.
#[track_caller]
pub(crate) fn numpy(name: &str) -> &'static str {
    let mut sections = NUMPY.split("=== ").filter_map(|section| section.split_once('\n'));
    match sections.find(|&(title, _)| title == name) {
        Some((_, text)) => text.strip_suffix('\n').unwrap_or(text),
        None => panic!("NumPy was not asked for {name:?}"),
    }
}
