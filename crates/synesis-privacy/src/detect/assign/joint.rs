//! What joins a key to its value: a mark, a verb, a tag, the cell of a table.

use crate::detect::View;
use crate::detect::words::{Hit, Role};

/// How a value is joined to its key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Joint {
    /// `=`, `:=`, `=>`
    Equal,
    /// `:`
    Colon,
    /// `is`, `ist`, `est` …
    Verb,
    /// `<key>value</key>`
    Tag,
    /// A comma or a bar of a table.
    Cell,
}

/// Marks after a key, a longer one before its beginning; nothing where the mark assigns nothing.
const MARKS: &[(&str, Option<Joint>)] = &[
    ("===", None),
    ("==", None),
    ("=~", None),
    ("::", None),
    (":=", Some(Joint::Equal)),
    ("=>", Some(Joint::Equal)),
    ("=", Some(Joint::Equal)),
    (":", Some(Joint::Colon)),
    ("：", Some(Joint::Colon)),
    ("→", Some(Joint::Colon)),
    ("->", Some(Joint::Colon)),
];

/// Words between a key and its value in a sentence; the first that fits counts.
#[rustfmt::skip]
const VERBS: &[&str] = &[
    "is now ", "is set to ", "set to ", "is: ", "is ", "was ", "will be ", "to ", "ist jetzt ", "ist ", "lautet ", "war ", "auf ", "est ",
    "était ", "es ", "era ", "è ", "e' ", "é ", "foi ", "wordt ", "is nu ", "jest ", "to jest ", "to: ", "är ", "er ", "on ", "je ", "— ",
    "- ", "– ", "это ", "является ", "は", "是", "为", "為", "은 ", "는 ", "है ", "هي ", "for the server is ", "for prod is ",
    "for staging is ",
];

/// Words that begin what a password is for.
#[rustfmt::skip]
const PURPOSES: &[&str] = &[
    "for ", "to the ", "of ", "for\u{a0}", "für ", "pour ", "del ", "de ", "per ", "du ", "des ", "zum ", "vom ", "para ", "da ", "do ", "di ",
    "voor ", "van ", "till ", "för ", "til ", "от ", "для ", "к ", "od ", "для\u{a0}", "на ",
];

/// What joins key and value, and where the value begins.
pub(super) fn after_key(view: &View<'_>, hit: Hit, key_end: usize) -> Option<(Joint, usize)> {
    if matches!(view.bytes[hit.end - 1], b':' | b'=') {
        return Some((Joint::Colon, key_end));
    }
    let key_close = past_closing_marks(view, key_end);
    let closed = key_close > key_end;
    let at = view.past_space(key_close);
    let rest = &view.text[at..];
    if let Some((mark, joint)) = MARKS.iter().find(|(mark, _)| rest.starts_with(mark)) {
        return joint.map(|joint| (joint, past_mark(view, at + mark.len())));
    }
    if rest.starts_with('>') && tag_opens(view, hit.start) {
        return Some((Joint::Tag, at + 1));
    }
    if closed && (rest.starts_with(',') || rest.starts_with('|')) {
        return Some((Joint::Cell, view.past_space(at + 1)));
    }
    if let Some(after) = past_sibling(view, at) {
        return Some((Joint::Equal, after));
    }
    if let Some(after) = past_verb(view, at) {
        return Some((Joint::Verb, after));
    }
    if hit.role == Role::PasswordKey
        && !closed
        && let Some(after) = past_purpose(view, at)
    {
        return Some((Joint::Verb, after));
    }
    if hit.role == Role::PasswordKey
        && !closed
        && let Some(after) = adjacent(view, at)
    {
        return Some((Joint::Verb, after));
    }
    // A quoted value right after the word.
    (hit.role != Role::UserKey
        && matches!(rest.as_bytes().first(), Some(b'"' | b'`' | b'\''))
        && !closed)
        .then_some((Joint::Verb, at))
}

/// The value that belongs to a key as its sibling: `- name: KEY`, then `value: …`; `"name": "KEY", "value": "…"`;
/// `variable "key" { default = … }`.
fn past_sibling(view: &View<'_>, at: usize) -> Option<usize> {
    let end = (at + 160).min(view.bytes.len());
    let rest = view.text.get(
        at..(0..=end)
            .rev()
            .find(|&end| view.text.is_char_boundary(end))?,
    )?;
    let bare = rest.trim_start_matches([' ', '\t', '\r', '\n', ',', '{']);
    if bare.len() == rest.len() {
        return None;
    }
    let word = ["\"value\":", "value:", "\"Value\":", "value =", "value="]
        .iter()
        .find(|word| bare.starts_with(**word));
    let past = match word {
        Some(word) => rest.len() - bare.len() + word.len(),
        None => {
            let block = rest.starts_with('{').then(|| rest.split('}').next())??;
            let place = block.find("default")?;
            place + 7 + block[place + 7..].find('=').filter(|&equal| equal < 12)? + 1
        }
    };
    Some(view.past_space(at + past))
}

/// A value that follows its key with nothing between: `password Tr0ub4dor`, also behind the digit of Cisco's types.
fn adjacent(view: &View<'_>, at: usize) -> Option<usize> {
    let mut start = at;
    if matches!(view.at(at), Some(b'0' | b'5' | b'7' | b'8' | b'9'))
        && view.at(at + 1) == Some(b' ')
    {
        start = at + 2;
    }
    if view.before(start) != Some(b' ') {
        return None;
    }
    let value = view.bytes[start..].split(|byte| *byte <= b' ').next()?;
    let value = value.trim_ascii_end();
    let count = |wanted: fn(&u8) -> bool| value.iter().filter(|byte| wanted(byte)).count();
    let digits = count(u8::is_ascii_digit);
    let marks = value
        .iter()
        .filter(|byte| {
            matches!(
                byte,
                b'!' | b'#' | b'$' | b'%' | b'^' | b'&' | b'*' | b'@' | b'_' | b'?'
            )
        })
        .count();
    let letters = count(u8::is_ascii_alphabetic);
    let path = value.iter().any(|byte| {
        matches!(
            byte,
            b'/' | b'(' | b'=' | b'<' | b'{' | b'.' | b':' | b'`' | b'['
        )
    }) || value.starts_with(b"sha")
        || value.starts_with(b"$");
    let cased = value.iter().skip(1).any(u8::is_ascii_uppercase)
        && value.iter().any(u8::is_ascii_lowercase);
    (value.len() >= 6
        && value.len() <= 64
        && letters >= 2
        && !path
        && (digits >= 2 || digits == 1 && (marks >= 1 || cased)))
        .then_some(start)
}

/// The place after the marks that close the key: quotes, brackets, Markdown.
fn past_closing_marks(view: &View<'_>, key_end: usize) -> usize {
    let mut at = key_end;
    while at - key_end < 6
        && matches!(
            view.at(at),
            Some(b'"' | b'\'' | b'`' | b']' | b')' | b'*' | b'\\' | b'?')
        )
    {
        at += 1;
    }
    at
}

/// The place after a mark and what follows it: blanks, and Markdown bold after the colon.
fn past_mark(view: &View<'_>, mark_end: usize) -> usize {
    let after = view.past_space(mark_end);
    if view.bytes[after..].starts_with(b"**") {
        view.past_space(after + 2)
    } else {
        after
    }
}

fn tag_opens(view: &View<'_>, start: usize) -> bool {
    let from = start.saturating_sub(40);
    let before = &view.bytes[from..start];
    before
        .iter()
        .rposition(|&byte| byte == b'<')
        .is_some_and(|place| !before[place..].contains(&b'>') && !before[place..].contains(&b'\n'))
}

/// The place after a verb, and after a colon behind it.
fn past_verb(view: &View<'_>, at: usize) -> Option<usize> {
    let rest = &view.text[at..];
    let verb = VERBS.iter().find(|verb| {
        rest.get(..verb.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(verb))
    })?;
    let after = view.past_space(at + verb.len());
    Some(if view.bytes[after..].starts_with(b": ") {
        view.past_space(after + 1)
    } else {
        after
    })
}

/// How far behind a password the verb may stand that says what it is.
const PURPOSE_BYTES_MAX: usize = 60;

/// The place after what a password is for: `password for the wifi is …`, `password of db01: …`.
fn past_purpose(view: &View<'_>, at: usize) -> Option<usize> {
    let rest = &view.text[at..];
    if !PURPOSES.iter().any(|word| rest.starts_with(word)) {
        return None;
    }
    let line_end = rest.find('\n').unwrap_or(rest.len());
    let line = &rest[..rest.floor_char_boundary(line_end.min(PURPOSE_BYTES_MAX))];
    [" is ", ": ", " ist ", " est ", " es ", " è ", " = "]
        .iter()
        .find_map(|verb| line.find(verb).map(|place| place + verb.len()))
        .map(|past| view.past_space(at + past))
}

/// The place after a type annotation.
pub(super) fn past_type(view: &View<'_>, at: usize) -> Option<usize> {
    let rest = &view.bytes[at..];
    let length = rest
        .iter()
        .take(40)
        .take_while(|byte| {
            byte.is_ascii_alphanumeric()
                || matches!(
                    byte,
                    b'_' | b'[' | b']' | b'&' | b'\'' | b'<' | b'>' | b'|' | b' ' | b'?' | b'.'
                )
        })
        .count();
    let after = at + length;
    let named = view.text.get(at..after)?.trim();
    let known = [
        "str",
        "&str",
        "&'static str",
        "String",
        "string",
        "String?",
        "Optional[str]",
        "str | None",
        "SecretStr",
        "bytes",
        "text",
        "char",
        "const char",
        "Option<String>",
        "any",
        "var",
    ];
    (known.contains(&named) && view.at(after) == Some(b'=')).then(|| view.past_space(after + 1))
}
