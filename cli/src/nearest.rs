//! "Did you mean": the known word that is nearest to an unknown one, and words of any length and number
//! in a message.

/// Words longer than this have no neighbour, and are cut where they are quoted.
const LONGEST: usize = 40;

/// The known word that an unknown one stands for in all likelihood.
fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if word.is_empty() || word.len() > LONGEST {
        return None;
    }
    let word = word.to_lowercase();
    let contains = |known: &str| word.len() > 2 && known.contains(&word);
    let likeness = |known: &str| f64::from(contains(known)) + strsim::jaro(&word, known);
    // To words of one letter most are near.
    let known = known.into_iter().filter(|known| known.len() > 1);
    let known = known.map(|known| (likeness(known), known));
    // What clap takes for near.
    let near = known.filter(|(likeness, _)| *likeness > 0.7);
    near.max_by(|one, other| one.0.total_cmp(&other.0)).map(|(_, known)| known)
}

/// What follows on "there is no such word": the nearest word that is known, or else something else.
pub(crate) fn hint<'a>(
    word: &str,
    known: impl IntoIterator<Item = &'a str>,
    otherwise: impl FnOnce() -> String,
) -> String {
    match nearest(word, known) {
        Some(near) => format!("; did you mean {near:?}?"),
        None => format!("; {}", otherwise()),
    }
}

/// Words that are listed.
const LISTED: usize = 20;

/// The word in quotes, of a long one the beginning.
pub(crate) fn quoted(word: &str) -> String {
    let (word, dots) = beginning(word);
    format!("{word:?}{dots}")
}

/// Words one after the other, of many the first.
pub(crate) fn listed<W: AsRef<str>>(words: impl IntoIterator<Item = W>) -> String {
    let mut words = words.into_iter();
    let shown = words.by_ref().take(LISTED).map(|word| {
        let (word, dots) = beginning(word.as_ref());
        // For a terminal, without control characters.
        format!("{}{dots}", word.escape_debug())
    });
    let mut shown: Vec<String> = shown.collect();
    match words.count() {
        0 => {}
        more => shown.push(format!("and {more} more")),
    }
    shown.join(", ")
}

/// A word, or the beginning of a long one and dots.
fn beginning(word: &str) -> (&str, &str) {
    match word.char_indices().nth(LONGEST) {
        Some((end, _)) => (&word[..end], "..."),
        None => (word, ""),
    }
}
