//! Names of people, by what stands around them: keys, titles, salutations, signatures, mail headers, and by common
//! first names before a surname.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::View;
use super::first_names::{FIRST_NAMES, NOT_NAMES};
use super::words::{Hit, Role};
use crate::kind::EntityKind::Person;

static FIRST: LazyLock<HashSet<&str>> = LazyLock::new(|| FIRST_NAMES.iter().copied().collect());
static NOT: LazyLock<HashSet<&str>> = LazyLock::new(|| NOT_NAMES.iter().copied().collect());

/// The words of a name have at most this many characters each.
const WORD_CHARS_MAX: usize = 24;
const WORDS_MAX: usize = 5;
const PARTICLES: &[&str] = &[
    "van", "von", "der", "den", "de", "del", "della", "di", "da", "dos", "das", "do", "la", "le",
    "el", "al", "bin", "ben", "ibn", "ter", "ten", "zu", "zum", "af", "av", "y", "e", "san",
    "bint", "van't", "'t", "du", "des",
];

/// A name in the text.
struct Name {
    end: usize,
    words: usize,
    first_known: bool,
}

/// Reads a name that begins at `start`: capitalised words, initials and particles, or a few characters of Chinese,
/// Japanese or Korean.
fn name_from(view: &View<'_>, start: usize, words_max: usize) -> Option<Name> {
    let text = &view.text[start..];
    let head = text.chars().next()?;
    if is_east_asian(head) {
        return east_asian(text).map(|length| Name {
            end: start + length,
            words: 2,
            first_known: false,
        });
    }
    if is_uncased(head) {
        return uncased(text).map(|(length, words)| Name {
            end: start + length,
            words,
            first_known: false,
        });
    }
    let mut at = 0;
    let mut end = 0;
    let mut words = 0;
    let mut first_known = false;
    while words < words_max {
        let word = word_at(&text[at..]);
        let bare = word.trim_end_matches('.');
        if word.is_empty() {
            break;
        }
        let first = word.chars().next()?;
        if first.is_uppercase() && !NOT.contains(bare) {
            let initial = word.ends_with('.');
            let shouted = bare.chars().count() > 3 && bare.chars().all(|c| !c.is_lowercase());
            if initial && bare.chars().count() > 2 || shouted && words == 0 && words_max < WORDS_MAX
            {
                break;
            }
            let cased = shouted.then(|| titled(bare));
            if words == 0 && !initial {
                first_known =
                    FIRST.contains(bare) || cased.is_some_and(|name| FIRST.contains(name.as_str()));
            }
            words += 1;
            end = at + word.len();
        } else if !(words > 0 && PARTICLES.contains(&word)) {
            break;
        }
        at += word.len();
        if !text[at..].starts_with(' ') {
            break;
        }
        at += 1;
    }
    if words == 0 {
        return None;
    }
    // `Smith's`: the possessive stays outside.
    let name = &text[..end];
    let end = name
        .strip_suffix("'s")
        .or_else(|| name.strip_suffix("’s"))
        .map_or(end, str::len);
    Some(Name {
        end: start + end,
        words,
        first_known,
    })
}

fn titled(word: &str) -> String {
    let mut chars = word.chars();
    chars
        .next()
        .map(|first| first.to_string() + &chars.as_str().to_lowercase())
        .unwrap_or_default()
}

/// A word with its inner apostrophes and hyphens; an initial keeps its full stop.
fn word_at(text: &str) -> &str {
    let mut end = 0;
    let mut count = 0;
    for c in text.chars() {
        let joined = matches!(c, '\'' | '’' | '-')
            && count > 0
            && text[end + c.len_utf8()..]
                .chars()
                .next()
                .is_some_and(char::is_alphabetic);
        if !(c.is_alphabetic() || joined || matches!(u32::from(c), 0x300..=0x36f)) {
            if c == '.' && count == 1 {
                end += 1;
            }
            break;
        }
        end += c.len_utf8();
        count += 1;
        if count > WORD_CHARS_MAX {
            return "";
        }
    }
    &text[..end]
}

fn is_east_asian(c: char) -> bool {
    matches!(u32::from(c), 0x3040..=0x30ff | 0x4e00..=0x9fff | 0xac00..=0xd7af)
}

/// Scripts without capitals: Arabic, Hebrew, Devanagari, Thai.
fn is_uncased(c: char) -> bool {
    matches!(u32::from(c), 0x590..=0x6ff | 0x900..=0x97f | 0xe00..=0xe7f)
}

fn uncased(text: &str) -> Option<(usize, usize)> {
    let mut end = 0;
    let mut words = 0;
    for word in text.split(' ').take(2) {
        let length: usize = word
            .chars()
            .take_while(|c| is_uncased(*c))
            .map(char::len_utf8)
            .sum();
        if length < 4 {
            break;
        }
        end += length + usize::from(words > 0);
        words += 1;
        if length < word.len() {
            break;
        }
    }
    (words > 0).then_some((end, words))
}

/// Two to four characters, or katakana and a dot; particles after a name are not part of it.
fn east_asian(text: &str) -> Option<usize> {
    let stops = [
        "です",
        "と申",
        "といい",
        "は",
        "の",
        "が",
        "を",
        "に",
        "と",
        "，",
        "。",
        "的",
        "是",
        "在",
        "和",
        "先生",
        "女士",
        "小姐",
        "さん",
        "様",
        "입니다",
        "이고",
        "씨",
        "님",
        "은",
        "는",
        "이라",
        "라고",
        "이에요",
        "예요",
    ];
    let mut length = 0;
    let mut count = 0;
    for (place, c) in text.char_indices() {
        let joined = matches!(c, '・' | ' ' | '　')
            && count >= 1
            && text[place + c.len_utf8()..]
                .chars()
                .next()
                .is_some_and(is_east_asian)
            && count <= 6;
        if !(is_east_asian(c) || joined)
            || count >= 2 && stops.iter().any(|stop| text[place..].starts_with(stop))
        {
            break;
        }
        let katakana = matches!(u32::from(c), 0x30a0..=0x30ff) || joined;
        if count >= 4 && !katakana && !text[..place].contains([' ', '　', '・']) || count >= 9 {
            break;
        }
        length = place + c.len_utf8();
        count += 1;
    }
    (count >= 2).then_some(length)
}

/// Reads what a hit of the words pass announces.
pub(super) fn at(view: &mut View<'_>, hit: Hit) {
    let first = view.text[hit.start..].chars().next();
    let touching = view.before(hit.start).is_some_and(|byte| {
        byte.is_ascii_alphanumeric()
            || byte >= 0x80 && first.is_some_and(|c| c.is_alphabetic() && !is_east_asian(c))
    });
    match hit.role {
        Role::NameAfter => name_before(view, hit),
        _ if touching && hit.role != Role::NameKey => {}
        Role::NameKey => name_key(view, hit),
        Role::NameBefore => introduced(view, hit),
        Role::Title => titled_name(view, hit),
        Role::Salutation => salutation(view, hit),
        Role::Closing => closing(view, hit),
        _ => header(view, hit),
    }
}

/// `"first_name": "Jane"`, `Name: Jane Doe`, a cell of a table.
#[expect(
    clippy::too_many_lines,
    reason = "one step after the other over the same cursor"
)]
fn name_key(view: &mut View<'_>, hit: Hit) {
    let word = view.text[hit.start..hit.end].to_lowercase();
    let bytes = view.bytes;
    if bytes[hit.start].is_ascii_alphabetic()
        && view
            .before(hit.start)
            .is_some_and(|byte| byte.is_ascii_lowercase())
        && !bytes[hit.start].is_ascii_uppercase()
    {
        return;
    }
    let mut at = hit.end;
    let mut joined = word.ends_with(':')
        || word.ends_with('=')
        || word.ends_with('\t')
        || word.ends_with('.')
        || !word.is_ascii();
    while let Some(byte) = view.at(at) {
        match byte {
            b':' | b'=' | b'|' | b'>' => joined = true,
            b' ' | b'"' | b'\'' | b'\t' | b'*' | b'`' | b'\\' | b'(' | b')' | b'_' => {}
            0xef if view.text[at..].starts_with('：') => {
                joined = true;
                at += 2;
            }
            _ => break,
        }
        at += 1;
        if at - hit.end > 12 {
            return;
        }
    }
    if view.text[at..].starts_with("is ")
        || view.text[at..].starts_with("ist ")
        || view.text[at..].starts_with("est ")
        || view.text[at..].starts_with("は")
        || view.text[at..].starts_with("是")
    {
        joined = true;
        at += view.text[at..]
            .find(' ')
            .filter(|&place| place < 5)
            .map_or(3, |place| place + 1);
    }
    let by = word.ends_with(" by") || word.ends_with(" to");
    if !(joined || by) || !view.text.is_char_boundary(at) {
        return;
    }
    for title in [
        "Mr. ", "Mrs. ", "Ms. ", "Dr. ", "Prof. ", "Herr ", "Frau ", "Mr ", "Mrs ", "Ms ",
    ] {
        if view.text[at..].starts_with(title) {
            at += title.len();
        }
    }
    let weak = word.contains("name") && word.trim_matches([':', '=', '"', '\'', '\t']) == "name"
        || word.ends_with(':')
            && matches!(
                word.as_str(),
                "contact:" | "owner:" | "author:" | "agent:" | "client:" | "manager:"
            );
    let Some(name) = name_from(view, at, WORDS_MAX) else {
        return lower_name(view, at, weak);
    };
    let after = view.at(name.end);
    let called = matches!(after, Some(b'(' | b'[' | b'=' | b'{' | b'/' | b'_'))
        || after.is_some_and(|byte| byte.is_ascii_digit());
    let personal = !weak || name.first_known || name.words >= 2 && is_personal(view, hit.start);
    if personal && !called && (name.first_known || !weak || name.words >= 2) {
        // `Doe, Jane` goes together.
        let mut end = name.end;
        if view.text[end..].starts_with(", ")
            && name.words == 1
            && let Some(given) = name_from(view, end + 2, 2)
            && given.first_known
        {
            end = given.end;
        }
        view.add(at, end, Person, "name after a key", 82);
    }
}

/// A quoted lower-case value of a strong key, as in a form that was filled in carelessly.
fn lower_name(view: &mut View<'_>, at: usize, weak: bool) {
    let quoted = matches!(view.before(at), Some(b'"' | b'\''));
    let length = view.bytes[at..]
        .iter()
        .take(40)
        .take_while(|byte| byte.is_ascii_lowercase() || **byte == b' ')
        .count();
    let value = &view.text[at..at + length];
    let words: Vec<String> = value.split(' ').map(titled).collect();
    if quoted
        && !weak
        && matches!(view.at(at + length), Some(b'"' | b'\''))
        && words.len() <= 3
        && FIRST.contains(words[0].as_str())
    {
        view.add(at, at + length, Person, "name after a key", 75);
    }
}

/// Whether the neighbourhood is about a person.
fn is_personal(view: &View<'_>, at: usize) -> bool {
    let from = at.saturating_sub(160);
    let to = (at + 220).min(view.bytes.len());
    let around = view.bytes[from..to].to_ascii_lowercase();
    let signs: [&[u8]; 16] = [
        b"@",
        b"email",
        b"e-mail",
        b"phone",
        b"birth",
        b"address",
        b"dob",
        b"patient",
        b"customer",
        b"employee",
        b"ssn",
        b"passport",
        b"iban",
        b"tel",
        b"salary",
        b"street",
    ];
    signs
        .iter()
        .any(|sign| memchr::memmem::find(&around, sign).is_some())
}

/// `my name is Jane`, `spoke with Jane Doe`.
fn introduced(view: &mut View<'_>, hit: Hit) {
    let word = view.text[hit.start..hit.end].trim_end().to_lowercase();
    let strong = word.ends_with("name is")
        || word.ends_with("name's")
        || word == "call me"
        || !word.is_ascii() && !matches!(word.as_str(), "это" | "je suis")
        || matches!(
            word.as_str(),
            "ich heisse"
                | "mein name ist"
                | "je m'appelle"
                | "mon nom est"
                | "me llamo"
                | "mi nombre es"
                | "mi chiamo"
                | "me chamo"
                | "mijn naam is"
                | "ik heet"
                | "jag heter"
                | "jeg hedder"
                | "jeg heter"
                | "mit navn er"
                | "nimeni on"
                | "jmenuji se"
                | "jmenuju se"
                | "nama saya"
        );
    let loose = matches!(
        word.as_str(),
        "by" | "with"
            | "and"
            | "for"
            | "to"
            | "from"
            | "it's"
            | "called"
            | "told"
            | "asked"
            | "user"
            | "ben"
            | "this is"
            | "refund"
            | "named"
            | "sono"
            | "soy"
    );
    let mut start = hit.end;
    for title in ["Mr. ", "Mrs. ", "Ms. ", "Dr. "] {
        if view.text[start..].starts_with(title) {
            start += title.len();
        }
    }
    let Some(name) = name_from(view, start, if strong { 4 } else { 3 }) else {
        return;
    };
    let east = view.text[start..].chars().next().is_some_and(is_east_asian);
    let sure = strong && (!east || name.end - start <= 12)
        || name.first_known && (!loose || name.words >= 2)
        || name.words >= 2 && !loose;
    let company = view.text[name.end..].starts_with(" Inc")
        || view.text[name.end..].starts_with(" GmbH")
        || view.text[name.end..].starts_with(" Ltd");
    if sure && !company && (strong || !east) {
        view.add(start, name.end, Person, "name after an introduction", 80);
    }
}

/// `Mrs. Doe`: the title stays.
fn titled_name(view: &mut View<'_>, hit: Hit) {
    let title = view.text[hit.start..hit.end].trim_end();
    if !title
        .chars()
        .next()
        .is_some_and(|c| c.is_uppercase() || is_uncased(c))
        && !title.starts_with("г-")
    {
        return;
    }
    let short = matches!(
        title,
        "M." | "Don"
            | "Pan"
            | "Sir"
            | "Bay"
            | "Ing."
            | "Lady"
            | "Fr."
            | "Judge"
            | "Officer"
            | "Doctor"
            | "Professor"
            | "Ms"
            | "Dr"
            | "Ben"
    );
    let mut start = hit.end;
    for second in ["Dr. ", "Prof. ", "Prof. Dr. ", "Dipl.-Ing. "] {
        if view.text[start..].starts_with(second) {
            start += second.len();
        }
    }
    if let Some(name) = name_from(view, start, 4)
        && (!short || name.words >= 1 && !NOT.contains(&view.text[start..name.end]))
        && name.end - start >= 3
    {
        view.add(start, name.end, Person, "name after a title", 84);
    }
}

/// `Dear Jane,` at the start of a line or a sentence.
fn salutation(view: &mut View<'_>, hit: Hit) {
    let line = view.line_start(hit.start);
    let opening = view.bytes[line..hit.start]
        .iter()
        .all(|byte| !byte.is_ascii_alphanumeric())
        || matches!(view.before(hit.start), Some(b'"' | b'\'' | b'>' | b'`'))
        || view.bytes[..hit.start].ends_with(b": ")
        || view.bytes[..hit.start].ends_with(b". ")
        || view.bytes[..hit.start].ends_with(b"\\n");
    if !opening {
        return;
    }
    let mut start = hit.end;
    for title in [
        "Herr ",
        "Frau ",
        "Herrn ",
        "Mr. ",
        "Mrs. ",
        "Ms. ",
        "Mr ",
        "Mrs ",
        "Ms ",
        "Dr. ",
        "Prof. ",
        "Monsieur ",
        "Madame ",
        "M. ",
        "Mme ",
        "Sr. ",
        "Sra. ",
        "Señor ",
        "Señora ",
        "Signor ",
        "Signora ",
        "Sig. ",
        "Sig.ra ",
        "Senhor ",
        "Senhora ",
        "heer ",
        "mevrouw ",
        "Panie ",
        "Pani ",
        "pane ",
        "paní ",
        "Dott. ",
        "Dott.ssa ",
    ] {
        if view.text[start..].starts_with(title) {
            start += title.len();
        }
    }
    let Some(name) = name_from(view, start, 3) else {
        return;
    };
    let closed = match view.text[name.end..].chars().next() {
        None => true,
        Some(c) => {
            matches!(
                c,
                ',' | '!' | '\n' | ':' | '.' | '，' | '-' | '\\' | '"' | ';' | '—' | '–'
            ) || c == ' ' && name.first_known
        }
    };
    if closed
        && (name.first_known || start > hit.end || view.text[start..name.end].chars().count() >= 2)
    {
        view.add(start, name.end, Person, "name after a salutation", 82);
    }
}

/// The line after the end of a letter.
fn closing(view: &mut View<'_>, hit: Hit) {
    let skip = |byte: &u8| {
        matches!(
            byte,
            b',' | b'!' | b'.' | b' ' | b'\n' | b'\r' | b'-' | b'*' | b'_'
        )
    };
    let mut start = hit.end
        + view.bytes[hit.end..]
            .iter()
            .take(10)
            .take_while(|byte| skip(byte))
            .count();
    let escaped = &view.bytes[hit.end..start.min(view.bytes.len())];
    let mut broke = escaped.contains(&b'\n') || view.bytes[hit.start..hit.end].contains(&b'\n');
    while view.bytes[start..].starts_with(b"\\n") {
        start += 2;
        broke = true;
    }
    for title in ["Dr. ", "Prof. ", "Mr. ", "Mrs. ", "Ms. "] {
        if view.text[start..].starts_with(title) {
            start += title.len();
        }
    }
    let Some(name) = name_from(view, start, 4) else {
        return;
    };
    let rest = &view.text[name.end..];
    let alone = rest.is_empty()
        || rest.starts_with(['\n', '\r', '"', '\\', ',', '<', '|'])
        || rest.starts_with(" <")
        || rest.starts_with(" (")
        || rest.starts_with(" |")
        || rest.starts_with(". ")
        || rest == "."
        || rest.starts_with(".\n");
    if alone && (broke || name.first_known || name.words >= 2 && view.bytes[hit.end - 1] == b',') {
        view.add(start, name.end, Person, "name in a signature", 82);
    }
}

/// `From: Jane Doe <jane@…>, John Roe <…>`.
fn header(view: &mut View<'_>, hit: Hit) {
    let line_end = view.line_end(hit.end);
    let opening = view.bytes[view.line_start(hit.start)..hit.start]
        .iter()
        .all(|byte| matches!(byte, b' ' | b'\t' | b'>' | b'"' | b'*' | b'|' | b'#' | b'-'));
    if !opening {
        return;
    }
    let word = view.text[hit.start..hit.end].to_lowercase();
    let mut at = hit.end;
    for _ in 0..20 {
        at += view.bytes[at..line_end]
            .iter()
            .take_while(|byte| matches!(byte, b' ' | b'"' | b'\'' | b',' | b';' | b'*' | b'\t'))
            .count();
        let Some(name) = name_from(view, at, WORDS_MAX) else {
            break;
        };
        let rest = &view.text[name.end..line_end];
        let addressed = rest
            .trim_start_matches(['"', '\'', ' '])
            .starts_with(['<', '[', '(']);
        let strong = word.len() > 5 && !matches!(word.as_str(), "author:" | "sender:");
        if !(addressed
            || name.first_known
            || name.words >= 2 && (rest.trim().is_empty() || rest.starts_with([',', ';']))
            || strong)
        {
            break;
        }
        let mut end = name.end;
        if let Some(given) = rest
            .strip_prefix(", ")
            .and_then(|_| name_from(view, name.end + 2, 2))
            && name.words == 1
            && given.first_known
        {
            end = given.end;
        }
        view.add(at, end, Person, "name in a header", 85);
        let Some(next) = memchr::memchr2(b',', b';', &view.bytes[end..line_end]) else {
            break;
        };
        at = end + next + 1;
    }
}

/// `王伟先生`, `田中さん`, `김철수 씨`.
fn name_before(view: &mut View<'_>, hit: Hit) {
    let mut start = hit.start;
    if view.before(start) == Some(b' ') {
        start -= 1;
    }
    let end = start;
    let mut count = 0;
    let stops = "的是在和跟与给找请叫我你他她们はがをにのでと、。이가을를은는의에";
    let known = "先生女士小姐老师患者客户顾客";
    while let Some(c) = view.text[..start].chars().next_back() {
        let limit = if matches!(u32::from(c), 0x30a0..=0x30ff) {
            8
        } else {
            4
        };
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
    if count >= 1
        && !particle
        && (count >= 2 || view.bytes[hit.start..hit.end] == *"さん".as_bytes())
    {
        view.add(start, end, Person, "name before an honorific", 78);
    }
}

/// A word with a capital: a common first name before a surname. Answers where to go on.
#[expect(
    clippy::too_many_lines,
    reason = "one step after the other over the same cursor"
)]
pub(super) fn capital(view: &mut View<'_>, at: usize) -> usize {
    let bytes = view.bytes;
    if view
        .before(at)
        .is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80)
    {
        return at + 1;
    }
    if !view.text.is_char_boundary(at) {
        return at + 1;
    }
    let length = bytes[at..]
        .iter()
        .take(40)
        .take_while(|byte| byte.is_ascii_alphabetic() || **byte >= 0x80 || **byte == b'-')
        .count();
    let past = at + length;
    // A surname has to follow: a blank and a capital.
    if length < 2
        || view.at(past) != Some(b' ')
        || !view
            .at(past + 1)
            .is_some_and(|byte| byte.is_ascii_uppercase() || matches!(byte, 0xc3..=0xc5))
    {
        // A run of capitals and digits is read at its first digit.
        return if view.at(past).is_some_and(|byte| byte.is_ascii_digit()) {
            past
        } else {
            past.max(at + 1)
        };
    }
    if !view.text.is_char_boundary(past) || !FIRST.contains(&view.text[at..past]) {
        return past;
    }
    if let Some(name) = name_from(view, at, 4)
        && name.words >= 2
    {
        let last = view.text[at..name.end].rsplit(' ').next().unwrap_or("");
        let place = NOT.contains(
            view.text[name.end..]
                .trim_start()
                .split([' ', ',', '.', '\n'])
                .next()
                .unwrap_or(""),
        ) && view.text[name.end..].starts_with(' ')
            && [
                "Street",
                "Road",
                "Avenue",
                "University",
                "School",
                "Hospital",
                "Airport",
                "Inc",
                "Foundation",
                "Institute",
                "Park",
                "Square",
                "Prize",
                "Award",
                "Theorem",
                "Museum",
                "Library",
                "Station",
                "Bridge",
                "Hall",
            ]
            .iter()
            .any(|word| view.text[name.end + 1..].starts_with(word));
        if last.chars().count() >= 2 && !place {
            view.add(at, name.end, Person, "first name and surname", 72);
            return name.end;
        }
    }
    past
}

/// The parts of a name that are looked for alone.
pub(crate) fn name_parts(name: &str) -> Vec<&str> {
    let parts: Vec<&str> = name
        .split([' ', ','])
        .filter(|part| {
            let bare = part.trim_end_matches('.');
            bare.chars().count() >= 3
                && bare.chars().next().is_some_and(char::is_uppercase)
                && !NOT.contains(bare)
                && !PARTICLES.contains(&bare)
        })
        .collect();
    if parts.len() > 1 { parts } else { Vec::new() }
}
