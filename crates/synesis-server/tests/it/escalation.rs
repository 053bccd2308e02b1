//! The call that costs money: streamed, retried, cancelled, cut, refused.

use std::time::Duration;

use synesis_domain::NanoUsd;
use synesis_wire::proto::stream_chunk::Payload;
use synesis_wire::proto::{StreamEnd, StreamError, answer};
use synesis_wire::{CloseCode, ErrorCode};

use crate::backend::{Backend, on_both};
use crate::client::{
    PATIENCE, REQUEST, World, balance, client_tls, close_code, connect, endpoint_with, escalate,
    escalation, ping, refusal, usage,
};
use crate::double::Say;

fn end(last: Payload) -> StreamEnd {
    match last {
        Payload::End(end) => end,
        other => panic!("no end: {other:?}"),
    }
}

fn error(last: Payload) -> StreamError {
    match last {
        Payload::Error(error) => error,
        other => panic!("no error: {other:?}"),
    }
}

/// What a private cloud charges: $0.15 and $0.60 a million, and 3 %.
fn charge(prompt: i64, completion: i64) -> i64 {
    let cost = (prompt * 150_000 + completion * 600_000 + 999) / 1000;
    cost + (cost * 3 + 99) / 100
}

async fn an_answer_streams_while_it_is_written_and_is_charged_once(backend: Backend) {
    let world = World::on(backend).await;
    let connection = world.enrol().await.connect().await.unwrap();
    let mut stream = escalate(&connection, escalation(REQUEST, "capital of France?")).await;
    world.model.say(Say::Word("Paris")).await;
    let first = stream.chunk().await;
    assert_eq!(first.payload, Some(Payload::Content("Paris".into())));
    assert!(balance(&connection).await.held_nano_usd > 0);
    world.model.answer(&[", of", " course."]).await;
    let (text, last) = stream.rest().await;
    assert_eq!(text, ", of course.");
    let end = end(last);
    assert_eq!(end.cost_nano_usd, charge(10, 3));
    assert_eq!(
        (end.finish.as_str(), end.model_used.as_str()),
        ("stop", "scripted")
    );
    let balance = balance(&connection).await;
    assert_eq!(balance.charged_nano_usd, charge(10, 3));
    assert_eq!((balance.held_nano_usd, balance.calls), (0, 1));
    let usage = usage(&connection, REQUEST).await;
    assert_eq!(
        (usage.state.as_str(), usage.cost_nano_usd),
        ("settled", charge(10, 3))
    );
}

async fn a_retry_gets_the_same_answer_and_no_second_charge(backend: Backend) {
    let world = World::on(backend).await;
    let connection = world.enrol().await.connect().await.unwrap();
    world.model.answer(&["a", "b", "c"]).await;
    let first = escalate(&connection, escalation(REQUEST, "q"))
        .await
        .rest()
        .await;
    let again = escalate(&connection, escalation(REQUEST, "q"))
        .await
        .rest()
        .await;
    assert_eq!(first, again);
    let mut resumed = escalation(REQUEST, "q");
    resumed.resume_after = 3;
    let (text, _) = escalate(&connection, resumed).await.rest().await;
    assert_eq!(text, "c");
    let mut whole = escalation(REQUEST, "q");
    whole.stream = false;
    match escalate(&connection, whole).await.next().await {
        Some(answer::Body::Escalation(response)) => assert_eq!(response.content, "abc"),
        other => panic!("no response: {other:?}"),
    }
    match escalate(&connection, escalation(REQUEST, "another"))
        .await
        .next()
        .await
    {
        Some(answer::Body::Error(error)) => {
            assert_eq!(error.code, ErrorCode::DuplicateRequest.as_str());
        }
        other => panic!("other content was answered: {other:?}"),
    }
    assert_eq!(world.model.seen().calls, 1);
    assert_eq!(balance(&connection).await.charged_nano_usd, charge(10, 3));
}

async fn the_same_request_twice_at_once_is_one_call(backend: Backend) {
    let world = World::on(backend).await;
    let device = world.enrol().await;
    let (one, two) = (
        device.connect().await.unwrap(),
        device.connect().await.unwrap(),
    );
    let mut first = escalate(&one, escalation(REQUEST, "q")).await;
    let mut second = escalate(&two, escalation(REQUEST, "q")).await;
    world.model.answer(&["x", "y"]).await;
    let (a, b) = tokio::join!(first.rest(), second.rest());
    assert_eq!(a, b);
    assert_eq!(world.model.seen().calls, 1);
    assert_eq!(balance(&one).await.calls, 1);
}

async fn cancelling_stops_the_model_and_bills_what_was_written(backend: Backend) {
    let mut world = World::on(backend).await;
    let connection = world.enrol().await.connect().await.unwrap();
    let mut stream = escalate(&connection, escalation(REQUEST, "q")).await;
    world.model.say(Say::Word("one")).await;
    world.model.say(Say::Word("two")).await;
    stream.chunk().await;
    stream.chunk().await;
    stream.cancel();
    world.model.stopped(1).await;
    let (text, last) = escalate(&connection, escalation(REQUEST, "q"))
        .await
        .rest()
        .await;
    let end = end(last);
    assert_eq!(
        (text.as_str(), end.finish.as_str()),
        ("onetwo", "cancelled")
    );
    assert_eq!(end.tokens_used.unwrap().completion, 2);
    let balance = balance(&connection).await;
    assert_eq!(balance.charged_nano_usd, end.cost_nano_usd);
    assert_eq!(balance.held_nano_usd, 0);
}

#[tokio::test]
async fn a_process_that_closes_its_connection_stops_the_model() {
    let mut world = World::new().await;
    let device = world.enrol().await;
    let connection = device.connect().await.unwrap();
    let mut stream = escalate(&connection, escalation(REQUEST, "q")).await;
    world.model.say(Say::Word("one")).await;
    stream.chunk().await;
    connection.close(0_u32.into(), b"bye");
    world.model.stopped(1).await;
}

#[tokio::test]
async fn a_second_connection_takes_a_stream_over_where_it_stood() {
    let world = World::new().await;
    let device = world.enrol().await;
    let first = device.connect().await.unwrap();
    let mut stream = escalate(&first, escalation(REQUEST, "q")).await;
    world.model.say(Say::Word("one")).await;
    let seen = stream.chunk().await.sequence;
    let second = device.connect().await.unwrap();
    let mut resumed = escalation(REQUEST, "q");
    resumed.resume_after = seen;
    let mut stream = escalate(&second, resumed).await;
    world.model.say(Say::Word("two")).await;
    assert_eq!(
        stream.chunk().await.payload,
        Some(Payload::Content("two".into()))
    );
    first.close(0_u32.into(), b"the newer one is faster");
    first.closed().await;
    world.model.answer(&["three"]).await;
    let (text, last) = stream.rest().await;
    assert_eq!(text, "three");
    assert_eq!(end(last).finish, "stop");
    assert_eq!(world.model.seen().stopped, 0);
}

#[test]
fn a_lost_connection_is_waited_for_and_then_stopped_and_settled() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let grace = Duration::from_millis(300);
    let mut world = runtime.block_on(World::with(|config| config.reconnect_grace = grace));
    let device = runtime.block_on(world.enrol());
    // A device that vanishes without a word: its runtime ends, nothing is sent any more.
    let vanishing = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    vanishing.block_on(async {
        let key = device.key.serialize_pem();
        let identity = (device.enrolled.certificate_pem.as_str(), key.as_str());
        let mut transport = quinn::TransportConfig::default();
        transport.max_idle_timeout(Some(Duration::from_millis(500).try_into().unwrap()));
        let endpoint = endpoint_with(
            client_tls(&device.enrolled.ca_pem, Some(identity)),
            transport,
        );
        let connection = connect(&endpoint, world.server.addr()).await.unwrap();
        let mut stream = escalate(&connection, escalation(REQUEST, "q")).await;
        world.model.say(Say::Word("one")).await;
        stream.chunk().await;
        std::mem::forget((endpoint, connection, stream));
    });
    vanishing.shutdown_background();
    runtime.block_on(async {
        world.model.stopped(1).await;
        let connection = device.connect().await.unwrap();
        let (text, last) = escalate(&connection, escalation(REQUEST, "q"))
            .await
            .rest()
            .await;
        assert_eq!(
            (text.as_str(), end(last).finish.as_str()),
            ("one", "cancelled")
        );
        assert_eq!(balance(&connection).await.calls, 1);
    });
}

async fn a_provider_that_breaks_off_is_said_and_what_it_wrote_is_settled(backend: Backend) {
    let world = World::on(backend).await;
    let connection = world.enrol().await.connect().await.unwrap();
    world.model.say(Say::Word("half")).await;
    world.model.say(Say::Fail).await;
    let (text, last) = escalate(&connection, escalation(REQUEST, "q"))
        .await
        .rest()
        .await;
    let error = error(last);
    assert_eq!(
        (text.as_str(), error.code.as_str()),
        ("half", "provider_failed")
    );
    assert_eq!(
        balance(&connection).await.charged_nano_usd,
        error.cost_nano_usd
    );
    assert!(error.cost_nano_usd > 0);
}

async fn a_call_that_brought_nothing_can_be_tried_again_with_its_id(backend: Backend) {
    let world = World::on(backend).await;
    let connection = world.enrol().await.connect().await.unwrap();
    world.model.say(Say::Fail).await;
    let (_, last) = escalate(&connection, escalation(REQUEST, "q"))
        .await
        .rest()
        .await;
    assert_eq!(error(last).cost_nano_usd, 0);
    world.model.answer(&["better"]).await;
    let (text, last) = escalate(&connection, escalation(REQUEST, "q"))
        .await
        .rest()
        .await;
    assert_eq!(text, "better");
    assert_eq!(
        balance(&connection).await.charged_nano_usd,
        end(last).cost_nano_usd
    );
}

async fn nobody_spends_past_the_ceiling(backend: Backend) {
    let world = World::on_with(backend, |config| config.ceiling = NanoUsd::new(20)).await;
    let connection = world.enrol().await.connect().await.unwrap();
    let (text, last) = escalate(&connection, escalation(REQUEST, "q"))
        .await
        .rest()
        .await;
    assert_eq!(text, "");
    assert_eq!(error(last).code, ErrorCode::CreditCeilingExceeded.as_str());
    assert_eq!(world.model.seen().calls, 0);
    let balance = balance(&connection).await;
    assert_eq!((balance.charged_nano_usd, balance.held_nano_usd), (0, 0));
}

#[tokio::test]
async fn a_request_that_makes_no_sense_is_refused_with_what_is_wrong() {
    let world = World::new().await;
    let connection = world.enrol().await.connect().await.unwrap();
    let long = "x".repeat(synesis_wire::limits::QUERY_BYTES_MAX + 1);
    for (request, code) in [
        (escalation("no uuid", "q"), ErrorCode::BadRequest),
        (escalation(REQUEST, ""), ErrorCode::BadRequest),
        (escalation(REQUEST, &long), ErrorCode::TooLarge),
    ] {
        match escalate(&connection, request).await.next().await {
            Some(answer::Body::Error(error)) => assert_eq!(error.code, code.as_str()),
            other => panic!("not refused: {other:?}"),
        }
    }
    ping(&connection).await;
}

async fn accounts_do_not_see_each_other(backend: Backend) {
    let world = World::on(backend).await;
    let mine = world.enrol().await.connect().await.unwrap();
    let token = synesis_server::create_token(world.place(), None, Duration::from_secs(60)).unwrap();
    let (addr, dir) = (world.server.addr(), world.dir.path());
    let other = crate::client::Device::enrol(addr, dir, &token.token)
        .await
        .unwrap();
    let theirs = other.connect().await.unwrap();
    world.model.answer(&["secret"]).await;
    escalate(&mine, escalation(REQUEST, "q")).await.rest().await;
    assert_eq!(usage(&theirs, REQUEST).await.state, "unknown");
    assert_eq!(balance(&theirs).await.charged_nano_usd, 0);
    world.model.answer(&["other"]).await;
    let (text, _) = escalate(&theirs, escalation(REQUEST, "q"))
        .await
        .rest()
        .await;
    assert_eq!(text, "other");
}

#[tokio::test]
async fn a_shutdown_announces_itself_and_lets_the_answer_end() {
    let world = World::new().await;
    let connection = world.enrol().await.connect().await.unwrap();
    let mut stream = escalate(&connection, escalation(REQUEST, "q")).await;
    world.model.say(Say::Word("one")).await;
    stream.chunk().await;
    let down = tokio::spawn(world.server.shutdown(PATIENCE));
    let mut control = connection.accept_uni().await.unwrap();
    assert!(!control.read_to_end(1024).await.unwrap().is_empty());
    match escalate(&connection, escalation(&REQUEST.replace('0', "1"), "q"))
        .await
        .next()
        .await
    {
        Some(answer::Body::Error(error)) => {
            assert_eq!(error.code, ErrorCode::ShuttingDown.as_str());
        }
        other => panic!("a new call during the shutdown: {other:?}"),
    }
    world.model.answer(&["two"]).await;
    let (text, last) = stream.rest().await;
    assert_eq!((text.as_str(), end(last).finish.as_str()), ("two", "stop"));
    let closed = refusal(Ok(connection)).await;
    assert_eq!(
        close_code(&closed),
        Some(CloseCode::GoingAway.as_u32().into())
    );
    down.await.unwrap();
}

#[tokio::test]
async fn a_slow_reader_slows_the_model() {
    const WORDS: u32 = 120;
    const WORD_BYTES: usize = 4096;
    let mut world = World::new().await;
    let device = world.enrol().await;
    let key = device.key.serialize_pem();
    let identity = (device.enrolled.certificate_pem.as_str(), key.as_str());
    let mut transport = quinn::TransportConfig::default();
    transport.stream_receive_window(8192_u32.into());
    let endpoint = endpoint_with(
        client_tls(&device.enrolled.ca_pem, Some(identity)),
        transport,
    );
    let connection = connect(&endpoint, world.server.addr()).await.unwrap();
    let mut stream = escalate(&connection, escalation(REQUEST, "q")).await;
    let word: &'static str = Box::leak("x".repeat(WORD_BYTES).into_boxed_str());
    for _ in 0..WORDS {
        world.model.say(Say::Word(word)).await;
    }
    world.model.say(Say::Done).await;
    // Nobody reads: the model comes as far as the bound on a reader's lag, and no further.
    world.model.said(64).await;
    for _ in 0..50 {
        ping(&connection).await;
    }
    assert!(world.model.seen().words < 80, "{:?}", world.model.seen());
    let (text, last) = stream.rest().await;
    assert_eq!(text.len(), WORDS as usize * WORD_BYTES);
    assert_eq!(end(last).finish, "stop");
}

on_both!(
    an_answer_streams_while_it_is_written_and_is_charged_once,
    a_retry_gets_the_same_answer_and_no_second_charge,
    the_same_request_twice_at_once_is_one_call,
    cancelling_stops_the_model_and_bills_what_was_written,
    a_provider_that_breaks_off_is_said_and_what_it_wrote_is_settled,
    a_call_that_brought_nothing_can_be_tried_again_with_its_id,
    nobody_spends_past_the_ceiling,
    accounts_do_not_see_each_other
);
