//! How a council ends.

use serde::Serialize;

use crate::Passage;

/// Where an answer comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Route {
    /// The model of this machine.
    Local,
    /// The cloud.
    Cloud,
    /// Nobody is asked.
    Refuse,
}

impl Route {
    /// The name in events and on the terminal.
    pub fn as_str(self) -> &'static str {
        match self {
            Route::Local => "local",
            Route::Cloud => "cloud",
            Route::Refuse => "refuse",
        }
    }
}

/// The agents' scores of the answer given, in percent; absent where an agent had no say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Scores {
    /// How sure Pathos was of the question.
    pub pathos: Option<u8>,
    /// How sure Logos was of the words.
    pub logos: Option<u8>,
    /// How sure Ethos was of the answer.
    pub ethos: Option<u8>,
}

/// An answer, and how it came about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// The answer itself.
    pub text: String,
    /// The weighted score, in percent.
    pub confidence: u8,
    /// Where it comes from.
    pub route: Route,
    /// Rounds of Logos and Ethos it took; 0 for a cloud answer.
    pub rounds: u8,
    /// Whether the arbiter chose it because the council did not agree.
    pub arbiter: bool,
    /// The scores behind `confidence`.
    pub scores: Scores,
    /// What the person should know besides, in one or two sentences.
    pub notice: Option<String>,
    /// The passages Logos was given.
    pub sources: Vec<Passage>,
}

/// Why nothing was asked at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusedBecause {
    /// The cloud was wanted and none is set up.
    NoCloud,
    /// The cloud was wanted and cannot be reached, and the local model is not made for this.
    CloudUnreachable,
    /// The cloud was wanted and there is nothing left to spend.
    Budget,
}

/// How a council ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// With an answer.
    Answered(Answer),
    /// A demonstration model said that it does not know; the notice says how to go on.
    DoesNotKnow {
        /// What it said.
        answer: Answer,
        /// How to add a real model, or ask the cloud.
        notice: String,
    },
    /// The only model at hand was not made for this, so nobody guessed.
    OutsideTasks {
        /// Why, and how to go on.
        notice: String,
    },
    /// Ethos forbade an answer.
    Vetoed {
        /// Ethos' reason.
        feedback: String,
    },
    /// The answer broke off in the middle of the text.
    Cut {
        /// What had come.
        partial: String,
        /// Who was writing.
        route: Route,
        /// What happened.
        message: String,
    },
    /// Routing said no.
    Refused {
        /// The kind of refusal.
        because: RefusedBecause,
        /// The reason in words, with the way out.
        reason: String,
    },
    /// The local model failed and left nothing to show.
    Failed {
        /// What happened.
        message: String,
    },
}

/// The name of an outcome, for `--json` and events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// [`Outcome::Answered`].
    Answered,
    /// [`Outcome::DoesNotKnow`].
    DoesNotKnow,
    /// [`Outcome::OutsideTasks`].
    OutsideTasks,
    /// [`Outcome::Vetoed`].
    Vetoed,
    /// [`Outcome::Cut`].
    Cut,
    /// [`Outcome::Refused`].
    Refused,
    /// [`Outcome::Failed`].
    Failed,
}

impl Outcome {
    /// Its name.
    pub fn ending(&self) -> Ending {
        match self {
            Outcome::Answered(_) => Ending::Answered,
            Outcome::DoesNotKnow { .. } => Ending::DoesNotKnow,
            Outcome::OutsideTasks { .. } => Ending::OutsideTasks,
            Outcome::Vetoed { .. } => Ending::Vetoed,
            Outcome::Cut { .. } => Ending::Cut,
            Outcome::Refused { .. } => Ending::Refused,
            Outcome::Failed { .. } => Ending::Failed,
        }
    }

    /// The answer, where there is a whole one.
    pub fn answer(&self) -> Option<&Answer> {
        match self {
            Outcome::Answered(answer) | Outcome::DoesNotKnow { answer, .. } => Some(answer),
            _ => None,
        }
    }

    /// What a person reads: the answer, or why there is none.
    pub fn text(&self) -> &str {
        match self {
            Outcome::Answered(answer) | Outcome::DoesNotKnow { answer, .. } => &answer.text,
            Outcome::OutsideTasks { notice } => notice,
            Outcome::Vetoed { feedback } => feedback,
            Outcome::Cut { partial, .. } => partial,
            Outcome::Refused { reason, .. } => reason,
            Outcome::Failed { message } => message,
        }
    }

    /// What a person should know besides the text.
    pub fn notice(&self) -> Option<&str> {
        match self {
            Outcome::Answered(answer) => answer.notice.as_deref(),
            Outcome::DoesNotKnow { notice, .. } => Some(notice),
            Outcome::Cut { message, .. } => Some(message),
            _ => None,
        }
    }
}
