//! What joins a key to its value: a mark, a verb, a tag, the cell of a table.

use crate::detect::View;
use crate::detect::negative::{is_jumbled, is_passphrase, is_random};
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
    ("|| \"", Some(Joint::Equal)),
    ("|| '", Some(Joint::Equal)),
    ("?? \"", Some(Joint::Equal)),
    ("?? '", Some(Joint::Equal)),
];

/// Words between a key and its value in a sentence; the first that fits counts.
#[rustfmt::skip]
const VERBS: &[&str] = &[
    "is now ", "is set to ", "has been reset to ", "has been set to ", "has been changed to ", "was reset to ", "was changed to ",
    "changed to ", "reset to ", "should be ", "wurde auf ", "set to ", "is: ", "is ", "was ", "will be ", "to ", "ist jetzt ", "ist ", "lautet ", "war ", "auf ", "est ",
    "était ", "es ", "era ", "è ", "e' ", "é ", "foi ", "wordt ", "is nu ", "jest ", "to jest ", "to: ", "är ", "er ", "on ", "je ", "— ",
    "- ", "– ", "это ", "является ", "は", "是", "为", "為", "은 ", "는 ", "है ", "هي ", "for the server is ", "for prod is ",
    "for staging is ", "here is ", "c'est ", ", c'est ", "c’est ", ", c’est ", "to jest ", "olarak ",
];

/// Words that begin what a password is for.
#[rustfmt::skip]
const PURPOSES: &[&str] = &["for ", "to the ", "of ", "от ", "for\u{a0}", "für ", "pour ", "от ", "для ", "para ", "dla ", "do ", "till ", "voor ", "til ", "del ", "de ", "per ",
    "du ", "des ", "da ", "zum ", "vom ", "van ", "för ", "od "];

/// What joins key and value, and where the value begins.
pub(super) fn after_key(view: &View<'_>, hit: Hit, key_end: usize) -> Option<(Joint, usize)> {
    if matches!(view.bytes[hit.end - 1], b':' | b'=') {
        return Some((Joint::Colon, view.past_space(key_end)));
    }
    let key_close = past_closing_marks(view, key_end);
    let closed = key_close > key_end;
    let at = view.past_space(key_close);
    let rest = &view.text[at..];
    if let Some((mark, joint)) = MARKS.iter().find(|(mark, _)| rest.starts_with(mark)) {
        let length = mark.trim_end_matches(['"', '\'']).len();
        return joint.map(|joint| (joint, past_mark(view, at + length)));
    }
    if let Some(after) = past_sibling(view, at, key_close) {
        return Some((Joint::Equal, after));
    }
    if closed
        && rest.starts_with('{')
        && let Some(default) = past_default(rest)
    {
        return Some((Joint::Equal, view.past_space(at + default)));
    }
    if view.bytes[..key_end].ends_with(b" is") && at > key_end {
        return Some((Joint::Verb, at));
    }
    if rest.starts_with('>') && tag_opens(view, hit.start) {
        return Some((Joint::Tag, at + 1));
    }
    if closed && (rest.starts_with(',') || rest.starts_with('|')) {
        return Some((Joint::Cell, view.past_space(at + 1)));
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
    in_settings(view, hit, key_end, key_close)
}

/// The value after a key that nothing joins to it but a blank, a comma or an attribute.
fn in_settings(
    view: &View<'_>,
    hit: Hit,
    key_end: usize,
    key_close: usize,
) -> Option<(Joint, usize)> {
    let closed = key_close > key_end;
    let at = view.past_space(key_close);
    let rest = &view.text[at..];
    // `requirepass …` in Redis' settings.
    let word = &view.bytes[hit.start..hit.end];
    let is_setting = [
        b"requirepass".as_slice(),
        b"masterauth",
        b"bindpw",
        b"bind_pw",
    ]
    .iter()
    .any(|setting| word.eq_ignore_ascii_case(setting));
    let attribute = attribute_name(rest).filter(|_| closed);
    if let Some(name) = attribute {
        return Some((Joint::Equal, at + name.len()));
    }
    if at > key_end
        && !closed
        && word.len() >= 6
        && let Some(after) = past_number(view, at)
    {
        return Some((Joint::Verb, after));
    }
    if at > key_end && hit.role == Role::SecretKey && is_secret_like(rest) {
        return Some((Joint::Verb, at));
    }
    if hit.role == Role::PasswordKey && !closed {
        // `password (…)`, `password,…`, and a tab.
        let inner = rest.strip_prefix(['(', ',']).unwrap_or_default();
        let inner = inner.trim_start_matches(['\'', '"']);
        if is_password_like(inner) {
            return Some((Joint::Verb, at + 1));
        }
        if view.at(key_close) == Some(b'\t') {
            return Some((Joint::Cell, at));
        }
    }
    if at > key_end && (is_setting || hit.role == Role::PasswordKey && is_password_like(rest)) {
        return Some((Joint::Verb, at));
    }
    // A quoted value right after the word.
    let verb = view.bytes[hit.start..hit.end].eq_ignore_ascii_case(b"pass");
    (hit.role != Role::UserKey
        && !verb
        && matches!(rest.as_bytes().first(), Some(b'"' | b'`' | b'\''))
        && !closed)
        .then_some((Joint::Verb, at))
}

/// How far behind a key its sibling may stand, in bytes.
const SIBLING_BYTES_MAX: usize = 24;

/// The value that belongs to a key as its sibling: `- name: KEY`, then `value: …`; `"name": "KEY", "value": "…"`.
fn past_sibling(view: &View<'_>, at: usize, key_close: usize) -> Option<usize> {
    let end = view
        .text
        .floor_char_boundary(at + SIBLING_BYTES_MAX + "\"value\":".len());
    let rest = &view.text[key_close..end];
    let bare = rest.trim_start_matches([' ', '\t', '\r', '\n', ',']);
    if !matches!(rest.bytes().next(), Some(b',' | b'\r' | b'\n')) {
        return None;
    }
    let word = ["\"value\":", "\"Value\":", "value:"]
        .iter()
        .find(|word| bare.starts_with(**word))?;
    let place = key_close + rest.len() - bare.len();
    Some(view.past_space(place + word.len()))
}

/// The type of a password as Cisco's devices write it: `password 0 SECRET`.
fn past_number(view: &View<'_>, at: usize) -> Option<usize> {
    let typed = matches!(view.at(at), Some(b'0' | b'4'..=b'9')) && view.at(at + 1) == Some(b' ');
    let value = view.text.get(at + 2..)?.split_whitespace().next()?;
    let telling = value.len() >= 6
        && value.bytes().any(|byte| byte.is_ascii_digit())
        && value.bytes().any(|byte| byte.is_ascii_alphabetic());
    (typed && telling).then_some(at + 2)
}

/// `<add key="password" value="…"/>`: the attribute that holds the value.
fn attribute_name(rest: &str) -> Option<&'static str> {
    ["value=", "defaultvalue="].into_iter().find(|name| {
        rest.get(..name.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(name))
    })
}

/// How far into a block its default is looked for, in bytes.
const BLOCK_BYTES_MAX: usize = 300;

/// The place after `default =` in the block of a Terraform variable.
fn past_default(block: &str) -> Option<usize> {
    let block = &block[..block.floor_char_boundary(BLOCK_BYTES_MAX)];
    let block = block.split_once('}').map_or(block, |(inside, _)| inside);
    let name = block.find("default")? + "default".len();
    let mark = block[name..].trim_start_matches(' ');
    mark.starts_with('=').then(|| block.len() - mark.len() + 1)
}

/// Whether the next word can hardly be anything but a password: long, with letters of both cases or marks inside,
/// and digits.
fn is_password_like(rest: &str) -> bool {
    let word = rest.split_whitespace().next().unwrap_or_default();
    let word = word.trim_end_matches(['.', ',', ';', '!', '?', ')', '\'', '"']);
    let has = |test: fn(&u8) -> bool| word.bytes().any(|byte| test(&byte));
    let inner = word.get(1..).unwrap_or_default();
    let marks = inner.bytes().any(|byte| {
        matches!(
            byte,
            b'!' | b'#' | b'$' | b'%' | b'&' | b'*' | b'+' | b'@' | b'^'
        )
    });
    let upper = inner.bytes().any(|byte| byte.is_ascii_uppercase());
    let mixed = upper && has(u8::is_ascii_lowercase);
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    let algorithm = [
        "sha", "md5", "base64", "utf", "aes", "argon", "blake", "oauth",
    ]
    .iter()
    .any(|name| word.to_ascii_lowercase().starts_with(name));
    if is_passphrase(word)
        || word.len() >= 8 && word.is_ascii() && (is_jumbled(word.as_bytes()) || marks && mixed)
    {
        return !word.contains(['(', '<', '{', '[']);
    }
    let numbered = digits >= 3 && has(u8::is_ascii_alphabetic) && !algorithm;
    word.is_ascii()
        && word.len() >= 8
        && has(u8::is_ascii_digit)
        && (mixed || marks || numbered)
        && !word.contains(['(', '<', '{', '['])
        && !word.starts_with(['/', '='])
}

/// Whether the next word is a long and random one: a token, a digest of a key.
fn is_secret_like(rest: &str) -> bool {
    let word = rest.split_whitespace().next().unwrap_or_default();
    let word = word.trim_end_matches(['.', ',', ';', ')']);
    word.len() >= 20
        && word.bytes().any(|byte| byte.is_ascii_digit())
        && word
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+/=_-".contains(&byte))
        && word.matches('/').count() <= 3
        && is_random(word.as_bytes())
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
    [
        " is ", ": ", " ist ", " est ", " es ", " è ", " = ", " é ", " — ", " – ", " jest ",
        " to ", " är ", " er ",
    ]
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
