//! The statement of a month, made on this device from the account's history.

use synesis_domain::Timestamp;
use synesis_domain::account::{Happened, Statement};

use crate::billing::BillingClient;
use crate::error::CloudError;
use crate::receipt::SignedReceipt;

/// Statements and what stands for them.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SignedStatements {
    /// One for each period of the month: more than one where a period was closed early.
    pub statements: Vec<Statement>,
    /// What the cloud signed about the history that they were made from.
    pub receipt: Option<SignedReceipt>,
    /// Whether that fits the history, to its last event.
    pub fits: bool,
}

impl BillingClient {
    /// The statements of the periods that began in the month of that moment, or that of the open
    /// period. Nothing of it is the cloud's arithmetic: the history is read and added up here.
    ///
    /// # Errors
    /// When the cloud cannot be reached, or sends what is no history.
    pub async fn statements(
        &self,
        month: Option<Timestamp>,
    ) -> Result<SignedStatements, CloudError> {
        let wanted = month.map(Timestamp::month_start);
        let mut kept: Vec<Statement> = Vec::new();
        let mut open: Option<Statement> = None;
        let walked = self
            .walk::<CloudError>(|history, step| {
                let account = history.account().user();
                let current = open.get_or_insert_with(|| Statement::new(account, 1));
                let Some(step) = step else { return Ok(()) };
                current.add(step, history.head());
                if matches!(step.event.what, Happened::PeriodClosed { .. }) {
                    let mut next = Statement::new(account, step.period.saturating_add(1));
                    next.add(step, history.head());
                    let ended = std::mem::replace(current, next);
                    if wanted == Some(ended.from.month_start()) {
                        kept.push(ended);
                    }
                }
                Ok(())
            })
            .await?;
        if walked.unreadable.is_some() {
            return Err(CloudError::Protocol("an event of the history is none"));
        }
        if let Some(open) = open {
            let opened = walked.history.account().terms().is_some();
            if opened && wanted.is_none_or(|month| month == open.from.month_start()) {
                kept.push(open);
            }
        }
        let head = walked.history.head();
        for statement in &mut kept {
            statement.head = head;
        }
        let fits = walked.receipt.is_some_and(|signed| {
            signed.is_genuine() && signed.receipt.matches(walked.history.account(), head)
        });
        Ok(SignedStatements {
            statements: kept,
            receipt: walked.receipt,
            fits,
        })
    }
}
