//! What an account does, line by line.

use synesis_domain::account::RequestState;
use synesis_domain::limits::{ENDED_MAX, HOLD_TTL_MS, HOLD_TTL_MS_MAX, HOLDS_MAX};
use synesis_domain::{
    Account, AccountCommand, BasisPoints, NanoUsd, Refusal, Tier, Timestamp, TokenUsage, UserId,
};

use crate::table::{PLAIN, call, check, check_on, request};

#[test]
fn ceiling_counts_what_is_held() {
    check(
        "open 100 ok
         hold a 60 ok
         hold b 60 ceiling passed by 20 with 40 left
         hold b 40 ok
         room 0
         settle a 40 ok
         charged 40
         held 40
         room 20
         hold c 21 ceiling passed by 1 with 20 left
         hold c 20 ok",
    );
}

#[test]
fn a_command_that_comes_twice_changes_nothing() {
    check(
        "open 100 ok
         open 100 again
         hold a 60 ok
         hold a 60 again
         hold a 10 again
         held 60
         extend a 70 ok
         extend a 70 again
         extend a 10 again
         held 70
         settle a 40 ok
         settle a 40 again
         charged 40
         hold b 10 ok
         release b ok
         release b again
         held 0",
    );
}

#[test]
fn one_id_is_one_request() {
    check(
        "open 100 ok
         hold a 60 ok
         hold a' 60 other content
         settle a 40 ok
         settle a 41 other content
         hold a' 1 other content
         hold b 5 ok
         release b ok
         hold b' 5 other content
         hold c 5 ok
         wait 16
         hold c' 5 other content
         charged 40",
    );
}

#[test]
fn what_ended_stays_ended() {
    check(
        "open 100 ok
         settle a 1 nothing held
         extend a 1 nothing held
         release a nothing held
         hold a 10 ok
         settle a 10 ok
         hold a 10 already settled
         extend a 20 already settled
         release a already settled
         hold b 10 ok
         release b ok
         settle b 10 nothing held
         extend b 20 nothing held
         charged 10",
    );
}

#[test]
fn a_call_that_was_released_can_be_tried_again() {
    check(
        "open 100 ok
         hold a 10 ok
         release a ok
         hold a 20 ok
         held 20
         settle a 5 ok
         charged 5",
    );
}

#[test]
fn what_passes_the_ceiling_is_the_operators_loss() {
    check(
        "open 100 ok
         hold a 60 ok
         hold b 30 ok
         settle a 90 ok
         charged 70
         absorbed 20
         room 0
         settle b 30 ok
         charged 100
         owed 100
         hold c 0.01 ceiling passed by 0.01 with 0 left
         hold c 0 ok",
    );
}

#[test]
fn a_hold_dies_after_its_life_and_can_still_be_settled() {
    check(
        "open 100 ok
         hold a 60 ok
         wait 14
         tick again
         wait 1
         tick ok
         held 0
         hold b 90 ok
         settle a 30 ok
         charged 10
         absorbed 20
         room 0",
    );
}

#[test]
fn a_hold_that_died_days_ago_is_settled_once_if_at_all() {
    check(
        "open 100 ok
         hold a 60 ok
         wait 15
         tick ok
         wait 3000
         settle a 30 ok
         settle a 30 again
         charged 30
         hold b 60 ok
         wait 15
         tick ok
         wait 3000
         hold c 1 ok
         settle b 30 nothing held
         charged 30",
    );
}

#[test]
fn dead_holds_do_not_wait_for_a_sweep() {
    check(
        "open 100 ok
         hold a 60 ok
         wait 15
         hold b 100 ok
         extend a 70 nothing held
         held 100",
    );
}

#[test]
fn a_sign_of_life_keeps_a_hold_alive() {
    check(
        "open 100 ok
         hold a 60 ok
         wait 7
         extend a 60 again
         wait 1
         extend a 60 ok
         extend a 60 again
         wait 14
         held 60
         tick again
         extend a 61 ok
         wait 14
         settle a 61 ok
         charged 61",
    );
}

#[test]
fn a_month_begins_with_all_its_room_and_forgets_no_debt() {
    // January has 44,640 minutes.
    check(
        "open 100 ok
         hold a 80 ok
         settle a 80 ok
         wait 44630
         hold b 20 ok
         room 0
         wait 10
         hold c 81 ceiling passed by 1 with 80 left
         hold c 80 ok
         charged 0
         settle b 20 ok
         charged 20
         owed 100
         room 0",
    );
}

#[test]
fn markup_and_licence_come_on_top_and_count_against_the_ceiling() {
    check_on(
        Tier::MANAGED,
        "open 100 ok
         hold a 50 ok
         settle a 10 ok
         charged 10.30
         room 89.70",
    );
    check_on(
        Tier::Byok {
            licensing: BasisPoints::new(3000),
        },
        "open 100 ok
         hold a 50 ok
         settle a 10 ok
         charged 13",
    );
}

#[test]
fn a_free_month_charges_nothing_and_ends_at_its_limit() {
    check_on(
        Tier::Free {
            monthly_limit_cents: 500,
        },
        "open 100 ok
         room 5
         hold a 3 ok
         settle a 2 ok
         charged 0
         given 2
         owed 0
         room 3
         hold b 4 ceiling passed by 1 with 3 left
         hold b 3 ok
         settle b 9 ok
         given 5
         absorbed 6
         owed 0
         wait 44640
         hold c 5 ok",
    );
}

#[test]
fn nothing_happens_on_an_account_that_is_not_open() {
    check(
        "hold a 1 not open
         settle a 1 not open
         release a not open
         tick not open
         open 100 ok
         open 50 already open",
    );
}

/// Each row breaks its own rule and every later one; the refusal is the first.
#[test]
fn the_first_refusal_that_applies_is_given() {
    let now = Timestamp::from_millis(0);
    let fresh = Account::new(UserId::from_bytes([1; 16]));
    let hold = |name: &str, content: &str, amount: i64, ttl_ms: u32| AccountCommand::Hold {
        request: request(name),
        call: call(content),
        amount: NanoUsd::new(amount),
        ttl_ms,
    };
    let mut full = fresh.clone();
    let mut act = |command| {
        for event in full.decide(now, &command).unwrap() {
            full.apply(&event);
        }
    };
    act(AccountCommand::Open {
        tier: PLAIN,
        ceiling: NanoUsd::new(100),
    });
    act(hold("done", "done", 0, 1000));
    let usage = TokenUsage::default();
    act(AccountCommand::Settle {
        request: request("done"),
        usage,
        cost: NanoUsd::ZERO,
    });
    for number in 0..HOLDS_MAX {
        act(hold(&format!("h{number}"), "x", 0, 1000));
    }
    let too_long = HOLD_TTL_MS_MAX + 1;
    let rows = [
        (
            &fresh,
            hold("done", "other", -1, 0),
            Refusal::Amount(NanoUsd::new(-1)),
        ),
        (&fresh, hold("done", "other", 101, 0), Refusal::Ttl(0)),
        (
            &fresh,
            hold("done", "other", 101, too_long),
            Refusal::Ttl(too_long),
        ),
        (&fresh, hold("done", "other", 101, 1), Refusal::NotOpen),
        (&full, hold("done", "other", 101, 1), Refusal::OtherContent),
        (&full, hold("done", "done", 101, 1), Refusal::AlreadySettled),
        (
            &full,
            hold("new", "new", 101, 1),
            Refusal::TooManyHolds { max: HOLDS_MAX },
        ),
    ];
    for (account, command, expected) in rows {
        assert_eq!(account.decide(now, &command), Err(expected), "{command:?}");
    }
}

fn apply(account: &mut Account, now: i64, command: &AccountCommand) {
    let events = account
        .decide(Timestamp::from_millis(now), command)
        .unwrap();
    events.iter().for_each(|event| account.apply(event));
}

fn hold(name: &str, nano: i64) -> AccountCommand {
    let (amount, ttl_ms) = (NanoUsd::new(nano), HOLD_TTL_MS);
    AccountCommand::Hold {
        request: request(name),
        call: call(name),
        amount,
        ttl_ms,
    }
}

fn settle(name: &str, nano: i64) -> AccountCommand {
    let (usage, cost) = (TokenUsage::default(), NanoUsd::new(nano));
    AccountCommand::Settle {
        request: request(name),
        usage,
        cost,
    }
}

#[test]
fn an_account_does_not_grow_with_its_history() {
    let mut account = Account::new(UserId::from_bytes([1; 16]));
    let ceiling = NanoUsd::new(1_000_000);
    apply(
        &mut account,
        0,
        &AccountCommand::Open {
            tier: PLAIN,
            ceiling,
        },
    );
    let many = ENDED_MAX + 10;
    let names: Vec<String> = (0..many).map(|number| format!("r{number}")).collect();
    for (now, name) in (0..).zip(&names) {
        apply(&mut account, now, &hold(name, 1));
        apply(&mut account, now, &settle(name, 1));
    }
    let knows = |account: &Account, name: &String| {
        matches!(account.request(&request(name)), RequestState::Settled(_))
    };
    let known = names.iter().filter(|name| knows(&account, name)).count();
    assert_eq!(known, ENDED_MAX);
    assert!(
        !knows(&account, &names[0]) && knows(&account, &names[many - 1]),
        "the oldest go first"
    );
    let day_later = 24 * 60 * 60 * 1000 + many as i64;
    apply(&mut account, day_later, &hold("next", 0));
    assert!(
        !names.iter().any(|name| knows(&account, name)),
        "a day later all are forgotten"
    );
    assert_eq!(
        account.period().charged,
        NanoUsd::new(many as i64),
        "but not what they cost"
    );
}

#[test]
fn a_cost_that_cannot_be_counted_is_refused() {
    let mut account = Account::new(UserId::from_bytes([1; 16]));
    let open = AccountCommand::Open {
        tier: Tier::MANAGED,
        ceiling: NanoUsd::new(10),
    };
    apply(&mut account, 0, &open);
    apply(&mut account, 0, &hold("a", 10));
    let refused = account.decide(Timestamp::from_millis(0), &settle("a", i64::MAX));
    assert_eq!(refused, Err(Refusal::Amount(NanoUsd::new(i64::MAX))));
}

#[test]
fn a_clock_that_goes_back_moves_nothing_back() {
    let mut account = Account::new(UserId::from_bytes([1; 16]));
    let open = AccountCommand::Open {
        tier: PLAIN,
        ceiling: NanoUsd::new(10),
    };
    apply(&mut account, 1_000_000, &open);
    let held = account
        .decide(Timestamp::from_millis(5), &hold("a", 0))
        .unwrap();
    let times: Vec<i64> = held.iter().map(|event| event.at.as_millis()).collect();
    assert_eq!(times, [1_000_000]);
}
