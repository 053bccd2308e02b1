//! What can be said about a question without a model.

use crate::words::{covers, words};
use crate::{Manifest, QueryKind, calculator, units};

/// How sure a guess by rules is, in percent.
const GUESS_CONFIDENCE: u8 = 40;
/// Words a greeting has at most.
const GREETING_WORDS_MAX: usize = 8;

/// A manifest made by rules alone.
pub(crate) fn manifest(question: &str, has_context: bool) -> Manifest {
    let kind = kind(question, has_context);
    Manifest {
        kind,
        goal: goal(kind).to_owned(),
        constraints: Vec::new(),
        expertise: Vec::new(),
        verify: Vec::new(),
        confidence: GUESS_CONFIDENCE,
    }
}

fn goal(kind: QueryKind) -> &'static str {
    match kind {
        QueryKind::Fact => "state a fact",
        QueryKind::Arithmetic => "work out a sum",
        QueryKind::Conversion => "convert a unit",
        QueryKind::Greeting => "greet back",
        QueryKind::Extract => "find it in the given text",
        QueryKind::Writing => "write a text",
        QueryKind::Code => "write or explain code",
        QueryKind::Reasoning => "think it through",
        QueryKind::Other => "answer the question",
    }
}

const GREETINGS: &[&str] = &[
    "hello",
    "hi",
    "hey",
    "good morning",
    "good evening",
    "good afternoon",
    "good day",
    "thanks",
    "thank you",
    "bye",
    "goodbye",
    "good night",
    "who are you",
    "what are you",
    "how are you",
    "what can you do",
    "help",
];
const CODE: &[&str] = &[
    "function",
    "script",
    "code",
    "program",
    "python",
    "rust",
    "javascript",
    "typescript",
    "java",
    "sql",
    "bash",
    "regex",
    "compile",
    "compiler",
    "debug",
    "refactor",
    "api",
    "html",
    "css",
    "json",
    "docker",
];
const WRITING: &[&str] = &[
    "write",
    "draft",
    "compose",
    "rewrite",
    "translate",
    "summarise",
    "summarize",
    "rephrase",
    "poem",
    "essay",
    "story",
    "letter",
    "headline",
    "proofread",
    "shorten",
];
const REASONING: &[&str] = &[
    "why", "explain", "compare", "prove", "plan", "discuss", "analyse", "analyze", "should",
    "evaluate", "solve", "argue",
];
const FACT: &[&str] = &[
    "who", "what", "when", "where", "which", "capital", "name", "how many",
];

fn kind(question: &str, has_context: bool) -> QueryKind {
    let words: Vec<String> = words(question).collect();
    let text = format!(" {} ", words.join(" "));
    let says = |list: &[&str]| {
        list.iter()
            .any(|phrase| text.contains(&format!(" {phrase} ")))
    };
    let opens = |list: &[&str]| {
        list.iter()
            .any(|phrase| text.starts_with(&format!(" {phrase} ")))
    };
    if calculator::find(question).is_some_and(|found| found.whole) {
        QueryKind::Arithmetic
    } else if has_context {
        QueryKind::Extract
    } else if words.len() <= GREETING_WORDS_MAX && opens(GREETINGS) {
        QueryKind::Greeting
    } else if units::find(question).is_some() {
        QueryKind::Conversion
    } else if question.contains("```") || says(CODE) {
        QueryKind::Code
    } else if says(WRITING) {
        QueryKind::Writing
    } else if says(REASONING) {
        QueryKind::Reasoning
    } else if opens(FACT) || says(&["capital"]) {
        QueryKind::Fact
    } else {
        QueryKind::Other
    }
}

/// Splits `Context: …\nQuestion: …`; where `guess` allows it also "Mara lives in Oslo. Where does
/// Mara live?", when the first sentences speak of what the last one asks.
pub(crate) fn split_context(text: &str, guess: bool) -> Option<(String, String)> {
    if let Some(rest) = text.trim_start().strip_prefix("Context:")
        && let Some((context, question)) = rest.split_once("\nQuestion:")
    {
        return Some((context.trim().to_owned(), question.trim().to_owned()));
    }
    let text = text.trim();
    if !guess || !text.ends_with('?') {
        return None;
    }
    let end = text.rfind(". ").or_else(|| text.rfind(".\n"))? + 1;
    let (context, question) = (text[..end].trim(), text[end..].trim());
    let told = !context.contains('?') && covers(question, context);
    told.then(|| (context.to_owned(), question.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_guessed_from_plain_signs() {
        let table = [
            ("What is 17 + 25?", "arithmetic"),
            ("Hello there!", "greeting"),
            ("What can you do?", "greeting"),
            ("How many inches are in 5 feet?", "conversion"),
            ("Write a python function that sorts a list", "code"),
            ("Write a poem about the sea", "writing"),
            ("Why is the sky blue?", "reasoning"),
            ("What is the capital of France?", "fact"),
            ("zxcv qwer", "other"),
        ];
        for (question, expected) in table {
            assert_eq!(
                manifest(question, false).kind.as_str(),
                expected,
                "{question}"
            );
        }
        assert_eq!(manifest("Who owns it?", true).kind, QueryKind::Extract);
    }

    #[test]
    fn a_text_and_its_question_are_told_apart() {
        let split =
            |text: &str, guess| split_context(text, guess).map(|(c, q)| format!("{c} | {q}"));
        assert_eq!(
            split("Context: A b.\nQuestion: C?", false).as_deref(),
            Some("A b. | C?")
        );
        assert_eq!(
            split(
                "Mara lives in Oslo. Tom does not. Where does Mara live?",
                true
            )
            .as_deref(),
            Some("Mara lives in Oslo. Tom does not. | Where does Mara live?")
        );
        assert_eq!(
            split("Mara lives in Oslo. Where does Mara live?", false),
            None
        );
        assert_eq!(split("Hello. What is the capital of France?", true), None);
        assert_eq!(split("What is it? And why. Tell me?", true), None);
    }
}
