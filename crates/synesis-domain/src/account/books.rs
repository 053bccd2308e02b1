//! The books of the double entry.

use crate::money::NanoUsd;

/// A book. Debits are positive, credits negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Book {
    /// What the user owes.
    Receivable,
    /// What was earned, whoever bears it.
    Revenue,
    /// What the operator bears, because it lies beyond a ceiling.
    Absorbed,
}

/// One side of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leg {
    /// The book it is posted to.
    pub book: Book,
    /// What the book gains, or loses where it is negative.
    pub amount: NanoUsd,
}

/// The balances of all books.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Books {
    receivable: NanoUsd,
    revenue: NanoUsd,
    absorbed: NanoUsd,
}

impl Books {
    /// Nothing posted.
    pub const EMPTY: Self = Self {
        receivable: NanoUsd::ZERO,
        revenue: NanoUsd::ZERO,
        absorbed: NanoUsd::ZERO,
    };

    /// A book's balance.
    #[must_use]
    pub const fn balance(&self, book: Book) -> NanoUsd {
        match book {
            Book::Receivable => self.receivable,
            Book::Revenue => self.revenue,
            Book::Absorbed => self.absorbed,
        }
    }

    /// Whether a leg can be posted without passing what can be counted.
    pub(super) fn can_post(&self, leg: Leg) -> bool {
        self.balance(leg.book).checked_add(leg.amount).is_some()
    }

    pub(super) fn post(&mut self, leg: Leg) {
        let balance = match leg.book {
            Book::Receivable => &mut self.receivable,
            Book::Revenue => &mut self.revenue,
            Book::Absorbed => &mut self.absorbed,
        };
        *balance = balance.saturating_add(leg.amount);
    }
}
