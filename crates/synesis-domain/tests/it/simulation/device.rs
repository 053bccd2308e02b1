//! The device: what it wants is on its disk before it is sent, and is sent until it is answered.

use std::collections::BTreeMap;

use synesis_domain::account::HeldCall;
use synesis_domain::{Digest, NanoUsd, Payer, RequestId, TokenUsage};

use super::USERS;
use super::network::{Answer, Message, Network, Rng};
use crate::table::call;

const RETRY_MS: i64 = 5000;

/// Something on the device's disk that the server has not answered.
struct Open {
    message: Message,
    sent_at: Option<i64>,
}

#[derive(Default)]
pub(super) struct Device {
    made: u64,
    open: BTreeMap<RequestId, Open>,
    known: Vec<BTreeMap<RequestId, NanoUsd>>,
}

impl Device {
    pub(super) fn act(&mut self, rng: &mut Rng, network: &mut Network, now: i64) {
        self.known.resize(USERS, BTreeMap::new());
        if rng.below(40) == 0 {
            // A crash: what was sent is not remembered, what is wanted is.
            self.open.values_mut().for_each(|open| open.sent_at = None);
        }
        if rng.below(3) != 0 || self.open.len() > 20 {
            return;
        }
        self.made += 1;
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.made.to_be_bytes());
        let request = RequestId::from_bytes(bytes);
        let user = rng.index(USERS);
        let call = HeldCall {
            content: Digest::of_parts([bytes.as_slice()]),
            payer: if rng.below(4) == 0 {
                Payer::User
            } else {
                Payer::Operator
            },
            ..call("")
        };
        let message = if rng.below(2) == 0 {
            Message::Ask {
                user,
                request,
                call,
            }
        } else {
            let tokens = u32::try_from(rng.below(100)).unwrap();
            Message::Record {
                user,
                request,
                call,
                usage: TokenUsage::new(tokens, 0, tokens),
                cost: rng.nano(60_000_000),
            }
        };
        let open = Open {
            message,
            sent_at: None,
        };
        self.open.insert(request, open);
        self.retry(network, now);
    }

    pub(super) fn retry(&mut self, network: &mut Network, now: i64) {
        for open in self.open.values_mut() {
            if open.sent_at.is_none_or(|at| now - at >= RETRY_MS) {
                open.sent_at = Some(now);
                network.send(open.message.clone());
            }
        }
    }

    pub(super) fn answered(&mut self, message: &Message) {
        let Message::Answer {
            user,
            request,
            answer,
        } = message
        else {
            return;
        };
        if let Answer::Charged(charge) = answer {
            let before = self.known[*user].insert(*request, *charge);
            assert!(
                before.is_none_or(|before| before == *charge),
                "another charge"
            );
        }
        if *answer != Answer::Refused {
            self.open.remove(request);
        }
    }

    /// What the device was told is what was charged.
    pub(super) fn compare(&self, user: usize, charges: &BTreeMap<RequestId, NanoUsd>) {
        for (request, charge) in self.known.get(user).into_iter().flatten() {
            assert_eq!(charges.get(request), Some(charge), "{request}");
        }
    }

    /// Everything that was charged was told, once nothing is on its way any more.
    pub(super) fn all_known(&self, user: usize, charges: &BTreeMap<RequestId, NanoUsd>) {
        for (request, charge) in charges {
            let known = self.known[user].get(request) == Some(charge);
            assert!(known, "never told of {request}");
        }
    }

    /// What the server has not answered for good.
    pub(super) fn open_count(&self) -> usize {
        self.open.len()
    }

    /// What is refused for want of money to the very end is never charged.
    pub(super) fn give_up(&mut self) {
        self.open.clear();
    }
}
