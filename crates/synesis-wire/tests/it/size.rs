//! What typical messages cost on the wire, against the same in JSON.

use crate::contract::folder;

/// A vector, its bytes in protobuf, and at most how many percent of the JSON's bytes that is.
///
/// JSON without spaces. Where a message is numbers and names, protobuf is a fraction. A piece of
/// an answer is text and a UUID as text, which both carry as they are: there a quarter is saved.
const SIZES: &[(&str, usize, usize)] = &[
    ("Notice.heartbeat", 78, 60),
    ("Call.short_escalation", 155, 60),
    ("Answer.twenty_tokens", 125, 75),
    ("Answer.stream_end", 92, 60),
    ("Answer.balance", 53, 60),
];

#[test]
fn typical_messages_stay_small() {
    let mut found = Vec::new();
    for (name, _, percent_max) in SIZES {
        let path = folder().join("vectors").join(name);
        let bytes = std::fs::read(path.with_added_extension("bin"))
            .unwrap()
            .len();
        let text = std::fs::read(path.with_added_extension("json")).unwrap();
        let json: serde_json::Value = serde_json::from_slice(&text).unwrap();
        let json_bytes = json.to_string().len();
        assert!(
            bytes * 100 <= json_bytes * percent_max,
            "{name}: {bytes} bytes are over {percent_max} % of JSON's {json_bytes}"
        );
        found.push((*name, bytes, *percent_max));
    }
    assert_eq!(found, SIZES, "left what it is, right what it was");
}
