//! What the server counts, for whoever watches over it.
//!
//! Every label is a name out of a closed list, so the number of series is bounded however many
//! devices there are. Counting is one addition without a lock.
//!
//! Absent on purpose: accounts, devices, addresses, models, money, words of anybody.

mod call_kind;
mod histogram;
mod text;
mod token;

use std::sync::atomic::{AtomicU64, Ordering};

use synesis_domain::TokenUsage;
use synesis_service::{Finish, Record};
use synesis_transport::Transport;
use synesis_wire::ErrorCode;
use synesis_wire::proto::answer;

use crate::session::Refused;
use histogram::Histogram;

pub(crate) use call_kind::CallKind;
pub(crate) use text::page;
pub use token::{MetricsToken, MetricsTokenError};

/// The bounds of the times that are told apart, in milliseconds.
const DURATION_BOUNDS_MS: [u64; 10] = [
    50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 120_000,
];
const TRANSPORTS: [Transport; 2] = [Transport::Quic, Transport::WebSocket];
/// What a call that was done is counted as.
const OK: &str = "ok";

/// A number that only grows.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    fn read(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A counter for each error, and one for none.
#[derive(Debug)]
struct ByOutcome(Box<[Counter]>);

impl Default for ByOutcome {
    fn default() -> Self {
        Self(
            (0..=ErrorCode::ALL.len())
                .map(|_| Counter::default())
                .collect(),
        )
    }
}

impl ByOutcome {
    fn count(&self, error: Option<ErrorCode>) {
        // Errors stand behind the good end.
        let place = error.map_or(0, |code| {
            let known = ErrorCode::ALL.iter().position(|known| *known == code);
            known.map_or(0, |place| place + 1)
        });
        if let Some(counter) = self.0.get(place) {
            counter.add(1);
        }
    }

    fn read(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let names = std::iter::once(OK).chain(ErrorCode::ALL.iter().map(|code| code.as_str()));
        names.zip(self.0.iter().map(Counter::read))
    }
}

/// All that is counted since the server started.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    connections: [Counter; TRANSPORTS.len()],
    /// QUIC handshakes that did not come to an end.
    pub(crate) handshakes_failed: Counter,
    refusals: [Counter; Refused::REASONS.len()],
    calls: [ByOutcome; CallKind::ALL.len()],
    /// Heartbeats that were taken.
    pub(crate) heartbeats: Counter,
    /// Pre-warm signals that were taken.
    pub(crate) prewarms: Counter,
    /// Streams of notices that were refused.
    pub(crate) notices_refused: Counter,
    /// Answers that ended as they should.
    stopped: Counter,
    /// Answers that became as long as was asked for.
    cut_by_length: Counter,
    /// Answers that ended in another way.
    failures: ByOutcome,
    prompt_tokens: Counter,
    completion_tokens: Counter,
    until_first_text: Histogram<{ DURATION_BOUNDS_MS.len() }>,
    until_ended: Histogram<{ DURATION_BOUNDS_MS.len() }>,
    /// Answers over HTTPS by the first digit of their status, from 1 to 5.
    https: [Counter; 5],
}

impl Metrics {
    /// A device was let in.
    pub(crate) fn connected(&self, transport: Transport) {
        let counters = self.connections.iter().zip(TRANSPORTS);
        for (counter, of) in counters {
            if of == transport {
                counter.add(1);
            }
        }
    }

    /// A connection was turned away.
    pub(crate) fn refused(&self, refusal: &Refused) {
        let place = Refused::REASONS
            .iter()
            .position(|reason| *reason == refusal.reason());
        if let Some(counter) = place.and_then(|place| self.refusals.get(place)) {
            counter.add(1);
        }
    }

    /// A call was answered, or could not be.
    pub(crate) fn called(&self, kind: CallKind, error: Option<ErrorCode>) {
        if let Some(outcomes) = self.calls.get(kind as usize) {
            outcomes.count(error);
        }
    }

    /// A call was answered with this.
    pub(crate) fn answered(&self, kind: CallKind, body: &answer::Body) {
        let error = match body {
            answer::Body::Error(error) => Some(error.code.parse().unwrap_or(ErrorCode::Internal)),
            _ => None,
        };
        self.called(kind, error);
    }

    /// An escalation ended.
    pub(crate) fn ended(&self, record: &Record) {
        match &record.outcome {
            Ok(Finish::Stop) => self.stopped.add(1),
            Ok(Finish::Length) => self.cut_by_length.add(1),
            Ok(Finish::Cancelled) => self.failures.count(Some(ErrorCode::Cancelled)),
            Err(rejection) => self.failures.count(Some(rejection.code())),
        }
        let usage: TokenUsage = record.usage.unwrap_or_default();
        self.prompt_tokens.add(usage.prompt().into());
        self.completion_tokens.add(usage.completion().into());
        let took = |until: synesis_domain::Timestamp| {
            u64::try_from(until.since(record.started)).unwrap_or(0)
        };
        self.until_ended
            .record(&DURATION_BOUNDS_MS, took(record.ended));
        if let Some(first) = record.first_text_at {
            self.until_first_text
                .record(&DURATION_BOUNDS_MS, took(first));
        }
    }

    /// A request over HTTPS was answered with this status.
    pub(crate) fn answered_https(&self, status: u16) {
        let class = usize::from(status / 100).checked_sub(1);
        if let Some(counter) = class.and_then(|class| self.https.get(class)) {
            counter.add(1);
        }
    }
}
