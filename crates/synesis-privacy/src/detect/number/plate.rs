//! Registration plates of Japan and China, whose first signs are no Latin letters.

/// The provinces on Chinese plates.
const PROVINCES: &str = "京津沪渝冀晋蒙辽吉黑苏浙皖闽赣鲁豫鄂湘粤桂琼川贵云藏陕甘青宁新港澳";

/// The bounds of a plate in a text that follows its label.
pub(super) fn east_asian(text: &str) -> Option<(usize, usize)> {
    text.char_indices().find_map(|(at, _)| {
        let rest = &text[at..];
        let length = chinese(rest).or_else(|| japanese(rest))?;
        Some((at, at + length))
    })
}

/// `京A·12345`
fn chinese(text: &str) -> Option<usize> {
    let province = text.chars().next().filter(|c| PROVINCES.contains(*c))?;
    let mut at = province.len_utf8();
    if !text.as_bytes().get(at)?.is_ascii_uppercase() {
        return None;
    }
    at += 1;
    at += ["·", "•", "-", " "]
        .iter()
        .find(|dot| text[at..].starts_with(**dot))
        .map_or(0, |dot| dot.len());
    let inside = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    let signs = text[at..].bytes().take(8).take_while(inside).count();
    (5..=6).contains(&signs).then_some(at + signs)
}

/// `品川 300 あ 12-34`
fn japanese(text: &str) -> Option<usize> {
    let within = |from: u32, to: u32| move |c: &char| (from..=to).contains(&u32::from(*c));
    let run = |at: usize, inside: &dyn Fn(&char) -> bool| -> (usize, usize) {
        let taken = text[at..].chars().take(6).take_while(inside);
        taken.fold((at, 0), |(end, count), c| (end + c.len_utf8(), count + 1))
    };
    let past_blank = |at: usize| at + text[at..].len() - text[at..].trim_start_matches(' ').len();
    let (at, office) = run(0, &within(0x3040, 0x9fff));
    let (at, class) = run(past_blank(at), &|c| c.is_ascii_digit());
    let (at, kana) = run(past_blank(at), &within(0x3040, 0x309f));
    let number = past_blank(at);
    let (at, signs) = run(number, &|c| c.is_ascii_digit() || matches!(c, '-' | '・'));
    let digits = text[number..at].bytes().filter(u8::is_ascii_digit).count();
    let shaped = (1..=4).contains(&office)
        && (2..=3).contains(&class)
        && kana == 1
        && (1..=5).contains(&signs)
        && digits >= 1;
    shaped.then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plates_are_read_whole_and_prose_is_none() {
        for plate in [
            "京A·12345",
            "粤B12345",
            "品川 300 あ 12-34",
            "横浜500さ4321",
        ] {
            assert_eq!(
                east_asian(&format!(": {plate})")),
                Some((2, 2 + plate.len())),
                "{plate}"
            );
        }
        for text in ["：京都に300人", "A·12345", "品川 300 円 12-34"] {
            assert_eq!(east_asian(text), None, "{text}");
        }
    }
}
