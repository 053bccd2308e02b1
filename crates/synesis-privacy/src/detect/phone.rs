//! Telephone numbers: international ones by their plus, national ones by their grouping.

use super::View;
use super::number::Cluster;
use super::words::Topic;
use crate::kind::EntityKind;

/// A number after a plus: the last group that belongs to it.
pub(super) fn international(view: &View<'_>, cluster: &Cluster, first: usize) -> Option<usize> {
    let start = cluster.start(first);
    let code = &view.bytes[start..cluster.end(first).min(start + 3)];
    let most = match code {
        [b'0', ..] => return None,
        [b'1', ..] | [b'7', ..] => 11,
        [b'3', b'3', ..] | [b'3', b'4', ..] | [b'3', b'2', ..] | [b'4', b'5', ..] => 12,
        [b'4', b'9', ..] | [b'3', b'9', ..] | [b'4', b'3', ..] => 14,
        _ => 13,
    };
    let mut digits = 0;
    let mut last = None;
    for group in first..cluster.count {
        let length = cluster.end(group) - cluster.start(group);
        // `(0)` is dialled only at home and does not count.
        let trunk = length == 1 && view.bytes[cluster.start(group)] == b'0' && group > first;
        digits += if trunk { 0 } else { length };
        if digits > most {
            break;
        }
        if digits >= 8 {
            last = Some(group);
        }
    }
    last
}

/// A number in the format of a country: the last group that belongs to it.
pub(super) fn national(
    view: &View<'_>,
    cluster: &Cluster,
    first: usize,
    ignored: bool,
) -> Option<usize> {
    let start = cluster.start(first);
    let called = view
        .near(start, 36, |topic| topic == Topic::Phone)
        .is_some();
    if (ignored && !called)
        || matches!(
            view.before(start),
            Some(b'.' | b',' | b'$' | b'#' | b'/' | b'-' | b'=' | b'_')
        ) && !called
            && first == 0
    {
        return None;
    }
    let opened = view.before(start) == Some(b'(');
    for last in (first..cluster.count).rev() {
        let Some(slice) = cluster.slice(view, first, last) else {
            continue;
        };
        let Some(next) = view
            .at(cluster.end(last))
            .map(|byte| byte.is_ascii_alphabetic())
        else {
            if is_shape(slice.shape(), slice.digits(), opened, called) {
                return Some(last);
            }
            continue;
        };
        if (!next || view.at(cluster.end(last)) == Some(b'x'))
            && is_shape(slice.shape(), slice.digits(), opened, called)
        {
            return Some(last);
        }
    }
    None
}

/// Whether digits in this grouping are a telephone number somewhere.
fn is_shape(shape: &[u8], digits: &[u8], opened: bool, called: bool) -> bool {
    let count = digits.len();
    let american =
        |from: usize| digits.len() >= from + 10 && digits[from] >= 2 && digits[from + 3] >= 2;
    match shape {
        b"3-3-4" | b"3.3.4" | b"3)3-4" | b"3)3 4" | b"3)3.4" | b"3/3-4" | b"3 3-4" => {
            return american(0);
        }
        b"3 3 4" => return american(0) || digits[0] == 0,
        b"1-3-3-4" | b"1.3.3.4" | b"1 3-3-4" | b"1(3)3-4" | b"1 3 3 4" | b"1-3-3.4" => {
            return digits[0] == 1 && american(1);
        }
        b"1-3-3-2-2" | b"1 3 3-2-2" | b"1(3)3-2-2" | b"1 3 3 2 2" | b"1(3)3 2 2" => {
            return matches!(digits[0], 7 | 8) && digits[1] >= 3;
        }
        b"3)7" | b"3 7" | b"3-7" if american(0) && opened => return true,
        b"2)5-4" | b"2)4-4" | b"2 5-4" | b"2 4-4" | b"2)5 4" | b"2)4 4" => return digits[0] >= 1,
        b"3 4 4" | b"3-4-4" if digits[0] == 1 && digits[1] >= 3 => return true,
        b"5 5" | b"5-5" => return digits[0] >= 6 || called,
        b"3 2 2 2" => return matches!(digits[0], 5..=9),
        _ => {}
    }
    let version = shape.starts_with(b"1.") && !shape.starts_with(b"1.3.3.4");
    if called && !version && (7..=15).contains(&count) {
        return true;
    }
    trunk(shape, digits, opened)
}

/// A leading zero and parts, as most of Europe and Asia write it.
fn trunk(shape: &[u8], digits: &[u8], opened: bool) -> bool {
    let count = digits.len();
    let groups = shape.split(|byte| !byte.is_ascii_digit());
    let parts = groups.clone().count();
    let first: usize = groups.clone().next().map_or(0, |group| {
        group
            .iter()
            .fold(0, |sum, digit| sum * 10 + usize::from(digit - b'0'))
    });
    let dotted = shape.contains(&b'.');
    // `00` and a country code.
    if digits[0] == 0 && digits[1..].first() == Some(&0) {
        return (11..=16).contains(&count) && digits[2] != 0 && parts >= 2 && first >= 2;
    }
    let sized = (9..=12).contains(&count) || opened && (8..=12).contains(&count);
    digits[0] == 0
        && parts >= 2
        && sized
        && (2..=5).contains(&first)
        && (!dotted || first == 2 && parts == 5)
}

/// Widens a telephone number to its plus, its bracket and its extension; other kinds stay as they are.
pub(super) fn extent(
    view: &View<'_>,
    cluster: &Cluster,
    first: usize,
    last: usize,
    kind: EntityKind,
) -> (usize, usize) {
    let (mut start, mut end) = (cluster.start(first), cluster.end(last));
    if kind != EntityKind::Phone {
        return (start, end);
    }
    if view.before(start) == Some(b'(') && view.bytes[start..end].contains(&b')') {
        start -= 1;
    }
    if first == 0 && cluster.plus {
        while start > 0 && view.bytes[start] != b'+' {
            start -= 1;
        }
    }
    let rest = &view.bytes[end..(end + 16).min(view.bytes.len())];
    for word in [
        &b" ext. "[..],
        b" ext ",
        b" x",
        b"x",
        b" ext.",
        b" extension ",
        b" app. ",
        b" poste ",
        b"#",
        b" #",
    ] {
        if rest.len() > word.len() && rest[..word.len()].eq_ignore_ascii_case(word) {
            let digits = rest[word.len()..]
                .iter()
                .take_while(|byte| byte.is_ascii_digit())
                .count();
            if (1..=6).contains(&digits) {
                end += word.len() + digits;
                break;
            }
        }
    }
    (start, end)
}
