//! Who speaks, and what they are doing.

use serde::Serialize;

/// One of the three voices of the council.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Agent {
    /// Says what is wanted.
    Pathos,
    /// Answers.
    Logos,
    /// Judges whether the answer is true, safe and feasible.
    Ethos,
}

impl Agent {
    /// The name on the wire and in events.
    pub fn as_str(self) -> &'static str {
        match self {
            Agent::Pathos => "pathos",
            Agent::Logos => "logos",
            Agent::Ethos => "ethos",
        }
    }

    /// What this agent does when it is at work.
    pub fn phase(self) -> Phase {
        match self {
            Agent::Pathos => Phase::Thinking,
            Agent::Logos => Phase::Responding,
            Agent::Ethos => Phase::Verifying,
        }
    }
}

/// What an agent is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Finding out what is wanted.
    Thinking,
    /// Writing the answer.
    Responding,
    /// Judging the answer.
    Verifying,
}

impl Phase {
    /// The name on the wire and in events.
    pub fn as_str(self) -> &'static str {
        match self {
            Phase::Thinking => "thinking",
            Phase::Responding => "responding",
            Phase::Verifying => "verifying",
        }
    }
}
