//! Webhooks: neither their signature's header nor their body can do more than be refused.

#![no_main]

use libfuzzer_sys::fuzz_target;
use synesis_domain::Timestamp;
use synesis_service::stripe::{WebhookSecret, parse_event, receive};

fuzz_target!(|input: (&str, &[u8])| {
    let (header, body) = input;
    let Ok(secret) = WebhookSecret::new("whsec_fuzz") else {
        return;
    };
    let now = Timestamp::from_millis(1_800_000_000_000);
    assert!(receive(&[secret], header, body, now).is_err(), "forged");
    let _ = parse_event(body);
});
