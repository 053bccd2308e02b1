//! Finding out what is wanted, and who shall answer.

use super::Council;
use super::state::State;
use super::step::{GenerateStep, Generated, Step};
use crate::limits::{PASSAGE_BYTES_MAX, PASSAGES_MAX, prefix};
use crate::routing::{self, Routing};
use crate::words::{covers, one_line};
use crate::{
    Agent, CouncilEvent, Manifest, Outcome, Passage, QueryKind, RefusedBecause, Route, Source,
    prompts, rules,
};

/// A passage a demonstration model is given, in bytes: it cannot read more.
const PASSAGE_DEMONSTRATION_BYTES_MAX: usize = 400;

impl Council {
    pub(super) fn ask_pathos(&mut self) {
        let context = self.context_for_model();
        let messages = prompts::pathos(&self.history, &self.question, context.as_deref());
        let step = GenerateStep {
            agent: Agent::Pathos,
            messages,
            schema: Some(Manifest::schema()),
            max_tokens: self.config.manifest_tokens_max,
            temperature: 0.0,
        };
        self.generate(State::Manifest, step);
    }

    /// The given text as the model can read it.
    pub(super) fn context_for_model(&self) -> Option<String> {
        let context = self.context.as_deref()?;
        Some(if self.fit.model.demonstration {
            one_line(context)
        } else {
            context.trim().to_owned()
        })
    }

    pub(super) fn hear_pathos(&mut self, generated: Generated) {
        self.ended(Agent::Pathos, &generated);
        match Manifest::parse(&generated.text) {
            Ok(manifest) => self.take_manifest(manifest, Source::Model, None),
            Err(error) => {
                self.miss_pathos(&format!("what Pathos wrote could not be read: {error}"))
            }
        }
    }

    pub(super) fn miss_pathos(&mut self, why: &str) {
        let manifest = rules::manifest(&self.question, self.context.is_some());
        self.take_manifest(
            manifest,
            Source::Rules,
            Some(format!("guessed by rules, since {why}")),
        );
    }

    fn take_manifest(&mut self, manifest: Manifest, source: Source, note: Option<String>) {
        let mut manifest = manifest;
        let (mut source, mut note) = (source, note);
        let whole = self
            .memo
            .calculation
            .as_ref()
            .is_some_and(|found| found.whole);
        if whole && manifest.kind != QueryKind::Arithmetic && self.context.is_none() {
            let was = manifest.kind.as_str();
            note = Some(format!(
                "the question is a plain sum, so it counts as one (and not as {was})"
            ));
            manifest.kind = QueryKind::Arithmetic;
            source = Source::ModelAndRules;
        }
        let event = CouncilEvent::Manifest {
            manifest: manifest.clone(),
            source,
            note,
        };
        self.events.push(event);
        let kind = manifest.kind;
        self.memo.manifest = Some(manifest);
        if self.fit.knowledge && self.context.is_none() && is_looked_up(kind) {
            self.state = State::Passages;
            self.pending = Some(Step::Retrieve {
                query: self.question.clone(),
            });
        } else {
            self.route();
        }
    }

    pub(super) fn take_passages(&mut self, passages: Vec<Passage>) {
        let demonstration = self.fit.model.demonstration;
        let (most, bytes_max) = if demonstration {
            (1, PASSAGE_DEMONSTRATION_BYTES_MAX)
        } else {
            (PASSAGES_MAX, PASSAGE_BYTES_MAX)
        };
        let useful = |p: &Passage| !demonstration || covers(&self.question, &p.text);
        let passages: Vec<Passage> = passages
            .into_iter()
            .take(PASSAGES_MAX)
            .filter(useful)
            .take(most)
            .map(|p| Passage {
                text: prefix(&p.text, bytes_max).to_owned(),
                ..p
            })
            .collect();
        self.events.push(CouncilEvent::Retrieved {
            passages: passages.clone(),
        });
        // A demonstration model copies answers out of a text; it does not weigh texts.
        if demonstration
            && !passages.is_empty()
            && let Some(manifest) = &mut self.memo.manifest
        {
            manifest.kind = QueryKind::Extract;
        }
        self.memo.passages = passages;
        self.route();
    }

    fn route(&mut self) {
        let Some(manifest) = &self.memo.manifest else {
            return self.miss_pathos("there was none");
        };
        let kind = manifest.kind;
        let Routing {
            route,
            reason,
            notice,
            because,
        } = routing::decide(manifest, self.memo.calculation.is_some(), &self.fit);
        self.events.push(CouncilEvent::Route {
            route,
            reason: reason.clone(),
        });
        if let Some(message) = notice {
            self.events.push(CouncilEvent::Notice {
                message: message.clone(),
            });
            self.memo.notices.push(message);
        }
        match (route, because) {
            (Route::Local, _) => self.ask_logos(),
            (Route::Cloud, _) => self.escalate(reason),
            (Route::Refuse, None) => self.leave_unanswered(kind),
            (Route::Refuse, Some(because)) => {
                let reason = format!("{reason}; {}", way_out(because));
                self.finish(Outcome::Refused { because, reason });
            }
        }
    }

    /// Nobody answers: an unfit model is not asked to guess. But what fits no task may be harmful,
    /// and Ethos says so before the person is told where else to ask.
    fn leave_unanswered(&mut self, kind: QueryKind) {
        let notice = self.outside_notice();
        if kind == QueryKind::Other {
            self.ask_ethos_of_harm(notice);
        } else {
            self.finish(Outcome::OutsideTasks { notice });
        }
    }

    /// What the local model is, and how to get a better answer.
    pub(super) fn outside_notice(&self) -> String {
        let model = &self.fit.model;
        let tasks: Vec<&str> = model.tasks.iter().map(|kind| kind.in_words()).collect();
        format!(
            "{} is a small demonstration model. It was trained for {}, and does not guess beyond that. {}",
            model.name,
            listed(&tasks),
            HOW_TO_GO_ON
        )
    }
}

/// The way to a real model.
pub(super) const HOW_TO_GO_ON: &str = "For a real answer add a model with `synesis model add FILE.gguf`, \
    run Ollama or llama-server, or ask the cloud with `synesis ask --cloud` (log in to one with `synesis cloud login`).";

fn way_out(because: RefusedBecause) -> &'static str {
    match because {
        RefusedBecause::NoCloud => {
            "log in with `synesis cloud login`, or start one with `synesis cloud up`"
        }
        RefusedBecause::CloudUnreachable => {
            "try again later, or add a model with `synesis model add FILE.gguf`"
        }
        RefusedBecause::Budget => "add credit with `synesis cloud topup`, or ask without the cloud",
    }
}

fn listed(words: &[&str]) -> String {
    match words {
        [] => "nothing in particular".to_owned(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// Whether documents can help with such a question.
fn is_looked_up(kind: QueryKind) -> bool {
    !matches!(
        kind,
        QueryKind::Arithmetic | QueryKind::Conversion | QueryKind::Greeting
    )
}
