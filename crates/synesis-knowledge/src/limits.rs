//! Every bound of the knowledge base, with its unit in the name.

/// A file that is taken in, in bytes; larger ones are skipped.
pub const FILE_BYTES_MAX: u64 = 1024 * 1024;
/// Files looked at in one call of `add`.
pub const FILES_MAX: usize = 100_000;
/// Folders inside each other.
pub const FOLDER_DEPTH_MAX: usize = 64;
/// Skipped files that a report names; the rest is only counted.
pub const SKIPPED_NAMED_MAX: usize = 1000;
/// A chunk to aim at, in bytes: small neighbours are joined up to it.
pub const CHUNK_BYTES_TARGET: usize = 800;
/// A chunk, in bytes; longer blocks are cut between lines, longer lines between characters.
pub const CHUNK_BYTES_MAX: usize = 1600;
/// Words of a search; later ones are not looked for.
pub const QUERY_WORDS_MAX: usize = 32;
/// One word of a search, in characters; longer ones are not looked for.
pub const QUERY_WORD_CHARS_MAX: usize = 64;
/// Results of one search.
pub const HITS_MAX: usize = 100;
/// How long a call waits for another process that writes, in milliseconds.
pub const BUSY_WAIT_MS: u64 = 5000;
