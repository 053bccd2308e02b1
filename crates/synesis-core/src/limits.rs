//! Every bound of the council, with its unit in the name.

/// A question, in bytes.
pub const QUERY_BYTES_MAX: usize = 256 * 1024;
/// Text given beside the question (a file, standard input), in bytes.
pub const CONTEXT_BYTES_MAX: usize = 256 * 1024;
/// Earlier messages of a session that are shown to an agent.
pub const HISTORY_MESSAGES_MAX: usize = 40;
/// All earlier messages of a session together, in bytes; the oldest go first.
pub const HISTORY_BYTES_MAX: usize = 64 * 1024;
/// An answer that is kept, in bytes; what a model writes beyond it is shown but not kept.
pub const ANSWER_BYTES_MAX: usize = 1024 * 1024;
/// Passages of the knowledge base that are used.
pub const PASSAGES_MAX: usize = 8;
/// One passage, in bytes; longer ones are cut.
pub const PASSAGE_BYTES_MAX: usize = 4 * 1024;
/// The output of Pathos or Ethos that is searched for its JSON object, in bytes.
pub const JSON_BYTES_MAX: usize = 64 * 1024;
/// Entries of one list in a manifest; later ones are dropped.
pub const MANIFEST_ITEMS_MAX: usize = 8;
/// One text in a manifest, in characters; longer ones are cut.
pub const MANIFEST_CHARS_MAX: usize = 400;
/// Ethos' feedback, in characters; longer feedback is cut.
pub const FEEDBACK_CHARS_MAX: usize = 800;
/// Rounds a configuration may ask for.
pub const ROUNDS_MAX: u8 = 8;
/// Events kept until somebody polls them; text beyond it is joined to the last text event.
pub const EVENTS_QUEUED_MAX: usize = 4096;
/// An arithmetic expression, in tokens.
pub const EXPRESSION_TOKENS_MAX: usize = 128;
/// Parentheses and signs inside each other.
pub const EXPRESSION_DEPTH_MAX: usize = 32;
/// Digits of one number in an expression.
pub const NUMBER_DIGITS_MAX: usize = 30;

/// The longest prefix of `text` that has at most `bytes_max` bytes.
pub(crate) fn prefix(text: &str, bytes_max: usize) -> &str {
    if text.len() <= bytes_max {
        return text;
    }
    let mut end = bytes_max;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// The first `chars_max` characters of `text`.
pub(crate) fn prefix_chars(text: &str, chars_max: usize) -> &str {
    match text.char_indices().nth(chars_max) {
        Some((end, _)) => &text[..end],
        None => text,
    }
}
