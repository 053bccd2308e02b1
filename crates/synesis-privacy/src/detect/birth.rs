//! Dates of birth: a date after a word that says so.

use super::View;
use super::words::{Hit, Topic};
use crate::kind::EntityKind::BirthDate;

/// How far after the word a date may begin, in bytes.
const REACH: usize = 40;

const MONTHS: &[&str] = &[
    "jan",
    "feb",
    "mar",
    "apr",
    "may",
    "jun",
    "jul",
    "aug",
    "sep",
    "oct",
    "nov",
    "dec",
    "mär",
    "mrz",
    "mai",
    "okt",
    "dez",
    "janv",
    "fév",
    "avr",
    "juin",
    "juil",
    "août",
    "aoû",
    "déc",
    "ene",
    "abr",
    "ago",
    "dic",
    "gen",
    "mag",
    "giu",
    "lug",
    "set",
    "ott",
    "fev",
    "out",
    "maa",
    "mrt",
    "mei",
    "sty",
    "lut",
    "kwi",
    "maj",
    "cze",
    "lip",
    "sie",
    "wrz",
    "paź",
    "lis",
    "gru",
    "tam",
    "hel",
    "kes",
    "hei",
    "elo",
    "syy",
    "lok",
    "mar",
    "jou",
    "huh",
    "tou",
    "kes",
    "led",
    "úno",
    "bře",
    "dub",
    "kvě",
    "čer",
    "srp",
    "zář",
    "říj",
    "pro",
    "янв",
    "фев",
    "мар",
    "апр",
    "мая",
    "май",
    "июн",
    "июл",
    "авг",
    "сен",
    "окт",
    "ноя",
    "дек",
    "січ",
    "лют",
    "бер",
    "кві",
    "тра",
    "чер",
    "лип",
    "сер",
    "вер",
    "жов",
    "гру",
    "oca",
    "şub",
    "nis",
    "haz",
    "tem",
    "ağu",
    "eyl",
    "eki",
    "kas",
    "ara",
    "जन",
    "फ़र",
    "मार्च",
    "يناير",
    "فبراير",
    "مارس",
];

/// Reads the date after a word of birth.
pub(super) fn at(view: &mut View<'_>, topic: Topic, hit: Hit) {
    if topic != Topic::Birth || before(view, hit) {
        return;
    }
    if is_short(view, topic, hit) {
        if let Some(end) = after_short(view, hit) {
            view.add(
                hit.end - 1,
                end,
                BirthDate,
                "date after a word of birth",
                80,
            );
        }
        return;
    }
    let from = hit.end;
    let mut at = from;
    let limit = (from + REACH).min(view.bytes.len());
    while at < limit {
        if !view.text.is_char_boundary(at) {
            at += 1;
            continue;
        }
        if view.bytes[at..].starts_with(b"\n\n") {
            return;
        }
        let free = !view
            .before(at)
            .is_some_and(|byte| byte.is_ascii_alphanumeric());
        if free && let Some(length) = date(&view.text[at..]) {
            view.add(at, at + length, BirthDate, "date after a word of birth", 90);
            return;
        }
        at += 1;
    }
}

/// People who were born later have no dates of birth in texts yet.
const BIRTH_YEAR_MAX: u32 = 2015;

/// Whether a hit is one of the signs that say nothing of what else stands near them.
pub(super) fn is_short(view: &View<'_>, topic: Topic, hit: Hit) -> bool {
    topic == Topic::Birth && view.bytes[hit.end - 1].is_ascii_digit()
}

/// `b. 21.06.1952`, `* 21.06.1952 in Köln`: signs so short that the date has to follow at once, and to be an old one.
/// Answers where it ends.
fn after_short(view: &View<'_>, hit: Hit) -> Option<usize> {
    let starred = view.bytes[hit.start] == b'*';
    let start = hit.end - 1;
    let end = date(&view.text[start..]).map(|length| start + length);
    end.filter(|&end| {
        let year = view.text[start..end]
            .split(|c: char| !c.is_ascii_digit())
            .filter_map(|digits| digits.parse().ok())
            .max();
        let rest = &view.text[end..];
        let place = rest
            .strip_prefix(" in ")
            .is_some_and(|rest| rest.starts_with(char::is_uppercase));
        year.is_some_and(|year: u32| (1880..=BIRTH_YEAR_MAX).contains(&year))
            && (place || !starred && rest.chars().next().is_none_or(|c| !c.is_alphanumeric()))
    })
}

/// Words that a date of birth may stand before.
const AFTER_DATE: &[&str] = &[
    "geburtstag",
    "geboren",
    "født",
    "född",
    "года рождения",
    "г.р.",
    "doğumlu",
    "doğdum",
    "doğdu",
    "生まれ",
    "出生",
    "생",
];
/// The longest date, in bytes.
const DATE_BYTES_MAX: usize = 32;

/// Reads the date right before a word of birth: `17.05.1990 года рождения`. Answers whether there is one.
fn before(view: &mut View<'_>, hit: Hit) -> bool {
    let word = view.text[hit.start..hit.end].to_lowercase();
    if !AFTER_DATE.contains(&word.as_str()) {
        return false;
    }
    let head = view.text[..hit.start].trim_end_matches(' ');
    let end = head
        .strip_suffix(" tarihinde")
        .or_else(|| head.strip_suffix("'de"))
        .unwrap_or(head)
        .len();
    let floor = view.line_start(end).max(end.saturating_sub(DATE_BYTES_MAX));
    let is_start = |&at: &usize| {
        view.text.is_char_boundary(at)
            && view.bytes[at].is_ascii_alphanumeric()
            && !view
                .before(at)
                .is_some_and(|byte| byte.is_ascii_alphanumeric() || byte >= 0x80)
    };
    let start = (floor..end)
        .filter(is_start)
        .find(|&at| date(&view.text[at..end]) == Some(end - at));
    if let Some(start) = start {
        view.add(start, end, BirthDate, "date before a word of birth", 88);
    }
    start.is_some()
}

/// The length of the date that a text begins with.
pub(super) fn date(text: &str) -> Option<usize> {
    numeric(text)
        .or_else(|| east_asian(text))
        .or_else(|| day_first(text))
        .or_else(|| month_first(text))
}

/// `1990-05-17`, `17.05.1990`, `5/17/90`, `17 05 1990`, `19900517`.
fn numeric(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let run = |from: usize| {
        bytes.get(from..).map_or(0, |rest| {
            rest.iter()
                .take(9)
                .take_while(|byte| byte.is_ascii_digit())
                .count()
        })
    };
    let first = run(0);
    let value = |from: usize, length: usize| {
        text.get(from..from + length)
            .and_then(|digits| digits.parse::<u32>().ok())
            .unwrap_or(9999)
    };
    if first == 8 {
        let year = value(0, 4);
        let other = value(4, 4);
        return ((1900..2030).contains(&year) && value(4, 2) <= 12
            || (1900..2030).contains(&other) && value(0, 2) <= 31)
            .then_some(8);
    }
    if !matches!(first, 1 | 2 | 4) {
        return None;
    }
    let gap = |at: usize| match bytes.get(at)? {
        b'.' if bytes.get(at + 1) == Some(&b' ') => Some(2),
        b'.' | b'-' | b'/' | b' ' => Some(1),
        b'\\' if bytes.get(at + 1) == Some(&b'/') => Some(2),
        _ => None,
    };
    let second_at = first + gap(first)?;
    let second = run(second_at);
    let third_at = second_at + second + gap(second_at + second)?;
    let third = run(third_at);
    let (a, b, c) = (
        value(0, first),
        value(second_at, second),
        value(third_at, third),
    );
    let shaped = match (first, second, third) {
        (4, 1 | 2, 1 | 2) => (1880..2030).contains(&a) && b <= 12 && c <= 31,
        (1 | 2, 1 | 2, 4) => (1880..2030).contains(&c) && a <= 31 && b <= 31 && a.min(b) <= 12,
        (2, 1 | 2, 2) | (1, 1 | 2, 2) => a <= 31 && b <= 31 && a.min(b) <= 12,
        _ => false,
    };
    shaped.then_some(third_at + third)
}

/// `1990年5月17日`, `1990년 5월 17일`.
fn east_asian(text: &str) -> Option<usize> {
    let mut at = 0;
    let digits = |from: usize| {
        text[from..]
            .bytes()
            .take(4)
            .take_while(u8::is_ascii_digit)
            .count()
    };
    let mut parts = 0;
    for marks in [["年", "년"], ["月", "월"], ["日", "일"]] {
        let era = ["昭和", "平成", "令和", "大正"]
            .iter()
            .find(|era| parts == 0 && text[at..].starts_with(**era));
        at += era.map_or(0, |era| era.len());
        at += text[at..].bytes().take_while(|&byte| byte == b' ').count();
        let length = digits(at);
        let mark = marks
            .iter()
            .find(|mark| text[at + length..].starts_with(**mark));
        let (true, Some(mark)) = (length > 0, mark) else {
            break;
        };
        at += length + mark.len();
        parts += 1;
    }
    (parts == 3).then_some(at)
}

/// `17 May 1990`, `17th of May, 1990`, `17. Mai 1990`, `17 de mayo de 1990`.
fn day_first(text: &str) -> Option<usize> {
    let day = text.bytes().take(3).take_while(u8::is_ascii_digit).count();
    if !(1..=2).contains(&day) || text[..day].parse::<u32>().ok()? > 31 {
        return None;
    }
    let mut at = day;
    for part in [
        "st", "nd", "rd", "th", ".", "er", "º", "°", "-", " ", "of ", "de ", "di ", ". ",
    ] {
        if text[at..].starts_with(part) {
            at += part.len();
        }
    }
    at += month(&text[at..])?;
    for part in [".", ",", "-", " ", "of ", "de ", "del "] {
        if text[at..].starts_with(part) {
            at += part.len();
        }
    }
    Some(at + year(&text[at..])?)
}

/// `May 17, 1990`.
fn month_first(text: &str) -> Option<usize> {
    let mut at = month(text)?;
    at += text[at..]
        .bytes()
        .take(2)
        .take_while(|byte| matches!(byte, b'.' | b' '))
        .count();
    let day = text[at..]
        .bytes()
        .take(3)
        .take_while(u8::is_ascii_digit)
        .count();
    if !(1..=2).contains(&day) {
        return None;
    }
    at += day;
    for part in ["st", "nd", "rd", "th", ",", " "] {
        if text[at..].starts_with(part) {
            at += part.len();
        }
    }
    Some(at + year(&text[at..])?)
}

/// The length of a month's name or short name.
fn month(text: &str) -> Option<usize> {
    let length: usize = text
        .chars()
        .take(14)
        .take_while(|c| c.is_alphabetic() || matches!(u32::from(*c), 0x93c..=0x94d))
        .map(char::len_utf8)
        .sum();
    let lower = text[..length].to_lowercase();
    (lower.chars().count() >= 3 && MONTHS.iter().any(|month| lower.starts_with(month)))
        .then_some(length)
}

fn year(text: &str) -> Option<usize> {
    let length = text.bytes().take(5).take_while(u8::is_ascii_digit).count();
    let value = text[..length].parse::<u32>().ok()?;
    (length == 4 && (1880..2030).contains(&value) || length == 2).then_some(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_many_countries_are_read_whole() {
        for text in [
            "1990-05-17",
            "17.05.1990",
            "5/17/1990",
            "05/17/90",
            "17 May 1990",
            "May 17, 1990",
            "17th of May 1990",
            "17. Mai 1990",
            "17 mai 1990",
            "17 de mayo de 1990",
            "17 maggio 1990",
            "17 maja 1990",
            "1990年5月17日",
            "1990년 5월 17일",
            "17 мая 1990",
            "17 Mayıs 1990",
            "19900517",
            "17. května 1990",
        ] {
            assert_eq!(date(text), Some(text.len()), "{text}");
        }
        for text in ["1990", "17", "in May", "99.99.1990", "version 1.2.3"] {
            assert_eq!(date(text), None, "{text}");
        }
    }
}
