//! Whatever is asked, in whatever order: the books balance and nobody passes a ceiling.

use std::collections::BTreeMap;

use proptest::prelude::*;
use synesis_domain::account::{Book, RequestState};
use synesis_domain::{
    Account, AccountCommand, AccountEvent, BasisPoints, ChainHead, NanoUsd, Refusal, RequestId,
    Tier, Timestamp, TokenUsage, UserId,
};

use crate::table::{call, request};

const MINUTE_MS: i64 = 60_000;

fn a_tier() -> impl Strategy<Value = Tier> {
    prop_oneof![
        (0_u16..5000).prop_map(|markup| Tier::Managed {
            markup: BasisPoints::new(markup)
        }),
        (0_u16..5000).prop_map(|fee| Tier::Byok {
            licensing: BasisPoints::new(fee)
        }),
        Just(Tier::Free {
            monthly_limit_cents: 0
        }),
        Just(Tier::Free {
            monthly_limit_cents: 1
        }),
    ]
}

/// Few requests and a poor user, so that ids meet and ceilings are hit all the time.
fn a_command() -> impl Strategy<Value = AccountCommand> {
    let a_request = || "[a-e]".prop_map(|name| request(&name));
    let an_amount = || (-1_i64..300).prop_map(NanoUsd::new);
    let a_life = || prop_oneof![Just(15 * 60_000_u32), Just(60_000), Just(0)];
    prop_oneof![
        4 => (a_request(), "[xy]", an_amount(), a_life()).prop_map(|(request, content, amount, ttl_ms)| {
            AccountCommand::Hold { request, call: call(&content), amount, ttl_ms }
        }),
        2 => (a_request(), an_amount(), a_life()).prop_map(|(request, total, ttl_ms)| {
            AccountCommand::Extend { request, total, ttl_ms }
        }),
        4 => (a_request(), 0_u32..4, an_amount()).prop_map(|(request, tokens, cost)| {
            AccountCommand::Settle { request, usage: TokenUsage::new(tokens, tokens / 2, 1), cost }
        }),
        1 => a_request().prop_map(|request| AccountCommand::Release { request }),
        1 => Just(AccountCommand::ExpireHolds),
    ]
}

fn a_pause() -> impl Strategy<Value = i64> {
    prop_oneof![
        8 => 0..MINUTE_MS,
        3 => 0..20 * MINUTE_MS,
        1 => Just(25 * 60 * MINUTE_MS),
        1 => Just(20 * 24 * 60 * MINUTE_MS),
    ]
}

/// What an outsider makes of the events alone.
#[derive(Default)]
struct Observer {
    holds: BTreeMap<RequestId, i64>,
    expired: BTreeMap<RequestId, bool>,
    charged: i64,
    absorbed: i64,
    period: i64,
}

impl Observer {
    fn watch(&mut self, event: &AccountEvent) {
        let legs: i64 = event.legs().iter().map(|leg| leg.amount.get()).sum();
        assert_eq!(legs, 0, "{event:?}");
        match event {
            AccountEvent::Held {
                request, amount, ..
            } => {
                let before = self.holds.insert(*request, amount.get());
                assert_eq!(before, None, "held twice");
                self.expired.remove(request);
            }
            AccountEvent::Extended { request, added, .. } => {
                *self
                    .holds
                    .get_mut(request)
                    .expect("extended without a hold") += added.get();
            }
            AccountEvent::Settled { request, entry, .. } => {
                let open = self.holds.remove(request).is_some();
                let late = self.expired.remove(request).is_some();
                assert!(open != late, "a hold ends once");
                assert!(entry.is_balanced(), "{entry:?}");
                self.charged += entry.charged.get();
                self.absorbed += entry.absorbed.get();
                self.period += entry.charged.get() + entry.waived.get();
            }
            AccountEvent::Released { request, .. } => {
                assert!(self.holds.remove(request).is_some(), "a hold ends once");
            }
            AccountEvent::Expired { request, .. } => {
                assert!(self.holds.remove(request).is_some(), "a hold ends once");
                self.expired.insert(*request, true);
            }
            AccountEvent::PeriodOpened { .. } => self.period = 0,
            AccountEvent::Opened { .. } => {}
        }
    }

    fn compare(&self, account: &Account) {
        let held: i64 = self.holds.values().sum();
        assert_eq!(account.held().get(), held);
        assert!(
            self.period + held <= account.limit().get(),
            "past the ceiling"
        );
        assert_eq!(
            account.room().get(),
            account.limit().get() - self.period - held
        );
        let balance = |book| account.books().balance(book).get();
        assert_eq!(balance(Book::Receivable), self.charged);
        assert_eq!(balance(Book::Absorbed), self.absorbed);
        assert_eq!(balance(Book::Revenue), -self.charged - self.absorbed);
    }
}

fn other_content_is_refused(account: &Account, now: Timestamp, command: &AccountCommand) {
    let AccountCommand::Hold {
        request,
        amount,
        ttl_ms,
        ..
    } = command
    else {
        return;
    };
    if matches!(account.request(request), RequestState::Unknown) {
        return;
    }
    let call = call("something else");
    let other = AccountCommand::Hold {
        request: *request,
        call,
        amount: *amount,
        ttl_ms: *ttl_ms,
    };
    assert_eq!(account.decide(now, &other), Err(Refusal::OtherContent));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn books_balance_and_ceilings_hold_whatever_is_asked(
        tier in a_tier(),
        ceiling in 0_i64..400,
        commands in prop::collection::vec((a_pause(), a_command()), 1..80),
    ) {
        let user = UserId::from_bytes([1; 16]);
        let mut now = Timestamp::from_millis(1_767_225_600_000);
        let (mut account, mut observer) = (Account::new(user), Observer::default());
        let mut history = Vec::new();
        let open = AccountCommand::Open { tier, ceiling: NanoUsd::new(ceiling) };
        for (pause, command) in std::iter::once((0, open)).chain(commands) {
            now = now.plus_ms(pause);
            let Ok(events) = account.decide(now, &command) else { continue };
            for event in &events {
                observer.watch(event);
                account.apply(event);
                observer.compare(&account);
                history.push(event.encode());
            }
            // The same command delivered again changes nothing.
            prop_assert_eq!(account.decide(now, &command), Ok(Vec::new()));
            other_content_is_refused(&account, now, &command);
        }
        // The stored history replays to the same account.
        let mut replayed = Account::new(user);
        let mut head = ChainHead::EMPTY;
        for stored in &history {
            head = head.after(stored);
            replayed.apply(&AccountEvent::decode(stored).unwrap());
        }
        prop_assert_eq!(replayed, account);
        prop_assert_eq!(head.sequence, history.len() as u64);
    }
}
