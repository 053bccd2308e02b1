//! Text to tokens and back, from what a GGUF file says about its vocabulary.
//!
//! A prompt's own special tokens (`<|im_start|>`…) become single tokens; the same characters inside
//! a message stay plain text, so nobody can forge a turn by typing one. Knows nothing of models.

mod bpe;
mod spm;
mod vocabulary;

use std::sync::Arc;

use aho_corasick::{AhoCorasick, MatchKind};

use crate::gguf::{GgufError, Metadata};

pub(crate) use vocabulary::{PieceKind, Vocabulary};

/// A plain piece of text to tokens; no special tokens.
pub(crate) trait Encoder: Send + Sync {
    /// Appends the tokens of `text`. At the `start` of a text, or after a special token, some
    /// vocabularies put a space in front.
    fn encode(&self, text: &str, start: bool, out: &mut Vec<u32>);
}

/// Stands inside a special token's text that came from a message. A private-use character that no
/// text has a use for; it is taken out again before plain text is encoded.
const BREAK: char = '\u{f8f0}';

/// The tokenizer of one model.
pub(crate) struct Tokenizer {
    vocabulary: Arc<Vocabulary>,
    encoder: Arc<dyn Encoder>,
    specials: Option<AhoCorasick>,
    special_ids: Vec<u32>,
}

impl std::fmt::Debug for Tokenizer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Tokenizer({} tokens)", self.vocabulary.len())
    }
}

/// Our own encoder for this vocabulary; `None` when its kind is not known here.
pub(crate) fn own_encoder(
    metadata: &Metadata,
    vocabulary: &Arc<Vocabulary>,
) -> Result<Option<Arc<dyn Encoder>>, GgufError> {
    Ok(match metadata.text("tokenizer.ggml.model") {
        Some("llama") => Some(Arc::new(spm::Spm::new(metadata, vocabulary)?)),
        Some("gpt2") => {
            bpe::Bpe::new(metadata, vocabulary)?.map(|bpe| Arc::new(bpe) as Arc<dyn Encoder>)
        }
        _ => None,
    })
}

impl Tokenizer {
    pub(crate) fn new(
        vocabulary: Arc<Vocabulary>,
        encoder: Arc<dyn Encoder>,
    ) -> Result<Self, GgufError> {
        let special_ids = vocabulary.specials();
        let texts: Vec<&str> = special_ids.iter().map(|&id| vocabulary.text(id)).collect();
        let specials = if texts.is_empty() {
            None
        } else {
            let built = AhoCorasick::builder()
                .match_kind(MatchKind::LeftmostLongest)
                .build(&texts);
            Some(built.map_err(|_| GgufError::Key("tokenizer.ggml.tokens".to_owned()))?)
        };
        Ok(Self {
            vocabulary,
            encoder,
            specials,
            special_ids,
        })
    }

    pub(crate) fn vocabulary(&self) -> &Arc<Vocabulary> {
        &self.vocabulary
    }

    /// A message's text so that nothing in it can be taken for a special token.
    pub(crate) fn guard(&self, text: &str) -> String {
        let text = text.replace(BREAK, "");
        let Some(specials) = &self.specials else {
            return text;
        };
        let mut guarded = String::with_capacity(text.len());
        let mut from = 0;
        while let Some(found) = specials.find(&text[from..]) {
            let (start, end) = (from + found.start(), from + found.end());
            let first = text[start..].chars().next().map_or(1, char::len_utf8);
            if self
                .vocabulary
                .is_forgeable(self.special_ids[found.pattern().as_usize()])
            {
                // Only past the first character: breaking one match may leave another inside it.
                guarded.push_str(&text[from..start + first]);
                guarded.push(BREAK);
                from = start + first;
            } else {
                guarded.push_str(&text[from..end]);
                from = end;
            }
        }
        guarded.push_str(&text[from..]);
        guarded
    }

    /// A rendered prompt, with the vocabulary's own beginning and end.
    pub(crate) fn encode_prompt(&self, prompt: &str) -> Vec<u32> {
        let mut tokens = Vec::with_capacity(prompt.len() / 3 + 2);
        self.encode_with_specials(prompt, &mut tokens);
        if let Some(bos) = self.vocabulary.bos_to_add()
            && tokens.first() != Some(&bos)
        {
            tokens.insert(0, bos);
        }
        tokens
    }

    /// Tokens of a text without anything around it.
    pub(crate) fn count(&self, text: &str) -> usize {
        let mut tokens = Vec::new();
        self.encode_plain(&text.replace(BREAK, ""), &mut tokens);
        tokens.len()
    }

    fn encode_with_specials(&self, prompt: &str, tokens: &mut Vec<u32>) {
        let mut from = 0;
        if let Some(specials) = &self.specials {
            for found in specials.find_iter(prompt) {
                self.encode_plain(&prompt[from..found.start()], tokens);
                tokens.push(self.special_ids[found.pattern().as_usize()]);
                from = found.end();
            }
        }
        self.encode_plain(&prompt[from..], tokens);
    }

    fn encode_plain(&self, text: &str, tokens: &mut Vec<u32>) {
        if text.contains(BREAK) {
            self.encode_plain(&text.replace(BREAK, ""), tokens);
        } else if !text.is_empty() {
            self.encoder.encode(text, true, tokens);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gguf::Gguf;
    use crate::testing::tiny_model;

    fn tokenizer() -> Tokenizer {
        let gguf = Gguf::from_shared(tiny_model("llama").into()).unwrap();
        let vocabulary = Arc::new(Vocabulary::new(gguf.metadata()).unwrap());
        let encoder = own_encoder(gguf.metadata(), &vocabulary).unwrap().unwrap();
        Tokenizer::new(vocabulary, encoder).unwrap()
    }

    fn text(tokenizer: &Tokenizer, tokens: &[u32]) -> String {
        let bytes: Vec<u8> = tokens
            .iter()
            .flat_map(|&id| tokenizer.vocabulary.bytes(id).to_vec())
            .collect();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_prompts_special_token_is_one_token() {
        let tokenizer = tokenizer();
        let tokens = tokenizer.encode_prompt("<s>ab</s>");
        assert_eq!(tokens.first(), Some(&1));
        assert_eq!(tokens.last(), Some(&2));
        assert_eq!(
            tokens.iter().filter(|&&id| id == 1).count(),
            1,
            "the beginning is not doubled"
        );
    }

    #[test]
    fn a_special_token_typed_by_the_user_stays_text() {
        let tokenizer = tokenizer();
        let guarded = tokenizer.guard("a</s>b</</s>s>");
        let tokens = tokenizer.encode_prompt(&guarded);
        assert!(!tokens.contains(&2), "{tokens:?}");
        assert_eq!(text(&tokenizer, &tokens).trim_start(), "a</s>b</</s>s>");
    }

    #[test]
    fn pieces_that_the_vocabulary_defines_for_plain_text_stay_single() {
        let vocabulary = |kind: i32| {
            let model = crate::testing::model("llama", |file| {
                let texts = ["<unk>", "<s>", "</s>", "\n\n", "<|tool|>", "a"].map(str::to_owned);
                file.texts("tokenizer.ggml.tokens", &texts);
                file.floats("tokenizer.ggml.scores", &[0.0; 6]);
                file.integers("tokenizer.ggml.token_type", &[2, 3, 3, 4, kind, 1]);
            });
            let gguf = Gguf::from_shared(model.into()).unwrap();
            let vocabulary = Arc::new(Vocabulary::new(gguf.metadata()).unwrap());
            let encoder = own_encoder(gguf.metadata(), &vocabulary).unwrap().unwrap();
            Tokenizer::new(vocabulary, encoder).unwrap()
        };
        for kind in [3, 4] {
            let tokenizer = vocabulary(kind);
            let tokens = tokenizer.encode_prompt(&tokenizer.guard("a\n\n<|tool|>"));
            assert!(tokens.contains(&3) && !tokens.contains(&4), "{tokens:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_survives_the_round_trip(original in "\\PC{0,40}") {
            let tokenizer = tokenizer();
            let tokens = tokenizer.encode_prompt(&tokenizer.guard(&original));
            let back = text(&tokenizer, &tokens);
            let expected = original.replace(BREAK, "");
            proptest::prop_assert_eq!(back.strip_prefix(' ').unwrap_or(&back), expected.as_str());
        }
    }
}
