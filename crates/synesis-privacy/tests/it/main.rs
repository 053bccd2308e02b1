//! The proxy from outside: what is found, what is kept, what comes back.

#[cfg(test)]
mod detection;
#[cfg(test)]
mod gate;
mod odd_text;
#[cfg(test)]
mod round_trip;
#[cfg(test)]
mod tokens;
#[cfg(test)]
#[cfg(feature = "vault")]
mod vault;
#[cfg(test)]
mod walls;

#[cfg(test)]
use synesis_privacy::{Conversation, ConversationId, Raw, Redaction, Redactor, RedactorConfig};

#[cfg(test)]
fn conversation(seed: u8) -> Conversation {
    Conversation::ephemeral(ConversationId::new("test").unwrap(), [seed; 32])
}

#[cfg(test)]
fn redactor() -> Redactor {
    Redactor::new(&RedactorConfig::default()).unwrap()
}

#[cfg(test)]
fn redact(text: &str, conversation: &mut Conversation) -> Redaction {
    redactor()
        .redact(&Raw::new(text.to_owned()), conversation)
        .unwrap()
}
