//! A small language for councils.
//!
//! The setting is words: `demo` or `real`, `cloud-up`, `cloud-down`, `want-cloud`, `want-local`,
//! `broke`, `knowledge`. Each line of the script answers one step:
//!
//! ```text
//! pathos arithmetic 95          a manifest of that kind and confidence
//! logos 0.99 17 + 25 = 42.      a mean probability (or -) and the answer
//! ethos approve 97 [feedback]   a verdict
//! pathos|logos|ethos raw TEXT   exactly this output
//! pathos|logos|ethos fails TEXT [then the model breaks, after having streamed TEXT]
//! finds PATH:LINE TEXT          one passage; `finds` alone: none
//! cloud TEXT                    the cloud answers
//! cloud-fails MESSAGE           the cloud fails before the first word
//! cloud-cuts TEXT               the cloud fails after these words
//! ```

use synesis_core::{
    Agent, CloudEnd, CloudFailure, CloudState, Council, CouncilConfig, CouncilEvent, Demand, Fit,
    GenerateStep, Generated, ModelFit, Outcome, Passage, Query, QueryKind, Step,
};
use synesis_domain::NanoUsd;

pub(crate) fn fit(setting: &str) -> Fit {
    let mut fit = Fit::local(ModelFit::general("real"));
    for word in setting.split_whitespace() {
        match word {
            "real" => {}
            "demo" => {
                fit.model = ModelFit {
                    name: "demo".into(),
                    demonstration: true,
                    tasks: vec![
                        QueryKind::Fact,
                        QueryKind::Arithmetic,
                        QueryKind::Conversion,
                        QueryKind::Greeting,
                        QueryKind::Extract,
                    ],
                    sum_max: 99,
                    product_max: 12,
                }
            }
            "cloud-up" => fit.cloud = CloudState::Available,
            "cloud-down" => fit.cloud = CloudState::Unreachable,
            "want-cloud" => fit.demand = Demand::Cloud,
            "want-local" => fit.demand = Demand::Local,
            "broke" => fit.budget_left = Some(NanoUsd::ZERO),
            "knowledge" => fit.knowledge = true,
            other => panic!("no such setting: {other}"),
        }
    }
    fit
}

pub(crate) struct Played {
    pub(crate) events: Vec<CouncilEvent>,
    pub(crate) steps: Vec<GenerateStep>,
    pub(crate) outcome: Outcome,
}

pub(crate) fn play(setting: &str, question: &str, script: &str) -> Played {
    play_query(setting, Query::new(question), script)
}

pub(crate) fn play_query(setting: &str, query: Query, script: &str) -> Played {
    let mut council = Council::new(CouncilConfig::default(), query, fit(setting)).unwrap();
    let mut lines = script
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty());
    let mut events = Vec::new();
    let mut steps = Vec::new();
    let outcome = loop {
        let step = council.poll_step();
        events.extend(std::iter::from_fn(|| council.poll_event()));
        if let Step::Finished(outcome) = step {
            break outcome;
        }
        assert_eq!(council.poll_step(), Step::Waiting, "a step is given once");
        let line = lines
            .next()
            .unwrap_or_else(|| panic!("the script ends before {step:?}"));
        let (who, rest) = line.split_once(' ').unwrap_or((line, ""));
        match step {
            Step::Generate(step) => {
                assert_eq!(step.agent.as_str(), who, "{line}");
                generate(&mut council, step.agent, rest);
                steps.push(step);
            }
            Step::Retrieve { .. } => council.handle_retrieved(found(who, rest)).unwrap(),
            Step::Escalate(_) => cloud(&mut council, who, rest),
            Step::Waiting | Step::Finished(_) => panic!("the council waits for nothing"),
        }
    };
    assert_eq!(lines.next(), None, "the council ended before the script");
    Played {
        events,
        steps,
        outcome,
    }
}

fn generate(council: &mut Council, agent: Agent, rest: &str) {
    let (first, rest) = rest.split_once(' ').unwrap_or((rest, ""));
    if first == "fails" {
        council.handle_text(rest).unwrap();
        return council.handle_failed("out of memory".into()).unwrap();
    }
    let mut probability = None;
    let text = match (first, agent) {
        ("raw", _) => rest.to_owned(),
        (kind, Agent::Pathos) => format!(
            r#"{{"kind":"{kind}","goal":"g","constraints":["short"],"expertise":[],"verify":[],"confidence":{rest}}}"#
        ),
        (share, Agent::Logos) => {
            probability = share.parse().ok();
            let (head, tail) =
                rest.split_at(rest.char_indices().nth(2).map_or(rest.len(), |(at, _)| at));
            council.handle_text(head).unwrap();
            council.handle_text(tail).unwrap();
            rest.to_owned()
        }
        (verdict, Agent::Ethos) => {
            let (confidence, feedback) = rest.split_once(' ').unwrap_or((rest, ""));
            format!(
                r#"{{"verdict":"{verdict}","feedback":"{feedback}","confidence":{confidence}}}"#
            )
        }
    };
    let generated = Generated {
        text,
        mean_probability: probability,
        prompt_tokens: 7,
        completion_tokens: 5,
    };
    council.handle_generated(generated).unwrap();
}

fn found(who: &str, rest: &str) -> Vec<Passage> {
    assert_eq!(who, "finds");
    let Some((place, text)) = rest.split_once(' ') else {
        return Vec::new();
    };
    let (path, line) = place.split_once(':').unwrap();
    let line = line.parse().unwrap();
    vec![Passage {
        path: path.into(),
        line_start: line,
        line_end: line,
        text: text.into(),
    }]
}

fn cloud(council: &mut Council, who: &str, rest: &str) {
    match who {
        "cloud" => {
            council.handle_text(rest).unwrap();
            let end = CloudEnd {
                model: "big".into(),
                prompt_tokens: 11,
                completion_tokens: 3,
                cost: NanoUsd::new(1000),
            };
            council.handle_cloud_ended(end).unwrap();
        }
        "cloud-fails" => {
            let failure = CloudFailure {
                message: rest.into(),
                partial: String::new(),
            };
            council.handle_cloud_failed(failure).unwrap();
        }
        "cloud-cuts" => {
            council.handle_text(rest).unwrap();
            let failure = CloudFailure {
                message: "the tunnel closed".into(),
                partial: rest.into(),
            };
            council.handle_cloud_failed(failure).unwrap();
        }
        other => panic!("not an answer of the cloud: {other}"),
    }
}

/// The events that matter, one a line.
pub(crate) fn transcript(events: &[CouncilEvent]) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut text = String::new();
    for event in events {
        if let CouncilEvent::Text {
            agent: Agent::Logos,
            delta,
        } = event
        {
            text.push_str(delta);
            continue;
        }
        if matches!(
            event,
            CouncilEvent::AgentEnded { .. } | CouncilEvent::Text { .. }
        ) {
            continue;
        }
        if !text.is_empty() {
            lines.push(format!("text: {}", std::mem::take(&mut text)));
        }
        lines.push(line(event));
    }
    lines.join("\n")
}

fn line(event: &CouncilEvent) -> String {
    match event {
        CouncilEvent::AgentStarted { agent, round, .. } => {
            format!("{} starts, round {round}", agent.as_str())
        }
        CouncilEvent::Manifest { manifest, note, .. } => {
            let note = note.as_ref().map(|n| format!(" ({n})")).unwrap_or_default();
            format!(
                "manifest: {} {}{note}",
                manifest.kind.as_str(),
                manifest.confidence
            )
        }
        CouncilEvent::Route { route, reason } => format!("route: {}, {reason}", route.as_str()),
        CouncilEvent::Tool {
            name,
            input,
            output,
        } => format!("{name}: {input} -> {output}"),
        CouncilEvent::Retrieved { passages } => {
            let places: Vec<String> = passages.iter().map(Passage::place).collect();
            format!("found: {}", places.join(" "))
        }
        CouncilEvent::Verdict {
            decision,
            feedback,
            confidence,
            verified_by,
            ..
        } => {
            format!(
                "{}: {confidence} {feedback} by {verified_by:?}",
                decision.as_str()
            )
        }
        CouncilEvent::RoundEnded { round, score } => format!("round {round} ends: {score}"),
        CouncilEvent::Restarted { reason } => format!("withdrawn: {reason}"),
        CouncilEvent::Notice { message } => format!("notice: {message}"),
        CouncilEvent::Finished {
            ending,
            answer,
            notice,
            confidence,
            route,
            rounds,
            arbiter,
            ..
        } => {
            let arbiter = if *arbiter { " by the arbiter" } else { "" };
            let notice = notice
                .as_ref()
                .map(|n| format!("\n  notice: {n}"))
                .unwrap_or_default();
            let head = format!(
                "{ending:?} {} {confidence} % after {rounds}{arbiter}",
                route.as_str()
            );
            format!("{head}: {answer}{notice}")
        }
        other => format!("{other:?}"),
    }
}

/// Plays and compares the transcript, indentation aside.
#[track_caller]
pub(crate) fn check(setting: &str, question: &str, script: &str, expected: &str) -> Played {
    let played = play(setting, question, script);
    let trimmed = |text: &str| {
        text.lines()
            .map(str::trim)
            .filter(|l| !l.is_empty())
            .collect::<Vec<_>>()
            .join("\n")
    };
    let shown = trimmed(&transcript(&played.events));
    let expected = trimmed(expected);
    assert!(
        shown == expected,
        "{question}\n--- events ---\n{shown}\n--- expected ---\n{expected}"
    );
    played
}
