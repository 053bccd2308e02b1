//! How many tokens a prompt has, before anybody counted them.
//!
//! Tokenizers of today need about four bytes of English a token, three of code or German, and
//! seldom less than two of anything (base64, rare scripts). The prompt's hold is made for two
//! bytes a token and the marks around each message, so that it is larger than the prompt in all
//! but contrived cases; where it is not, the ledger charges up to the ceiling and the operator
//! bears the rest. A call is settled by what the provider counted. Only where it was cut before
//! the provider said anything is the usual four bytes a token charged, never the upper bound.

use synesis_core::ChatMessage;

const BYTES_PER_TOKEN_LEAST: usize = 2;
const BYTES_PER_TOKEN_USUAL: usize = 4;

/// Role, beginning and end of a message, in tokens.
const MARKS_PER_MESSAGE: usize = 8;
const MARKS_PER_MESSAGE_USUAL: usize = 4;

/// Two guesses at the tokens of a prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PromptEstimate {
    /// What is held: more than the prompt has.
    pub upper: u32,
    /// What is charged where nobody counted.
    pub usual: u32,
}

impl PromptEstimate {
    /// Guesses from the size of the messages.
    #[must_use]
    pub fn of(messages: &[ChatMessage]) -> Self {
        let tokens = |bytes_per_token: usize, marks: usize| {
            let each = messages
                .iter()
                .map(|m| m.content.len().div_ceil(bytes_per_token) + marks);
            u32::try_from(each.sum::<usize>()).unwrap_or(u32::MAX)
        };
        Self {
            upper: tokens(BYTES_PER_TOKEN_LEAST, MARKS_PER_MESSAGE),
            usual: tokens(BYTES_PER_TOKEN_USUAL, MARKS_PER_MESSAGE_USUAL),
        }
    }
}
