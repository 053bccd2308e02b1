//! Credentials that a command, a statement or a call takes at a place of its own: `mysql -pSECRET`, `htpasswd -b file
//! user secret`, `IDENTIFIED BY '…'`, `auth=("user", "…")`, `login with user / secret`.

use super::negative::{is_code, is_stand_in};
use super::words::{Hit, Role};
use super::{View, assign, mail};
use crate::kind::EntityKind::{BasicAuth, Password};

/// The longest line that is read, in bytes.
const LINE_BYTES_MAX: usize = 512;

/// Reads what follows, or is before, the words at a hit.
pub(super) fn at(view: &mut View<'_>, hit: Hit) {
    let inside = view.bytes[hit.start].is_ascii_alphanumeric() && view.bytes[hit.end - 1] != b'(';
    if inside
        && view
            .before(hit.start)
            .is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'/'))
    {
        return;
    }
    let words = view.text[hit.start..hit.end].to_ascii_lowercase();
    match words.trim_end_matches([' ', '(', '"', '\'', '=']) {
        "mysql" | "mysqldump" | "mysqladmin" | "mariadb" => glued_option(view, hit.end, "-p"),
        "7z" => glued_option(view, hit.end, "-p"),
        "snmp-server community" | "rootpw" => nth(view, hit.end, 0),
        "add_user" | "change_password" | "wpa_passphrase" | "net user" => nth(view, hit.end, 1),
        "lftp" => of_user(view, hit.end, ','),
        "wifi:" => wireless(view, hit.end),
        "sudo -s <<<" => here_string(view, hit.end),
        "sudo -s" | "chpasswd" => echoed(view, hit.start),
        "curl" => curl(view, hit.end),
        "ldapsearch" | "ldapmodify" | "ldapadd" => option(view, hit.end, "-w"),
        "smbclient" | "winexe" | "rpcclient" => of_user(view, hit.end, '%'),
        "sqlplus" | "impdp" | "expdp" => oracle(view, view.past_space(hit.end)),
        "login" | ".login" | "server.login" | "db.auth" | "networkcredential" => {
            argument(view, hit.end, 1)
        }
        "getconnection" => argument(view, hit.end, 2),
        "credentials:" => {
            let found = view.found.len();
            pair(view, hit.end);
            if view.found.len() == found {
                let end = hit.end - ": ".len();
                assign::at(
                    view,
                    Hit {
                        role: Role::SecretKey,
                        end,
                        ..hit
                    },
                );
            }
        }
        " dot" | " punkt" | " punto" | " ponto" | " point" | " kropka" | " punt" | "_dot_"
        | "ドット" => mail::spelled_out(view, hit),
        "@tcp" | "@unix" => go_source(view, hit.start),
        "openssl" => option(view, hit.end, "-k"),
        "htpasswd" => last_of(view, hit.end, 4),
        "net use" => net_use(view, hit.end),
        "--password-stdin" | "| passwd --stdin" => echoed(view, hit.start),
        "identified by" | "convertto-securestring" => quoted(view, hit.end, 0),
        "jdbc:oracle:thin:" => oracle(view, hit.end),
        "auth" | "httpbasicauth" => quoted(view, hit.start, 1),
        _ => pair(view, hit.end),
    }
}

/// The end of the line, or of what is read of it.
fn line_end(view: &View<'_>, from: usize) -> usize {
    let end = view.line_end(from).min(from + LINE_BYTES_MAX);
    view.text.floor_char_boundary(end)
}

/// The words of a command from a place to the end of its line, with their bounds; quotes are left out.
fn arguments(view: &View<'_>, from: usize) -> Vec<(usize, usize)> {
    let end = line_end(view, from);
    let bytes = view.bytes;
    let mut found = Vec::new();
    let mut at = view.past_space(from);
    while at < end && !matches!(bytes[at], b'|' | b';' | b'&' | b'<' | b'>' | b'`') {
        let (start, stop) = match bytes[at] {
            quote @ (b'"' | b'\'') => {
                let length = memchr::memchr(quote, &bytes[at + 1..end]);
                (at + 1, length.map_or(end, |length| at + 1 + length))
            }
            _ => {
                let length = bytes[at..end]
                    .iter()
                    .take_while(|byte| **byte > b' ')
                    .count();
                (at, at + length)
            }
        };
        found.push((start, stop));
        let past = (stop + usize::from(start > at)).max(at + 1);
        at = view.past_space(past.min(end));
    }
    found
}

fn add(view: &mut View<'_>, start: usize, end: usize) {
    let Some(value) = view.text.get(start..end) else {
        return;
    };
    let is_reference = value.starts_with(['$', '{', '<']) || value.starts_with("%(");
    if value.len() >= 3 && !is_reference && !is_stand_in(value) {
        view.add(start, end, Password, "password in a command", 90);
    }
}

/// `curl -uuser:SECRET`, without a blank.
fn curl(view: &mut View<'_>, from: usize) {
    let found = arguments(view, from).into_iter().find_map(|(start, end)| {
        let pair = view.text[start..end].strip_prefix("-u")?;
        let user = pair.find(':')?;
        Some((start + 2 + user + 1, end))
    });
    if let Some((start, end)) = found {
        add(view, start, end);
    }
}

/// The argument of this number; options do not count.
fn nth(view: &mut View<'_>, from: usize, number: usize) {
    let found = arguments(view, from)
        .into_iter()
        .filter(|(start, _)| view.bytes[*start] != b'-')
        .nth(number);
    if let Some((start, end)) = found
        && !matches!(view.bytes[start], b'/' | b'*' | b'(')
        && view.text[start..end]
            .bytes()
            .any(|byte| !byte.is_ascii_lowercase())
    {
        add(view, start, end);
    }
}

/// `WIFI:T:WPA;S:name;P:SECRET;;`, the code for a wireless network.
fn wireless(view: &mut View<'_>, from: usize) {
    let code = &view.text[from..line_end(view, from)];
    let place = match code.find(";P:") {
        Some(place) => place + 3,
        None if code.starts_with("P:") => 2,
        None => return,
    };
    let rest = &code[place..];
    if code.contains("S:")
        && let Some(length) = rest.find(';')
    {
        add(view, from + place, from + place + length);
    }
}

/// `-U user%SECRET`, as Samba's tools take it; `-u user,SECRET` at lftp.
fn of_user(view: &mut View<'_>, from: usize, mark: char) {
    let arguments = arguments(view, from);
    let place = arguments
        .iter()
        .position(|(start, end)| matches!(&view.text[*start..*end], "-U" | "-u" | "--user"));
    if let Some((start, end)) = place.and_then(|place| arguments.get(place + 1).copied())
        && let Some(mark) = view.text[start..end].find(mark)
    {
        add(view, start + mark + 1, end);
    }
}

/// A quoted argument of a call, by its place.
fn argument(view: &mut View<'_>, from: usize, place: usize) {
    let end = line_end(view, from);
    let mut at = from;
    for _ in 0..place {
        let Some(comma) = memchr::memchr2(b',', b')', &view.bytes[at..end]) else {
            return;
        };
        if view.bytes[at + comma] == b')' {
            return;
        }
        at = view.past_space(at + comma + 1);
    }
    let Some(quote @ (b'"' | b'\'')) = view.at(at) else {
        return;
    };
    if let Some(length) = memchr::memchr(quote, &view.bytes[at + 1..end.max(at + 1)]) {
        add(view, at + 1, at + 1 + length);
    }
}

/// `user:SECRET@tcp(host:3306)/base`, as Go's drivers take it.
fn go_source(view: &mut View<'_>, sign: usize) {
    let line = view.line_start(sign);
    let begins = |byte: &u8| *byte <= b' ' || matches!(byte, b'"' | b'\'' | b'`' | b'=');
    let word = view.bytes[line..sign].iter().rposition(begins);
    let word = word.map_or(line, |place| line + place + 1);
    if let Some(colon) = memchr::memchr(b':', &view.bytes[word..sign]) {
        add(view, word + colon + 1, sign);
    }
}

/// `-pSECRET`, without a blank.
fn glued_option(view: &mut View<'_>, from: usize, option: &str) {
    let found = arguments(view, from).into_iter().find(|(start, end)| {
        let word = &view.bytes[*start..*end];
        word.starts_with(option.as_bytes()) && word.len() > option.len() + 2
    });
    if let Some((start, end)) = found {
        let quoted = matches!(view.bytes[start + option.len()], b'"' | b'\'');
        let start = start + option.len() + usize::from(quoted);
        add(view, start, end - usize::from(quoted));
    }
}

/// `-k SECRET`.
fn option(view: &mut View<'_>, from: usize, option: &str) {
    let arguments = arguments(view, from);
    let place = arguments
        .iter()
        .position(|(start, end)| &view.text[*start..*end] == option);
    if let Some((start, end)) = place.and_then(|place| arguments.get(place + 1)) {
        add(view, *start, *end);
    }
}

/// `<<< SECRET`.
fn here_string(view: &mut View<'_>, from: usize) {
    if let Some((start, end)) = arguments(view, from).first().copied() {
        add(view, start, end);
    }
}

/// The last word, where there are at least so many and an option with `b` says that it is a password.
fn last_of(view: &mut View<'_>, from: usize, count: usize) {
    let arguments = arguments(view, from);
    let is_batch = arguments
        .first()
        .is_some_and(|(start, end)| view.text[*start..*end].contains('b'));
    if let Some((start, end)) = arguments.last()
        && is_batch
        && arguments.len() >= count
    {
        add(view, *start, *end);
    }
}

/// `net use X: \\server\share [password] /user:name [password]`.
fn net_use(view: &mut View<'_>, from: usize) {
    let arguments = arguments(view, from);
    let word = |place: usize| {
        arguments
            .get(place)
            .map(|(start, end)| &view.text[*start..*end])
    };
    let candidate = (1..arguments.len()).find(|&place| {
        let before = word(place - 1).unwrap_or_default();
        let is_after =
            before.starts_with("\\\\") || before.to_ascii_lowercase().starts_with("/user:");
        is_after && word(place).is_some_and(|word| !word.starts_with(['/', '*', '\\']))
    });
    if let Some((start, end)) = candidate.and_then(|place| arguments.get(place).copied()) {
        add(view, start, end);
    }
}

/// `echo SECRET | docker login --password-stdin`.
fn echoed(view: &mut View<'_>, at: usize) {
    let line = view.line_start(at);
    let Some(command) = view.text.get(line..at) else {
        return;
    };
    let place = ["echo -n ", "echo ", "printf "]
        .iter()
        .find_map(|word| command.find(word).map(|place| line + place + word.len()));
    if let Some((mut start, end)) = place.and_then(|place| arguments(view, place).first().copied())
    {
        // `user:SECRET` for `chpasswd`.
        let pair = view.bytes[at..].starts_with(b"chpasswd");
        if pair && let Some(colon) = view.text[start..end].find(':') {
            start += colon + 1;
        }
        add(view, start, end);
    }
}

/// The value between quotes after the words, past so many others between quotes.
fn quoted(view: &mut View<'_>, from: usize, skip: usize) {
    let end = line_end(view, from);
    let mut at = from;
    for place in 0..=skip {
        let Some(open) = memchr::memchr2(b'"', b'\'', &view.bytes[at..end]) else {
            return;
        };
        // Nothing but a name, a mark or a bracket stands before the first one.
        if open > 40 {
            return;
        }
        let start = at + open + 1;
        let quote = view.bytes[start - 1];
        let Some(length) = memchr::memchr(quote, &view.bytes[start..end]) else {
            return;
        };
        if place == skip {
            return add(view, start, start + length);
        }
        at = start + length + 1;
    }
}

/// `user/SECRET@host`.
fn oracle(view: &mut View<'_>, from: usize) {
    let rest = &view.bytes[from..line_end(view, from)];
    let slash = memchr::memchr(b'/', rest);
    let sign = memchr::memrchr(b'@', rest);
    if let (Some(slash), Some(sign)) = (slash, sign)
        && slash + 1 < sign
        && !rest[..sign].iter().any(|byte| *byte <= b' ')
    {
        add(view, from + slash + 1, from + sign);
    }
}

/// `user:SECRET` or `user / SECRET` after words such as `creds:`.
fn pair(view: &mut View<'_>, from: usize) {
    let at = view.past_space(from);
    let is_name = |byte: &&u8| {
        byte.is_ascii_alphanumeric() || matches!(**byte, b'.' | b'_' | b'-' | b'@' | b'\\')
    };
    let name = view.bytes[at..].iter().take(64).take_while(is_name).count();
    let mark = view.past_space(at + name);
    if name == 0 || !matches!(view.at(mark), Some(b':' | b'/')) {
        return;
    }
    let start = view.past_space(mark + 1);
    let is_inside = |byte: &&u8| **byte > b' ' && !matches!(**byte, b'"' | b'\'' | b'`' | b'<');
    let length = view.bytes[start..]
        .iter()
        .take(128)
        .take_while(is_inside)
        .count();
    let mut end = start + length;
    while end > start && matches!(view.bytes[end - 1], b'.' | b',' | b';' | b')') {
        end -= 1;
    }
    let Some(value) = view.text.get(start..end) else {
        return;
    };
    let is_telling = value.len() >= 6
        && value
            .bytes()
            .any(|byte| byte.is_ascii_digit() || byte.is_ascii_punctuation() && byte != b'/')
        && !value.starts_with("//")
        && !value.contains("://");
    if is_telling && !is_stand_in(value) && !is_code(value, view.at(end)) {
        view.add(start, end, BasicAuth, "credentials in a sentence", 84);
    }
}

/// `host:port:database:user:SECRET`, a line of `.pgpass`, around the colon before its port.
pub(super) fn pgpass(view: &mut View<'_>, colon: usize) {
    let line = view.line_start(colon);
    let end = view.line_end(colon);
    let Some(text) = view
        .text
        .get(line..end)
        .filter(|text| text.len() <= LINE_BYTES_MAX)
    else {
        return;
    };
    let text = text.trim_end_matches('\r');
    let fields: Vec<&str> = text.splitn(5, ':').collect();
    let [host, port, database, user, password] = fields.as_slice() else {
        return;
    };
    let is_port = *port == "*" || port.len() >= 4 && port.bytes().all(|byte| byte.is_ascii_digit());
    let is_word = |field: &&str| {
        !field.is_empty()
            && field
                .bytes()
                .all(|byte| byte > b' ' && byte != b'"' && byte != b'/')
    };
    let is_line = is_port && [host, database, user].into_iter().all(is_word);
    if is_line && line + host.len() == colon && is_word(password) && password.len() >= 4 {
        add(view, line + text.len() - password.len(), line + text.len());
    }
}
