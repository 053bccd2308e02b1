//! The last gate stops every form of a value, and nothing else.

use base64::Engine as _;
use synesis_privacy::LastGate;

use crate::{conversation, redact};

#[test]
fn every_form_of_a_value_is_stopped() {
    let mut conversation = conversation(1);
    let redaction = redact(
        "mail jane@roe.example, card 4111 1111 1111 1111, password: \"pa\\\\ss\u{e4}w0rd\"",
        &mut conversation,
    );
    assert_eq!(redaction.findings.len(), 3, "{:?}", redaction.findings);
    let gate = LastGate::new(&conversation);
    gate.check(redaction.text.as_str().as_bytes()).unwrap();
    gate.check(b"4111 and 1111, jane, roe").unwrap();
    let base64 = base64::engine::general_purpose::STANDARD.encode("x: jane@roe.example!");
    for form in [
        "jane@roe.example",
        "jane%40roe.example",
        "4111111111111111",
        "4111 1111 1111 1111",
        base64.as_str(),
    ] {
        assert!(
            gate.check(format!("\u{1}\u{0}{form}\u{7}").as_bytes())
                .is_err(),
            "{form}"
        );
    }
    let violation = gate.check(b"-- jane@roe.example").unwrap_err();
    assert_eq!((violation.offset, violation.form), (3, "plain"));
    assert!(!violation.to_string().contains("jane"));
}

/// A value with all that JSON escapes leaves it.
#[test]
fn a_value_is_stopped_in_every_way_json_escapes_it() {
    let mut conversation = conversation(2);
    let value = "pa\"ss\\w0rd\n\u{e4}\u{1f511}/\tx";
    let body = format!("{{\"password\": {}}}", serde_json::json!(value));
    let redaction = crate::redactor()
        .redact_json(&synesis_privacy::Raw::new(body.clone()), &mut conversation)
        .unwrap();
    assert_eq!(redaction.findings.len(), 1, "{}", redaction.text);
    let gate = LastGate::new(&conversation);
    gate.check(redaction.text.as_str().as_bytes()).unwrap();
    gate.check(br#"{"password": "pa", "w0rd": "ss"}"#).unwrap();
    let ascii = in_ascii(&body);
    let frames = [
        value.to_owned(),
        body.clone(),
        body.replace('/', "\\/"),
        ascii.replace('/', "\\/"),
        ascii,
    ];
    for frame in frames {
        assert!(gate.check(frame.as_bytes()).is_err(), "{frame}");
    }
}

/// JSON with all but ASCII as `\uXXXX`.
fn in_ascii(json: &str) -> String {
    let mut out = String::new();
    for c in json.chars() {
        if c.is_ascii() {
            out.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    out
}
