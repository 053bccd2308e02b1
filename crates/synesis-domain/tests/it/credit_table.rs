//! Credit, debt, tiers, guests and what Stripe is told, line by line.

use synesis_domain::limits::{DISPUTES_MAX, FLUSHES_MAX, GRANTS_MAX, GUESTS_MAX, TIER_CHANGES_MAX};
use synesis_domain::{
    Account, AccountCommand, ExternalId, NanoUsd, Refusal, Tier, Timestamp, TokenUsage, UserId,
};

use crate::table::{PLAIN, START, call, check, check_on, guest, request};

#[test]
fn credit_is_spent_before_anything_is_charged() {
    check(
        "open 100 ok
         topup cs_1 10 ok
         room 110
         hold a 30 ok
         pinned 10
         held 30
         room 80
         settle a 12 ok
         credit 0
         charged 2
         owed 2
         earned 12
         cash 10
         room 98",
    );
}

#[test]
fn promotional_credit_goes_first_then_what_expires_first() {
    check(
        "open 100 ok
         topup cs_1 10 ok
         promo p1 5 until 900 ok
         promo p2 5 until 600 ok
         hold a 6 ok
         settle a 6 ok
         left p2 0
         left p1 4
         left cs_1 10
         hold b 5 ok
         settle b 5 ok
         left p1 0
         left cs_1 9
         charged 0
         promoted 10",
    );
}

#[test]
fn a_payment_or_gift_that_is_told_twice_is_credited_once() {
    check(
        "open 100 ok
         topup cs_1 10 ok
         topup cs_1 10 again
         topup cs_1 11 other content
         promo cs_1 10 other content
         promo p 5 ok
         promo p 5 again
         credit 15
         cash 10",
    );
}

#[test]
fn credit_expires_by_its_date_unless_a_call_needs_it() {
    check(
        "open 100 ok
         promo p 10 until 20 ok
         wait 10
         hold a 4 ok
         wait 10
         tick ok
         credit 4
         lost 6
         settle a 3 ok
         tick ok
         credit 0
         lost 7
         charged 0",
    );
}

#[test]
fn a_call_that_needs_more_than_its_pins_takes_free_credit_before_it_is_charged() {
    check(
        "open 100 ok
         topup cs_1 10 ok
         hold a 4 ok
         settle a 9 ok
         credit 1
         charged 0",
    );
}

#[test]
fn a_refund_takes_unspent_credit_and_the_rest_is_debt() {
    check(
        "open 100 ok
         topup cs_1 10 ok
         topup cs_2 5 ok
         hold a 12 ok
         settle a 12 ok
         credit 3
         refund cs_1 4 ok
         refund cs_1 4 again
         refund cs_1 3 again
         credit 0
         debt 1
         cash 11
         room 0
         hold b 1 owes 1
         record b 1 owes 1
         refund cs_1 10.01 bad amount
         refund cs_9 1 unknown payment
         topup cs_3 5 ok
         debt 0
         credit 4
         hold b 1 ok",
    );
}

#[test]
fn a_gift_is_not_taken_back_with_a_payment() {
    check(
        "open 100 ok
         topup cs_1 10 ok
         promo p 5 ok
         hold a 12 ok
         settle a 12 ok
         credit 3
         promo q 7 ok
         refund cs_1 10 ok
         credit 7
         debt 7
         refund q 1 unknown payment",
    );
}

#[test]
fn pinned_credit_is_not_taken_back_but_pays_the_debt_once_it_is_free() {
    check(
        "open 100 ok
         topup cs_1 10 ok
         hold a 8 ok
         refund cs_1 10 ok
         credit 8
         debt 8
         settle a 3 ok
         tick ok
         credit 0
         debt 3",
    );
}

#[test]
fn a_lost_dispute_takes_and_a_won_one_gives_back() {
    check(
        "open 100 ok
         topup cs_1 10 ok
         reinstate cs_1 dp_1 unknown payment
         hold a 6 ok
         settle a 6 ok
         withdraw cs_1 dp_1 10 ok
         withdraw cs_1 dp_1 10 again
         withdraw cs_1 dp_1 9 other content
         withdraw cs_1 dp_2 1 bad amount
         credit 0
         debt 6
         cash 0
         hold b 1 owes 6
         reinstate cs_1 dp_1 ok
         reinstate cs_1 dp_1 again
         debt 0
         credit 4
         cash 10
         refund cs_1 2 ok
         withdraw cs_1 dp_2 9 bad amount
         withdraw cs_1 dp_2 8 ok
         debt 6
         cash 0",
    );
}

#[test]
fn other_terms_begin_at_their_date_and_never_change_what_was_held_before() {
    check(
        "open 100 ok
         hold a 10 ok
         tier managed:1000 from 10 ok
         tier managed:1000 from 10 again
         hold b 10 ok
         wait 9
         hold c 10 ok
         wait 1
         hold d 10 ok
         settle a 1 ok
         charged 1
         settle d 1 ok
         charged 2.10
         tier managed:1000 again
         tier managed:0 ok
         hold e 1 ok
         settle e 1 ok
         charged 3.10",
    );
}

#[test]
fn what_was_used_on_a_free_tier_stays_free() {
    check_on(
        Tier::Free {
            monthly_limit_cents: 500,
        },
        "open 100 ok
         topup cs_1 20 ok
         room 5
         hold a 5 ok
         pinned 0
         tier managed:300 ok
         room 120
         settle a 4 ok
         given 4
         charged 0
         credit 20
         hold b 10.30 ok
         pinned 10.30
         settle b 10 ok
         credit 9.70",
    );
}

#[test]
fn the_users_own_key_pays_the_provider_and_here_only_the_fee_is_charged() {
    check_on(
        Tier::Byok {
            licensing: synesis_domain::BasisPoints::new(3000),
        },
        "open 100 ok
         hold a* 3 ok
         settle a 10 ok
         charged 3
         earned 3
         record b* 10 ok
         charged 6
         record c 10 ok
         charged 19",
    );
}

#[test]
fn a_call_made_without_the_cloud_is_charged_whole_once_or_not_at_all() {
    check(
        "open 10 ok
         record a 6 ok
         record a 6 again
         record a 5 other content
         record a' 6 other content
         record b 5 ceiling passed by 1 with 4 left
         charged 6
         hold a 1 already settled
         hold c 1 ok
         record c 1 other content
         settle a 6 again",
    );
}

#[test]
fn a_guest_spends_up_to_the_quota_and_the_host_pays() {
    check(
        "open 100 ok
         hold a@g 1 unknown guest
         quota g 5 ok
         quota g 5 again
         hold a@g 4 ok
         hold b@g 2 quota passed by 1 with 1 left
         extend a 6 quota passed by 1 with 1 left
         hold c 50 ok
         settle a 7 ok
         charged 5
         absorbed 2
         hold d@g 0.01 quota passed by 0.01 with 0 left
         quota g 6 ok
         hold d@g 1 ok
         release d ok
         hold e@g 1 ok
         record f@g 1 quota passed by 1 with 0 left",
    );
}

#[test]
fn a_lower_ceiling_stops_what_comes_and_not_what_was_spent() {
    check(
        "open 100 ok
         hold a 50 ok
         settle a 50 ok
         ceiling 40 ok
         ceiling 40 again
         room 0
         hold b 1 ceiling passed by 1 with 0 left
         topup cs_1 3 ok
         hold b 3 ok",
    );
}

#[test]
fn whole_cents_are_queued_once_and_the_period_ends_with_one_rounding_up() {
    check(
        "open 100 ok
         record a 4.999999999 ok
         flush 5 again
         record b 0.02 ok
         flush 5 ok
         flush 5 again
         queued 5.01
         unbilled 0.009999999
         confirm 1 ok
         confirm 1 again
         confirm 2 unknown flush
         sent 5.01
         days 31
         tick ok
         unbilled 0.01
         flush 5 ok
         queued 5.02
         record c 6 ok
         flush 5 ok
         queued 11.02
         park 3 ok
         park 3 again
         confirm 3 ok
         park 3 again
         park 9 unknown flush
         confirm 2 ok
         sent 11.02",
    );
}

#[test]
fn a_period_can_be_closed_before_its_month_is_over() {
    check(
        "open 100 ok
         close again
         wait 5
         record a 1.001 ok
         close ok
         charged 0
         close again
         owed 1.001
         unbilled 1.01
         room 100",
    );
}

fn opened() -> Account {
    let mut account = Account::new(UserId::from_bytes([1; 16]));
    let ceiling = NanoUsd::from_cents(10_000);
    act(
        &mut account,
        START,
        &AccountCommand::Open {
            tier: PLAIN,
            ceiling,
        },
    );
    account
}

fn act(account: &mut Account, now: Timestamp, command: &AccountCommand) {
    let events = account.decide(now, command).unwrap();
    events.iter().for_each(|event| account.apply(event));
}

fn external(name: &str, number: usize) -> ExternalId {
    ExternalId::new(format!("{name}_{number}")).unwrap()
}

#[test]
fn every_list_of_an_account_has_an_end() {
    let mut account = opened();
    let too_many = |account: &Account, command, max| {
        assert_eq!(
            account.decide(START, &command),
            Err(Refusal::TooMany { max })
        );
    };
    let top_up = |number| AccountCommand::TopUp {
        payment: external("cs", number),
        amount: NanoUsd::new(10),
        expires_at: None,
    };
    for number in 0..GRANTS_MAX {
        act(&mut account, START, &top_up(number));
    }
    too_many(&account, top_up(GRANTS_MAX), GRANTS_MAX);
    let quota = |number: usize| AccountCommand::SetQuota {
        guest: guest(&number.to_string()),
        limit: NanoUsd::ZERO,
    };
    for number in 0..GUESTS_MAX {
        act(&mut account, START, &quota(number));
    }
    too_many(&account, quota(GUESTS_MAX), GUESTS_MAX);
    let tier = |number: usize| AccountCommand::SetTier {
        tier: Tier::MANAGED,
        from: START.plus_ms(1 + number as i64),
    };
    for number in 0..TIER_CHANGES_MAX {
        act(&mut account, START, &tier(number));
    }
    too_many(&account, tier(TIER_CHANGES_MAX), TIER_CHANGES_MAX);
    let dispute = |number| AccountCommand::WithdrawFunds {
        payment: external("cs", 0),
        dispute: external("dp", number),
        amount: NanoUsd::new(1),
    };
    for number in 0..DISPUTES_MAX {
        act(&mut account, START, &dispute(number));
    }
    too_many(&account, dispute(DISPUTES_MAX), DISPUTES_MAX);
}

#[test]
fn while_stripe_is_silent_what_is_unbilled_grows_instead_of_the_queue() {
    let mut account = opened();
    let flush = AccountCommand::Flush {
        threshold: NanoUsd::from_cents(1),
    };
    for number in 0..FLUSHES_MAX + 10 {
        let name = format!("r{number}");
        let record = AccountCommand::Record {
            request: request(&name),
            call: call(&name),
            occurred_at: START,
            usage: TokenUsage::default(),
            cost: NanoUsd::from_cents(1),
        };
        act(&mut account, START, &record);
        act(&mut account, START, &flush);
    }
    assert_eq!(account.flushes().count(), FLUSHES_MAX);
    assert_eq!(account.unbilled(), NanoUsd::from_cents(10));
    act(
        &mut account,
        START,
        &AccountCommand::ConfirmFlush { number: 1 },
    );
    act(&mut account, START, &flush);
    assert_eq!(
        account.unbilled(),
        NanoUsd::ZERO,
        "the next one takes it all"
    );
}

/// Each row breaks its own rule and every later one; the refusal is the first.
#[test]
fn the_first_refusal_about_money_is_given() {
    let mut account = opened();
    let mut does = |command| act(&mut account, START, &command);
    does(AccountCommand::TopUp {
        payment: external("cs", 1),
        amount: NanoUsd::new(10),
        expires_at: None,
    });
    does(AccountCommand::Record {
        request: request("spent"),
        call: call("spent"),
        occurred_at: START,
        usage: TokenUsage::default(),
        cost: NanoUsd::new(10),
    });
    does(AccountCommand::SetQuota {
        guest: guest("g"),
        limit: NanoUsd::ZERO,
    });
    let hold = |by| {
        let mut call = call("x");
        call.guest = Some(guest(by));
        AccountCommand::Hold {
            request: request("x"),
            call,
            amount: NanoUsd::from_cents(20_000),
            ttl_ms: 1,
        }
    };
    let refused =
        |account: &Account, by| account.decide(START, &hold(by)).expect_err("it is refused");
    assert!(matches!(refused(&account, "g"), Refusal::Quota { .. }));
    act(
        &mut account,
        START,
        &AccountCommand::Refund {
            payment: external("cs", 1),
            total: NanoUsd::new(10),
        },
    );
    assert!(matches!(refused(&account, "g"), Refusal::Debt { .. }));
    assert_eq!(refused(&account, "stranger"), Refusal::UnknownGuest);
}
