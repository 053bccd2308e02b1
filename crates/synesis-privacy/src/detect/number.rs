//! Numbers: groups of digits with marks between them, and what they may be.
//!
//! A number needs a checksum, a telling format, or a word beside it; a bare run of digits alone is kept.

use super::words::{Hit, Topic};
use super::{View, address, checks, national, net, phone, run};
use crate::kind::EntityKind;

/// Groups of digits in a row, at most this many.
const GROUPS_MAX: usize = 12;
/// The longest cluster, in bytes.
const CLUSTER_BYTES_MAX: usize = 48;
/// How far a word speaks for a number, in bytes.
const REACH: usize = 48;

/// Digits in groups, as `+49 (0)30 1234-567`.
pub(super) struct Cluster {
    pub(super) groups: [(usize, usize); GROUPS_MAX],
    pub(super) count: usize,
    /// Whether a plus stands before.
    pub(super) plus: bool,
}

/// The digits of some groups, and how they are parted: `3-2-4`.
pub(super) struct Slice {
    pub(super) digits: [u8; 40],
    pub(super) count: usize,
    shape: [u8; 40],
    shape_len: usize,
}

impl Slice {
    pub(super) fn digits(&self) -> &[u8] {
        &self.digits[..self.count]
    }

    pub(super) fn shape(&self) -> &[u8] {
        &self.shape[..self.shape_len]
    }
}

impl Cluster {
    fn read(view: &View<'_>, start: usize) -> Self {
        let bytes = view.bytes;
        let mut cluster = Self {
            groups: [(0, 0); GROUPS_MAX],
            count: 0,
            plus: false,
        };
        let mut before = start;
        while before > 0 && start - before < 2 && matches!(bytes[before - 1], b'(' | b' ') {
            before -= 1;
        }
        cluster.plus = view.before(start) == Some(b'+')
            || (before < start && view.before(before) == Some(b'+'));
        let mut at = start;
        while cluster.count < GROUPS_MAX && at - start < CLUSTER_BYTES_MAX {
            let length = bytes[at..]
                .iter()
                .take_while(|byte| byte.is_ascii_digit())
                .count();
            let lettered = view
                .at(at + length)
                .is_some_and(|byte| byte.is_ascii_alphabetic() && byte != b'x');
            if lettered && cluster.count > 0 {
                break;
            }
            cluster.groups[cluster.count] = (at, at + length);
            cluster.count += 1;
            at += length;
            let marks = bytes[at..]
                .iter()
                .take(4)
                .take_while(|byte| matches!(byte, b' ' | b'-' | b'.' | b'/' | b'(' | b')'))
                .count();
            let next = at + marks;
            if marks == 0 || marks > 3 || !view.at(next).is_some_and(|byte| byte.is_ascii_digit()) {
                break;
            }
            // A full stop and a space end a sentence.
            if bytes[at] == b'.' && marks > 1 {
                break;
            }
            at = next;
        }
        cluster
    }

    pub(super) fn end(&self, group: usize) -> usize {
        self.groups[group].1
    }

    pub(super) fn start(&self, group: usize) -> usize {
        self.groups[group].0
    }

    /// The groups from `first` to `last`, when they are not too long.
    pub(super) fn slice(&self, view: &View<'_>, first: usize, last: usize) -> Option<Slice> {
        let mut slice = Slice {
            digits: [0; 40],
            count: 0,
            shape: [0; 40],
            shape_len: 0,
        };
        for group in first..=last {
            let (start, end) = self.groups[group];
            if slice.count + (end - start) > 34 {
                return None;
            }
            if group > first {
                let mark = self.mark(view, group);
                slice.push_shape(mark)?;
            }
            for &byte in &view.bytes[start..end] {
                slice.digits[slice.count] = byte - b'0';
                slice.count += 1;
            }
            let length = end - start;
            if length >= 10 {
                slice.push_shape(b'0' + u8::try_from(length / 10).ok()?)?;
            }
            slice.push_shape(b'0' + u8::try_from(length % 10).ok()?)?;
        }
        Some(slice)
    }

    /// What stands before a group: one mark, or `x` for several.
    pub(super) fn mark(&self, view: &View<'_>, group: usize) -> u8 {
        let between = &view.bytes[self.groups[group - 1].1..self.groups[group].0];
        match between {
            [mark] => *mark,
            [b' ', b'-', b' '] | [b' ', b'/', b' '] => between[1],
            [b')', b' '] | [b')', b'-'] => b')',
            [b' ', b'('] => b'(',
            _ => b'x',
        }
    }
}

impl Slice {
    fn push_shape(&mut self, byte: u8) -> Option<()> {
        *self.shape.get_mut(self.shape_len)? = byte;
        self.shape_len += 1;
        Some(())
    }
}

/// Reads the number or mixed run that has a digit at `at`; answers where to go on.
pub(super) fn at(view: &mut View<'_>, at: usize) -> usize {
    let glued = view
        .before(at)
        .is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    if glued && !is_escape_letter(view, at) {
        return run::at(view, at);
    }
    let digits = view.bytes[at..]
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    if view
        .at(at + digits)
        .is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_')
        && view.at(at + digits) != Some(b'x')
    {
        return run::at(view, at);
    }
    if digits == 5
        && let Some(end) = address::american(view, at)
    {
        return end;
    }
    if let Some(end) = net::number_start(view, at) {
        return end;
    }
    let cluster = Cluster::read(view, at);
    let last = cluster.count - 1;
    let total: usize = cluster.groups[..cluster.count]
        .iter()
        .map(|(start, end)| end - start)
        .sum();
    let plain_date = cluster.count == 3 && is_date(view, &cluster, 0);
    // Most numbers are small, or dates, with no word beside them.
    if (total < 7 || plain_date)
        && view.near(at, REACH, |_| true).is_none()
        && !(total == 4 || total == 6)
    {
        return cluster.end(last);
    }
    let mut group = 0;
    while group < cluster.count {
        group = match matched(view, &cluster, group) {
            Some((last, kind, detector, confidence)) => {
                let (mut start, mut end) = phone::extent(view, &cluster, group, last, kind);
                if let Some((past, lettered)) =
                    run::letter_after(view, start, end).filter(|found| found.1 == kind)
                {
                    end = past;
                    start -= if lettered == EntityKind::GbNino { 3 } else { 0 };
                }
                view.add(start, end, kind, detector, confidence);
                last + 1
            }
            None => group + 1,
        };
    }
    cluster.end(last)
}

fn is_escape_letter(view: &View<'_>, at: usize) -> bool {
    at >= 2 && view.bytes[at - 2] == b'\\' && matches!(view.bytes[at - 1], b'n' | b't' | b'r')
}

type Match = (usize, EntityKind, &'static str, u8);

/// What begins at a group, and its last group.
fn matched(view: &View<'_>, cluster: &Cluster, first: usize) -> Option<Match> {
    let start = cluster.start(first);
    let plus = first == 0 && cluster.plus;
    if let Some(last) = net::ipv4(view, cluster, first) {
        return Some((last, EntityKind::Ipv4, "IPv4 address", 90))
            .filter(|_| net::is_telling_ipv4(view, cluster, first, last));
    }
    if plus && let Some(last) = phone::international(view, cluster, first) {
        return Some((last, EntityKind::Phone, "international number", 92));
    }
    let ignored = view
        .near(start, 20, |topic| topic == Topic::Ignore)
        .is_some();
    let id = view.near(start, REACH, |topic| matches!(topic, Topic::Id(_)));
    let last_possible = cluster.count - 1;
    if let Some((_, kind)) = run::letter_after(view, start, cluster.end(last_possible)) {
        return Some((last_possible, kind, "identity number", 90));
    }
    for last in (first..=last_possible).rev() {
        let Some(slice) = cluster.slice(view, first, last) else {
            continue;
        };
        if is_decimal(view, cluster, first, last) {
            continue;
        }
        if let Some(kind) =
            national::formatted(slice.shape(), slice.digits()).filter(|_| !ignored || id.is_some())
        {
            return Some((last, kind, "number with check digits", 90));
        }
        if let Some(Topic::Id(wanted)) = id
            && let Some(kind) = national::named(wanted, slice.digits())
        {
            return Some((last, kind, "number named by its context", 92));
        }
        if is_card(&slice) && !(ignored && slice.shape().len() <= 2) {
            return Some((last, EntityKind::CreditCard, "card number", 93));
        }
    }
    if is_date(view, cluster, first) {
        return None;
    }
    if let Some(found) = by_topic(view, cluster, first) {
        return Some(found);
    }
    phone::national(view, cluster, first, ignored)
        .map(|last| (last, EntityKind::Phone, "national number", 80))
}

/// `0.4111…`: the tail of a decimal number.
fn is_decimal(view: &View<'_>, cluster: &Cluster, first: usize, last: usize) -> bool {
    let before = cluster.start(first);
    first == last
        && view.before(before) == Some(b'.')
        && before >= 2
        && view.bytes[before - 2].is_ascii_digit()
}

/// Luhn, the issuer's range and length, and a grouping that cards have.
fn is_card(slice: &Slice) -> bool {
    let digits = slice.digits();
    if !(13..=19).contains(&digits.len()) || !checks::luhn(digits) {
        return false;
    }
    let shape = slice.shape();
    let marks: Vec<u8> = shape
        .iter()
        .copied()
        .filter(|byte| !byte.is_ascii_digit())
        .collect();
    let grouped = marks.is_empty()
        || marks
            .iter()
            .all(|&mark| mark == marks[0] && matches!(mark, b' ' | b'-' | b'.'))
            && shape
                .split(|byte| !byte.is_ascii_digit())
                .all(|group| matches!(group, b"3" | b"4" | b"5" | b"6" | b"7"));
    let head = |count: usize| checks::number(&digits[..count]);
    let length = digits.len();
    let issued = match digits[0] {
        4 => matches!(length, 13 | 16 | 19),
        5 => (51..=55).contains(&head(2)) && length == 16 || matches!(head(2), 50 | 56..=58),
        2 => {
            (2221..=2720).contains(&head(4)) && length == 16
                || (2200..=2204).contains(&head(4)) && length >= 16
        }
        3 => {
            matches!(head(2), 34 | 37) && length == 15
                || matches!(head(2), 36 | 38 | 39) && (14..=19).contains(&length)
                || (300..=305).contains(&head(3)) && length == 14
                || (3528..=3589).contains(&head(4)) && length >= 16
        }
        6 => {
            matches!(head(4), 6011)
                || matches!(head(2), 60 | 62 | 63 | 64 | 65 | 67 | 68 | 69) && length >= 16
        }
        8 => head(2) == 81 && length >= 16,
        9 => matches!(head(4), 9792) && length == 16,
        _ => false,
    };
    grouped && issued && digits.iter().any(|&digit| digit != digits[length - 1])
}

/// `2024-01-31`, `31.01.2024`, `1/31/24`: kept here, found as a date of birth where a word says so.
pub(super) fn is_date(view: &View<'_>, cluster: &Cluster, first: usize) -> bool {
    if first + 2 >= cluster.count {
        return false;
    }
    let length = |group: usize| cluster.groups[group].1 - cluster.groups[group].0;
    let marks = (cluster.mark(view, first + 1), cluster.mark(view, first + 2));
    let value = |group: usize| {
        view.text[cluster.start(group)..cluster.end(group)]
            .parse::<u32>()
            .unwrap_or(u32::MAX)
    };
    let parts = (length(first), length(first + 1), length(first + 2));
    let shaped = match parts {
        (4, 1..=2, 1..=2) => {
            value(first + 1) <= 12 && value(first + 2) <= 31 && (1800..2200).contains(&value(first))
        }
        (1..=2, 1..=2, 2 | 4) => {
            let (a, b) = (value(first), value(first + 1));
            a <= 31 && b <= 31 && a.min(b) <= 12
        }
        _ => false,
    };
    shaped && marks.0 == marks.1 && matches!(marks.0, b'-' | b'.' | b'/')
}

/// Numbers that only a word makes private.
fn by_topic(view: &View<'_>, cluster: &Cluster, first: usize) -> Option<Match> {
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
pub(super) fn at_mark(view: &mut View<'_>, topic: Topic, hit: Hit) {
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
        Topic::Place => return place(view, hit.end),
        _ => return,
    };
    let Some(start) = value_after(view, hit.end) else {
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
        EntityKind::VehicleId => digits >= 3 && !lower,
        _ => digits >= 3 && !lower && digits * 3 >= signs,
    };
    if coded && (min..=max).contains(&signs) && view.text.is_char_boundary(end) {
        view.add(start, end, kind, "code named by its context", 85);
    }
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

/// Decimal degrees after `latitude` and its like; a pair goes together.
fn place(view: &mut View<'_>, from: usize) {
    let Some(mut start) = value_after(view, from) else {
        return;
    };
    if view.before(start) == Some(b'-') {
        start -= 1;
    }
    let Some(mut end) = degrees(view, start) else {
        return;
    };
    let next = end
        + view.bytes[end..]
            .iter()
            .take(3)
            .take_while(|byte| matches!(byte, b',' | b' ' | b';'))
            .count();
    if next > end
        && let Some(second) = degrees(view, next)
    {
        end = second;
    }
    view.add(start, end, EntityKind::Coordinates, "coordinates", 85);
}

fn degrees(view: &View<'_>, start: usize) -> Option<usize> {
    let sign = usize::from(matches!(view.at(start), Some(b'-' | b'+')));
    let whole = view
        .bytes
        .get(start + sign..)?
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let dot = start + sign + whole;
    if !(1..=3).contains(&whole) || view.at(dot) != Some(b'.') {
        return None;
    }
    let fraction = view.bytes[dot + 1..]
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    (3..=15).contains(&fraction).then_some(dot + 1 + fraction)
}
