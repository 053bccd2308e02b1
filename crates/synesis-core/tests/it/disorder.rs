//! Hosts that do everything in the wrong order.

use proptest::prelude::*;
use synesis_core::{
    CloudEnd, CloudFailure, Council, CouncilConfig, Generated, Passage, Query, Step,
};
use synesis_domain::NanoUsd;

use crate::script::fit;

/// Something a host may do, rightly or not.
#[derive(Debug, Clone)]
enum Act {
    Poll,
    Text(String),
    Generated(String, Option<f32>),
    Failed,
    Retrieved,
    CloudEnded,
    CloudFailed(String),
}

fn act() -> impl Strategy<Value = Act> {
    let output = prop_oneof![
        Just(r#"{"kind":"fact","confidence":95}"#.to_owned()),
        Just(r#"{"kind":"other","confidence":10}"#.to_owned()),
        Just(r#"{"verdict":"approve","confidence":97}"#.to_owned()),
        Just(r#"{"verdict":"revise","feedback":"no","confidence":97}"#.to_owned()),
        Just(r#"{"verdict":"veto","confidence":97}"#.to_owned()),
        Just("I do not know.".to_owned()),
        ".{0,12}",
    ];
    let probability = prop_oneof![Just(None), any::<f32>().prop_map(Some)];
    prop_oneof![
        4 => Just(Act::Poll),
        2 => ".{0,6}".prop_map(Act::Text),
        4 => (output, probability).prop_map(|(text, p)| Act::Generated(text, p)),
        1 => Just(Act::Failed),
        1 => Just(Act::Retrieved),
        1 => Just(Act::CloudEnded),
        1 => "[a-z]{0,4}".prop_map(Act::CloudFailed),
    ]
}

fn perform(council: &mut Council, act: Act) -> bool {
    let end = CloudEnd {
        model: "m".into(),
        prompt_tokens: 1,
        completion_tokens: 1,
        cost: NanoUsd::ZERO,
    };
    match act {
        Act::Poll => {
            council.poll_step();
            return true;
        }
        Act::Text(text) => council.handle_text(&text),
        Act::Generated(text, mean_probability) => council.handle_generated(Generated {
            text,
            mean_probability,
            ..Generated::default()
        }),
        Act::Failed => council.handle_failed("no".into()),
        Act::Retrieved => council.handle_retrieved(vec![Passage {
            path: "p".into(),
            line_start: 1,
            line_end: 2,
            text: "the capital of France".into(),
        }]),
        Act::CloudEnded => council.handle_cloud_ended(end),
        Act::CloudFailed(partial) => council.handle_cloud_failed(CloudFailure {
            message: "no".into(),
            partial,
        }),
    }
    .is_ok()
}

fn setting() -> impl Strategy<Value = String> {
    let model = prop_oneof![Just("demo"), Just("real")];
    let cloud = prop_oneof![
        Just(""),
        Just("cloud-up"),
        Just("cloud-down"),
        Just("cloud-up broke")
    ];
    let wish = prop_oneof![Just(""), Just("want-cloud"), Just("want-local")];
    let knowledge = prop_oneof![Just(""), Just("knowledge")];
    (model, cloud, wish, knowledge).prop_map(|(m, c, w, k)| format!("{m} {c} {w} {k}"))
}

fn question() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("What is the capital of France?".to_owned()),
        Just("What is 170 + 25?".to_owned()),
        Just("5 feet in inches".to_owned()),
        "\\PC{1,40}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_order_of_calls_panics_or_moves_a_finished_council(
        setting in setting(), question in question(), acts in prop::collection::vec(act(), 0..60)
    ) {
        let Ok(mut council) = Council::new(CouncilConfig::default(), Query::new(question), fit(&setting)) else {
            return Ok(());
        };
        let mut outcome = None;
        for act in acts {
            perform(&mut council, act);
            match (council.poll_step(), &outcome) {
                (Step::Finished(now), Some(before)) => prop_assert_eq!(&now, before),
                (Step::Finished(now), None) => outcome = Some(now),
                (step, Some(_)) => prop_assert!(false, "{:?} after the end", step),
                _ => {}
            }
        }
    }

    #[test]
    fn a_call_out_of_turn_changes_nothing(setting in setting(), question in question(), wrong in act()) {
        let Ok(mut council) = Council::new(CouncilConfig::default(), Query::new(question), fit(&setting)) else {
            return Ok(());
        };
        // The first step was not polled yet, so everything but a poll is out of turn.
        if !matches!(wrong, Act::Poll) {
            prop_assert!(!perform(&mut council, wrong));
        }
        prop_assert!(matches!(council.poll_step(), Step::Generate(_)));
    }

    #[test]
    fn every_council_ends_within_its_bounds(
        setting in setting(), question in question(), acts in prop::collection::vec(act(), 20..60)
    ) {
        let Ok(mut council) = Council::new(CouncilConfig::default(), Query::new(question), fit(&setting)) else {
            return Ok(());
        };
        let mut acts = acts.into_iter();
        // One manifest, one search, three rounds twice over at most, one escalation: steps, not acts.
        for _ in 0..12 {
            let fitting = match council.poll_step() {
                Step::Finished(_) => return Ok(()),
                Step::Generate(_) => acts.by_ref().find(|a| matches!(a, Act::Generated(..) | Act::Failed)).unwrap_or(Act::Failed),
                Step::Retrieve { .. } => Act::Retrieved,
                Step::Escalate(_) => Act::CloudFailed(String::new()),
                Step::Waiting => return Err(TestCaseError::fail("waits for nothing")),
            };
            prop_assert!(perform(&mut council, fitting));
            while council.poll_event().is_some() {}
        }
        prop_assert!(council.is_finished());
    }
}
