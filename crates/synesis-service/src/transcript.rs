//! Everything that was sent for one request, so that it can be sent again.
//!
//! Chunks are numbered from 1 without gaps. The last one is an end or an error, and nothing
//! follows it. A transcript is bounded: an answer that would grow past
//! [`ANSWER_BYTES_MAX`] is ended instead of forgotten in part.

use synesis_domain::{Digest, RequestId};
use synesis_wire::proto::stream_chunk::Payload;
use synesis_wire::proto::{CallError, EscalationResponse, StreamChunk};
use thiserror::Error;

use crate::escalation::Finish;
use crate::limits::ANSWER_BYTES_MAX;

/// Why chunks are no transcript.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TranscriptError {
    /// A chunk has another number than its place.
    #[error("chunk {sequence} stands in the place of chunk {place}")]
    Numbering {
        /// The number it carries.
        sequence: u64,
        /// The number it should carry.
        place: u64,
    },
    /// A chunk belongs to another request.
    #[error("chunk {0} belongs to another request")]
    OtherRequest(u64),
    /// A chunk carries nothing.
    #[error("chunk {0} is empty")]
    Empty(u64),
    /// A chunk follows the end.
    #[error("chunk {0} follows the end")]
    AfterEnd(u64),
}

/// What was sent for one request, in order.
#[derive(Clone, Debug, PartialEq)]
pub struct Transcript {
    request: RequestId,
    content: Digest,
    payloads: Vec<Payload>,
    bytes: usize,
}

impl Transcript {
    pub(crate) const fn new(request: RequestId, content: Digest) -> Self {
        Self {
            request,
            content,
            payloads: Vec::new(),
            bytes: 0,
        }
    }

    /// Puts a transcript together again from chunks that a host stored.
    ///
    /// # Errors
    /// When they are not the chunks of this request, in order.
    pub fn from_chunks(
        request: RequestId,
        content: Digest,
        chunks: impl IntoIterator<Item = StreamChunk>,
    ) -> Result<Self, TranscriptError> {
        let mut transcript = Self::new(request, content);
        let id = request.to_string();
        for chunk in chunks {
            let (place, sequence) = (transcript.last_sequence() + 1, chunk.sequence);
            if sequence != place {
                return Err(TranscriptError::Numbering { sequence, place });
            }
            if chunk.request_id != id {
                return Err(TranscriptError::OtherRequest(sequence));
            }
            if transcript.is_ended() {
                return Err(TranscriptError::AfterEnd(sequence));
            }
            transcript.push(chunk.payload.ok_or(TranscriptError::Empty(sequence))?);
        }
        Ok(transcript)
    }

    /// The request it belongs to.
    #[must_use]
    pub const fn request(&self) -> RequestId {
        self.request
    }

    /// The digest of what was asked.
    #[must_use]
    pub const fn content(&self) -> Digest {
        self.content
    }

    /// The number of the last chunk; 0 where there is none.
    #[must_use]
    pub fn last_sequence(&self) -> u64 {
        self.payloads.len() as u64
    }

    /// Bytes of the answer so far.
    #[must_use]
    pub const fn answer_bytes(&self) -> usize {
        self.bytes
    }

    /// Whether the last chunk is an end or an error.
    #[must_use]
    pub fn is_ended(&self) -> bool {
        matches!(
            self.payloads.last(),
            Some(Payload::End(_) | Payload::Error(_))
        )
    }

    /// The chunks after a number, from the first for 0.
    pub fn after(&self, sequence: u64) -> impl Iterator<Item = StreamChunk> {
        let skip = usize::try_from(sequence).unwrap_or(usize::MAX);
        self.payloads
            .iter()
            .enumerate()
            .skip(skip)
            .map(|(at, payload)| self.chunk(at, payload))
    }

    /// The whole answer in one message, for a caller that wants no chunks; `None` before the end.
    /// Where the answer broke off, the error says so and what was written is left out.
    #[must_use]
    pub fn response(&self) -> Option<Result<EscalationResponse, CallError>> {
        match self.payloads.last()? {
            Payload::End(end) => Some(Ok(EscalationResponse {
                request_id: self.request.to_string(),
                content: self.text(),
                model_used: end.model_used.clone(),
                tokens_used: end.tokens_used,
                cost_cents: end.cost_cents,
                latency_ms: end.total_latency_ms,
                cost_nano_usd: end.cost_nano_usd,
                receipt: end.receipt.clone(),
            })),
            Payload::Error(error) => Some(Err(CallError {
                code: error.code.clone(),
                message: error.message.clone(),
                retry_after_ms: None,
            })),
            Payload::Content(_) | Payload::Metadata(_) => None,
        }
    }

    /// What was charged, in nano-dollars; `None` before the end.
    #[must_use]
    pub fn cost_nano_usd(&self) -> Option<i64> {
        match self.payloads.last()? {
            Payload::End(end) => Some(end.cost_nano_usd),
            Payload::Error(error) => Some(error.cost_nano_usd),
            Payload::Content(_) | Payload::Metadata(_) => None,
        }
    }

    /// Whether it ended without a word and without a charge, by an error or by being cancelled.
    #[must_use]
    pub fn is_fruitless(&self) -> bool {
        let broke_off = match self.payloads.last() {
            Some(Payload::Error(_)) => true,
            Some(Payload::End(end)) => end.finish == Finish::Cancelled.as_str(),
            _ => false,
        };
        broke_off && self.bytes == 0 && self.cost_nano_usd() == Some(0)
    }

    /// Whether any of the answer was sent.
    pub(crate) const fn has_text(&self) -> bool {
        self.bytes > 0
    }

    fn text(&self) -> String {
        let texts = self.payloads.iter().filter_map(|payload| match payload {
            Payload::Content(text) => Some(text.as_str()),
            _ => None,
        });
        texts.collect()
    }

    /// How many bytes of answer can still be added.
    pub(crate) const fn room_bytes(&self) -> usize {
        ANSWER_BYTES_MAX.saturating_sub(self.bytes)
    }

    /// Adds the next chunk, and gives it numbered.
    pub(crate) fn push(&mut self, payload: Payload) -> StreamChunk {
        if let Payload::Content(text) = &payload {
            self.bytes += text.len();
        }
        let chunk = self.chunk(self.payloads.len(), &payload);
        self.payloads.push(payload);
        chunk
    }

    fn chunk(&self, at: usize, payload: &Payload) -> StreamChunk {
        StreamChunk {
            request_id: self.request.to_string(),
            payload: Some(payload.clone()),
            sequence: at as u64 + 1,
        }
    }
}
