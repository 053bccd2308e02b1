//! No private value leaves: by the redactor, and by the gate behind it.

use synesis_cloud::{CloudError, Escalation, Speaker, Turn};
use synesis_privacy::{LastGate, Raw, Redacted, Redactor, RedactorConfig};

use crate::world::{World, conversation, read_all, redacted};

const VALUE: &str = "ann.smith@example.com";

/// A text that a careless redactor let through.
fn leaky(text: &str) -> Redacted {
    let config = RedactorConfig {
        allow: vec![VALUE.to_owned()],
        ..RedactorConfig::default()
    };
    let redactor = Redactor::new(&config).unwrap();
    let raw = Raw::new(text.to_owned());
    redactor.redact(&raw, &mut conversation()).unwrap().text
}

fn holds(bytes: &[u8], value: &str) -> bool {
    bytes
        .windows(value.len())
        .any(|window| window == value.as_bytes())
}

#[tokio::test]
async fn bytes_on_the_wire_hold_placeholders_and_no_value() {
    let world = World::online(&["x"]).await;
    let mut conversation = conversation();
    let question = format!("Write to {VALUE} : what is the capital of France?");
    let query = redacted(&question, &mut conversation);
    let placeholder = query
        .as_str()
        .split_whitespace()
        .find(|word| word.starts_with("[EMAIL_"))
        .unwrap()
        .to_owned();
    let mut escalation = Escalation::new(Escalation::new_id().unwrap(), query.clone());
    escalation.framing = Some(query.clone());
    escalation.knowledge = vec![query.clone()];
    escalation.constraints = vec![query.clone()];
    escalation.history = vec![Turn {
        speaker: Speaker::User,
        content: query,
    }];
    let client = world.client();
    let gate = LastGate::new(&conversation);
    let egress = client.egress(&escalation, &gate).unwrap();
    assert!(
        world.server.received_requests().is_empty(),
        "showing sends nothing"
    );
    let mut response = client.escalate_streaming(&escalation, gate).await.unwrap();
    read_all(&mut response).await;
    let bytes = world.server.received_bytes();
    assert!(!holds(&bytes, VALUE));
    assert!(!holds(&bytes, "ann.smith"));
    assert!(holds(&bytes, placeholder.trim_end_matches(':')));
    let shown = egress.frame.as_ref();
    assert!(
        bytes.windows(shown.len()).any(|window| window == shown),
        "what was shown is what was sent, byte for byte"
    );
    assert_eq!(world.server.received_requests(), [egress.request]);
}

#[tokio::test]
async fn last_gate_stops_a_leak_in_any_field_before_a_byte_is_sent() {
    let mut conversation = conversation();
    let clean = redacted(&format!("Write to {VALUE} please"), &mut conversation);
    let leak = leaky(&format!("{VALUE} is the address"));
    assert!(leak.as_str().contains(VALUE));
    let base = || Escalation::new(Escalation::new_id().unwrap(), clean.clone());
    let mut cases = Vec::new();
    let mut case = base();
    case.query = leak.clone();
    cases.push(("query", case));
    let mut case = base();
    case.framing = Some(leak.clone());
    cases.push(("framing", case));
    let mut case = base();
    case.knowledge = vec![clean.clone(), leak.clone()];
    cases.push(("knowledge", case));
    let mut case = base();
    case.constraints = vec![leak.clone()];
    cases.push(("constraints", case));
    let mut case = base();
    case.history = vec![Turn {
        speaker: Speaker::Assistant,
        content: leak,
    }];
    cases.push(("history", case));

    let world = World::online(&["x"]).await;
    let client = world.client();
    let before = world.server.received_bytes();
    for (field, escalation) in cases {
        let gate = LastGate::new(&conversation);
        let blocked = [
            client.egress(&escalation, &gate).err(),
            client.escalate(&escalation, &gate).await.err(),
            client.escalate_streaming(&escalation, gate).await.err(),
        ];
        for error in blocked {
            let error = error.unwrap_or_else(|| panic!("{field} leaked"));
            assert!(
                matches!(error, CloudError::EgressBlocked { .. }),
                "{field}: {error:?}"
            );
            assert!(
                !format!("{error:?}").contains(VALUE),
                "the error shows the value"
            );
        }
    }
    assert_eq!(
        world.server.received_bytes(),
        before,
        "not one byte was sent"
    );
    assert!(world.open().is_empty());
}

#[tokio::test]
async fn value_that_touches_the_bytes_of_a_length_is_seen_too() {
    // In the frame the byte before this text is its length: 65 is an `A`, so the value is no
    // word of its own there.
    let text = format!("{VALUE} {}", "b".repeat(65 - VALUE.len() - 1));
    assert_eq!(text.len(), 65);
    let mut conversation = conversation();
    redacted(&format!("Write to {VALUE} please"), &mut conversation);
    let escalation = Escalation::new(Escalation::new_id().unwrap(), leaky(&text));
    let world = World::offline(&["x"]);
    let blocked = world
        .client()
        .egress(&escalation, &LastGate::new(&conversation));
    assert!(matches!(blocked, Err(CloudError::EgressBlocked { .. })));
}
