//! Cloud, knowledge base, and what happens when they fail.

use synesis_core::{
    Council, CouncilConfig, Ending, Outcome, Query, QueryError, RefusedBecause, Route, Step,
};

use crate::script::{check, fit, play};

#[test]
fn a_wish_for_the_cloud_goes_there_after_pathos() {
    check(
        "demo cloud-up want-cloud",
        "Write a poem about 2 trees",
        "pathos writing 90
         cloud Two trees stood.",
        "pathos starts, round 0
         manifest: writing 90
         route: cloud, you asked for the cloud
         logos starts, round 0
         text: Two trees stood.
         approve: 80  by Rules
         Answered cloud 82 % after 0: Two trees stood.",
    );
}

#[test]
fn a_sum_from_the_cloud_is_checked_by_rules() {
    let right = play(
        "demo cloud-up want-cloud",
        "What is 2 + 2?",
        "pathos arithmetic 95\ncloud It is 4.",
    );
    assert!(right.outcome.answer().unwrap().confidence > 95);
    let wrong = play(
        "demo cloud-up want-cloud",
        "What is 2 + 2?",
        "pathos arithmetic 95\ncloud It is 5.",
    );
    let answer = wrong.outcome.answer().unwrap();
    assert!(answer.confidence < 30);
    assert_eq!(
        answer.notice.as_deref(),
        Some("Beware: the calculator says 2 + 2 = 4.")
    );
}

#[test]
fn what_the_local_model_cannot_do_goes_to_the_cloud() {
    let mut council = Council::new(
        CouncilConfig::default(),
        Query::new("Write a poem"),
        fit("demo cloud-up"),
    )
    .unwrap();
    let Step::Generate(_) = council.poll_step() else {
        panic!("Pathos is first")
    };
    let text = r#"{"kind":"writing","goal":"a poem.","constraints":["short"],"expertise":["poetry"],"verify":[],"confidence":90}"#;
    council
        .handle_generated(synesis_core::Generated {
            text: text.into(),
            ..Default::default()
        })
        .unwrap();
    let Step::Escalate(escalate) = council.poll_step() else {
        panic!("the cloud is next")
    };
    assert_eq!(
        escalate.framing,
        "Kind of question: writing. Goal: a poem. Expertise: poetry."
    );
    assert_eq!(escalate.constraints, ["short"]);
    assert_eq!(escalate.reason, "demo is not made for writing");
}

#[test]
fn a_cloud_that_is_down_leaves_the_local_answer_with_a_notice() {
    check(
        "demo cloud-up want-cloud",
        "What is the capital of France?",
        "pathos fact 95
         cloud-fails the tunnel closed
         logos 0.99 The capital of France is Paris.
         ethos approve 97",
        "pathos starts, round 0
         manifest: fact 95
         route: cloud, you asked for the cloud
         logos starts, round 0
         notice: The cloud could not answer: the tunnel closed. This is the local model's answer.
         route: local, the cloud could not answer: the tunnel closed
         logos starts, round 1
         text: The capital of France is Paris.
         ethos starts, round 1
         approve: 97  by Model
         round 1 ends: 97
         Answered local 97 % after 1: The capital of France is Paris.
         notice: The cloud could not answer: the tunnel closed. This is the local model's answer.",
    );
}

#[test]
fn an_empty_cloud_answer_counts_as_a_failure() {
    let played = play(
        "real cloud-up want-cloud",
        "Why?",
        "pathos other 95\ncloud\nlogos 0.99 Because.\nethos approve 97",
    );
    assert_eq!(played.outcome.answer().unwrap().route, Route::Local);
}

#[test]
fn a_cut_cloud_answer_is_kept() {
    for setting in [
        "demo cloud-up",
        "demo cloud-up want-cloud",
        "real cloud-up want-cloud",
    ] {
        let played = play(
            setting,
            "Write a poem",
            "pathos writing 90\ncloud-cuts Two trees",
        );
        let expected = Outcome::Cut {
            partial: "Two trees".into(),
            route: Route::Cloud,
            message: "the tunnel closed".into(),
        };
        assert_eq!(played.outcome, expected, "{setting}");
    }
}

#[test]
fn a_cloud_that_is_down_for_an_unfit_model_ends_with_both_reasons() {
    let played = play(
        "demo cloud-up",
        "Write a poem",
        "pathos writing 90\ncloud-fails no route to host",
    );
    let Outcome::OutsideTasks { notice } = &played.outcome else {
        panic!("{:?}", played.outcome)
    };
    assert!(notice.contains("no route to host") && notice.contains("synesis model add"));
}

#[test]
fn disagreement_and_ignorance_go_to_the_cloud_where_it_stands_ready() {
    let unknown = "pathos fact 95\nlogos 0.9 I do not know.\nethos approve 50\ncloud It has none.";
    let played = play("demo cloud-up", "What is the capital of Xanadu?", unknown);
    assert_eq!(played.outcome.answer().unwrap().route, Route::Cloud);
    let apart = "pathos fact 90\nlogos 0.3 A.\nethos revise 90 x\nlogos 0.3 B.\nethos revise 90 x
                 logos 0.3 C.\nethos revise 90 x\n";
    let played = play(
        "real cloud-up",
        "Who?",
        &format!("{apart}cloud It was Ann."),
    );
    assert_eq!(played.outcome.text(), "It was Ann.");
    let played = play("real cloud-up", "Who?", &format!("{apart}cloud-fails down"));
    let answer = played.outcome.answer().unwrap();
    assert_eq!((answer.text.as_str(), answer.arbiter), ("A.", true));
    for setting in ["real cloud-up want-local", "real cloud-up broke", "real"] {
        let played = play(setting, "Who?", apart);
        assert_eq!(
            played.outcome.answer().unwrap().route,
            Route::Local,
            "{setting}"
        );
    }
}

#[test]
fn refusals_name_the_cause_and_the_way_out() {
    let refused = |setting: &str| match play(setting, "Write a poem", "pathos writing 90").outcome {
        Outcome::Refused { because, reason } => {
            assert!(reason.contains('`'), "{reason}");
            because
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(refused("demo want-cloud"), RefusedBecause::NoCloud);
    assert_eq!(
        refused("demo cloud-down want-cloud"),
        RefusedBecause::CloudUnreachable
    );
    assert_eq!(
        refused("demo cloud-up broke want-cloud"),
        RefusedBecause::Budget
    );
}

#[test]
fn passages_are_given_to_logos_with_their_places() {
    let played = play(
        "real knowledge",
        "Where does Mara live?",
        "pathos fact 95
         finds notes.md:3 Mara lives in Oslo.
         logos 0.99 In Oslo [notes.md:3].
         ethos approve 97",
    );
    let question = &played.steps[1].messages[1].content;
    assert_eq!(
        question,
        "Context: [notes.md:3] Mara lives in Oslo.\nQuestion: Where does Mara live?"
    );
    assert_eq!(
        played.outcome.answer().unwrap().sources[0].place(),
        "notes.md:3"
    );
}

#[test]
fn a_demonstration_model_reads_only_a_passage_that_speaks_of_the_question() {
    let played = play(
        "demo knowledge",
        "Where does Mara live?",
        "pathos other 90\nfinds notes.md:3 Mara lives in Oslo.\nlogos 0.99 Oslo\nethos approve 97",
    );
    assert_eq!(played.outcome.text(), "Oslo");
    let played = play(
        "demo knowledge",
        "What is the capital of France?",
        "pathos fact 95\nfinds notes.md:3 Mara lives in Oslo.\nlogos 0.99 The capital of France is Paris.\nethos approve 97",
    );
    assert_eq!(
        played.steps[1].messages[1].content,
        "What is the capital of France?"
    );
}

#[test]
fn a_local_model_that_fails_loses_no_text() {
    let cut = play("real", "Why?", "pathos other 90\nlogos fails Because of");
    assert_eq!(
        cut.outcome,
        Outcome::Cut {
            partial: "Because of".into(),
            route: Route::Local,
            message: "out of memory".into()
        }
    );
    let failed = play("real", "Why?", "pathos fails\nlogos fails");
    assert_eq!(failed.outcome.ending(), Ending::Failed);
    let sum = play("demo", "2 + 2", "pathos fails\nlogos fails");
    assert_eq!(sum.outcome.text(), "2 + 2 = 4.");
    let cloud = play(
        "real cloud-up",
        "Why?",
        "pathos other 90\nlogos fails\ncloud Because.",
    );
    assert_eq!(cloud.outcome.text(), "Because.");
}

#[test]
fn questions_are_bounded() {
    let ask = |text: String, context: Option<String>| {
        let query = Query {
            text,
            context,
            ..Query::default()
        };
        Council::new(CouncilConfig::default(), query, fit("demo")).map(|_| ())
    };
    assert_eq!(ask("  \n".into(), None), Err(QueryError::Empty));
    assert!(matches!(
        ask("x".repeat(10 << 20), None),
        Err(QueryError::TooLong { .. })
    ));
    assert!(matches!(
        ask("x".into(), Some("x".repeat(10 << 20))),
        Err(QueryError::ContextTooLong { .. })
    ));
}
