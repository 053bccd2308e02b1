//! Receipts against the history: that at its end, and those that were kept on the way.

use std::collections::VecDeque;

use synesis_domain::account::History;
use synesis_domain::{Account, ChainHead};

use super::{Finding, Findings};
use crate::receipt::SignedReceipt;

/// The kept receipts that the history has not come to yet, the shortest first.
#[derive(Debug)]
pub(super) struct ReceiptCheck {
    ahead: VecDeque<SignedReceipt>,
    compared: u64,
}

impl ReceiptCheck {
    pub(super) fn new(kept: Vec<SignedReceipt>) -> Self {
        Self {
            ahead: kept.into(),
            compared: 0,
        }
    }

    /// Compares the receipts over as many events as the history has now.
    pub(super) fn reached(&mut self, history: &History, findings: &mut Findings) {
        let head = history.head();
        while let Some(kept) = self.ahead.front() {
            let sequence = kept.receipt.head.sequence;
            if sequence > head.sequence {
                return;
            }
            if !kept.is_genuine() {
                findings.push(Finding::KeptForged { sequence });
            } else if !kept.receipt.matches(history.account(), head) {
                findings.push(Finding::ReceiptDiffers { sequence });
            }
            self.compared += 1;
            self.ahead.pop_front();
        }
    }

    /// Says how many were compared; those that are left are about a longer history than the whole.
    pub(super) fn finish(self, head: ChainHead, whole: bool, findings: &mut Findings) -> u64 {
        if let Some(longest) = self.ahead.back().filter(|_| whole) {
            findings.push(Finding::Shorter {
                signed: longest.receipt.head.sequence,
                read: head.sequence,
            });
        }
        self.compared
    }
}

/// The receipt that came with the end of the history.
pub(super) fn end(
    told: Option<&SignedReceipt>,
    account: &Account,
    head: ChainHead,
    findings: &mut Findings,
) {
    let Some(told) = told else {
        return findings.push(Finding::NoReceipt);
    };
    if !told.is_genuine() {
        findings.push(Finding::Forged);
    }
    if !told.receipt.matches(account, head) {
        findings.push(Finding::EndDiffers {
            signed: told.receipt.head.sequence,
            read: head.sequence,
        });
    }
}
