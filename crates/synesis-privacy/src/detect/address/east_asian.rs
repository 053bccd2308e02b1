//! Addresses in Chinese, Japanese and Korean, largest part first.

use crate::detect::View;
use crate::detect::words::Hit;
use crate::kind::EntityKind::Address;

/// `東京都渋谷区神南1-2-3`, `北京市朝阳区建国路88号`, `서울특별시 강남구 테헤란로 152`.
pub(super) fn at(view: &mut View<'_>, hit: Hit) {
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
        && (!ward || (numbered || is_from_prefecture(text)) && !text.contains('年'))
    {
        let trimmed = text.trim_end().len();
        let end = start + trimmed;
        view.add(
            with_postcode(view, start),
            end,
            Address,
            "street address",
            80,
        );
    }
}

/// Where an address begins with the postcode before it: `〒150-0041 東京都…`.
fn with_postcode(view: &View<'_>, start: usize) -> usize {
    let head = view.text[..start].trim_end_matches([' ', '　', '\n']);
    let code = head.trim_end_matches(|c: char| c.is_ascii_digit() || c == '-');
    let digits = head.len() - code.len();
    if matches!(digits, 7 | 8) && code.ends_with('〒') {
        code.len() - '〒'.len_utf8()
    } else {
        start
    }
}

/// `京都府京都市左京区岡崎148`: from the prefecture down, a number at its end.
fn is_from_prefecture(text: &str) -> bool {
    let head = ["東京都", "大阪府", "京都府", "北海道"]
        .iter()
        .any(|name| text.starts_with(name));
    let named = text.char_indices().skip(2).take(2).any(|(_, c)| c == '県');
    let ends = text
        .trim_end()
        .ends_with(|c: char| c.is_ascii_digit() || matches!(c, '号' | '番'));
    (head || named) && text.contains(['市', '区', '郡']) && ends
}
