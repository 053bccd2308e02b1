//! What guests may spend on their host's account.

use alloc::collections::BTreeMap;

use super::Account;
use crate::id::InviteId;
use crate::money::NanoUsd;

/// A guest's share of the account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quota {
    /// What all calls together may come to.
    pub limit: NanoUsd,
    /// What settled calls came to.
    pub spent: NanoUsd,
    /// What is held for calls that run.
    pub held: NanoUsd,
}

impl Quota {
    /// What may still be held.
    #[must_use]
    pub fn room(&self) -> NanoUsd {
        self.limit
            .saturating_sub(self.spent)
            .saturating_sub(self.held)
            .max(NanoUsd::ZERO)
    }
}

/// All guests of an account.
pub(super) type Guests = BTreeMap<InviteId, Quota>;

impl Account {
    /// A guest's quota, where there is one.
    #[must_use]
    pub fn quota(&self, guest: &InviteId) -> Option<&Quota> {
        self.guests.get(guest)
    }

    pub(super) fn guest_held(&mut self, guest: Option<InviteId>, amount: NanoUsd) {
        if let Some(quota) = guest.and_then(|guest| self.guests.get_mut(&guest)) {
            quota.held = quota.held.saturating_add(amount);
        }
    }

    pub(super) fn guest_unheld(&mut self, guest: Option<InviteId>, amount: NanoUsd) {
        if let Some(quota) = guest.and_then(|guest| self.guests.get_mut(&guest)) {
            quota.held = quota.held.saturating_sub(amount);
        }
    }

    pub(super) fn guest_spent(&mut self, guest: Option<InviteId>, amount: NanoUsd) {
        if let Some(quota) = guest.and_then(|guest| self.guests.get_mut(&guest)) {
            quota.spent = quota.spent.saturating_add(amount);
        }
    }
}
