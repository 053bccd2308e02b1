//! One escalation, from the hold to the settlement.
//!
//! The host starts it, does what [`Escalation::poll`] says in that order, and tells what came of
//! it with the `handle_*` methods; between two answers it may wait until [`Escalation::timeout`].
//! Each [`Action::Account`] is answered by one [`Escalation::handle_account`], in their order;
//! words of the provider may arrive in between.
//!
//! Output is held in slices: while the answer grows, the next slice is held before the last one
//! is used up, and where the account refuses it the provider is stopped. The last chunk goes out
//! after the settlement, with what was charged. A call that brings forth nothing is released:
//! nothing is charged before the first token. What happens after the end is ignored.

mod action;
mod end;
mod hold;

use std::collections::VecDeque;

pub use action::{
    AccountFailure, AccountReply, Action, Finish, ProviderCall, ProviderFailure, Record, StopReason,
};
use synesis_core::{Agent, ChatMessage};
use synesis_domain::limits::HOLD_TTL_MS;
use synesis_domain::{
    AccountCommand, Digest, LoraId, NanoUsd, Payer, RequestId, Tier, Timestamp, TokenUsage,
};
use synesis_wire::limits::DEADLINE_MS_MAX;
use synesis_wire::proto::ChunkMetadata;
use synesis_wire::proto::stream_chunk::Payload;

use crate::auth::Caller;
use crate::estimate::PromptEstimate;
use crate::limits::{CHUNK_BYTES_MAX, RUN_MS_DEFAULT};
use crate::model::Route;
use crate::prompt::messages;
use crate::rejection::Rejection;
use crate::request::ValidRequest;
use crate::transcript::Transcript;

/// What an escalation begins with.
#[derive(Clone, Debug)]
pub struct EscalationInput {
    /// Who asks.
    pub caller: Caller,
    /// What is asked.
    pub request: ValidRequest,
    /// Where it goes, and what it costs there.
    pub route: Route,
    /// On which terms the account is.
    pub tier: Tier,
    /// Who pays the provider.
    pub payer: Payer,
    /// How long the caller waits; 0 for no word about it.
    pub deadline_ms: u32,
}

/// One escalation.
#[derive(Debug)]
pub struct Escalation {
    caller: Caller,
    request: RequestId,
    content: Digest,
    route: Route,
    tier: Tier,
    payer: Payer,
    lora: Option<LoraId>,
    messages: Vec<ChatMessage>,
    estimate: PromptEstimate,
    max_tokens: u32,
    /// What was left when the ceiling lowered `max_tokens` or refused a slice.
    ceiling: Option<NanoUsd>,
    /// Where the stream ends, because no further slice can be held.
    stop_at: Option<u32>,
    held: NanoUsd,
    /// Output tokens that what is held pays for.
    covered: u32,
    generated: u32,
    reported: Option<TokenUsage>,
    started: Timestamp,
    deadline: Timestamp,
    renewed_at: Timestamp,
    first_text_at: Option<Timestamp>,
    transcript: Transcript,
    actions: VecDeque<Action>,
    asked: VecDeque<Ask>,
    state: State,
}

/// A question to the account whose answer is awaited.
#[derive(Debug)]
enum Ask {
    Hold { tokens: u32, tries: u8 },
    Extend { last: bool },
    Settle(AccountCommand, TokenUsage),
    Release,
}

/// What the escalation waits for. An outcome is how it ends.
#[derive(Debug)]
enum State {
    Holding { stopped: Option<Outcome> },
    Streaming,
    Ending(Outcome),
    Ended,
}

type Outcome = Result<Finish, Rejection>;

impl Escalation {
    /// Begins: the first action is a hold.
    #[must_use]
    pub fn start(now: Timestamp, input: EscalationInput) -> Self {
        let EscalationInput {
            caller,
            request,
            route,
            tier,
            payer,
            deadline_ms,
        } = input;
        let content = request.content();
        let messages = messages(&request);
        let lora = request.lora.clone();
        let run_ms = if deadline_ms == 0 {
            RUN_MS_DEFAULT
        } else {
            deadline_ms.min(DEADLINE_MS_MAX)
        };
        let mut escalation = Self {
            caller,
            request: request.request,
            content,
            tier,
            payer,
            estimate: PromptEstimate::of(&messages),
            lora,
            messages,
            max_tokens: request.max_tokens.min(route.output_tokens_max),
            route,
            ceiling: None,
            stop_at: None,
            held: NanoUsd::ZERO,
            covered: 0,
            generated: 0,
            reported: None,
            started: now,
            deadline: now.plus_ms(i64::from(run_ms)),
            renewed_at: now,
            first_text_at: None,
            transcript: Transcript::new(request.request, content),
            actions: VecDeque::new(),
            asked: VecDeque::new(),
            state: State::Holding { stopped: None },
        };
        escalation.ask_first_hold();
        escalation
    }

    /// What to do next; `None` while there is something to wait for, or nothing any more.
    pub fn poll(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// When to call [`Escalation::handle_tick`] at the latest.
    #[must_use]
    pub fn timeout(&self) -> Option<Timestamp> {
        match self.state {
            State::Holding { .. } => Some(self.deadline),
            State::Streaming => Some(self.deadline.min(self.renewal_due())),
            State::Ending(_) | State::Ended => None,
        }
    }

    /// Everything that was sent so far, for those who come later.
    #[must_use]
    pub const fn transcript(&self) -> &Transcript {
        &self.transcript
    }

    /// The transcript, to be kept after the end.
    #[must_use]
    pub fn into_transcript(self) -> Transcript {
        self.transcript
    }

    /// Whether [`Action::Done`] was given or is the next to come.
    #[must_use]
    pub const fn is_ended(&self) -> bool {
        matches!(self.state, State::Ended)
    }

    /// The account's answer to the oldest command that was not answered yet.
    pub fn handle_account(&mut self, now: Timestamp, reply: Result<AccountReply, AccountFailure>) {
        match self.asked.pop_front() {
            Some(Ask::Hold { tokens, tries }) => self.hold_answered(now, tokens, tries, reply),
            Some(Ask::Extend { last }) => self.extend_answered(now, last, reply),
            Some(Ask::Settle(command, usage)) => self.settle_answered(now, command, usage, reply),
            Some(Ask::Release) => self.finish(now, None, None),
            None => {}
        }
    }

    /// The provider wrote something. `tokens` is how many tokens it is: the engine's own count,
    /// or 1 for a delta whose tokens nobody counts.
    pub fn handle_delta(&mut self, now: Timestamp, text: &str, tokens: u32) {
        if !matches!(self.state, State::Streaming) {
            return;
        }
        self.generated = self.generated.saturating_add(tokens);
        let all_sent = self.send_text(now, text);
        if !all_sent {
            self.stop(Ok(Finish::Length));
        } else if self
            .stop_at
            .is_some_and(|stop_at| self.generated >= stop_at)
        {
            self.stop(self.at_ceiling());
        } else if self.generated > self.max_tokens {
            self.stop(self.at_length());
        } else {
            self.ask_next_slice();
        }
    }

    /// The provider counted, before the end: the prompt's tokens, for instance.
    pub fn handle_provider_usage(&mut self, usage: TokenUsage) {
        if matches!(self.state, State::Streaming) {
            self.reported = Some(usage);
        }
    }

    /// The provider ended by itself. Its count is what is charged, a count of zero too; without
    /// one, what arrived is.
    pub fn handle_provider_end(&mut self, usage: Option<TokenUsage>, finish: Finish) {
        if !matches!(self.state, State::Streaming) {
            return;
        }
        let outcome = match finish {
            Finish::Length => self.at_length(),
            Finish::Stop | Finish::Cancelled => Ok(finish),
        };
        self.conclude(outcome, usage);
    }

    /// The provider broke off, or never began.
    pub fn handle_provider_failed(&mut self, failure: ProviderFailure) {
        if matches!(self.state, State::Streaming) {
            self.conclude(Err(failure.into()), None);
        }
    }

    /// Nobody wants the answer any more, or the server goes away. What was generated is settled.
    pub fn handle_stop(&mut self, reason: StopReason) {
        let outcome = match reason {
            StopReason::Cancelled => Ok(Finish::Cancelled),
            StopReason::ShuttingDown => Err(Rejection::ShuttingDown),
        };
        self.interrupt(outcome);
    }

    /// Time has passed.
    pub fn handle_tick(&mut self, now: Timestamp) {
        if now >= self.deadline {
            self.interrupt(Err(Rejection::Deadline));
        } else if matches!(self.state, State::Streaming) && now >= self.renewal_due() {
            self.renewed_at = now;
            self.ask_extend(self.covered, true);
        }
    }

    fn interrupt(&mut self, outcome: Outcome) {
        match &mut self.state {
            // The hold's answer is on its way; it is released when it comes.
            State::Holding { stopped } => {
                stopped.get_or_insert(outcome);
            }
            State::Streaming => self.stop(outcome),
            State::Ending(_) | State::Ended => {}
        }
    }

    fn stop(&mut self, outcome: Outcome) {
        self.actions.push_back(Action::StopProvider);
        self.conclude(outcome, None);
    }

    const fn renewal_due(&self) -> Timestamp {
        self.renewed_at.plus_ms(HOLD_TTL_MS as i64 / 2)
    }

    /// Sends a text in numbered chunks, and says whether all of it had room.
    fn send_text(&mut self, now: Timestamp, text: &str) -> bool {
        let room = text.floor_char_boundary(self.transcript.room_bytes());
        let (mut rest, cut) = text.split_at(room);
        if !rest.is_empty() && self.first_text_at.is_none() {
            self.first_text_at = Some(now);
            let agent = Agent::Logos;
            self.send(Payload::Metadata(ChunkMetadata {
                agent: agent.as_str().into(),
                phase: agent.phase().as_str().into(),
            }));
        }
        while !rest.is_empty() {
            let (piece, next) = rest.split_at(rest.floor_char_boundary(CHUNK_BYTES_MAX));
            self.send(Payload::Content(piece.into()));
            rest = next;
        }
        cut.is_empty()
    }

    fn send(&mut self, payload: Payload) {
        let chunk = self.transcript.push(payload);
        self.actions.push_back(Action::Send(chunk));
    }
}
