//! However an answer is cut: the same text as in one piece, and at most 48 bytes held back.
#![no_main]

use libfuzzer_sys::fuzz_target;
use synesis_privacy::{Conversation, ConversationId, HOLD_BACK_BYTES_MAX, Raw, Redactor, RedactorConfig, Reinflater, reinflate};

fuzz_target!(|input: (Vec<String>, Vec<u8>)| {
    let (pieces, cuts) = input;
    let Ok(id) = ConversationId::new("fuzz") else { return };
    let mut conversation = Conversation::ephemeral(id, [3; 32]);
    let Ok(redactor) = Redactor::new(&RedactorConfig::default()) else { return };
    let text = "jane.roe@example.org 10.20.30.40".to_owned();
    let redaction = redactor.redact(&Raw::new(text), &mut conversation).expect("a small text is redacted");
    let mut answer = String::new();
    for (piece, finding) in pieces.iter().zip(redaction.findings.iter().cycle()) {
        answer.push_str(piece);
        let placeholder = finding.placeholder.to_string();
        match piece.len() % 4 {
            0 => answer.push_str(&placeholder),
            1 => answer.push_str(placeholder.trim_matches(['[', ']'])),
            2 => answer.push_str(&placeholder.to_lowercase().replace('_', "\\_")),
            _ => answer.push_str(&placeholder.replace('_', " ")),
        }
    }
    let mut reinflater = Reinflater::new(&conversation);
    let mut out = String::new();
    let mut rest = answer.as_str();
    for cut in cuts {
        let mut to = usize::from(cut).min(rest.len());
        while !rest.is_char_boundary(to) {
            to += 1;
        }
        out.push_str(&reinflater.push(&rest[..to]));
        assert!(reinflater.held_bytes() <= HOLD_BACK_BYTES_MAX);
        rest = &rest[to..];
    }
    out.push_str(&reinflater.push(rest));
    out.push_str(&reinflater.finish());
    assert_eq!(out, reinflate(&answer, &conversation));
});
