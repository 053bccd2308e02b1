//! What two texts have in common, roughly.

/// Words that say nothing about the subject.
const EMPTY: &[&str] = &[
    "about",
    "according",
    "and",
    "are",
    "can",
    "context",
    "could",
    "did",
    "does",
    "for",
    "from",
    "give",
    "has",
    "have",
    "her",
    "his",
    "how",
    "its",
    "know",
    "many",
    "much",
    "name",
    "please",
    "say",
    "tell",
    "that",
    "the",
    "their",
    "there",
    "they",
    "this",
    "was",
    "were",
    "what",
    "when",
    "where",
    "which",
    "who",
    "whom",
    "whose",
    "why",
    "will",
    "with",
    "would",
    "you",
    "your",
];

/// Letters of a word that are compared, so that endings do not matter.
const STEM_CHARS: usize = 4;

/// Lower-case words, without punctuation.
pub(crate) fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
}

fn stem(word: &str) -> String {
    word.chars().take(STEM_CHARS).collect()
}

/// Whether `text` speaks of what `question` asks: most of its words with content occur in it.
pub(crate) fn covers(question: &str, text: &str) -> bool {
    let asked: Vec<String> = words(question)
        .filter(|word| word.chars().count() > 2 && !EMPTY.contains(&word.as_str()))
        .map(|word| stem(&word))
        .collect();
    let told: Vec<String> = words(text).map(|word| stem(&word)).collect();
    let found = asked.iter().filter(|word| told.contains(word)).count();
    !asked.is_empty() && found * 3 >= asked.len() * 2
}

/// `text` on one line, with single spaces.
pub(crate) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_and_small_words_do_not_matter() {
        assert!(covers("Where does Mara live?", "Mara lives in Oslo."));
        assert!(covers(
            "Who is the owner of the red bicycle?",
            "The red bicycle is owned by Tom Berg."
        ));
        assert!(!covers(
            "What is the capital of France?",
            "I live in France."
        ));
        assert!(!covers("What is it?", "Mara lives in Oslo."));
    }
}
