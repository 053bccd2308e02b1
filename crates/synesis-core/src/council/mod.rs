//! The council itself.
//!
//! Bounds: one manifest, at most one search, at most `rounds_max` rounds of Logos and Ethos, and
//! at most one escalation. Whatever the host tells it in whatever order, it ends.

mod arbiter;
mod cloud;
mod consensus;
mod ethos;
mod logos;
mod pathos;
mod state;
mod step;

pub use step::{
    CloudEnd, CloudFailure, CouncilConfig, Escalate, GenerateStep, Generated, OutOfTurn, Query,
    QueryError, Step, Weights,
};

use crate::limits::{
    ANSWER_BYTES_MAX, CONTEXT_BYTES_MAX, HISTORY_BYTES_MAX, HISTORY_MESSAGES_MAX, QUERY_BYTES_MAX,
    ROUNDS_MAX, prefix,
};
use crate::{Agent, ChatMessage, CouncilEvent, Fit, Manifest, Outcome, Passage, rules};
use state::{Events, Memo, State};

/// Three agents at work on one question.
#[derive(Debug)]
pub struct Council {
    config: CouncilConfig,
    fit: Fit,
    question: String,
    context: Option<String>,
    history: Vec<ChatMessage>,
    state: State,
    /// A step that was not given out yet.
    pending: Option<Step>,
    events: Events,
    memo: Memo,
}

impl Council {
    /// Puts a question to a council.
    pub fn new(config: CouncilConfig, query: Query, fit: Fit) -> Result<Self, QueryError> {
        check(&query)?;
        let rounds_max = config.rounds_max.clamp(1, ROUNDS_MAX);
        let given = query.context.filter(|text| !text.trim().is_empty());
        let (context, question) = match given {
            Some(context) => (Some(context), query.text.trim().to_owned()),
            None => match rules::split_context(&query.text, fit.model.demonstration) {
                Some((context, question)) => (Some(context), question),
                None => (None, query.text.trim().to_owned()),
            },
        };
        // A demonstration model has no room for earlier turns, and was never shown any.
        let history = if fit.model.demonstration {
            Vec::new()
        } else {
            recent(query.history)
        };
        let memo = Memo {
            calculation: crate::calculator::find(&question),
            ..Memo::default()
        };
        let mut council = Self {
            config: CouncilConfig {
                rounds_max,
                ..config
            },
            fit,
            question,
            context,
            history,
            state: State::Manifest,
            pending: None,
            events: Events::default(),
            memo,
        };
        council.ask_pathos();
        Ok(council)
    }

    /// What to do next. A step is given once; until it is answered this is [`Step::Waiting`].
    /// [`Step::Finished`] is given every time.
    pub fn poll_step(&mut self) -> Step {
        if let Some(step) = self.pending.take() {
            return step;
        }
        match &self.state {
            State::Over(outcome) => Step::Finished(outcome.clone()),
            _ => Step::Waiting,
        }
    }

    /// What happened since the last call, oldest first.
    pub fn poll_event(&mut self) -> Option<CouncilEvent> {
        self.events.pop()
    }

    /// What Pathos found out, once it did.
    pub fn manifest(&self) -> Option<&Manifest> {
        self.memo.manifest.as_ref()
    }

    /// Whether the council is over.
    pub fn is_finished(&self) -> bool {
        matches!(self.state, State::Over(_))
    }

    /// A piece of text came from the running step, local or cloud.
    pub fn handle_text(&mut self, delta: &str) -> Result<(), OutOfTurn> {
        let agent = match &self.state {
            State::Manifest => Agent::Pathos,
            State::Answer | State::Cloud => Agent::Logos,
            State::Verdict(_) | State::HarmVerdict { .. } => Agent::Ethos,
            State::Passages | State::Over(_) => return Err(self.out_of_turn("text")),
        };
        self.in_turn("text")?;
        if delta.is_empty() {
            return Ok(());
        }
        self.memo.shown |= agent == Agent::Logos;
        let room = ANSWER_BYTES_MAX - self.memo.written.len().min(ANSWER_BYTES_MAX);
        self.memo.written.push_str(prefix(delta, room));
        self.events.push(CouncilEvent::Text {
            agent,
            delta: delta.to_owned(),
        });
        Ok(())
    }

    /// The local model is done.
    pub fn handle_generated(&mut self, generated: Generated) -> Result<(), OutOfTurn> {
        let told = "generated text";
        self.in_turn(told)?;
        match std::mem::replace(&mut self.state, State::Manifest) {
            State::Manifest => self.hear_pathos(generated),
            State::Answer => self.hear_logos(generated),
            State::Verdict(candidate) => self.hear_ethos(candidate, generated),
            State::HarmVerdict { notice } => self.hear_harm(notice, generated),
            other => {
                self.state = other;
                return Err(self.out_of_turn(told));
            }
        }
        Ok(())
    }

    /// The local model failed.
    pub fn handle_failed(&mut self, message: String) -> Result<(), OutOfTurn> {
        let told = "a failed model";
        self.in_turn(told)?;
        match std::mem::replace(&mut self.state, State::Manifest) {
            State::Manifest => self.miss_pathos(&format!("the model failed: {message}")),
            State::Answer => self.miss_logos(message),
            State::Verdict(candidate) => self.miss_ethos(candidate),
            State::HarmVerdict { notice } => self.finish(Outcome::OutsideTasks { notice }),
            other => {
                self.state = other;
                return Err(self.out_of_turn(told));
            }
        }
        Ok(())
    }

    /// The knowledge base was searched; nothing found, or a failed search, is an empty list.
    pub fn handle_retrieved(&mut self, passages: Vec<Passage>) -> Result<(), OutOfTurn> {
        if !matches!(self.state, State::Passages) {
            return Err(self.out_of_turn("passages"));
        }
        self.in_turn("passages")?;
        self.take_passages(passages);
        Ok(())
    }

    /// The cloud's answer is complete.
    pub fn handle_cloud_ended(&mut self, end: CloudEnd) -> Result<(), OutOfTurn> {
        if !matches!(self.state, State::Cloud) {
            return Err(self.out_of_turn("the end of a cloud answer"));
        }
        self.in_turn("the end of a cloud answer")?;
        self.hear_cloud(&end);
        Ok(())
    }

    /// The cloud's answer failed, before or within the stream.
    pub fn handle_cloud_failed(&mut self, failure: CloudFailure) -> Result<(), OutOfTurn> {
        if !matches!(self.state, State::Cloud) {
            return Err(self.out_of_turn("a failed cloud"));
        }
        self.in_turn("a failed cloud")?;
        self.miss_cloud(failure);
        Ok(())
    }

    /// Nothing can have happened to a step that was not given out.
    fn in_turn(&self, told: &'static str) -> Result<(), OutOfTurn> {
        match self.pending {
            Some(_) => Err(OutOfTurn {
                awaiting: "a poll for the next step",
                told,
            }),
            None => Ok(()),
        }
    }

    fn out_of_turn(&self, told: &'static str) -> OutOfTurn {
        OutOfTurn {
            awaiting: self.state.awaiting(),
            told,
        }
    }

    /// Lets an agent speak through the local model.
    fn generate(&mut self, state: State, step: GenerateStep) {
        let agent = step.agent;
        let round = self.memo.round;
        self.memo.written.clear();
        self.events.push(CouncilEvent::AgentStarted {
            agent,
            phase: agent.phase(),
            round,
        });
        self.state = state;
        self.pending = Some(Step::Generate(step));
    }

    fn ended(&mut self, agent: Agent, generated: &Generated) {
        self.events.push(CouncilEvent::AgentEnded {
            agent,
            prompt_tokens: generated.prompt_tokens,
            completion_tokens: generated.completion_tokens,
        });
    }

    /// Withdraws what was shown, since something else follows.
    fn restart(&mut self, reason: &str) {
        if std::mem::take(&mut self.memo.shown) {
            self.events.push(CouncilEvent::Restarted {
                reason: reason.to_owned(),
            });
        }
    }

    fn finish(&mut self, outcome: Outcome) {
        self.events.push(CouncilEvent::finished(&outcome));
        self.state = State::Over(outcome);
    }
}

fn check(query: &Query) -> Result<(), QueryError> {
    let bytes = query.text.len();
    if bytes > QUERY_BYTES_MAX {
        return Err(QueryError::TooLong {
            bytes,
            bytes_max: QUERY_BYTES_MAX,
        });
    }
    let bytes = query.context.as_ref().map_or(0, String::len);
    if bytes > CONTEXT_BYTES_MAX {
        return Err(QueryError::ContextTooLong {
            bytes,
            bytes_max: CONTEXT_BYTES_MAX,
        });
    }
    if query.text.trim().is_empty() {
        Err(QueryError::Empty)
    } else {
        Ok(())
    }
}

/// The last messages that fit.
fn recent(history: Vec<ChatMessage>) -> Vec<ChatMessage> {
    let mut bytes = 0;
    let fits = |message: &&ChatMessage| {
        bytes += message.content.len();
        bytes <= HISTORY_BYTES_MAX
    };
    let kept = history
        .iter()
        .rev()
        .take(HISTORY_MESSAGES_MAX)
        .take_while(fits)
        .count();
    let first = history.len() - kept;
    history.into_iter().skip(first).collect()
}
