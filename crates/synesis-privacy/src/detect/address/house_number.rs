//! House numbers, behind or before a street's name.

use crate::detect::View;

/// What stands between a street's name and its number.
#[rustfmt::skip]
const NUMBER_WORDS: &[&str] = &[
    "No: ", "No:", "No. ", "Nr. ", "nr ", "Nr ", "n. ", "nº ", "n° ", "n.º ", "д. ", "д.", "дом ", "буд. ", "No ", "no. ", "№ ", "Nº ",
    "num. ", "núm. ",
];

/// A house number: `5`, `12a`, `3-5`, `No: 7`, `nr 4`.
pub(super) fn house_number(view: &View<'_>, from: usize) -> Option<usize> {
    let mut at = view.past_space(from);
    if view.at(at) == Some(b',') {
        at = view.past_space(at + 1);
    }
    if let Some(word) = NUMBER_WORDS
        .iter()
        .find(|word| view.text[at..].starts_with(**word))
    {
        at += word.len();
    }
    let digits = view.bytes[at..]
        .iter()
        .take(5)
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    if digits == 0 || digits > 4 {
        return None;
    }
    let mut end = at + digits;
    if view.at(end).is_some_and(|byte| byte.is_ascii_alphabetic())
        && !view
            .at(end + 1)
            .is_some_and(|byte| byte.is_ascii_alphanumeric())
    {
        end += 1;
    }
    if matches!(view.at(end), Some(b'-' | b'/')) {
        let more = view.bytes[end + 1..]
            .iter()
            .take(4)
            .take_while(|byte| byte.is_ascii_alphanumeric())
            .count();
        end += if more > 0 { 1 + more } else { 0 };
    }
    let unit = view
        .at(end)
        .is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'%' | b':'))
        || view.at(end) == Some(b'.') && view.at(end + 1).is_some_and(|byte| byte.is_ascii_digit());
    (!unit).then_some(end)
}

/// `12 `, `12, ` or `12 bis ` before a street's first word.
pub(super) fn number_before(view: &View<'_>, start: usize) -> Option<usize> {
    let head = view.text[..start].trim_end_matches([' ', ',']);
    let head = head
        .strip_suffix(" bis")
        .or_else(|| head.strip_suffix(" ter"))
        .unwrap_or(head);
    let digits = head
        .bytes()
        .rev()
        .take(5)
        .take_while(u8::is_ascii_digit)
        .count();
    let free = !head[..head.len() - digits].ends_with(|c: char| c.is_alphanumeric() || c == '.');
    ((1..=4).contains(&digits) && free && start - head.len() <= 6).then(|| head.len() - digits)
}
