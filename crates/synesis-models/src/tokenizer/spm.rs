//! SentencePiece vocabularies (GGUF's kind `llama`): join neighbours, best score first.

use std::cmp::Ordering;
use std::collections::{BinaryHeap, HashMap};
use std::ops::Range;
use std::sync::Arc;

use super::Encoder;
use super::vocabulary::{PieceKind, Vocabulary};
use crate::gguf::{GgufError, Metadata};

/// The encoder of a SentencePiece vocabulary.
pub(super) struct Spm {
    vocabulary: Arc<Vocabulary>,
    scores: Vec<f32>,
    pieces: HashMap<String, u32>,
    byte_ids: [Option<u32>; 256],
    unknown: Option<u32>,
}

impl Spm {
    pub(super) fn new(
        metadata: &Metadata,
        vocabulary: &Arc<Vocabulary>,
    ) -> Result<Self, GgufError> {
        const SCORES: &str = "tokenizer.ggml.scores";
        let scores = match metadata.floats(SCORES) {
            Some(scores) if scores.len() == vocabulary.len() => scores.to_vec(),
            _ => return Err(GgufError::Key(SCORES.to_owned())),
        };
        let mut byte_ids = [None; 256];
        let mut pieces = HashMap::with_capacity(vocabulary.len());
        for (text, id) in vocabulary.texts().iter().zip(0_u32..) {
            match vocabulary.kind(id) {
                PieceKind::Byte => {
                    if let [byte] = vocabulary.bytes(id) {
                        byte_ids[usize::from(*byte)] = Some(id);
                    }
                }
                PieceKind::Normal | PieceKind::UserDefined => {
                    pieces.insert(text.clone(), id);
                }
                PieceKind::Control | PieceKind::Unknown | PieceKind::Unused => {}
            }
        }
        let unknown = metadata
            .u32("tokenizer.ggml.unknown_token_id")
            .filter(|&id| (id as usize) < vocabulary.len());
        Ok(Self {
            vocabulary: Arc::clone(vocabulary),
            scores,
            pieces,
            byte_ids,
            unknown,
        })
    }

    fn score(&self, piece: &str) -> Option<f32> {
        let id = *self.pieces.get(piece)?;
        self.scores.get(id as usize).copied()
    }

    fn emit(&self, piece: &str, out: &mut Vec<u32>) {
        if let Some(&id) = self.pieces.get(piece) {
            out.push(id);
            return;
        }
        for byte in piece.bytes() {
            out.extend(self.byte_ids[usize::from(byte)].or(self.unknown));
        }
    }
}

impl Encoder for Spm {
    fn encode(&self, text: &str, start: bool, out: &mut Vec<u32>) {
        let prefix = if start && self.vocabulary.space_prefix() {
            "\u{2581}"
        } else {
            ""
        };
        let text = format!("{prefix}{}", text.replace(' ', "\u{2581}"));
        let mut chain = Chain::new(&text);
        let mut queue = BinaryHeap::new();
        let offer = |chain: &Chain, left: usize, queue: &mut BinaryHeap<Join>| {
            let Some(range) = chain.pair(left) else {
                return;
            };
            let Some(score) = self.score(&text[range.clone()]) else {
                return;
            };
            queue.push(Join {
                score,
                left,
                end: range.end,
                start: range.start,
            });
        };
        for left in 0..chain.links.len() {
            offer(&chain, left, &mut queue);
        }
        while let Some(join) = queue.pop() {
            if chain.pair(join.left) != Some(join.start..join.end) {
                continue;
            }
            chain.join(join.left);
            offer(&chain, join.left, &mut queue);
            if let Some(before) = chain.links[join.left].before {
                offer(&chain, before, &mut queue);
            }
        }
        for range in chain.pieces() {
            self.emit(&text[range], out);
        }
    }
}

/// Two neighbours that are together a piece.
struct Join {
    score: f32,
    left: usize,
    start: usize,
    end: usize,
}

impl Ord for Join {
    /// Higher score first, then further left.
    fn cmp(&self, other: &Self) -> Ordering {
        self.score
            .total_cmp(&other.score)
            .then_with(|| other.left.cmp(&self.left))
    }
}
impl PartialOrd for Join {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl PartialEq for Join {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Join {}

struct Link {
    range: Range<usize>,
    before: Option<usize>,
    after: Option<usize>,
}

/// The text as neighbours that can be joined. A joined link keeps its left number; the right one
/// becomes empty.
struct Chain {
    links: Vec<Link>,
}

impl Chain {
    fn new(text: &str) -> Self {
        let mut links: Vec<Link> = text
            .char_indices()
            .enumerate()
            .map(|(i, (at, c))| Link {
                range: at..at + c.len_utf8(),
                before: i.checked_sub(1),
                after: Some(i + 1),
            })
            .collect();
        if let Some(last) = links.last_mut() {
            last.after = None;
        }
        Self { links }
    }

    /// What a link and the next one cover together.
    fn pair(&self, left: usize) -> Option<Range<usize>> {
        let link = &self.links[left];
        let right = &self.links[link.after?];
        (!link.range.is_empty()).then_some(link.range.start..right.range.end)
    }

    fn join(&mut self, left: usize) {
        let Some(right) = self.links[left].after else {
            return;
        };
        let (end, after) = (self.links[right].range.end, self.links[right].after);
        self.links[right].range = end..end;
        self.links[right].after = None;
        self.links[left].range.end = end;
        self.links[left].after = after;
        if let Some(after) = after {
            self.links[after].before = Some(left);
        }
    }

    fn pieces(&self) -> impl Iterator<Item = Range<usize>> + '_ {
        self.links
            .iter()
            .map(|link| link.range.clone())
            .filter(|range| !range.is_empty())
    }
}
