//! The end: an answer all agree on, or the best there is.

use super::Council;
use super::consensus::weigh;
use super::pathos::HOW_TO_GO_ON;
use super::state::Judged;
use crate::grounding::UNKNOWN;
use crate::{Agent, Answer, CouncilEvent, Decision, Outcome, Route, Scores};

/// Ethos' score of a line that a rule wrote, in percent.
const RULE_SCORE: u8 = 99;

impl Council {
    /// Gives an answer. Whoever watched has its text already.
    pub(super) fn answer(&mut self, judged: Judged, arbiter: bool, notice: Option<String>) {
        self.memo.notices.extend(notice);
        let answer = Answer {
            text: judged.candidate.text,
            confidence: judged.score,
            route: Route::Local,
            rounds: self.memo.round,
            arbiter,
            scores: judged.scores,
            notice: self.memo.notice(),
            sources: self.memo.passages.clone(),
        };
        self.finish(Outcome::Answered(answer));
    }

    /// Decides without agreement: what a rule knows, else the best-scored answer.
    pub(super) fn arbitrate(&mut self) {
        let right = self.memo.right.clone().or_else(|| match &self.memo.best {
            None => self.sum().map(|sum| sum.line()),
            Some(_) => None,
        });
        match (right, self.memo.best.take()) {
            (Some(line), _) => self.answer_by_rule(line),
            (None, Some(best))
                if self.fit.model.demonstration && best.candidate.text == UNKNOWN =>
            {
                self.end_unknown(best);
            }
            (None, Some(best)) => self.answer_best(best),
            (None, None) => self.finish(Outcome::Failed {
                message: "there is no answer".to_owned(),
            }),
        }
    }

    fn answer_best(&mut self, best: Judged) {
        let mut notice = format!(
            "The council did not agree: this is the best of {} ({} % of the {} % needed).",
            if self.memo.round == 1 {
                "1 answer".to_owned()
            } else {
                format!("{} answers", self.memo.round)
            },
            best.score,
            self.config.threshold
        );
        if best.verdict.decision == Decision::Revise && !best.verdict.feedback.is_empty() {
            notice.push_str(&format!(
                " Ethos still says: {}.",
                best.verdict.feedback.trim_end_matches('.')
            ));
        }
        let last = self.memo.last_answer.as_deref() == Some(&best.candidate.text);
        if !last || !self.memo.shown {
            self.show_instead(
                "the arbiter chose an earlier answer",
                &best.candidate.text.clone(),
            );
        }
        self.answer(best, true, Some(notice));
    }

    /// The calculator's line, or the table's.
    fn answer_by_rule(&mut self, line: String) {
        if self.memo.calculator_line.is_none() {
            let name = if self.sum().is_some() {
                "calculator"
            } else {
                "units"
            };
            let (input, output) = (self.question.clone(), line.clone());
            self.events.push(CouncilEvent::Tool {
                name,
                input,
                output,
            });
        }
        self.show_instead("the arbiter gives what was calculated", &line);
        let pathos = self.memo.manifest.as_ref().map(|m| m.confidence);
        let scores = Scores {
            pathos,
            logos: Some(RULE_SCORE),
            ethos: Some(RULE_SCORE),
        };
        let (confidence, _) = weigh(&self.config, scores);
        self.memo
            .notices
            .push("The council did not agree: this was calculated without a model.".to_owned());
        let answer = Answer {
            text: line,
            confidence,
            route: Route::Local,
            rounds: self.memo.round,
            arbiter: true,
            scores,
            notice: self.memo.notice(),
            sources: Vec::new(),
        };
        self.finish(Outcome::Answered(answer));
    }

    fn end_unknown(&mut self, best: Judged) {
        let mut notices = std::mem::take(&mut self.memo.notices);
        notices.push(format!(
            "{} is a small demonstration model and does not guess. {HOW_TO_GO_ON}",
            self.fit.model.name
        ));
        if !self.memo.shown {
            self.show_instead("the local model was asked", &best.candidate.text.clone());
        }
        let answer = Answer {
            text: best.candidate.text,
            confidence: best.score,
            route: Route::Local,
            rounds: self.memo.round,
            arbiter: false,
            scores: best.scores,
            notice: None,
            sources: self.memo.passages.clone(),
        };
        self.finish(Outcome::DoesNotKnow {
            answer,
            notice: notices.join(" "),
        });
    }

    /// Withdraws what was shown, and shows this.
    pub(super) fn show_instead(&mut self, reason: &str, text: &str) {
        self.restart(reason);
        self.memo.shown = true;
        self.events.push(CouncilEvent::Text {
            agent: Agent::Logos,
            delta: text.to_owned(),
        });
    }
}
