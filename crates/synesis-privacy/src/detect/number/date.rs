//! Dates among the groups of digits.

use super::Cluster;
use crate::detect::View;

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
