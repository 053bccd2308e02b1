//! What the server tells a device on its own.

use std::time::Duration;

use quinn::Connection;
use synesis_wire::FrameDecoder;
use synesis_wire::proto::{BalanceChanged, Control, Notice, PrewarmSignal, control, notice};

use crate::client::{PATIENCE, REQUEST, World, balance, escalate, escalation, ping};

/// The next thing that the server tells on a stream of its own.
async fn told(connection: &Connection) -> control::Body {
    let telling = async {
        let mut stream = connection.accept_uni().await.unwrap();
        let bytes = stream.read_to_end(64 * 1024).await.unwrap();
        let mut decoder = FrameDecoder::default();
        decoder.push(&bytes);
        let control: Control = decoder.poll().unwrap().unwrap();
        decoder.finish().unwrap();
        control.body.unwrap()
    };
    tokio::time::timeout(PATIENCE, telling)
        .await
        .expect("nothing was told")
}

#[tokio::test]
async fn every_device_of_the_account_hears_its_new_balance() {
    let world = World::new().await;
    let asking = world.enrol().await.connect().await.unwrap();
    let watching = world.enrol().await.connect().await.unwrap();
    ping(&watching).await;
    world.model.answer(&["yes"]).await;
    escalate(&asking, escalation(REQUEST, "q"))
        .await
        .rest()
        .await;
    let known = balance(&asking).await;
    let expected = control::Body::BalanceChanged(BalanceChanged {
        charged_nano_usd: known.charged_nano_usd,
        room_nano_usd: known.room_nano_usd,
    });
    assert!(known.charged_nano_usd > 0);
    assert_eq!(told(&asking).await, expected);
    assert_eq!(told(&watching).await, expected);
}

#[tokio::test]
async fn a_device_that_does_not_renew_is_reminded_before_its_end() {
    let life = Duration::from_secs(4);
    let world = World::with(move |config| config.certificate_life = life).await;
    let device = world.enrol().await;
    let connection = device.connect().await.unwrap();
    let due = told(&connection).await;
    assert!(
        matches!(&due, control::Body::CertificateDue(due) if due.not_after / 1000 == device.enrolled.not_after / 1000),
        "{due:?}"
    );
    ping(&connection).await;
}

#[tokio::test]
async fn a_device_hears_when_the_adapter_is_ready_that_it_announced() {
    let adapter =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/builtin/pirate.gguf");
    let world = World::with(move |config| {
        config.engine = None;
        config.adapters.insert("pirate".parse().unwrap(), adapter);
    })
    .await;
    let connection = world.enrol().await.connect().await.unwrap();
    let notice = Notice {
        body: Some(notice::Body::Prewarm(PrewarmSignal {
            project_id: "boats".to_owned(),
            lora_id: Some("pirate".to_owned()),
            timestamp: 1,
        })),
    };
    let frame = synesis_wire::encode_frame(&notice).unwrap();
    let mut stream = connection.open_uni().await.unwrap();
    stream.write_all(frame.as_bytes()).await.unwrap();
    stream.finish().unwrap();
    let ready = told(&connection).await;
    assert!(
        matches!(&ready, control::Body::LoraReady(ready) if ready.lora_id == "pirate"),
        "{ready:?}"
    );
}
