//! Stripe: payments that happen once and are told at least once, and a meter that counts an
//! identifier once.

use std::collections::BTreeMap;

use synesis_domain::{ExternalId, NanoUsd};

use super::USERS;
use super::network::{Message, Network, Payment, Rng};

struct Paid {
    user: usize,
    id: ExternalId,
    amount: NanoUsd,
    refunded: NanoUsd,
    disputed: Option<(ExternalId, NanoUsd, bool)>,
}

#[derive(Default)]
pub(super) struct Stripe {
    payments: Vec<Paid>,
    webhooks: Vec<Message>,
    acknowledged: usize,
    meter: BTreeMap<String, (usize, u64)>,
}

impl Stripe {
    pub(super) fn act(&mut self, rng: &mut Rng, network: &mut Network) {
        match rng.below(60) {
            0..3 => {
                let number = self.payments.len();
                let paid = Paid {
                    user: rng.index(USERS),
                    id: ExternalId::new(format!("cs_{number}")).unwrap(),
                    amount: NanoUsd::from_cents(u32::try_from(1 + rng.below(20)).unwrap()),
                    refunded: NanoUsd::ZERO,
                    disputed: None,
                };
                let what = Payment::Succeeded(paid.amount);
                self.tell(paid.user, &paid.id.clone(), what);
                self.payments.push(paid);
            }
            3 if !self.payments.is_empty() => self.give_back(rng),
            4 if !self.payments.is_empty() => self.dispute(rng),
            _ => {}
        }
        if let Some(message) = self.webhooks.last()
            && rng.below(3) == 0
        {
            network.send(message.clone());
        }
    }

    fn tell(&mut self, user: usize, payment: &ExternalId, what: Payment) {
        let event = self.webhooks.len() as u64;
        self.webhooks.push(Message::Paid {
            user,
            payment: payment.clone(),
            what,
            event,
        });
    }

    fn give_back(&mut self, rng: &mut Rng) {
        let at = rng.index(self.payments.len());
        let paid = &mut self.payments[at];
        if paid.disputed.is_some() {
            return;
        }
        let more = rng.nano(u64::try_from(paid.amount.get()).unwrap());
        paid.refunded = paid.refunded.saturating_add(more).min(paid.amount);
        let (user, id, total) = (paid.user, paid.id.clone(), paid.refunded);
        self.tell(user, &id, Payment::Refunded(total));
    }

    fn dispute(&mut self, rng: &mut Rng) {
        let at = rng.index(self.payments.len());
        let paid = &mut self.payments[at];
        let (user, id) = (paid.user, paid.id.clone());
        let what = match &mut paid.disputed {
            None => {
                let amount = paid.amount.saturating_sub(paid.refunded);
                let name = ExternalId::new(format!("dp_{at}")).unwrap();
                paid.disputed = Some((name.clone(), amount, true));
                Payment::Withdrawn(name, amount)
            }
            Some((name, _, is_away)) => {
                *is_away = false;
                Payment::Reinstated(name.clone())
            }
        };
        self.tell(user, &id, what);
    }

    /// What was not acknowledged is told again, in no particular order.
    pub(super) fn deliver_again(&mut self, network: &mut Network) {
        for message in self.webhooks.iter().skip(self.acknowledged).take(4) {
            network.send(message.clone());
        }
        self.acknowledged = match self.webhooks.len() {
            0 => 0,
            len => (self.acknowledged + 4) % (len + 4),
        };
        if self.acknowledged >= self.webhooks.len() {
            self.acknowledged = 0;
        }
    }

    pub(super) fn meter(&mut self, message: Message, fails: bool, network: &mut Network) {
        let Message::Meter {
            user,
            identifier,
            number,
            cents,
        } = message
        else {
            return;
        };
        // A 500 may come before or after the event was counted.
        if !fails || identifier.len().is_multiple_of(2) {
            let known = self.meter.entry(identifier).or_insert((user, cents));
            assert_eq!(*known, (user, cents), "one identifier, two amounts");
        }
        let done = !fails;
        network.send(Message::Metered { user, number, done });
    }

    pub(super) fn metered_cents(&self, user: usize) -> u64 {
        let own = self.meter.values().filter(|(by, _)| *by == user);
        own.map(|(_, cents)| cents).sum()
    }

    /// What is left of all payments of a user.
    pub(super) fn cash(&self, user: usize) -> NanoUsd {
        let own = self.payments.iter().filter(|paid| paid.user == user);
        own.fold(NanoUsd::ZERO, |sum, paid| {
            let away = match &paid.disputed {
                Some((_, amount, true)) => *amount,
                _ => NanoUsd::ZERO,
            };
            sum.saturating_add(paid.amount)
                .saturating_sub(paid.refunded)
                .saturating_sub(away)
        })
    }
}
