//! Judging the answer, and what follows from it.

use super::Council;
use super::consensus::{scores, weigh};
use super::state::{Candidate, Judged, State};
use super::step::{GenerateStep, Generated};
use crate::grounding::{Grounding, Grounds, UNKNOWN};
use crate::{
    Agent, CouncilEvent, Decision, Outcome, QueryKind, Route, Source, Verdict, routing, units,
};

/// Ethos' confidence where a rule proves an answer, in percent.
const PROVEN_CONFIDENCE: u8 = 99;
/// Ethos' confidence where a rule refutes an answer, in percent.
const REFUTED_CONFIDENCE: u8 = 95;
/// Ethos' confidence where its model failed and no rule has anything to say, in percent.
const UNJUDGED_CONFIDENCE: u8 = 50;

impl Council {
    pub(super) fn ask_ethos(&mut self, candidate: Candidate) {
        let messages = self.ethos_messages(&candidate.text);
        self.generate(State::Verdict(candidate), self.verdict_step(messages));
    }

    /// Lets Ethos judge a question nobody will answer.
    pub(super) fn ask_ethos_of_harm(&mut self, notice: String) {
        let messages = self.ethos_messages(UNKNOWN);
        self.generate(State::HarmVerdict { notice }, self.verdict_step(messages));
    }

    fn verdict_step(&self, messages: Vec<crate::ChatMessage>) -> GenerateStep {
        GenerateStep {
            agent: Agent::Ethos,
            messages,
            schema: Some(Verdict::schema()),
            max_tokens: self.config.verdict_tokens_max,
            temperature: 0.0,
        }
    }

    pub(super) fn hear_harm(&mut self, notice: String, generated: Generated) {
        self.ended(Agent::Ethos, &generated);
        match Verdict::parse(&generated.text) {
            Ok(verdict) if verdict.decision == Decision::Veto => {
                self.tell_verdict(0, &verdict, Source::Model);
                self.finish(Outcome::Vetoed {
                    feedback: reason_of(&verdict),
                });
            }
            _ => self.finish(Outcome::OutsideTasks { notice }),
        }
    }

    pub(super) fn hear_ethos(&mut self, candidate: Candidate, generated: Generated) {
        self.ended(Agent::Ethos, &generated);
        match Verdict::parse(&generated.text) {
            Ok(verdict) => self.judge(candidate, Some(verdict)),
            Err(_) => self.miss_ethos(candidate),
        }
    }

    pub(super) fn miss_ethos(&mut self, candidate: Candidate) {
        self.judge(candidate, None);
    }

    /// The rules on an answer, local or cloud.
    pub(super) fn ground(&self, answer: &str, route: Route) -> Grounding {
        let context = self.logos_context();
        let grounds = Grounds {
            kind: self
                .memo
                .manifest
                .as_ref()
                .map_or(QueryKind::Other, |m| m.kind),
            question: &self.question,
            context: context.as_deref(),
            calculation: self.sum(),
            quotes: self.fit.model.demonstration && route == Route::Local,
        };
        grounds.check(answer)
    }

    /// A verdict of the model and the rules together. The rules are right about what they check;
    /// a veto of the model stands above them.
    fn judge(&mut self, candidate: Candidate, model: Option<Verdict>) {
        let grounding = self.ground(&candidate.text, Route::Local);
        let (verdict, source) = combined(model, &grounding);
        if let Grounding::Refuted { right, .. } = &grounding {
            self.memo.refuted += 1;
            self.memo.right.clone_from(right);
        }
        self.tell_verdict(candidate.round, &verdict, source);
        let pathos = self.memo.manifest.as_ref().map_or(0, |m| m.confidence);
        let scores = scores(pathos, candidate.probability, &verdict);
        let (score, agreed) = weigh(&self.config, scores);
        self.events.push(CouncilEvent::RoundEnded {
            round: candidate.round,
            score,
        });
        self.conclude(Judged {
            candidate,
            verdict,
            grounding,
            scores,
            score,
            agreed,
        });
    }

    pub(super) fn tell_verdict(&mut self, round: u8, verdict: &Verdict, verified_by: Source) {
        self.events.push(CouncilEvent::Verdict {
            round,
            decision: verdict.decision,
            feedback: verdict.feedback.clone(),
            confidence: verdict.confidence,
            verified_by,
        });
    }

    fn conclude(&mut self, judged: Judged) {
        let approved = judged.verdict.decision == Decision::Approve;
        if judged.verdict.decision == Decision::Veto {
            return self.finish(Outcome::Vetoed {
                feedback: reason_of(&judged.verdict),
            });
        }
        if self.fit.model.demonstration && judged.candidate.text == UNKNOWN {
            return self.admit_ignorance(judged);
        }
        if approved && (judged.agreed || judged.grounding == Grounding::Proven) {
            return self.answer(judged, false, None);
        }
        let feedback = match judged.verdict.feedback.trim() {
            "" => "check every statement, and say only what is certain".to_owned(),
            feedback => feedback.to_owned(),
        };
        let stuck = self.memo.last_answer.as_deref() == Some(&judged.candidate.text);
        let twice_wrong = self.memo.refuted >= 2 && self.memo.right.is_some();
        let round = judged.candidate.round;
        self.memo.last_answer = Some(judged.candidate.text.clone());
        if self
            .memo
            .best
            .as_ref()
            .is_none_or(|best| judged.score > best.score)
        {
            self.memo.best = Some(judged);
        }
        if round < self.config.rounds_max && !stuck && !twice_wrong {
            self.restart(&format!("Ethos: {feedback}"));
            self.memo.feedback = Some(feedback);
            self.ask_logos();
        } else {
            self.disagree();
        }
    }

    /// No agreement: the cloud where it stands ready and rules do not know better, else the arbiter.
    fn disagree(&mut self) {
        let ready = self.memo.cloud_failure.is_none() && routing::cloud_stands_ready(&self.fit);
        if ready && self.memo.right.is_none() {
            let score = self.memo.best.as_ref().map_or(0, |best| best.score);
            let reason = format!(
                "the council did not agree on a local answer ({score} % of the {} % needed)",
                self.config.threshold
            );
            self.escalate(reason);
        } else {
            self.arbitrate();
        }
    }

    /// The answer, where it takes no model to know it.
    fn known_by_rule(&self) -> Option<String> {
        if let Some(sum) = self.sum() {
            return Some(sum.line());
        }
        let kind = self.memo.manifest.as_ref()?.kind;
        (kind == QueryKind::Conversion)
            .then(|| units::find(&self.question))?
            .map(|c| c.line())
    }

    /// A demonstration model that says it does not know is believed.
    fn admit_ignorance(&mut self, judged: Judged) {
        let ready = self.memo.cloud_failure.is_none() && routing::cloud_stands_ready(&self.fit);
        self.memo.best = Some(judged);
        self.memo.right = self.memo.right.take().or_else(|| self.known_by_rule());
        if ready && self.memo.right.is_none() {
            let reason = format!("{} does not know", self.fit.model.name);
            self.escalate(reason);
        } else {
            self.arbitrate();
        }
    }
}

/// What the model and the rules say together, and who said it.
fn combined(model: Option<Verdict>, grounding: &Grounding) -> (Verdict, Source) {
    if let Some(verdict) = &model
        && verdict.decision == Decision::Veto
    {
        return (verdict.clone(), Source::Model);
    }
    let source = if model.is_some() {
        Source::ModelAndRules
    } else {
        Source::Rules
    };
    match (grounding, model) {
        (Grounding::Proven, _) => (approval(PROVEN_CONFIDENCE), source),
        (Grounding::Refuted { feedback, .. }, _) => {
            let feedback = feedback.clone();
            (
                Verdict {
                    decision: Decision::Revise,
                    feedback,
                    confidence: REFUTED_CONFIDENCE,
                },
                source,
            )
        }
        (Grounding::Silent, Some(verdict)) => (verdict, Source::Model),
        (Grounding::Silent, None) => (approval(UNJUDGED_CONFIDENCE), Source::Rules),
    }
}

fn approval(confidence: u8) -> Verdict {
    Verdict {
        decision: Decision::Approve,
        feedback: String::new(),
        confidence,
    }
}

fn reason_of(verdict: &Verdict) -> String {
    match verdict.feedback.trim() {
        "" => "Ethos judged that an answer could do harm".to_owned(),
        feedback => feedback.to_owned(),
    }
}
