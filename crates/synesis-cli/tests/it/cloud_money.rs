//! The account: usage, audits, statements, records, top-ups and tiers.

use std::io::{BufRead as _, BufReader};

use serde_json::Value;
use synesis_domain::NanoUsd;
use synesis_testkit::{Lie, MockCloudServer};

use crate::world::{World, finish, signal};

const QUESTION: &str = "What is the capital of France?";

const UNKNOWN_CALL: &str = "6d1f0a2c-8f6e-4c3a-9d15-3b1f0a2c4e6d";

/// A user whose device is enrolled at a mock of a cloud.
fn enrolled(server: &MockCloudServer) -> World {
    let world = World::new();
    let identity = world.file("identity");
    std::fs::create_dir_all(&identity).unwrap();
    server.write_identity(&identity);
    world
}

#[track_caller]
fn nano(value: &Value) -> i64 {
    value
        .as_str()
        .and_then(|digits| digits.parse().ok())
        .unwrap_or_else(|| panic!("no amount: {value}"))
}

fn record(world: &World, id: &str, prompt: &str) -> Vec<String> {
    let ran = world.run(&[
        "cloud",
        "record",
        "--model",
        "private-cloud",
        "--prompt",
        prompt,
        "--completion",
        "200",
        "--project",
        "boats",
        "--id",
        id,
    ]);
    let ran = ran.ok();
    ran.stdout.lines().map(str::to_owned).collect()
}

#[test]
fn what_was_asked_is_in_the_usage_the_audit_and_the_statement() {
    let world = World::new();
    for _ in 0..2 {
        world.run(&["ask", "--cloud", QUESTION]).ok();
    }
    let balance = world.run(&["--json", "cloud", "balance"]).ok().json();
    let charged = nano(&balance["charged_nano_usd"]);
    assert!(charged > 0, "{balance}");
    assert_eq!(balance["alarms"], serde_json::json!([]));

    for by in ["day", "model", "project"] {
        let usage = world
            .run(&["--json", "cloud", "usage", "--by", by])
            .ok()
            .json();
        assert_eq!(nano(&usage["total"]["cost_nano_usd"]), charged, "{usage}");
        assert_eq!(usage["lines"].as_array().unwrap().len(), 1, "{usage}");
    }
    let csv = world.run(&["cloud", "usage", "--csv"]).ok().stdout;
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(
        lines[0],
        "day,calls,prompt_tokens,completion_tokens,cost_nano_usd"
    );
    assert!(lines[1].ends_with(&format!(",{charged}")), "{csv}");
    let text = world.run(&["cloud", "usage"]).ok().stdout;
    assert!(text.contains("total"), "{text}");
    assert!(!text.contains('\u{1b}'), "colours without a terminal");

    let audit = world.run(&["--json", "cloud", "audit"]).ok().json();
    assert_eq!(audit["clean"], true, "{audit}");
    assert_eq!(audit["device"]["here"], audit["device"]["cloud"]);
    assert_eq!(nano(&audit["device"]["here"]["cost_nano_usd"]), charged);
    assert!(audit["receipts"].as_u64().unwrap() >= 2, "{audit}");
    let text = world.run(&["cloud", "audit"]).ok().stdout;
    assert!(
        text.contains("Everything fits, to the nano-dollar."),
        "{text}"
    );

    let statement = world.run(&["--json", "cloud", "statement"]).ok().json();
    assert_eq!(statement["fits"], true);
    let open = &statement["statements"][0];
    assert_eq!(nano(&open["totals"]["charged_nano_usd"]), charged);
    assert_eq!(open["lines"].as_array().unwrap().len(), 2, "{open}");
    assert_eq!(open["head"], statement["receipt"]["head"]);
    let csv = world.run(&["cloud", "statement", "--csv"]).ok().stdout;
    assert_eq!(csv.lines().count(), 3, "{csv}");
    world.run(&["cloud", "statement", "1999-12"]).failed(1);
    let both = world.run(&["--json", "cloud", "statement", "--csv"]);
    both.failed(2);
}

#[test]
fn calls_that_were_recorded_offline_are_charged_once_when_the_cloud_is_there() {
    let world = World::new();
    let ids = [
        "00000000-0000-4000-8000-000000000001",
        "00000000-0000-4000-8000-000000000002",
    ];
    for id in ids {
        assert_eq!(record(&world, id, "1000"), [format!("queued as {id}")]);
    }
    assert_eq!(
        record(&world, ids[0], "1000"),
        [format!("queued as {}", ids[0])]
    );
    let other = world.run(&[
        "cloud",
        "record",
        "--model",
        "private-cloud",
        "--prompt",
        "1001",
        "--completion",
        "200",
        "--project",
        "boats",
        "--id",
        ids[0],
    ]);
    let other = other.failed(1);
    assert!(
        other.stderr.contains("stands for another call"),
        "{}",
        other.all()
    );
    let usage = world.run(&["--json", "cloud", "usage"]).ok().json();
    assert_eq!(usage["queued"], 2);

    world.run(&["cloud", "up"]).ok();
    let balance = world.run(&["--json", "cloud", "balance"]).ok().json();
    assert_eq!(balance["calls"], 2, "{balance}");
    assert_eq!(balance["device"]["queued"], 0);
    let charged = nano(&balance["charged_nano_usd"]);
    assert!(charged > 0, "{balance}");
    let lines = record(&world, ids[0], "1000");
    assert!(lines[0].starts_with("recorded for $"), "{lines:?}");
    let again = world.run(&["--json", "cloud", "balance"]).ok().json();
    assert_eq!(nano(&again["charged_nano_usd"]), charged);
    let usage = world
        .run(&["--json", "cloud", "usage", "--by", "project"])
        .ok()
        .json();
    assert_eq!(usage["lines"][0]["project"], "boats");
    assert_eq!(nano(&usage["total"]["cost_nano_usd"]), charged);
    let audit = world.run(&["--json", "cloud", "audit"]).ok().json();
    assert_eq!(audit["clean"], true, "{audit}");
    let unknown = world.run(&[
        "cloud",
        "record",
        "--model",
        "unheard-of",
        "--prompt",
        "1",
        "--completion",
        "1",
    ]);
    let unknown = unknown.failed(1);
    assert!(
        unknown.stderr.contains("does not take it"),
        "{}",
        unknown.all()
    );
}

#[test]
fn an_audit_that_finds_something_names_it_and_ends_with_1() {
    let server = MockCloudServer::start();
    let world = enrolled(&server);
    world.run(&["cloud", "balance"]).ok();
    server.charge_for_nothing(UNKNOWN_CALL, NanoUsd::new(7));
    let audit = world.run(&["cloud", "audit"]).failed(1);
    let line = format!(
        "differs: call {UNKNOWN_CALL} was charged to this device, which does not know it: \
         $0.000000007"
    );
    assert!(audit.stdout.contains(&line), "{}", audit.all());
    assert!(audit.stderr.contains("ledger.db"), "{}", audit.all());
    let json = world.run(&["--json", "cloud", "audit"]).failed(1).json();
    assert_eq!(json["clean"], false);
    assert_eq!(json["findings"][0]["finding"], "missing-here");
    assert_eq!(json["findings"][0]["cloud_nano_usd"], "7");
}

#[test]
fn a_history_that_went_back_is_shown_with_the_balance() {
    let server = MockCloudServer::start();
    let world = enrolled(&server);
    server.charge_for_nothing(UNKNOWN_CALL, NanoUsd::new(7));
    let clean = world.run(&["cloud", "balance"]).ok();
    assert!(!clean.stdout.contains("alarm"), "{}", clean.all());
    server.lose_events(2);
    server.wait(86_400_000);
    let shown = world.run(&["cloud", "balance"]).ok();
    assert!(
        shown
            .stdout
            .contains("alarm: the cloud's history went back"),
        "{}",
        shown.all()
    );
    server.lie(Lie::OtherKey);
    let shown = world.run(&["--json", "cloud", "balance"]).ok().json();
    assert_eq!(shown["alarms"][0]["kind"], "went-back");
    assert_eq!(shown["alarms"][1]["kind"], "other-key");
}

#[test]
fn a_top_up_waits_for_the_payment_and_the_credit_is_shown() {
    let server = MockCloudServer::start();
    let world = enrolled(&server);
    let mut waiting = world.start(&["--json", "cloud", "topup", "$10"]);
    let mut out = BufReader::new(waiting.stdout.take().unwrap());
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    let page: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(page["url"], "https://pay.example/cs_mock_1");
    assert_eq!(nano(&page["amount_nano_usd"]), 10_000_000_000);
    server.pay_pages();
    line.clear();
    out.read_line(&mut line).unwrap();
    let paid: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(paid["state"], "credited");
    assert_eq!(nano(&paid["credited_nano_usd"]), 10_000_000_000);
    finish(waiting).ok();
    let balance = world.run(&["cloud", "balance"]).ok();
    assert!(
        balance.stdout.contains("$10.00 left of $10.00 bought"),
        "{}",
        balance.all()
    );
}

/// Starts a top-up and waits for the address of its page.
fn page_of(world: &World, amount: &str) -> (std::process::Child, String) {
    let mut waiting = world.start(&["cloud", "topup", amount]);
    let mut line = String::new();
    BufReader::new(waiting.stdout.as_mut().unwrap())
        .read_line(&mut line)
        .unwrap();
    (waiting, line.trim().to_owned())
}

#[test]
fn a_top_up_that_is_not_paid_says_what_can_still_be_done() {
    let server = MockCloudServer::start();
    let world = enrolled(&server);
    let (waiting, page) = page_of(&world, "10.50");
    signal(waiting.id(), "INT");
    let given_up = finish(waiting).failed(130);
    assert_eq!(page, "https://pay.example/cs_mock_1");
    assert!(
        given_up
            .stderr
            .contains("hint: the page can still be paid: https://pay.example/cs_mock_1"),
        "{}",
        given_up.all()
    );
    let (waiting, _) = page_of(&world, "10");
    server.expire_pages();
    let expired = finish(waiting).failed(1);
    assert!(
        expired.stderr.contains("nothing was paid"),
        "{}",
        expired.all()
    );
    let at_once = world.run(&["cloud", "topup", "1", "--no-wait"]).ok();
    assert_eq!(at_once.stdout, "https://pay.example/cs_mock_3\n");
    server.refuse_payments();
    let refused = world.run(&["cloud", "topup", "10"]).failed(1);
    assert!(
        refused
            .stderr
            .contains("error: this cloud takes no payments\nhint:"),
        "{}",
        refused.all()
    );
    for amount in ["0", "0.001", "ten"] {
        world.run(&["cloud", "topup", amount]).failed(2);
    }
}

#[test]
fn tiers_are_shown_and_changed() {
    let server = MockCloudServer::start();
    let world = enrolled(&server);
    let shown = world.run(&["cloud", "tier"]).ok();
    assert_eq!(
        shown.stdout,
        "tier  managed: the provider's price and 0 %\n\n\
         offered  terms\n\
         managed  the provider's price and 0 %\n\
         byok     30 % of the provider's price for calls by your own key, and the price with 30 % \
         for others\n",
        "{}",
        shown.all()
    );
    let later = world
        .run(&["cloud", "tier", "byok", "--from", "2100-01-01"])
        .ok();
    assert!(
        later.stdout.contains("next  byok from 2100-01-01 on"),
        "{}",
        later.all()
    );
    let now = world.run(&["--json", "cloud", "tier", "byok"]).ok().json();
    assert_eq!(now["tier"], "byok");
    let refused = world.run(&["cloud", "tier", "gold"]).failed(1);
    assert!(refused.stderr.contains("hint:"), "{}", refused.all());
    world
        .run(&["cloud", "tier", "byok", "--from", "soon"])
        .failed(2);
    world
        .run(&["cloud", "tier", "--from", "2100-01-01"])
        .failed(2);
}

#[test]
fn a_device_that_stays_connected_sends_its_queue() {
    let world = World::new();
    let id = "00000000-0000-4000-8000-000000000003";
    record(&world, id, "1000");
    world.run(&["cloud", "up"]).ok();
    let connected = world.start(&["--json", "cloud", "connect"]);
    while world.run(&["--json", "cloud", "usage"]).ok().json()["queued"] != 0 {}
    signal(connected.id(), "INT");
    let ended = finish(connected).ok();
    let last: Value = serde_json::from_str(ended.stdout.lines().last().unwrap()).unwrap();
    assert_eq!(last["ledger"]["recorded"], 1, "{}", ended.all());
}

#[test]
fn a_key_of_ones_own_is_read_from_stdin_and_a_cloud_that_needs_none_says_so() {
    let world = World::new();
    world.run(&["cloud", "up"]).ok();
    let refused = world.run_with_stdin(&["cloud", "provider-key"], b"own-key-of-ann\n");
    let refused = refused.failed(1);
    assert!(
        refused.stderr.contains("takes no key"),
        "{}",
        refused.stderr
    );
    let empty = world
        .run_with_stdin(&["cloud", "provider-key"], b"\n")
        .failed(1);
    assert!(
        empty.stderr.contains("no key was given"),
        "{}",
        empty.stderr
    );
    let forgotten = world.run(&["--json", "cloud", "provider-key", "--forget"]);
    assert_eq!(forgotten.ok().json()["own_key"], false);
}
