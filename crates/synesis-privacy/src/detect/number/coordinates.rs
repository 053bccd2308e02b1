//! Places as decimal degrees.

use super::context::value_after;
use crate::detect::View;
use crate::kind::EntityKind;

/// Decimal degrees after `latitude` and its like; a pair goes together.
pub(super) fn at(view: &mut View<'_>, from: usize) {
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
