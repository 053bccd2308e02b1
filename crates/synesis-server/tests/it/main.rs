//! The server from outside: a client of quinn and rcgen alone, so that no mistake is shared with
//! the device's own crate.

mod client;
mod double;
mod enrolment;
mod escalation;
mod framing;
mod identity;
mod kill;
mod restart;
