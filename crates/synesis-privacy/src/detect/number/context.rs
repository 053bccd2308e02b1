//! Numbers and codes that only a word before them makes private.

use super::{Cluster, Match, REACH, coordinates, plate};
use crate::detect::View;
use crate::detect::words::{Hit, Topic};
use crate::kind::EntityKind;

/// Numbers that only a word makes private.
pub(super) fn number(view: &View<'_>, cluster: &Cluster, first: usize) -> Option<Match> {
    let start = cluster.start(first);
    let topic = view.near(start, REACH, |topic| {
        !matches!(
            topic,
            Topic::Birth | Topic::Place | Topic::Version | Topic::Secret | Topic::Id(_)
        )
    })?;
    let (min, max, kind) = match topic {
        Topic::Phone => (6, 15, EntityKind::Phone),
        Topic::Account => (6, 26, EntityKind::BankAccount),
        Topic::Routing => (5, 11, EntityKind::RoutingNumber),
        Topic::CardCode => (3, 4, EntityKind::CardCode),
        Topic::Passport => (7, 10, EntityKind::Passport),
        Topic::Licence => (6, 14, EntityKind::DriversLicence),
        Topic::Medical => (5, 20, EntityKind::MedicalRecord),
        Topic::Device => (8, 20, EntityKind::DeviceSerial),
        _ => return None,
    };
    let reach = if kind == EntityKind::Phone { 36 } else { 30 };
    view.near(start, reach, |near| near == topic)?;
    let mut best = None;
    let mut digits = 0;
    for last in first..cluster.count {
        if last > first && matches!(cluster.mark(view, last), b'x' if kind != EntityKind::Phone) {
            break;
        }
        digits += cluster.end(last) - cluster.start(last);
        if digits > max {
            break;
        }
        if digits >= min {
            best = Some(last);
        }
    }
    let last = best?;
    let one_group = last == first;
    // A short number after a mark of its own kind only: `CVV 123`, not `CVV codes, 300 of them`.
    if kind == EntityKind::CardCode
        && (!one_group || view.near(start, 14, |near| near == topic).is_none())
    {
        return None;
    }
    Some((last, kind, "number named by its context", 85))
}

/// Values of letters and digits that only a word makes private: what follows a passport's name, and so on.
pub(in crate::detect) fn at_mark(view: &mut View<'_>, topic: Topic, hit: Hit) {
    let (min, max, kind) = match topic {
        Topic::Passport => (6, 12, EntityKind::Passport),
        Topic::Licence => (5, 20, EntityKind::DriversLicence),
        Topic::Medical => (5, 20, EntityKind::MedicalRecord),
        Topic::Plate => (4, 12, EntityKind::LicencePlate),
        Topic::Vin => (17, 17, EntityKind::VehicleId),
        Topic::Device => (8, 24, EntityKind::DeviceSerial),
        Topic::Bic => (8, 11, EntityKind::Bic),
        Topic::Routing => (6, 11, EntityKind::RoutingNumber),
        Topic::Account => (8, 30, EntityKind::BankAccount),
        Topic::Id(_) => (7, 20, EntityKind::NationalId),
        Topic::Place => return coordinates::at(view, hit.end),
        _ => return,
    };
    let from = answer(view, hit.end);
    if kind == EntityKind::LicencePlate {
        let end = view.line_end(from).min(from + LABEL_BYTES_MAX);
        let end = view.text.floor_char_boundary(end);
        if let Some((start, end)) = plate::east_asian(&view.text[from..end]) {
            view.add(
                from + start,
                from + end,
                kind,
                "code named by its context",
                88,
            );
            return;
        }
    }
    let Some(start) = value_after(view, from) else {
        return;
    };
    let plated = kind == EntityKind::LicencePlate;
    let mut end = start;
    while let Some(byte) = view.at(end) {
        let inside = byte.is_ascii_alphanumeric()
            || matches!(byte, b'-' | b'/' | b'.')
                && view
                    .at(end + 1)
                    .is_some_and(|next| next.is_ascii_alphanumeric())
            || byte == b' ' && end > start && next_is_code(view, end + 1, plated)
            || plated && byte == 0xc3;
        if !inside || end - start > max + 6 {
            break;
        }
        end += 1;
    }
    let value = &view.bytes[start..end];
    let signs = value
        .iter()
        .filter(|byte| byte.is_ascii_alphanumeric())
        .count();
    let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
    let lower = value.iter().any(u8::is_ascii_lowercase);
    let coded = match kind {
        EntityKind::Bic => {
            !lower && value.iter().take(6).all(u8::is_ascii_uppercase) && matches!(signs, 8 | 11)
        }
        EntityKind::NationalId => digits >= 5 && !lower && digits < signs && signs <= 14,
        EntityKind::LicencePlate => digits >= 1 && digits < signs && !lower,
        // Numbers of nine or so letters and digits, as the Dutch ones.
        EntityKind::Passport if (8..=9).contains(&signs) && signs == value.len() => {
            digits >= 1 && !lower
        }
        EntityKind::VehicleId => digits >= 3 && !lower,
        _ => digits >= 3 && !lower && digits * 3 >= signs,
    };
    if coded && (min..=max).contains(&signs) && view.text.is_char_boundary(end) {
        view.add(start, end, kind, "code named by its context", 85);
    }
}

/// How far behind its label a plate may stand, in bytes.
const LABEL_BYTES_MAX: usize = 60;

/// Where the answer to a question begins: after `your registration?` the next line, past who speaks and `it's`.
pub(in crate::detect) fn answer(view: &View<'_>, from: usize) -> usize {
    let rest = view.text[from..]
        .trim_start_matches(|c: char| c.is_alphabetic() || matches!(c, ' ' | '.' | ')'));
    let Some(next) = rest.strip_prefix("?\n") else {
        return from;
    };
    let line = next.split('\n').next().unwrap_or(next);
    let joint = ["it's ", "it is ", "is ", ": "]
        .iter()
        .find_map(|joint| line.rfind(joint).map(|place| place + joint.len()));
    view.text.len() - next.len() + joint.unwrap_or(0)
}

fn next_is_code(view: &View<'_>, at: usize, plated: bool) -> bool {
    let word = view.bytes[at..]
        .iter()
        .take(9)
        .take_while(|byte| byte.is_ascii_alphanumeric())
        .count();
    let part = &view.bytes[at..at + word];
    (1..=8).contains(&word)
        && !part.iter().any(u8::is_ascii_lowercase)
        && (plated || part.iter().any(u8::is_ascii_digit))
}

/// Where the value after a label begins: past quotes, marks, `is`, `no.` and the like.
pub(super) fn value_after(view: &View<'_>, from: usize) -> Option<usize> {
    let mut at = from;
    let limit = from + 28;
    loop {
        let byte = view.at(at)?;
        if at > limit || byte == b'\n' {
            return None;
        }
        if matches!(
            byte,
            b' ' | b':'
                | b'='
                | b'"'
                | b'\''
                | b'#'
                | b'('
                | b'.'
                | b'\t'
                | b'>'
                | b'|'
                | b'*'
                | b'`'
                | b'_'
                | b')'
                | b'/'
                | b'-'
                | b','
        ) || byte >= 0x80
        {
            at += 1;
            continue;
        }
        let word = view.bytes[at..]
            .iter()
            .take_while(|byte| byte.is_ascii_alphabetic())
            .count();
        let skipped = word > 0
            && view.bytes[at..at + word].iter().any(u8::is_ascii_lowercase)
            && !view.at(at + word).is_some_and(|byte| byte.is_ascii_digit());
        if skipped {
            at += word;
            continue;
        }
        return view.text.is_char_boundary(at).then_some(at);
    }
}
