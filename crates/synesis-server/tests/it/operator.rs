//! What an operator does with accounts and prices, by the real binary beside a running server.

use std::process::Command;

use serde_json::Value;
use synesis_wire::proto::{self, answer, call};

use crate::backend::{Backend, on_both};
use crate::client::{REQUEST, World, ask, balance, escalate, escalation};

/// Runs the binary on the cloud of a test: exit status, stdout and stderr.
fn run(world: &World, args: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_synesis-server"));
    command
        .args(args)
        .env("SYNESIS_DATA_DIR", world.dir.path())
        .env_remove("SYNESIS_DATABASE_URL");
    if let Some(url) = world.backend.url() {
        command.env("SYNESIS_DATABASE_URL", url);
    }
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

fn json(world: &World, args: &[&str]) -> Value {
    let (status, out, err) = run(world, args);
    assert_eq!(status, Some(0), "{args:?}: {err}");
    serde_json::from_str(&out).unwrap()
}

async fn an_operator_sees_and_changes_an_account_beside_the_server(backend: Backend) {
    let world = World::on(backend).await;
    let device = world.enrol().await;
    let user = device.enrolled.user_id.clone();
    let connection = device.connect().await.unwrap();
    world.model.answer(&["one"]).await;
    escalate(&connection, escalation(REQUEST, "q"))
        .await
        .rest()
        .await;
    let charged = balance(&connection).await.charged_nano_usd;
    let shown = json(&world, &["account", "show", &user, "--json"]);
    assert_eq!(shown["charged_nano"], charged.to_string());
    assert_eq!(shown["calls"], 1);
    for _ in 0..2 {
        let args = [
            "account", "credit", &user, "$5", "--promo", "welcome", "--json",
        ];
        let credited = json(&world, &args);
        assert_eq!(credited["credit_nano"], "5000000000", "once for its name");
    }
    json(&world, &["account", "ceiling", &user, "$250", "--json"]);
    let args = [
        "account",
        "tier",
        &user,
        "byok",
        "--percent",
        "25",
        "--from",
        "2099-01-01",
        "--json",
    ];
    assert_eq!(json(&world, &args)["tier"], "managed", "not yet");
    // The server that runs sees all of it.
    let told = balance(&connection).await;
    assert_eq!(told.credit_nano_usd, 5_000_000_000);
    assert_eq!(told.ceiling_nano_usd, 250_000_000_000);
    let body = call::Body::Tier(proto::TierRequest::default());
    let answer::Body::Tier(tier) = ask(&connection, body).await else {
        panic!("no tier");
    };
    assert_eq!(tier.next_tier, "byok");
    let list = json(&world, &["account", "list", "--json"]);
    assert_eq!(list.as_array().unwrap().len(), 1);
    let (status, _, err) = run(&world, &["account", "show", "nobody@example.org"]);
    assert_eq!(status, Some(1));
    assert!(err.contains("this cloud has no such account"), "{err}");
    let (_, text, _) = run(&world, &["account", "show", &user]);
    assert!(text.contains("credit    $5.00"), "{text}");
}

async fn an_export_can_be_checked_without_this_program(backend: Backend) {
    use sha2::{Digest, Sha256};
    let world = World::on(backend).await;
    let device = world.enrol().await;
    let connection = device.connect().await.unwrap();
    world.model.answer(&["one", "two"]).await;
    escalate(&connection, escalation(REQUEST, "q"))
        .await
        .rest()
        .await;
    let user = &device.enrolled.user_id;
    let (status, out, err) = run(&world, &["account", "export", user]);
    assert_eq!(status, Some(0), "{err}");
    let mut head = vec![0_u8; 32];
    let mut books = std::collections::BTreeMap::<String, i64>::new();
    for (number, line) in out.lines().enumerate() {
        let event: Value = serde_json::from_str(line).unwrap();
        assert_eq!(event["sequence"], number as u64 + 1);
        let bytes: Vec<u8> = event["bytes"]
            .as_str()
            .unwrap()
            .as_bytes()
            .chunks(2)
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect();
        head = Sha256::new()
            .chain_update(&head)
            .chain_update(&bytes)
            .finalize()
            .to_vec();
        let hex: String = head.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(event["head"], hex);
        for leg in event["legs"].as_array().unwrap() {
            let amount: i64 = leg["amount_nano"].as_str().unwrap().parse().unwrap();
            *books
                .entry(leg["book"].as_str().unwrap().to_owned())
                .or_default() += amount;
        }
    }
    assert_eq!(books.values().sum::<i64>(), 0);
    assert_eq!(
        books["receivable"],
        balance(&connection).await.charged_nano_usd
    );
    let receipt = balance(&connection).await.receipt.unwrap();
    assert_eq!(head, receipt.head);
    let months = json(&world, &["revenue", "--json"]);
    assert_eq!(months[0]["calls"], 1);
    assert_eq!(months[0]["paid_nano"], books["receivable"].to_string());
}

async fn prices_are_added_and_never_changed(backend: Backend) {
    let world = World::on(backend).await;
    let connection = world.enrol().await.connect().await.unwrap();
    let add = |price: &str| {
        let args = [
            "price",
            "add",
            "private-cloud",
            "--prompt",
            price,
            "--completion",
            "0.60",
            "--json",
        ];
        json(&world, &args)
    };
    let added = add("1500");
    assert_eq!(
        (&added["version"], &added["prompt_pico_usd"]),
        (&2.into(), &1_500_000_000_u64.into())
    );
    let listed = json(&world, &["price", "list", "--json"]);
    assert_eq!(listed.as_array().unwrap().len(), 2);
    // The server that runs takes the new row over by itself.
    let dearer = async {
        for number in 0.. {
            let id = format!("0190a6b2-8f6e-4c3a-9d15-{number:012x}");
            world.model.answer(&["one"]).await;
            let (_, last) = escalate(&connection, escalation(&id, "q"))
                .await
                .rest()
                .await;
            let proto::stream_chunk::Payload::End(end) = last else {
                panic!("no end: {last:?}");
            };
            // Ten tokens of the prompt at 1.5 thousandths of a dollar.
            if end.cost_nano_usd > 15_000_000 {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    };
    // On PostgreSQL it looks once a minute.
    if world.backend.url().is_none() {
        tokio::time::timeout(crate::client::PATIENCE, dearer)
            .await
            .expect("the new price was not used");
    }
}

async fn a_file_of_prices_is_imported_once_and_cannot_change_a_row(backend: Backend) {
    let world = World::on(backend).await;
    let file = world.dir.path().join("prices.toml");
    let row = |prompt: u64| {
        format!(
            "[[price]]\nmodel = \"private-cloud\"\nversion = 1\nvalid_from = \"2026-01-01\"\n\
             prompt_pico_usd = {prompt}\ncached_prompt_pico_usd = 1\ncompletion_pico_usd = 1\n"
        )
    };
    std::fs::write(&file, row(1)).unwrap();
    let (status, _, err) = run(&world, &["price", "import", file.to_str().unwrap()]);
    assert_eq!(status, Some(1));
    assert!(
        err.contains("prices are never changed, add version 2"),
        "{err}"
    );
    std::fs::write(&file, row(1).replace("private-cloud", "other")).unwrap();
    let (status, out, _) = run(&world, &["price", "import", file.to_str().unwrap()]);
    assert_eq!((status, out.as_str()), (Some(0), "1 row was added.\n"));
    let (_, out, _) = run(&world, &["price", "import", file.to_str().unwrap()]);
    assert_eq!(out, "Every row is there already.\n");
}

on_both!(
    an_operator_sees_and_changes_an_account_beside_the_server,
    an_export_can_be_checked_without_this_program,
    prices_are_added_and_never_changed,
    a_file_of_prices_is_imported_once_and_cannot_change_a_row
);
