//! The council itself.

mod step;

use std::collections::VecDeque;

pub use step::{
    CloudEnd, CloudFailure, CouncilConfig, Escalate, GenerateStep, Generated, OutOfTurn, Query,
    QueryError, Step, Weights,
};

use crate::{CouncilEvent, Fit, Passage};

/// Three agents at work on one question.
#[derive(Debug)]
pub struct Council {
    config: CouncilConfig,
    query: Query,
    fit: Fit,
    events: VecDeque<CouncilEvent>,
}

impl Council {
    /// Puts a question to a council.
    pub fn new(config: CouncilConfig, query: Query, fit: Fit) -> Result<Self, QueryError> {
        Ok(Self {
            config,
            query,
            fit,
            events: VecDeque::new(),
        })
    }

    /// What to do next. A step is given once; until it is answered this is [`Step::Waiting`].
    pub fn poll_step(&mut self) -> Step {
        let _ = (&self.config, &self.query, &self.fit);
        Step::Waiting
    }

    /// What happened since the last call, oldest first.
    pub fn poll_event(&mut self) -> Option<CouncilEvent> {
        self.events.pop_front()
    }

    /// A piece of text came from the running step, local or cloud.
    pub fn handle_text(&mut self, _delta: &str) -> Result<(), OutOfTurn> {
        Err(OutOfTurn {
            awaiting: "nothing",
            told: "text",
        })
    }

    /// The local model is done.
    pub fn handle_generated(&mut self, _generated: Generated) -> Result<(), OutOfTurn> {
        Err(OutOfTurn {
            awaiting: "nothing",
            told: "generated text",
        })
    }

    /// The local model failed.
    pub fn handle_failed(&mut self, _message: String) -> Result<(), OutOfTurn> {
        Err(OutOfTurn {
            awaiting: "nothing",
            told: "a failed model",
        })
    }

    /// The knowledge base was searched.
    pub fn handle_retrieved(&mut self, _passages: Vec<Passage>) -> Result<(), OutOfTurn> {
        Err(OutOfTurn {
            awaiting: "nothing",
            told: "passages",
        })
    }

    /// The cloud's answer is complete.
    pub fn handle_cloud_ended(&mut self, _end: CloudEnd) -> Result<(), OutOfTurn> {
        Err(OutOfTurn {
            awaiting: "nothing",
            told: "the end of a cloud answer",
        })
    }

    /// The cloud's answer failed, before or within the stream.
    pub fn handle_cloud_failed(&mut self, _failure: CloudFailure) -> Result<(), OutOfTurn> {
        Err(OutOfTurn {
            awaiting: "nothing",
            told: "a failed cloud",
        })
    }
}
