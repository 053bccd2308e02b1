//! Every bound of this crate, named with its unit.

use std::time::Duration;

/// Bytes of one GGUF head (metadata and tensor list) that are read at most.
pub(crate) const GGUF_HEAD_BYTES_MAX: u64 = 256 << 20;
/// Metadata entries in one GGUF file.
pub(crate) const GGUF_ENTRIES_MAX: u64 = 8_192;
/// Tensors in one GGUF file.
pub(crate) const GGUF_TENSORS_MAX: u64 = 65_536;
/// Bytes of one GGUF string.
pub(crate) const GGUF_STRING_BYTES_MAX: u64 = 4 << 20;
/// Elements of one GGUF array.
pub(crate) const GGUF_ARRAY_LEN_MAX: u64 = 4 << 20;
/// Arrays inside arrays.
pub(crate) const GGUF_ARRAY_DEPTH_MAX: u32 = 2;
/// Dimensions of one tensor.
pub(crate) const GGUF_DIMENSIONS_MAX: u32 = 4;

/// Tokens in a vocabulary.
pub(crate) const VOCABULARY_TOKENS_MAX: usize = 1 << 20;
/// Bytes of one vocabulary piece (the constraint engine's tree holds no longer ones).
pub(crate) const PIECE_BYTES_MAX: usize = 1_000;
/// Bytes of all pieces together under a constraint: the tree has a place for each.
pub(crate) const VOCABULARY_BYTES_MAX: usize = 4_000_000;
/// Layers of a model.
pub(crate) const LAYERS_MAX: usize = 512;

/// Bytes of a rendered prompt.
pub(crate) const PROMPT_BYTES_MAX: usize = 4 << 20;
/// Bytes of a chat template.
pub(crate) const TEMPLATE_BYTES_MAX: usize = 256 << 10;
/// Steps that a chat template may take.
pub(crate) const TEMPLATE_FUEL: u64 = 5_000_000;
/// Stop strings in one request.
pub(crate) const STOP_STRINGS_MAX: usize = 16;
/// Bytes of one stop string.
pub(crate) const STOP_BYTES_MAX: usize = 1_024;
/// Bytes of a grammar or a schema.
pub(crate) const CONSTRAINT_BYTES_MAX: usize = 256 << 10;
/// Compiled constraints that are kept for the next request with the same one.
pub(crate) const CONSTRAINTS_KEPT_MAX: usize = 16;

/// Requests that wait for a model at once.
pub(crate) const REQUESTS_QUEUED_MAX: usize = 64;
/// Events that a reader may be behind before its sequence pauses.
pub(crate) const EVENTS_BEHIND_MAX: usize = 64;
/// Prompt tokens in one step, so that others get their turn during a long prompt.
pub(crate) const PREFILL_STEP_TOKENS: usize = 256;
/// Context used when the caller does not say, if the model was trained for as much.
pub(crate) const CONTEXT_TOKENS_DEFAULT: u32 = 4_096;
/// Sequences, each with its own context, that one model holds.
pub(crate) const SLOTS_MAX: usize = 4;
/// Memory that the contexts of one model may take together.
pub(crate) const SLOTS_BYTES_MAX: u64 = 1 << 30;
/// Contexts up to this size are kept in single precision by llama.cpp.
#[cfg(feature = "llama-cpp")]
pub(crate) const CONTEXT_EXACT_BYTES_MAX: u64 = 64 << 20;
/// Files of models up to this size are unpacked to single precision by the portable engine.
pub(crate) const UNPACK_BYTES_MAX: u64 = 16 << 20;
/// Tokens looked back at for the repeat penalty.
pub(crate) const REPEAT_WINDOW_TOKENS: usize = 64;

/// Adapters loaded into one model.
pub(crate) const ADAPTERS_MAX: usize = 64;
/// Bytes of one adapter file.
pub(crate) const ADAPTER_BYTES_MAX: u64 = 1 << 30;
/// Rank of an adapter.
pub(crate) const ADAPTER_RANK_MAX: usize = 1_024;

/// Model files up to this size are hashed when they are opened; larger ones when a hash is needed.
pub(crate) const HASH_AT_OPEN_BYTES_MAX: u64 = 32 << 20;

/// Bytes of one line of a server's event stream.
pub(crate) const SSE_LINE_BYTES_MAX: usize = 1 << 20;
/// Bytes of one event of a server's event stream.
pub(crate) const SSE_EVENT_BYTES_MAX: usize = 4 << 20;
/// Bytes of an answer that is read whole, errors included.
pub(crate) const HTTP_BODY_BYTES_MAX: usize = 1 << 20;
/// Bytes of a server's error message that are passed on.
pub(crate) const HTTP_MESSAGE_BYTES_MAX: usize = 500;
/// Bytes of text taken from a server for one answer.
pub(crate) const HTTP_TEXT_BYTES_MAX: usize = 8 << 20;
/// Time to open a connection to a server.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Silence after which a server counts as stuck; loading a model first may take minutes.
pub(crate) const IDLE_TIMEOUT: Duration = Duration::from_secs(120);
/// Models listed from one server.
pub(crate) const DISCOVERED_MODELS_MAX: usize = 1_000;

/// Models in the register.
pub(crate) const REGISTERED_MODELS_MAX: usize = 1_000;
/// Bytes of the register's file.
pub(crate) const REGISTER_BYTES_MAX: u64 = 4 << 20;
