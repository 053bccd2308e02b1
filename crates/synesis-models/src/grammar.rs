//! Constraints: which tokens may come next, decided in Rust for every embedded engine.

use std::sync::Arc;

use llguidance::api::TopLevelGrammar;
use llguidance::{Matcher, ParserFactory};
use serde_json::{Value, json};
use toktrie::{InferenceCapabilities, TokEnv, TokRxInfo, TokTrie, TokenId, TokenizerEnv};

use crate::engine::Constraint;
use crate::error::EngineError;
use crate::limits::{
    CONSTRAINT_BYTES_MAX, CONSTRAINTS_KEPT_MAX, PIECE_BYTES_MAX, VOCABULARY_BYTES_MAX,
};
use crate::tokenizer::{Encoder, PieceKind, Vocabulary};

/// Compiles constraints for one model, and keeps the latest.
pub(crate) struct Grammars {
    vocabulary: Arc<Vocabulary>,
    encoder: Option<Arc<dyn Encoder>>,
    factory: Option<ParserFactory>,
    kept: Vec<(String, Matcher)>,
}

impl Grammars {
    pub(crate) fn new(vocabulary: Arc<Vocabulary>, encoder: Option<Arc<dyn Encoder>>) -> Self {
        Self {
            vocabulary,
            encoder,
            factory: None,
            kept: Vec::new(),
        }
    }

    /// A matcher at the beginning of its output.
    pub(crate) fn matcher(&mut self, constraint: &Constraint) -> Result<Matcher, EngineError> {
        let (key, grammar) = grammar(constraint)?;
        if let Some((_, matcher)) = self.kept.iter().find(|(kept, _)| *kept == key) {
            return Ok(matcher.deep_clone());
        }
        let mut matcher = Matcher::new(self.factory()?.create_parser(grammar));
        if let Some(reason) = matcher.get_error() {
            return Err(refused(first_line(&reason)));
        }
        for warning in matcher.grammar_warnings() {
            tracing::debug!(warning, "constraint");
        }
        if self.kept.len() == CONSTRAINTS_KEPT_MAX {
            self.kept.remove(0);
        }
        self.kept.push((key, matcher.deep_clone()));
        Ok(matcher)
    }

    /// Built at the first constraint: large vocabularies take a while.
    fn factory(&mut self) -> Result<&ParserFactory, EngineError> {
        if self.factory.is_none() {
            let env = environment(&self.vocabulary, self.encoder.clone())?;
            let mut factory = ParserFactory::new(
                &env,
                InferenceCapabilities {
                    ff_tokens: true,
                    ..InferenceCapabilities::default()
                },
                &[],
            )
            .map_err(|error| refused(error.to_string()))?;
            factory.quiet();
            factory.limits_mut().verbose_errors = false;
            self.factory = Some(factory);
        }
        self.factory
            .as_ref()
            .ok_or_else(|| refused("the vocabulary cannot be used".to_owned()))
    }
}

/// The constraint as llguidance takes it, with a key that tells constraints apart.
fn grammar(constraint: &Constraint) -> Result<(String, TopLevelGrammar), EngineError> {
    let (key, grammar) = match constraint {
        Constraint::JsonSchema(schema) => {
            let Value::Object(object) = schema else {
                return Err(refused("the schema is not an object".to_owned()));
            };
            let mut object = object.clone();
            let compact = json!({ "whitespace_flexible": false, "item_separator": ",", "key_separator": ":" });
            object.insert("x-guidance".to_owned(), compact);
            let schema = Value::Object(object);
            (
                format!("j{schema}"),
                TopLevelGrammar::from_json_schema(schema),
            )
        }
        Constraint::Lark(grammar) => (
            format!("l{grammar}"),
            TopLevelGrammar::from_lark(grammar.clone()),
        ),
        Constraint::Regex(pattern) => (format!("r{pattern}"), TopLevelGrammar::from_regex(pattern)),
    };
    if key.len() > CONSTRAINT_BYTES_MAX {
        return Err(refused(format!(
            "it is longer than {CONSTRAINT_BYTES_MAX} bytes"
        )));
    }
    Ok((key, grammar))
}

pub(crate) fn refused(reason: String) -> EngineError {
    EngineError::Constraint { reason }
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

struct Env {
    trie: TokTrie,
    encoder: Option<Arc<dyn Encoder>>,
}

impl TokenizerEnv for Env {
    fn tok_trie(&self) -> &TokTrie {
        &self.trie
    }

    fn tokenize_bytes(&self, bytes: &[u8]) -> Vec<TokenId> {
        match (&self.encoder, std::str::from_utf8(bytes)) {
            (Some(encoder), Ok(text)) => {
                let mut tokens = Vec::new();
                encoder.encode(text, false, &mut tokens);
                tokens
            }
            _ => self.trie.greedy_tokenize(bytes),
        }
    }

    fn tokenize_is_canonical(&self) -> bool {
        self.encoder.is_some()
    }
}

fn environment(
    vocabulary: &Arc<Vocabulary>,
    encoder: Option<Arc<dyn Encoder>>,
) -> Result<TokEnv, EngineError> {
    let ends = vocabulary.ends();
    let first_end = *ends
        .first()
        .ok_or_else(|| refused("the vocabulary has no token that ends an answer".to_owned()))?;
    let words: Vec<Vec<u8>> = (0_u32..)
        .take(vocabulary.len())
        .map(|id| word(vocabulary, id))
        .collect();
    if words.iter().map(Vec::len).sum::<usize>() > VOCABULARY_BYTES_MAX {
        return Err(refused("the vocabulary is too large".to_owned()));
    }
    let len = u32::try_from(words.len())
        .map_err(|_| refused("the vocabulary is too large".to_owned()))?;
    let trie = TokTrie::from(&TokRxInfo::new(len, first_end), &words).with_eos_tokens(ends);
    Ok(Arc::new(Env { trie, encoder }))
}

/// Special tokens are marked so that no text can stand for them.
fn word(vocabulary: &Vocabulary, id: u32) -> Vec<u8> {
    let bytes = match vocabulary.kind(id) {
        PieceKind::Control | PieceKind::Unknown => {
            let mut marked = vec![TokTrie::SPECIAL_TOKEN_MARKER];
            marked.extend_from_slice(vocabulary.text(id).as_bytes());
            marked
        }
        _ => vocabulary.bytes(id).to_vec(),
    };
    if bytes.len() > PIECE_BYTES_MAX {
        Vec::new()
    } else {
        bytes
    }
}
