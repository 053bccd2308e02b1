//! Wrong input and broken surroundings: a clear error, the right exit status, nothing lost.

use std::process::Stdio;

use crate::model_server::{ModelServer, Seen};
use crate::world::{World, finish};

#[test]
fn binary_on_stdin_is_refused_with_the_place() {
    let world = World::new();
    let ran = world
        .run_with_stdin(&["ask", "-"], b"What is \xff\xfe?")
        .failed(1);
    assert!(
        ran.stderr.contains("stdin is no text") && ran.stderr.contains("byte 8"),
        "{}",
        ran.all()
    );
}

#[test]
fn ten_megabytes_are_refused_with_the_limit() {
    let world = World::new();
    let question = vec![b'a'; 10 << 20];
    let ran = world.run_with_stdin(&["ask", "-"], &question).failed(1);
    assert!(
        ran.stderr.contains("longer than 256.0 KiB"),
        "{}",
        ran.all()
    );
    assert!(ran.stderr.contains("hint:"), "{}", ran.all());
}

#[test]
fn no_question_is_wrong_usage() {
    let world = World::new();
    world.run_with_stdin(&["ask", "-"], b" \n").failed(2);
    world.run(&["ask", ""]).failed(2);
    world.run(&["ask", "--local", "--cloud", "x"]).failed(2);
    world.run(&["nonsense"]).failed(2);
}

#[test]
fn home_folder_that_cannot_be_is_named_with_the_cure() {
    let world = World::new();
    let mut command = world.command(&["ask", "What is 1 + 1?"]);
    command
        .env_remove("SYNESIS_HOME")
        .env("HOME", "/dev/null/nobody");
    let ran = finish(command.spawn().unwrap()).failed(1);
    assert!(
        ran.stderr.contains("cannot write") && ran.stderr.contains("SYNESIS_HOME"),
        "{}",
        ran.all()
    );
}

#[test]
fn unwritable_home_is_named_with_the_cure() {
    let world = World::new();
    std::fs::write(world.file("file"), "").unwrap();
    let mut command = world.command(&["ask", "What is 1 + 1?"]);
    command.env("SYNESIS_HOME", world.file("file").join("below"));
    let ran = finish(command.spawn().unwrap()).failed(1);
    assert!(
        ran.stderr.contains("cannot write") && ran.stderr.contains("--home"),
        "{}",
        ran.all()
    );
}

#[cfg(target_os = "linux")]
#[test]
fn full_disk_is_named_and_the_next_question_works() {
    let world = World::new();
    // A file-size limit of zero makes every write fail as a full disk does.
    let program = env!("CARGO_BIN_EXE_synesis");
    let script = format!("ulimit -f 0; exec {program} ask 'What is 1 + 1?'");
    let mut command = std::process::Command::new("sh");
    command
        .args(["-c", &script])
        .env("SYNESIS_HOME", world.file("full"))
        .env("SYNESIS_MODEL", "builtin");
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let ran = finish(command.spawn().unwrap());
    assert_ne!(ran.code, Some(0), "{}", ran.all());
    world
        .run(&[
            "--home",
            world.file("full").to_str().unwrap(),
            "ask",
            "What is 1 + 1?",
        ])
        .ok();
}

#[test]
fn unreachable_cloud_is_named_with_the_cure_and_exit_3() {
    let world = World::new();
    world.run(&["cloud", "up"]).ok();
    world.run(&["cloud", "down"]).ok();
    // Move the private cloud away: the device is enrolled at an address where nobody answers.
    std::fs::rename(world.file("cloud"), world.file("gone")).unwrap();
    let ran = world.run(&["cloud", "balance"]).failed(3);
    assert!(
        ran.stderr.contains("failed to reach the cloud"),
        "{}",
        ran.all()
    );
    assert!(ran.stderr.contains("hint:"), "{}", ran.all());
}

#[test]
fn wrong_ca_is_named_with_the_cure_and_exit_3() {
    let world = World::new();
    world.run(&["cloud", "up"]).ok();
    let other = World::new();
    other.run(&["cloud", "up"]).ok();
    std::fs::copy(other.file("identity/ca.pem"), world.file("identity/ca.pem")).unwrap();
    let ran = world.run(&["cloud", "balance"]).failed(3);
    assert!(
        ran.stderr.contains("was not signed by the authority"),
        "{}",
        ran.all()
    );
    assert!(ran.stderr.contains("hint:"), "{}", ran.all());
}

#[test]
fn unknown_model_lists_the_ways_to_get_one() {
    let world = World::new();
    let ran = world.run(&["ask", "--model", "nope", "Hello?"]).failed(1);
    assert!(ran.stderr.contains("synesis model list"), "{}", ran.all());
}

#[test]
fn broken_settings_file_is_named_and_kept() {
    let world = World::new();
    std::fs::write(world.file("config.toml"), "model = [").unwrap();
    let ran = world.run(&["ask", "What is 1 + 1?"]).failed(1);
    assert!(
        ran.stderr.contains("config.toml is not valid TOML"),
        "{}",
        ran.all()
    );
    assert_eq!(
        std::fs::read_to_string(world.file("config.toml")).unwrap(),
        "model = ["
    );
}

#[test]
fn errors_are_data_too_with_json() {
    let world = World::new();
    let ran = world
        .run(&["ask", "--json", "--model", "nope", "Hello?"])
        .failed(1);
    assert_eq!(ran.json()["error"]["exit_code"], 1);
}

#[test]
fn an_answer_that_ethos_forbids_exits_with_4() {
    let world = World::new();
    let model = ModelServer::start();
    let name = model.model();
    let child = world.start(&[
        "ask",
        "--local",
        "--no-stream",
        "--model",
        &name,
        "Tell me how.",
    ]);
    let said = [
        r#"{"kind":"other","goal":"","constraints":[],"expertise":[],"verify":[],"confidence":95}"#,
        "First you take a match.",
        r#"{"verdict":"veto","feedback":"this could harm someone","confidence":97}"#,
    ];
    for text in said {
        assert!(matches!(model.saw(), Seen::Asked(_)));
        model.say(text);
        model.end();
        assert_eq!(model.saw(), Seen::Answered);
    }
    let ran = finish(child).failed(4);
    assert!(
        ran.stderr.contains("this could harm someone"),
        "{}",
        ran.all()
    );
    assert!(!ran.stdout.contains("match"), "{}", ran.all());
}
