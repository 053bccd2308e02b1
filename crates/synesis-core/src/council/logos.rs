//! Writing the answer.

use super::Council;
use super::consensus::percent;
use super::state::{Candidate, State};
use super::step::{GenerateStep, Generated};
use crate::calculator::{Calculation, Operator, Rational};
use crate::limits::{ANSWER_BYTES_MAX, prefix};
use crate::prompts::{LogosPrompt, cited};
use crate::words::one_line;
use crate::{Agent, CouncilEvent, ModelFit, Outcome, QueryKind, Route, prompts, routing};

/// How freely a real model words its first answer; each revision adds as much again.
const TEMPERATURE_STEP: f32 = 0.2;

impl Council {
    /// Starts a round.
    pub(super) fn ask_logos(&mut self) {
        self.memo.round += 1;
        self.calculate();
        let context = self.logos_context();
        let Some(manifest) = &self.memo.manifest else {
            return;
        };
        let prompt = LogosPrompt {
            manifest,
            history: &self.history,
            question: &self.question,
            context: context.as_deref(),
            feedback: self.memo.feedback.as_deref(),
        };
        let step = GenerateStep {
            agent: Agent::Logos,
            messages: prompt.messages(),
            schema: None,
            max_tokens: self.config.answer_tokens_max,
            temperature: if self.fit.model.demonstration {
                0.0
            } else {
                TEMPERATURE_STEP * f32::from(self.memo.round)
            },
        };
        self.generate(State::Answer, step);
    }

    /// The calculation, where the question is one.
    pub(super) fn sum(&self) -> Option<&Calculation> {
        let is_sum = self
            .memo
            .manifest
            .as_ref()
            .is_some_and(|m| m.kind == QueryKind::Arithmetic);
        self.memo
            .calculation
            .as_ref()
            .filter(|_| is_sum)
            .map(|found| &found.calculation)
    }

    /// Uses the calculator where the model would have to guess, and after a wrong answer.
    fn calculate(&mut self) {
        let Some(calculation) = self.sum() else {
            return;
        };
        let known = self.fit.model.demonstration && knows_by_heart(&self.fit.model, calculation);
        if self.memo.calculator_line.is_some() || (known && self.memo.refuted == 0) {
            return;
        }
        let (input, output) = (calculation.expression.clone(), calculation.line());
        self.memo.calculator_line = Some(output.clone());
        self.events.push(CouncilEvent::Tool {
            name: "calculator",
            input,
            output,
        });
    }

    /// What Logos has to read: a demonstration model one thing only, a real one all there is.
    pub(super) fn logos_context(&self) -> Option<String> {
        let passages = match &self.memo.passages[..] {
            [] => None,
            [first, ..] if self.fit.model.demonstration => Some(one_line(&first.text)),
            all => Some(cited(all)),
        };
        let line = self.memo.calculator_line.clone();
        let parts = [line, self.context_for_model(), passages];
        let mut parts = parts.into_iter().flatten();
        if self.fit.model.demonstration {
            return parts.next();
        }
        let all: Vec<String> = parts.collect();
        (!all.is_empty()).then(|| all.join("\n"))
    }

    pub(super) fn hear_logos(&mut self, generated: Generated) {
        self.ended(Agent::Logos, &generated);
        let text = prefix(without_thoughts(&generated.text).trim(), ANSWER_BYTES_MAX).to_owned();
        if text.is_empty() {
            return self.miss_logos("the model wrote nothing".to_owned());
        }
        if !self.memo.shown {
            self.memo.shown = true;
            self.events.push(CouncilEvent::Text {
                agent: Agent::Logos,
                delta: text.clone(),
            });
        }
        let probability = percent(generated.mean_probability);
        self.ask_ethos(Candidate {
            text,
            probability,
            round: self.memo.round,
        });
    }

    /// Logos has no answer: something else must do, and nothing shown gets lost.
    pub(super) fn miss_logos(&mut self, message: String) {
        let stands_by = self.sum().is_some() || self.memo.best.is_some();
        let partial = self.memo.written.trim().to_owned();
        if stands_by {
            self.memo
                .notices
                .push(format!("The local model failed: {message}."));
            self.restart("the model failed");
            self.arbitrate();
        } else if self.memo.cloud_failure.is_none() && routing::cloud_stands_ready(&self.fit) {
            self.escalate(format!("the local model failed: {message}"));
        } else if partial.is_empty() {
            self.memo.notices.push(message);
            let message = self.memo.notice().unwrap_or_default();
            self.finish(Outcome::Failed { message });
        } else {
            self.finish(Outcome::Cut {
                partial,
                route: Route::Local,
                message,
            });
        }
    }

    /// What Ethos and the checks may look at.
    pub(super) fn ethos_messages(&self, answer: &str) -> Vec<crate::ChatMessage> {
        let context = self.logos_context();
        match &self.memo.manifest {
            Some(manifest) => prompts::ethos(manifest, &self.question, context.as_deref(), answer),
            None => Vec::new(),
        }
    }
}

/// Whether the sum is in the table a demonstration model was trained on.
fn knows_by_heart(model: &ModelFit, calculation: &Calculation) -> bool {
    let Some(plain) = calculation.plain else {
        return false;
    };
    let operand_max = match plain.operator {
        Operator::Plus | Operator::Minus => model.sum_max,
        Operator::Times => model.product_max,
        Operator::Over => return false,
    };
    let known = |operand: Rational| {
        operand
            .to_whole()
            .is_some_and(|n| n >= 0 && n <= i128::from(operand_max))
    };
    known(plain.left) && known(plain.right)
}

/// Reasoning models think aloud first; that is not the answer.
fn without_thoughts(text: &str) -> &str {
    match text.rfind("</think>") {
        Some(at) => &text[at + "</think>".len()..],
        None => text,
    }
}
