//! Values after a key: `password = …`, `"api_key": "…"`, `Passwort: …`, `<token>…</token>`, `the password is …`.

use super::negative::{is_code, is_random, is_stand_in};
use super::words::{Hit, Role};
use super::{View, structure};
use crate::kind::EntityKind::{self, *};
use crate::limits::SECRET_BYTES_MAX;

/// How a value is joined to its key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Joint {
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

/// Parts of a key after the secret word that say that its value is no secret.
const HARMLESS: &[&str] = &[
    "count",
    "limit",
    "max",
    "min",
    "len",
    "length",
    "size",
    "expir",
    "ttl",
    "type",
    "name",
    "url",
    "uri",
    "path",
    "file",
    "field",
    "policy",
    "reset",
    "hint",
    "strength",
    "regex",
    "pattern",
    "endpoint",
    "header",
    "table",
    "column",
    "enabled",
    "required",
    "valid",
    "version",
    "usage",
    "used",
    "budget",
    "price",
    "cost",
    "per_",
    "label",
    "placeholder",
    "format",
    "prompt",
    "input",
    "manager",
    "store",
    "provider",
    "service",
    "class",
    "error",
    "changed",
    "updated",
    "created",
    "age",
    "rotation",
    "s_per",
    "ize",
    "id",
    "ref",
    "arn",
    "alias",
    "index",
    "list",
    "page",
    "_at",
    "hash_algorithm",
    "algorithm",
    "location",
    "env",
    "form",
    "box",
    "generator",
    "method",
    "mode",
    "status",
    "attempts",
    "encoder",
    "util",
    "lifetime",
    "scope",
    "issuer",
    "response",
    "request",
    "window",
    "source",
    "dir",
];

/// Reads what is assigned to the key at a hit.
pub(super) fn at(view: &mut View<'_>, hit: Hit) {
    if !view.is_word(hit.start, hit.end) {
        return;
    }
    let Some(key_end) = key_end(view, hit) else {
        return;
    };
    let Some((joint, mut at)) = joint(view, hit, key_end) else {
        return;
    };
    if hit.role == Role::MnemonicKey {
        return structure::mnemonic(view, at);
    }
    // `password: str = "…"`: the type is not the value.
    if joint == Joint::Colon
        && let Some(after) = typed(view, at)
    {
        at = after;
    }
    let Some((start, end, quoted)) = value(view, hit, at, joint) else {
        return;
    };
    let Some(kind) = kind_of(view, hit, (start, end), quoted, joint) else {
        return;
    };
    view.add(
        start,
        end,
        kind,
        "value of a secret key",
        if quoted { 92 } else { 85 },
    );
}

/// The end of the identifier that the word is in; nothing when the identifier is about something else.
fn key_end(view: &View<'_>, hit: Hit) -> Option<usize> {
    let mut end = hit.end;
    while view.at(end).is_some_and(|byte| {
        byte.is_ascii_alphanumeric()
            || byte == b'_'
            || byte == b'-'
                && view
                    .at(end + 1)
                    .is_some_and(|next| next.is_ascii_alphanumeric())
    }) && end - hit.end < 40
    {
        end += 1;
    }
    let tail = view.text[hit.end..end].to_ascii_lowercase();
    let tail = tail.trim_start_matches(['_', '-']);
    let plural = hit.role == Role::SecretKey
        && tail == "s"
        && view.bytes[hit.start..hit.end].eq_ignore_ascii_case(b"token");
    let word = view.text[hit.start..hit.end].to_ascii_lowercase();
    let salted = matches!(
        word.as_str(),
        "salt" | "pepper" | "sig" | "pw" | "hmac" | "pass"
    ) && !tail.is_empty()
        && !tail.starts_with(|c: char| c.is_ascii_digit());
    if plural
        || salted
        || HARMLESS
            .iter()
            .any(|part| tail.starts_with(part) || (part.len() > 3 && tail.contains(part)))
    {
        return None;
    }
    Some(end)
}

/// What joins key and value, and where the value begins.
#[expect(
    clippy::too_many_lines,
    reason = "one case for each form of an assignment"
)]
fn joint(view: &View<'_>, hit: Hit, key_end: usize) -> Option<(Joint, usize)> {
    let bytes = view.bytes;
    let mut at = key_end;
    // Marks that close the key: quotes, brackets, Markdown.
    while at - key_end < 6
        && matches!(
            view.at(at),
            Some(b'"' | b'\'' | b'`' | b']' | b')' | b'*' | b'\\' | b'?')
        )
    {
        at += 1;
    }
    let closed = at > key_end;
    let at = view.past_space(at);
    let rest = &view.text[at..];
    if view.bytes[hit.end - 1] == b':' || view.bytes[hit.end - 1] == b'=' {
        return Some((Joint::Colon, key_end));
    }
    for (mark, joint) in [
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
    ] {
        if rest.starts_with(mark) {
            let after = view.past_space(at + mark.len());
            // A value one line below its key in YAML's block form, or Markdown bold after the colon.
            let after = if bytes[after..].starts_with(b"**") {
                view.past_space(after + 2)
            } else {
                after
            };
            return joint.map(|joint| (joint, after));
        }
    }
    if rest.starts_with('>') && tag_opens(view, hit.start) {
        return Some((Joint::Tag, at + 1));
    }
    if closed && (rest.starts_with(',') || rest.starts_with('|')) {
        return Some((Joint::Cell, view.past_space(at + 1)));
    }
    const VERBS: &[&str] = &[
        "is now ",
        "is set to ",
        "set to ",
        "is: ",
        "is ",
        "was ",
        "will be ",
        "to ",
        "ist jetzt ",
        "ist ",
        "lautet ",
        "war ",
        "auf ",
        "est ",
        "était ",
        "es ",
        "era ",
        "è ",
        "e' ",
        "é ",
        "foi ",
        "wordt ",
        "is nu ",
        "jest ",
        "to jest ",
        "to: ",
        "är ",
        "er ",
        "on ",
        "je ",
        "— ",
        "- ",
        "– ",
        "это ",
        "является ",
        "は",
        "是",
        "为",
        "為",
        "은 ",
        "는 ",
        "है ",
        "هي ",
        "for the server is ",
        "for prod is ",
        "for staging is ",
    ];
    for verb in VERBS {
        if rest
            .get(..verb.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(verb))
        {
            let after = view.past_space(at + verb.len());
            let after = if bytes[after..].starts_with(b": ") {
                view.past_space(after + 1)
            } else {
                after
            };
            return Some((Joint::Verb, after));
        }
    }
    // `password for the wifi is …`, `password of db01: …`
    if hit.role == Role::PasswordKey
        && !closed
        && (rest.starts_with("for ")
            || rest.starts_with("to the ")
            || rest.starts_with("of ")
            || rest.starts_with("for\u{a0}")
            || rest.starts_with("für ")
            || rest.starts_with("pour ")
            || rest.starts_with("del ")
            || rest.starts_with("de ")
            || rest.starts_with("per "))
    {
        let line = &rest[..rest
            .find('\n')
            .unwrap_or(rest.len())
            .min(60)
            .min(rest.len())];
        let line = (0..=line.len())
            .rev()
            .find_map(|end| line.get(..end))
            .unwrap_or("");
        for verb in [" is ", ": ", " ist ", " est ", " es ", " è ", " = "] {
            if let Some(place) = line.find(verb) {
                return Some((Joint::Verb, view.past_space(at + place + verb.len())));
            }
        }
    }
    // A quoted value right after the word.
    (hit.role != Role::UserKey
        && matches!(rest.as_bytes().first(), Some(b'"' | b'`' | b'\''))
        && !closed)
        .then_some((Joint::Verb, at))
}

fn tag_opens(view: &View<'_>, start: usize) -> bool {
    let from = start.saturating_sub(40);
    let before = &view.bytes[from..start];
    before
        .iter()
        .rposition(|&byte| byte == b'<')
        .is_some_and(|place| !before[place..].contains(&b'>') && !before[place..].contains(&b'\n'))
}

/// The place after a type annotation.
fn typed(view: &View<'_>, at: usize) -> Option<usize> {
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

/// The bounds of the value, and whether quotes hold it.
#[expect(clippy::too_many_lines, reason = "one exception after the other")]
fn value(view: &View<'_>, hit: Hit, at: usize, joint: Joint) -> Option<(usize, usize, bool)> {
    let bytes = view.bytes;
    let mut at = at;
    // `b"…"`, `f'…'`, `@"…"`, `Some("…")`, `"Bearer …"`, `!secret`
    if matches!(
        view.at(at),
        Some(b'b' | b'r' | b'f' | b'u' | b'@' | b'L' | b'$' | b'(')
    ) && matches!(view.at(at + 1), Some(b'"' | b'\''))
    {
        at += 1;
    }
    if view.at(at) == Some(b'\\') && matches!(view.at(at + 1), Some(b'"' | b'\'')) {
        let quote = bytes[at + 1];
        let start = at + 2;
        let close = bytes[start..(start + SECRET_BYTES_MAX).min(bytes.len())]
            .windows(2)
            .position(|pair| pair[0] == b'\\' && pair[1] == quote)?;
        return Some((start, start + close, true));
    }
    for (open, close) in [
        ("\"\"\"", "\"\"\""),
        ("\"", "\""),
        ("'", "'"),
        ("`", "`"),
        ("“", "”"),
        ("„", "“"),
        ("«", "»"),
        ("‘", "’"),
        ("「", "」"),
        ("**", "**"),
    ] {
        if view.text[at..].starts_with(open) {
            let start = at + open.len();
            let limit = (start + SECRET_BYTES_MAX).min(bytes.len());
            let mut end = start;
            while end < limit
                && !(view.text.is_char_boundary(end) && bytes[end..].starts_with(close.as_bytes()))
            {
                if bytes[end] == b'\n' && open.len() == 1 {
                    return None;
                }
                end += if bytes[end] == b'\\' && end + 1 < limit {
                    2
                } else {
                    1
                };
            }
            return (end < limit && view.text.is_char_boundary(end)).then_some((start, end, true));
        }
    }
    let query = matches!(view.before(hit.start), Some(b'?' | b'&'));
    let stops = |byte: u8| {
        byte <= b' '
            || matches!(byte, b'"' | b'`' | b'<')
            || byte == b'\'' && joint != Joint::Verb
            || (query && byte == b'&')
            || matches!(byte, b',' | b';' | b'|' | b'}') && joint != Joint::Verb
    };
    let length = bytes[at..]
        .iter()
        .take(SECRET_BYTES_MAX)
        .take_while(|&&byte| !stops(byte))
        .count();
    let mut end = at + length;
    while end > at
        && (matches!(
            bytes[end - 1],
            b',' | b';' | b'.' | b':' | b')' | b']' | b'\\'
        ) || matches!(bytes[end - 1], b'!' | b'?')
            && joint == Joint::Verb
            && view.at(end).is_none_or(|next| next == b'\n'))
    {
        // A bracket that the value itself opened stays.
        if bytes[end - 1] == b')' && bytes[at..end].contains(&b'(') {
            break;
        }
        end -= 1;
    }
    for wide in ["。", "，", "」", "、"] {
        if let Some(place) = view.text.get(at..end).and_then(|text| text.find(wide)) {
            end = at + place;
        }
    }
    (end > at && view.text.is_char_boundary(end)).then_some((at, end, false))
}

/// The kind of a value, or nothing when it is none.
fn kind_of(
    view: &View<'_>,
    hit: Hit,
    (start, end): (usize, usize),
    quoted: bool,
    joint: Joint,
) -> Option<EntityKind> {
    let value = &view.text[start..end];
    let bytes = value.as_bytes();
    if is_stand_in(value) || bytes.len() < 3 {
        return None;
    }
    let digits = bytes.iter().any(u8::is_ascii_digit);
    let marks = bytes.iter().any(|byte| {
        byte.is_ascii_punctuation() && !matches!(byte, b'_' | b'-' | b'.' | b'\'' | b'/')
    });
    let cased = bytes.iter().skip(1).any(u8::is_ascii_uppercase)
        && bytes.iter().any(u8::is_ascii_lowercase);
    if !quoted && is_code(value, view.at(end)) {
        return None;
    }
    match hit.role {
        Role::PinKey => {
            let code = bytes.iter().filter(|byte| byte.is_ascii_digit()).count();
            ((4..=8).contains(&code)
                && bytes
                    .iter()
                    .all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-'))
            .then_some(Pin)
        }
        Role::UserKey => (bytes.len() >= 3
            && bytes.len() <= 64
            && !value.contains(' ')
            && (joint != Joint::Verb)
            && !value.starts_with('/'))
        .then_some(Username),
        Role::PasswordKey => {
            let spaced = value.contains(' ');
            let ok = match joint {
                Joint::Verb => digits || marks || ((quoted || cased) && !spaced),
                _ if quoted => {
                    let sentence = !digits && !marks && value.ends_with('.');
                    !(spaced && (value.split(' ').count() > 6 || sentence))
                }
                Joint::Equal => {
                    bytes.len() >= 4
                        && (digits
                            || marks
                            || !view.bytes[start - 1].is_ascii_whitespace()
                            || bytes.len() >= 6 && is_config(view, hit.start))
                }
                Joint::Cell => digits || marks,
                _ => {
                    bytes.len() >= 4
                        && (digits
                            || marks
                            || cased
                            || is_config(view, hit.start) && view.line_end(end) == end)
                }
            };
            (ok && !value.starts_with("http")).then_some(Password)
        }
        _ => secret(view, hit, value, quoted, joint),
    }
}

/// Whether the key begins its line, as in a settings file or a list of facts.
fn is_config(view: &View<'_>, start: usize) -> bool {
    let line = view.line_start(start);
    view.bytes[line..start].iter().all(|byte| {
        byte.is_ascii_alphanumeric()
            || matches!(
                byte,
                b' ' | b'\t' | b'_' | b'-' | b'.' | b'#' | b'*' | b'"' | b'\''
            )
    }) && start - line < 40
}

/// Secrets have to look like one, the more so the less the key says.
fn secret(
    view: &View<'_>,
    hit: Hit,
    value: &str,
    quoted: bool,
    joint: Joint,
) -> Option<EntityKind> {
    let bytes = value.as_bytes();
    let word = view.text[hit.start..hit.end].to_ascii_lowercase();
    let numeric = bytes
        .iter()
        .all(|byte| byte.is_ascii_digit() || *byte == b'.');
    let digest = value.starts_with("sha256:")
        || value.starts_with("sha512-")
        || value.starts_with("sha256-")
        || value.starts_with("ssh-")
        || value.starts_with("age1")
        || value.starts_with("pk_");
    if bytes.len() < 8
        || numeric && bytes.len() < 16
        || digest
        || value.starts_with("http") && !value.contains('@')
        || value.starts_with('/') && value.matches('/').count() > 1 && !value.contains('+')
    {
        return None;
    }
    let spaced = value.contains(' ');
    let digits = bytes.iter().filter(|byte| byte.is_ascii_digit()).count();
    let lettered = bytes.iter().any(u8::is_ascii_alphabetic);
    let random = is_random(bytes) || digits >= 2 && lettered && bytes.len() >= 10;
    let strong = matches!(
        word.as_str(),
        "secret"
            | "client_secret"
            | "secret_key"
            | "app_secret"
            | "jwt_secret"
            | "session_secret"
            | "secret_key_base"
            | "shared_secret"
            | "_password"
            | "pgpassword"
            | "mysql_pwd"
    );
    let phrase = strong
        && quoted
        && !spaced
        && (value.contains('-') || value.contains('_') || digits > 0)
        && bytes.len() >= 8;
    if spaced
        && !(quoted && random && value.split(' ').count() <= 3)
        && !value.starts_with("Bearer ")
    {
        return None;
    }
    if joint == Joint::Verb && !random {
        return None;
    }
    (random || phrase || strong && joint == Joint::Equal && digits > 0)
        .then(|| vendor(view, hit, value))
}

/// The vendor that the key names, should it name one.
fn vendor(view: &View<'_>, hit: Hit, value: &str) -> EntityKind {
    let from = (view.line_start(hit.start)).max(hit.start.saturating_sub(40));
    let from = (from..hit.start)
        .find(|&place| view.text.is_char_boundary(place))
        .unwrap_or(hit.start);
    let key = view.text[from..hit.end].to_ascii_lowercase();
    const NAMES: &[(&str, EntityKind)] = &[
        ("aws", AwsSecretKey),
        ("datadog", Datadog),
        ("dd_", Datadog),
        ("postmark", Postmark),
        ("heroku", Heroku),
        ("cloudflare", CloudflareToken),
        ("cf_", CloudflareToken),
        ("okta", Okta),
        ("algolia", Algolia),
        ("fastly", Fastly),
        ("cohere", Cohere),
        ("mistral", Mistral),
        ("deepseek", DeepSeek),
        ("asana", Asana),
        ("neon", Neon),
        ("azure_storage", AzureStorage),
        ("azure_devops", AzureDevops),
        ("azure", AzureClientSecret),
        ("snowflake", Snowflake),
        ("confluent", Confluent),
        ("vonage", Vonage),
        ("nexmo", Vonage),
        ("okteto", Okteto),
        ("ngrok", Ngrok),
        ("sidekiq", Sidekiq),
        ("mailchimp", Mailchimp),
        ("telegram", TelegramBot),
        ("discord", DiscordBot),
        ("twilio", Twilio),
        ("sendgrid", SendGrid),
        ("stripe", StripeSecret),
        ("github", GithubToken),
        ("gitlab", GitlabToken),
        ("slack", SlackBot),
        ("upstash", Upstash),
        ("vercel", Vercel),
        ("netlify", Netlify),
        ("paystack", Paystack),
        ("plaid", Plaid),
        ("twitter", Twitter),
        ("facebook", Facebook),
        ("dropbox", Dropbox),
        ("sonar", SonarQube),
        ("maxmind", MaxMind),
        ("sentry", Sentry),
        ("openai", OpenAi),
    ];
    let hex = value.strip_prefix("0x").unwrap_or(value);
    if key.contains("private")
        && hex.len() == 64
        && hex.bytes().all(|byte| byte.is_ascii_hexdigit())
    {
        return EthereumPrivateKey;
    }
    NAMES
        .iter()
        .find(|(name, _)| key.contains(name))
        .map_or(Secret, |(_, kind)| *kind)
}
