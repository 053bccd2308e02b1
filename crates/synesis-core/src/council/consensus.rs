//! How much the three think of an answer together.

use super::step::{CouncilConfig, Weights};
use crate::json::percent_from;
use crate::{Scores, Verdict};

/// The scores of an answer: Logos counts by the probability of its words where the engine knows
/// it, and by Ethos' confidence where it does not.
pub(super) fn scores(pathos: u8, probability: Option<u8>, verdict: &Verdict) -> Scores {
    let ethos = verdict.score();
    Scores {
        pathos: Some(pathos),
        logos: Some(probability.unwrap_or(ethos)),
        ethos: Some(ethos),
    }
}

/// A mean token probability in percent.
pub(super) fn percent(probability: Option<f32>) -> Option<u8> {
    percent_from(f64::from(probability?) * 100.0)
}

/// The weighted score in percent, rounded down, and whether it reaches the threshold.
pub(super) fn weigh(config: &CouncilConfig, scores: Scores) -> (u8, bool) {
    let Weights {
        pathos,
        logos,
        ethos,
    } = config.weights;
    let total = u32::from(pathos) + u32::from(logos) + u32::from(ethos);
    let part =
        |weight: u8, score: Option<u8>| u32::from(weight) * u32::from(score.unwrap_or(0).min(100));
    let sum = part(pathos, scores.pathos) + part(logos, scores.logos) + part(ethos, scores.ethos);
    let agreed = sum >= u32::from(config.threshold) * total && total > 0;
    let score = sum.checked_div(total).unwrap_or(0);
    (u8::try_from(score).unwrap_or(100), agreed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(pathos: u8, logos: u8, ethos: u8) -> Scores {
        Scores {
            pathos: Some(pathos),
            logos: Some(logos),
            ethos: Some(ethos),
        }
    }

    #[test]
    fn agreement_starts_exactly_at_the_threshold() {
        let config = CouncilConfig::default();
        assert_eq!(weigh(&config, of(95, 99, 97)), (97, true));
        assert_eq!(weigh(&config, of(85, 85, 85)), (85, true));
        assert_eq!(weigh(&config, of(84, 85, 85)), (84, false));
        assert_eq!(weigh(&config, of(100, 100, 5)), (62, false));
    }

    #[test]
    fn a_probability_that_is_none_is_unknown() {
        assert_eq!(percent(Some(0.987)), Some(99));
        assert_eq!(percent(Some(f32::NAN)), None);
        assert_eq!(percent(Some(-0.5)), None);
        assert_eq!(percent(None), None);
    }

    proptest! {
        #[test]
        fn the_score_lies_between_the_lowest_and_the_highest(p in 0u8..=100, l in 0u8..=100, e in 0u8..=100) {
            let (score, agreed) = weigh(&CouncilConfig::default(), of(p, l, e));
            prop_assert!(score >= p.min(l).min(e) && score <= p.max(l).max(e));
            prop_assert_eq!(agreed, score >= 85);
        }
    }
}
