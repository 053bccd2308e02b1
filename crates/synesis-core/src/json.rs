//! Finds the one JSON object in what a model wrote.
//!
//! Models under constrained decoding write nothing else. Others put prose, a code fence or a
//! thinking block around it: all of that is skipped, by this rule alone: the first `{` from which
//! a whole JSON value can be read, not counting what stands inside `<think>…</think>`. Nothing is
//! repaired: trailing commas, comments and single quotes are errors.

use serde_json::{Map, Value};

use crate::limits::{JSON_BYTES_MAX, prefix, prefix_chars};

/// Why a manifest or verdict could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// No complete JSON object anywhere in the text.
    #[error("there is no complete JSON object in it")]
    NoObject,
    /// A key that must be there is not.
    #[error("the key \"{0}\" is missing")]
    Missing(&'static str),
    /// A key holds something it cannot hold.
    #[error("the key \"{0}\" holds something else than {1}")]
    Wrong(&'static str, &'static str),
}

/// Attempts at a `{` before giving up; more than one stray brace is already rare.
const OBJECT_ATTEMPTS_MAX: usize = 32;

pub(crate) fn object_in(text: &str) -> Result<Map<String, Value>, ParseError> {
    let text = prefix(text, JSON_BYTES_MAX);
    let text = match text.rfind("</think>") {
        Some(at) => &text[at + "</think>".len()..],
        None => text,
    };
    for (at, _) in text.match_indices('{').take(OBJECT_ATTEMPTS_MAX) {
        let mut values = serde_json::Deserializer::from_str(&text[at..]).into_iter::<Value>();
        if let Some(Ok(Value::Object(object))) = values.next() {
            return Ok(object);
        }
    }
    Err(ParseError::NoObject)
}

/// A text, trimmed and cut to `chars_max` characters; absent is empty.
pub(crate) fn text_of(
    object: &Map<String, Value>,
    key: &'static str,
    chars_max: usize,
) -> Result<String, ParseError> {
    match object.get(key) {
        None | Some(Value::Null) => Ok(String::new()),
        Some(Value::String(text)) => Ok(prefix_chars(text.trim(), chars_max).to_owned()),
        Some(_) => Err(ParseError::Wrong(key, "a text")),
    }
}

/// A list of texts; one bare text counts as a list of one, absent is empty, empty texts vanish.
pub(crate) fn texts_of(
    object: &Map<String, Value>,
    key: &'static str,
    items_max: usize,
    chars_max: usize,
) -> Result<Vec<String>, ParseError> {
    let cut = |text: &str| prefix_chars(text.trim(), chars_max).to_owned();
    let texts = match object.get(key) {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::String(text)) => vec![cut(text)],
        Some(Value::Array(items)) => items
            .iter()
            .take(items_max)
            .map(|item| {
                item.as_str()
                    .map(cut)
                    .ok_or(ParseError::Wrong(key, "a list of texts"))
            })
            .collect::<Result<_, _>>()?,
        Some(_) => return Err(ParseError::Wrong(key, "a list of texts")),
    };
    Ok(texts.into_iter().filter(|text| !text.is_empty()).collect())
}

/// A share in percent: a whole number from 0 to 100, or a fraction below 1 written with a point.
pub(crate) fn percent_of(object: &Map<String, Value>, key: &'static str) -> Result<u8, ParseError> {
    let wrong = ParseError::Wrong(key, "a number from 0 to 100");
    let value = object.get(key).ok_or(ParseError::Missing(key))?;
    if let Some(whole) = value.as_u64() {
        return u8::try_from(whole).ok().filter(|p| *p <= 100).ok_or(wrong);
    }
    let number = value.as_f64().ok_or(wrong.clone())?;
    let share = if (0.0..=1.0).contains(&number) {
        number * 100.0
    } else {
        number
    };
    percent_from(share).ok_or(wrong)
}

/// Rounds to a whole percent; nothing outside 0 to 100 has one.
pub(crate) fn percent_from(share: f64) -> Option<u8> {
    (0.0..=100.0).contains(&share).then(|| share.round() as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let found = match object_in(text) {
            Ok(object) => Value::Object(object).to_string(),
            Err(error) => error.to_string(),
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn the_object_is_found_in_what_real_models_write_around_it() {
        check(r#"{"a":1}"#, r#"{"a":1}"#);
        check(
            "Sure! Here it is:\n```json\n{\"a\": {\"b\": \"}\"}}\n```\nAnything else?",
            r#"{"a":{"b":"}"}}"#,
        );
        check("I use {braces} freely. {\"a\":1} {\"a\":2}", r#"{"a":1}"#);
        check("<think>{\"a\":0}? no.</think>{\"a\":1}", r#"{"a":1}"#);
    }

    #[test]
    fn broken_objects_are_not_repaired() {
        check("", "there is no complete JSON object in it");
        check(r#"{"a":1"#, "there is no complete JSON object in it");
        check("{'a':1}", "there is no complete JSON object in it");
        check("[1,2]", "there is no complete JSON object in it");
    }

    #[test]
    fn confidence_is_a_percentage_or_a_fraction() {
        let of = |text: &str| percent_of(&object_in(text).unwrap(), "c");
        assert_eq!(of(r#"{"c":87}"#), Ok(87));
        assert_eq!(of(r#"{"c":0.87}"#), Ok(87));
        assert_eq!(of(r#"{"c":1}"#), Ok(1));
        assert_eq!(of(r#"{"c":1.0}"#), Ok(100));
        assert!(of(r#"{"c":101}"#).is_err());
        assert!(of(r#"{"c":-1}"#).is_err());
        assert!(of(r#"{"c":"high"}"#).is_err());
        assert_eq!(of("{}"), Err(ParseError::Missing("c")));
    }
}
