//! Byte-level BPE vocabularies (GGUF's kind `gpt2`), through the field's own crate.
//!
//! How text is cut before merging differs between families; a family that is not listed is refused
//! rather than cut wrongly, because a model answers badly, not loudly, to wrong tokens.

use std::sync::Arc;

use tokenizers::models::bpe::{BPE, Vocab};
use tokenizers::pre_tokenizers::PreTokenizerWrapper;
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::pre_tokenizers::digits::Digits;
use tokenizers::pre_tokenizers::sequence::Sequence;
use tokenizers::pre_tokenizers::split::{Split, SplitPattern};
use tokenizers::{SplitDelimiterBehavior, Tokenizer};

use super::Encoder;
use super::vocabulary::Vocabulary;
use crate::gguf::{GgufError, Metadata};

/// Llama 3: numbers in groups of three.
const CUT_LLAMA3: &str = r"(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
/// Qwen 2 and 3: every digit alone.
const CUT_QWEN2: &str = r"(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

/// The encoder of a byte-level vocabulary.
pub(super) struct Bpe {
    tokenizer: Tokenizer,
}

impl Bpe {
    /// `None` when the family is not known.
    pub(super) fn new(
        metadata: &Metadata,
        vocabulary: &Arc<Vocabulary>,
    ) -> Result<Option<Self>, GgufError> {
        const MERGES: &str = "tokenizer.ggml.merges";
        let missing = || GgufError::Key(MERGES.to_owned());
        let (pre, whole_pieces) = match metadata.text("tokenizer.ggml.pre") {
            Some("llama-bpe" | "llama3" | "llama-v3" | "smaug-bpe") => (cut(CUT_LLAMA3), true),
            Some("qwen2" | "deepseek-r1-qwen") => (cut(CUT_QWEN2), false),
            Some("smollm" | "starcoder" | "refact" | "command-r") => (digits_alone(), false),
            None | Some("gpt-2" | "gpt2" | "default") => {
                (Some(ByteLevel::new(false, true, true).into()), false)
            }
            Some(_) => return Ok(None),
        };
        let pre = pre.ok_or_else(missing)?;
        let merges = metadata.texts(MERGES).ok_or_else(missing)?;
        let merges = merges
            .iter()
            .map(|merge| {
                merge
                    .split_once(' ')
                    .map(|(a, b)| (a.to_owned(), b.to_owned()))
            })
            .collect::<Option<Vec<_>>>()
            .ok_or_else(missing)?;
        let pieces: Vocab = vocabulary.texts().iter().cloned().zip(0_u32..).collect();
        let bpe = BPE::builder()
            .vocab_and_merges(pieces, merges)
            .ignore_merges(whole_pieces)
            .build()
            .map_err(|_| missing())?;
        let mut tokenizer = Tokenizer::new(bpe);
        tokenizer.with_pre_tokenizer(Some(pre));
        Ok(Some(Self { tokenizer }))
    }
}

fn cut(pattern: &str) -> Option<PreTokenizerWrapper> {
    let split = Split::new(
        SplitPattern::Regex(pattern.to_owned()),
        SplitDelimiterBehavior::Isolated,
        false,
    )
    .ok()?;
    Some(
        Sequence::new(vec![
            split.into(),
            ByteLevel::new(false, true, false).into(),
        ])
        .into(),
    )
}

fn digits_alone() -> Option<PreTokenizerWrapper> {
    Some(
        Sequence::new(vec![
            Digits::new(true).into(),
            ByteLevel::new(false, true, true).into(),
        ])
        .into(),
    )
}

impl Encoder for Bpe {
    fn encode(&self, text: &str, _start: bool, out: &mut Vec<u32>) {
        match self.tokenizer.encode_fast(text, false) {
            Ok(encoding) => out.extend_from_slice(encoding.get_ids()),
            Err(error) => tracing::warn!(%error, "text could not be encoded"),
        }
    }
}
