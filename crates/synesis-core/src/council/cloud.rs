//! Asking the cloud, and what to do when it fails.

use super::Council;
use super::consensus::weigh;
use super::state::State;
use super::step::{CloudEnd, CloudFailure, Escalate, Step};
use crate::grounding::Grounding;
use crate::{
    Agent, Answer, CouncilEvent, Decision, Outcome, Phase, QueryKind, Route, Scores, Source,
    Verdict, prompts, routing,
};

/// The score of a cloud answer that no rule can check, in percent: no agent of this machine read it.
const CLOUD_UNCHECKED_SCORE: u8 = 80;
/// The score of a cloud answer that a rule proves, in percent.
const CLOUD_PROVEN_SCORE: u8 = 99;
/// The score of a cloud answer that a rule refutes, in percent.
const CLOUD_REFUTED_SCORE: u8 = 5;

impl Council {
    pub(super) fn escalate(&mut self, reason: String) {
        self.restart("the cloud is asked instead");
        self.memo.written.clear();
        let Some(manifest) = &self.memo.manifest else {
            return;
        };
        let step = Escalate {
            framing: prompts::framing(manifest),
            constraints: manifest.constraints.clone(),
            reason: reason.clone(),
            knowledge: self.memo.passages.clone(),
        };
        // The first routing said so already; later changes of mind are told here.
        if self.memo.round > 0 {
            self.events.push(CouncilEvent::Route {
                route: Route::Cloud,
                reason,
            });
        }
        let round = self.memo.round;
        self.events.push(CouncilEvent::AgentStarted {
            agent: Agent::Logos,
            phase: Phase::Responding,
            round,
        });
        self.state = State::Cloud;
        self.pending = Some(Step::Escalate(step));
    }

    pub(super) fn hear_cloud(&mut self, end: &CloudEnd) {
        let text = self.memo.written.trim().to_owned();
        if text.is_empty() {
            let message = format!("{} sent an empty answer", end.model);
            return self.miss_cloud(CloudFailure {
                message,
                partial: String::new(),
            });
        }
        self.events.push(CouncilEvent::AgentEnded {
            agent: Agent::Logos,
            prompt_tokens: end.prompt_tokens,
            completion_tokens: end.completion_tokens,
        });
        let (decision, feedback, score) = match self.ground(&text, Route::Cloud) {
            Grounding::Proven => (Decision::Approve, String::new(), CLOUD_PROVEN_SCORE),
            Grounding::Silent => (Decision::Approve, String::new(), CLOUD_UNCHECKED_SCORE),
            Grounding::Refuted { feedback, .. } => {
                (Decision::Revise, feedback, CLOUD_REFUTED_SCORE)
            }
        };
        if !feedback.is_empty() {
            self.memo.notices.push(format!("Beware: {feedback}"));
        }
        let confidence = if decision == Decision::Approve {
            score
        } else {
            100 - score
        };
        let verdict = Verdict {
            decision,
            feedback,
            confidence,
        };
        self.tell_verdict(self.memo.round, &verdict, Source::Rules);
        let pathos = self.memo.manifest.as_ref().map(|m| m.confidence);
        let scores = Scores {
            pathos,
            logos: Some(score),
            ethos: Some(score),
        };
        let (confidence, _) = weigh(&self.config, scores);
        let answer = Answer {
            text,
            confidence,
            route: Route::Cloud,
            rounds: 0,
            arbiter: false,
            scores,
            notice: self.memo.notice(),
            sources: self.memo.passages.clone(),
        };
        self.finish(Outcome::Answered(answer));
    }

    /// Text that came is kept; otherwise the local model answers what it can, with a notice.
    pub(super) fn miss_cloud(&mut self, failure: CloudFailure) {
        let CloudFailure { message, partial } = failure;
        let longer = if partial.len() > self.memo.written.len() {
            &partial
        } else {
            &self.memo.written
        };
        let partial = longer.trim_end().to_owned();
        if !partial.trim().is_empty() {
            return self.finish(Outcome::Cut {
                partial,
                route: Route::Cloud,
                message,
            });
        }
        self.memo.cloud_failure = Some(message.clone());
        let kind = self
            .memo
            .manifest
            .as_ref()
            .map_or(QueryKind::Other, |m| m.kind);
        let unfit = routing::why_unfit(kind, self.memo.calculation.is_some(), &self.fit);
        let failed = format!(
            "The cloud could not answer: {}.",
            message.trim_end_matches('.')
        );
        if self.memo.best.is_none() && unfit.is_some() {
            let notice = format!("{failed} {}", self.outside_notice());
            return self.finish(Outcome::OutsideTasks { notice });
        }
        let notice = format!("{failed} This is the local model's answer.");
        self.events.push(CouncilEvent::Notice {
            message: notice.clone(),
        });
        self.memo.notices.push(notice);
        self.events.push(CouncilEvent::Route {
            route: Route::Local,
            reason: format!("the cloud could not answer: {message}"),
        });
        if self.memo.best.is_some() {
            self.arbitrate();
        } else if self.memo.round >= self.config.rounds_max {
            self.finish(Outcome::Failed { message });
        } else {
            self.ask_logos();
        }
    }
}
