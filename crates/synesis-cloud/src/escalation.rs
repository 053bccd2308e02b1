//! `EscalationClient`: a redacted question to the cloud's models, and its answer.
//!
//! In this order, each time: the limits are checked, the last gate reads the encoded frame, the
//! ledger has it on disk, the frame is sent. Retries keep the request id, so the cloud answers a
//! retry with the same result and charges once.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use synesis_domain::{LoraId, ModelName, NanoUsd, ProjectId, RequestId, SessionId, TokenUsage};
use synesis_privacy::{LastGate, Redacted};
use synesis_wire::ErrorCode;
use synesis_wire::limits::{
    CONSTRAINTS_MAX, CONTEXT_BYTES_MAX, DEADLINE_MS_MAX, HISTORY_MESSAGES_MAX, KNOWLEDGE_ITEMS_MAX,
    OUTPUT_TOKENS_DEFAULT, OUTPUT_TOKENS_MAX, QUERY_BYTES_MAX,
};
use synesis_wire::proto::{
    CloudModel, EscalationContext, EscalationRequest, EscalationResponse, Message, answer,
};

use crate::billing::{in_ledger, usage};
use crate::call::OutgoingCall;
use crate::error::CloudError;
use crate::ledger::{LocalLedger, Opening, Settlement};
use crate::metrics::{EscalationMetrics, Meter};
use crate::receipt;
use crate::streaming::StreamingResponse;
use crate::supervisor::wall_clock;
use crate::tunnel::CloudTunnel;

/// How patient the client is.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct EscalationConfig {
    /// For a whole answer; of a stream, for each next chunk.
    pub timeout: Duration,
    /// Attempts after the first, counted anew when a stream has gone on.
    pub max_retries: u32,
    /// The upper end of the first wait between two attempts; it doubles from there.
    pub retry_delay: Duration,
    /// The model where an escalation names none.
    pub default_model: CloudModel,
}

impl Default for EscalationConfig {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(120),
            max_retries: 5,
            retry_delay: Duration::from_millis(200),
            default_model: CloudModel::Auto,
        }
    }
}

/// Who said a turn of the conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaker {
    /// The person.
    User,
    /// The assistant.
    Assistant,
}

/// A turn of the conversation so far.
#[derive(Debug, Clone)]
pub struct Turn {
    /// Who.
    pub speaker: Speaker,
    /// What, redacted.
    pub content: Redacted,
}

/// A question for the cloud. All of its text was redacted.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Escalation {
    /// Made once, kept through every retry.
    pub request_id: RequestId,
    /// The question.
    pub query: Redacted,
    /// What Pathos made of it.
    pub framing: Option<Redacted>,
    /// Passages of the person's documents.
    pub knowledge: Vec<Redacted>,
    /// The conversation so far.
    pub history: Vec<Turn>,
    /// What the answer has to respect.
    pub constraints: Vec<Redacted>,
    /// The model; the client's default where there is none.
    pub model: Option<CloudModel>,
    /// The most tokens of the answer.
    pub max_tokens: Option<u32>,
    /// The conversation whose context the cloud keeps.
    pub session: Option<SessionId>,
    /// The project it is for.
    pub project: Option<ProjectId>,
    /// The adapter to answer with.
    pub lora: Option<LoraId>,
}

impl Escalation {
    /// A question with nothing around it.
    #[must_use]
    pub fn new(request_id: RequestId, query: Redacted) -> Self {
        Self {
            request_id,
            query,
            framing: None,
            knowledge: Vec::new(),
            history: Vec::new(),
            constraints: Vec::new(),
            model: None,
            max_tokens: None,
            session: None,
            project: None,
            lora: None,
        }
    }

    /// An id for a new escalation.
    ///
    /// # Errors
    /// [`CloudError::System`] when the machine gives no randomness.
    pub fn new_id() -> Result<RequestId, CloudError> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).map_err(|error| CloudError::System {
            cause: crate::error::Cause::words(error.to_string()),
        })?;
        Ok(RequestId::from_bytes(
            *uuid::Builder::from_random_bytes(bytes).as_uuid().as_bytes(),
        ))
    }
}

/// A whole answer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct EscalationAnswer {
    /// The escalation.
    pub request_id: RequestId,
    /// The answer, with its placeholders.
    pub content: String,
    /// The model that answered.
    pub model: String,
    /// The tokens.
    pub usage: TokenUsage,
    /// The charge.
    pub cost: NanoUsd,
    /// From the call to the answer.
    pub latency: Duration,
}

/// What leaves the device for one escalation: the first frame, byte for byte, and what it says.
#[derive(Debug, Clone)]
pub struct Egress {
    /// The request in the frame.
    pub request: EscalationRequest,
    /// The frame.
    pub frame: Bytes,
}

/// What the client and its streams share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) tunnel: CloudTunnel,
    pub(crate) ledger: LocalLedger,
    pub(crate) config: EscalationConfig,
    pub(crate) meter: Meter,
}

/// Sends escalations over a tunnel and keeps the local ledger.
#[derive(Debug, Clone)]
pub struct EscalationClient(Arc<Shared>);

impl EscalationClient {
    /// A client of this tunnel and this ledger.
    #[must_use]
    pub fn new(tunnel: CloudTunnel, ledger: LocalLedger, config: EscalationConfig) -> Self {
        Self(Arc::new(Shared {
            tunnel,
            ledger,
            config,
            meter: Meter::new(),
        }))
    }

    /// What the escalations of this client came to.
    #[must_use]
    pub fn metrics(&self) -> EscalationMetrics {
        self.0.meter.read()
    }

    /// Exactly what [`escalate_streaming`](Self::escalate_streaming) would send first. Sends
    /// nothing.
    ///
    /// # Errors
    /// As the sending: over a limit, or blocked by the last gate.
    pub fn egress(&self, escalation: &Escalation, gate: &LastGate) -> Result<Egress, CloudError> {
        let request = self.0.request(escalation, true)?;
        let call = self.0.streaming_call(&request, gate)?;
        Ok(Egress {
            request,
            frame: call.frame().as_bytes().clone(),
        })
    }

    /// Asks, and waits for the whole answer.
    ///
    /// # Errors
    /// The cloud's refusal, or what broke after the last retry.
    pub async fn escalate(
        &self,
        escalation: &Escalation,
        gate: &LastGate,
    ) -> Result<EscalationAnswer, CloudError> {
        let request = self.0.request(escalation, false)?;
        let timeout = self.0.config.timeout;
        OutgoingCall::escalation(request.clone(), timeout, gate)?;
        self.0.begin(escalation).await?;
        let _query = self.0.tunnel.activity().query();
        let begun = Instant::now();
        let outcome = self.0.whole_answer(request, gate, begun).await;
        match outcome {
            Ok(response) => {
                let answer = self
                    .0
                    .settle_answer(escalation.request_id, response, begun)
                    .await?;
                self.0.meter.answered(answer.latency);
                Ok(answer)
            }
            Err(error) => {
                self.0.meter.failed();
                self.0.close_if_free(escalation.request_id, &error).await;
                Err(error)
            }
        }
    }

    /// Asks, and gives the answer while it is written.
    ///
    /// # Errors
    /// Over a limit, blocked by the last gate, or the ledger refuses: nothing was sent. What
    /// happens after that arrives as a chunk.
    pub async fn escalate_streaming(
        &self,
        escalation: &Escalation,
        gate: LastGate,
    ) -> Result<StreamingResponse, CloudError> {
        let request = self.0.request(escalation, true)?;
        self.0.streaming_call(&request, &gate)?;
        self.0.begin(escalation).await?;
        let shared = Arc::clone(&self.0);
        let mut response = StreamingResponse::new(shared, escalation.request_id, request, gate);
        response.begin().await;
        Ok(response)
    }
}

impl Shared {
    /// The request on the wire, within the limits.
    fn request(&self, from: &Escalation, stream: bool) -> Result<EscalationRequest, CloudError> {
        check_limits(from)?;
        let text = |redacted: &Redacted| redacted.as_str().to_owned();
        let context = EscalationContext {
            pathos_framing: from.framing.as_ref().map(text),
            local_knowledge: from.knowledge.iter().map(text).collect(),
            conversation_history: from
                .history
                .iter()
                .map(|turn| Message {
                    role: match turn.speaker {
                        Speaker::User => "user".to_owned(),
                        Speaker::Assistant => "assistant".to_owned(),
                    },
                    content: text(&turn.content),
                })
                .collect(),
            constraints: from.constraints.iter().map(text).collect(),
        };
        let empty = context == EscalationContext::default();
        Ok(EscalationRequest {
            request_id: from.request_id.to_string(),
            // The cloud takes the identity from the certificate.
            user_id: String::new(),
            session_id: from
                .session
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default(),
            query: text(&from.query),
            context: (!empty).then_some(context),
            model: from.model.unwrap_or(self.config.default_model).into(),
            max_tokens: from.max_tokens.unwrap_or(OUTPUT_TOKENS_DEFAULT),
            stream,
            lora_id: from.lora.as_ref().map(ToString::to_string),
            project_id: from.project.as_ref().map(ToString::to_string),
            resume_after: 0,
        })
    }

    /// A stream may take as long as its chunks keep coming.
    pub(crate) fn streaming_call(
        &self,
        request: &EscalationRequest,
        gate: &LastGate,
    ) -> Result<OutgoingCall, CloudError> {
        let deadline = Duration::from_millis(DEADLINE_MS_MAX.into());
        OutgoingCall::escalation(request.clone(), deadline, gate)
            .map(|call| call.with_patience(self.config.timeout))
    }

    /// Puts the escalation into the ledger.
    async fn begin(&self, escalation: &Escalation) -> Result<(), CloudError> {
        self.meter.begun();
        let model = escalation.model.unwrap_or(self.config.default_model);
        let opening = Opening {
            request_id: escalation.request_id,
            at: wall_clock(),
            model,
            session: escalation.session.clone(),
            project: escalation.project.clone(),
            account: self.tunnel.config().account,
        };
        let opened = in_ledger(&self.ledger, move |ledger| ledger.open_call(&opening)).await;
        if opened.is_err() {
            self.meter.failed();
        }
        opened
    }

    async fn whole_answer(
        &self,
        request: EscalationRequest,
        gate: &LastGate,
        begun: Instant,
    ) -> Result<EscalationResponse, CloudError> {
        let mut attempts = 0;
        loop {
            let left = self.config.timeout.saturating_sub(begun.elapsed());
            let call = OutgoingCall::escalation(request.clone(), left, gate)?;
            let error = match self.tunnel.request(&call).await {
                Ok(answer::Body::Escalation(response)) => return Ok(response),
                Ok(_) => CloudError::Protocol("an escalation was sent, something else came"),
                Err(error) => error,
            };
            let left = self.config.timeout.saturating_sub(begun.elapsed());
            match self.next_attempt(&error, attempts) {
                Some(wait) if wait < left => {
                    tracing::debug!(?error, attempts, "asking again");
                    tokio::time::sleep(wait).await;
                }
                _ => return Err(error),
            }
            attempts += 1;
            self.meter.retried();
        }
    }

    /// How long to wait before asking again, if it can help at all.
    pub(crate) fn next_attempt(&self, error: &CloudError, attempts: u32) -> Option<Duration> {
        if !error.is_retryable() || attempts >= self.config.max_retries {
            return None;
        }
        if let CloudError::RateLimited { retry_after } = error {
            return *retry_after;
        }
        let ceiling = self
            .config
            .retry_delay
            .saturating_mul(1 << attempts.min(16));
        Some(crate::policy::share(ceiling, crate::supervisor::random()))
    }

    async fn settle_answer(
        &self,
        request_id: RequestId,
        response: EscalationResponse,
        begun: Instant,
    ) -> Result<EscalationAnswer, CloudError> {
        if response.request_id != request_id.to_string() {
            return Err(CloudError::Protocol(
                "the answer belongs to another request",
            ));
        }
        let answer = EscalationAnswer {
            request_id,
            content: response.content,
            model: response.model_used,
            usage: usage(response.tokens_used.as_ref()),
            cost: NanoUsd::new(response.cost_nano_usd),
            latency: begun.elapsed(),
        };
        receipt::keep(&self.tunnel, &self.ledger, response.receipt).await;
        self.settle(request_id, answer.usage, answer.cost, &answer.model)
            .await?;
        Ok(answer)
    }

    /// Writes down what was charged.
    pub(crate) async fn settle(
        &self,
        request_id: RequestId,
        usage: TokenUsage,
        cost: NanoUsd,
        model: &str,
    ) -> Result<(), CloudError> {
        self.meter.charged(usage, cost);
        let settlement = Settlement {
            request_id,
            at: wall_clock(),
            model: ModelName::new(model).ok(),
            usage,
            cost,
        };
        in_ledger(&self.ledger, move |ledger| ledger.settle(&settlement)).await
    }

    /// Closes an escalation that was refused before it could cost anything. Any other stays open
    /// until the cloud is asked what became of it.
    pub(crate) async fn close_if_free(&self, request_id: RequestId, error: &CloudError) {
        let free = match error {
            CloudError::CeilingExceeded { .. } | CloudError::RateLimited { .. } => true,
            CloudError::EscalationFailed { code, .. } => matches!(
                code,
                ErrorCode::BadRequest | ErrorCode::TooLarge | ErrorCode::UnknownModel
            ),
            _ => false,
        };
        if !free {
            return;
        }
        let released = in_ledger(&self.ledger, move |ledger| {
            ledger.release(request_id, wall_clock())
        });
        if let Err(error) = released.await {
            tracing::warn!(?error, "the ledger keeps a refused escalation open");
        }
    }
}

fn check_limits(from: &Escalation) -> Result<(), CloudError> {
    let context = from
        .framing
        .iter()
        .chain(&from.knowledge)
        .chain(&from.constraints);
    let turns = from.history.iter().map(|turn| &turn.content);
    let context_bytes = context.chain(turns).map(|text| text.as_str().len()).sum();
    let tokens = usize::try_from(from.max_tokens.unwrap_or(0)).unwrap_or(usize::MAX);
    let tokens_max = usize::try_from(OUTPUT_TOKENS_MAX).unwrap_or(usize::MAX);
    let checks = [
        ("query", from.query.as_str().len(), QUERY_BYTES_MAX, "bytes"),
        ("context", context_bytes, CONTEXT_BYTES_MAX, "bytes"),
        (
            "knowledge",
            from.knowledge.len(),
            KNOWLEDGE_ITEMS_MAX,
            "passages",
        ),
        ("history", from.history.len(), HISTORY_MESSAGES_MAX, "turns"),
        (
            "list of constraints",
            from.constraints.len(),
            CONSTRAINTS_MAX,
            "entries",
        ),
        ("length asked for", tokens, tokens_max, "tokens"),
    ];
    for (what, actual, max, unit) in checks {
        if actual > max {
            return Err(CloudError::TooLarge {
                what,
                actual,
                max,
                unit,
            });
        }
    }
    Ok(())
}
