//! Messages of a version that does not exist yet: what is unknown is passed over, and what is
//! known is not harmed.

use prost::Message;
use synesis_wire::proto::{Call, CloudModel, EscalationRequest, Heartbeat, call};

use crate::contract::{CODECS, described, descriptions, folder, messages};
use crate::examples;
use crate::golden::{hold, pair};

/// The parts of a wire format's key (protobuf's encoding guide).
const VARINT: u64 = 0;
const FIXED64: u64 = 1;
const BYTES: u64 = 2;
const GROUP: u64 = 3;
const GROUP_END: u64 = 4;
const FIXED32: u64 = 5;

fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

fn key(number: u64, kind: u64) -> Vec<u8> {
    varint(number << 3 | kind)
}

/// A field with bytes in it.
fn field(number: u64, bytes: &[u8]) -> Vec<u8> {
    [
        key(number, BYTES),
        varint(bytes.len() as u64),
        bytes.to_vec(),
    ]
    .concat()
}

/// One field of each kind, of numbers that nobody has.
fn unknown_fields() -> Vec<u8> {
    [
        [key(1000, VARINT), varint(u64::MAX)].concat(),
        [key(1001, FIXED64), vec![1; 8]].concat(),
        field(1002, "später".as_bytes()),
        [key(1003, GROUP), field(1, b"old"), key(1003, GROUP_END)].concat(),
        [key(1004, FIXED32), vec![2; 4]].concat(),
    ]
    .concat()
}

/// Bytes of a newer version, and what this one knows of them.
struct Newer {
    message: &'static str,
    case: &'static str,
    bytes: Vec<u8>,
    known: Vec<u8>,
}

fn bytes_of(message: &str, case: &str) -> Vec<u8> {
    examples::all()
        .into_iter()
        .find(|example| (example.message, example.case) == (message, case))
        .map(|example| example.bytes)
        .unwrap_or_default()
}

fn cases() -> Vec<Newer> {
    let beat = bytes_of("Heartbeat", "full");
    let vitals = bytes_of("DeviceVitals", "full");
    let nested = Heartbeat {
        vitals: None,
        ..Heartbeat::decode(beat.as_slice()).unwrap_or_default()
    };
    let longer = [vitals, unknown_fields()].concat();
    let newer_model = EscalationRequest {
        model: 77,
        ..EscalationRequest::decode(bytes_of("EscalationRequest", "full").as_slice())
            .unwrap_or_default()
    };
    let mut cases = vec![
        Newer {
            message: "Heartbeat",
            case: "fields_after",
            bytes: [beat.clone(), unknown_fields()].concat(),
            known: beat.clone(),
        },
        Newer {
            message: "Heartbeat",
            case: "fields_before",
            bytes: [unknown_fields(), beat.clone()].concat(),
            known: beat.clone(),
        },
        Newer {
            message: "Heartbeat",
            case: "fields_inside",
            bytes: [nested.encode_to_vec(), field(3, &longer)].concat(),
            known: beat,
        },
        Newer {
            message: "EscalationRequest",
            case: "model",
            bytes: newer_model.encode_to_vec(),
            known: newer_model.encode_to_vec(),
        },
    ];
    // An arm of each oneof that nobody has, beside the fields outside of it.
    let outside = [
        ("Answer", vec![]),
        ("Call", [key(1, VARINT), varint(30_000)].concat()),
        ("Control", vec![]),
        ("Notice", vec![]),
        ("StreamChunk", [key(6, VARINT), varint(3)].concat()),
        ("TunnelMessage", [key(1, VARINT), varint(8)].concat()),
    ];
    cases.extend(outside.map(|(message, known)| Newer {
        message,
        case: "arm",
        bytes: [known.clone(), field(1000, &field(1, b"new"))].concat(),
        known,
    }));
    cases
}

#[test]
fn newer_vectors_are_committed_and_lose_nothing_known() {
    let pool = descriptions();
    let mut wanted = std::collections::BTreeMap::new();
    for newer in cases() {
        let codec = CODECS.iter().find(|codec| codec.name == newer.message);
        let known = (codec.unwrap().again)(&newer.bytes);
        assert_eq!(known, Ok(newer.known.clone()), "{}", newer.case);
        let says = described(&pool, newer.message, &newer.known);
        let name = format!("{}.{}", newer.message, newer.case);
        wanted.extend(pair(&name, &newer.bytes, &says));
    }
    hold(&folder().join("newer"), &wanted);
}

#[test]
fn every_message_bears_unknown_fields() {
    for example in examples::all() {
        let codec = CODECS.iter().find(|codec| codec.name == example.message);
        let longer = [example.bytes.clone(), unknown_fields()].concat();
        let known = (codec.unwrap().again)(&longer);
        assert_eq!(known, Ok(example.bytes.clone()), "{}", example.file());
    }
}

#[test]
fn every_oneof_is_tried_with_an_arm_that_nobody_has() {
    let tried: Vec<_> = cases()
        .iter()
        .filter(|newer| newer.case == "arm")
        .map(|newer| newer.message.to_owned())
        .collect();
    let real: Vec<_> = messages(&descriptions())
        .iter()
        .filter(|message| message.oneofs().any(|oneof| !oneof.is_synthetic()))
        .map(|message| message.name().to_owned())
        .collect();
    assert_eq!(tried, real);
}

#[test]
fn newer_model_and_newer_call_are_seen_as_unknown() {
    let of = |message: &str| {
        let newer = cases().into_iter().find(|newer| newer.message == message);
        newer.map(|newer| newer.bytes).unwrap_or_default()
    };
    let request = EscalationRequest::decode(of("EscalationRequest").as_slice()).unwrap();
    assert!(CloudModel::try_from(request.model).is_err());
    assert_eq!(request.model(), CloudModel::Unspecified);
    let call = Call::decode(of("Call").as_slice()).unwrap();
    assert_eq!((call.deadline_ms, call.body), (30_000, None::<call::Body>));
}
