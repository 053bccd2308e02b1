//! What to do with a request, given what is known of its id.
//!
//! The host keeps running escalations and ended transcripts by `(user, request)`: ids of two
//! users have nothing to do with each other.

use synesis_domain::Digest;

use crate::rejection::Rejection;
use crate::request::ValidRequest;
use crate::transcript::Transcript;

/// What the host knows of a request id of this user.
#[derive(Clone, Copy, Debug)]
pub enum Known<'a> {
    /// Nothing.
    Nothing,
    /// An escalation runs; this is its transcript so far.
    Running(&'a Transcript),
    /// An escalation ended; this is all that was sent.
    Ended(&'a Transcript),
}

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// Start an escalation. An ended transcript of the same id is replaced.
    Start,
    /// Send what the running one has said after this number, and what it will say.
    Attach {
        /// The last chunk that arrived.
        after: u64,
    },
    /// Send what the ended one has said after this number.
    Replay {
        /// The last chunk that arrived.
        after: u64,
    },
}

/// Decides whether a request starts anew or is one that is known.
///
/// A request that ended without a word and without a charge, because its provider failed for
/// instance, starts anew: that is what its retry is for. A new start is sent from chunk 1,
/// whatever the caller says arrived.
///
/// # Errors
/// [`Rejection::OtherContent`] where the id was used for something else, and
/// [`Rejection::NothingToResume`] where the caller has more than is known here.
pub fn admit(
    request: &ValidRequest,
    content: Digest,
    known: Known<'_>,
) -> Result<Admission, Rejection> {
    let after = request.resume_after;
    let nothing_to_resume = Rejection::NothingToResume {
        resume_after: after,
    };
    let transcript = match known {
        Known::Nothing if after == 0 => return Ok(Admission::Start),
        Known::Nothing => return Err(nothing_to_resume),
        Known::Running(transcript) | Known::Ended(transcript) => transcript,
    };
    if transcript.content() != content {
        return Err(Rejection::OtherContent);
    }
    if matches!(known, Known::Ended(_)) && transcript.is_fruitless() {
        return Ok(Admission::Start);
    }
    if after > transcript.last_sequence() {
        return Err(nothing_to_resume);
    }
    match known {
        Known::Running(_) => Ok(Admission::Attach { after }),
        _ => Ok(Admission::Replay { after }),
    }
}
