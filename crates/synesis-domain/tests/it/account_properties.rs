//! Whatever is asked, in whatever order: the books balance and nobody passes a ceiling.

use proptest::prelude::*;
use synesis_domain::account::{HeldCall, RequestState};
use synesis_domain::{
    Account, AccountCommand, AccountEvent, BasisPoints, ChainHead, ExternalId, NanoUsd, Payer,
    Refusal, Tier, Timestamp, TokenUsage, UserId,
};

use crate::observer::Observer;
use crate::table::{START, call, guest, request};

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
        1 => Just(AccountCommand::Tick),
        6 => a_command_about_money(),
    ]
}

fn a_command_about_money() -> impl Strategy<Value = AccountCommand> {
    let an_amount = || (-1_i64..300).prop_map(NanoUsd::new);
    let an_id = || "[p-s]".prop_map(|name| ExternalId::new(name).unwrap());
    let an_end = || {
        let minutes = prop::option::of(0_i64..3000);
        minutes.prop_map(|end| end.map(|minutes| START.plus_ms(minutes * MINUTE_MS)))
    };
    prop_oneof![
        3 => ("[f-j]", prop::option::of("[gh]"), any::<bool>(), an_amount()).prop_map(
            |(name, by, own_key, cost)| AccountCommand::Record {
                request: request(&name),
                call: HeldCall {
                    guest: by.map(|by| guest(&by)),
                    payer: if own_key { Payer::User } else { Payer::Operator },
                    ..call(&name)
                },
                occurred_at: START,
                usage: TokenUsage::new(1, 0, 1),
                cost,
            }
        ),
        2 => (an_id(), an_amount(), an_end()).prop_map(|(payment, amount, expires_at)| {
            AccountCommand::TopUp { payment, amount, expires_at }
        }),
        2 => (an_id(), an_amount(), an_end()).prop_map(|(promo, amount, expires_at)| {
            AccountCommand::GrantPromo { promo, amount, expires_at }
        }),
        2 => (an_id(), an_amount())
            .prop_map(|(payment, total)| AccountCommand::Refund { payment, total }),
        1 => (an_id(), an_id(), an_amount()).prop_map(|(payment, dispute, amount)| {
            AccountCommand::WithdrawFunds { payment, dispute, amount }
        }),
        1 => (an_id(), an_id())
            .prop_map(|(payment, dispute)| AccountCommand::ReinstateFunds { payment, dispute }),
        1 => (a_tier(), 0_i64..3000).prop_map(|(tier, minutes)| AccountCommand::SetTier {
            tier,
            from: START.plus_ms(minutes * MINUTE_MS),
        }),
        1 => ("[gh]", an_amount())
            .prop_map(|(name, limit)| AccountCommand::SetQuota { guest: guest(&name), limit }),
        1 => Just(AccountCommand::ClosePeriod),
        1 => Just(AccountCommand::Flush { threshold: NanoUsd::new(1) }),
        1 => (0_u32..4).prop_map(|number| AccountCommand::ConfirmFlush { number }),
        1 => (0_u32..4).prop_map(|number| AccountCommand::ParkFlush { number }),
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

/// The duty of whoever stores the events: to know what was charged when the account has forgotten.
fn was_charged_before(
    account: &Account,
    now: Timestamp,
    observer: &Observer,
    command: &AccountCommand,
) -> bool {
    let (AccountCommand::Hold { request, .. } | AccountCommand::Record { request, .. }) = command
    else {
        return false;
    };
    // What is due comes first, and may make the account forget.
    let mut then = account.clone();
    let due = account
        .decide(now, &AccountCommand::Tick)
        .unwrap_or_default();
    due.iter().for_each(|event| then.apply(event));
    let is_forgotten = matches!(then.request(request), RequestState::Unknown);
    is_forgotten && observer.charges.contains_key(request)
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
        let mut now = START;
        let (mut account, mut observer) = (Account::new(user), Observer::default());
        let mut history = Vec::new();
        let open = AccountCommand::Open { tier, ceiling: NanoUsd::new(ceiling) };
        for (pause, command) in std::iter::once((0, open)).chain(commands) {
            now = now.plus_ms(pause);
            if was_charged_before(&account, now, &observer, &command) {
                continue;
            }
            let Ok(events) = account.decide(now, &command) else { continue };
            for event in &events {
                observer.watch(event);
                account.apply(event);
                observer.compare(event, &account);
                history.push(event.encode());
            }
            // The same command delivered again does what is due, and nothing of its own.
            let due = account.decide(now, &AccountCommand::Tick);
            prop_assert_eq!(account.decide(now, &command), due);
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
