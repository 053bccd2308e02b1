//! `StreamingResponse`: an answer while it is written, whole in spite of cuts.
//!
//! A cut stream is opened again under the same request id, after the last chunk that arrived;
//! what the cloud repeats is dropped. Nothing is read ahead: whoever reads slowly slows the model
//! down. Dropping the response stops the model.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::Stream;
use synesis_domain::{NanoUsd, RequestId, TokenUsage};
use synesis_privacy::LastGate;
use synesis_wire::proto::{self, EscalationRequest, answer, stream_chunk};
use tokio::time::{sleep, timeout};

use crate::assembly::{ChunkOrder, Place};
use crate::billing::usage;
use crate::connection::AnswerStream;
use crate::error::CloudError;
use crate::escalation::Shared;
use crate::receipt;
use crate::refusal;
use crate::vitals::Running;

/// A piece of an answer.
#[derive(Debug, Clone)]
pub enum StreamChunk {
    /// More text, with its placeholders.
    Content(String),
    /// Who is at work now.
    Metadata {
        /// Which agent.
        agent: Agent,
        /// At what.
        phase: Phase,
    },
    /// The answer is whole.
    End(Ended),
    /// The answer ends here, unfinished.
    Error(StreamFailure),
}

/// An agent of the council in the cloud.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the council")]
pub enum Agent {
    Pathos,
    Logos,
    Ethos,
}

/// What an agent is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words of the protocol")]
pub enum Phase {
    Thinking,
    Responding,
    Verifying,
}

/// Why a whole answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finish {
    /// The model had no more to say.
    Stop,
    /// The limit of tokens was reached.
    Length,
    /// It was cancelled.
    Cancelled,
}

/// The end of a whole answer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Ended {
    /// The tokens.
    pub usage: TokenUsage,
    /// The charge.
    pub cost: NanoUsd,
    /// In the cloud, from the request to the end.
    pub cloud_latency: Duration,
    /// The model that answered.
    pub model: String,
    /// Why it ended.
    pub finish: Finish,
}

/// The end of an unfinished answer.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct StreamFailure {
    /// What happened.
    pub error: CloudError,
    /// The tokens that were generated, where the cloud said so.
    pub usage: TokenUsage,
    /// The charge for them; what is not known yet, the ledger learns at the next connect.
    pub cost: NanoUsd,
}

/// The answer to one escalation, chunk by chunk.
pub struct StreamingResponse {
    shared: Arc<Shared>,
    request_id: RequestId,
    request: EscalationRequest,
    gate: LastGate,
    order: ChunkOrder,
    answers: Option<AnswerStream>,
    attempts: u32,
    wait: Option<Duration>,
    begun: Instant,
    /// The last chunk, until the ledger has it.
    last: Option<StreamChunk>,
    /// What the cloud signed with it.
    receipt: Option<proto::Receipt>,
    ended: bool,
    /// Counts among this process's questions.
    _query: Running,
}

impl fmt::Debug for StreamingResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamingResponse")
            .field("request_id", &self.request_id)
            .field("received", &self.order.last())
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}

impl StreamingResponse {
    pub(crate) fn new(
        shared: Arc<Shared>,
        request_id: RequestId,
        request: EscalationRequest,
        gate: LastGate,
    ) -> Self {
        Self {
            _query: shared.tunnel.activity().query(),
            shared,
            request_id,
            request,
            gate,
            order: ChunkOrder::default(),
            answers: None,
            attempts: 0,
            wait: None,
            begun: Instant::now(),
            last: None,
            receipt: None,
            ended: false,
        }
    }

    /// Sends the question. What goes wrong is retried or told by [`Self::next`].
    pub(crate) async fn begin(&mut self) {
        if let Err(error) = self.opened().await {
            self.recover(error);
        }
    }

    /// The escalation that is answered.
    #[must_use]
    pub fn request_id(&self) -> RequestId {
        self.request_id
    }

    /// The next chunk; `None` after [`StreamChunk::End`] or [`StreamChunk::Error`].
    ///
    /// Can be dropped while it waits and called again: no chunk is lost.
    pub async fn next(&mut self) -> Option<StreamChunk> {
        while !self.ended {
            if self.last.is_some() {
                return self.close().await;
            }
            match self.receive().await {
                Ok(Some(chunk @ (StreamChunk::End(_) | StreamChunk::Error(_)))) => {
                    self.last = Some(chunk);
                }
                Ok(Some(chunk)) => return Some(chunk),
                Ok(None) => {}
                Err(error) => self.recover(error),
            }
        }
        None
    }

    /// Stops the model in the cloud. The same as dropping the response.
    pub fn cancel(self) {}

    /// The chunks as a stream.
    pub fn into_stream(self) -> impl Stream<Item = StreamChunk> + Send {
        futures::stream::unfold(self, |mut response| async {
            let chunk = response.next().await?;
            Some((chunk, response))
        })
    }

    /// The next chunk that is new; `None` for one that says nothing new.
    async fn receive(&mut self) -> Result<Option<StreamChunk>, CloudError> {
        let patience = self.shared.config.timeout;
        let next = {
            let answers = self.opened().await?;
            timeout(patience, answers.next()).await
        };
        let body = match next {
            Ok(Some(body)) => body?,
            Ok(None) => return Err(cut()),
            Err(_) => {
                return Err(CloudError::Timeout {
                    awaited: "next part of the answer",
                    after: patience,
                });
            }
        };
        let answer::Body::Chunk(chunk) = body else {
            return Err(CloudError::Protocol(
                "a chunk was awaited, something else came",
            ));
        };
        if chunk.request_id != self.request.request_id {
            return Err(CloudError::Protocol("a chunk belongs to another request"));
        }
        match self.order.handle_chunk(chunk.sequence) {
            Place::Next => {
                self.attempts = 0;
                let mut payload = chunk.payload;
                self.receipt = payload.as_mut().and_then(take_receipt);
                Ok(payload.and_then(read_payload))
            }
            Place::Seen => Ok(None),
            Place::Early => Err(cut()),
            Place::Unnumbered => Err(CloudError::Protocol("a chunk has no number")),
        }
    }

    /// The open stream; after a cut, a new one behind the last chunk that arrived.
    async fn opened(&mut self) -> Result<&mut AnswerStream, CloudError> {
        if self.answers.is_none() {
            if let Some(wait) = self.wait {
                sleep(wait).await;
                self.wait = None;
            }
            self.request.resume_after = self.order.last();
            let call = self.shared.streaming_call(&self.request, &self.gate)?;
            self.answers = Some(self.shared.tunnel.open_stream(&call).await?);
        }
        self.answers
            .as_mut()
            .ok_or(CloudError::Protocol("the stream is not open"))
    }

    /// After an error: opens the stream again later, or ends the answer.
    fn recover(&mut self, error: CloudError) {
        if let Some(answers) = self.answers.take() {
            answers.leave();
        }
        self.wait = self.shared.next_attempt(&error, self.attempts);
        if self.wait.is_some() {
            tracing::debug!(
                ?error,
                after = self.order.last(),
                "the stream was cut; going on"
            );
            self.attempts += 1;
            self.shared.meter.retried();
        } else {
            self.last = Some(StreamChunk::Error(StreamFailure {
                error,
                usage: TokenUsage::default(),
                cost: NanoUsd::ZERO,
            }));
        }
    }

    /// Gives the last chunk out once the ledger has it.
    async fn close(&mut self) -> Option<StreamChunk> {
        self.answers = None;
        receipt::keep(
            &self.shared.tunnel,
            &self.shared.ledger,
            self.receipt.clone(),
        )
        .await;
        let booked = match &self.last {
            Some(StreamChunk::End(end)) => {
                let (usage, cost) = (end.usage, end.cost);
                self.shared
                    .settle(self.request_id, usage, cost, &end.model)
                    .await
            }
            Some(StreamChunk::Error(failure)) if failure.cost != NanoUsd::ZERO => {
                let (usage, cost) = (failure.usage, failure.cost);
                self.shared.settle(self.request_id, usage, cost, "").await
            }
            Some(StreamChunk::Error(failure)) => {
                self.shared
                    .close_if_free(self.request_id, &failure.error)
                    .await;
                Ok(())
            }
            _ => Ok(()),
        };
        if let Err(error) = booked {
            // It stays open there, and is settled when the cloud is asked next time.
            tracing::warn!(?error, "the ledger did not take the end of an escalation");
        }
        self.ended = true;
        match &self.last {
            Some(StreamChunk::End(_)) => self.shared.meter.answered(self.begun.elapsed()),
            _ => self.shared.meter.failed(),
        }
        self.last.take()
    }
}

impl Drop for StreamingResponse {
    fn drop(&mut self) {
        if !self.ended {
            self.shared.meter.cancelled();
        }
    }
}

fn cut() -> CloudError {
    CloudError::TunnelClosed {
        cause: crate::error::Cause::words("the stream of the answer was cut"),
    }
}

/// What the cloud signed with the end of an answer.
fn take_receipt(payload: &mut stream_chunk::Payload) -> Option<proto::Receipt> {
    match payload {
        stream_chunk::Payload::End(end) => end.receipt.take(),
        stream_chunk::Payload::Error(failed) => failed.receipt.take(),
        stream_chunk::Payload::Content(_) | stream_chunk::Payload::Metadata(_) => None,
    }
}

/// What a chunk says; `None` for kinds and words that are newer than this version.
fn read_payload(payload: stream_chunk::Payload) -> Option<StreamChunk> {
    Some(match payload {
        stream_chunk::Payload::Content(text) => StreamChunk::Content(text),
        stream_chunk::Payload::Metadata(told) => StreamChunk::Metadata {
            agent: match told.agent.as_str() {
                "pathos" => Agent::Pathos,
                "logos" => Agent::Logos,
                "ethos" => Agent::Ethos,
                _ => return None,
            },
            phase: match told.phase.as_str() {
                "thinking" => Phase::Thinking,
                "responding" => Phase::Responding,
                "verifying" => Phase::Verifying,
                _ => return None,
            },
        },
        stream_chunk::Payload::End(end) => StreamChunk::End(read_end(end)),
        stream_chunk::Payload::Error(failed) => StreamChunk::Error(StreamFailure {
            error: refusal::of_code(&failed.code, failed.message, None),
            usage: usage(failed.tokens_used.as_ref()),
            cost: NanoUsd::new(failed.cost_nano_usd),
        }),
    })
}

fn read_end(end: proto::StreamEnd) -> Ended {
    Ended {
        usage: usage(end.tokens_used.as_ref()),
        cost: NanoUsd::new(end.cost_nano_usd),
        cloud_latency: Duration::from_millis(end.total_latency_ms),
        model: end.model_used,
        finish: match end.finish.as_str() {
            "length" => Finish::Length,
            "cancelled" => Finish::Cancelled,
            _ => Finish::Stop,
        },
    }
}
