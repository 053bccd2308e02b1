//! The proxy from outside: what is found, what is kept, what comes back.

mod detection;
mod gate;
mod round_trip;
#[cfg(feature = "vault")]
mod vault;
mod walls;

use synesis_privacy::{Conversation, ConversationId, Raw, Redaction, Redactor, RedactorConfig};

fn conversation(seed: u8) -> Conversation {
    Conversation::ephemeral(ConversationId::new("test").unwrap(), [seed; 32])
}

fn redactor() -> Redactor {
    Redactor::new(&RedactorConfig::default()).unwrap()
}

fn redact(text: &str, conversation: &mut Conversation) -> Redaction {
    redactor()
        .redact(&Raw::new(text.to_owned()), conversation)
        .unwrap()
}
