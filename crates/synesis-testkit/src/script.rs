//! What the mock cloud will do, and what it has seen.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use synesis_domain::{NanoUsd, TokenUsage};
use synesis_wire::proto::{self, EscalationRequest};
use synesis_wire::{CloseCode, ErrorCode};
use tokio::sync::{oneshot, watch};

use crate::mock::books::Books;

/// The tokens of every prompt.
pub(crate) const PROMPT_TOKENS: u32 = 10;

/// The price of every token, in nano-dollars.
pub(crate) const NANO_PER_TOKEN: i64 = 1_000;

/// What the mock does with one escalation. Those without a plan are answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Plan {
    /// Answers to the end.
    Answer,
    /// Refuses at once.
    Refuse {
        /// The code.
        code: ErrorCode,
        /// When the caller may come back.
        retry_after_ms: Option<u32>,
    },
    /// Resets the stream after so many pieces of text.
    Reset {
        /// Pieces before the reset.
        after: usize,
        /// The code of the reset.
        code: CloseCode,
    },
    /// Closes the connection after so many pieces of text. A close overtakes what is on its way:
    /// hold the answer there, too, where the caller must have read them.
    Disconnect {
        /// Pieces before the end.
        after: usize,
    },
    /// Ends the stream without an end chunk after so many pieces of text.
    Finish {
        /// Pieces before the end.
        after: usize,
    },
    /// A typed error chunk after so many pieces of text.
    Fail {
        /// Pieces before the error.
        after: usize,
        /// The code in the chunk.
        code: ErrorCode,
    },
    /// Sends every chunk twice.
    Repeat,
    /// Leaves out the chunk with this number.
    Skip {
        /// The number.
        sequence: u64,
    },
    /// Reads the request and says nothing.
    Silence,
}

/// What one escalation came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BillingEvent {
    /// The escalation.
    pub request_id: String,
    /// Tokens of the prompt.
    pub prompt_tokens: u32,
    /// Tokens of the answer.
    pub completion_tokens: u32,
    /// The charge.
    pub cost: NanoUsd,
}

/// Holds an answer back in the middle.
#[derive(Debug)]
pub struct Hold {
    pub(crate) reached: Option<oneshot::Receiver<()>>,
    pub(crate) release: Option<oneshot::Sender<()>>,
}

impl Hold {
    /// Waits until the mock has come to the hold.
    pub async fn reached(&mut self) {
        if let Some(reached) = self.reached.take() {
            reached.await.expect("the mock cloud came to its hold");
        }
    }

    /// Lets the answer go on. The same as dropping the hold.
    pub fn release(mut self) {
        drop(self.release.take());
    }
}

/// The mock's end of a [`Hold`].
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) after: usize,
    pub(crate) reached: oneshot::Sender<()>,
    pub(crate) released: oneshot::Receiver<()>,
}

/// Everything that outlives a restart of the mock.
#[derive(Debug)]
pub(crate) struct Book {
    pub(crate) pieces: Vec<String>,
    pub(crate) plans: VecDeque<Plan>,
    pub(crate) holds: VecDeque<Held>,
    pub(crate) turned_away: Option<CloseCode>,
    pub(crate) requests: Vec<EscalationRequest>,
    pub(crate) bytes: Vec<u8>,
    pub(crate) charges: BTreeMap<String, BillingEvent>,
    pub(crate) open: Vec<String>,
    pub(crate) connections: Vec<quinn::Connection>,
    pub(crate) books: Books,
}

/// The book with what can be waited for.
#[derive(Debug)]
pub(crate) struct Stage {
    book: Mutex<Book>,
    pub(crate) cancelled: watch::Sender<Vec<String>>,
    pub(crate) written: watch::Sender<usize>,
    pub(crate) blocked: watch::Sender<bool>,
    pub(crate) connected: watch::Sender<usize>,
    pub(crate) notices: watch::Sender<usize>,
}

impl Stage {
    pub(crate) fn new(pieces: Vec<String>) -> Self {
        Self {
            book: Mutex::new(Book {
                pieces,
                plans: VecDeque::new(),
                holds: VecDeque::new(),
                turned_away: None,
                requests: Vec::new(),
                bytes: Vec::new(),
                charges: BTreeMap::new(),
                open: Vec::new(),
                connections: Vec::new(),
                books: Books::new(),
            }),
            cancelled: watch::channel(Vec::new()).0,
            written: watch::channel(0).0,
            blocked: watch::channel(false).0,
            connected: watch::channel(0).0,
            notices: watch::channel(0).0,
        }
    }

    pub(crate) fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Charges a request once; later settlements of the same one change nothing.
    pub(crate) fn settle(&self, request_id: &str, completion_tokens: usize) -> BillingEvent {
        let completion_tokens = u32::try_from(completion_tokens).expect("a short answer");
        let tokens = i64::from(PROMPT_TOKENS + completion_tokens);
        let mut book = self.book();
        book.open.retain(|open| open != request_id);
        if let Some(known) = book.charges.get(request_id) {
            return known.clone();
        }
        let event = BillingEvent {
            request_id: request_id.to_owned(),
            prompt_tokens: PROMPT_TOKENS,
            completion_tokens,
            cost: NanoUsd::new(tokens * NANO_PER_TOKEN),
        };
        let usage = TokenUsage::new(PROMPT_TOKENS, 0, completion_tokens);
        book.books.charge(request_id, usage, event.cost);
        book.charges.insert(request_id.to_owned(), event.clone());
        event
    }
}

pub(crate) fn tokens(event: &BillingEvent) -> proto::TokenUsage {
    proto::TokenUsage {
        prompt: event.prompt_tokens,
        completion: event.completion_tokens,
    }
}
