//! Whatever the answer: no panic, and without a known placeholder not a byte changes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use synesis_privacy::{Conversation, ConversationId, Raw, Redactor, RedactorConfig, reinflate, reinflate_json};

fuzz_target!(|input: (String, String)| {
    let (before, after) = input;
    let Ok(id) = ConversationId::new("fuzz") else { return };
    let mut conversation = Conversation::ephemeral(id, [2; 32]);
    let whole = format!("{before}{after}");
    assert_eq!(reinflate(&whole, &conversation), whole);
    let Ok(redactor) = Redactor::new(&RedactorConfig::default()) else { return };
    let value = "jane.roe@example.org";
    let redaction = redactor.redact(&Raw::new(value.to_owned()), &mut conversation).expect("a small text is redacted");
    let answer = format!("{before} {} {after}", redaction.text.as_str());
    assert!(reinflate(&answer, &conversation).contains(value));
    assert!(reinflate_json(&answer, &conversation).contains(value));
});
