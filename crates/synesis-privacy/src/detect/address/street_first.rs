//! Streets whose telling word comes first: `12 rue de la Paix`, `Via Roma 12`, `ul. Długa 5`; post office boxes.

use super::house_number::{house_number, number_before};
use super::town::town;
use crate::detect::View;
use crate::detect::words::Hit;
use crate::kind::EntityKind::Address;

/// `12 rue de la Paix`, `Via Roma 12`, `ul. Długa 5`, `Calle Mayor, 3`.
pub(super) fn at(view: &mut View<'_>, hit: Hit) {
    if view.before(hit.start).is_some_and(|byte| {
        byte.is_ascii_alphanumeric() || byte >= 0x80 || matches!(byte, b'/' | b'.' | b'_')
    }) {
        return;
    }
    let word = view.text[hit.start..hit.end].trim_end().to_lowercase();
    if is_post_office_box(&word) {
        return post_office_box(view, hit);
    }
    if matches!(word.as_str(), "apt" | "apt." | "suite" | "unit" | "flat") {
        return; // Part of a town's line only.
    }
    let german = matches!(
        word.as_str(),
        "am" | "an der" | "auf der" | "im" | "zum" | "unter den"
    );
    if german && !view.bytes[hit.start].is_ascii_uppercase() {
        return;
    }
    let Some(name_end) = street_name(view, hit.end) else {
        return;
    };
    let before = number_before(view, hit.start);
    let after = house_number(view, name_end);
    let (start, end) = match (before, after) {
        (_, Some(end)) if before.is_none() || !word.starts_with("rue") => (hit.start, end),
        (Some(start), _) if !number_goes_behind(&word) => (start, name_end),
        _ => return,
    };
    view.add(
        start,
        town(view, end),
        Address,
        "street address",
        if german { 70 } else { 80 },
    );
}

/// Whether the number of such a street stands behind its name, never before: `Via Roma 12`.
fn number_goes_behind(word: &str) -> bool {
    matches!(
        word,
        "via"
            | "viale"
            | "piazza"
            | "corso"
            | "largo"
            | "vicolo"
            | "strada"
            | "am"
            | "im"
            | "zum"
            | "unter den"
            | "an der"
    )
}

fn is_post_office_box(word: &str) -> bool {
    word.contains("box")
        || matches!(
            word,
            "postfach" | "apartado" | "bp" | "caixa postal" | "skr. poczt."
        )
}

/// `P.O. Box 1234`, `Postfach 1020`: the word and its number.
fn post_office_box(view: &mut View<'_>, hit: Hit) {
    let digits = view.bytes[hit.end..]
        .iter()
        .take(8)
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    if digits >= 2 {
        view.add(
            hit.start,
            town(view, hit.end + digits),
            Address,
            "post office box",
            84,
        );
    }
}

/// Up to five words of a street's name, at least one with a capital.
fn street_name(view: &View<'_>, from: usize) -> Option<usize> {
    let mut at = from;
    let mut end = None;
    for _ in 0..6 {
        let word: usize = view.text[at..]
            .chars()
            .take(24)
            .take_while(|c| c.is_alphabetic() || matches!(c, '\'' | '’' | '-' | '.'))
            .map(char::len_utf8)
            .sum();
        if word == 0 {
            break;
        }
        let text = &view.text[at..at + word];
        let capital = text.chars().next().is_some_and(char::is_uppercase)
            || text.contains(['\'', '’']) && text.chars().any(char::is_uppercase);
        let small = matches!(
            text,
            "de" | "la"
                | "du"
                | "des"
                | "del"
                | "della"
                | "di"
                | "da"
                | "do"
                | "dos"
                | "das"
                | "los"
                | "las"
                | "el"
                | "le"
                | "les"
                | "y"
                | "dei"
                | "delle"
                | "von"
                | "van"
                | "św."
                | "gen."
        );
        if capital {
            end = Some(at + word);
        } else if !small {
            break;
        }
        if view.at(at + word) != Some(b' ') {
            break;
        }
        at += word + 1;
    }
    end
}
