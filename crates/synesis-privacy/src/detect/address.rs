//! Postal addresses: a street's name and a number in the order of the country, then town and code.

use super::View;
use super::words::{Hit, Role};
use crate::kind::EntityKind::Address;

/// The longest address, in bytes.
const ADDRESS_BYTES_MAX: usize = 140;

/// Reads what a hit of the words pass announces.
pub(super) fn at(view: &mut View<'_>, hit: Hit) {
    match hit.role {
        Role::AddressKey => after_key(view, hit),
        Role::AddressBefore => introduced(view, hit),
        Role::StreetAfter => street_after(view, hit),
        _ => street_before(view, hit),
    }
}

/// `address: …`, `"street": "…"`.
#[expect(
    clippy::too_many_lines,
    reason = "one step after the other over the same cursor"
)]
fn after_key(view: &mut View<'_>, hit: Hit) {
    let wide = view.bytes[hit.start] >= 0x80;
    if !wide && !view.is_word(hit.start, hit.end) {
        return;
    }
    let mut at = hit.end;
    let mut joined = false;
    loop {
        let rest = &view.text[at..];
        match rest.chars().next() {
            Some(':' | '=' | '|' | '>' | '：') => joined = true,
            Some(' ' | '"' | '\'' | '*' | '\t' | '`' | '\\' | ')') => {}
            _ => break,
        }
        at += rest.chars().next().map_or(1, char::len_utf8);
        if at - hit.end > 12 {
            return;
        }
    }
    let verb = ["is ", "ist ", "est ", "es ", "è ", "é ", "jest ", "är "]
        .iter()
        .find(|verb| view.text[at..].starts_with(**verb));
    if let Some(verb) = verb {
        at += verb.len();
        joined = true;
    }
    if !joined {
        return;
    }
    let quote = view.before(at).filter(|byte| matches!(byte, b'"' | b'\''));
    let stop = |byte: u8| {
        byte == b'\n'
            || byte == b'|'
            || byte == b'<'
            || byte == b';'
            || byte == b'\t'
            || quote == Some(byte)
            || byte == b'"'
            || byte == b'{'
    };
    let length = view.bytes[at..]
        .iter()
        .take(ADDRESS_BYTES_MAX)
        .take_while(|&&byte| !stop(byte))
        .count();
    let mut end = at + length;
    while !view.text.is_char_boundary(end) {
        end -= 1;
    }
    if quote.is_none() {
        end = at + sentence(&view.text[at..end]);
    }
    let value = view.text[at..end].trim_end_matches([' ', '.', ',', '\\', '\r']);
    let end = at + value.len();
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let letters = value.chars().filter(|c| c.is_alphabetic()).count();
    let east = value
        .chars()
        .any(|c| matches!(u32::from(c), 0x3040..=0x9fff | 0xac00..=0xd7af));
    let code = value.contains("://")
        || value.contains('@')
        || value.contains('(')
        || value.contains('{')
        || value.contains("::")
        || value.starts_with("0x")
        || value.starts_with('$')
        || value.contains('_');
    let machine = value
        .bytes()
        .all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b'.' | b':' | b'/'));
    if !code
        && !machine
        && (digits >= 1 && letters >= 4 && value.contains([' ', ',']) || east && letters >= 4)
    {
        view.add(at, end, Address, "address after a key", 84);
    }
}

/// How much of a line is one sentence: a full stop, a blank and a capital end it, unless a short word is before.
fn sentence(line: &str) -> usize {
    let bytes = line.as_bytes();
    for place in memchr::memchr_iter(b'.', bytes) {
        let word = bytes[..place]
            .iter()
            .rev()
            .take_while(|byte| byte.is_ascii_alphabetic())
            .count();
        let next = bytes.get(place + 1) == Some(&b' ')
            && bytes.get(place + 2).is_some_and(u8::is_ascii_uppercase);
        if next && (word == 0 || word > 4) {
            return place;
        }
    }
    line.len()
}

/// `I live at …`.
fn introduced(view: &mut View<'_>, hit: Hit) {
    if view
        .before(hit.start)
        .is_some_and(|byte| byte.is_ascii_alphanumeric())
    {
        return;
    }
    let limit = (hit.end + ADDRESS_BYTES_MAX).min(view.line_end(hit.end));
    let limit = (0..=limit)
        .rev()
        .find(|&end| view.text.is_char_boundary(end))
        .unwrap_or(hit.end);
    let line = &view.text[hit.end..limit];
    let mut end = sentence(line);
    for stop in [
        " and ",
        " since ",
        " but ",
        " with ",
        " und ",
        " et ",
        " y ",
        " because ",
        " by ",
        " before ",
        "; ",
        "\"",
        " (",
        "。",
        "，请",
        " now",
        " please",
        "\\n",
        "?",
        "!",
    ] {
        if let Some(place) = line[..end].find(stop) {
            end = place;
        }
    }
    let value = line[..end].trim_end_matches([' ', '.', ',']);
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let letters = value.chars().filter(|c| c.is_alphabetic()).count();
    let capital = value.chars().any(char::is_uppercase) || !value.is_ascii();
    if digits >= 1 && letters >= 4 && capital && !value.contains("://") && !value.contains('@') {
        view.add(
            hit.end,
            hit.end + value.len(),
            Address,
            "address in a sentence",
            80,
        );
    }
}

/// Number and name before (`12 High Street`), or name before and number after (`Hauptstraße 5`).
fn street_after(view: &mut View<'_>, hit: Hit) {
    let word = &view.text[hit.start..hit.end];
    if word.starts_with(' ') || word.starts_with('-') && !word.ends_with(' ') {
        english(view, hit);
    } else if word.is_ascii()
        || word.ends_with(' ')
        || word.chars().next().is_some_and(char::is_alphabetic)
            && word.chars().all(|c| u32::from(c) < 0x2000)
    {
        continental(view, hit);
    } else {
        east_asian(view, hit);
    }
}

/// `221B Baker Street`: walks back over capitalised words to a number.
fn english(view: &mut View<'_>, hit: Hit) {
    let last = view.bytes[hit.end - 1];
    if last.is_ascii_alphabetic()
        && view
            .at(hit.end)
            .is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    {
        return;
    }
    let turkish = !view.text[hit.start..hit.end].is_ascii()
        || view.text[hit.start..hit.end].ends_with("mah.")
        || view.text[hit.start..hit.end].contains("sok")
        || view.text[hit.start..hit.end].contains("cad");
    let mut at = hit.start;
    for _ in 0..5 {
        let word_start = view.text[..at]
            .rfind([' ', '\n', '"', '\'', ',', ':', '(', '\t', '>', '|', '='])
            .map_or(0, |place| place + 1);
        let word = &view.text[word_start..at];
        if word.len() > 24 || word.is_empty() {
            return;
        }
        let numbered = word.as_bytes()[0].is_ascii_digit()
            && word.len() <= 7
            && word.bytes().filter(|byte| !byte.is_ascii_digit()).count() <= 2;
        if numbered
            && at < hit.start
            && !word.ends_with("th")
            && !word.ends_with("st")
            && !word.ends_with("nd")
            && !word.ends_with("rd")
        {
            let end = town(view, hit.end);
            return view.add(word_start, end, Address, "street address", 82);
        }
        let named = word
            .chars()
            .next()
            .is_some_and(|c| c.is_uppercase() || c.is_numeric())
            || matches!(word, "of" | "the" | "de" | "la" | "du");
        if !named {
            return;
        }
        if turkish && let Some(end) = house_number(view, hit.end) {
            return view.add(word_start, town(view, end), Address, "street address", 80);
        }
        if word_start == 0 || view.bytes[word_start - 1] != b' ' {
            return;
        }
        at = word_start - 1;
    }
}

/// `Hauptstraße 5`, `Kerkstraat 12-2`: the name before, the number right after.
fn continental(view: &mut View<'_>, hit: Hit) {
    let Some(end) = house_number(view, hit.end) else {
        return;
    };
    // Back over the word that ends here, and the capitalised ones before.
    let ending = view.text[..hit.start]
        .rfind([' ', '\n', '"', '\'', ',', ':', '(', '\t', '>', '|', '='])
        .map_or(0, |place| place + 1);
    let whole = &view.text[ending..hit.end];
    if !whole.chars().next().is_some_and(char::is_uppercase) || whole.len() < 5 || whole.len() > 40
    {
        return;
    }
    let lonely = hit.start == ending;
    let mut start = ending;
    for _ in 0..3 {
        let Some(before) = view.text[..start].strip_suffix(' ') else {
            break;
        };
        let word_start = before
            .rfind([' ', '\n', '"', '\'', ',', ':', '(', '\t', '>', '|'])
            .map_or(0, |place| place + 1);
        let word = &before[word_start..];
        let part = word.chars().next().is_some_and(char::is_uppercase)
            && word
                .chars()
                .all(|c| c.is_alphabetic() || c == '-' || c == '.')
            && !matches!(
                word,
                "In" | "Die" | "Der" | "Das" | "Am" | "Ich" | "Adresse" | "De" | "Het"
            );
        if !part || !lonely && word.len() < 3 {
            break;
        }
        start = word_start;
        if !lonely {
            break;
        }
    }
    if lonely && start == ending {
        return;
    }
    // `Platz 3` and `Ring 2` alone are no streets; a small-letter ending glued to a name is.
    view.add(
        if lonely { start } else { ending },
        town(view, end),
        Address,
        "street address",
        80,
    );
}

/// A house number: `5`, `12a`, `3-5`, `No: 7`, `nr 4`.
fn house_number(view: &View<'_>, from: usize) -> Option<usize> {
    let mut at = view.past_space(from);
    if view.at(at) == Some(b',') {
        at = view.past_space(at + 1);
    }
    for word in [
        "No: ", "No:", "No. ", "Nr. ", "nr ", "Nr ", "n. ", "nº ", "n° ", "n.º ", "д. ", "д.",
        "дом ", "буд. ", "No ", "no. ", "№ ", "Nº ", "num. ", "núm. ",
    ] {
        if view.text[at..].starts_with(word) {
            at += word.len();
            break;
        }
    }
    let digits = view.bytes[at..]
        .iter()
        .take(5)
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    if digits == 0 || digits > 4 {
        return None;
    }
    let mut end = at + digits;
    if view.at(end).is_some_and(|byte| byte.is_ascii_alphabetic())
        && !view
            .at(end + 1)
            .is_some_and(|byte| byte.is_ascii_alphanumeric())
    {
        end += 1;
    }
    if matches!(view.at(end), Some(b'-' | b'/')) {
        let more = view.bytes[end + 1..]
            .iter()
            .take(4)
            .take_while(|byte| byte.is_ascii_alphanumeric())
            .count();
        end += if more > 0 { 1 + more } else { 0 };
    }
    let unit = view
        .at(end)
        .is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'%' | b':'))
        || view.at(end) == Some(b'.') && view.at(end + 1).is_some_and(|byte| byte.is_ascii_digit());
    (!unit).then_some(end)
}

/// `12 rue de la Paix`, `Via Roma 12`, `ul. Długa 5`, `Calle Mayor, 3`.
fn street_before(view: &mut View<'_>, hit: Hit) {
    if view.before(hit.start).is_some_and(|byte| {
        byte.is_ascii_alphanumeric() || byte >= 0x80 || matches!(byte, b'/' | b'.' | b'_')
    }) {
        return;
    }
    let word = view.text[hit.start..hit.end].trim_end().to_lowercase();
    if word.contains("box")
        || matches!(
            word.as_str(),
            "postfach" | "apartado" | "bp" | "caixa postal" | "skr. poczt."
        )
    {
        let digits = view.bytes[hit.end..]
            .iter()
            .take(8)
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        if digits >= 2 {
            view.add(
                hit.start,
                town(view, hit.end + digits),
                Address,
                "post office box",
                84,
            );
        }
        return;
    }
    if matches!(word.as_str(), "apt" | "apt." | "suite" | "unit" | "flat") {
        return; // Part of a town's line only.
    }
    let german = matches!(
        word.as_str(),
        "am" | "an der" | "auf der" | "im" | "zum" | "unter den"
    );
    if german && !view.bytes[hit.start].is_ascii_uppercase() {
        return;
    }
    let Some(name_end) = street_name(view, hit.end) else {
        return;
    };
    let before = number_before(view, hit.start);
    let after = house_number(view, name_end);
    let (start, end) = match (before, after) {
        (_, Some(end)) if before.is_none() || !word.starts_with("rue") => (hit.start, end),
        (Some(start), _) => (start, name_end),
        _ => return,
    };
    view.add(
        start,
        town(view, end),
        Address,
        "street address",
        if german { 70 } else { 80 },
    );
}

/// Up to five words of a street's name, at least one with a capital.
fn street_name(view: &View<'_>, from: usize) -> Option<usize> {
    let mut at = from;
    let mut end = None;
    for _ in 0..6 {
        let word: usize = view.text[at..]
            .chars()
            .take(24)
            .take_while(|c| c.is_alphabetic() || matches!(c, '\'' | '’' | '-' | '.'))
            .map(char::len_utf8)
            .sum();
        if word == 0 {
            break;
        }
        let text = &view.text[at..at + word];
        let capital = text.chars().next().is_some_and(char::is_uppercase)
            || text.contains(['\'', '’']) && text.chars().any(char::is_uppercase);
        let small = matches!(
            text,
            "de" | "la"
                | "du"
                | "des"
                | "del"
                | "della"
                | "di"
                | "da"
                | "do"
                | "dos"
                | "das"
                | "los"
                | "las"
                | "el"
                | "le"
                | "les"
                | "y"
                | "dei"
                | "delle"
                | "von"
                | "van"
                | "św."
                | "gen."
        );
        if capital {
            end = Some(at + word);
        } else if !small {
            break;
        }
        if view.at(at + word) != Some(b' ') {
            break;
        }
        at += word + 1;
    }
    end
}

/// `12 `, `12, ` or `12 bis ` before a street's first word.
fn number_before(view: &View<'_>, start: usize) -> Option<usize> {
    let head = view.text[..start].trim_end_matches([' ', ',']);
    let head = head
        .strip_suffix(" bis")
        .or_else(|| head.strip_suffix(" ter"))
        .unwrap_or(head);
    let digits = head
        .bytes()
        .rev()
        .take(5)
        .take_while(u8::is_ascii_digit)
        .count();
    let free = !head[..head.len() - digits].ends_with(|c: char| c.is_alphanumeric() || c == '.');
    ((1..=4).contains(&digits) && free && start - head.len() <= 6).then(|| head.len() - digits)
}

/// Goes on over flat, town, code and country, as long as it looks like them.
fn town(view: &View<'_>, from: usize) -> usize {
    let mut end = from;
    for _ in 0..6 {
        let mut at = end;
        let mut comma = false;
        for byte in view.bytes[at..].iter().take(4) {
            match byte {
                b',' => comma = true,
                b' ' | b'.' if !(*byte == b'.' && comma) => {}
                b'\n' if comma => {}
                b'-' | b'\\' => {}
                _ => break,
            }
            at += 1;
        }
        if at == end {
            break;
        }
        if view.text[at..].starts_with("n") && view.bytes[end..at].ends_with(b"\\") {
            break;
        }
        let Some(next) = town_part(view, at, comma) else {
            break;
        };
        if next - from > ADDRESS_BYTES_MAX {
            break;
        }
        end = next;
    }
    end
}

#[expect(
    clippy::too_many_lines,
    reason = "one step after the other over the same cursor"
)]
fn town_part(view: &View<'_>, at: usize, comma: bool) -> Option<usize> {
    let bytes = &view.bytes[at..];
    for word in [
        "Apt ", "Apt. ", "Suite ", "Unit ", "Flat ", "Floor ", "#", "Ste ", "Ste. ", "App. ",
        "Piso ", "кв. ", "Wohnung ", "m. ", "lok. ", "Bldg ",
    ] {
        if bytes.starts_with(word.as_bytes()) {
            let more = bytes[word.len()..]
                .iter()
                .take(6)
                .take_while(|byte| byte.is_ascii_alphanumeric())
                .count();
            return (more > 0).then_some(at + word.len() + more);
        }
    }
    // A code: digits with at most one blank or dash, or the British and Dutch forms with letters.
    let code = bytes
        .iter()
        .take(10)
        .take_while(|byte| byte.is_ascii_digit() || **byte == b'-')
        .count();
    let digits = bytes[..code]
        .iter()
        .filter(|byte| byte.is_ascii_digit())
        .count();
    if (4..=9).contains(&digits) {
        let dutch = bytes.get(code) == Some(&b' ')
            && bytes
                .get(code + 1..code + 3)
                .is_some_and(|two| two.iter().all(u8::is_ascii_uppercase))
            && !bytes.get(code + 3).is_some_and(u8::is_ascii_alphanumeric);
        return Some(at + code + if dutch { 3 } else { 0 });
    }
    if digits == 3
        && bytes.get(code) == Some(&b' ')
        && bytes
            .get(code + 1..code + 3)
            .is_some_and(|two| two.iter().all(u8::is_ascii_digit))
    {
        return Some(at + code + 3);
    }
    let word: usize = view.text[at..]
        .chars()
        .take(24)
        .take_while(|c| c.is_alphabetic() || matches!(c, '-' | '\''))
        .map(char::len_utf8)
        .sum();
    let text = &view.text[at..at + word];
    let british = (bytes.len() >= 5).then(|| {
        bytes
            .iter()
            .take(8)
            .take_while(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || **byte == b' ')
            .count()
    });
    if let Some(length) = british.filter(|&length| length >= 5) {
        let text = &bytes[..length];
        let mixed = text.iter().any(u8::is_ascii_digit) && text[0].is_ascii_uppercase();
        if mixed && text.len() <= 8 {
            return Some(at + text.trim_ascii_end().len());
        }
    }
    let capital = text.chars().next().is_some_and(char::is_uppercase);
    let state = word == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase());
    let stop = matches!(
        text,
        "Please"
            | "Tel"
            | "Phone"
            | "Email"
            | "The"
            | "My"
            | "I"
            | "And"
            | "Call"
            | "We"
            | "It"
            | "He"
            | "She"
            | "Can"
            | "Thanks"
            | "Ich"
            | "Mein"
            | "Meine"
            | "Je"
            | "Mi"
            | "Born"
            | "DOB"
            | "Telefon"
            | "Geburtsdatum"
            | "Date"
            | "Name"
            | "Contact"
            | "Is"
            | "This"
            | "That"
            | "You"
            | "Your"
    );
    (capital && !stop && (word >= 3 || state) && (comma || word > 0)).then_some(at + word)
}

/// A British code such as `LS1 4AP` after a number and a name. Answers where it ends.
pub(super) fn british(view: &mut View<'_>, start: usize, end: usize) -> Option<usize> {
    let head = &view.bytes[start..end];
    let letters = head
        .iter()
        .take_while(|byte| byte.is_ascii_uppercase())
        .count();
    let shaped = (2..=4).contains(&head.len())
        && (1..=2).contains(&letters)
        && head.get(letters).is_some_and(u8::is_ascii_digit)
        && head[letters..]
            .iter()
            .all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
    let tail = view.bytes.get(end..end + 4)?;
    let inward =
        tail[0] == b' ' && tail[1].is_ascii_digit() && tail[2..].iter().all(u8::is_ascii_uppercase);
    if !shaped
        || !inward
        || view
            .at(end + 4)
            .is_some_and(|byte| byte.is_ascii_alphanumeric())
    {
        return None;
    }
    let from = house_before(view, start)?;
    view.add(from, end + 4, Address, "address before a postcode", 82);
    Some(end + 4)
}

/// An American code after a state, a town and a numbered street. Answers where it ends.
pub(super) fn american(view: &mut View<'_>, at: usize) -> Option<usize> {
    let state = view.bytes.get(at.checked_sub(4)?..at)?;
    let shaped = matches!(state[0], b' ' | b',')
        && state[1..3].iter().all(u8::is_ascii_uppercase)
        && state[3] == b' ';
    if !shaped
        || view
            .at(at + 5)
            .is_some_and(|byte| byte.is_ascii_alphanumeric())
    {
        return None;
    }
    let from = house_before(view, at - 3)?;
    let plus = view
        .bytes
        .get(at + 5..at + 10)
        .is_some_and(|plus| plus[0] == b'-' && plus[1..].iter().all(u8::is_ascii_digit));
    let end = at + if plus { 10 } else { 5 };
    view.add(from, end, Address, "address before a postcode", 82);
    Some(end)
}

/// The house number that begins an address whose last part begins at `at`: only capitalised words between.
fn house_before(view: &View<'_>, at: usize) -> Option<usize> {
    let line = view.line_start(at).max(at.saturating_sub(90));
    let mut house = None;
    let mut words = 0;
    let mut end = at;
    while end > line {
        let head = view.text[..end].trim_end_matches([' ', ',', '.']);
        let from = head
            .rfind([' ', '\n', '"', '\'', ':', '(', '>', '|', '\t'])
            .map_or(0, |place| place + 1);
        let word = &head[from..];
        let first = word.chars().next()?;
        if first.is_ascii_digit() && word.len() <= 6 {
            house = Some(from).filter(|_| words > 0).or(house);
        } else if !(first.is_uppercase() || first == '#' || matches!(word, "of" | "the" | "le")) {
            break;
        }
        words += 1;
        if from == 0 || !matches!(view.bytes[from - 1], b' ' | b',') || words > 9 {
            break;
        }
        end = from;
    }
    house
}

/// `東京都渋谷区神南1-2-3`, `北京市朝阳区建国路88号`, `서울특별시 강남구 테헤란로 152`.
fn east_asian(view: &mut View<'_>, hit: Hit) {
    let inside = |c: char| {
        matches!(u32::from(c), 0x3005..=0x3007 | 0x3040..=0x30ff | 0x4e00..=0x9fff | 0xac00..=0xd7af | 0xff10..=0xff19)
            || c.is_ascii_digit()
            || matches!(c, '-' | '−' | '－')
    };
    let mut start = hit.start;
    let mut count = 0;
    while let Some(c) = view.text[..start].chars().next_back() {
        let hangul_gap = c == ' '
            && view.text[..start - 1]
                .chars()
                .next_back()
                .is_some_and(|c| matches!(u32::from(c), 0xac00..=0xd7af))
            && view.text[start..]
                .chars()
                .next()
                .is_some_and(|c| matches!(u32::from(c), 0xac00..=0xd7af));
        if !(inside(c) || hangul_gap) || count > 24 || "在は址所、，。：於에서".contains(c)
        {
            break;
        }
        start -= c.len_utf8();
        count += 1;
    }
    let mut end = hit.end;
    let mut digits = view.text[start..end]
        .chars()
        .filter(char::is_ascii_digit)
        .count();
    for c in view.text[hit.end..].chars().take(30) {
        let extra = c == ' ' && digits == 0;
        if !(inside(c) || extra) || "，。、は在にで".contains(c) {
            break;
        }
        digits += usize::from(c.is_ascii_digit());
        end += c.len_utf8();
    }
    let text = &view.text[start..end];
    let admin = text.contains([
        '市', '区', '區', '省', '县', '県', '都', '町', '村', '시', '구', '동',
    ]) || text.contains("号")
        || text.contains("番地")
        || text.contains("丁目");
    let numbered = text
        .as_bytes()
        .windows(3)
        .any(|three| three[0].is_ascii_digit() && three[1] == b'-' && three[2].is_ascii_digit());
    let ward = matches!(
        &view.text[hit.start..hit.end],
        "区" | "區" | "市" | "町" | "村"
    );
    if digits >= 1
        && admin
        && text.chars().count() >= 6
        && (!ward || numbered && !text.contains('年'))
    {
        let trimmed = text.trim_end().len();
        view.add(start, start + trimmed, Address, "street address", 80);
    }
}
