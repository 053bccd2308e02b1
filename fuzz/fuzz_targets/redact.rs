//! Whatever the text: no panic, exact findings, the same text back, nothing for the gate to stop.
#![no_main]

use libfuzzer_sys::fuzz_target;
use synesis_privacy::{Conversation, ConversationId, Raw, Redactor, RedactorConfig, reinflate};

fuzz_target!(|texts: (String, String)| {
    let Ok(redactor) = Redactor::new(&RedactorConfig::default()) else { return };
    let Ok(id) = ConversationId::new("fuzz") else { return };
    let mut conversation = Conversation::ephemeral(id, [1; 32]);
    for text in [&texts.0, &texts.1, &texts.0] {
        let redaction = redactor.redact(&Raw::new(text.clone()), &mut conversation).expect("a small text is redacted");
        assert_eq!(&reinflate(redaction.text.as_str(), &conversation), text);
        let mut end = 0;
        for finding in &redaction.findings {
            assert!(finding.span.start >= end && finding.span.end > finding.span.start);
            assert!(text.get(finding.span.clone()).is_some());
            end = finding.span.end;
        }
    }
    if let Ok(redaction) = redactor.redact_json(&Raw::new(texts.0.clone()), &mut conversation) {
        // A private number comes back as a string, so only the marks may differ.
        let restored = reinflate(redaction.text.as_str(), &conversation);
        assert!(restored.len() >= texts.0.len());
    }
});
