//! What an outsider makes of an account's events, held against the account.

use std::collections::BTreeMap;

use synesis_domain::account::{Book, Entry, Happened, sum_of};
use synesis_domain::{Account, AccountEvent, NanoUsd, RequestId};

/// What an outsider makes of the events alone.
#[derive(Default)]
pub(crate) struct Observer {
    holds: BTreeMap<RequestId, i64>,
    expired: BTreeMap<RequestId, bool>,
    books: BTreeMap<Book, i64>,
    earned: i64,
    receivable: i64,
    cash: i64,
    queued_cents: u64,
    /// What was charged in the open period.
    period: i64,
    /// The bills of all closed periods.
    pub(crate) billed_cents: u64,
    /// What each request was charged: once.
    pub(crate) charges: BTreeMap<RequestId, NanoUsd>,
}

impl Observer {
    pub(crate) fn watch(&mut self, event: &AccountEvent) {
        let legs = event.legs();
        let sum: i64 = legs.iter().map(|leg| leg.amount.get()).sum();
        assert_eq!(sum, 0, "{event:?}");
        for leg in legs {
            *self.books.entry(leg.book).or_default() += leg.amount.get();
        }
        match &event.what {
            Happened::Held {
                request, amount, ..
            } => {
                let before = self.holds.insert(*request, amount.get());
                assert_eq!(before, None, "held twice");
                self.expired.remove(request);
            }
            Happened::Extended { request, added, .. } => {
                *self
                    .holds
                    .get_mut(request)
                    .expect("extended without a hold") += added.get();
            }
            Happened::Settled { request, entry, .. } => {
                let open = self.holds.remove(request).is_some();
                let late = self.expired.remove(request).is_some();
                assert!(open != late, "a hold ends once");
                self.charge(*request, entry);
            }
            Happened::Recorded { request, entry, .. } => {
                assert_eq!(entry.absorbed, NanoUsd::ZERO, "charged whole or not at all");
                self.charge(*request, entry);
            }
            Happened::Released { request } => {
                assert!(self.holds.remove(request).is_some(), "a hold ends once");
            }
            Happened::Expired { request } => {
                assert!(self.holds.remove(request).is_some(), "a hold ends once");
                self.expired.insert(*request, true);
            }
            Happened::ToppedUp { amount, .. } | Happened::FundsReinstated { amount, .. } => {
                self.cash += amount.get();
            }
            Happened::Refunded { amount, .. } | Happened::FundsWithdrawn { amount, .. } => {
                self.cash -= amount.get();
            }
            Happened::FlushQueued { cents, .. } => self.queued_cents += cents,
            Happened::PeriodClosed { bill_cents, .. } => {
                let bill = NanoUsd::new(std::mem::take(&mut self.period)).ceil_cents();
                assert_eq!(*bill_cents, bill.cast_unsigned(), "one rounding of the sum");
                self.billed_cents += bill_cents;
            }
            _ => {}
        }
    }

    fn charge(&mut self, request: RequestId, entry: &Entry) {
        let before = self.charges.insert(request, entry.charged);
        assert_eq!(before, None, "charged twice");
        self.period += entry.charged.get();
        assert!(entry.is_balanced(), "{entry:?}");
        self.earned += entry.due().get();
        self.receivable += entry.charged.get();
    }

    /// Holds the account against what was watched, right after it took in this event.
    pub(crate) fn compare(&self, event: &AccountEvent, account: &Account) {
        if let Happened::Settled { entry, .. } | Happened::Recorded { entry, .. } = &event.what {
            let free = account.credit().saturating_sub(account.pinned_credit());
            let charged = entry.charged > NanoUsd::ZERO;
            assert!(!charged || free == NanoUsd::ZERO, "charged beside credit");
        }
        for book in Book::ALL {
            let noted = self.books.get(&book).copied().unwrap_or(0);
            assert_eq!(account.books().balance(book).get(), noted, "{book:?}");
        }
        let balance = |book| account.books().balance(book).get();
        assert_eq!(balance(Book::Revenue), -self.earned);
        assert_eq!(balance(Book::Receivable), self.receivable);
        assert_eq!(balance(Book::Cash), self.cash);
        assert_eq!(balance(Book::Credit), -account.credit().get());
        assert!(account.debt() >= NanoUsd::ZERO);
        let held: i64 = self.holds.values().sum();
        assert_eq!(account.held().get(), held);
        let mut left = 0;
        for (number, grant) in account.grants() {
            let in_order = NanoUsd::ZERO <= grant.pinned
                && grant.pinned <= grant.left
                && grant.left <= grant.granted;
            assert!(in_order, "{number:?} {grant:?}");
            left += grant.left.get();
        }
        assert_eq!(left, account.credit().get());
        let pinned: i64 = account
            .holds()
            .map(|(_, hold)| sum_of(&hold.pins).get())
            .sum();
        assert_eq!(pinned, account.pinned_credit().get());
        let ceiling = account.terms().map_or(NanoUsd::ZERO, |terms| terms.ceiling);
        let owed = account
            .period()
            .charged
            .saturating_add(account.held_beyond_credit());
        assert!(owed <= ceiling, "past the ceiling");
        assert!(account.period().waived <= ceiling, "given past the ceiling");
        let flushed = NanoUsd::from_whole_cents(account.period().flushed_cents);
        assert!(
            flushed <= account.period().charged,
            "billed before it was charged"
        );
        assert_eq!(account.queued_cents(), self.queued_cents);
        assert!(account.sent_cents() <= account.queued_cents());
    }
}
