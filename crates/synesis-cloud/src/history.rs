//! The account's history, page by page: every event goes through the chain again.

use bytes::Bytes;
use synesis_domain::account::{History, HistoryStep};
use synesis_domain::{DecodeError, UserId};
use synesis_wire::proto::{HistoryRequest, answer, call};

use crate::billing::BillingClient;
use crate::error::CloudError;
use crate::receipt::SignedReceipt;

/// The next events of an account's history.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct HistoryPage {
    /// The canonical bytes of the events, in order.
    pub events: Vec<Bytes>,
    /// Whether there are more.
    pub more: bool,
    /// Where the history ends now, where the cloud signed that.
    pub receipt: Option<SignedReceipt>,
}

/// A history that was read to its end, or as far as it can be read.
#[derive(Debug)]
pub(crate) struct Walked {
    /// What the events make of the account.
    pub(crate) history: History,
    /// The last receipt that came with them.
    pub(crate) receipt: Option<SignedReceipt>,
    /// The event that cannot be read, where one cannot.
    pub(crate) unreadable: Option<DecodeError>,
}

impl BillingClient {
    /// The events of the account's history after so many; as many as fit into one answer.
    ///
    /// # Errors
    /// When the cloud cannot be reached or refuses.
    pub async fn history(&self, after: u64) -> Result<HistoryPage, CloudError> {
        let asked = call::Body::History(HistoryRequest { after });
        let answer::Body::History(page) = self.ask(asked).await? else {
            return Err(CloudError::Protocol(
                "the history was asked for, something else came",
            ));
        };
        let receipt = page.receipt.as_ref().and_then(SignedReceipt::read);
        self.keep(page.receipt).await;
        if page.more && page.events.is_empty() {
            return Err(CloudError::Protocol(
                "it says that there are more events and sends none",
            ));
        }
        Ok(HistoryPage {
            events: page.events,
            more: page.more,
            receipt,
        })
    }

    /// Reads the whole history. `visit` sees each event with the history after it; before the
    /// first event it sees the empty history. Holds one page at a time.
    pub(crate) async fn walk<E: From<CloudError>>(
        &self,
        mut visit: impl FnMut(&History, Option<&HistoryStep>) -> Result<(), E>,
    ) -> Result<Walked, E> {
        let mut page = self.history(0).await?;
        let account = self.account_of(&page)?;
        let mut walked = Walked {
            history: History::new(account),
            receipt: None,
            unreadable: None,
        };
        visit(&walked.history, None)?;
        loop {
            for stored in &page.events {
                match walked.history.push(stored) {
                    Ok(step) => visit(&walked.history, Some(&step))?,
                    Err(error) => {
                        walked.unreadable = Some(error);
                        return Ok(walked);
                    }
                }
            }
            walked.receipt = page.receipt;
            if !page.more {
                return Ok(walked);
            }
            page = self.history(walked.history.head().sequence).await?;
        }
    }

    /// Whose history it is: this device's, or where its identity does not say, that of the receipt.
    fn account_of(&self, page: &HistoryPage) -> Result<UserId, CloudError> {
        let told = page.receipt.map(|signed| signed.receipt.account);
        self.tunnel
            .config()
            .account
            .or(told)
            .ok_or(CloudError::Protocol(
                "the history came without a receipt that can be read",
            ))
    }
}
