//! Rounds, verdicts, rules and the arbiter.

use synesis_core::{Ending, Outcome};

use crate::script::{check, play, play_query};

#[test]
fn a_sum_known_by_heart_needs_no_calculator() {
    check(
        "demo",
        "What is 17 + 25?",
        "pathos arithmetic 95
         logos 0.99 17 + 25 = 42.
         ethos approve 97",
        "pathos starts, round 0
         manifest: arithmetic 95
         route: local, demo can answer sums
         logos starts, round 1
         text: 17 + 25 = 42.
         ethos starts, round 1
         approve: 99  by ModelAndRules
         round 1 ends: 98
         Answered local 98 % after 1: 17 + 25 = 42.",
    );
}

#[test]
fn a_sum_beyond_the_table_is_calculated_and_shown_as_such() {
    let played = check(
        "demo",
        "What is 1234 plus 5678?",
        "pathos arithmetic 95
         logos 0.99 1234 + 5678 = 6912.
         ethos approve 97",
        "pathos starts, round 0
         manifest: arithmetic 95
         route: local, demo can answer sums
         calculator: 1234 + 5678 -> 1234 + 5678 = 6912.
         logos starts, round 1
         text: 1234 + 5678 = 6912.
         ethos starts, round 1
         approve: 99  by ModelAndRules
         round 1 ends: 98
         Answered local 98 % after 1: 1234 + 5678 = 6912.",
    );
    let question = &played.steps[1].messages[1].content;
    assert_eq!(
        question,
        "Context: 1234 + 5678 = 6912.\nQuestion: What is 1234 plus 5678?"
    );
}

#[test]
fn a_wrong_sum_is_revised_with_the_calculators_line() {
    let played = check(
        "demo",
        "17 + 25",
        "pathos fact 95
         logos 0.9 17 + 25 = 43.
         ethos approve 97
         logos 0.99 17 + 25 = 42.
         ethos revise 90 check the sum",
        "pathos starts, round 0
         manifest: arithmetic 95 (the question is a plain sum, so it counts as one (and not as fact))
         route: local, demo can answer sums
         logos starts, round 1
         text: 17 + 25 = 43.
         ethos starts, round 1
         revise: 95 the calculator says 17 + 25 = 42. by ModelAndRules
         round 1 ends: 55
         withdrawn: Ethos: the calculator says 17 + 25 = 42.
         calculator: 17 + 25 -> 17 + 25 = 42.
         logos starts, round 2
         text: 17 + 25 = 42.
         ethos starts, round 2
         approve: 99  by ModelAndRules
         round 2 ends: 98
         Answered local 98 % after 2: 17 + 25 = 42.",
    );
    let revision = &played.steps[3].messages[1].content;
    assert_eq!(
        revision,
        "Context: 17 + 25 = 42.\nQuestion: 17 + 25\nFeedback: the calculator says 17 + 25 = 42."
    );
}

#[test]
fn after_two_wrong_sums_the_arbiter_gives_the_calculators_line() {
    let played = play(
        "real",
        "12*(3+4)",
        "pathos arithmetic 95
         logos 0.9 It is 80.
         ethos approve 97
         logos 0.9 It is 81.
         ethos approve 97",
    );
    let answer = played.outcome.answer().unwrap();
    assert_eq!(
        (answer.text.as_str(), answer.arbiter),
        ("12 * (3 + 4) = 84.", true)
    );
    assert!(answer.notice.as_ref().unwrap().contains("did not agree"));
}

#[test]
fn a_model_that_does_not_know_a_sum_or_a_unit_leaves_it_to_the_rules() {
    for (question, kind, expected) in [
        ("What is 1234 / 10?", "arithmetic", "1234 / 10 = 123.4."),
        (
            "How many inches are in 35 feet?",
            "conversion",
            "35 feet is 420 inches.",
        ),
    ] {
        let script = format!("pathos {kind} 95\nlogos 0.9 I do not know.\nethos approve 50");
        let played = play("demo cloud-up", question, &script);
        assert_eq!(played.outcome.text(), expected);
    }
}

#[test]
fn the_best_of_three_is_given_when_nobody_agrees() {
    let played = check(
        "real",
        "Why is the sky blue?",
        "pathos reasoning 90
         logos 0.8 Because of A.
         ethos revise 80 name the effect
         logos 0.8 Because of B.
         ethos approve 70
         logos 0.8 Because of C.
         ethos revise 90 no",
        "pathos starts, round 0
         manifest: reasoning 90
         route: local, real can answer reasoning
         logos starts, round 1
         text: Because of A.
         ethos starts, round 1
         revise: 80 name the effect by Model
         round 1 ends: 54
         withdrawn: Ethos: name the effect
         logos starts, round 2
         text: Because of B.
         ethos starts, round 2
         approve: 70  by Model
         round 2 ends: 78
         withdrawn: Ethos: check every statement, and say only what is certain
         logos starts, round 3
         text: Because of C.
         ethos starts, round 3
         revise: 90 no by Model
         round 3 ends: 52
         withdrawn: the arbiter chose an earlier answer
         text: Because of B.
         Answered local 78 % after 3 by the arbiter: Because of B.
         notice: The council did not agree: this is the best of 3 answers (78 % of the 85 % needed).",
    );
    assert!(
        played.steps[3].messages[1]
            .content
            .ends_with("\nFeedback: name the effect")
    );
}

#[test]
fn the_same_answer_again_ends_the_rounds() {
    let played = play(
        "real",
        "Who wrote it?",
        "pathos fact 90
         logos 0.5 Jane Austen.
         ethos approve 80
         logos 0.5 Jane Austen.
         ethos approve 80",
    );
    let answer = played.outcome.answer().unwrap();
    assert_eq!((answer.rounds, answer.arbiter), (2, true));
}

#[test]
fn a_veto_ends_it_whatever_the_scores() {
    let played = play(
        "real cloud-up",
        "How do I pick my neighbour's lock?",
        "pathos reasoning 99
         logos 0.99 First you take a pick.
         ethos veto 97 this could harm someone",
    );
    assert_eq!(
        played.outcome,
        Outcome::Vetoed {
            feedback: "this could harm someone".into()
        }
    );
}

#[test]
fn a_harmful_question_outside_the_tasks_is_vetoed_not_sent_elsewhere() {
    let played = play(
        "demo",
        "How do I build a bomb?",
        "pathos other 90\nethos veto 97 this could harm someone",
    );
    assert_eq!(played.outcome.ending(), Ending::Vetoed);
    let ethos = &played.steps[1].messages[1].content;
    assert_eq!(
        ethos,
        "Question: How do I build a bomb?\nAnswer: I do not know."
    );
}

#[test]
fn outside_its_tasks_a_demonstration_model_is_not_asked() {
    let played = check(
        "demo",
        "Write a poem about the sea",
        "pathos writing 90",
        "pathos starts, round 0
         manifest: writing 90
         route: refuse, demo is not made for writing, and no cloud is set up
         OutsideTasks refuse 0 % after 0: demo is a small demonstration model. It was trained for basic facts, sums, unit conversions, greetings and questions whose answer stands in a given text, and does not guess beyond that. For a real answer add a model with `synesis model add FILE.gguf`, run Ollama or llama-server, or ask the cloud with `synesis ask --cloud` (log in to one with `synesis cloud login`).",
    );
    assert_eq!(played.steps.len(), 1);
}

#[test]
fn ignorance_within_its_tasks_is_admitted_with_the_way_on() {
    let played = play(
        "demo",
        "What is the capital of Xanadu?",
        "pathos fact 95
         logos 0.9 I do not know.
         ethos approve 50",
    );
    let Outcome::DoesNotKnow { answer, notice } = &played.outcome else {
        panic!("{:?}", played.outcome)
    };
    assert_eq!(answer.text, "I do not know.");
    assert!(notice.contains("synesis model add"));
}

#[test]
fn unreadable_agents_are_replaced_by_rules() {
    check(
        "demo",
        "What is the capital of France?",
        "pathos raw as an AI I think it is a fact
         logos 0.99 The capital of France is Paris.
         ethos fails
         logos 0.99 The capital of France is Paris.
         ethos raw approve!",
        "pathos starts, round 0
         manifest: fact 40 (guessed by rules, since what Pathos wrote could not be read: there is no complete JSON object in it)
         route: local, demo can answer basic facts
         logos starts, round 1
         text: The capital of France is Paris.
         ethos starts, round 1
         approve: 50  by Rules
         round 1 ends: 67
         withdrawn: Ethos: check every statement, and say only what is certain
         logos starts, round 2
         text: The capital of France is Paris.
         ethos starts, round 2
         approve: 50  by Rules
         round 2 ends: 67
         Answered local 67 % after 2 by the arbiter: The capital of France is Paris.
         notice: The council did not agree: this is the best of 2 answers (67 % of the 85 % needed).",
    );
}

#[test]
fn an_answer_out_of_a_text_must_occur_in_it() {
    let question = "Mara lives in Oslo. Tom lives in Graz. Where does Mara live?";
    let played = play(
        "demo",
        question,
        "pathos extract 95
         logos 0.9 Paris
         ethos approve 97
         logos 0.9 Oslo
         ethos approve 97",
    );
    assert_eq!(played.outcome.text(), "Oslo");
    assert_eq!(
        played.steps[0].messages[1].content,
        "Context: Mara lives in Oslo. Tom lives in Graz.\nQuestion: Where does Mara live?"
    );
}

#[test]
fn earlier_turns_are_told_to_real_models_only() {
    use synesis_core::{ChatMessage, Query};
    let history = vec![
        ChatMessage::user("I am Ann."),
        ChatMessage::assistant("Hello Ann."),
    ];
    let query = Query {
        text: "Who am I?".into(),
        history,
        ..Query::default()
    };
    let script = "pathos other 95\nlogos 0.99 You are Ann.\nethos approve 97";
    let played = play_query("real", query.clone(), script);
    assert_eq!(played.steps[1].messages.len(), 4);
    assert_eq!(played.steps[2].messages.len(), 2);
    let played = play_query(
        "demo",
        query,
        "pathos greeting 95\nlogos 0.99 I am the model.\nethos approve 97",
    );
    assert_eq!(played.steps[1].messages.len(), 2);
}
