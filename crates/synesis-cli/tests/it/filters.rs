//! The privacy proxy alone: text in, text out.

use serde_json::Value;

use crate::world::{World, finish_with_stdin};

#[test]
fn redact_and_reinflate_are_inverse_over_processes() {
    let world = World::new();
    let text = "Mail bob@example.org from 10.1.2.3, thanks.\n";
    let redacted = world
        .run_with_stdin(&["redact", "--conversation", "review"], text.as_bytes())
        .ok();
    assert!(
        !redacted.stdout.contains("bob@example.org"),
        "{}",
        redacted.all()
    );
    assert!(redacted.stdout.contains("[EMAIL_"), "{}", redacted.all());
    let back = world
        .run_with_stdin(
            &["reinflate", "--conversation", "review"],
            redacted.stdout.as_bytes(),
        )
        .ok();
    assert_eq!(back.stdout, text);
    let again = world
        .run_with_stdin(&["redact", "--conversation", "review"], text.as_bytes())
        .ok();
    assert_eq!(
        again.stdout, redacted.stdout,
        "placeholders changed within a conversation"
    );
}

#[test]
fn json_lines_keep_their_order_and_a_bad_line_fails_at_the_end() {
    let world = World::new();
    let input = concat!(
        r#"{"id":"1","text":"call ann@example.org"}"#,
        "\n",
        "no json\n",
        r#"{"id":"2","text":"nothing here"}"#,
        "\n",
    );
    let ran = world
        .run_with_stdin(&["redact", "--json"], input.as_bytes())
        .failed(1);
    let lines: Vec<Value> = ran
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 3, "{}", ran.all());
    assert_eq!(lines[0]["id"], "1");
    let finding = &lines[0]["findings"][0];
    assert_eq!(
        (finding["start"].as_u64(), finding["end"].as_u64()),
        (Some(5), Some(20))
    );
    assert_eq!(finding["kind"], "email");
    assert!(
        lines[0]["text"]
            .as_str()
            .unwrap()
            .contains(finding["placeholder"].as_str().unwrap())
    );
    assert!(lines[1]["error"].is_string());
    assert_eq!(
        lines[2],
        serde_json::json!({"id": "2", "text": "nothing here", "findings": []})
    );
}

#[test]
fn chunks_are_restored_one_for_one_and_a_last_one() {
    let world = World::new();
    let input = r#"{"id":"1","text":"call ann@example.org now","conversation":"c"}"#;
    let redacted = world
        .run_with_stdin(&["redact", "--json"], input.as_bytes())
        .ok()
        .json();
    let text = redacted["text"].as_str().unwrap();
    let (left, right) = text.split_at(9);
    let question =
        serde_json::json!({"id": "2", "chunks": [left, right], "conversation": "c"}).to_string();
    let answer = world
        .run_with_stdin(&["reinflate", "--json"], question.as_bytes())
        .ok()
        .json();
    let chunks: Vec<&str> = answer["chunks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|chunk| chunk.as_str().unwrap())
        .collect();
    assert_eq!(chunks.len(), 3);
    assert_eq!(chunks.concat(), "call ann@example.org now");
}

#[test]
fn lines_that_come_at_once_are_stored_before_they_are_answered() {
    let world = World::new();
    let lines: Vec<String> = (0..40)
        .map(|n| format!(r#"{{"id":"{n}","text":"user{n}@roe.example","conversation":"c"}}"#))
        .collect();
    let redacted = world
        .run_with_stdin(&["redact", "--json"], lines.join("\n").as_bytes())
        .ok();
    let questions: Vec<String> = redacted
        .stdout
        .lines()
        .map(|line| {
            let line: Value = serde_json::from_str(line).unwrap();
            serde_json::json!({"id": line["id"], "text": line["text"], "conversation": "c"})
                .to_string()
        })
        .collect();
    let back = world
        .run_with_stdin(&["reinflate", "--json"], questions.join("\n").as_bytes())
        .ok();
    for (n, line) in back.stdout.lines().enumerate() {
        let line: Value = serde_json::from_str(line).unwrap();
        assert_eq!(line["text"], format!("user{n}@roe.example"));
    }
    assert_eq!(back.stdout.lines().count(), 40);
}

#[test]
fn forgotten_conversations_cannot_be_restored() {
    let world = World::new();
    let redacted = world
        .run_with_stdin(&["redact", "--conversation", "c"], b"ann@example.org")
        .ok();
    world.run(&["vault", "forget", "c"]).ok();
    let back = world
        .run_with_stdin(
            &["reinflate", "--conversation", "c"],
            redacted.stdout.as_bytes(),
        )
        .ok();
    assert_eq!(back.stdout, redacted.stdout);
}

#[test]
fn scan_lists_findings_without_storing_them() {
    let world = World::new();
    let ran = world
        .run_with_stdin(
            &["privacy", "scan", "-", "--json"],
            b"IBAN DE89 3704 0044 0532 0130 00",
        )
        .ok();
    let value = ran.json();
    assert_eq!(value["findings"][0]["kind"], "iban", "{}", ran.all());
    assert!(!world.file("vault.db").exists());
}

#[test]
fn added_rules_are_used_and_can_be_removed() {
    let world = World::new();
    world
        .run(&["privacy", "add", "--value", "Project Falcon"])
        .ok();
    let ran = world
        .run_with_stdin(&["redact", "--ephemeral"], b"About Project Falcon.")
        .ok();
    assert!(!ran.stdout.contains("Falcon"), "{}", ran.all());
    world.run(&["privacy", "remove", "1"]).ok();
    let ran = world
        .run_with_stdin(&["redact", "--ephemeral"], b"About Project Falcon.")
        .ok();
    assert_eq!(ran.stdout, "About Project Falcon.");
}

#[test]
fn the_vaults_key_moves_under_a_passphrase_and_back() {
    let world = World::new();
    let variable = "SYNESIS_VAULT_PASSPHRASE";
    let text = "Mail bob@example.org.\n";
    let redacted = world
        .run_with_stdin(&["redact", "--conversation", "c"], text.as_bytes())
        .ok();
    let moved = world
        .command(&["vault", "key", "passphrase"])
        .env(variable, "correct horse")
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&moved.stdout), "passphrase\n");

    let reinflate = |passphrase: &str| {
        let mut filter = world.command(&["reinflate", "--conversation", "c"]);
        finish_with_stdin(filter.env(variable, passphrase), redacted.stdout.as_bytes())
    };
    assert_eq!(reinflate("correct horse").ok().stdout, text);
    let wrong = reinflate("correct house").failed(1);
    assert!(
        wrong
            .stderr
            .contains("the passphrase does not open the key"),
        "{}",
        wrong.all()
    );
    let unasked = world
        .run_with_stdin(
            &["reinflate", "--conversation", "c"],
            redacted.stdout.as_bytes(),
        )
        .failed(1);
    assert!(unasked.stderr.contains(variable), "{}", unasked.all());
}

/// Gives texts their values back, in their conversation.
fn restored(world: &World, texts: &[String]) -> Vec<String> {
    let lines: Vec<String> = texts
        .iter()
        .map(|text| {
            serde_json::json!({"id": "x", "text": text, "conversation": "shared"}).to_string()
        })
        .collect();
    let back = world
        .run_with_stdin(&["reinflate", "--json"], lines.join("\n").as_bytes())
        .ok();
    back.stdout
        .lines()
        .map(|line| {
            let line: Value = serde_json::from_str(line).unwrap();
            line["text"].as_str().unwrap().to_owned()
        })
        .collect()
}

fn question(text: &str) -> String {
    let line = serde_json::json!({"id": "x", "text": text, "conversation": "shared"});
    format!("{line}\n")
}

/// The text of an answer's line.
fn answered(line: &str) -> String {
    let line: Value = serde_json::from_str(line).unwrap();
    line["text"].as_str().unwrap().to_owned()
}

#[test]
fn two_processes_at_once_give_a_value_one_placeholder() {
    const LINES: usize = 120;
    let world = World::new();
    // The same people in another order.
    let mail = |n: usize| format!("person{n}@roe.example");
    let inputs = [
        (0..LINES).map(|n| question(&mail(n))).collect::<String>(),
        (0..LINES)
            .rev()
            .map(|n| question(&mail(n)))
            .collect::<String>(),
    ];
    let both: Vec<Vec<String>> = std::thread::scope(|scope| {
        let running: Vec<_> = inputs
            .iter()
            .map(|input| {
                let world = &world;
                scope.spawn(move || {
                    let ran = world
                        .run_with_stdin(&["redact", "--json"], input.as_bytes())
                        .ok();
                    ran.stdout.lines().map(answered).collect::<Vec<_>>()
                })
            })
            .collect();
        let ended = running.into_iter().map(|running| running.join().unwrap());
        ended.collect()
    });
    let mut backwards = both[1].clone();
    backwards.reverse();
    assert_eq!(both[0], backwards);
    let values: Vec<String> = (0..LINES).map(mail).collect();
    assert_eq!(restored(&world, &both[0]), values);
}

#[test]
fn what_was_answered_can_be_restored_after_a_kill() {
    use std::io::{BufRead as _, BufReader, Write as _};
    let world = World::new();
    let mut answers = Vec::new();
    let mut values = Vec::new();
    for round in 0..10_usize {
        let mut child = world
            .command(&["redact", "--json"])
            .stdin(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = child.stdin.take().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        // The first of each round was seen before: its placeholder stays.
        for number in 0..=round + 2 {
            let value = format!("person{}@roe.example", round * number);
            input.write_all(question(&value).as_bytes()).unwrap();
            let mut line = String::new();
            output.read_line(&mut line).unwrap();
            answers.push(answered(&line));
            values.push(value);
        }
        // It is killed with a line on its way.
        input
            .write_all(question("last@roe.example").as_bytes())
            .unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }
    assert_eq!(restored(&world, &answers), values);
    let mut placeholders = std::collections::BTreeMap::new();
    for (value, answer) in values.iter().zip(&answers) {
        assert_eq!(placeholders.entry(value).or_insert(answer), &answer);
    }
}
