//! From a model's weights for every token to the one that is taken.

use std::collections::VecDeque;
use std::hash::{BuildHasher, Hasher, RandomState};

use toktrie::SimpleVob;

use crate::engine::Sampling;
use crate::limits::REPEAT_WINDOW_TOKENS;

/// The token that was taken.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Choice {
    pub(crate) token: u32,
    /// What the model gave it among the allowed tokens, before temperature and penalty.
    pub(crate) probability: f32,
    /// There was no other.
    pub(crate) forced: bool,
}

/// Chooses the tokens of one answer.
pub(crate) struct Sampler {
    sampling: Sampling,
    random: SplitMix,
    recent: VecDeque<u32>,
}

impl Sampler {
    pub(crate) fn new(sampling: Sampling) -> Self {
        let seed = sampling
            .seed
            .unwrap_or_else(|| RandomState::new().build_hasher().finish());
        Self {
            sampling,
            random: SplitMix(seed),
            recent: VecDeque::new(),
        }
    }

    /// Takes one of the allowed tokens; `None` when the weights are no numbers or nothing is allowed.
    pub(crate) fn choose(&mut self, logits: &[f32], allowed: Option<&SimpleVob>) -> Option<Choice> {
        let mut candidates: Vec<(u32, f32)> = (0_u32..)
            .zip(logits.iter().copied())
            .filter(|&(id, weight)| {
                weight.is_finite() && allowed.is_none_or(|set| set.is_allowed(id))
            })
            .collect();
        let forced = candidates.len() == 1;
        let best = candidates
            .iter()
            .map(|&(_, weight)| weight)
            .fold(f32::NEG_INFINITY, f32::max);
        let total: f64 = candidates
            .iter()
            .map(|&(_, weight)| f64::from(weight - best).exp())
            .sum();
        self.penalise(&mut candidates);
        let token = if self.sampling.temperature <= 0.0 {
            first_of_the_best(&candidates)?
        } else {
            self.draw(candidates)?
        };
        self.remember(token);
        let weight = logits.get(token as usize).copied()?;
        Some(Choice {
            token,
            probability: narrow(f64::from(weight - best).exp() / total),
            forced,
        })
    }

    /// Notes a token that was taken without choosing.
    pub(crate) fn remember(&mut self, token: u32) {
        if self.recent.len() == REPEAT_WINDOW_TOKENS {
            self.recent.pop_front();
        }
        self.recent.push_back(token);
    }

    fn penalise(&self, candidates: &mut [(u32, f32)]) {
        let penalty = self.sampling.repeat_penalty;
        if penalty == 1.0 || penalty <= 0.0 {
            return;
        }
        for (id, weight) in candidates {
            if self.recent.contains(id) {
                *weight = if *weight > 0.0 {
                    *weight / penalty
                } else {
                    *weight * penalty
                };
            }
        }
    }

    fn draw(&mut self, mut candidates: Vec<(u32, f32)>) -> Option<u32> {
        candidates.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        if self.sampling.top_k > 0 {
            candidates.truncate(self.sampling.top_k as usize);
        }
        let best = candidates.first()?.1;
        let temperature = f64::from(self.sampling.temperature);
        let mut weights: Vec<f64> = candidates
            .iter()
            .map(|&(_, w)| (f64::from(w - best) / temperature).exp())
            .collect();
        let floor = f64::from(self.sampling.min_p);
        let likely = weights.iter().take_while(|&&w| w >= floor).count().max(1);
        weights.truncate(likely);
        weights.truncate(nucleus(&weights, f64::from(self.sampling.top_p)));
        let mut left = self.random.unit() * weights.iter().sum::<f64>();
        for (&(id, _), weight) in candidates.iter().zip(&weights) {
            left -= weight;
            if left < 0.0 {
                return Some(id);
            }
        }
        candidates.get(weights.len() - 1).map(|&(id, _)| id)
    }
}

/// How many of the best together reach the share.
fn nucleus(weights: &[f64], share: f64) -> usize {
    if share >= 1.0 {
        return weights.len();
    }
    let goal = share.max(0.0) * weights.iter().sum::<f64>();
    let mut sum = 0.0;
    let below = weights.iter().take_while(|&&weight| {
        sum += weight;
        sum < goal
    });
    (below.count() + 1).min(weights.len())
}

fn first_of_the_best(candidates: &[(u32, f32)]) -> Option<u32> {
    let mut best: Option<(u32, f32)> = None;
    for &(id, weight) in candidates {
        if best.is_none_or(|(_, top)| weight > top) {
            best = Some((id, weight));
        }
    }
    best.map(|(id, _)| id)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a probability needs no double precision"
)]
fn narrow(x: f64) -> f32 {
    x as f32
}

/// Steele and others' SplitMix64: enough to draw tokens, and the same on every machine.
struct SplitMix(u64);

impl SplitMix {
    /// At least zero, less than one.
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit a double exactly")]
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sampled(change: impl FnOnce(&mut Sampling)) -> Sampler {
        let mut sampling = Sampling {
            temperature: 1.0,
            top_k: 0,
            top_p: 1.0,
            min_p: 0.0,
            seed: Some(7),
            ..Sampling::default()
        };
        change(&mut sampling);
        Sampler::new(sampling)
    }

    fn counts(sampler: &mut Sampler, logits: &[f32]) -> Vec<usize> {
        let mut counts = vec![0; logits.len()];
        for _ in 0..4_000 {
            counts[sampler.choose(logits, None).unwrap().token as usize] += 1;
        }
        counts
    }

    #[test]
    fn greedy_takes_the_best_and_the_first_of_equals() {
        let mut sampler = Sampler::new(Sampling::default());
        assert_eq!(
            sampler.choose(&[0.0, 3.0, 3.0, 1.0], None).unwrap().token,
            1
        );
    }

    #[test]
    fn drawn_shares_are_the_models_probabilities() {
        let counts = counts(
            &mut sampled(|_| {}),
            &[0.0, f32::ln(3.0), f32::NEG_INFINITY],
        );
        assert!((2_850..3_150).contains(&counts[1]), "{counts:?}");
        assert_eq!(counts[2], 0);
    }

    #[test]
    fn each_filter_leaves_out_the_unlikely() {
        let logits = [4.0, 3.5, 0.0, -2.0];
        for change in [
            (|s: &mut Sampling| s.top_k = 2) as fn(&mut Sampling),
            |s| s.top_p = 0.9,
            |s| s.min_p = 0.1,
        ] {
            let counts = counts(&mut sampled(change), &logits);
            assert!(counts[0] > 0 && counts[1] > 0, "{counts:?}");
            assert_eq!(&counts[2..], [0, 0]);
        }
    }

    #[test]
    fn the_same_seed_draws_the_same_tokens() {
        let logits = [1.0, 1.1, 0.9, 1.2];
        let draw = || {
            let mut sampler = sampled(|_| {});
            (0..50)
                .map(|_| sampler.choose(&logits, None).unwrap().token)
                .collect::<Vec<_>>()
        };
        assert_eq!(draw(), draw());
    }

    #[test]
    fn a_repeated_token_loses_weight() {
        let mut sampler = Sampler::new(Sampling {
            repeat_penalty: 2.0,
            ..Sampling::default()
        });
        assert_eq!(sampler.choose(&[1.0, 1.5], None).unwrap().token, 1);
        assert_eq!(sampler.choose(&[1.0, 1.5], None).unwrap().token, 0);
    }

    #[test]
    fn probability_is_among_the_allowed_only() {
        let mut set = SimpleVob::alloc(3);
        set.allow_token(0);
        set.allow_token(1);
        let choice = Sampler::new(Sampling::default())
            .choose(&[1.0, 1.0, 9.0], Some(&set))
            .unwrap();
        assert_eq!((choice.token, choice.forced), (0, false));
        assert!((choice.probability - 0.5).abs() < 1e-6);
    }

    #[test]
    fn weights_that_are_no_numbers_choose_nothing() {
        assert_eq!(
            Sampler::new(Sampling::default()).choose(&[f32::NAN, f32::NAN], None),
            None
        );
    }
}
