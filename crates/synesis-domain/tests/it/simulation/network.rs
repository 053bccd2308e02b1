//! Messages that get lost, doubled, delayed and reordered.

use synesis_domain::account::HeldCall;
use synesis_domain::{ExternalId, NanoUsd, RequestId, TokenUsage};

/// SplitMix64.
pub(super) struct Rng(u64);

impl Rng {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x1234_5678_9abc_def1)
    }

    pub(super) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(super) const fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    pub(super) fn index(&mut self, len: usize) -> usize {
        usize::try_from(self.below(len as u64)).unwrap()
    }

    pub(super) fn nano(&mut self, end: u64) -> NanoUsd {
        NanoUsd::new(i64::try_from(self.below(end)).unwrap())
    }
}

/// What Stripe tells about a payment.
#[derive(Clone, Debug)]
pub(super) enum Payment {
    Succeeded(NanoUsd),
    Refunded(NanoUsd),
    Withdrawn(ExternalId, NanoUsd),
    Reinstated(ExternalId),
}

/// What the server tells the device about a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Charged(NanoUsd),
    Nothing,
    /// For now: the device tries again.
    Refused,
}

#[derive(Clone, Debug)]
pub(super) enum Message {
    /// The device asks the cloud's model.
    Ask {
        user: usize,
        request: RequestId,
        call: HeldCall,
    },
    /// The device tells what it used by itself.
    Record {
        user: usize,
        request: RequestId,
        call: HeldCall,
        usage: TokenUsage,
        cost: NanoUsd,
    },
    Answer {
        user: usize,
        request: RequestId,
        answer: Answer,
    },
    /// Stripe's webhook.
    Paid {
        user: usize,
        payment: ExternalId,
        what: Payment,
        event: u64,
    },
    /// The server's meter event.
    Meter {
        user: usize,
        identifier: String,
        number: u32,
        cents: u64,
    },
    /// Stripe's answer to it.
    Metered {
        user: usize,
        number: u32,
        done: bool,
    },
}

pub(super) struct Network {
    sent: Vec<Message>,
    flying: Vec<(u64, Message)>,
}

impl Network {
    pub(super) const fn new() -> Self {
        Self {
            sent: Vec::new(),
            flying: Vec::new(),
        }
    }

    pub(super) fn send(&mut self, message: Message) {
        self.sent.push(message);
    }

    /// What arrives in this step.
    pub(super) fn arrived(&mut self, rng: &mut Rng, is_faulty: bool) -> Vec<Message> {
        for message in std::mem::take(&mut self.sent) {
            let fate = if is_faulty { rng.below(10) } else { 9 };
            if fate == 0 {
                continue;
            }
            let delay = |rng: &mut Rng| if is_faulty { rng.below(8) } else { 0 };
            if fate == 1 {
                self.flying.push((delay(rng), message.clone()));
            }
            self.flying.push((delay(rng), message));
        }
        let (now, later): (Vec<_>, Vec<_>) = std::mem::take(&mut self.flying)
            .into_iter()
            .partition(|(delay, _)| *delay == 0);
        self.flying = later
            .into_iter()
            .map(|(delay, message)| (delay - 1, message))
            .collect();
        let mut arrived: Vec<Message> = now.into_iter().map(|(_, message)| message).collect();
        if is_faulty && arrived.len() > 1 {
            let at = rng.index(arrived.len());
            arrived.swap(0, at);
        }
        arrived
    }
}
