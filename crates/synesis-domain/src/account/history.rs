//! A history read from outside: the chain is computed again and the account follows.

use alloc::collections::BTreeMap;

use super::{Account, AccountEvent, Happened, HeldCall};
use crate::canonical::DecodeError;
use crate::chain::ChainHead;
use crate::id::{RequestId, UserId};

/// An account that is rebuilt from the stored bytes of its events.
#[derive(Clone, Debug)]
pub struct History {
    account: Account,
    head: ChainHead,
    /// The calls whose end is still to come, and the last that ended.
    calls: BTreeMap<RequestId, HeldCall>,
}

/// One event with what it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryStep {
    /// The event.
    pub event: AccountEvent,
    /// The period that was open before it: what it is booked in.
    pub period: u32,
    /// The call that it ends by a charge.
    pub call: Option<HeldCall>,
}

impl History {
    /// Before the first event.
    #[must_use]
    pub const fn new(user: UserId) -> Self {
        Self {
            account: Account::new(user),
            head: ChainHead::EMPTY,
            calls: BTreeMap::new(),
        }
    }

    /// Takes the next event.
    ///
    /// # Errors
    /// When the bytes are no event; nothing has changed then.
    pub fn push(&mut self, stored: &[u8]) -> Result<HistoryStep, DecodeError> {
        let event = AccountEvent::decode(stored)?;
        let call = match &event.what {
            Happened::Held { request, call, .. } => {
                self.calls.insert(*request, call.clone());
                None
            }
            Happened::Settled { request, .. } => self.calls.remove(request),
            Happened::Recorded { call, .. } => Some(call.clone()),
            Happened::Released { request } => {
                self.calls.remove(request);
                None
            }
            _ => None,
        };
        let period = self.account.period().number;
        self.account.apply(&event);
        self.head = self.head.after(stored);
        Ok(HistoryStep {
            event,
            period: period.max(1),
            call,
        })
    }

    /// The account as it stands.
    #[must_use]
    pub const fn account(&self) -> &Account {
        &self.account
    }

    /// The head of the chain so far.
    #[must_use]
    pub const fn head(&self) -> ChainHead {
        self.head
    }
}
