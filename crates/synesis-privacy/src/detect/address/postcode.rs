//! Addresses found from their code, back to the house number.

use crate::detect::View;
use crate::kind::EntityKind::Address;

/// A British code such as `LS1 4AP` after a number and a name. Answers where it ends.
pub(in crate::detect) fn british(view: &mut View<'_>, start: usize, end: usize) -> Option<usize> {
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
pub(in crate::detect) fn american(view: &mut View<'_>, at: usize) -> Option<usize> {
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

/// A code such as `10115` or `110 00` and a town, after a name with a house number: `Vodičkova 12, 110 00 Praha 1`.
/// Answers where it ends.
pub(in crate::detect) fn european(view: &mut View<'_>, at: usize) -> Option<usize> {
    let rest = &view.bytes[at..];
    let digits = rest
        .iter()
        .take(6)
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let parted = digits == 3
        && rest.get(3) == Some(&b' ')
        && rest
            .get(4..6)
            .is_some_and(|two| two.iter().all(u8::is_ascii_digit));
    let code = if parted { 6 } else { digits };
    let head = view.text[..at].strip_suffix(", ")?;
    let next = view.text.get(at + code..)?.strip_prefix(' ')?;
    if !(parted || digits == 5) || !next.chars().next().is_some_and(char::is_uppercase) {
        return None;
    }
    let number = head.rfind(' ')? + 1;
    let house = &head[number..];
    let is_house = house.starts_with(|c: char| c.is_ascii_digit())
        && house.len() <= 7
        && house
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-'));
    let name = head[..number].trim_end();
    let from = name
        .rfind([' ', '\n', '"', '\'', ':', '(', '>', '|', '\t', ','])
        .map_or(0, |place| place + 1);
    let street = &name[from..];
    let is_street = street.chars().count() >= 4
        && street.chars().next().is_some_and(char::is_uppercase)
        && street
            .chars()
            .all(|c| c.is_alphabetic() || matches!(c, '-' | '.' | '\''));
    if !is_house || !is_street {
        return None;
    }
    let end = super::town::town(view, at.saturating_sub(2));
    if end <= at + code {
        return None;
    }
    view.add(from, end, Address, "address before a postcode", 78);
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
