//! The books of the double entry.

use crate::money::NanoUsd;

/// A book. Debits are positive, credits negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Book {
    /// Money that came in, less what went back.
    Cash,
    /// What the user owes for calls.
    Receivable,
    /// What was given away: promotional credit, and the calls of a free tier.
    Promo,
    /// What the operator bears, because it lies beyond a ceiling.
    Absorbed,
    /// What the user owes for money that was taken back after it was spent.
    Debt,
    /// Credit that was not spent yet: owed to the user, so its balance is negative.
    Credit,
    /// What was earned, whoever bears it.
    Revenue,
    /// Credit that expired.
    Breakage,
}

impl Book {
    /// Every book.
    pub const ALL: [Self; 8] = [
        Self::Cash,
        Self::Receivable,
        Self::Promo,
        Self::Absorbed,
        Self::Debt,
        Self::Credit,
        Self::Revenue,
        Self::Breakage,
    ];

    /// The name in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cash => "cash",
            Self::Receivable => "receivable",
            Self::Promo => "promo",
            Self::Absorbed => "absorbed",
            Self::Debt => "debt",
            Self::Credit => "credit",
            Self::Revenue => "revenue",
            Self::Breakage => "breakage",
        }
    }
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
pub struct Books([NanoUsd; Book::ALL.len()]);

impl Books {
    /// Nothing posted.
    pub const EMPTY: Self = Self([NanoUsd::ZERO; Book::ALL.len()]);

    /// A book's balance.
    #[must_use]
    pub const fn balance(&self, book: Book) -> NanoUsd {
        self.0[book as usize]
    }

    /// Whether a leg can be posted without passing what can be counted.
    pub(super) fn can_post(&self, leg: Leg) -> bool {
        self.balance(leg.book).checked_add(leg.amount).is_some()
    }

    pub(super) const fn post(&mut self, leg: Leg) {
        self.0[leg.book as usize] = self.balance(leg.book).saturating_add(leg.amount);
    }
}
