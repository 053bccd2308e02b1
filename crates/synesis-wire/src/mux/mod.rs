//! Streams over one ordered connection: what QUIC does by itself, for the WebSocket transport.
//!
//! A [`Mux`] is one end. The host hands it what arrived ([`Mux::handle`]), sends what
//! [`Mux::poll_transmit`] gives, and wakes whoever [`Mux::poll_event`] names. Each stream has a
//! window of credit, and so has the connection: a reader that takes nothing holds up its own
//! stream and at most [`CONNECTION_WINDOW_BYTES`] of memory. No sockets, no clock, no wakers here.
//!
//! [`CONNECTION_WINDOW_BYTES`]: crate::limits::CONNECTION_WINDOW_BYTES

mod event;
mod half;
mod heard;
mod id;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, VecDeque};
use std::mem::discriminant;

use bytes::Bytes;

use crate::CloseCode;
use crate::limits::{
    CONNECTION_WINDOW_BYTES, STREAMS_BIDI_MAX, STREAMS_UNI_MAX, TUNNEL_DATA_BYTES_MAX,
    TUNNEL_QUEUE_BYTES_MAX,
};
use crate::proto::tunnel_message::Body;
use crate::proto::{StreamFinish, TunnelClose, TunnelMessage};

pub use event::{Ended, Event, MuxError};
pub use half::{Read, Written};
use half::{SendHalf, Stream};
pub use id::{Direction, Side, StreamId};

/// One end of a connection with streams.
#[derive(Debug)]
pub struct Mux {
    side: Side,
    streams: HashMap<StreamId, Stream>,
    opened: [u64; 2],
    seen: [u64; 2],
    incoming: [VecDeque<StreamId>; 2],
    own: [u32; 2],
    /// How many streams this end may open, counted from its first.
    open_limit: [u64; 2],
    /// How many the other end may.
    accept_limit: [u64; 2],
    urgent: VecDeque<TunnelMessage>,
    ordered: VecDeque<TunnelMessage>,
    queued_bytes: usize,
    events: VecDeque<Event>,
    blocked: Vec<StreamId>,
    sent: u64,
    send_limit: u64,
    received: u64,
    consumed: u64,
    receive_limit: u64,
    ended: Option<Ended>,
}

const fn place(direction: Direction) -> usize {
    match direction {
        Direction::Bi => 0,
        Direction::Uni => 1,
    }
}

const fn streams_max(direction: Direction) -> u32 {
    match direction {
        Direction::Bi => STREAMS_BIDI_MAX,
        Direction::Uni => STREAMS_UNI_MAX,
    }
}

const LIMITS_AT_FIRST: [u64; 2] = [
    streams_max(Direction::Bi) as u64,
    streams_max(Direction::Uni) as u64,
];

impl Mux {
    /// One end of a new connection.
    #[must_use]
    pub fn new(side: Side) -> Self {
        Self {
            side,
            streams: HashMap::new(),
            opened: [0; 2],
            seen: [0; 2],
            incoming: [VecDeque::new(), VecDeque::new()],
            own: [0; 2],
            open_limit: LIMITS_AT_FIRST,
            accept_limit: LIMITS_AT_FIRST,
            urgent: VecDeque::new(),
            ordered: VecDeque::new(),
            queued_bytes: 0,
            events: VecDeque::new(),
            blocked: Vec::new(),
            sent: 0,
            send_limit: CONNECTION_WINDOW_BYTES.into(),
            received: 0,
            consumed: 0,
            receive_limit: CONNECTION_WINDOW_BYTES.into(),
            ended: None,
        }
    }

    /// Opens a stream, or `None` while as many are open as may be.
    pub fn open(&mut self, direction: Direction) -> Option<StreamId> {
        let at = place(direction);
        let full = self.own[at] >= streams_max(direction) || self.opened[at] >= self.open_limit[at];
        if self.ended.is_some() || full {
            return None;
        }
        let id = StreamId::new(self.side, direction, self.opened[at]);
        self.opened[at] += 1;
        self.own[at] += 1;
        self.streams.insert(id, Stream::opened(direction));
        Some(id)
    }

    /// The next stream that the other end opened.
    pub fn accept(&mut self, direction: Direction) -> Option<StreamId> {
        self.incoming[place(direction)].pop_front()
    }

    /// Takes as many of these bytes as there is room for.
    pub fn write(&mut self, id: StreamId, bytes: &mut Bytes) -> Written {
        if self.ended.is_some() {
            return Written::Gone;
        }
        let Some(send) = self.streams.get_mut(&id).map(|stream| &mut stream.send) else {
            return Written::Gone;
        };
        let SendHalf::Open { sent, limit } = send else {
            return send.written();
        };
        let before = bytes.len();
        while !bytes.is_empty() {
            let room = (*limit - *sent).min(self.send_limit - self.sent);
            let queue = TUNNEL_QUEUE_BYTES_MAX.saturating_sub(self.queued_bytes);
            let room = usize::try_from(room).unwrap_or(usize::MAX);
            let size = bytes.len().min(room).min(queue).min(TUNNEL_DATA_BYTES_MAX);
            if size == 0 {
                break;
            }
            *sent += size as u64;
            self.sent += size as u64;
            self.queued_bytes += size;
            self.ordered
                .push_back(message(id, Body::Data(bytes.split_to(size))));
        }
        if before == bytes.len() && before > 0 {
            if !self.blocked.contains(&id) {
                self.blocked.push(id);
            }
            return Written::Full;
        }
        Written::Some
    }

    /// No more bytes will be written.
    pub fn finish(&mut self, id: StreamId) {
        if let Some(stream) = self.streams.get_mut(&id)
            && matches!(stream.send, SendHalf::Open { .. })
        {
            stream.send = SendHalf::Finishing;
            self.ordered
                .push_back(message(id, Body::Finish(StreamFinish {})));
        }
    }

    /// Breaks the writing off: what was not sent yet never is.
    pub fn reset(&mut self, id: StreamId, code: u32) {
        let Some(stream) = self.streams.get_mut(&id) else {
            return;
        };
        let writing = matches!(stream.send, SendHalf::Open { .. } | SendHalf::Finishing);
        if writing || matches!(stream.send, SendHalf::Stopped(_)) {
            stream.send = SendHalf::Done;
        }
        if writing {
            self.break_off(id, code);
        }
        self.tidy(id);
    }

    /// Tells the other end that a stream breaks off, instead of what waits to be sent on it.
    fn break_off(&mut self, id: StreamId, code: u32) {
        self.ordered.retain(|queued| {
            let dropped = queued.stream == id.0 && !matches!(queued.body, Some(Body::Close(_)));
            if let (true, Some(Body::Data(bytes))) = (dropped, &queued.body) {
                self.queued_bytes -= bytes.len();
            }
            !dropped
        });
        self.ordered.push_back(message(id, Body::Reset(code)));
        if let Some(stream) = self.streams.get_mut(&id) {
            stream.reset_queued = true;
        }
        self.wake_blocked();
    }

    /// The next piece of what the other end wrote, of at most this many bytes.
    pub fn read(&mut self, id: StreamId, bytes_max: usize) -> Read {
        let Some(stream) = self.streams.get_mut(&id) else {
            return self.gone();
        };
        let read = stream.recv.read(bytes_max);
        match &read {
            Read::Chunk(bytes) => {
                if let Some(credit) = stream.recv.credit_due() {
                    self.tell(id, Body::StreamCredit(credit));
                }
                self.consume(bytes.len() as u64);
            }
            Read::End | Read::Reset(_) => self.tidy(id),
            Read::Empty if self.ended.is_some() => return Read::Gone,
            Read::Empty | Read::Gone => {}
        }
        read
    }

    /// Wants nothing more of a stream; what comes is thrown away.
    pub fn stop(&mut self, id: StreamId, code: u32) {
        let Some(stream) = self.streams.get_mut(&id) else {
            return;
        };
        let (dropped, told) = stream.recv.stop();
        if told {
            self.tell(id, Body::Stop(code));
        }
        self.consume(dropped);
        self.tidy(id);
    }

    /// How the other end stopped a stream that is written here: `Some(Some(code))` when it did,
    /// `Some(None)` when all was sent and nobody minded, `None` while that is open.
    #[must_use]
    pub fn stopped(&self, id: StreamId) -> Option<Option<u32>> {
        match self.streams.get(&id).map(|stream| &stream.send) {
            Some(SendHalf::Open { .. } | SendHalf::Finishing) => None,
            Some(SendHalf::Stopped(code)) => Some(Some(*code)),
            Some(SendHalf::Done) | None => Some(None),
        }
    }

    /// The writer's handle is gone: what it wrote is finished, unless it ended otherwise.
    pub fn drop_writer(&mut self, id: StreamId) {
        let Some(stream) = self.streams.get_mut(&id) else {
            return;
        };
        stream.writer_gone = true;
        if matches!(stream.send, SendHalf::Stopped(_)) {
            stream.send = SendHalf::Done;
            self.tidy(id);
        } else {
            self.finish(id);
        }
    }

    /// The reader's handle is gone.
    pub fn drop_reader(&mut self, id: StreamId) {
        self.stop(id, CloseCode::NoError.as_u32());
    }

    /// Asks for a sign of life.
    pub fn ping(&mut self, number: u64) {
        self.tell(StreamId(0), Body::Ping(number));
    }

    /// Ends the connection; the host sends what is queued up to and with the goodbye.
    pub fn close(&mut self, code: u32, reason: &str) {
        if self.ended.is_none() {
            let reason = reason.to_owned();
            self.ordered.push_back(TunnelMessage {
                stream: 0,
                body: Some(Body::Close(TunnelClose { code, reason })),
            });
            self.end(Ended::Here);
        }
    }

    /// The line broke: nothing can be sent any more.
    pub fn lose(&mut self) {
        self.urgent.clear();
        self.ordered.clear();
        self.queued_bytes = 0;
        self.end(Ended::Lost);
    }

    /// How the connection ended, once it has.
    #[must_use]
    pub fn ended(&self) -> Option<&Ended> {
        self.ended.as_ref()
    }

    /// Whether there is a message to send.
    #[must_use]
    pub fn has_to_transmit(&self) -> bool {
        !self.urgent.is_empty() || !self.ordered.is_empty()
    }

    /// How many messages wait to be sent.
    #[must_use]
    pub fn messages_queued(&self) -> usize {
        self.urgent.len() + self.ordered.len()
    }

    /// How many streams are not over here.
    #[must_use]
    pub fn streams_open(&self) -> usize {
        self.streams.len()
    }

    /// The next message to send.
    pub fn poll_transmit(&mut self) -> Option<TunnelMessage> {
        if let Some(urgent) = self.urgent.pop_front() {
            return Some(urgent);
        }
        let next = self.ordered.pop_front()?;
        let id = StreamId(next.stream);
        match &next.body {
            Some(Body::Data(bytes)) => {
                self.queued_bytes -= bytes.len();
                if self.queued_bytes <= TUNNEL_QUEUE_BYTES_MAX / 2 {
                    self.wake_blocked();
                }
            }
            Some(Body::Finish(_)) => {
                if let Some(stream) = self.streams.get_mut(&id)
                    && matches!(stream.send, SendHalf::Finishing)
                {
                    stream.send = SendHalf::Done;
                    self.events.push_back(Event::Writable(id));
                    self.tidy(id);
                }
            }
            Some(Body::Reset(_)) => {
                if let Some(stream) = self.streams.get_mut(&id) {
                    stream.reset_queued = false;
                    self.tidy(id);
                }
            }
            _ => {}
        }
        Some(next)
    }

    /// Whom to wake.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// Bytes were read or thrown away: gives the other end credit for as many.
    fn consume(&mut self, bytes: u64) {
        let window = u64::from(CONNECTION_WINDOW_BYTES);
        self.consumed += bytes;
        if self.receive_limit - self.consumed <= window / 2 {
            self.receive_limit = self.consumed + window;
            self.tell(StreamId(0), Body::ConnectionCredit(self.receive_limit));
        }
    }

    /// Queues what goes before data. Of each kind only the newest about a stream counts.
    fn tell(&mut self, id: StreamId, body: Body) {
        let kind = discriminant(&body);
        self.urgent.retain(|queued| {
            queued.stream != id.0 || queued.body.as_ref().map(discriminant) != Some(kind)
        });
        self.urgent.push_back(message(id, body));
    }

    fn wake_blocked(&mut self) {
        self.events
            .extend(self.blocked.drain(..).map(Event::Writable));
    }

    /// Forgets a stream of which both halves are over, and what would be told about its reading.
    ///
    /// So all that waits to be sent is about streams that count, and a peer that takes nothing
    /// runs out of streams before this end runs out of memory.
    fn tidy(&mut self, id: StreamId) {
        if self.streams.get(&id).is_some_and(Stream::is_over) {
            self.streams.remove(&id);
            self.urgent.retain(|queued| {
                let late = matches!(queued.body, Some(Body::Stop(_) | Body::StreamCredit(_)));
                queued.stream != id.0 || !late
            });
            let (direction, at) = (id.direction(), place(id.direction()));
            if id.opener() == self.side {
                self.own[at] = self.own[at].saturating_sub(1);
                self.events.push_back(Event::CanOpen(direction));
            } else {
                self.accept_limit[at] += 1;
                let limit = self.accept_limit[at];
                self.tell(
                    StreamId(0),
                    match direction {
                        Direction::Bi => Body::CallsAllowed(limit),
                        Direction::Uni => Body::NoticesAllowed(limit),
                    },
                );
            }
        }
    }

    fn end(&mut self, how: Ended) {
        if self.ended.is_none() {
            self.ended = Some(how);
            self.events.push_back(Event::Ended);
        }
    }

    fn gone(&self) -> Read {
        if self.ended.is_some() {
            Read::Gone
        } else {
            Read::End
        }
    }
}

fn message(id: StreamId, body: Body) -> TunnelMessage {
    TunnelMessage {
        stream: id.0,
        body: Some(body),
    }
}
