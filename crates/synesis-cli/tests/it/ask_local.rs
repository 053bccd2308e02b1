//! The first thing a newcomer does.

use crate::world::World;

#[test]
fn first_question_initialises_and_is_answered_by_the_built_in_model() {
    let world = World::new();
    let ran = world.run(&["ask", "What is 17 + 25?"]).ok();
    assert!(ran.stdout.contains("42"), "{}", ran.all());
    assert!(ran.stderr.contains("First use"), "{}", ran.all());
    for word in ["Pathos", "Ethos", "confidence", "local", "ms"] {
        assert!(
            ran.stderr.contains(word),
            "{word} is missing\n{}",
            ran.all()
        );
    }
    let again = world.run(&["ask", "What is the capital of France?"]).ok();
    assert!(again.stdout.contains("Paris"), "{}", again.all());
    assert!(!again.stderr.contains("First use"), "{}", again.all());
}

#[test]
fn json_is_one_object_with_the_same_content() {
    let world = World::new();
    let ran = world.run(&["ask", "--json", "What is 17 + 25?"]).ok();
    let value = ran.json();
    assert_eq!(value["answer"], "17 + 25 = 42.");
    assert_eq!(value["route"], "local");
    assert_eq!(value["model"], "builtin");
    assert!(value["confidence"].as_u64().unwrap() >= 85, "{}", ran.all());
    assert!(value["elapsed_ms"].is_u64());
    let agents: Vec<_> = value["events"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|event| event["event"] == "agent_started")
        .map(|event| event["agent"].as_str().unwrap())
        .collect();
    assert_eq!(agents[..3], ["pathos", "logos", "ethos"]);
}

#[test]
fn json_stream_is_a_line_for_each_event_and_the_answer_last() {
    let world = World::new();
    let ran = world
        .run(&["ask", "--json", "--stream", "What is 3 + 4?"])
        .ok();
    let lines: Vec<serde_json::Value> = ran
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    // What was said before a restart is withdrawn.
    let restarted = lines.iter().rposition(|line| line["event"] == "restarted");
    let said: String = lines[restarted.unwrap_or(0)..]
        .iter()
        .filter(|line| line["event"] == "text" && line["agent"] == "logos")
        .map(|line| line["delta"].as_str().unwrap())
        .collect();
    assert_eq!(said.trim(), "3 + 4 = 7.", "{}", ran.all());
    assert_eq!(lines.last().unwrap()["answer"], "3 + 4 = 7.");
}

#[test]
fn sums_beyond_the_models_table_show_the_calculator() {
    let world = World::new();
    let ran = world.run(&["ask", "What is 123456 * 789?"]).ok();
    assert!(ran.stdout.contains("97406784"), "{}", ran.all());
    assert!(ran.stderr.contains("calculator"), "{}", ran.all());
}

#[test]
fn questions_outside_its_tasks_are_not_guessed_at() {
    let world = World::new();
    let ran = world
        .run(&["ask", "Write a poem about the sea in the style of Rilke"])
        .ok();
    assert!(ran.stdout.contains("demonstration model"), "{}", ran.all());
    for way_out in ["synesis model", "Ollama", "cloud"] {
        assert!(ran.stdout.contains(way_out), "{}", ran.all());
    }
}

#[test]
fn answers_come_from_a_given_text() {
    let world = World::new();
    std::fs::write(
        world.file("notes.txt"),
        "Marta Olsen owns the blue boat. The harbour opens at 6:40.\n",
    )
    .unwrap();
    let notes = world.file("notes.txt");
    let ran = world
        .run(&[
            "ask",
            "--context",
            notes.to_str().unwrap(),
            "Who owns the blue boat?",
        ])
        .ok();
    assert!(ran.stdout.contains("Marta Olsen"), "{}", ran.all());
}

#[test]
fn explain_shows_scores_and_reason() {
    let world = World::new();
    let ran = world.run(&["ask", "--explain", "What is 2 + 2?"]).ok();
    for word in ["scores", "rounds", "model", "builtin"] {
        assert!(ran.stderr.contains(word), "{word}\n{}", ran.all());
    }
}
