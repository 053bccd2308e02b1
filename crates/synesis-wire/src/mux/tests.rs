//! Two ends joined in memory, with a line that delivers when the test says.

use proptest::prelude::*;

use super::*;
use crate::limits::STREAM_WINDOW_BYTES;

/// Two ends and what is on its way between them.
struct Pair {
    device: Mux,
    cloud: Mux,
}

impl Pair {
    fn new() -> Self {
        Self {
            device: Mux::new(Side::Device),
            cloud: Mux::new(Side::Cloud),
        }
    }

    /// Delivers everything until both ends are quiet.
    fn settle(&mut self) {
        loop {
            let mut quiet = true;
            while let Some(message) = self.device.poll_transmit() {
                self.cloud.handle(message).unwrap();
                quiet = false;
            }
            while let Some(message) = self.cloud.poll_transmit() {
                self.device.handle(message).unwrap();
                quiet = false;
            }
            if quiet {
                return;
            }
        }
    }
}

fn bytes(length: usize) -> Bytes {
    (0..length).map(|at| (at % 251) as u8).collect()
}

fn read_all(mux: &mut Mux, id: StreamId) -> (Vec<u8>, Read) {
    let mut all = Vec::new();
    loop {
        match mux.read(id, 1000) {
            Read::Chunk(piece) => all.extend_from_slice(&piece),
            other => return (all, other),
        }
    }
}

#[test]
fn call_and_answer_leave_nothing_behind() {
    let mut pair = Pair::new();
    let id = pair.device.open(Direction::Bi).unwrap();
    pair.device.write(id, &mut Bytes::from_static(b"question"));
    pair.device.finish(id);
    pair.settle();
    assert_eq!(pair.cloud.accept(Direction::Bi), Some(id));
    assert_eq!(
        read_all(&mut pair.cloud, id),
        (b"question".to_vec(), Read::End)
    );
    pair.cloud.write(id, &mut Bytes::from_static(b"answer"));
    pair.cloud.finish(id);
    assert_eq!(pair.cloud.stopped(id), None, "not sent yet");
    pair.settle();
    assert_eq!(pair.cloud.stopped(id), Some(None));
    assert_eq!(
        read_all(&mut pair.device, id),
        (b"answer".to_vec(), Read::End)
    );
    for mux in [&pair.device, &pair.cloud] {
        assert!(mux.streams.is_empty(), "{mux:?}");
        assert_eq!(mux.own, [0; 2]);
    }
}

#[test]
fn reader_that_takes_nothing_stops_the_writer_at_its_window() {
    let mut pair = Pair::new();
    let id = pair.device.open(Direction::Bi).unwrap();
    let mut rest = bytes(3 * STREAM_WINDOW_BYTES as usize);
    let all = rest.clone();
    while pair.device.write(id, &mut rest) == Written::Some {
        pair.settle();
    }
    assert_eq!(
        rest.len(),
        2 * STREAM_WINDOW_BYTES as usize,
        "one window left"
    );
    let mut arrived = Vec::new();
    while arrived.len() < all.len() {
        match pair.cloud.read(id, 5000) {
            Read::Chunk(piece) => arrived.extend_from_slice(&piece),
            Read::Empty => {
                pair.device.write(id, &mut rest);
                pair.settle();
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(arrived, all);
}

#[test]
fn slow_readers_hold_up_no_more_than_the_window_of_the_connection() {
    let mut pair = Pair::new();
    let mut written = 0;
    for _ in 0..8 {
        let id = pair.device.open(Direction::Bi).unwrap();
        let mut rest = bytes(STREAM_WINDOW_BYTES as usize);
        while !rest.is_empty() && pair.device.write(id, &mut rest) == Written::Some {
            pair.settle();
        }
        written += STREAM_WINDOW_BYTES as usize - rest.len();
    }
    assert_eq!(written, CONNECTION_WINDOW_BYTES as usize);
    // Whoever is not read is stopped: that gives the others their room back.
    let first = pair.cloud.accept(Direction::Bi).unwrap();
    pair.cloud.stop(first, 8);
    let second = pair.cloud.accept(Direction::Bi).unwrap();
    pair.cloud.stop(second, 8);
    pair.settle();
    let last = StreamId::new(Side::Device, Direction::Bi, 7);
    assert_eq!(pair.device.write(last, &mut bytes(10)), Written::Some);
}

#[test]
fn stop_and_reset_carry_their_codes_and_free_the_stream() {
    let mut pair = Pair::new();
    let id = pair.device.open(Direction::Bi).unwrap();
    pair.device.write(id, &mut bytes(10));
    pair.settle();
    pair.cloud.accept(Direction::Bi).unwrap();
    pair.cloud.write(id, &mut bytes(20));
    pair.settle();
    pair.device.stop(id, 8);
    pair.device.reset(id, 8);
    pair.settle();
    assert_eq!(pair.cloud.stopped(id), Some(Some(8)));
    assert_eq!(pair.cloud.write(id, &mut bytes(1)), Written::Stopped(8));
    assert_eq!(pair.cloud.read(id, 100), Read::Reset(8));
    assert_eq!(pair.device.read(id, 100), Read::End);
    pair.cloud.drop_writer(id);
    pair.settle();
    for mux in [&pair.device, &pair.cloud] {
        assert!(mux.streams.is_empty(), "{mux:?}");
        assert_eq!(mux.own, [0; 2]);
    }
}

#[test]
fn stop_after_the_writer_has_gone_frees_the_stream_too() {
    let mut pair = Pair::new();
    let id = pair.device.open(Direction::Bi).unwrap();
    pair.device.finish(id);
    pair.settle();
    pair.cloud.write(id, &mut bytes(10));
    pair.cloud.drop_writer(id);
    pair.cloud.drop_reader(id);
    pair.device.stop(id, 8);
    // The stop arrives before the end of the answer is sent.
    let stop = pair.device.poll_transmit().unwrap();
    pair.cloud.handle(stop).unwrap();
    pair.settle();
    assert_eq!(pair.device.streams_open(), 0);
    assert_eq!(pair.cloud.streams_open(), 0);
}

#[test]
fn peer_that_takes_nothing_runs_out_of_streams_before_this_end_runs_out_of_memory() {
    let mut cloud = Mux::new(Side::Cloud);
    let mut refused = None;
    for call in 0..10_000 {
        let id = StreamId::new(Side::Device, Direction::Bi, call);
        let messages = [
            told(id.0, Body::Data(bytes(1))),
            told(id.0, Body::Stop(8)),
            told(id.0, Body::Reset(8)),
            told(id.0, Body::Ping(call)),
            told(2, Body::Data(bytes(1))),
        ];
        refused = messages.into_iter().find_map(|m| cloud.handle(m).err());
        if refused.is_some() {
            break;
        }
        cloud.write(id, &mut bytes(1));
        cloud.drop_writer(id);
        cloud.drop_reader(id);
        cloud.read(StreamId(2), 1);
    }
    assert_eq!(refused, Some(MuxError::TooManyStreams));
    assert!(cloud.messages_queued() <= 3 * STREAMS_BIDI_MAX as usize);
}

#[test]
fn credit_that_gives_nothing_wakes_nobody() {
    let mut device = Mux::new(Side::Device);
    let id = device.open(Direction::Bi).unwrap();
    device
        .handle(told(
            id.0,
            Body::StreamCredit(u64::from(STREAM_WINDOW_BYTES)),
        ))
        .unwrap();
    assert_eq!(device.poll_event(), None);
}

#[test]
fn no_more_streams_are_open_at_once_than_may_be() {
    let mut pair = Pair::new();
    let ids: Vec<_> = std::iter::from_fn(|| pair.device.open(Direction::Uni)).collect();
    assert_eq!(ids.len(), STREAMS_UNI_MAX as usize);
    while pair.device.poll_event().is_some() {}
    pair.device.finish(ids[0]);
    pair.settle();
    // Sent is not read: only a reader that is through with one makes room for another.
    assert!(pair.device.open(Direction::Uni).is_none());
    assert_eq!(pair.cloud.accept(Direction::Uni), Some(ids[0]));
    assert_eq!(pair.cloud.read(ids[0], 10), Read::End);
    while pair.device.poll_event().is_some() {}
    pair.settle();
    assert_eq!(
        pair.device.poll_event(),
        Some(Event::CanOpen(Direction::Uni))
    );
    assert!(pair.device.open(Direction::Uni).is_some());
    assert!(pair.device.open(Direction::Uni).is_none());
}

#[test]
fn burst_of_one_way_streams_waits_for_its_reader() {
    let mut pair = Pair::new();
    let mut sent = 0_u32;
    let mut received = 0_u32;
    while received < 1_000 {
        while sent < 1_000
            && let Some(id) = pair.device.open(Direction::Uni)
        {
            pair.device
                .write(id, &mut Bytes::copy_from_slice(&sent.to_be_bytes()));
            pair.device.finish(id);
            sent += 1;
        }
        pair.settle();
        let id = pair.cloud.accept(Direction::Uni).unwrap();
        let (bytes, end) = read_all(&mut pair.cloud, id);
        assert_eq!((bytes, end), (received.to_be_bytes().to_vec(), Read::End));
        received += 1;
    }
}

#[test]
fn goodbye_follows_what_was_written_and_ends_both() {
    let mut pair = Pair::new();
    let id = pair.device.open(Direction::Bi).unwrap();
    pair.device.write(id, &mut bytes(10));
    pair.device.close(1, "going");
    assert_eq!(pair.device.write(id, &mut bytes(1)), Written::Gone);
    assert!(pair.device.open(Direction::Bi).is_none());
    pair.settle();
    let ended = Ended::ByPeer {
        code: 1,
        reason: "going".to_owned(),
    };
    assert_eq!(pair.cloud.ended(), Some(&ended));
    assert_eq!(
        read_all(&mut pair.cloud, id),
        (bytes(10).to_vec(), Read::Gone)
    );
}

fn told(stream: u64, body: Body) -> TunnelMessage {
    TunnelMessage {
        stream,
        body: Some(body),
    }
}

#[test]
fn what_the_other_end_may_not_do_is_named() {
    let data = |length: usize| Body::Data(bytes(length));
    let window = STREAM_WINDOW_BYTES as usize;
    let cases: Vec<(&str, Vec<TunnelMessage>, MuxError)> = vec![
        (
            "over the window of a stream",
            vec![told(0, data(window)), told(0, data(1))],
            MuxError::FlowControl,
        ),
        (
            "over the window of the connection",
            (0..5).map(|n| told(n * 4, data(window))).collect(),
            MuxError::FlowControl,
        ),
        (
            "a stream of this end",
            vec![told(3, Body::Stop(0))],
            MuxError::WrongStream,
        ),
        (
            "stopping a stream that only the other end writes",
            vec![told(2, data(1)), told(2, Body::Stop(0))],
            MuxError::WrongStream,
        ),
        (
            "bytes after the end",
            vec![told(0, Body::Finish(StreamFinish {})), told(0, data(1))],
            MuxError::AfterEnd,
        ),
        (
            "too many streams",
            (0..=u64::from(STREAMS_BIDI_MAX))
                .map(|n| told(n * 4, data(1)))
                .collect(),
            MuxError::TooManyStreams,
        ),
        (
            "a greeting in the middle",
            vec![told(0, Body::Welcome(crate::proto::TunnelWelcome {}))],
            MuxError::OutOfPlace,
        ),
    ];
    for (case, messages, expected) in cases {
        let mut cloud = Mux::new(Side::Cloud);
        let result = messages.into_iter().try_for_each(|m| cloud.handle(m));
        assert_eq!(result, Err(expected), "{case}");
    }
    let mut device = Mux::new(Side::Device);
    assert_eq!(
        device.handle(told(1, data(1))),
        Err(MuxError::WrongStream),
        "the cloud opens no calls"
    );
}

#[derive(Debug, Clone)]
enum Act {
    Open,
    Write { stream: usize, length: usize },
    Finish(usize),
    Read { stream: usize, length: usize },
    Carry { to_cloud: bool, messages: usize },
}

fn act() -> impl Strategy<Value = Act> {
    let stream = 0_usize..6;
    prop_oneof![
        1 => Just(Act::Open),
        4 => (stream.clone(), 1_usize..120_000).prop_map(|(stream, length)| Act::Write { stream, length }),
        1 => stream.clone().prop_map(Act::Finish),
        4 => (stream, 1_usize..120_000).prop_map(|(stream, length)| Act::Read { stream, length }),
        6 => (any::<bool>(), 1_usize..12).prop_map(|(to_cloud, messages)| Act::Carry { to_cloud, messages }),
    ]
}

proptest! {
    /// Whatever is written, read and carried in whatever order, each stream arrives whole and in
    /// order, no limit is passed, and nothing hangs once everybody reads.
    #[test]
    fn every_stream_arrives_whole(acts in proptest::collection::vec(act(), 1..200)) {
        let mut pair = Pair::new();
        let mut ids = Vec::new();
        let mut wrote: Vec<Vec<u8>> = Vec::new();
        let mut arrived: Vec<Vec<u8>> = Vec::new();
        for act in acts {
            match act {
                Act::Open => {
                    if let Some(id) = pair.device.open(Direction::Bi) {
                        ids.push(id);
                        wrote.push(Vec::new());
                        arrived.push(Vec::new());
                    }
                }
                Act::Write { stream, length } => {
                    if let Some(id) = ids.get(stream) {
                        let mut rest = bytes(length);
                        let all = rest.clone();
                        pair.device.write(*id, &mut rest);
                        wrote[stream].extend_from_slice(&all[..all.len() - rest.len()]);
                    }
                }
                Act::Finish(stream) => {
                    if let Some(id) = ids.get(stream) {
                        pair.device.finish(*id);
                    }
                }
                Act::Read { stream, length } => {
                    if let Some(id) = ids.get(stream)
                        && let Read::Chunk(piece) = pair.cloud.read(*id, length)
                    {
                        arrived[stream].extend_from_slice(&piece);
                    }
                }
                Act::Carry { to_cloud, messages } => {
                    for _ in 0..messages {
                        let (from, to) = if to_cloud {
                            (&mut pair.device, &mut pair.cloud)
                        } else {
                            (&mut pair.cloud, &mut pair.device)
                        };
                        match from.poll_transmit() {
                            Some(message) => prop_assert_eq!(to.handle(message), Ok(())),
                            None => break,
                        }
                    }
                }
            }
            prop_assert!(pair.device.queued_bytes <= TUNNEL_QUEUE_BYTES_MAX);
        }
        for id in &ids {
            pair.device.finish(*id);
        }
        let mut ended = vec![false; ids.len()];
        for _ in 0..100 {
            pair.settle();
            for (stream, id) in ids.iter().enumerate() {
                if ended[stream] {
                    continue;
                }
                let (more, last) = read_all(&mut pair.cloud, *id);
                arrived[stream].extend_from_slice(&more);
                ended[stream] = last == Read::End;
            }
        }
        prop_assert!(ended.iter().all(|ended| *ended), "a stream hangs");
        prop_assert_eq!(arrived, wrote);
    }

    #[test]
    fn no_messages_make_it_panic(
        messages in proptest::collection::vec(
            (0_u64..20, 0_u8..9, 0_usize..300_000, any::<u64>()), 0..60),
    ) {
        let mut cloud = Mux::new(Side::Cloud);
        for (stream, kind, length, number) in messages {
            let body = match kind {
                0 | 1 => Body::Data(bytes(length)),
                2 => Body::Finish(StreamFinish {}),
                3 => Body::Reset(number as u32),
                4 => Body::Stop(number as u32),
                5 => Body::StreamCredit(number),
                6 => Body::ConnectionCredit(number),
                7 => Body::Ping(number),
                _ => Body::Close(TunnelClose { code: number as u32, reason: String::new() }),
            };
            if cloud.handle(told(stream, body)).is_err() {
                break;
            }
            let id = StreamId(stream);
            cloud.write(id, &mut bytes(length.min(1000)));
            cloud.read(id, length);
            if number % 7 == 0 {
                cloud.drop_writer(id);
                cloud.drop_reader(id);
            }
            while number % 3 == 0 && cloud.poll_transmit().is_some() {}
        }
    }
}
