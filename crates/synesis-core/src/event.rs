//! Every step of a council, for whoever watches.

use serde::Serialize;

use crate::{Agent, Decision, Ending, Manifest, Outcome, Passage, Phase, Route, Scores};

/// Who made a manifest or a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A model.
    Model,
    /// Fixed rules alone.
    Rules,
    /// A model, and rules that checked it.
    ModelAndRules,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum CouncilEvent {
    /// An agent set to work.
    AgentStarted {
        /// Who.
        agent: Agent,
        /// At what.
        phase: Phase,
        /// In which round, counted from 1; 0 before the first.
        round: u8,
    },
    /// An agent's model is done.
    AgentEnded {
        /// Who.
        agent: Agent,
        /// Tokens read.
        prompt_tokens: u32,
        /// Tokens written.
        completion_tokens: u32,
    },
    /// What is wanted.
    Manifest {
        /// Pathos' findings.
        manifest: Manifest,
        /// Who found them.
        source: Source,
        /// Why rules spoke, where they did.
        note: Option<String>,
    },
    /// Where the answer will come from.
    Route {
        /// From where.
        route: Route,
        /// Why, in words.
        reason: String,
    },
    /// A piece of what an agent writes; only Logos writes for the person.
    Text {
        /// Who writes.
        agent: Agent,
        /// The piece.
        delta: String,
    },
    /// A tool was used.
    Tool {
        /// Which: `calculator`, or `units` (the table of units).
        name: &'static str,
        /// What was put in.
        input: String,
        /// What came out.
        output: String,
    },
    /// Passages came from the knowledge base.
    Retrieved {
        /// They, or none.
        passages: Vec<Passage>,
    },
    /// Ethos judged.
    Verdict {
        /// The round judged.
        round: u8,
        /// The decision.
        decision: Decision,
        /// The feedback.
        feedback: String,
        /// How sure, in percent.
        confidence: u8,
        /// Who judged.
        verified_by: Source,
    },
    /// A round is over.
    RoundEnded {
        /// Which.
        round: u8,
        /// The weighted score, in percent.
        score: u8,
    },
    /// The text written so far is withdrawn; a new one follows.
    Restarted {
        /// Why.
        reason: String,
    },
    /// Something the person should know, in words.
    Notice {
        /// The words.
        message: String,
    },
    /// The council is over.
    Finished {
        /// How.
        ending: Ending,
        /// The answer, or why there is none.
        answer: String,
        /// What to know besides.
        notice: Option<String>,
        /// The weighted score in percent; 0 without an answer.
        confidence: u8,
        /// Where the answer comes from.
        route: Route,
        /// Rounds it took.
        rounds: u8,
        /// Whether the arbiter chose.
        arbiter: bool,
        /// The agents' scores.
        scores: Scores,
    },
}

impl CouncilEvent {
    pub(crate) fn finished(outcome: &Outcome) -> Self {
        let answer = outcome.answer();
        let route = match outcome {
            Outcome::Cut { route, .. } => *route,
            Outcome::Failed { .. } | Outcome::Vetoed { .. } => Route::Local,
            _ => Route::Refuse,
        };
        CouncilEvent::Finished {
            ending: outcome.ending(),
            answer: outcome.text().to_owned(),
            notice: outcome.notice().map(str::to_owned),
            confidence: answer.map_or(0, |a| a.confidence),
            route: answer.map_or(route, |a| a.route),
            rounds: answer.map_or(0, |a| a.rounds),
            arbiter: answer.is_some_and(|a| a.arbiter),
            scores: answer.map(|a| a.scores).unwrap_or_default(),
        }
    }
}
