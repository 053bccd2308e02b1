//! Local, cloud, or nobody: decided from what is known before anybody answers.

use synesis_domain::NanoUsd;

use crate::{CloudState, Demand, Fit, Manifest, QueryKind, RefusedBecause, Route};

/// Below this Pathos is too unsure for a small local model, in percent.
const CONFIDENCE_LOCAL_MIN: u8 = 30;

/// A decision with its reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Routing {
    /// Where to.
    pub route: Route,
    /// Why, in words.
    pub reason: String,
    /// What the person should know besides: their wish could not be followed.
    pub notice: Option<String>,
    /// On a refusal that is not about the model's tasks: why.
    pub because: Option<RefusedBecause>,
}

impl Routing {
    fn to(route: Route, reason: impl Into<String>) -> Self {
        Self {
            route,
            reason: reason.into(),
            notice: None,
            because: None,
        }
    }

    fn refused(because: RefusedBecause, reason: impl Into<String>) -> Self {
        Self {
            because: Some(because),
            ..Self::to(Route::Refuse, reason)
        }
    }
}

/// Decides. `calculable` says that the calculator found the sum in the question.
pub fn decide(manifest: &Manifest, calculable: bool, fit: &Fit) -> Routing {
    let unfit = why_unfit(manifest.kind, calculable, fit);
    match fit.demand {
        Demand::Local => local(manifest.kind, unfit, fit, "you asked for this machine only"),
        Demand::Cloud => demanded_cloud(manifest.kind, unfit, fit),
        Demand::Auto => undemanded(manifest, unfit, fit),
    }
}

/// Whether the cloud may be asked on the council's own account.
pub(crate) fn cloud_stands_ready(fit: &Fit) -> bool {
    fit.demand != Demand::Local && fit.cloud == CloudState::Available && !is_spent(fit.budget_left)
}

/// Why the local model should not be asked this; none when it should.
pub(crate) fn why_unfit(kind: QueryKind, calculable: bool, fit: &Fit) -> Option<String> {
    let model = &fit.model;
    if !model.demonstration {
        return None;
    }
    if !model.is_made_for(kind) {
        return Some(format!(
            "{} is not made for {}",
            model.name,
            kind.in_words()
        ));
    }
    if kind == QueryKind::Arithmetic && !calculable {
        return Some(format!(
            "{} does only plain sums, and there is none in the question",
            model.name
        ));
    }
    None
}

fn is_spent(budget_left: Option<NanoUsd>) -> bool {
    budget_left.is_some_and(|left| left <= NanoUsd::ZERO)
}

fn local(kind: QueryKind, unfit: Option<String>, fit: &Fit, why: &str) -> Routing {
    match unfit {
        Some(unfit) => Routing::to(Route::Refuse, unfit),
        None => Routing::to(
            Route::Local,
            format!(
                "{why}, and {} can answer {}",
                fit.model.name,
                kind.in_words()
            ),
        ),
    }
}

fn demanded_cloud(kind: QueryKind, unfit: Option<String>, fit: &Fit) -> Routing {
    match fit.cloud {
        CloudState::Available if is_spent(fit.budget_left) => Routing::refused(
            RefusedBecause::Budget,
            "you asked for the cloud, but nothing is left to spend there",
        ),
        CloudState::Available => Routing::to(Route::Cloud, "you asked for the cloud"),
        CloudState::NotConfigured => Routing::refused(
            RefusedBecause::NoCloud,
            "you asked for the cloud, but none is set up on this device",
        ),
        CloudState::Unreachable if unfit.is_some() => Routing::refused(
            RefusedBecause::CloudUnreachable,
            format!(
                "the cloud cannot be reached, and {}",
                unfit.unwrap_or_default()
            ),
        ),
        CloudState::Unreachable => {
            let routing = local(kind, None, fit, "the cloud cannot be reached");
            let notice = "You asked for the cloud, but it cannot be reached: this is the local model's answer.";
            Routing {
                notice: Some(notice.to_owned()),
                ..routing
            }
        }
    }
}

fn undemanded(manifest: &Manifest, unfit: Option<String>, fit: &Fit) -> Routing {
    let ready = cloud_stands_ready(fit);
    if let Some(unfit) = unfit {
        if ready {
            return Routing::to(Route::Cloud, unfit);
        }
        let cloud = match fit.cloud {
            CloudState::NotConfigured => "no cloud is set up",
            CloudState::Unreachable => "the cloud cannot be reached",
            CloudState::Available => "nothing is left to spend in the cloud",
        };
        return Routing::to(Route::Refuse, format!("{unfit}, and {cloud}"));
    }
    if ready && !fit.model.demonstration && manifest.confidence < CONFIDENCE_LOCAL_MIN {
        let reason = format!(
            "Pathos is only {} % sure what is wanted",
            manifest.confidence
        );
        return Routing::to(Route::Cloud, reason);
    }
    let can = format!("{} can answer {}", fit.model.name, manifest.kind.in_words());
    Routing::to(Route::Local, can)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ModelFit;

    /// Each line: model demand cloud budget kind confidence => route: reason
    #[track_caller]
    fn check(table: &str) {
        for line in table.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let (given, expected) = line.split_once(" => ").unwrap();
            let words: Vec<&str> = given.split_whitespace().collect();
            let [model, demand, cloud, budget, kind, confidence] = words[..] else {
                panic!("{line}")
            };
            let mut fit = Fit::local(ModelFit::general(model));
            if model == "demo" {
                fit.model.demonstration = true;
                fit.model.tasks = vec![QueryKind::Fact, QueryKind::Arithmetic];
            }
            fit.demand = match demand {
                "auto" => Demand::Auto,
                "local" => Demand::Local,
                _ => Demand::Cloud,
            };
            fit.cloud = match cloud {
                "none" => CloudState::NotConfigured,
                "up" => CloudState::Available,
                _ => CloudState::Unreachable,
            };
            fit.budget_left = budget.parse().ok().map(NanoUsd::new);
            let kind = QueryKind::from_name(kind).unwrap();
            let manifest = Manifest {
                kind,
                goal: String::new(),
                constraints: vec![],
                expertise: vec![],
                verify: vec![],
                confidence: confidence.parse().unwrap(),
            };
            let routing = decide(&manifest, false, &fit);
            assert_eq!(
                format!("{}: {}", routing.route.as_str(), routing.reason),
                expected,
                "{line}"
            );
        }
    }

    #[test]
    fn without_a_wish_the_local_model_answers_what_it_can() {
        check(
            "demo auto none - fact 95 => local: demo can answer basic facts
             demo auto up - fact 95 => local: demo can answer basic facts
             demo auto none - writing 95 => refuse: demo is not made for writing, and no cloud is set up
             demo auto down - writing 95 => refuse: demo is not made for writing, and the cloud cannot be reached
             demo auto up 0 writing 95 => refuse: demo is not made for writing, and nothing is left to spend in the cloud
             demo auto up 5 writing 95 => cloud: demo is not made for writing
             demo auto up - arithmetic 95 => cloud: demo does only plain sums, and there is none in the question
             real auto up - writing 95 => local: real can answer writing
             real auto up - writing 10 => cloud: Pathos is only 10 % sure what is wanted
             real auto none - writing 10 => local: real can answer writing",
        );
    }

    #[test]
    fn a_wish_is_followed_or_refused_with_its_reason() {
        check(
            "demo cloud up - fact 95 => cloud: you asked for the cloud
             demo cloud up 0 fact 95 => refuse: you asked for the cloud, but nothing is left to spend there
             demo cloud none - fact 95 => refuse: you asked for the cloud, but none is set up on this device
             demo cloud down - fact 95 => local: the cloud cannot be reached, and demo can answer basic facts
             demo cloud down - code 95 => refuse: the cloud cannot be reached, and demo is not made for code
             demo local up - fact 95 => local: you asked for this machine only, and demo can answer basic facts
             demo local up - code 95 => refuse: demo is not made for code
             real local up - other 5 => local: you asked for this machine only, and real can answer open questions",
        );
    }
}
