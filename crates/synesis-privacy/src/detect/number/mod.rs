//! Numbers: groups of digits with marks between them, and what they may be.
//!
//! A number needs a checksum, a telling format, or a word beside it; a bare run of digits alone is kept.

mod card;
mod cluster;
mod context;
mod coordinates;
mod date;
mod plate;

use super::words::Topic;
use super::{View, address, national, net, phone, run};
use crate::kind::EntityKind;
use card::is_card;
pub(super) use cluster::Cluster;
pub(super) use context::{answer, at_mark};
use date::is_date;

/// How far a word speaks for a number, in bytes.
const REACH: usize = 48;

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
    if matches!(digits, 3 | 5)
        && view.before(at) == Some(b' ')
        && let Some(end) = address::european(view, at)
    {
        return end;
    }
    if let Some(end) = net::dashed_mac(view, at).or_else(|| net::number_start(view, at)) {
        return end;
    }
    // What only its marks tell from a number: Asana's, Facebook's and Convex' keys too.
    let is_telegram = (8..=10).contains(&digits) && view.at(at + digits) == Some(b':');
    let is_okta =
        digits >= 2 && view.bytes[at..].starts_with(b"00") && view.at(at + digits) == Some(b'-');
    let next = view.at(at + digits);
    let is_parted = digits == 1
        && next == Some(b'/')
        && view.at(at + 2).is_some_and(|byte| byte.is_ascii_digit())
        || digits >= 3 && next == Some(b'|');
    if (is_telegram || is_okta || is_parted)
        && let Some(end) = run::after_digits(view, at)
    {
        return end;
    }
    let cluster = Cluster::read(view, at);
    let last = cluster.count - 1;
    let total: usize = cluster.groups[..cluster.count]
        .iter()
        .map(|(start, end)| end - start)
        .sum();
    if is_plain(view, &cluster, at, total) {
        return cluster.end(last);
    }
    let mut group = 0;
    while group < cluster.count {
        group = match matched(view, &cluster, group) {
            Some((last, kind, detector, confidence)) => {
                let (start, end) = extent(view, &cluster, group, last, kind);
                view.add(start, end, kind, detector, confidence);
                last + 1
            }
            None => group + 1,
        };
    }
    cluster.end(last)
}

/// Whether a number is small, or a date, with no word beside it, as most are; or the date of a timestamp.
fn is_plain(view: &View<'_>, cluster: &Cluster, at: usize, total: usize) -> bool {
    let date = cluster.count == 3 && is_date(view, cluster, 0);
    date && cluster::is_time(view, cluster.end(2))
        || (total < 7 || date)
            && view.near(at, REACH, |_| true).is_none()
            && !matches!(total, 4 | 6)
}

/// The bounds of what was found: a telephone number's plus, the letters around an identity number.
fn extent(
    view: &View<'_>,
    cluster: &Cluster,
    group: usize,
    last: usize,
    kind: EntityKind,
) -> (usize, usize) {
    let (mut start, mut end) = phone::extent(view, cluster, group, last, kind);
    if let Some((past, lettered)) =
        run::letter_after(view, start, end).filter(|found| found.1 == kind)
    {
        end = past;
        start -= match lettered {
            EntityKind::GbNino => 3,
            EntityKind::EsDni if end - 2 - start == 7 && view.before(start) == Some(b'-') => 2,
            _ => 0,
        };
    }
    (start, end)
}

fn is_escape_letter(view: &View<'_>, at: usize) -> bool {
    at >= 2 && view.bytes[at - 2] == b'\\' && matches!(view.bytes[at - 1], b'n' | b't' | b'r')
}

/// The last group of a number, what it is, the rule that found it, and how sure the rule is.
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
    if let Some(found) = context::number(view, cluster, first) {
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
