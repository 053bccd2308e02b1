//! The bounds of the service, with their units. Those of single messages are in
//! `synesis_wire::limits`.

/// Output tokens that are held at a time. A long answer is extended slice by slice.
pub const SLICE_TOKENS: u32 = 256;

/// Where fewer held tokens than this are left, the next slice is asked for.
pub const SLICE_LEFT_TOKENS_MIN: u32 = SLICE_TOKENS / 2;

/// How often a hold is tried again with what room is said to be left, before giving up.
pub const HOLD_TRIES_MAX: u8 = 3;

/// The largest text in one chunk, in bytes: a chunk fits its frame many times over.
pub const CHUNK_BYTES_MAX: usize = 16 * 1024;

/// The longest answer that is kept, in bytes. It also fits into one answer frame whole.
pub const ANSWER_BYTES_MAX: usize = 512 * 1024;

/// The longest message of a provider that is passed on, in characters.
pub const PROVIDER_MESSAGE_CHARS_MAX: usize = 300;

/// How long a call runs that names no deadline: 10 minutes.
pub const RUN_MS_DEFAULT: u32 = 10 * 60 * 1000;
