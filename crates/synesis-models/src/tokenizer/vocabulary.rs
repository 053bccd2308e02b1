//! The tokens of a model: their text, their bytes, and which of them have a meaning of their own.

use std::collections::HashMap;

use crate::gguf::{GgufError, Metadata};
use crate::limits::VOCABULARY_TOKENS_MAX;

/// What a token is, by llama.cpp's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PieceKind {
    Normal,
    Unknown,
    Control,
    UserDefined,
    Unused,
    Byte,
}

impl PieceKind {
    fn from_id(id: i64) -> Self {
        match id {
            2 => Self::Unknown,
            3 => Self::Control,
            4 => Self::UserDefined,
            5 => Self::Unused,
            6 => Self::Byte,
            _ => Self::Normal,
        }
    }
}

/// Tokens with which models of known families end a turn.
const END_TEXTS: [&str; 9] = [
    "<|im_end|>",
    "<|eot_id|>",
    "<|eom_id|>",
    "<|end|>",
    "<|endoftext|>",
    "<|end_of_text|>",
    "<end_of_turn>",
    "<|return|>",
    "</s>",
];

/// The tokens of a model.
pub(crate) struct Vocabulary {
    texts: Vec<String>,
    bytes: Vec<Vec<u8>>,
    kinds: Vec<PieceKind>,
    ids: HashMap<String, u32>,
    bos: Option<u32>,
    eos: Option<u32>,
    ends: Vec<u32>,
    add_bos: bool,
    space_prefix: bool,
}

impl Vocabulary {
    /// Reads and checks the vocabulary of a file.
    pub(crate) fn new(metadata: &Metadata) -> Result<Self, GgufError> {
        let missing = |key: &str| GgufError::Key(key.to_owned());
        let texts = metadata
            .texts("tokenizer.ggml.tokens")
            .ok_or_else(|| missing("tokenizer.ggml.tokens"))?
            .to_vec();
        if texts.is_empty() || texts.len() > VOCABULARY_TOKENS_MAX {
            return Err(GgufError::TooMany {
                what: "the size of the vocabulary",
                found: texts.len() as u64,
                max: VOCABULARY_TOKENS_MAX as u64,
            });
        }
        let kinds = kinds(metadata, texts.len())?;
        let spm = match metadata.text("tokenizer.ggml.model") {
            Some("llama") => true,
            Some("gpt2") => false,
            _ => return Err(missing("tokenizer.ggml.model (`llama` or `gpt2`)")),
        };
        let bytes = if spm {
            spm_bytes(&texts, &kinds)
        } else {
            byte_level_bytes(&texts, &kinds)
        };
        let ids: HashMap<String, u32> = texts
            .iter()
            .zip(0_u32..)
            .map(|(text, id)| (text.clone(), id))
            .collect();
        let token = |key: &str| match metadata.u32(key) {
            Some(id) if (id as usize) < texts.len() => Ok(Some(id)),
            Some(id) if id == u32::MAX => Ok(None),
            Some(id) => Err(GgufError::Range {
                key: key.to_owned(),
                value: id.to_string(),
            }),
            None => Ok(None),
        };
        let bos = token("tokenizer.ggml.bos_token_id")?;
        let eos = token("tokenizer.ggml.eos_token_id")?;
        let mut ends: Vec<u32> = eos
            .into_iter()
            .chain(token("tokenizer.ggml.eot_token_id")?)
            .collect();
        ends.extend(
            END_TEXTS
                .iter()
                .filter_map(|text| ids.get(*text).copied())
                .filter(|&id| kinds[id as usize] == PieceKind::Control),
        );
        ends.sort_unstable();
        ends.dedup();
        Ok(Self {
            add_bos: metadata.bool("tokenizer.ggml.add_bos_token").unwrap_or(spm) && bos.is_some(),
            space_prefix: spm
                && metadata
                    .bool("tokenizer.ggml.add_space_prefix")
                    .unwrap_or(true),
            texts,
            bytes,
            kinds,
            ids,
            bos,
            eos,
            ends,
        })
    }

    pub(crate) fn len(&self) -> usize {
        self.texts.len()
    }

    /// A token as the file writes it; empty when there is no such token.
    pub(crate) fn text(&self, id: u32) -> &str {
        self.texts.get(id as usize).map_or("", String::as_str)
    }

    /// What a token adds to an answer; nothing for control tokens.
    pub(crate) fn bytes(&self, id: u32) -> &[u8] {
        self.bytes.get(id as usize).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn kind(&self, id: u32) -> PieceKind {
        self.kinds
            .get(id as usize)
            .copied()
            .unwrap_or(PieceKind::Unused)
    }

    pub(crate) fn id(&self, text: &str) -> Option<u32> {
        self.ids.get(text).copied()
    }

    pub(crate) fn texts(&self) -> &[String] {
        &self.texts
    }

    pub(crate) fn bos_text(&self) -> &str {
        self.bos.map_or("", |id| self.text(id))
    }

    pub(crate) fn eos_text(&self) -> &str {
        self.eos.map_or("", |id| self.text(id))
    }

    /// The token that goes before every prompt, if this vocabulary wants one.
    pub(crate) fn bos_to_add(&self) -> Option<u32> {
        self.bos.filter(|_| self.add_bos)
    }

    /// Whether encoding puts a space before a text, which the answer then begins with too.
    pub(crate) fn space_prefix(&self) -> bool {
        self.space_prefix
    }

    /// The tokens that end an answer.
    pub(crate) fn ends(&self) -> &[u32] {
        &self.ends
    }

    /// Whether a token could stand for a template's own mark. Some vocabularies also define pieces
    /// of plain text (line breaks, tags) as special; those are what they look like.
    pub(crate) fn is_forgeable(&self, id: u32) -> bool {
        match self.kind(id) {
            PieceKind::Control | PieceKind::Unknown => true,
            PieceKind::UserDefined => {
                self.text(id).starts_with("<|") && self.text(id).ends_with("|>")
            }
            PieceKind::Normal | PieceKind::Unused | PieceKind::Byte => false,
        }
    }

    /// Tokens that a template may write out in text.
    pub(crate) fn specials(&self) -> Vec<u32> {
        let special = |id: &u32| {
            matches!(
                self.kind(*id),
                PieceKind::Control | PieceKind::UserDefined | PieceKind::Unknown
            ) && !self.text(*id).is_empty()
        };
        (0_u32..).take(self.len()).filter(special).collect()
    }
}

fn kinds(metadata: &Metadata, len: usize) -> Result<Vec<PieceKind>, GgufError> {
    match metadata.integers("tokenizer.ggml.token_type") {
        None => Ok(vec![PieceKind::Normal; len]),
        Some(ids) if ids.len() == len => Ok(ids.iter().map(|&id| PieceKind::from_id(id)).collect()),
        Some(ids) => Err(GgufError::Range {
            key: "tokenizer.ggml.token_type".to_owned(),
            value: format!("{} entries for {len} tokens", ids.len()),
        }),
    }
}

/// SentencePiece writes a space as `▁` and a single byte as `<0x0A>`.
fn spm_bytes(texts: &[String], kinds: &[PieceKind]) -> Vec<Vec<u8>> {
    let bytes = |(text, kind): (&String, &PieceKind)| match kind {
        PieceKind::Control | PieceKind::Unknown | PieceKind::Unused => Vec::new(),
        PieceKind::Byte => byte_piece(text).map_or_else(Vec::new, |byte| vec![byte]),
        PieceKind::UserDefined => text.clone().into_bytes(),
        PieceKind::Normal => text.replace('\u{2581}', " ").into_bytes(),
    };
    texts.iter().zip(kinds).map(bytes).collect()
}

/// The byte that `<0x0A>` stands for.
fn byte_piece(text: &str) -> Option<u8> {
    let digits = text.strip_prefix("<0x")?.strip_suffix('>')?;
    (digits.len() == 2).then(|| u8::from_str_radix(digits, 16).ok())?
}

/// Byte-level vocabularies write every byte as one printable character.
fn byte_level_bytes(texts: &[String], kinds: &[PieceKind]) -> Vec<Vec<u8>> {
    let table: HashMap<char, u8> = byte_level_table().into_iter().zip(0..=255).collect();
    let bytes = |(text, kind): (&String, &PieceKind)| match kind {
        PieceKind::Control | PieceKind::Unknown | PieceKind::Unused => Vec::new(),
        PieceKind::UserDefined => text.clone().into_bytes(),
        PieceKind::Normal | PieceKind::Byte => {
            let plain: Option<Vec<u8>> = text.chars().map(|c| table.get(&c).copied()).collect();
            plain.unwrap_or_else(|| text.clone().into_bytes())
        }
    };
    texts.iter().zip(kinds).map(bytes).collect()
}

/// The character of each byte: itself when printable in Latin-1, else the next free one from 256.
fn byte_level_table() -> [char; 256] {
    let mut next = 256_u32;
    std::array::from_fn(|byte| {
        let byte = u32::try_from(byte).unwrap_or(0);
        let printable = matches!(byte, 0x21..=0x7e | 0xa1..=0xac | 0xae..=0xff);
        let code = if printable {
            byte
        } else {
            next += 1;
            next - 1
        };
        char::from_u32(code).unwrap_or('\0')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn byte_level_writes_space_and_newline_as_the_field_does() {
        let table = byte_level_table();
        assert_eq!(table[usize::from(b' ')], '\u{120}');
        assert_eq!(table[usize::from(b'\n')], '\u{10a}');
        assert_eq!(table[usize::from(b'A')], 'A');
        assert_eq!(table[0xad], '\u{143}');
    }

    #[test]
    fn only_two_digits_make_a_byte() {
        assert_eq!(byte_piece("<0x0A>"), Some(10));
        assert_eq!(byte_piece("<0x0A0>"), None);
        assert_eq!(byte_piece("<0xZZ>"), None);
    }
}
