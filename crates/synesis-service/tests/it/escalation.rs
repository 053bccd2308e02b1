//! What is charged, for every way in which an escalation can end.

use synesis_domain::TokenUsage;
use synesis_service::limits::{ANSWER_BYTES_MAX, CHUNK_BYTES_MAX};
use synesis_service::{Finish, StopReason, Transcript};
use synesis_wire::ErrorCode;
use synesis_wire::proto::stream_chunk::Payload;

use crate::world::{Act, Host, PROMPT_USUAL, Run, TOKEN, message};

const RICH: i64 = 1_000_000;

fn begun(words: usize) -> (Host, Run) {
    let mut host = Host::new(RICH);
    let mut run = host.start(message(1000));
    run.tokens(&mut host, words);
    (host, run)
}

#[test]
fn an_answer_is_charged_by_what_the_provider_counted() {
    let (mut host, mut run) = begun(3);
    assert_eq!(run.max_tokens(), Some(1000));
    // 15 fresh and 5 cached prompt tokens, 7 of the answer: 85.5 nano-dollars.
    run.end(&mut host, Some(TokenUsage::new(20, 5, 7)), Finish::Stop);
    assert_eq!(run.ending(), "stop 86");
    assert_eq!((host.charged(), host.held()), (86, 0));
    assert_eq!(run.text(), "xxx");
    let record = run.record.unwrap();
    assert_eq!(record.outcome, Ok(Finish::Stop));
    assert_eq!(record.usage, Some(TokenUsage::new(20, 5, 7)));
    assert_eq!(record.unsettled, None);
}

#[test]
fn a_count_of_zero_is_a_count_and_none_is_not() {
    let (mut host, mut run) = begun(3);
    run.end(&mut host, Some(TokenUsage::default()), Finish::Stop);
    assert_eq!(run.ending(), "stop 0");
    let (mut host, mut run) = begun(3);
    run.end(&mut host, None, Finish::Stop);
    assert_eq!(run.ending(), format!("stop {}", PROMPT_USUAL + 3 * TOKEN));
}

#[test]
fn cancelling_in_the_middle_bills_only_what_was_generated() {
    let (mut host, mut run) = begun(5);
    run.stop(&mut host, StopReason::Cancelled);
    assert!(run.stopped);
    assert_eq!(
        run.ending(),
        format!("cancelled {}", PROMPT_USUAL + 5 * TOKEN)
    );
    assert_eq!((host.charged(), host.held()), (PROMPT_USUAL + 5 * TOKEN, 0));
    let sent = run.sent.len();
    run.delta(&mut host, "late", 1);
    run.end(&mut host, Some(TokenUsage::new(20, 0, 900)), Finish::Stop);
    assert_eq!(
        (run.sent.len(), host.settlements),
        (sent, 1),
        "what comes late changes nothing"
    );
}

#[test]
fn a_cut_prompt_is_charged_as_the_provider_counted_it() {
    let (mut host, mut run) = begun(2);
    run.escalation
        .handle_provider_usage(TokenUsage::new(21, 0, 1));
    run.stop(&mut host, StopReason::Cancelled);
    assert_eq!(run.ending(), format!("cancelled {}", 21 + 2 * TOKEN));
}

#[test]
fn nothing_is_charged_before_the_first_word() {
    let rows: [(&str, Act); 4] = [
        ("provider_failed 0", |run, host| run.fail(host)),
        ("cancelled 0", |run, host| {
            run.stop(host, StopReason::Cancelled)
        }),
        ("shutting_down 0", |run, host| {
            run.stop(host, StopReason::ShuttingDown)
        }),
        ("deadline 0", |run, host| run.wait(host, 10 * 60_000)),
    ];
    for (ending, act) in rows {
        let (mut host, mut run) = begun(0);
        assert!(host.held() > 0, "it was held");
        act(&mut run, &mut host);
        assert_eq!(run.ending(), ending);
        assert_eq!(
            (host.charged(), host.held(), host.settlements),
            (0, 0, 0),
            "{ending}"
        );
    }
}

#[test]
fn what_was_generated_before_a_failure_is_settled() {
    let rows: [(&str, Act); 3] = [
        ("provider_failed", |run, host| run.fail(host)),
        ("shutting_down", |run, host| {
            run.stop(host, StopReason::ShuttingDown)
        }),
        ("deadline", |run, host| run.wait(host, 10 * 60_000)),
    ];
    for (code, act) in rows {
        let (mut host, mut run) = begun(4);
        act(&mut run, &mut host);
        let cost = PROMPT_USUAL + 4 * TOKEN;
        assert_eq!(run.ending(), format!("{code} {cost}"));
        assert_eq!((host.charged(), host.held()), (cost, 0));
    }
}

#[test]
fn a_call_that_is_cancelled_while_it_is_held_never_reaches_the_provider() {
    let mut host = Host::new(RICH);
    let mut run = host.start_unpolled(message(1000));
    run.stop(&mut host, StopReason::Cancelled);
    assert_eq!(run.ending(), "cancelled 0");
    assert!(run.call.is_none() && !run.stopped);
    assert_eq!((host.charged(), host.held()), (0, 0));
}

#[test]
fn a_retry_after_a_crash_is_charged_once() {
    let mut host = Host::new(RICH);
    let mut lost = host.start(message(1000));
    lost.tokens(&mut host, 200);
    drop(lost);
    assert!(host.held() > 0, "the hold outlives the crash");
    let mut run = host.start(message(1000));
    run.tokens(&mut host, 3);
    run.end(&mut host, Some(TokenUsage::new(20, 0, 3)), Finish::Stop);
    assert_eq!(run.ending(), "stop 50");
    assert_eq!((host.charged(), host.held(), host.settlements), (50, 0, 1));
    let again = host.start(message(1000));
    assert_eq!(
        again.ending(),
        "duplicate_request 0",
        "the answer is lost, but not charged twice"
    );
    assert!(again.call.is_none());
    let other = host.start(message(999));
    assert_eq!(
        other.ending(),
        "duplicate_request 0",
        "another request under the same id"
    );
}

#[test]
fn a_settlement_that_could_not_be_stored_is_handed_to_the_host() {
    let (mut host, mut run) = begun(4);
    host.down = true;
    run.end(&mut host, None, Finish::Stop);
    assert_eq!(run.ending(), "internal 0");
    host.down = false;
    let command = run.record.unwrap().unsettled.unwrap();
    for _ in 0..2 {
        host.put(&command).unwrap();
        assert_eq!(
            (host.charged(), host.settlements),
            (PROMPT_USUAL + 4 * TOKEN, 1)
        );
    }
}

#[test]
fn a_store_that_fails_before_the_call_ends_it() {
    let mut host = Host::new(RICH);
    host.down = true;
    let run = host.start(message(10));
    assert_eq!(run.ending(), "internal 0");
    assert!(run.call.is_none());
}

#[test]
fn a_silent_call_keeps_its_hold_alive() {
    let mut host = Host::new(RICH);
    let mut run = host.start(message(1000));
    // The host asks for a tick before half of the hold's life is over.
    let due = run.escalation.timeout().unwrap().since(host.now);
    assert_eq!(due, 15 * 60_000 / 2);
    run.wait(&mut host, due);
    run.delta(&mut host, "x", 1);
    assert!(run.escalation.timeout().unwrap().since(host.now) <= 15 * 60_000 / 2);
    host.now = host.now.plus_ms(14 * 60_000);
    host.put(&synesis_domain::AccountCommand::Tick).unwrap();
    assert!(host.held() > 0);
}

#[test]
fn chunks_are_small_and_cut_between_characters() {
    let (mut host, mut run) = begun(0);
    let text = "ü".repeat(CHUNK_BYTES_MAX);
    run.delta(&mut host, &text, 9);
    assert_eq!(run.text(), text);
    for chunk in &run.sent {
        if let Some(Payload::Content(text)) = &chunk.payload {
            assert!(text.len() <= CHUNK_BYTES_MAX);
        }
    }
}

#[test]
fn an_answer_that_is_too_long_to_keep_is_ended() {
    let (mut host, mut run) = begun(0);
    let page = "y".repeat(ANSWER_BYTES_MAX / 4 + 1);
    for _ in 0..4 {
        assert!(!run.stopped);
        run.delta(&mut host, &page, 1);
    }
    assert!(run.stopped);
    assert_eq!(run.text().len(), ANSWER_BYTES_MAX);
    assert_eq!(run.ending(), format!("length {}", PROMPT_USUAL + 4 * TOKEN));
}

#[test]
fn a_provider_that_ignores_the_limit_is_stopped() {
    let mut host = Host::new(RICH);
    let mut run = host.start(message(5));
    assert_eq!(run.max_tokens(), Some(5));
    assert_eq!(run.tokens(&mut host, 100), 6);
    assert_eq!(run.ending(), format!("length {}", PROMPT_USUAL + 6 * TOKEN));
}

#[test]
fn the_first_words_are_announced_as_logos_answering() {
    let (_, run) = begun(1);
    let Some(Payload::Metadata(metadata)) = &run.sent[0].payload else {
        panic!("{:?}", run.sent)
    };
    assert_eq!(
        (metadata.agent.as_str(), metadata.phase.as_str()),
        ("logos", "responding")
    );
}

#[test]
fn the_whole_answer_can_be_given_at_once_or_again() {
    let (mut host, mut run) = begun(3);
    assert_eq!(run.escalation.transcript().response(), None);
    run.end(&mut host, Some(TokenUsage::new(20, 0, 3)), Finish::Stop);
    let transcript = run.escalation.into_transcript();
    let response = transcript.response().unwrap().unwrap();
    assert_eq!(
        (response.content.as_str(), response.cost_nano_usd),
        ("xxx", 50)
    );
    assert_eq!(
        (response.model_used.as_str(), response.cost_cents),
        ("script-1", 1)
    );
    let (request, content) = (transcript.request(), transcript.content());
    let stored: Vec<_> = transcript.after(0).collect();
    assert_eq!(
        Transcript::from_chunks(request, content, stored.clone()),
        Ok(transcript)
    );
    let gap = stored.into_iter().skip(1);
    assert!(Transcript::from_chunks(request, content, gap).is_err());

    let (mut host, mut run) = begun(3);
    run.fail(&mut host);
    let error = run.escalation.transcript().response().unwrap().unwrap_err();
    assert_eq!(error.code.parse(), Ok(ErrorCode::ProviderFailed));
    assert_eq!(error.message, "the model's provider failed: no such model");
}
