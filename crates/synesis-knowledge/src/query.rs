//! Turns what a person typed into a full-text query.

use crate::limits::{QUERY_WORD_CHARS_MAX, QUERY_WORDS_MAX};

/// Words so common that they only make a search slow.
const COMMON: &[&str] = &[
    "a", "an", "and", "are", "as", "at", "be", "by", "do", "does", "for", "from", "how", "i", "in",
    "is", "it", "my", "of", "on", "or", "that", "the", "to", "was", "what", "when", "where",
    "which", "who", "with",
];

/// Any of the words, each quoted, so that nothing typed is an operator. None without a word.
pub(crate) fn full_text(typed: &str) -> Option<String> {
    let words: Vec<String> = typed
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty() && word.chars().count() <= QUERY_WORD_CHARS_MAX)
        .map(str::to_lowercase)
        .collect();
    let telling: Vec<&String> = words
        .iter()
        .filter(|word| !COMMON.contains(&word.as_str()))
        .collect();
    let chosen = if telling.is_empty() {
        words.iter().collect()
    } else {
        telling
    };
    let quoted: Vec<String> = chosen
        .into_iter()
        .take(QUERY_WORDS_MAX)
        .map(|word| format!("\"{word}\""))
        .collect();
    (!quoted.is_empty()).then(|| quoted.join(" OR "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_typed_is_an_operator() {
        assert_eq!(
            full_text("NEAR(a b) OR \"x\" -y*").as_deref(),
            Some(r#""near" OR "b" OR "x" OR "y""#)
        );
        assert_eq!(
            full_text("What is the owner's name?").as_deref(),
            Some(r#""owner" OR "s" OR "name""#)
        );
        assert_eq!(
            full_text("to be or").as_deref(),
            Some(r#""to" OR "be" OR "or""#)
        );
        assert_eq!(full_text(" \"'*^: "), None);
        assert!(full_text(&"word ".repeat(1000)).is_some_and(|q| q.len() < 1000));
    }
}
