//! Names before an honorific: `王伟先生`, `田中さん`, `김철수 씨`.

use super::script::is_east_asian;
use crate::detect::View;
use crate::detect::words::Hit;
use crate::kind::EntityKind::Person;

/// Reads the name that ends where the honorific begins.
pub(super) fn at(view: &mut View<'_>, hit: Hit) {
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
