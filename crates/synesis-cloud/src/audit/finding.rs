//! What an audit finds.

use std::fmt;

use synesis_domain::{NanoUsd, RequestId};

use crate::limits::FINDINGS_MAX;
use crate::receipt::ReceiptAlarm;

/// Something that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Finding {
    /// A receipt was wrong when it arrived, now or earlier.
    Alarm(ReceiptAlarm),
    /// The history came without a receipt that can be read.
    NoReceipt,
    /// The signature of the receipt that came with the history does not fit.
    Forged,
    /// The receipt that came with the history is about another one.
    EndDiffers {
        /// How many events the receipt is about.
        signed: u64,
        /// How many came.
        read: u64,
    },
    /// The history does not fit a receipt that this device keeps.
    ReceiptDiffers {
        /// How many events the receipt is about.
        sequence: u64,
    },
    /// The signature of a receipt that this device keeps does not fit any more.
    KeptForged {
        /// How many events the receipt is about.
        sequence: u64,
    },
    /// The history is shorter than a receipt says that this device keeps.
    Shorter {
        /// How many events the receipt is about.
        signed: u64,
        /// How many came.
        read: u64,
    },
    /// An event cannot be read; the audit ends before it.
    Unreadable {
        /// The number of the event.
        sequence: u64,
        /// Why.
        problem: String,
    },
    /// An event's amounts do not fit together.
    Unbalanced {
        /// The number of the event.
        sequence: u64,
    },
    /// The cloud charged a call more than once.
    ChargedAgain {
        /// The call.
        request: RequestId,
        /// What it charged the second time.
        cost: NanoUsd,
    },
    /// The cloud charged a call of this device that this device knows nothing of.
    MissingHere {
        /// The call.
        request: RequestId,
        /// What it charged.
        cost: NanoUsd,
    },
    /// This device wrote down a charge that the cloud knows nothing of.
    MissingThere {
        /// The call.
        request: RequestId,
        /// What was written down.
        cost: NanoUsd,
    },
    /// Both know a call, with other amounts.
    AmountDiffers {
        /// The call.
        request: RequestId,
        /// What this device wrote down.
        here: NanoUsd,
        /// What the cloud charged.
        there: NanoUsd,
    },
}

impl Finding {
    /// The name in reports.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Alarm(_) => "receipt-alarm",
            Self::NoReceipt => "no-receipt",
            Self::Forged => "forged",
            Self::EndDiffers { .. } => "end-differs",
            Self::ReceiptDiffers { .. } => "receipt-differs",
            Self::KeptForged { .. } => "kept-receipt-forged",
            Self::Shorter { .. } => "history-shorter",
            Self::Unreadable { .. } => "unreadable-event",
            Self::Unbalanced { .. } => "unbalanced-event",
            Self::ChargedAgain { .. } => "charged-again",
            Self::MissingHere { .. } => "missing-here",
            Self::MissingThere { .. } => "missing-there",
            Self::AmountDiffers { .. } => "amount-differs",
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Alarm(alarm) => alarm.fmt(f),
            Self::NoReceipt => f.write_str("the history came without a receipt"),
            Self::Forged => f.write_str("the signature of the history's receipt does not fit"),
            Self::EndDiffers { signed, read } => write!(
                f,
                "the cloud signed a history of {signed} events that is not the one it sent ({read})"
            ),
            Self::ReceiptDiffers { sequence } => write!(
                f,
                "the history is not the one of the receipt over its first {sequence} events"
            ),
            Self::KeptForged { sequence } => write!(
                f,
                "the signature of the kept receipt over {sequence} events does not fit"
            ),
            Self::Shorter { signed, read } => write!(
                f,
                "the history has {read} events; the cloud signed earlier that it had {signed}"
            ),
            Self::Unreadable { sequence, problem } => {
                write!(f, "event {sequence} cannot be read: {problem}")
            }
            Self::Unbalanced { sequence } => {
                write!(f, "the amounts of event {sequence} do not fit together")
            }
            Self::ChargedAgain { request, cost } => {
                write!(f, "call {request} was charged again: {cost}")
            }
            Self::MissingHere { request, cost } => write!(
                f,
                "call {request} was charged to this device, which does not know it: {cost}"
            ),
            Self::MissingThere { request, cost } => write!(
                f,
                "call {request} is settled here and not in the cloud: {cost}"
            ),
            Self::AmountDiffers {
                request,
                here,
                there,
            } => write!(f, "call {request} is {here} here and {there} in the cloud"),
        }
    }
}

/// What differs: the first hundred one by one, and how many there are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    named: Vec<Finding>,
    total: u64,
}

impl Findings {
    pub(super) fn push(&mut self, finding: Finding) {
        self.total += 1;
        if self.named.len() < FINDINGS_MAX {
            self.named.push(finding);
        }
    }

    /// The first of them.
    #[must_use]
    pub fn named(&self) -> &[Finding] {
        &self.named
    }

    /// How many there are.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.total
    }
}
