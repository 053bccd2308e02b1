//! The host of one council: does each step, tells the result, shows the events.

use std::sync::Arc;

use futures::StreamExt;
use synesis_core::{Council, GenerateStep, Generated, OutOfTurn, Outcome, Passage, Query, Step};
use synesis_models::{Constraint, Engine, EngineError, GenEvent, GenRequest, Sampling};
use tokio_util::sync::CancellationToken;

use super::escalate::{self, Escalated};
use crate::args::Ask;
use crate::commands::{Context, knowledge};
use crate::error::{CliError, ErrorKind};
use crate::local_engine::Choice;
use crate::settings::Settings;
use crate::ui::council::CouncilView;

/// The passages of the user's documents that the council gets.
const PASSAGES_MAX: usize = 4;

/// One question on its way.
#[derive(Debug)]
pub(super) struct Host<'a> {
    pub(super) context: &'a Context,
    pub(super) args: &'a Ask,
    pub(super) settings: &'a Settings,
    pub(super) engine: Arc<dyn Engine>,
    pub(super) choice: Choice,
    pub(super) query: Query,
    pub(super) council: Council,
    pub(super) view: CouncilView,
    /// What went to the cloud and what came of it, if anything did.
    pub(super) escalation: Option<Escalated>,
    pub(super) max_tokens: u32,
    /// Why the local model failed last, with its cure.
    pub(super) engine_failure: Option<CliError>,
}

/// How the host's loop ended.
#[derive(Debug)]
pub(super) enum Ended {
    /// The council came to its end.
    Finished(Outcome),
    /// Ctrl-C; what was written stays on the screen.
    Interrupted,
}

impl Host<'_> {
    /// Runs the council to its end, or until Ctrl-C.
    pub(super) async fn run(&mut self) -> Result<Ended, CliError> {
        let cancel = CancellationToken::new();
        let watcher = tokio::spawn({
            let cancel = cancel.clone();
            async move {
                if tokio::signal::ctrl_c().await.is_ok() {
                    cancel.cancel();
                }
            }
        });
        let ended = self.steps(&cancel).await;
        watcher.abort();
        ended
    }

    async fn steps(&mut self, cancel: &CancellationToken) -> Result<Ended, CliError> {
        loop {
            let step = self.council.poll_step();
            self.show_events();
            if cancel.is_cancelled() {
                return Ok(Ended::Interrupted);
            }
            match step {
                Step::Generate(step) => self.generate(step, cancel).await?,
                Step::Retrieve { query } => {
                    let passages = self.retrieve(&query);
                    self.council
                        .handle_retrieved(passages)
                        .map_err(out_of_turn)?;
                }
                Step::Escalate(step) => escalate::escalate(self, step, cancel).await?,
                Step::Finished(outcome) => return Ok(Ended::Finished(outcome)),
                Step::Waiting => {
                    return Err(CliError::new(
                        ErrorKind::Bug,
                        "the council waits for nothing",
                    ));
                }
            }
        }
    }

    /// Takes a piece of the answer and shows what becomes of it.
    pub(super) fn hear(&mut self, delta: &str) -> Result<(), CliError> {
        self.council.handle_text(delta).map_err(out_of_turn)?;
        self.show_events();
        Ok(())
    }

    pub(super) fn show_events(&mut self) {
        while let Some(event) = self.council.poll_event() {
            self.view.show(&event);
        }
    }

    async fn generate(
        &mut self,
        step: GenerateStep,
        cancel: &CancellationToken,
    ) -> Result<(), CliError> {
        let request = GenRequest {
            messages: step.messages,
            sampling: Sampling {
                temperature: step.temperature,
                max_tokens: step.max_tokens,
                ..Sampling::default()
            },
            constraint: step
                .schema
                .and_then(|schema| serde_json::from_str(schema).ok())
                .map(Constraint::JsonSchema),
            ..GenRequest::default()
        };
        let told = match self.listen(request, cancel).await? {
            Ok(generated) => self.council.handle_generated(generated),
            Err(error) => {
                let message = with_causes(&error);
                let hint = error.hint();
                self.engine_failure = Some(
                    CliError::user("the model gave no answer")
                        .because(error)
                        .hint(hint),
                );
                self.council.handle_failed(message)
            }
        };
        told.map_err(out_of_turn)
    }

    /// Runs the local model. The inner error is the model's, for the council to decide about.
    async fn listen(
        &mut self,
        request: GenRequest,
        cancel: &CancellationToken,
    ) -> Result<Result<Generated, EngineError>, CliError> {
        let mut generated = Generated::default();
        let mut stream = match self.engine.generate(request, cancel.clone()).await {
            Ok(stream) => stream,
            Err(error) => return Ok(Err(error)),
        };
        while let Some(event) = stream.next().await {
            match event {
                Ok(GenEvent::Prefill { .. }) => {}
                Ok(GenEvent::Text { text, .. }) => {
                    self.hear(&text)?;
                    generated.text.push_str(&text);
                }
                Ok(GenEvent::Done(done)) => {
                    generated.mean_probability = done.mean_probability;
                    generated.prompt_tokens = done.prompt_tokens;
                    generated.completion_tokens = done.completion_tokens;
                    break;
                }
                Err(error) => return Ok(Err(error)),
            }
        }
        Ok(Ok(generated))
    }

    /// Passages of the user's documents; without an index, or with a broken one, none.
    fn retrieve(&mut self, query: &str) -> Vec<Passage> {
        match knowledge::passages(self.context, query, PASSAGES_MAX) {
            Ok(passages) => passages,
            Err(error) => {
                self.view
                    .remark("", &format!("the documents were not searched: {error}"));
                Vec::new()
            }
        }
    }
}

/// An error with its causes in one line, for the council's events.
pub(super) fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}

pub(super) fn out_of_turn(error: OutOfTurn) -> CliError {
    CliError::new(
        ErrorKind::Bug,
        "the council was told something it did not ask for",
    )
    .because(error)
}
