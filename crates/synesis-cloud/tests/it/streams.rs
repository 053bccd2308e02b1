//! Streams of an answer: order, backpressure, cancelling, cuts.

use std::time::Duration;

use futures::StreamExt;
use synesis_cloud::{Agent, CloudError, EscalationConfig, Finish, Phase, StreamChunk};
use synesis_testkit::Plan;
use synesis_wire::limits::{CONNECTION_WINDOW_BYTES, STREAM_WINDOW_BYTES};
use synesis_wire::{CloseCode, ErrorCode};

use crate::world::{World, question, read_all, soon};

const PIECES: [&str; 4] = ["Paris ", "is ", "the ", "capital."];
/// 10 tokens of the prompt and 4 of the answer, 1,000 nano-dollars each.
const COST: i64 = 14_000;

#[tokio::test]
async fn chunks_arrive_in_order_and_the_ledger_has_the_charge() {
    let world = World::online(&PIECES).await;
    let client = world.client();
    let (escalation, gate) = question();
    let response = client.escalate_streaming(&escalation, gate).await.unwrap();
    assert_eq!(response.request_id(), escalation.request_id);
    let chunks: Vec<_> = soon("the answer", response.into_stream().collect()).await;
    let [
        StreamChunk::Metadata { agent, phase },
        text @ ..,
        StreamChunk::End(end),
    ] = chunks.as_slice()
    else {
        panic!("another form: {chunks:?}");
    };
    assert_eq!((*agent, *phase), (Agent::Logos, Phase::Responding));
    let text: Vec<_> = text
        .iter()
        .map(|chunk| match chunk {
            StreamChunk::Content(text) => text.as_str(),
            other => panic!("no text: {other:?}"),
        })
        .collect();
    assert_eq!(text, PIECES);
    assert_eq!((end.usage.prompt(), end.usage.completion()), (10, 4));
    assert_eq!((end.cost.get(), end.finish), (COST, Finish::Stop));
    assert_eq!(world.booked(), (1, COST));
    assert!(world.open().is_empty());
    let metrics = client.metrics();
    assert_eq!(
        (metrics.total, metrics.successful, metrics.retries),
        (1, 1, 0)
    );
    assert_eq!((metrics.total_tokens, metrics.total_cost.get()), (14, COST));
    assert!(metrics.latency_p50 > Duration::ZERO);
}

#[tokio::test]
async fn slow_reader_stops_the_cloud_within_the_windows() {
    let piece = "x".repeat(32 * 1024);
    let pieces = vec![piece.as_str(); 100];
    let world = World::online(&pieces).await;
    let (escalation, gate) = question();
    let mut response = world
        .client()
        .escalate_streaming(&escalation, gate)
        .await
        .unwrap();
    assert!(response.next().await.is_some());
    soon("the full window", world.server.blocked()).await;
    let windows = STREAM_WINDOW_BYTES + CONNECTION_WINDOW_BYTES;
    let written = world.server.pieces_written() * piece.len();
    assert!(
        written <= usize::try_from(windows).unwrap(),
        "{written} bytes written"
    );
    let (received, _) = read_all(&mut response).await;
    assert_eq!(received.len(), pieces.len());
    assert!(received.iter().all(|text| *text == piece));
}

#[tokio::test]
async fn dropped_answer_is_cancelled_in_the_cloud_and_settled_later() {
    let world = World::online(&PIECES).await;
    let client = world.client();
    let mut hold = world.server.hold_after(2);
    let (escalation, gate) = question();
    let mut response = client.escalate_streaming(&escalation, gate).await.unwrap();
    assert!(response.next().await.is_some());
    soon("the hold", hold.reached()).await;
    drop(response);
    let cancelled = soon("the cancellation", world.server.cancelled()).await;
    assert_eq!(cancelled, escalation.request_id.to_string());
    assert_eq!(
        world.open(),
        [escalation.request_id],
        "its charge is not known yet"
    );
    assert_eq!(client.metrics().cancelled, 1);
    let found = world.billing().sync_with_cloud().await.unwrap();
    assert_eq!((found.settled, found.open), (1, 0));
    assert!(world.open().is_empty());
}

#[tokio::test]
async fn waiting_for_a_chunk_can_be_dropped_without_losing_one() {
    let world = World::online(&PIECES).await;
    let mut hold = world.server.hold_after(2);
    let (escalation, gate) = question();
    let mut response = world
        .client()
        .escalate_streaming(&escalation, gate)
        .await
        .unwrap();
    let mut seen = Vec::new();
    loop {
        let wait = Duration::from_millis(20);
        match tokio::time::timeout(wait, response.next()).await {
            Ok(Some(StreamChunk::Content(text))) => seen.push(text),
            Ok(Some(_)) => {}
            Ok(None) => panic!("ended early"),
            Err(_) if seen.len() == 2 => break,
            Err(_) => {}
        }
    }
    soon("the hold", hold.reached()).await;
    hold.release();
    let (rest, _) = read_all(&mut response).await;
    seen.extend(rest);
    assert_eq!(seen, PIECES);
}

/// An answer that is cut once, and what the second request must ask for.
async fn check_cut(plan: Plan, resume_after: u64) {
    let world = World::online(&PIECES).await;
    world.server.plan(plan.clone());
    let hold = match plan {
        Plan::Disconnect { after } => Some((world.server.hold_after(after), after)),
        _ => None,
    };
    let client = world.client();
    let (escalation, gate) = question();
    let mut response = client.escalate_streaming(&escalation, gate).await.unwrap();
    let mut pieces = Vec::new();
    if let Some((hold, after)) = hold {
        while pieces.len() < after {
            if let Some(StreamChunk::Content(text)) = soon("a chunk", response.next()).await {
                pieces.push(text);
            }
        }
        hold.release();
    }
    let (rest, last) = read_all(&mut response).await;
    pieces.extend(rest);
    assert_eq!(pieces, PIECES, "{plan:?}");
    assert!(matches!(last, StreamChunk::End(_)), "{plan:?}: {last:?}");
    let requests = world.server.received_requests();
    let ids: Vec<_> = requests.iter().map(|request| &request.request_id).collect();
    assert_eq!(ids, [&escalation.request_id.to_string(); 2], "{plan:?}");
    let resumed: Vec<_> = requests
        .iter()
        .map(|request| request.resume_after)
        .collect();
    assert_eq!(resumed, [0, resume_after], "{plan:?}");
    assert_eq!(world.server.billing_events().len(), 1, "{plan:?}");
    assert_eq!(world.booked(), (1, COST), "{plan:?}");
    assert_eq!(client.metrics().retries, 1, "{plan:?}");
}

#[tokio::test]
async fn cut_stream_goes_on_after_the_last_chunk_under_the_same_id() {
    check_cut(Plan::Disconnect { after: 2 }, 3).await;
    check_cut(Plan::Finish { after: 2 }, 3).await;
    check_cut(Plan::Finish { after: 0 }, 1).await;
    check_cut(Plan::Finish { after: 4 }, 5).await;
}

#[tokio::test]
async fn missing_chunk_is_asked_for_again() {
    check_cut(Plan::Skip { sequence: 3 }, 2).await;
}

#[tokio::test]
async fn reset_stream_goes_on_without_doubling_anything() {
    let world = World::online(&PIECES).await;
    let code = CloseCode::Internal;
    world.server.plan(Plan::Reset { after: 3, code });
    let (escalation, gate) = question();
    let mut response = world
        .client()
        .escalate_streaming(&escalation, gate)
        .await
        .unwrap();
    // A reset overtakes what was not read yet, so only the whole is certain.
    let (pieces, last) = read_all(&mut response).await;
    assert_eq!(pieces, PIECES);
    assert!(matches!(last, StreamChunk::End(_)));
    assert_eq!(world.booked(), (1, COST));
}

#[tokio::test]
async fn repeated_chunks_are_shown_once() {
    let world = World::online(&PIECES).await;
    world.server.plan(Plan::Repeat);
    let (escalation, gate) = question();
    let mut response = world
        .client()
        .escalate_streaming(&escalation, gate)
        .await
        .unwrap();
    let (pieces, _) = read_all(&mut response).await;
    assert_eq!(pieces, PIECES);
}

#[tokio::test]
async fn server_killed_in_a_stream_and_restarted_answers_the_rest_and_charges_once() {
    let mut world = World::online(&PIECES).await;
    let mut hold = world.server.hold_after(2);
    let (escalation, gate) = question();
    let mut response = world
        .client()
        .escalate_streaming(&escalation, gate)
        .await
        .unwrap();
    assert!(response.next().await.is_some());
    soon("the hold", hold.reached()).await;
    world.server.restart();
    let (pieces, last) = read_all(&mut response).await;
    assert_eq!(pieces, PIECES);
    assert!(matches!(last, StreamChunk::End(_)));
    assert_eq!(world.server.billing_events().len(), 1);
    assert_eq!(world.booked(), (1, COST));
}

#[tokio::test]
async fn server_killed_for_good_leaves_the_part_and_a_clear_error() {
    let mut world = World::online(&PIECES).await;
    let mut config = EscalationConfig::default();
    config.timeout = Duration::from_millis(800);
    config.max_retries = 1;
    config.retry_delay = Duration::from_millis(5);
    let client = world.client_with(config);
    let mut hold = world.server.hold_after(2);
    let (escalation, gate) = question();
    let mut response = client.escalate_streaming(&escalation, gate).await.unwrap();
    soon("the hold", hold.reached()).await;
    for _ in 0..3 {
        assert!(soon("a chunk", response.next()).await.is_some());
    }
    world.server.shutdown();
    let (pieces, last) = read_all(&mut response).await;
    assert!(pieces.is_empty());
    let StreamChunk::Error(failure) = last else {
        panic!("not an error: {last:?}");
    };
    assert!(failure.error.is_retryable(), "{failure:?}");
    assert_eq!(
        world.open(),
        [escalation.request_id],
        "to be reconciled later"
    );
    assert!(response.next().await.is_none());
    // The next question works as soon as the server is back, and the book is brought in line.
    world.server.restart();
    let (escalation, gate) = question();
    assert!(world.client().escalate(&escalation, &gate).await.is_ok());
    assert_eq!(world.server.billing_events().len(), 1);
}

#[tokio::test]
async fn error_in_the_middle_is_a_typed_chunk_and_its_part_is_charged() {
    let world = World::online(&PIECES).await;
    let code = ErrorCode::ProviderFailed;
    world.server.plan(Plan::Fail { after: 2, code });
    let (escalation, gate) = question();
    let mut response = world
        .client()
        .escalate_streaming(&escalation, gate)
        .await
        .unwrap();
    let (pieces, last) = read_all(&mut response).await;
    assert_eq!(pieces, PIECES[..2]);
    let StreamChunk::Error(failure) = last else {
        panic!("not an error: {last:?}");
    };
    assert!(matches!(
        failure.error,
        CloudError::EscalationFailed {
            code: ErrorCode::ProviderFailed,
            ..
        }
    ));
    assert_eq!(failure.cost.get(), 12_000);
    assert_eq!(world.booked(), (1, 12_000));
    assert_eq!(
        world.server.received_requests().len(),
        1,
        "the cloud has ended it"
    );
}

#[tokio::test]
async fn silent_model_is_an_error_after_the_timeout() {
    let world = World::online(&PIECES).await;
    for _ in 0..2 {
        world.server.plan(Plan::Silence);
    }
    let mut config = EscalationConfig::default();
    config.timeout = Duration::from_millis(100);
    config.max_retries = 1;
    config.retry_delay = Duration::from_millis(1);
    let (escalation, gate) = question();
    let client = world.client_with(config);
    let mut response = client.escalate_streaming(&escalation, gate).await.unwrap();
    let (pieces, last) = read_all(&mut response).await;
    assert!(pieces.is_empty());
    let StreamChunk::Error(failure) = last else {
        panic!("not an error: {last:?}");
    };
    assert!(matches!(failure.error, CloudError::Timeout { .. }));
    assert_eq!(world.server.received_requests().len(), 2);
}
