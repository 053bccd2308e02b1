//! Names in scripts without capitals: Chinese, Japanese, Korean; Arabic, Hebrew, Devanagari, Thai.

/// What follows a name and is not part of it.
#[rustfmt::skip]
const STOPS: &[&str] = &[
    "です", "と申", "といい", "は", "の", "が", "を", "に", "と", "，", "。", "的", "是", "在", "和", "先生", "女士", "小姐", "さん", "様",
    "입니다", "이고", "씨", "님", "은", "는", "이라", "라고", "이에요", "예요",
];

/// Chinese, Japanese, Korean.
pub(super) fn is_east_asian(c: char) -> bool {
    matches!(u32::from(c), 0x3040..=0x30ff | 0x4e00..=0x9fff | 0xac00..=0xd7af)
}

/// Scripts without capitals: Arabic, Hebrew, Devanagari, Thai.
pub(super) fn is_uncased(c: char) -> bool {
    matches!(u32::from(c), 0x590..=0x6ff | 0x900..=0x97f | 0xe00..=0xe7f)
}

/// One or two words: their length and how many they are.
pub(super) fn uncased(text: &str) -> Option<(usize, usize)> {
    let mut end = 0;
    let mut words = 0;
    for word in text.split(' ').take(2) {
        let length: usize = word
            .chars()
            .take_while(|c| is_uncased(*c))
            .map(char::len_utf8)
            .sum();
        if length < 4 {
            break;
        }
        end += length + usize::from(words > 0);
        words += 1;
        if length < word.len() {
            break;
        }
    }
    (words > 0).then_some((end, words))
}

/// Two to four characters, or katakana and a dot; particles after a name are not part of it.
pub(super) fn east_asian(text: &str) -> Option<usize> {
    let mut length = 0;
    let mut count = 0;
    for (place, c) in text.char_indices() {
        let joined = matches!(c, '・' | ' ' | '　')
            && count >= 1
            && text[place + c.len_utf8()..]
                .chars()
                .next()
                .is_some_and(is_east_asian)
            && count <= 6;
        if !(is_east_asian(c) || joined)
            || count >= 2 && STOPS.iter().any(|stop| text[place..].starts_with(stop))
        {
            break;
        }
        let katakana = matches!(u32::from(c), 0x30a0..=0x30ff) || joined;
        if count >= 4 && !katakana && !text[..place].contains([' ', '　', '・']) || count >= 9 {
            break;
        }
        length = place + c.len_utf8();
        count += 1;
    }
    (count >= 2).then_some(length)
}
