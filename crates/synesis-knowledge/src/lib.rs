//! The person's own documents, findable.
//!
//! [`KnowledgeBase`] keeps text, Markdown and code in one SQLite file: cut into chunks along their
//! structure, searched by full text, cited by path and line. Adding the same folder again reads
//! only what changed and forgets what is gone. Ignored files (`.gitignore`, hidden, binary, too
//! large) stay out, each with its reason.
//!
//! Absent: the network, the council, printing, and the environment. Nothing here decides what a
//! passage is good for.

mod base;
mod chunk;
mod error;
pub mod limits;
mod query;
mod store;
mod walk;

pub use base::{Document, Hit, KnowledgeBase, Report, Skipped, Stats};
pub use chunk::Form;
pub use error::{KnowledgeError, SkipReason};
