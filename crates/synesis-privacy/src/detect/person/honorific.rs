//! Names before an honorific: `王伟先生`, `田中さん`, `김철수 씨`.

use super::NOT;
use super::script::{ends_with_surname, is_east_asian};
use crate::detect::View;
use crate::detect::words::Hit;
use crate::kind::EntityKind::Person;

/// Reads the name that ends where the honorific begins.
pub(super) fn at(view: &mut View<'_>, hit: Hit) {
    let mut start = hit.start;
    let before = view.text[..start].chars().next_back();
    if before.is_some_and(|c| c.is_alphabetic() && !is_east_asian(c)) {
        return cased(view, hit);
    }
    if view.bytes[hit.start] == b' ' {
        return;
    }
    if view.before(start) == Some(b' ') {
        start -= 1;
    }
    let end = start;
    let mut count = 0;
    let stops = "的是在和跟与给找请叫我你他她们はがをにのでと、。이가을를은는의에";
    let known = "先生女士小姐老师患者客户顾客";
    let word = &view.text[hit.start..hit.end];
    let japanese = word
        .chars()
        .any(|c| matches!(u32::from(c), 0x3040..=0x309f))
        || word == "様";
    let mut blank = false;
    start = hiragana(view, start);
    while let Some(c) = view.text[..start].chars().next_back() {
        let limit = match u32::from(c) {
            0x30a0..=0x30ff => 8,
            _ if japanese => 7,
            _ => 4,
        };
        // One blank between surname and given name.
        let parted = japanese
            && !blank
            && c == ' '
            && (1..=3).contains(&count)
            && ends_with_name(&view.text[..start - 1]);
        if parted {
            blank = true;
            start -= 1;
            continue;
        }
        if !is_east_asian(c)
            || count >= limit
            || stops.contains(c)
            || known.contains(c)
            || matches!(u32::from(c), 0x3040..=0x309f)
        {
            break;
        }
        start -= c.len_utf8();
        count += 1;
    }
    let hangul = view.text[start..end]
        .chars()
        .all(|c| matches!(u32::from(c), 0xac00..=0xd7af));
    let particle = hangul
        && view.text[hit.end..]
            .chars()
            .next()
            .is_some_and(|c| matches!(c, '앗' | '름'));
    let counted = view.text[start..end].chars().filter(|c| *c != ' ').count();
    if counted >= 1
        && !particle
        && (counted >= 2 || view.bytes[hit.start..hit.end] == *"さん".as_bytes())
    {
        view.add(start, end, Person, "name before an honorific", 78);
    }
}

/// A given name in hiragana behind a known surname: `加藤さくら様`. Answers where it begins, or `end`.
fn hiragana(view: &View<'_>, end: usize) -> usize {
    let given = |c: &char| matches!(u32::from(*c), 0x3041..=0x3096);
    let tail = view.text[..end].chars().rev().take(5).take_while(given);
    let length: usize = tail.map(char::len_utf8).sum();
    let head = view.text[..end - length].trim_end_matches(' ');
    if length > 0 && ends_with_surname(head) {
        head.len()
    } else {
        end
    }
}

/// Whether a text ends with characters of a name, not with a word of a sentence.
fn ends_with_name(text: &str) -> bool {
    let kanji = |c: &char| matches!(u32::from(*c), 0x4e00..=0x9fff | 0x3005);
    text.chars().next_back().is_some_and(|c| kanji(&c))
}

/// Words with a capital before an honorific: `Tuğrul Uzun Bey`, `Zhao Jing女士`.
fn cased(view: &mut View<'_>, hit: Hit) {
    let end = hit.start;
    let line = view.line_start(end);
    let mut start = end;
    for _ in 0..3 {
        let head = &view.text[line..start];
        let head = if start < end {
            head.trim_end_matches(' ')
        } else {
            head
        };
        let word: usize = head
            .chars()
            .rev()
            .take_while(|c| c.is_alphabetic() && !is_east_asian(*c) || matches!(c, '-' | '\''))
            .map(char::len_utf8)
            .sum();
        let word = &head[head.len() - word..];
        if !word.starts_with(char::is_uppercase) || NOT.contains(word) {
            break;
        }
        start = line + head.len() - word.len();
    }
    if end - start >= 3 {
        view.add(start, end, Person, "name before an honorific", 78);
    }
}
