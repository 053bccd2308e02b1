//! Nobody spends past their ceiling, however many calls run and wherever it is reached.

use synesis_service::{Finish, Rejection};

use crate::world::{Host, PROMPT_HELD, PROMPT_USUAL, TOKEN, is_ceiling, message};

/// The first slice of an answer, held with its prompt.
const FIRST_HOLD: i64 = PROMPT_HELD + 256 * TOKEN;

#[test]
fn output_is_held_in_slices_ahead_of_what_is_generated() {
    let mut host = Host::new(1_000_000);
    let mut run = host.start(message(1000));
    assert_eq!(host.held(), FIRST_HOLD);
    for generated in 1..=1000 {
        run.tokens(&mut host, 1);
        let ahead = (host.held() - PROMPT_HELD) / TOKEN - generated;
        let most = 1000 - generated;
        assert!(
            ahead >= most.min(128),
            "{ahead} tokens ahead after {generated}"
        );
        assert!(
            ahead <= most.min(128 + 256),
            "{ahead} tokens ahead after {generated}"
        );
    }
    run.end(&mut host, None, Finish::Length);
    assert_eq!(
        run.ending(),
        format!("length {}", PROMPT_USUAL + 1000 * TOKEN)
    );
    assert_eq!(host.held(), 0);
}

#[test]
fn a_ceiling_reached_in_the_middle_stops_the_stream() {
    let mut host = Host::new(100_000);
    let mut run = host.start(message(1000));
    run.tokens(&mut host, 10);
    host.other_call_holds(100_000 - FIRST_HOLD).unwrap();
    let said = 10 + run.tokens(&mut host, 900);
    assert!(run.stopped);
    assert_eq!(said, 256, "what was held is used");
    let cost = PROMPT_USUAL + 256 * TOKEN;
    assert_eq!(run.ending(), format!("credit_ceiling_exceeded {cost}"));
    assert_eq!(
        run.record.unwrap().outcome,
        Err(Rejection::CreditCeiling { room: host_room(0) })
    );
    host.other_call_ends().unwrap();
    assert_eq!((host.charged(), host.held()), (cost, 0));
}

#[test]
fn what_little_room_is_left_is_used_before_the_stream_stops() {
    let mut host = Host::new(100_000);
    let mut run = host.start(message(1000));
    host.other_call_holds(100_000 - FIRST_HOLD - 105).unwrap();
    assert_eq!(run.tokens(&mut host, 900), 266);
    assert!(run.ending().starts_with("credit_ceiling_exceeded"));
}

#[test]
fn a_small_room_lowers_what_the_provider_may_write() {
    let mut host = Host::new(PROMPT_HELD + 300 * TOKEN + 5);
    let mut run = host.start(message(1000));
    assert_eq!(run.max_tokens(), Some(300));
    assert_eq!(run.tokens(&mut host, 300), 300);
    assert!(!run.stopped, "the provider ends by itself");
    run.end(&mut host, None, Finish::Length);
    let cost = PROMPT_USUAL + 300 * TOKEN;
    assert_eq!(run.ending(), format!("credit_ceiling_exceeded {cost}"));
    assert_eq!(host.held(), 0);
}

#[test]
fn less_than_a_slice_of_room_lowers_the_first_hold_too() {
    let mut host = Host::new(PROMPT_HELD + 7 * TOKEN);
    let mut run = host.start(message(1000));
    assert_eq!(
        (run.max_tokens(), host.held()),
        (Some(7), PROMPT_HELD + 7 * TOKEN)
    );
    run.tokens(&mut host, 4);
    run.end(&mut host, None, Finish::Stop);
    assert_eq!(run.ending(), format!("stop {}", PROMPT_USUAL + 4 * TOKEN));
}

#[test]
fn without_room_for_one_token_the_provider_is_never_called() {
    for ceiling in [0, PROMPT_HELD - 1, PROMPT_HELD, PROMPT_HELD + TOKEN - 1] {
        let mut host = Host::new(ceiling);
        let run = host.start(message(1000));
        assert_eq!(
            run.ending(),
            "credit_ceiling_exceeded 0",
            "ceiling {ceiling}"
        );
        assert!(run.call.is_none());
        assert_eq!((host.charged(), host.held()), (0, 0));
    }
}

#[test]
fn what_a_provider_bills_beyond_is_not_the_callers() {
    let ceiling = PROMPT_HELD + 7 * TOKEN;
    let mut host = Host::new(ceiling);
    let mut run = host.start(message(1000));
    run.tokens(&mut host, 7);
    let usage = synesis_domain::TokenUsage::new(1000, 0, 1000);
    run.end(&mut host, Some(usage), Finish::Stop);
    assert_eq!(run.ending(), format!("stop {ceiling}"));
    assert_eq!(host.charged(), ceiling);
    assert!(is_ceiling(host.other_call_holds(1)));
}

#[test]
fn the_words_say_what_is_left_and_that_local_answers_work() {
    let words = Rejection::CreditCeiling {
        room: host_room(5_000),
    }
    .to_call_error()
    .message;
    assert!(
        words.contains("$0.000005") && words.contains("local answers still work"),
        "{words}"
    );
}

fn host_room(nano: i64) -> synesis_domain::NanoUsd {
    synesis_domain::NanoUsd::new(nano)
}
