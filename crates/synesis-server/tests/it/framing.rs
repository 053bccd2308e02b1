//! Whatever is wrong with one stream is said on that stream, and the connection stays.

use synesis_wire::ErrorCode;
use synesis_wire::proto::{Call, PingRequest, answer, call};

use crate::client::{Stream, World, ping};

fn code_of(answer: Option<answer::Body>) -> ErrorCode {
    match answer {
        Some(answer::Body::Error(error)) => error.code.parse().unwrap(),
        other => panic!("no error: {other:?}"),
    }
}

#[tokio::test]
async fn broken_frames_are_answered_and_the_connection_stays() {
    let world = World::new().await;
    let connection = world.enrol().await.connect().await.unwrap();
    let cases: [(&str, &[u8], bool, ErrorCode); 6] = [
        (
            "no message",
            &[3, 0xff, 0xff, 0xff],
            false,
            ErrorCode::BadRequest,
        ),
        ("no length", &[0xff; 8], false, ErrorCode::BadRequest),
        // The prefix alone: nothing is read for a frame that is too large.
        ("oversized", &[0x81, 0x80, 0x40], false, ErrorCode::TooLarge),
        ("half a frame", &[9, 1, 2], true, ErrorCode::BadRequest),
        ("nothing", &[], true, ErrorCode::BadRequest),
        ("an unknown call", &[0], false, ErrorCode::Unsupported),
    ];
    for (case, bytes, finished, expected) in cases {
        let mut stream = Stream::raw(&connection, bytes).await;
        if finished {
            stream.send.finish().unwrap();
        }
        assert_eq!(code_of(stream.next().await), expected, "{case}");
        assert_eq!(stream.next().await, None, "{case}");
    }
    ping(&connection).await;
}

#[tokio::test]
async fn a_stream_that_is_given_up_leaves_others_alone() {
    let world = World::new().await;
    let connection = world.enrol().await.connect().await.unwrap();
    for _ in 0..200 {
        Stream::raw(&connection, &[5, 1]).await.cancel();
    }
    ping(&connection).await;
}

#[tokio::test]
async fn a_ping_over_the_limit_is_refused() {
    let world = World::new().await;
    let connection = world.enrol().await.connect().await.unwrap();
    let payload = vec![0; synesis_wire::limits::PING_BYTES_MAX + 1].into();
    let body = call::Body::Ping(PingRequest { payload });
    let mut stream = Stream::open(&connection, body).await;
    assert_eq!(code_of(stream.next().await), ErrorCode::TooLarge);
}

#[tokio::test]
async fn a_call_that_never_ends_does_not_hold_up_another_device() {
    let world = World::new().await;
    let slow = world.enrol().await.connect().await.unwrap();
    let call = Call::default();
    let frame = synesis_wire::encode_frame(&call).unwrap();
    let mut held = Vec::new();
    for _ in 0..synesis_wire::limits::STREAMS_BIDI_MAX {
        let bytes = &frame.as_bytes()[..0];
        held.push(Stream::raw(&slow, bytes).await);
    }
    ping(&world.enrol().await.connect().await.unwrap()).await;
}

#[tokio::test]
async fn a_call_that_was_read_whole_is_not_stopped() {
    let world = World::new().await;
    let connection = world.enrol().await.connect().await.unwrap();
    for _ in 0..20 {
        ping(&connection).await;
    }
    assert_eq!(connection.stats().frame_rx.stop_sending, 0);
}

#[tokio::test]
async fn a_call_that_comes_in_pieces_is_answered_when_it_is_whole() {
    let world = World::new().await;
    let connection = world.enrol().await.connect().await.unwrap();
    let body = call::Body::Ping(PingRequest {
        payload: vec![0x5a; 5_000].into(),
    });
    let call = Call {
        deadline_ms: 0,
        body: Some(body),
    };
    let frame = synesis_wire::encode_frame(&call).unwrap().into_bytes();
    for cut in [1, 2, 3, 100, 4_000, frame.len() - 1] {
        let (first, rest) = frame.split_at(cut);
        let mut stream = Stream::raw(&connection, first).await;
        // The server has seen the first piece by the time it answers this.
        ping(&connection).await;
        stream.send.write_all(rest).await.unwrap();
        stream.send.finish().unwrap();
        match stream.next().await {
            Some(answer::Body::Ping(pong)) => assert_eq!(pong.payload.len(), 5_000, "{cut}"),
            other => panic!("cut at {cut}: {other:?}"),
        }
        assert_eq!(stream.next().await, None, "{cut}");
    }
}
