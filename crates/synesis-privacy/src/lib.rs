//! The privacy proxy: finds private values, puts placeholders in their place, and puts the values back.
//!
//! Promises: what [`Redactor::redact`] found is not in its answer; [`reinflate`] gives back exactly what was there,
//! also from a stream cut anywhere ([`Reinflater`]); only [`Redacted`] text can be sent; [`LastGate`] stops bytes
//! that still hold a value; any doubt is an error, and then nothing is sent.
//!
//! Absent: network, clock and environment. Randomness is passed in. The durable vault (feature `vault`) is the
//! only part that touches a disk; without it the crate runs on wasm32.

mod conversation;
mod detect;
mod encode;
mod gate;
mod json;
mod kind;
mod known;
mod limits;
mod placeholder;
mod random;
mod raw;
mod redactor;
mod reinflate;
mod rules;
mod shadow;
#[cfg(feature = "vault")]
mod vault;

pub use conversation::{
    Conversation, ConversationId, ConversationIdError, InternError, StoreError,
};
pub use gate::{GateViolation, LastGate};
pub use kind::{Class, EntityKind};
pub use limits::{CONVERSATION_VALUES_MAX, HOLD_BACK_BYTES_MAX, INPUT_BYTES_MAX};
pub use placeholder::{Placeholder, PlaceholderId};
pub use raw::{CloudSafe, Raw, Redacted};
pub use redactor::{Detection, Finding, RedactError, Redaction, Redactor};
pub use reinflate::{Escape, ReinflateCounts, Reinflater, reinflate, reinflate_json};
pub use rules::{RedactorConfig, RuleError};
#[cfg(feature = "vault")]
pub use vault::{Batch, KeyError, TokenVault, VaultError, VaultKey};
