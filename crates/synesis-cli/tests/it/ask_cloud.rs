//! The cloud on the same machine, started by the first question that wants it.

use crate::world::World;

const QUESTION: &str = "Write to ann.smith@example.com: what is the capital of France?";

#[test]
fn first_cloud_question_starts_a_private_cloud_and_is_charged_once() {
    let world = World::new();
    let ran = world
        .run(&["ask", "--cloud", "--show-egress", QUESTION])
        .ok();
    assert!(
        ran.stdout.contains("Paris") && ran.stdout.contains("ann.smith@example.com"),
        "{}",
        ran.all()
    );
    assert!(ran.stderr.contains("private cloud"), "{}", ran.all());
    assert!(ran.stderr.contains("[EMAIL_"), "{}", ran.all());
    assert!(
        ran.stderr.contains("tokens") && ran.stderr.contains('$'),
        "{}",
        ran.all()
    );

    let balance = world.run(&["cloud", "balance", "--json"]).ok().json();
    let charged: i64 = balance["charged_nano_usd"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!(charged > 0, "{balance}");
    assert_eq!(balance["held_nano_usd"], "0");
    assert_eq!(balance["calls"], 1);
    assert_eq!(
        balance["device"]["settled_nano_usd"],
        balance["charged_nano_usd"]
    );

    let text = world.run(&["cloud", "balance"]).ok();
    assert!(text.stdout.contains("charged"), "{}", text.all());
    world.run(&["cloud", "down"]).ok();
}

#[test]
fn json_shows_what_left_and_what_it_cost() {
    let world = World::new();
    let value = world
        .run(&["ask", "--cloud", "--json", "--show-egress", QUESTION])
        .ok()
        .json();
    assert_eq!(value["route"], "cloud");
    assert!(
        value["answer"]
            .as_str()
            .unwrap()
            .contains("ann.smith@example.com")
    );
    let egress = value["cloud"]["egress"].to_string();
    assert!(
        egress.contains("[EMAIL_") && !egress.contains("ann.smith"),
        "{egress}"
    );
    assert!(
        value["cloud"]["cost_nano_usd"]
            .as_str()
            .unwrap()
            .parse::<i64>()
            .unwrap()
            > 0
    );
    assert!(value["cloud"]["tokens"]["completion"].as_u64().unwrap() > 0);
}

#[test]
fn cloud_up_and_down_say_what_they_do_and_can_be_repeated() {
    let world = World::new();
    let up = world.run(&["cloud", "up"]).ok();
    assert!(
        up.stderr.contains("private cloud") || up.stdout.contains("private cloud"),
        "{}",
        up.all()
    );
    let pid = world.cloud_pid().unwrap();
    world.run(&["cloud", "up"]).ok();
    assert_eq!(
        world.cloud_pid(),
        Some(pid),
        "a second `cloud up` started another server"
    );
    let status = world.run(&["cloud", "status", "--json"]).ok().json();
    assert_eq!(status["state"], "connected");
    assert!(status["certificate"]["not_after"].is_string(), "{status}");
    world.run(&["cloud", "down"]).ok();
    world.run(&["cloud", "down"]).ok();
}

#[test]
fn enrolment_survives_a_restart_of_the_server() {
    let world = World::new();
    world.run(&["ask", "--cloud", QUESTION]).ok();
    let before = world.run(&["cloud", "balance", "--json"]).ok().json();
    world.kill_cloud();
    let after = world.run(&["cloud", "balance", "--json"]).ok().json();
    assert_eq!(before["charged_nano_usd"], after["charged_nano_usd"]);
    assert_eq!(after["calls"], 1);
}

#[test]
fn logout_forgets_the_identity() {
    let world = World::new();
    world.run(&["cloud", "up"]).ok();
    assert!(world.file("identity/certificate.pem").is_file());
    world.run(&["cloud", "logout"]).ok();
    assert!(!world.file("identity/certificate.pem").exists());
    let ran = world.run(&["cloud", "balance"]).failed(3);
    assert!(ran.stderr.contains("hint:"), "{}", ran.all());
}
