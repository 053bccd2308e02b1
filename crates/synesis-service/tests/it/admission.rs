//! One request id is one request, however often it arrives.

use synesis_domain::TokenUsage;
use synesis_service::{
    Admission, Finish, Known, Rejection, StopReason, Transcript, ValidRequest, admit,
};
use synesis_wire::proto::EscalationRequest;

use crate::world::{Act, Host, message};

fn asked(message: EscalationRequest) -> ValidRequest {
    ValidRequest::parse(message).unwrap()
}

fn after(resume_after: u64) -> ValidRequest {
    asked(EscalationRequest {
        resume_after,
        ..message(100)
    })
}

fn decide(request: &ValidRequest, known: Known<'_>) -> Result<Admission, Rejection> {
    admit(request, request.content(), known)
}

/// A transcript that ended in this way after so many words.
fn ended(words: usize, act: Act) -> Transcript {
    let mut host = Host::new(1_000_000);
    let mut run = host.start(message(100));
    run.tokens(&mut host, words);
    act(&mut run, &mut host);
    run.escalation.into_transcript()
}

fn lost(resume_after: u64) -> Result<Admission, Rejection> {
    Err(Rejection::NothingToResume { resume_after })
}

const fn attach(after: u64) -> Result<Admission, Rejection> {
    Ok(Admission::Attach { after })
}

const fn replay(after: u64) -> Result<Admission, Rejection> {
    Ok(Admission::Replay { after })
}

#[test]
fn a_known_request_is_joined_or_replayed_and_never_run_twice() {
    let mut host = Host::new(1_000_000);
    let mut run = host.start(message(100));
    run.tokens(&mut host, 3);
    let running = Known::Running(run.escalation.transcript());
    let whole = ended(3, |run, host| run.end(host, None, Finish::Stop));
    let failed = ended(3, |run, host| run.fail(host));
    let (whole, failed) = (Known::Ended(&whole), Known::Ended(&failed));
    let rows = [
        ("new", 0, Known::Nothing, Ok(Admission::Start)),
        ("new, but resumed", 2, Known::Nothing, lost(2)),
        ("runs", 0, running, attach(0)),
        ("runs, resumed", 2, running, attach(2)),
        ("runs, ahead of it", 9, running, lost(9)),
        ("ended", 0, whole, replay(0)),
        ("ended, resumed", 3, whole, replay(3)),
        ("ended, all there", 5, whole, replay(5)),
        ("ended, ahead of it", 6, whole, lost(6)),
        ("failed in the middle", 4, failed, replay(4)),
    ];
    for (row, resume_after, known, expected) in rows {
        assert_eq!(decide(&after(resume_after), known), expected, "{row}");
    }
}

#[test]
fn a_request_that_brought_forth_nothing_is_run_again() {
    let fruitless = ended(0, |run, host| run.fail(host));
    let cancelled = ended(0, |run, host| run.stop(host, StopReason::Cancelled));
    let silent = ended(0, |run, host| {
        run.end(host, Some(TokenUsage::default()), Finish::Stop)
    });
    let rows = [
        ("failed", 0, &fruitless, Ok(Admission::Start)),
        (
            "failed, error received",
            1,
            &fruitless,
            Ok(Admission::Start),
        ),
        ("cancelled", 0, &cancelled, Ok(Admission::Start)),
        ("answered with silence", 0, &silent, replay(0)),
    ];
    for (row, resume_after, transcript, expected) in rows {
        assert_eq!(
            decide(&after(resume_after), Known::Ended(transcript)),
            expected,
            "{row}"
        );
    }
}

#[test]
fn the_same_id_with_another_question_is_refused() {
    let whole = ended(3, |run, host| run.end(host, None, Finish::Stop));
    let other = asked(EscalationRequest {
        query: "something else".into(),
        ..message(100)
    });
    for known in [Known::Running(&whole), Known::Ended(&whole)] {
        assert_eq!(decide(&other, known), Err(Rejection::OtherContent));
    }
}

#[test]
fn a_replay_is_what_was_sent() {
    let mut host = Host::new(1_000_000);
    let mut run = host.start(message(100));
    run.tokens(&mut host, 3);
    run.end(&mut host, None, Finish::Stop);
    let transcript = run.escalation.into_transcript();
    for sequence in 0..=run.sent.len() {
        let again: Vec<_> = transcript.after(sequence as u64).collect();
        assert_eq!(again, run.sent[sequence..]);
    }
    assert_eq!(transcript.after(u64::MAX).count(), 0);
}
