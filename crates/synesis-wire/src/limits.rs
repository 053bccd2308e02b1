//! The bounds of the protocol, checked on the device and again in the cloud (SPEC section 7).

/// The largest frame on any stream. What is bigger travels in several frames.
pub const FRAME_BYTES_MAX: usize = 1024 * 1024;

/// The largest frame that carries a piece of an answer or a control message.
pub const CHUNK_FRAME_BYTES_MAX: usize = 64 * 1024;

/// The longest query of an escalation, in bytes of UTF-8.
pub const QUERY_BYTES_MAX: usize = 256 * 1024;

/// The longest context of an escalation: framing, knowledge, history and constraints together,
/// in bytes of UTF-8.
pub const CONTEXT_BYTES_MAX: usize = 512 * 1024;

/// The most passages of local knowledge in one escalation.
pub const KNOWLEDGE_ITEMS_MAX: usize = 64;

/// The most turns of history in one escalation.
pub const HISTORY_MESSAGES_MAX: usize = 200;

/// The most constraints in one escalation.
pub const CONSTRAINTS_MAX: usize = 64;

/// The most output tokens that one escalation can ask for.
pub const OUTPUT_TOKENS_MAX: u32 = 32_768;

/// The output tokens of an escalation that names no limit.
pub const OUTPUT_TOKENS_DEFAULT: u32 = 1_024;

/// The most request ids in one question about usage.
pub const USAGE_IDS_MAX: usize = 256;

/// The most calls that one message can record.
pub const RECORDS_MAX: usize = 256;

/// The largest payload of a ping.
pub const PING_BYTES_MAX: usize = 64 * 1024;

/// The largest certificate signing request, in bytes of PEM.
pub const CSR_BYTES_MAX: usize = 16 * 1024;

/// The longest deadline that a call can name.
pub const DEADLINE_MS_MAX: u32 = 30 * 60 * 1000;

/// The bidirectional streams that one device may have open at once.
pub const STREAMS_BIDI_MAX: u32 = 128;

/// The unidirectional streams that one device may have open at once.
pub const STREAMS_UNI_MAX: u32 = 8;

/// The flow-control window of one stream: what a slow reader can hold up.
pub const STREAM_WINDOW_BYTES: u32 = 256 * 1024;

/// The flow-control window of one connection.
pub const CONNECTION_WINDOW_BYTES: u32 = 1024 * 1024;

/// How long a connection may be silent before both ends give it up.
pub const IDLE_TIMEOUT_MS: u32 = 30_000;

/// How often the device shows that it is there: below the life of a NAT mapping (about 30 s).
pub const KEEP_ALIVE_MS: u64 = 15_000;

/// The most bytes of a stream in one message of the WebSocket transport: small, so that streams
/// take turns.
pub const TUNNEL_DATA_BYTES_MAX: usize = 16 * 1024;

/// The largest message of the WebSocket transport that is read.
pub const TUNNEL_MESSAGE_BYTES_MAX: usize = 64 * 1024;

/// The bytes that wait in one WebSocket connection to be sent; writers wait beyond that.
pub const TUNNEL_QUEUE_BYTES_MAX: usize = 256 * 1024;
