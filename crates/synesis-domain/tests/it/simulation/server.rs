//! The server: decide, write, apply, answer, and a crash between any two of them.

use std::collections::{BTreeMap, BTreeSet};

use synesis_domain::account::{RequestState, flush_identifier};
use synesis_domain::limits::HOLD_TTL_MS;
use synesis_domain::{
    Account, AccountCommand, AccountEvent, BasisPoints, ChainHead, ExternalId, NanoUsd, Refusal,
    RequestId, Tier, Timestamp, TokenUsage,
};

use super::network::{Answer, Message, Network, Payment, Rng};
use super::{USERS, user};
use crate::observer::Observer;

/// What survives a crash.
#[derive(Default)]
struct Disk {
    log: Vec<Vec<u8>>,
    head: Option<ChainHead>,
    settled: BTreeMap<RequestId, NanoUsd>,
    credited: BTreeSet<ExternalId>,
    observer: Observer,
}

struct Ledger {
    disk: Disk,
    account: Account,
}

/// A provider that writes.
struct Run {
    user: usize,
    generated: i64,
    total: i64,
}

pub(super) struct Server {
    ledgers: Vec<Ledger>,
    running: BTreeMap<RequestId, Run>,
    /// The meter event of each user that waits for Stripe's answer.
    metering: BTreeMap<usize, i64>,
    told: BTreeSet<u64>,
}

const PRICE: i64 = 100_000;
const SLICE: i64 = 50;
const METER_RETRY_MS: i64 = 3000;

impl Server {
    pub(super) fn new(rng: &mut Rng) -> Self {
        let ledgers = (0..USERS).map(|index| {
            let mut ledger = Ledger {
                disk: Disk::default(),
                account: Account::new(user(index)),
            };
            let tier = match rng.below(4) {
                0 => Tier::Free {
                    monthly_limit_cents: 3,
                },
                1 => Tier::Byok {
                    licensing: BasisPoints::new(3000),
                },
                _ => Tier::MANAGED,
            };
            let ceiling = NanoUsd::from_cents(u32::try_from(rng.below(60)).unwrap());
            let open = AccountCommand::Open { tier, ceiling };
            ledger.write(crate::table::START, &open).unwrap();
            ledger
        });
        Self {
            ledgers: ledgers.collect(),
            running: BTreeMap::new(),
            metering: BTreeMap::new(),
            told: BTreeSet::new(),
        }
    }

    pub(super) fn account(&self, user: usize) -> &Account {
        &self.ledgers[user].account
    }

    pub(super) fn charges(&self, user: usize) -> &BTreeMap<RequestId, NanoUsd> {
        &self.ledgers[user].disk.observer.charges
    }

    pub(super) fn billed_cents(&self, user: usize) -> u64 {
        self.ledgers[user].disk.observer.billed_cents
    }

    pub(super) fn cash(&self, user: usize) -> NanoUsd {
        let books = self.account(user).books();
        books.balance(synesis_domain::account::Book::Cash)
    }

    /// Puts a command, with a crash before or after the write now and then: then nobody answers.
    fn put(
        &mut self,
        user: usize,
        now: i64,
        command: &AccountCommand,
        rng: &mut Rng,
        may_crash: bool,
    ) -> Option<Result<(), Refusal>> {
        let crash = if may_crash { rng.below(150) } else { 9 };
        if crash == 0 {
            self.restart();
            return None;
        }
        let done = self.ledgers[user].write(Timestamp::from_millis(now), command);
        if crash == 1 {
            self.restart();
            return None;
        }
        Some(done)
    }

    fn restart(&mut self) {
        for ledger in &mut self.ledgers {
            ledger.account = ledger.replayed();
        }
        self.running.clear();
        self.metering.clear();
    }

    pub(super) fn replay_all(&self) {
        for ledger in &self.ledgers {
            assert_eq!(ledger.replayed(), ledger.account);
        }
    }

    pub(super) fn act(&mut self, rng: &mut Rng, network: &mut Network, now: i64, is_lively: bool) {
        let running: Vec<RequestId> = self.running.keys().copied().collect();
        for request in running {
            self.generate(request, rng, network, now, is_lively);
        }
        for user in 0..USERS {
            let ticked = self.put(user, now, &AccountCommand::Tick, rng, is_lively);
            if ticked.is_some() {
                let dead =
                    |hold: &synesis_domain::account::Hold| hold.expires_at.as_millis() <= now;
                let outlived = self.account(user).holds().any(|(_, hold)| dead(hold));
                assert!(!outlived, "a hold outlives its time");
            }
            if is_lively && rng.below(50) == 0 {
                self.change_terms(user, rng, now);
            }
            let threshold = NanoUsd::from_cents(5);
            self.put(
                user,
                now,
                &AccountCommand::Flush { threshold },
                rng,
                is_lively,
            );
            self.send_meter(user, network, now);
        }
    }

    fn change_terms(&mut self, user: usize, rng: &mut Rng, now: i64) {
        let markup = BasisPoints::new(u16::try_from(rng.below(900)).unwrap());
        let tier = Tier::Managed { markup };
        let from = Timestamp::from_millis(now + i64::try_from(rng.below(100_000)).unwrap());
        let promo = ExternalId::new(format!("promo_{}", rng.below(9))).unwrap();
        let command = if rng.below(2) == 0 {
            AccountCommand::SetTier { tier, from }
        } else {
            AccountCommand::GrantPromo {
                promo,
                amount: NanoUsd::from_cents(3),
                expires_at: Some(from.plus_ms(1)),
            }
        };
        self.put(user, now, &command, rng, true);
    }

    fn generate(
        &mut self,
        request: RequestId,
        rng: &mut Rng,
        network: &mut Network,
        now: i64,
        may_crash: bool,
    ) {
        let Some(run) = self.running.get_mut(&request) else {
            return;
        };
        let user = run.user;
        if run.generated < run.total {
            run.generated = (run.generated + SLICE).min(run.total);
            let total = NanoUsd::new((run.generated + SLICE) * PRICE * 2);
            let extend = AccountCommand::Extend {
                request,
                total,
                ttl_ms: HOLD_TTL_MS,
            };
            if let Some(Err(_)) = self.put(user, now, &extend, rng, may_crash)
                && let Some(run) = self.running.get_mut(&request)
            {
                run.total = run.generated;
            }
            return;
        }
        let tokens = u32::try_from(run.generated).unwrap();
        let settle = AccountCommand::Settle {
            request,
            usage: TokenUsage::new(tokens, 0, tokens),
            cost: NanoUsd::new(i64::from(tokens) * PRICE),
        };
        if let Some(done) = self.put(user, now, &settle, rng, may_crash) {
            assert!(done.is_ok() || !self.is_held(user, request), "{done:?}");
            self.running.remove(&request);
            self.answer(user, request, network);
        }
    }

    fn is_held(&self, user: usize, request: RequestId) -> bool {
        matches!(self.account(user).request(&request), RequestState::Held(_))
    }

    fn answer(&self, user: usize, request: RequestId, network: &mut Network) {
        let answer = match self.ledgers[user].disk.settled.get(&request) {
            Some(charge) => Answer::Charged(*charge),
            None => Answer::Refused,
        };
        network.send(Message::Answer {
            user,
            request,
            answer,
        });
    }

    pub(super) fn handle(
        &mut self,
        message: Message,
        rng: &mut Rng,
        network: &mut Network,
        now: i64,
        is_lively: bool,
    ) {
        match message {
            Message::Ask {
                user,
                request,
                call,
            } => {
                if self.ledgers[user].disk.settled.contains_key(&request) {
                    return self.answer(user, request, network);
                }
                if self.running.contains_key(&request) {
                    return;
                }
                if !is_lively {
                    // The server drains: it releases what no run answers for.
                    let release = AccountCommand::Release { request };
                    self.put(user, now, &release, rng, false);
                    let answer = Answer::Nothing;
                    return network.send(Message::Answer {
                        user,
                        request,
                        answer,
                    });
                }
                let hold = AccountCommand::Hold {
                    request,
                    call,
                    amount: NanoUsd::new(SLICE * PRICE * 2),
                    ttl_ms: HOLD_TTL_MS,
                };
                if let Some(Ok(())) = self.put(user, now, &hold, rng, true) {
                    let run = Run {
                        user,
                        generated: 0,
                        total: i64::try_from(rng.below(400)).unwrap(),
                    };
                    self.running.insert(request, run);
                }
            }
            Message::Record {
                user,
                request,
                call,
                usage,
                cost,
            } => {
                if !self.ledgers[user].disk.settled.contains_key(&request) {
                    let record = AccountCommand::Record {
                        request,
                        call,
                        occurred_at: Timestamp::from_millis(now),
                        usage,
                        cost,
                    };
                    if self.put(user, now, &record, rng, is_lively).is_none() {
                        return;
                    }
                }
                self.answer(user, request, network);
            }
            message @ Message::Paid { .. } => self.paid(message, rng, now, is_lively),
            _ => {}
        }
    }

    fn paid(&mut self, message: Message, rng: &mut Rng, now: i64, is_lively: bool) {
        let Message::Paid {
            user,
            payment,
            what,
            event,
        } = message
        else {
            return;
        };
        if self.told.contains(&event) {
            return;
        }
        let command = match what {
            Payment::Succeeded(amount) => {
                if self.ledgers[user].disk.credited.contains(&payment) {
                    return;
                }
                AccountCommand::TopUp {
                    payment,
                    amount,
                    expires_at: None,
                }
            }
            Payment::Refunded(total) => AccountCommand::Refund { payment, total },
            Payment::Withdrawn(dispute, amount) => AccountCommand::WithdrawFunds {
                payment,
                dispute,
                amount,
            },
            Payment::Reinstated(dispute) => AccountCommand::ReinstateFunds { payment, dispute },
        };
        match self.put(user, now, &command, rng, is_lively) {
            Some(Ok(())) => {
                self.told.insert(event);
            }
            // It came before what it is about; Stripe tells it again.
            Some(Err(refusal)) => assert_eq!(refusal, Refusal::UnknownPayment),
            None => {}
        }
    }

    fn send_meter(&mut self, index: usize, network: &mut Network, now: i64) {
        if self
            .metering
            .get(&index)
            .is_some_and(|at| now - at < METER_RETRY_MS)
        {
            return;
        }
        let first = self.account(index).flushes().next();
        if let Some((number, flush)) = first {
            network.send(Message::Meter {
                user: index,
                identifier: flush_identifier(user(index), flush.period, number),
                number,
                cents: flush.cents,
            });
            self.metering.insert(index, now);
        }
    }

    pub(super) fn metered(&mut self, message: &Message, rng: &mut Rng, now: i64, is_lively: bool) {
        if let Message::Metered {
            user,
            number,
            done: true,
        } = message
        {
            let confirm = AccountCommand::ConfirmFlush { number: *number };
            self.put(*user, now, &confirm, rng, is_lively);
            self.metering.remove(user);
        }
    }

    pub(super) fn close_periods(&mut self, rng: &mut Rng, now: i64) {
        for user in 0..USERS {
            self.put(user, now, &AccountCommand::ClosePeriod, rng, false);
        }
    }
}

impl Ledger {
    /// One transaction: the events, what is unique for ever, and the account in memory.
    fn write(&mut self, now: Timestamp, command: &AccountCommand) -> Result<(), Refusal> {
        let events = self.account.decide(now, command)?;
        for event in &events {
            let stored = event.encode();
            let head = self.disk.head.unwrap_or(ChainHead::EMPTY);
            self.disk.head = Some(head.after(&stored));
            self.disk.log.push(stored);
            self.account.apply(event);
            self.disk.observer.watch(event);
            self.disk.observer.compare(event, &self.account);
            self.note(event);
        }
        Ok(())
    }

    fn note(&mut self, event: &AccountEvent) {
        use synesis_domain::account::Happened;
        match &event.what {
            Happened::Settled { request, entry, .. }
            | Happened::Recorded { request, entry, .. } => {
                self.disk.settled.insert(*request, entry.charged);
            }
            Happened::ToppedUp { payment, .. } => {
                self.disk.credited.insert(payment.clone());
            }
            _ => {}
        }
    }

    /// The account as its log makes it; the log must hash to its head.
    fn replayed(&self) -> Account {
        let mut account = Account::new(self.account.user());
        let mut head = ChainHead::EMPTY;
        for stored in &self.disk.log {
            head = head.after(stored);
            account.apply(&AccountEvent::decode(stored).unwrap());
        }
        assert_eq!(Some(head), self.disk.head);
        account
    }
}
