//! What the other end said, and whether it may.

use super::half::{RecvHalf, SendHalf, Stream};
use super::{Direction, Ended, Event, Mux, MuxError, Side, StreamId, place};
use crate::proto::tunnel_message::Body;
use crate::proto::{TunnelClose, TunnelMessage};

impl Mux {
    /// Takes in a message of the other end.
    ///
    /// # Errors
    /// What it did that it may not; the connection must be closed then.
    pub fn handle(&mut self, told: TunnelMessage) -> Result<(), MuxError> {
        // A newer end's message.
        let Some(body) = told.body else {
            return Ok(());
        };
        let id = StreamId(told.stream);
        match body {
            Body::Data(bytes) => self.data(id, &bytes),
            Body::Finish(_) => self.peer_wrote(id, |recv| recv.handle_finish()),
            Body::Reset(code) => self.peer_reset(id, code),
            Body::Stop(code) => self.peer_stopped(id, code),
            Body::StreamCredit(limit) => self.stream_credit(id, limit),
            Body::ConnectionCredit(limit) => {
                self.send_limit = self.send_limit.max(limit);
                self.wake_blocked();
                Ok(())
            }
            Body::CallsAllowed(limit) => self.may_open(Direction::Bi, limit),
            Body::NoticesAllowed(limit) => self.may_open(Direction::Uni, limit),
            Body::Ping(number) => {
                // One answer is enough for all that were asked since the last was sent.
                self.tell(StreamId(0), Body::Pong(number));
                Ok(())
            }
            Body::Pong(number) => {
                self.events.push_back(Event::Pong(number));
                Ok(())
            }
            Body::Close(TunnelClose { code, reason }) => {
                self.end(Ended::ByPeer { code, reason });
                Ok(())
            }
            Body::Challenge(_) | Body::Proof(_) | Body::Welcome(_) => Err(MuxError::OutOfPlace),
        }
    }

    fn may_open(&mut self, direction: Direction, limit: u64) -> Result<(), MuxError> {
        let known = &mut self.open_limit[place(direction)];
        if *known < limit {
            *known = limit;
            self.events.push_back(Event::CanOpen(direction));
        }
        Ok(())
    }

    fn data(&mut self, id: StreamId, bytes: &[u8]) -> Result<(), MuxError> {
        let length = bytes.len() as u64;
        self.received += length;
        if self.received > self.receive_limit {
            return Err(MuxError::FlowControl);
        }
        let mut thrown_away = length;
        self.peer_wrote(id, |recv| {
            thrown_away = recv.handle_data(bytes)?;
            Ok(())
        })?;
        self.consume(thrown_away);
        Ok(())
    }

    /// Does something to the reading half of a stream that the other end writes.
    fn peer_wrote(
        &mut self,
        id: StreamId,
        change: impl FnOnce(&mut RecvHalf) -> Result<(), MuxError>,
    ) -> Result<(), MuxError> {
        self.note(id)?;
        if id.direction() == Direction::Uni && id.opener() == self.side {
            return Err(MuxError::WrongStream);
        }
        // A stream that is over here: late news of it changes nothing.
        if let Some(stream) = self.streams.get_mut(&id) {
            change(&mut stream.recv)?;
            self.events.push_back(Event::Readable(id));
            self.tidy(id);
        }
        Ok(())
    }

    fn peer_reset(&mut self, id: StreamId, code: u32) -> Result<(), MuxError> {
        let mut dropped = 0;
        self.peer_wrote(id, |recv| {
            dropped = recv.handle_reset(code);
            Ok(())
        })?;
        self.consume(dropped);
        Ok(())
    }

    fn peer_stopped(&mut self, id: StreamId, code: u32) -> Result<(), MuxError> {
        self.note(id)?;
        if id.direction() == Direction::Uni && id.opener() != self.side {
            return Err(MuxError::WrongStream);
        }
        if let Some(stream) = self.streams.get_mut(&id)
            && matches!(stream.send, SendHalf::Open { .. } | SendHalf::Finishing)
        {
            // The writer hears why; when it has let go of its handle, the stream is over.
            stream.send = if stream.writer_gone {
                SendHalf::Done
            } else {
                SendHalf::Stopped(code)
            };
            self.break_off(id, code);
            self.events.push_back(Event::Writable(id));
        }
        Ok(())
    }

    fn stream_credit(&mut self, id: StreamId, credit: u64) -> Result<(), MuxError> {
        self.note(id)?;
        if let Some(stream) = self.streams.get_mut(&id)
            && let SendHalf::Open { limit, .. } = &mut stream.send
            && *limit < credit
        {
            *limit = credit;
            self.events.push_back(Event::Writable(id));
        }
        Ok(())
    }

    /// Takes note of a stream that the other end speaks about; opens it where it is new.
    fn note(&mut self, id: StreamId) -> Result<(), MuxError> {
        let (direction, at) = (id.direction(), place(id.direction()));
        if id.opener() == self.side {
            return if id.index() < self.opened[at] {
                Ok(())
            } else {
                Err(MuxError::WrongStream)
            };
        }
        if id.index() < self.seen[at] {
            return Ok(());
        }
        if self.side == Side::Device && direction == Direction::Bi {
            return Err(MuxError::WrongStream);
        }
        if id.index() >= self.accept_limit[at] {
            return Err(MuxError::TooManyStreams);
        }
        // As in QUIC, a stream opens those of its kind with lower numbers too.
        while self.seen[at] <= id.index() {
            let new = StreamId::new(id.opener(), direction, self.seen[at]);
            self.seen[at] += 1;
            self.streams.insert(new, Stream::accepted(direction));
            self.incoming[at].push_back(new);
            self.events.push_back(Event::Incoming(direction));
        }
        Ok(())
    }
}
