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

/// Chinese surnames, of one character.
const CHINESE: &str = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文張劉陳楊趙黃吳孫馬羅鄭謝韓馮蕭鄧許蘇盧蔣賈葉閻鍾譚鄒陸顧龍萬錢湯喬賀賴龔";

/// Chinese surnames of two characters.
const COMPOUND: &[&str] = &[
    "欧阳", "歐陽", "司马", "司馬", "上官", "诸葛", "諸葛", "东方", "皇甫", "尉迟", "公孙", "慕容",
    "令狐", "司徒", "夏侯", "宇文", "长孙", "端木",
];

/// Japanese surnames.
#[rustfmt::skip]
const JAPANESE: &[&str] = &[
    "五十嵐", "佐藤", "鈴木", "高橋", "田中", "伊藤", "渡辺", "渡邊", "渡部", "山本", "中村", "小林", "加藤", "吉田", "山田", "佐々木", "山口", "松本",
    "井上", "木村", "斎藤", "齋藤", "斉藤", "清水", "山崎", "阿部", "池田", "橋本", "山下", "石川", "中島", "前田", "藤田", "小川", "後藤",
    "岡田", "長谷川", "村上", "近藤", "石井", "坂本", "遠藤", "青木", "藤井", "西村", "福田", "太田", "三浦", "岡本", "松田", "中川", "中野",
    "原田", "小野", "田村", "竹内", "金子", "和田", "中山", "石田", "上田", "森田", "柴田", "酒井", "工藤", "横山", "宮崎", "宮本", "内田",
    "高木", "安藤", "谷口", "大野", "丸山", "今井", "高田", "藤本", "武田", "村田", "上野", "杉山", "増田", "平野", "大塚", "千葉", "久保",
    "松井", "小島", "岩崎", "桜井", "野口", "松尾", "木下", "菊地", "野村", "菊池", "佐野", "大西", "杉本", "新井", "浜田", "古川", "市川",
    "水野", "小松", "島田", "小山", "西田", "西川", "山内", "北村", "川口", "片山", "平田", "川崎", "熊谷", "安田", "吉川", "星野", "本田",
    "大橋", "川上", "中田", "松岡", "矢野", "関口", "馬場", "服部", "田口", "森本", "辻", "林", "森", "原", "東", "堀", "関", "岡", "南",
];

/// Korean surnames, of one character.
const KOREAN: &str = "김이박최정강조윤장임한오서신권황안송전홍유고문양손배백허남심노하곽성차주우구민나진지엄채원천방공현함변염여추도소석선설마길연위표명기반왕금옥육인맹제모탁국";

/// Whether a text begins with a Chinese, Japanese or Korean surname.
pub(super) fn begins_with_surname(text: &str) -> bool {
    let Some(first) = text.chars().next() else {
        return false;
    };
    if matches!(u32::from(first), 0xac00..=0xd7af) {
        return KOREAN.contains(first);
    }
    CHINESE.contains(first)
        || COMPOUND
            .iter()
            .chain(JAPANESE)
            .any(|surname| text.starts_with(surname))
}
/// A surname and one or two characters, before what cannot be part of a given name.
pub(super) fn chinese(text: &str) -> Option<usize> {
    const AFTER: &str = "写还没不已说要打来去付在是的和跟与给找请了吗呢吧，。、：；！？ ";
    let first = text.chars().next()?;
    let surname = COMPOUND
        .iter()
        .find(|surname| text.starts_with(**surname))
        .map(|surname| surname.len())
        .or_else(|| CHINESE.contains(first).then(|| first.len_utf8()))?;
    let mut end = surname;
    for c in text[surname..].chars().take(3) {
        if AFTER.contains(c) {
            return (end > surname).then_some(end);
        }
        end += c.len_utf8();
    }
    None
}

/// Whether a text begins with a Japanese surname of two characters or more.
pub(super) fn is_japanese_surname(text: &str) -> bool {
    JAPANESE
        .iter()
        .any(|surname| surname.chars().count() >= 2 && text.starts_with(surname))
}

/// Whether a text ends with a Japanese surname.
pub(super) fn ends_with_surname(text: &str) -> bool {
    JAPANESE.iter().any(|surname| text.ends_with(surname))
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
    // Japanese names may have up to seven characters, where nothing else follows.
    let run = text.chars().take(8).take_while(|c| is_east_asian(*c));
    let closed = text
        .char_indices()
        .take(8)
        .skip(4)
        .find(|(place, c)| {
            !is_east_asian(*c) || STOPS.iter().any(|stop| text[*place..].starts_with(stop))
        })
        .is_some();
    let shorter = run.count() <= 7;
    let chinese = text.chars().next().is_some_and(|c| CHINESE.contains(c));
    let chars_max = if !chinese && (closed || shorter) {
        7
    } else {
        4
    };
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
        if count >= chars_max && !katakana && !text[..place].contains([' ', '　', '・'])
            || count >= 9
        {
            break;
        }
        length = place + c.len_utf8();
        count += 1;
    }
    (count >= 2).then_some(length)
}
