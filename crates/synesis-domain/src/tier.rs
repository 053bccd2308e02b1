//! What a tier makes of a provider's cost.

use crate::money::{BasisPoints, NanoUsd};
use crate::price::{PriceRow, TokenUsage};

/// On which terms an account uses the cloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tier {
    /// Nothing is charged, and the month ends at the limit.
    Free {
        /// What may be used in a month, by the provider's prices.
        monthly_limit_cents: u32,
    },
    /// The operator pays the provider and adds a markup.
    Managed {
        /// Added to the provider's cost.
        markup: BasisPoints,
    },
    /// The user brings a key of their own. A call that the operator's key served is charged whole,
    /// with the fee on top.
    Byok {
        /// Added to the provider's cost.
        licensing: BasisPoints,
    },
}

/// Who pays the provider of a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Payer {
    /// The operator's key served it: provider's cost and fee are charged here.
    #[default]
    Operator,
    /// The user's own key served it: the provider bills the user, and here only the fee is charged.
    User,
}

impl Payer {
    /// What is to be paid here of a provider's cost and a fee.
    #[must_use]
    pub const fn due(self, provider: NanoUsd, fee: NanoUsd) -> NanoUsd {
        match self {
            Self::Operator => provider.saturating_add(fee),
            Self::User => fee,
        }
    }
}

/// One line of a bill: what the provider takes and what is added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// What the tokens cost at the provider.
    pub provider: NanoUsd,
    /// What the tier adds.
    pub fee: NanoUsd,
}

impl Line {
    /// Provider's cost and fee together.
    #[must_use]
    pub const fn total(self) -> NanoUsd {
        self.provider.saturating_add(self.fee)
    }

    /// What is to be paid here, where `payer` pays the provider.
    #[must_use]
    pub const fn due(self, payer: Payer) -> NanoUsd {
        payer.due(self.provider, self.fee)
    }
}

impl Tier {
    /// The usual tier: 3 % on the provider's cost.
    pub const MANAGED: Self = Self::Managed {
        markup: BasisPoints::new(300),
    };

    /// The tier's name, as balances show it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Free { .. } => "free",
            Self::Managed { .. } => "managed",
            Self::Byok { .. } => "byok",
        }
    }

    /// Whether its calls are given, not charged.
    #[must_use]
    pub const fn is_free(&self) -> bool {
        matches!(self, Self::Free { .. })
    }

    /// The line for a cost at the provider.
    #[must_use]
    pub fn line(&self, provider: NanoUsd) -> Line {
        let fee = match self {
            Self::Free { .. } => NanoUsd::ZERO,
            Self::Managed { markup: rate } | Self::Byok { licensing: rate } => rate.of(provider),
        };
        Line { provider, fee }
    }

    /// What is to be paid here for `prompt` and `completion` tokens: the fee, and the provider's part
    /// where the operator pays that.
    #[must_use]
    pub fn due(&self, price: &PriceRow, payer: Payer, prompt: u32, completion: u32) -> NanoUsd {
        self.line(price.cost(&TokenUsage::new(prompt, 0, completion)))
            .due(payer)
    }

    /// How many completion tokens can be paid out of `available` after the prompt is paid.
    ///
    /// `None` where not even the prompt fits. A caller that asked for more lowers its
    /// `max_tokens` to this number; it never shrinks the hold alone.
    #[must_use]
    pub fn completion_that_fits(
        &self,
        price: &PriceRow,
        payer: Payer,
        prompt: u32,
        available: NanoUsd,
    ) -> Option<u32> {
        if self.due(price, payer, prompt, 0) > available {
            return None;
        }
        // The total never falls as tokens are added: halve the range of what is still unknown.
        let (mut fits, mut unknown) = (0, u32::MAX);
        while fits < unknown {
            let middle = fits + (unknown - fits).div_ceil(2);
            if self.due(price, payer, prompt, middle) <= available {
                fits = middle;
            } else {
                unknown = middle - 1;
            }
        }
        Some(fits)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{ModelName, PicoUsdPerToken, Timestamp};

    fn price(prompt: u64, completion: u64) -> PriceRow {
        PriceRow {
            model: ModelName::new("m").unwrap(),
            version: 1,
            valid_from: Timestamp::default(),
            prompt: PicoUsdPerToken::new(prompt).unwrap(),
            cached_prompt: PicoUsdPerToken::new(prompt / 10).unwrap(),
            completion: PicoUsdPerToken::new(completion).unwrap(),
        }
    }

    #[test]
    fn each_tier_adds_its_own_fee() {
        let cost = NanoUsd::from_cents(10);
        let byok = Tier::Byok {
            licensing: BasisPoints::new(3000),
        };
        let free = Tier::Free {
            monthly_limit_cents: 100,
        };
        assert_eq!(Tier::MANAGED.line(cost).total(), NanoUsd::new(103_000_000));
        assert_eq!(byok.line(cost).total(), NanoUsd::new(130_000_000));
        assert_eq!(free.line(cost).total(), cost);
    }

    #[test]
    fn a_prompt_that_does_not_fit_leaves_no_answer() {
        let row = price(1_000_000, 1_000_000);
        let fits = |nano| {
            Tier::MANAGED.completion_that_fits(&row, Payer::Operator, 10, NanoUsd::new(nano))
        };
        assert_eq!(fits(10_299), None);
        assert_eq!(fits(10_300), Some(0));
        assert_eq!(fits(11_329), Some(0));
        assert_eq!(fits(11_330), Some(1));
        assert_eq!(
            Tier::MANAGED.completion_that_fits(&price(0, 0), Payer::Operator, 10, NanoUsd::ZERO),
            Some(u32::MAX)
        );
    }

    proptest! {
        #[test]
        fn what_fits_is_the_most_that_fits(
            input in 0_u64..20_000_000, output in 1_u64..100_000_000,
            prompt in 0_u32..100_000, available in 0_i64..1_000_000_000_000,
            payer in prop::sample::select(&[Payer::Operator, Payer::User][..]),
        ) {
            let (row, available) = (price(input, output), NanoUsd::new(available));
            match Tier::MANAGED.completion_that_fits(&row, payer, prompt, available) {
                None => prop_assert!(Tier::MANAGED.due(&row, payer, prompt, 0) > available),
                Some(n) => {
                    prop_assert!(Tier::MANAGED.due(&row, payer, prompt, n) <= available);
                    if n < u32::MAX {
                        prop_assert!(Tier::MANAGED.due(&row, payer, prompt, n + 1) > available);
                    }
                }
            }
        }
    }
}
