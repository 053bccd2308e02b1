//! The audit: the account's whole history is read and computed again on this device, and compared
//! with what the cloud signed and with what this device knows of its own calls.
//!
//! Nothing of the cloud's word is taken for it but the events themselves, and those must hash to
//! every receipt that was kept. The history goes by page by page: an audit holds one page, the open
//! calls and the receipts, however long the history is; the calls are compared in a temporary
//! database.

mod books;
mod check;
mod finding;

use synesis_domain::account::{Happened, HistoryStep};
use synesis_domain::{ChainHead, NanoUsd, UserId};

pub use finding::{Finding, Findings};

use self::books::{CallBooks, CloudCall};
use self::check::ReceiptCheck;
use crate::billing::{BillingClient, in_ledger};
use crate::error::CloudError;
use crate::ledger::LedgerError;
use crate::receipt::SignedReceipt;

/// Calls and what they came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CallSum {
    /// How many.
    pub calls: u64,
    /// What the user pays for them.
    pub cost: NanoUsd,
}

impl CallSum {
    pub(crate) fn add(&mut self, cost: NanoUsd) {
        self.calls += 1;
        self.cost = self.cost.saturating_add(cost);
    }
}

/// What an audit checked, and what it found.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AuditReport {
    /// Whose account.
    pub account: UserId,
    /// Where the history ends, computed here.
    pub head: ChainHead,
    /// What the cloud signed about that.
    pub receipt: Option<SignedReceipt>,
    /// Kept receipts that were compared with the history.
    pub receipts: u64,
    /// Calls of this account in this device's ledger.
    pub here: CallSum,
    /// Calls of this device in the cloud's history.
    pub there: CallSum,
    /// Calls of other devices in the cloud's history.
    pub others: CallSum,
    /// Calls of this device that are still open here.
    pub open: u64,
    /// Calls that an earlier version wrote down here and that are not of this account's history:
    /// they may be of another account.
    pub unattributed: CallSum,
    /// Calls that wait to be recorded.
    pub queued: u64,
    /// What differs.
    pub findings: Findings,
}

impl AuditReport {
    /// Whether nothing differs.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.findings.total() == 0
    }
}

impl BillingClient {
    /// Checks the cloud's ledger of this account against the receipts that were kept and against
    /// this device's ledger. To be done after a [`sync_with_cloud`](Self::sync_with_cloud).
    ///
    /// # Errors
    /// When the cloud cannot be reached, or the ledger refuses. What differs is no error: it is in
    /// the report.
    pub async fn audit(&self) -> Result<AuditReport, CloudError> {
        let device = self.tunnel.config().device_id;
        // Before the history is read: what is settled and signed now must be in it.
        let account = self.tunnel.config().account;
        let (mut books, mut receipts) = in_ledger(&self.ledger, move |ledger| {
            let kept = account
                .map(|account| ledger.receipts(account))
                .transpose()?;
            let receipts = ReceiptCheck::new(kept.unwrap_or_default());
            Ok((CallBooks::of_ledger(ledger, account)?, receipts))
        })
        .await?;
        let mut findings = Findings::default();
        let walked = self
            .walk::<CloudError>(|history, step| {
                receipts.reached(history, &mut findings);
                if let Some(step) = step {
                    let sequence = history.head().sequence;
                    if let Some(call) = CloudCall::of(step) {
                        books.note(&call, call.device == Some(device), &mut findings)?;
                    }
                    if !is_balanced(step) {
                        findings.push(Finding::Unbalanced { sequence });
                    }
                }
                Ok(())
            })
            .await?;
        let head = walked.history.head();
        let account = walked.history.account();
        if let Some(error) = &walked.unreadable {
            findings.push(Finding::Unreadable {
                sequence: head.sequence.saturating_add(1),
                problem: error.to_string(),
            });
        } else {
            check::end(walked.receipt.as_ref(), account, head, &mut findings);
        }
        let whole = walked.unreadable.is_none();
        let receipts = receipts.finish(head, whole, &mut findings);
        let user = account.user();
        let (alarms, queued) = in_ledger(&self.ledger, move |ledger| {
            Ok((ledger.alarms(user)?, ledger.queued_records()?))
        })
        .await?;
        for alarm in alarms {
            findings.push(Finding::Alarm(alarm));
        }
        let (compared, findings) = in_ledger(&self.ledger, move |ledger| {
            let compared = books.compare(ledger, whole, &mut findings)?;
            Ok::<_, LedgerError>((compared, findings))
        })
        .await?;
        Ok(AuditReport {
            account: user,
            head,
            receipt: walked.receipt,
            receipts,
            here: compared.here,
            there: compared.there,
            others: compared.others,
            open: compared.open,
            unattributed: compared.unattributed,
            queued,
            findings,
        })
    }
}

/// Whether an event's amounts fit together.
fn is_balanced(step: &HistoryStep) -> bool {
    let legs = step.event.legs();
    let sum: i128 = legs.iter().map(|leg| i128::from(leg.amount.get())).sum();
    let entry = match &step.event.what {
        Happened::Settled { entry, .. } | Happened::Recorded { entry, .. } => entry.is_balanced(),
        _ => true,
    };
    entry && sum == 0
}
