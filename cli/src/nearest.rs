//! "Did you mean": the known word that is nearest to an unknown one.

/// Words longer than this have no neighbour, and are cut where they are quoted.
const LONGEST: usize = 40;

/// The known word that an unknown one stands for in all likelihood.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if word.is_empty() || word.len() > LONGEST {
        return None;
    }
    let word = word.to_lowercase();
    let contains = |known: &str| word.len() > 2 && known.contains(&word);
    let likeness = |known: &str| if contains(known) { 1.0 } else { strsim::jaro(&word, known) };
    let known = known.into_iter().map(|known| (likeness(known), known));
    // What clap takes for near.
    let near = known.filter(|(likeness, _)| *likeness > 0.7);
    near.max_by(|one, other| one.0.total_cmp(&other.0)).map(|(_, known)| known)
}

/// The word in quotes, of a long one the beginning.
pub(crate) fn quoted(word: &str) -> String {
    match word.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{:?}...", &word[..end]),
        None => format!("{word:?}"),
    }
}
