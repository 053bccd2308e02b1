//! Every bound of the proxy, with its unit in the name.

/// The largest text one call redacts, in bytes. A larger one is an error, never sent unread.
pub const INPUT_BYTES_MAX: usize = 64 << 20;
/// How many different values one conversation may hold.
pub const CONVERSATION_VALUES_MAX: usize = 262_144;
/// The longest name of a conversation, in bytes.
pub(crate) const CONVERSATION_ID_BYTES_MAX: usize = 256;
/// The longest stretch of text that can be one placeholder, edits included: what a stream holds back at most.
pub const HOLD_BACK_BYTES_MAX: usize = 48;
/// How many letters a label has at most.
pub(crate) const LABEL_LETTERS_MAX: usize = 8;
/// How often a draw or a write that met another process is tried again.
pub(crate) const VAULT_RETRIES_MAX: usize = 32;
/// The longest list of user rules (allowed words, denied words, expressions), each.
pub(crate) const USER_RULES_MAX: usize = 4096;
/// The longest single user rule, in bytes.
pub(crate) const USER_RULE_BYTES_MAX: usize = 4096;
/// The memory one compiled user expression may take, in bytes.
pub(crate) const USER_REGEX_BYTES_MAX: usize = 2 << 20;
/// The longest encoded token that is decoded and read, in bytes.
pub(crate) const DECODE_BYTES_MAX: usize = 256 << 10;
/// How many encodings are taken off one after the other.
pub(crate) const DECODE_DEPTH_MAX: usize = 2;
/// How deep a JSON body may nest.
pub(crate) const JSON_DEPTH_MAX: usize = 128;
/// The longest PEM block, in bytes.
pub(crate) const PEM_BYTES_MAX: usize = 64 << 10;
/// The longest secret value after a key, in bytes.
pub(crate) const SECRET_BYTES_MAX: usize = 8 << 10;
