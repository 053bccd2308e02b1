//! Names, numbers and secrets in tables: the column of a CSV file or of an `INSERT` that a heading names.
//!
//! A heading is read where its row begins a table, so every row is read once for each such column.

use super::negative::{is_code, is_random, is_stand_in};
use super::person::is_known_name;
use super::words::{Hit, Role, Topic};
use super::{View, birth, html_table};
use crate::kind::EntityKind::{self, BirthDate, Password, Person, Phone, Secret, Username};

/// The longest row of headings, in bytes.
const HEADINGS_BYTES_MAX: usize = 600;
/// How much of the rows after `VALUES` is read, in bytes.
const VALUES_BYTES_MAX: usize = 64 << 10;
/// The longest heading, in bytes.
const HEADING_BYTES_MAX: usize = 32;
/// The longest name, in bytes.
const NAME_BYTES_MAX: usize = 60;
/// Headings beside `name` that tell of people.
const PERSONAL: &[&str] = &[
    "mail", "phone", "birth", "dob", "street", "address", "ssn", "salary", "gender", "first",
    "vorname", "age",
];

/// Reads the column that the word at a hit heads, if it does.
pub(super) fn at(view: &mut View<'_>, hit: Hit) {
    let word = view.text[hit.start..hit.end].trim_end_matches([',', ';', '|', '\t', ' ']);
    let word_end = hit.start + word.len();
    let marks = |byte: &&u8| matches!(**byte, b'"' | b'`' | b'\'' | b']' | b' ');
    let after = word_end
        + view.bytes[word_end..]
            .iter()
            .take(3)
            .take_while(marks)
            .count();
    let html = view.bytes[after..].starts_with(b"</th>");
    if !html
        && !matches!(
            view.at(after),
            Some(b',' | b';' | b'\t' | b'|' | b')' | b'\n' | b'\r') | None
        )
    {
        return;
    }
    let weak = word.trim_matches('"').eq_ignore_ascii_case("name");
    let mut cells = Vec::new();
    let headings = if html {
        html_table::cells(view, hit.start, after, &mut cells);
        Some((hit.start, after))
    } else {
        inserted(view, hit.start, word_end, &mut cells)
            .or_else(|| separated(view, hit.start, &mut cells))
    };
    let Some(headings) = headings else { return };
    let headings = view.text[headings.0..headings.1].to_ascii_lowercase();
    let personal = !weak || PERSONAL.iter().any(|sign| headings.contains(sign));
    for (start, end) in cells {
        let value = &view.text[start..end];
        if is_stand_in(value) || value.eq_ignore_ascii_case("null") {
            continue;
        }
        match hit.role {
            Role::PasswordKey if value.len() >= 3 => {
                view.add(start, end, Password, "password in a table", 88);
            }
            Role::NameKey if is_name(value) && (personal || is_known_name(value)) => {
                view.add(start, end, Person, "name in a table", 80);
            }
            _ => {
                if let Some(kind) = kind(hit.role, value) {
                    view.add(start, end, kind, "cell under its heading", 80);
                }
            }
        }
    }
}

/// What a cell is under a heading of this role, when it looks like it.
fn kind(role: Role, value: &str) -> Option<EntityKind> {
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let spaced = value.contains(' ');
    match role {
        Role::SecretKey => {
            let lettered = value.bytes().any(|byte| byte.is_ascii_alphabetic());
            let random = value.len() >= 12 && (is_random(value.as_bytes()) || digits >= 2);
            (random && lettered && !spaced && !is_code(value, None)).then_some(Secret)
        }
        Role::UserKey => {
            let inside = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-');
            (value.len() >= 3 && digits < value.len() && value.chars().all(inside))
                .then_some(Username)
        }
        Role::Topic(Topic::Phone) => {
            let dialled = |byte: u8| byte.is_ascii_digit() || b" +-()./".contains(&byte);
            ((7..=16).contains(&digits) && value.bytes().all(dialled)).then_some(Phone)
        }
        Role::Topic(Topic::Birth) => {
            let dated = |byte: u8| byte.is_ascii_digit() || b" -./".contains(&byte);
            let numeric =
                (6..=8).contains(&digits) && value.len() <= 12 && value.bytes().all(dated);
            (numeric || birth::date(value) == Some(value.len())).then_some(BirthDate)
        }
        Role::Topic(Topic::Id(kind)) => {
            let inside = |byte: u8| byte.is_ascii_alphanumeric() || b" -./".contains(&byte);
            (digits >= 6 && value.len() <= 24 && value.bytes().all(inside)).then_some(kind)
        }
        Role::Topic(Topic::Passport) => {
            let inside = |byte: u8| byte.is_ascii_alphanumeric();
            (digits >= 2 && value.len() <= 14 && value.bytes().all(inside))
                .then_some(EntityKind::Passport)
        }
        Role::Topic(Topic::Plate) => {
            let inside = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '·');
            let signs = value.chars().filter(|c| c.is_alphanumeric()).count();
            let lower = value.bytes().any(|byte| byte.is_ascii_lowercase());
            ((4..=12).contains(&signs) && digits >= 1 && !lower && value.chars().all(inside))
                .then_some(EntityKind::LicencePlate)
        }
        Role::Topic(Topic::Account) => {
            let inside = |byte: u8| byte.is_ascii_alphanumeric() || b" -".contains(&byte);
            (digits >= 6 && value.len() <= 34 && value.bytes().all(inside))
                .then_some(EntityKind::BankAccount)
        }
        _ => None,
    }
}

fn is_name(value: &str) -> bool {
    let begins = value.starts_with(char::is_alphabetic);
    let inside = |c: char| c.is_alphabetic() || matches!(c, ' ' | '-' | '\'' | '’' | '.' | ',');
    begins && value.len() >= 2 && value.len() <= NAME_BYTES_MAX && value.chars().all(inside)
}

/// The bounds of a row of headings.
type Headings = (usize, usize);

/// The cells of the column in `INSERT INTO t (…) VALUES (…), (…)`.
fn inserted(
    view: &View<'_>,
    start: usize,
    end: usize,
    cells: &mut Vec<(usize, usize)>,
) -> Option<Headings> {
    let floor = view
        .text
        .floor_char_boundary(start.saturating_sub(HEADINGS_BYTES_MAX));
    let open = floor + view.text[floor..start].rfind('(')? + 1;
    if view.text[open..start].contains(')') {
        return None;
    }
    let column = view.text[open..start].matches(',').count();
    let limit = view.text.floor_char_boundary(end + HEADINGS_BYTES_MAX);
    let close = end + view.text[end..limit].find(')')?;
    let rest = view.text[close + 1..].trim_start();
    let head = rest.get(..6)?;
    if !head.eq_ignore_ascii_case("values") {
        return None;
    }
    let mut at = view.bytes.len() - rest.len() + 6;
    let limit = at + VALUES_BYTES_MAX;
    while at < limit {
        at += blank(view, at);
        if view.at(at) != Some(b'(') {
            break;
        }
        let mut place = 0;
        at += 1;
        loop {
            at += blank(view, at);
            let from = at;
            at = cell_end(view, at, b',', b')');
            if place == column
                && let Some(inner) = view.text[from..at].trim_end().strip_prefix('\'')
                && let Some(value) = inner.strip_suffix('\'')
            {
                cells.push((from + 1, from + 1 + value.len()));
            }
            place += 1;
            if view.at(at) != Some(b',') {
                break;
            }
            at += 1;
        }
        if view.at(at) != Some(b')') {
            break;
        }
        at += 1;
        at += blank(view, at);
        if view.at(at) != Some(b',') {
            break;
        }
        at += 1;
    }
    Some((open, close))
}

fn blank(view: &View<'_>, at: usize) -> usize {
    view.bytes[at..]
        .iter()
        .take_while(|byte| byte.is_ascii_whitespace())
        .count()
}

/// Where a cell ends: at one of two marks outside of quotes, or with its line.
fn cell_end(view: &View<'_>, from: usize, mark: u8, close: u8) -> usize {
    let mut at = from;
    let mut quote = None;
    while let Some(byte) = view.at(at) {
        match (byte, quote) {
            (b'\n', _) => break,
            (_, Some(open)) if byte == open => quote = None,
            (_, Some(_)) => {}
            (b'\'' | b'"', None) if at == from => quote = Some(byte),
            (_, None) if byte == mark || byte == close => break,
            _ => {}
        }
        at += 1;
    }
    at
}

/// The cells of the column in lines whose fields a mark parts, from the line of headings on.
fn separated(view: &View<'_>, start: usize, cells: &mut Vec<(usize, usize)>) -> Option<Headings> {
    let line = view.line_start(start);
    let end = view.line_end(start);
    let headings = view.text.get(line..end)?.trim_end_matches('\r');
    let mark = [b'\t', b';', b'|', b',']
        .into_iter()
        .find(|mark| headings.as_bytes().contains(mark))?;
    // Bars also close a row of Markdown.
    let inner = if mark == b'|' {
        let inner = headings.trim();
        let inner = inner.strip_prefix('|').unwrap_or(inner);
        inner.strip_suffix('|').unwrap_or(inner)
    } else {
        headings
    };
    if headings.len() > HEADINGS_BYTES_MAX || !inner.split(char::from(mark)).all(is_heading) {
        return None;
    }
    let count = fields(headings.as_bytes(), mark);
    // A row of the same table is before: this line is no heading.
    if line > 0 && fields(&view.bytes[view.line_start(line - 1)..line - 1], mark) == count {
        return None;
    }
    let column = fields(&view.bytes[line..start], mark) - 1;
    let mut at = end + 1;
    while at < view.bytes.len() {
        let mut place = 0;
        let mut cell = None;
        loop {
            let from = at;
            at = cell_end(view, at, mark, mark);
            if place == column {
                cell = Some((from, at));
            }
            place += 1;
            if view.at(at) != Some(mark) {
                break;
            }
            at += 1;
        }
        if place != count {
            break;
        }
        if let Some((from, to)) = cell {
            let value = &view.text[from..to];
            let bare = value.trim().trim_matches('"');
            let inner = value.find(bare).unwrap_or(0);
            cells.push((from + inner, from + inner + bare.len()));
        }
        at += 1;
    }
    Some((line, end))
}

fn fields(line: &[u8], mark: u8) -> usize {
    memchr::memchr_iter(mark, line).count() + 1
}

/// Whether a field is the name of a column: one or two words, no value.
fn is_heading(field: &str) -> bool {
    let field = field.trim().trim_matches(['"', '`']);
    let inside =
        |c: char| c.is_alphabetic() || c.is_ascii_digit() || matches!(c, '_' | '-' | '.' | ' ');
    field.len() <= HEADING_BYTES_MAX
        && field.starts_with(char::is_alphabetic)
        && field.matches(' ').count() <= 2
        && field.chars().all(inside)
}
