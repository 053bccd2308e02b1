//! Stored events of an account as a cloud sends them to a device: whatever the bytes are, reading them
//! never panics, and what is read is written alike.

#![no_main]

use libfuzzer_sys::fuzz_target;
use synesis_domain::account::{History, Statement};
use synesis_domain::{AccountEvent, UserId};

fuzz_target!(|events: Vec<Vec<u8>>| {
    let user = UserId::from_bytes([1; 16]);
    let mut history = History::new(user);
    let mut statement = Statement::new(user, 1);
    for stored in &events {
        if let Ok(step) = history.push(stored) {
            assert_eq!(step.event.encode(), *stored);
            statement.add(&step, history.head());
        } else {
            assert!(AccountEvent::decode(stored).is_err());
        }
    }
});
