//! The council: three agents, one answer, every step visible.
//!
//! Pathos says what is wanted, Logos answers, Ethos judges. [`Council`] is that conversation as a
//! state machine: the host asks [`Council::poll_step`] what to do, does it, and tells the result
//! with a `handle_*` method. A terminal, a web page or a test watches [`Council::poll_event`].
//!
//! Absent by intent: engines, sockets, files, clocks, threads and async. Nothing here redacts, so
//! nothing here may be sent anywhere: what an [`Escalate`] step holds is raw text, and the host
//! takes it through the redactor first.

pub mod calculator;
pub mod limits;

mod agent;
mod council;
mod event;
mod fit;
mod grounding;
mod json;
mod manifest;
mod message;
mod outcome;
mod passage;
mod prompts;
mod routing;
mod rules;
mod units;
mod verdict;
mod words;

pub use agent::{Agent, Phase};
pub use council::{
    CloudEnd, CloudFailure, Council, CouncilConfig, Escalate, GenerateStep, Generated, OutOfTurn,
    Query, QueryError, Step, Weights,
};
pub use event::{CouncilEvent, Source};
pub use fit::{CloudState, Demand, Fit, ModelFit};
pub use json::ParseError;
pub use manifest::{Manifest, QueryKind};
pub use message::{ChatMessage, Role};
pub use outcome::{Answer, Ending, Outcome, RefusedBecause, Route, Scores};
pub use passage::Passage;
pub use routing::{Routing, decide};
pub use verdict::{Decision, Verdict};
