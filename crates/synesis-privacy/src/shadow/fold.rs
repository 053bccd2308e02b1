//! Characters as they read: invisible ones gone, full-width and mathematical ones plain, look-alikes Latin.

use std::sync::LazyLock;

/// What a character becomes.
#[derive(PartialEq, Eq)]
pub(super) enum Fold {
    Same,
    Gone,
    To(char),
}

/// Invisible characters go; full-width, mathematical and circled ones and other digits become plain.
pub(super) fn fold(c: char) -> Fold {
    let code = u32::from(c);
    let ascii =
        |offset: u32, base: u8| Fold::To(char::from(base + u8::try_from(offset).unwrap_or(0)));
    match code {
        0..0x80 => Fold::Same,
        0xad
        | 0x34f
        | 0x61c
        | 0x115f
        | 0x1160
        | 0x17b4
        | 0x17b5
        | 0x180e
        | 0x200b..=0x200f
        | 0x202a..=0x202e
        | 0x2060..=0x2064
        | 0x2066..=0x206f
        | 0xfe00..=0xfe0f
        | 0xfeff
        | 0xe0020..=0xe007f => Fold::Gone,
        0xa0 | 0x1680 | 0x2000..=0x200a | 0x202f | 0x205f | 0x3000 => Fold::To(' '),
        0x2010..=0x2015 | 0x2212 | 0xfe58 | 0xfe63 => Fold::To('-'),
        0xff01..=0xff5e => ascii(code - 0xff01, b'!'),
        0x2024 | 0xfe52 => Fold::To('.'),
        0xfe6b => Fold::To('@'),
        0x2044 | 0x2215 => Fold::To('/'),
        0xa789 | 0x2236 | 0xfe55 | 0x5c3 => Fold::To(':'),
        0x660..=0x669 => ascii(code - 0x660, b'0'),
        0x6f0..=0x6f9 => ascii(code - 0x6f0, b'0'),
        0x966..=0x96f => ascii(code - 0x966, b'0'),
        0x9e6..=0x9ef => ascii(code - 0x9e6, b'0'),
        0xe50..=0xe59 => ascii(code - 0xe50, b'0'),
        0x1d7ce..=0x1d7ff => ascii((code - 0x1d7ce) % 10, b'0'),
        0x2460..=0x2468 => ascii(code - 0x2460, b'1'),
        0x2080..=0x2089 => ascii(code - 0x2080, b'0'),
        0x2070 | 0x2074..=0x2079 => ascii(code - 0x2070, b'0'),
        0x24b6..=0x24cf => ascii(code - 0x24b6, b'A'),
        0x24d0..=0x24e9 => ascii(code - 0x24d0, b'a'),
        0x1d400..=0x1d6a3 => {
            let place = (code - 0x1d400) % 52;
            if place < 26 {
                ascii(place, b'A')
            } else {
                ascii(place - 26, b'a')
            }
        }
        _ => Fold::Same,
    }
}

/// Whether a letter looks like a Latin one.
pub(super) fn is_lookalike(c: char) -> bool {
    lookalike(c).is_some()
}

/// Letters of other scripts beside the Latin ones that they look like.
const LOOKALIKES: &[(&str, &str)] = &[
    ("аеорсухіјѕһԁԛԝɡӏьвтмкнА", "aeopcyxijshdqwglbBTMKHA"),
    (
        "ВЕКМНОРСТХУІЈЅАЗЬФΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
        "BEKMHOPCTXYIJSA3bOABEZHIKMNOPTYX",
    ),
    ("οανικρτυχεϲϳ", "oavikptuxecj"),
    ("ıſɑɩʟɴʀѵօսոցհѐ", "ifailnrvounghe"),
];

/// By code, below this one; 0 where there is none.
const LOOKALIKE_CODES: usize = 0x600;

static LOOKALIKE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut table = vec![0; LOOKALIKE_CODES];
    for (from, to) in LOOKALIKES {
        for (c, plain) in from.chars().zip(to.bytes()) {
            if let Some(place) = table.get_mut(c as usize) {
                *place = plain;
            }
        }
    }
    table
});

/// The Latin letter that one of another script looks like.
pub(super) fn lookalike(c: char) -> Option<char> {
    let plain = *LOOKALIKE.get(c as usize)?;
    (plain != 0).then_some(char::from(plain))
}
