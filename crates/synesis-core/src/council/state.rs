//! What a council is waiting for, and what it has found out.

use crate::calculator::Found;
use crate::grounding::Grounding;
use crate::{CouncilEvent, Manifest, Outcome, Passage, Scores, Verdict};

/// Named for what it awaits.
#[derive(Debug)]
pub(super) enum State {
    /// Pathos' manifest.
    Manifest,
    /// Passages of the knowledge base.
    Passages,
    /// Logos' answer.
    Answer,
    /// Ethos' verdict on an answer.
    Verdict(Candidate),
    /// Ethos' word on whether a question nobody will answer was harmful; then this notice.
    HarmVerdict { notice: String },
    /// The cloud's answer.
    Cloud,
    /// Nothing any more.
    Over(Outcome),
}

impl State {
    pub(super) fn awaiting(&self) -> &'static str {
        match self {
            State::Manifest => "the manifest of Pathos",
            State::Passages => "passages",
            State::Answer => "the answer of Logos",
            State::Verdict(_) | State::HarmVerdict { .. } => "the verdict of Ethos",
            State::Cloud => "the answer of the cloud",
            State::Over(_) => "nothing any more",
        }
    }
}

/// An answer of Logos that may become the answer.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub(super) text: String,
    /// The mean probability of its tokens, in percent.
    pub(super) probability: Option<u8>,
    pub(super) round: u8,
}

/// A candidate that was judged.
#[derive(Debug, Clone)]
pub(super) struct Judged {
    pub(super) candidate: Candidate,
    pub(super) verdict: Verdict,
    pub(super) grounding: Grounding,
    pub(super) scores: Scores,
    pub(super) score: u8,
    /// Whether the weighted score, unrounded, reaches the threshold.
    pub(super) agreed: bool,
}

/// Everything found out so far.
#[derive(Debug, Default)]
pub(super) struct Memo {
    pub(super) manifest: Option<Manifest>,
    pub(super) calculation: Option<Found>,
    pub(super) passages: Vec<Passage>,
    /// The calculator's line, once Logos was given it.
    pub(super) calculator_line: Option<String>,
    pub(super) round: u8,
    pub(super) feedback: Option<String>,
    pub(super) best: Option<Judged>,
    /// The answer of the round before.
    pub(super) last_answer: Option<String>,
    /// How often the rules refuted an answer.
    pub(super) refuted: u8,
    /// What the rules say is right.
    pub(super) right: Option<String>,
    /// Why the cloud failed, once it did.
    pub(super) cloud_failure: Option<String>,
    /// What the running step has written.
    pub(super) written: String,
    /// Whether text of an answer was shown that is not withdrawn.
    pub(super) shown: bool,
    /// What the person should know besides the answer.
    pub(super) notices: Vec<String>,
}

impl Memo {
    pub(super) fn notice(&self) -> Option<String> {
        (!self.notices.is_empty()).then(|| self.notices.join(" "))
    }
}

/// Events nobody has polled yet.
#[derive(Debug, Default)]
pub(super) struct Events {
    queue: std::collections::VecDeque<CouncilEvent>,
}

impl Events {
    pub(super) fn push(&mut self, event: CouncilEvent) {
        use crate::limits::{ANSWER_BYTES_MAX, EVENTS_QUEUED_MAX};
        if self.queue.len() >= EVENTS_QUEUED_MAX
            && let CouncilEvent::Text { agent, delta } = &event
        {
            if let Some(CouncilEvent::Text {
                agent: last,
                delta: text,
            }) = self.queue.back_mut()
                && last == agent
                && text.len() < ANSWER_BYTES_MAX
            {
                text.push_str(delta);
            }
            return;
        }
        self.queue.push_back(event);
    }

    pub(super) fn pop(&mut self) -> Option<CouncilEvent> {
        self.queue.pop_front()
    }
}
