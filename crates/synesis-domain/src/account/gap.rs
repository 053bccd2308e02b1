//! What a comparison of the books with somebody else's found.

use alloc::collections::BTreeMap;

use super::{Account, Happened};

/// What was compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gap {
    /// The cents that Stripe confirmed, and those in its sums.
    Usage,
    /// The cents that were credited, and those that Stripe says were paid.
    Payments,
}

impl Gap {
    /// The name in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Usage => "usage",
            Self::Payments => "payments",
        }
    }
}

/// Both sides of the last comparison that differed from the one before.
pub(super) type Gaps = BTreeMap<Gap, (u64, u64)>;

impl Account {
    /// The gaps that are open: what was compared, our cents, theirs.
    pub fn gaps(&self) -> impl Iterator<Item = (Gap, u64, u64)> {
        let open = self
            .gaps
            .iter()
            .filter(|(_, (ours, theirs))| ours != theirs);
        open.map(|(gap, (ours, theirs))| (*gap, *ours, *theirs))
    }

    /// Nothing where there is no gap and was none, or it is the one that is known.
    pub(super) fn decide_gap(&self, gap: Gap, ours: u64, theirs: u64) -> Option<Happened> {
        let known = match self.gaps.get(&gap) {
            None => ours == theirs,
            Some(known) if known.0 == known.1 => ours == theirs,
            Some(known) => *known == (ours, theirs),
        };
        (!known).then_some(Happened::Compared { gap, ours, theirs })
    }
}
