//! Credentials by the words of a command, a statement or a call around them: `sqlplus scott/…@db`, `IDENTIFIED BY '…'`,
//! `echo … | sudo -S`, `auth=("bob", "…")`, a line of `.pgpass`, the code of a wireless network.

use super::View;
use super::negative::{is_code, is_stand_in};
use super::words::Hit;
use crate::kind::EntityKind::{ConnectionString, Password};

/// The longest stretch that is read around a word, in bytes.
const REACH: usize = 240;

/// Where the credential stands.
#[derive(Clone, Copy)]
enum Place {
    /// The argument of this number after the word; options are skipped.
    Argument(usize),
    /// The last argument before the end of the command.
    Last,
    /// After this mark in the first argument, and up to `@` where there is one.
    Part(u8),
    /// After this mark in the argument of `-U` or `-u`.
    OfUser(u8),
    /// What `echo` writes into the pipe before the word; after the colon, if it says so.
    Echoed(bool),
    /// The first text between quotes.
    Quoted,
    /// The last text between quotes inside the brackets of a call.
    CallLast,
    /// The argument before the word.
    Before,
    /// The fifth field of a line parted by colons.
    Pgpass,
    /// The field `P:` of a code for a wireless network.
    Wifi,
    /// `name / password` or `name:password`.
    Pair,
}

/// The words, in small letters, and where the credential stands.
const PLACES: &[(&str, Place)] = &[
    ("htpasswd ", Place::Last),
    ("wpa_passphrase ", Place::Argument(1)),
    ("add_user ", Place::Argument(1)),
    ("change_password ", Place::Argument(1)),
    ("requirepass ", Place::Argument(0)),
    ("masterauth ", Place::Argument(0)),
    ("rootpw ", Place::Argument(0)),
    ("snmp-server community ", Place::Argument(0)),
    ("sqlplus ", Place::Part(b'/')),
    ("jdbc:oracle:thin:", Place::Part(b'/')),
    ("smbclient ", Place::OfUser(b'%')),
    ("rpcclient ", Place::OfUser(b'%')),
    ("lftp ", Place::OfUser(b',')),
    ("| sudo -s", Place::Echoed(false)),
    ("|sudo -s", Place::Echoed(false)),
    ("--password-stdin", Place::Echoed(false)),
    ("| passwd --stdin", Place::Echoed(false)),
    ("| chpasswd", Place::Echoed(true)),
    ("| sudo chpasswd", Place::Echoed(true)),
    ("identified by ", Place::Quoted),
    ("= password(", Place::Quoted),
    ("convertto-securestring", Place::Quoted),
    ("login(", Place::CallLast),
    ("getconnection(", Place::CallLast),
    ("networkcredential(", Place::CallLast),
    ("passwordcredentials(", Place::CallLast),
    ("passwordauthentication(", Place::CallLast),
    ("basicauth(", Place::CallLast),
    ("basic_auth(", Place::CallLast),
    ("auth=(", Place::CallLast),
    ("auth: (", Place::CallLast),
    (" /user:", Place::Before),
    ("*:*:", Place::Pgpass),
    ("5432:", Place::Pgpass),
    ("5433:", Place::Pgpass),
    ("6432:", Place::Pgpass),
    ("wifi:", Place::Wifi),
    ("credentials: ", Place::Pair),
    ("creds: ", Place::Pair),
    ("login: ", Place::Pair),
    ("zugangsdaten: ", Place::Pair),
    ("identifiants : ", Place::Pair),
];

/// The words, for the pass over the text.
pub(super) fn words() -> impl Iterator<Item = &'static str> {
    PLACES.iter().map(|(word, _)| *word)
}

/// Reads the credential that the word at a hit announces.
pub(super) fn at(view: &mut View<'_>, hit: Hit) {
    let word = view.text[hit.start..hit.end].to_ascii_lowercase();
    let Some((_, place)) = PLACES.iter().find(|(known, _)| *known == word) else {
        return;
    };
    let glued = word.as_bytes()[0].is_ascii_alphabetic()
        && view
            .before(hit.start)
            .is_some_and(|byte| byte.is_ascii_alphanumeric())
        && !word.ends_with('(');
    if glued {
        return;
    }
    let found = match *place {
        Place::Argument(number) => argument(view, hit.end, number),
        Place::Last => last_argument(view, hit.end),
        Place::Part(mark) => part(view, hit.end, mark),
        Place::OfUser(mark) => of_user(view, hit.end, mark),
        Place::Echoed(paired) => echoed(view, hit.start, paired),
        Place::Quoted => quoted(view, hit.end),
        Place::CallLast => call_last(view, hit.end),
        Place::Before => before(view, hit.start),
        Place::Pgpass => pgpass(view, hit.start),
        Place::Wifi => wifi(view, hit.end),
        Place::Pair => pair(view, hit.end),
    };
    let Some((start, end)) = found else { return };
    let Some(value) = view.text.get(start..end) else {
        return;
    };
    if value.len() < 3 || is_stand_in(value) || is_code(value, view.at(end)) {
        return;
    }
    let kind = match place {
        Place::Part(_) => ConnectionString,
        _ => Password,
    };
    view.add(start, end, kind, "credential of a command", 88);
}

/// The end of the command that goes on at `from`: of its line, or of its part of a pipe.
fn command_end(view: &View<'_>, from: usize) -> usize {
    let end = view.line_end(from).min(from + REACH);
    let stop = |byte: &u8| matches!(byte, b'|' | b';' | b'`' | b'<' | b'>');
    from + view.bytes[from..end]
        .iter()
        .position(stop)
        .unwrap_or(end - from)
}

/// The word that begins at or after `from`, without its quotes, and where the next may begin.
fn word(view: &View<'_>, from: usize, limit: usize) -> Option<(usize, usize, usize)> {
    let start = view.past_space(from);
    if start >= limit {
        return None;
    }
    let quote = view.bytes[start];
    if matches!(quote, b'"' | b'\'') {
        let length = memchr::memchr(quote, &view.bytes[start + 1..limit])?;
        return Some((start + 1, start + 1 + length, start + 2 + length));
    }
    let length = view.bytes[start..limit]
        .iter()
        .take_while(|byte| **byte > b' ' && !matches!(byte, b'"' | b'\''))
        .count();
    (length > 0).then_some((start, start + length, start + length))
}

fn arguments<'v>(view: &'v View<'_>, from: usize) -> impl Iterator<Item = (usize, usize)> + 'v {
    let limit = command_end(view, from);
    let mut at = from;
    std::iter::from_fn(move || {
        let (start, end, next) = word(view, at, limit)?;
        at = next;
        Some((start, end))
    })
    .filter(|&(start, end)| end > start && view.bytes[start] != b'-')
}

fn argument(view: &View<'_>, from: usize, number: usize) -> Option<(usize, usize)> {
    arguments(view, from).nth(number)
}

fn last_argument(view: &View<'_>, from: usize) -> Option<(usize, usize)> {
    let all: Vec<_> = arguments(view, from).take(6).collect();
    // File, user, password; two arguments are file and user, and the password is asked for.
    all.get(2).copied()
}

fn part(view: &View<'_>, from: usize, mark: u8) -> Option<(usize, usize)> {
    let (start, end) = argument(view, from, 0)?;
    let place = memchr::memchr(mark, &view.bytes[start..end])?;
    let past = memchr::memrchr(b'@', &view.bytes[start..end]).unwrap_or(end - start);
    (place > 0 && past > place).then_some((start + place + 1, start + past))
}

fn of_user(view: &View<'_>, from: usize, mark: u8) -> Option<(usize, usize)> {
    let limit = command_end(view, from);
    let flag = [&b"-U "[..], b"-u ", b"--user "].iter().find_map(|flag| {
        memchr::memmem::find(&view.bytes[from..limit], flag).map(|place| place + flag.len())
    })?;
    let (start, end, _) = word(view, from + flag, limit)?;
    let place = memchr::memchr(mark, &view.bytes[start..end])?;
    Some((start + place + 1, end))
}

fn echoed(view: &View<'_>, at: usize, paired: bool) -> Option<(usize, usize)> {
    let line = view.line_start(at).max(at.saturating_sub(REACH));
    let echo = [&b"echo "[..], b"printf "].iter().find_map(|word| {
        memchr::memmem::rfind(&view.bytes[line..at], word).map(|place| line + place + word.len())
    })?;
    let limit = echo + memchr::memchr(b'|', &view.bytes[echo..]).unwrap_or(at - echo);
    let mut from = echo;
    let (start, end) = loop {
        let (start, end, next) = word(view, from, limit.min(view.bytes.len()))?;
        if view.bytes[start] != b'-' {
            break (start, end);
        }
        from = next;
    };
    if !paired {
        return Some((start, end));
    }
    let colon = memchr::memchr(b':', &view.bytes[start..end])?;
    Some((start + colon + 1, end))
}

fn quoted(view: &View<'_>, from: usize) -> Option<(usize, usize)> {
    let limit = view.line_end(from).min(from + 80);
    let open = memchr::memchr2(b'"', b'\'', &view.bytes[from..limit])? + from;
    let close = memchr::memchr(view.bytes[open], &view.bytes[open + 1..view.line_end(open)])?;
    Some((open + 1, open + 1 + close))
}

/// The last text between quotes before the bracket closes, when it follows another argument.
fn call_last(view: &View<'_>, from: usize) -> Option<(usize, usize)> {
    let limit = view.line_end(from).min(from + REACH);
    let (mut at, mut last, mut arguments) = (from, None, 0);
    while at < limit {
        match view.bytes[at] {
            quote @ (b'"' | b'\'') => {
                let length = memchr::memchr(quote, &view.bytes[at + 1..limit])?;
                last = Some((at + 1, at + 1 + length));
                at += length + 2;
            }
            b')' => break,
            b',' => {
                arguments += 1;
                last = None;
                at += 1;
            }
            _ => at += 1,
        }
    }
    last.filter(|_| arguments >= 1)
}

fn before(view: &View<'_>, at: usize) -> Option<(usize, usize)> {
    let line = view.line_start(at);
    let command = &view.bytes[line..at];
    memchr::memmem::find(command, b"net use")?;
    let start = line + memchr::memrchr(b' ', command)? + 1;
    (!matches!(view.bytes[start], b'\\' | b'/' | b'*')).then_some((start, at))
}

fn pgpass(view: &View<'_>, at: usize) -> Option<(usize, usize)> {
    let (start, end) = (view.line_start(at), view.line_end(at));
    let line = view.text.get(start..end)?.trim_end();
    let fields: Vec<&str> = line.splitn(5, ':').collect();
    let [_, port, _, _, password] = fields[..] else {
        return None;
    };
    let ported = port == "*" || port.bytes().all(|byte| byte.is_ascii_digit());
    let bare = !password.contains(' ') && !line.contains("//");
    (ported && bare).then(|| (start + line.len() - password.len(), start + line.len()))
}

fn wifi(view: &View<'_>, from: usize) -> Option<(usize, usize)> {
    let limit = view.line_end(from).min(from + REACH);
    let code = &view.bytes[from..limit];
    memchr::memmem::find(code, b"S:")?;
    let start = if code.starts_with(b"P:") {
        from + 2
    } else {
        from + memchr::memmem::find(code, b";P:")? + 3
    };
    let length = memchr::memchr(b';', &view.bytes[start..limit])?;
    Some((start, start + length))
}

fn pair(view: &View<'_>, from: usize) -> Option<(usize, usize)> {
    let limit = command_end(view, from);
    let (start, end, next) = word(view, from, limit)?;
    if let Some(colon) = memchr::memchr2(b':', b'/', &view.bytes[start..end]) {
        return likely(view, start + colon + 1, end);
    }
    let (mark, mark_end, after) = word(view, next, limit)?;
    if !matches!(&view.text[mark..mark_end], "/" | ":" | "-" | "|") {
        return None;
    }
    let (start, end, _) = word(view, after, limit)?;
    likely(view, start, end)
}

/// A value that looks like a password without a key: letters with digits or marks.
fn likely(view: &View<'_>, start: usize, end: usize) -> Option<(usize, usize)> {
    let end = start
        + view
            .text
            .get(start..end)?
            .trim_end_matches([',', '.', ')', ';'])
            .len();
    let value = &view.bytes[start..end];
    let telling = value.iter().any(u8::is_ascii_digit) && value.iter().any(u8::is_ascii_alphabetic);
    (value.len() >= 5 && telling && !value.contains(&b'/')).then_some((start, end))
}
