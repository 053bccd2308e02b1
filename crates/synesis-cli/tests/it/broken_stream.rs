//! What breaks in the middle of an answer: the server, the person, the provider.

use std::io::{BufRead, BufReader, Read};
use std::process::Child;

use crate::model_server::{ModelServer, Seen};
use crate::world::{World, finish, signal};

/// A private cloud whose model says only what the test lets it say.
fn scripted_cloud(world: &World, model: &ModelServer) {
    world.run(&["cloud", "up", "--model", &model.model()]).ok();
}

/// Starts a streamed cloud question and waits until its first words stand on stdout.
fn ask_and_hear(world: &World, model: &ModelServer, first: &str) -> (Child, String) {
    let mut child = world.start(&[
        "ask",
        "--cloud",
        "--stream",
        "What is the capital of France?",
    ]);
    assert!(matches!(model.saw(), Seen::Asked(_)));
    model.say(first);
    let mut heard = vec![0; first.len()];
    child
        .stdout
        .as_mut()
        .unwrap()
        .read_exact(&mut heard)
        .unwrap();
    (child, String::from_utf8(heard).unwrap())
}

fn charged(world: &World) -> i64 {
    let balance = world.run(&["cloud", "balance", "--json"]).ok().json();
    assert_eq!(balance["held_nano_usd"], "0", "a hold was left open");
    balance["charged_nano_usd"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap()
}

#[test]
fn killed_server_leaves_the_partial_answer_and_charges_nothing_twice() {
    let world = World::new();
    let model = ModelServer::start();
    scripted_cloud(&world, &model);
    let (child, heard) = ask_and_hear(&world, &model, "The capital of ");
    assert_eq!(heard, "The capital of ");
    world.kill_cloud();
    let ran = finish(child).failed(3);
    assert!(
        ran.stderr.contains("error:") && ran.stderr.contains("hint:"),
        "{}",
        ran.all()
    );
    assert_eq!(model.saw(), Seen::HungUp);

    // The next question works: the private cloud is started again.
    scripted_cloud(&world, &model);
    let child = world.start(&[
        "ask",
        "--cloud",
        "--no-stream",
        "What is the capital of Peru?",
    ]);
    assert!(matches!(model.saw(), Seen::Asked(_)));
    model.say("Lima.");
    model.end();
    let ran = finish(child).ok();
    assert!(ran.stdout.contains("Lima."), "{}", ran.all());
    assert_eq!(model.saw(), Seen::Answered);
    let once = charged(&world);
    assert!(once > 0);
    assert_eq!(charged(&world), once);
}

#[test]
fn ctrl_c_stops_the_model_in_the_cloud_and_bills_what_was_said() {
    let world = World::new();
    let model = ModelServer::start();
    scripted_cloud(&world, &model);
    let (child, _) = ask_and_hear(&world, &model, "The capital of ");
    signal(child.id(), "INT");
    assert_eq!(model.saw(), Seen::HungUp);
    let ran = finish(child).failed(130);
    assert!(ran.stderr.contains("interrupted"), "{}", ran.all());
    assert!(charged(&world) > 0);
}

#[test]
fn local_model_that_hangs_up_is_a_clear_error() {
    let world = World::new();
    let ran = world
        .run(&[
            "ask",
            "--local",
            "--model",
            "openai:http://127.0.0.1:9/v1#none",
            "Hello?",
        ])
        .failed(1);
    assert!(ran.stderr.contains("127.0.0.1:9"), "{}", ran.all());
    assert!(ran.stderr.contains("hint:"), "{}", ran.all());
}

#[test]
fn local_openai_server_answers_through_the_council() {
    let world = World::new();
    let model = ModelServer::start();
    let name = model.model();
    let mut child = world.start(&[
        "ask",
        "--local",
        "--stream",
        "--model",
        &name,
        "Why is the sky blue?",
    ]);
    let Seen::Asked(pathos) = model.saw() else {
        panic!("not asked")
    };
    assert!(pathos["messages"].to_string().contains("You are Pathos."));
    model.say(r#"{"kind":"reasoning","goal":"explain","constraints":[],"expertise":[],"verify":[],"confidence":95}"#);
    model.end();
    assert_eq!(model.saw(), Seen::Answered);
    let Seen::Asked(logos) = model.saw() else {
        panic!("not asked")
    };
    assert!(
        logos["messages"]
            .to_string()
            .contains("Why is the sky blue?")
    );
    model.say("Air scatters blue light.");
    let mut line = BufReader::new(child.stdout.as_mut().unwrap());
    let mut heard = vec![0; "Air scatters blue light.".len()];
    line.read_exact(&mut heard).unwrap();
    assert_eq!(heard, b"Air scatters blue light.");
    model.end();
    assert_eq!(model.saw(), Seen::Answered);
    assert!(matches!(model.saw(), Seen::Asked(_)));
    model.say(r#"{"verdict":"approve","feedback":"","confidence":96}"#);
    model.end();
    let mut rest = String::new();
    line.read_line(&mut rest).unwrap();
    assert_eq!(rest, "\n");
    let ran = finish(child).ok();
    assert!(ran.stderr.contains("approves"), "{}", ran.all());
}
