//! Streets whose telling word comes last: `12 High Street`, `Hauptstraße 5`.

use super::east_asian;
use super::house_number::house_number;
use super::town::town;
use crate::detect::View;
use crate::detect::words::Hit;
use crate::kind::EntityKind::Address;

/// What parts a word of a street's name from the text before.
const EDGES: [char; 11] = [' ', '\n', '"', '\'', ',', ':', '(', '\t', '>', '|', '='];

/// Number and name before (`12 High Street`), or name before and number after (`Hauptstraße 5`).
pub(super) fn at(view: &mut View<'_>, hit: Hit) {
    let word = &view.text[hit.start..hit.end];
    if word.starts_with(' ') || word.starts_with('-') && !word.ends_with(' ') {
        english(view, hit);
    } else if word.is_ascii()
        || word.ends_with(' ')
        || word.chars().next().is_some_and(char::is_alphabetic)
            && word.chars().all(|c| u32::from(c) < 0x2000)
    {
        continental(view, hit);
    } else {
        east_asian::at(view, hit);
    }
}

/// `221B Baker Street`: walks back over capitalised words to a number.
fn english(view: &mut View<'_>, hit: Hit) {
    let last = view.bytes[hit.end - 1];
    if last.is_ascii_alphabetic()
        && view
            .at(hit.end)
            .is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    {
        return;
    }
    let word = view.text[hit.start..hit.end].to_lowercase();
    let turkish =
        !word.is_ascii() || word.ends_with("mah.") || word.contains("sok") || word.contains("cad");
    let mut at = hit.start;
    for _ in 0..5 {
        let word_start = view.text[..at].rfind(EDGES).map_or(0, |place| place + 1);
        let word = &view.text[word_start..at];
        if word.len() > 24 || word.is_empty() {
            return;
        }
        let numbered = word.as_bytes()[0].is_ascii_digit()
            && word.len() <= 7
            && word.bytes().filter(|byte| !byte.is_ascii_digit()).count() <= 2;
        if numbered
            && at < hit.start
            && !word.ends_with("th")
            && !word.ends_with("st")
            && !word.ends_with("nd")
            && !word.ends_with("rd")
        {
            let end = town(view, hit.end);
            return view.add(word_start, end, Address, "street address", 82);
        }
        let named = word
            .chars()
            .next()
            .is_some_and(|c| c.is_uppercase() || c.is_numeric())
            || matches!(word, "of" | "the" | "de" | "la" | "du");
        if !named {
            return;
        }
        if turkish && let Some(end) = house_number(view, hit.end) {
            return view.add(word_start, town(view, end), Address, "street address", 80);
        }
        if word_start == 0 || view.bytes[word_start - 1] != b' ' {
            return;
        }
        at = word_start - 1;
    }
}

/// `Hauptstraße 5`, `Kerkstraat 12-2`: the name before, the number right after.
fn continental(view: &mut View<'_>, hit: Hit) {
    let Some(end) = house_number(view, hit.end) else {
        return;
    };
    // Back over the word that ends here, and the capitalised ones before.
    let ending = view.text[..hit.start]
        .rfind(EDGES)
        .map_or(0, |place| place + 1);
    let whole = &view.text[ending..hit.end];
    if !whole.chars().next().is_some_and(char::is_uppercase) || whole.len() < 5 || whole.len() > 40
    {
        return;
    }
    let lonely = hit.start == ending;
    let mut start = ending;
    for _ in 0..3 {
        let Some(before) = view.text[..start].strip_suffix(' ') else {
            break;
        };
        let word_start = before
            .rfind([' ', '\n', '"', '\'', ',', ':', '(', '\t', '>', '|'])
            .map_or(0, |place| place + 1);
        let word = &before[word_start..];
        let part = word.chars().next().is_some_and(char::is_uppercase)
            && word
                .chars()
                .all(|c| c.is_alphabetic() || c == '-' || c == '.')
            && !matches!(
                word,
                "In" | "Die" | "Der" | "Das" | "Am" | "Ich" | "Adresse" | "De" | "Het"
            );
        if !part || !lonely && word.len() < 3 {
            break;
        }
        start = word_start;
        if !lonely {
            break;
        }
    }
    if lonely && start == ending {
        return;
    }
    // `Platz 3` and `Ring 2` alone are no streets; a small-letter ending glued to a name is.
    view.add(
        if lonely { start } else { ending },
        town(view, end),
        Address,
        "street address",
        80,
    );
}
