//! Tables: the columns of CSV and of Markdown below their head, and the values of an `INSERT` under its columns.
//!
//! A word that names something private in the head of a column speaks for every cell below it. What a cell holds must
//! still look like it.

use super::View;
use super::negative::{is_code, is_random, is_stand_in};
use super::person::Name;
use super::words::{Hit, Role, Topic};
use crate::kind::EntityKind::{
    self, Address, BirthDate, Password, Person, Phone, Secret, Username,
};

/// The longest head of a table, in bytes.
const HEAD_BYTES_MAX: usize = 600;
/// The most rows that are read below a head.
const ROWS_MAX: usize = 4096;
/// The most columns of a table.
const COLUMNS_MAX: usize = 64;

/// Where a cell begins and ends, without quotes and blanks.
type Cell = (usize, usize);

/// Reads the cells of the column that a word heads, if it heads one.
pub(super) fn at(view: &mut View<'_>, hit: Hit) {
    let beside = |byte: Option<u8>| {
        matches!(
            byte,
            Some(
                b',' | b';'
                    | b'|'
                    | b'\t'
                    | b'"'
                    | b'\''
                    | b'`'
                    | b' '
                    | b'('
                    | b')'
                    | b'\n'
                    | b'\r'
                    | b'_'
            )
        )
    };
    let lettered = |byte: &u8| byte.is_ascii_alphanumeric() || *byte >= 0x80;
    let word = &view.bytes[hit.start..hit.end];
    let (Some(first), Some(last)) = (
        word.iter().position(lettered),
        word.iter().rposition(lettered),
    ) else {
        return;
    };
    let hit = Hit {
        start: hit.start + first,
        end: hit.start + last + 1,
        ..hit
    };
    if !beside(view.at(hit.end)) && hit.end < view.bytes.len()
        || hit.start > 0 && !beside(view.before(hit.start))
    {
        return;
    }
    let before = &view.bytes[..hit.start];
    let open = memchr::memrchr2(b'(', b'\n', before);
    if let Some(open) = open.filter(|&open| view.bytes[open] == b'(' && is_insert(view, open)) {
        return insert(view, hit, open);
    }
    below(view, hit);
}

/// Whether the bracket at `open` lists the columns of an `INSERT`.
fn is_insert(view: &View<'_>, open: usize) -> bool {
    let from = open.saturating_sub(100);
    let before = view.bytes[from..open].to_ascii_lowercase();
    memchr::memmem::rfind(&before, b"insert into").is_some()
        || memchr::memmem::rfind(&before, b"replace into").is_some()
}

/// The values of an `INSERT` in the column of the word.
fn insert(view: &mut View<'_>, hit: Hit, open: usize) {
    let limit = (open + HEAD_BYTES_MAX).min(view.bytes.len());
    let Some(close) = memchr::memchr(b')', &view.bytes[open..limit]).map(|place| open + place)
    else {
        return;
    };
    let Some(column) = cells(view, open + 1, close, b',')
        .iter()
        .position(|&(start, end)| (start..=end).contains(&hit.start))
    else {
        return;
    };
    let mut at = view.past_space(close + 1);
    while matches!(view.at(at), Some(b'\n' | b'\r' | b' ')) {
        at += 1;
    }
    if !view.bytes[at..]
        .get(..6)
        .is_some_and(|word| word.eq_ignore_ascii_case(b"values"))
    {
        return;
    }
    at += 6;
    for _ in 0..ROWS_MAX {
        while matches!(view.at(at), Some(b' ' | b'\n' | b'\r' | b'\t' | b',')) {
            at += 1;
        }
        if view.at(at) != Some(b'(') {
            return;
        }
        let Some(end) = tuple_end(view, at + 1) else {
            return;
        };
        if let Some(&cell) = cells(view, at + 1, end, b',').get(column) {
            judge(view, hit, cell, false);
        }
        at = end + 1;
    }
}

/// The bracket that closes a tuple; brackets between quotes do not count.
fn tuple_end(view: &View<'_>, from: usize) -> Option<usize> {
    let mut quoted = false;
    for (place, byte) in view.bytes[from..].iter().enumerate().take(8192) {
        match byte {
            b'\'' => quoted = !quoted,
            b')' if !quoted => return Some(from + place),
            _ => {}
        }
    }
    None
}

/// The cells below a head line.
fn below(view: &mut View<'_>, hit: Hit) {
    let line = view.line_start(hit.start);
    let line_end = view.line_end(hit.start);
    if line_end - line > HEAD_BYTES_MAX || line_end >= view.bytes.len() {
        return;
    }
    let Some(mark) = mark(&view.bytes[line..line_end]) else {
        return;
    };
    let head = cells(view, line, line_end, mark);
    let named = |&(start, end): &Cell| {
        end - start <= 40
            && view.text.get(start..end).is_some_and(|text| {
                text.chars().all(|c| {
                    c.is_alphanumeric()
                        || matches!(c, ' ' | '_' | '-' | '.' | '(' | ')' | '/' | '#')
                }) && text.split(' ').count() <= 4
                    && !text.bytes().all(|byte| byte.is_ascii_digit())
            })
    };
    let Some(column) = head
        .iter()
        .position(|&(start, end)| start < end && (start..end).contains(&hit.start))
    else {
        return;
    };
    if head.len() < 2 || !head.iter().all(named) || !heads(view, hit, head[column]) {
        return;
    }
    let weak = is_weak(view, hit, head[column]) && !is_about_people(&view.bytes[line..line_end]);
    let mut at = line_end + 1;
    for _ in 0..ROWS_MAX {
        if at >= view.bytes.len() {
            return;
        }
        let end = view.line_end(at);
        if end - at > 4 * HEAD_BYTES_MAX {
            return;
        }
        let row = cells(view, at, end, mark);
        if row.len() != head.len() {
            return;
        }
        judge(view, hit, row[column], weak);
        at = end + 1;
    }
}

/// Whether the word is what the column is called, not a part of something else: `password_reset_at`.
fn heads(view: &View<'_>, hit: Hit, (start, end): Cell) -> bool {
    let rest = view.bytes[hit.end.min(end)..end].to_ascii_lowercase();
    let before = &view.bytes[start..hit.start];
    rest.len() <= 8
        && ![
            &b"_at"[..],
            b"_id",
            b"_type",
            b" id",
            b" type",
            b" count",
            b"_count",
            b"_url",
        ]
        .iter()
        .any(|tail| rest.starts_with(tail))
        && before.len() <= 24
        && !before.last().is_some_and(u8::is_ascii_lowercase)
}

/// What parts the cells of a head line.
fn mark(line: &[u8]) -> Option<u8> {
    [b'\t', b'|', b';', b',']
        .into_iter()
        .find(|mark| line.contains(mark))
}

/// The cells between `from` and `to`; a mark between quotes parts nothing.
fn cells(view: &View<'_>, from: usize, to: usize, mark: u8) -> Vec<Cell> {
    let mut cells = Vec::new();
    let (mut start, mut quote) = (from, None);
    for at in from..=to {
        let byte = if at == to { mark } else { view.bytes[at] };
        match (byte, quote) {
            (b'"' | b'\'', None) if view.bytes[start..at].trim_ascii().is_empty() => {
                quote = Some(byte);
            }
            (byte, Some(open)) if byte == open => quote = None,
            (byte, None) if byte == mark || at == to => {
                cells.push(trimmed(view, start, at));
                start = at + 1;
            }
            _ if at == to => cells.push(trimmed(view, start, at)),
            _ => {}
        }
        if cells.len() >= COLUMNS_MAX {
            break;
        }
    }
    cells
}

fn trimmed(view: &View<'_>, mut start: usize, mut end: usize) -> Cell {
    let bare = |byte: u8| matches!(byte, b' ' | b'\r' | b'"' | b'\'' | b'`' | b'\t');
    while start < end && bare(view.bytes[start]) {
        start += 1;
    }
    while end > start && bare(view.bytes[end - 1]) {
        end -= 1;
    }
    (start, end)
}

/// Whether a column is called just `name`, as columns of things are too.
fn is_weak(view: &View<'_>, hit: Hit, (start, end): Cell) -> bool {
    hit.role == Role::NameKey && view.bytes[start..end].eq_ignore_ascii_case(b"name")
}

/// Whether other columns say that the rows are people.
fn is_about_people(head: &[u8]) -> bool {
    let head = head.to_ascii_lowercase();
    [
        &b"mail"[..],
        b"phone",
        b"birth",
        b"dob",
        b"salary",
        b"age",
        b"ssn",
        b"address",
        b"employee",
        b"patient",
    ]
    .iter()
    .any(|word| memchr::memmem::find(&head, word).is_some())
}

/// Adds a cell that looks like what its column is called.
fn judge(view: &mut View<'_>, hit: Hit, (start, end): Cell, weak: bool) {
    let Some(text) = view.text.get(start..end) else {
        return;
    };
    if text.len() < 3 || text.len() > 400 || is_stand_in(text) {
        return;
    }
    if let Some(kind) = kind(view, hit, (start, end), text, weak) {
        view.add(start, end, kind, "cell under its column", 84);
    }
}

fn kind(view: &View<'_>, hit: Hit, cell: Cell, text: &str, weak: bool) -> Option<EntityKind> {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    match hit.role {
        Role::NameKey => is_name(view, cell, weak).then_some(Person),
        Role::PasswordKey => {
            (text.len() >= 4 && !text.contains(' ') && !is_code(text, None)).then_some(Password)
        }
        Role::SecretKey => {
            let random = is_random(text.as_bytes()) || digits >= 2 && text.len() >= 12;
            (random
                && !text.contains(' ')
                && !is_code(text, None)
                && text.bytes().any(|byte| byte.is_ascii_alphabetic()))
            .then_some(Secret)
        }
        Role::UserKey => (!text.contains(' ') && digits < text.len()).then_some(Username),
        Role::AddressKey => {
            let letters = text.chars().filter(|c| c.is_alphabetic()).count();
            (digits >= 1
                && letters >= 4
                && text.len() >= 8
                && text.contains([' ', '丁', '号', '番']))
            .then_some(Address)
        }
        Role::Topic(Topic::Birth) => (digits >= 6 && text.len() <= 24).then_some(BirthDate),
        Role::Topic(Topic::Phone) => {
            let dialled = text
                .bytes()
                .all(|byte| byte.is_ascii_digit() || b" +-()./".contains(&byte));
            ((7..=16).contains(&digits) && dialled).then_some(Phone)
        }
        Role::Topic(Topic::Id(kind)) => (digits >= 6 && text.len() <= 24).then_some(kind),
        Role::Topic(Topic::Passport) => {
            (digits >= 5 && text.len() <= 14).then_some(EntityKind::Passport)
        }
        Role::Topic(Topic::Account) => {
            (digits >= 6 && text.len() <= 34).then_some(EntityKind::BankAccount)
        }
        _ => None,
    }
}

/// Whether a cell is a name and nothing else.
fn is_name(view: &View<'_>, (start, end): Cell, weak: bool) -> bool {
    let Some(name) = Name::read(view, start, 5) else {
        return false;
    };
    let whole = name.end == end || name.end_with_given(view) == end;
    whole
        && (!weak && name.words >= 1
            || name.first_known
            || name.words >= 2 && (name.last_known || !weak))
}
