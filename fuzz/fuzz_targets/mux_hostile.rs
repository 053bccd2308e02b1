//! One end of which the other does what it likes.

use bytes::Bytes;
use libfuzzer_sys::arbitrary::{self, Arbitrary};
use synesis_wire::limits::{STREAMS_BIDI_MAX, STREAMS_UNI_MAX, TUNNEL_DATA_BYTES_MAX};
use synesis_wire::mux::{Direction, Mux, Side, StreamId};
use synesis_wire::proto::tunnel_message::Body;
use synesis_wire::proto::{StreamFinish, TunnelClose, TunnelMessage, TunnelWelcome};

#[derive(Debug, Arbitrary)]
pub enum Act {
    Hear { stream: u8, said: Said },
    Open { uni: bool },
    Write { stream: u8, length: u16 },
    Read { stream: u8, length: u16 },
    Finish { stream: u8 },
    Reset { stream: u8, code: u32 },
    Stop { stream: u8, code: u32 },
    DropWriter { stream: u8 },
    DropReader { stream: u8 },
    Send { messages: u8 },
    Ping,
    End { lose: bool, sure: u8 },
}

#[derive(Debug, Arbitrary)]
pub enum Said {
    Data(u16),
    Finish,
    Reset(u32),
    Stop(u32),
    StreamCredit(u64),
    ConnectionCredit(u64),
    Ping(u64),
    Pong(u64),
    Close(u32),
    Welcome,
    Newer,
}

impl Said {
    fn body(self) -> Option<Body> {
        Some(match self {
            Self::Data(length) => Body::Data(vec![0; length.into()].into()),
            Self::Finish => Body::Finish(StreamFinish {}),
            Self::Reset(code) => Body::Reset(code),
            Self::Stop(code) => Body::Stop(code),
            Self::StreamCredit(limit) => Body::StreamCredit(limit),
            Self::ConnectionCredit(limit) => Body::ConnectionCredit(limit),
            Self::Ping(number) => Body::Ping(number),
            Self::Pong(number) => Body::Pong(number),
            Self::Close(code) => Body::Close(TunnelClose {
                code,
                reason: String::new(),
            }),
            Self::Welcome => Body::Welcome(TunnelWelcome {}),
            Self::Newer => return None,
        })
    }
}

/// The streams there can be here: this end's, and twice as many of the other's.
const STREAMS_MAX: usize = 3 * (STREAMS_BIDI_MAX + STREAMS_UNI_MAX) as usize;

pub fn run(device: bool, acts: Vec<Act>) {
    let mut mux = Mux::new(if device { Side::Device } else { Side::Cloud });
    let mut known: Vec<StreamId> = Vec::new();
    // Data messages that were written and may not be sent yet.
    let mut pieces = 0;
    for act in acts {
        let find = |stream: u8| known.get(usize::from(stream) % known.len().max(1)).copied();
        match act {
            Act::Hear { stream, said } => {
                let told = TunnelMessage {
                    stream: (stream % 40).into(),
                    body: said.body(),
                };
                if mux.handle(told).is_err() {
                    return;
                }
                for direction in [Direction::Bi, Direction::Uni] {
                    known.extend(std::iter::from_fn(|| mux.accept(direction)));
                }
            }
            Act::Open { uni } => {
                let direction = if uni { Direction::Uni } else { Direction::Bi };
                known.extend(mux.open(direction));
            }
            Act::Write { stream, length } => {
                if let Some(id) = find(stream) {
                    let mut bytes = Bytes::from(vec![0; length.into()]);
                    mux.write(id, &mut bytes);
                    pieces += usize::from(length) / TUNNEL_DATA_BYTES_MAX + 1;
                }
            }
            Act::Read { stream, length } => {
                if let Some(id) = find(stream) {
                    mux.read(id, usize::from(length) + 1);
                }
            }
            Act::Finish { stream } => find(stream).into_iter().for_each(|id| mux.finish(id)),
            Act::Reset { stream, code } => {
                find(stream).into_iter().for_each(|id| mux.reset(id, code));
            }
            Act::Stop { stream, code } => {
                find(stream).into_iter().for_each(|id| mux.stop(id, code));
            }
            Act::DropWriter { stream } => {
                find(stream).into_iter().for_each(|id| mux.drop_writer(id));
            }
            Act::DropReader { stream } => {
                find(stream).into_iter().for_each(|id| mux.drop_reader(id));
            }
            Act::Send { messages } => {
                for _ in 0..messages {
                    mux.poll_transmit();
                }
            }
            Act::Ping => mux.ping(1),
            // Seldom: nothing much happens after it.
            Act::End { lose: true, sure: 0 } => mux.lose(),
            Act::End { lose: false, sure: 0 } => mux.close(0, ""),
            Act::End { .. } => {}
        }
        if mux.messages_queued() == 0 {
            pieces = 0;
        }
        assert!(mux.streams_open() <= STREAMS_MAX);
        // For each stream an end or a reset, a stop, a credit; for all a credit, ping, pong, close.
        assert!(mux.messages_queued() <= pieces + 3 * STREAMS_MAX + 4);
        while mux.poll_event().is_some() {}
    }
}
