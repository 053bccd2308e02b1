//! Two ends that keep the protocol, on a line that is slow but loses nothing.

use std::collections::VecDeque;

use bytes::Bytes;
use libfuzzer_sys::arbitrary::{self, Arbitrary};
use synesis_wire::limits::{STREAMS_BIDI_MAX, STREAMS_UNI_MAX};
use synesis_wire::mux::{Direction, Mux, Read, Side, StreamId, Written};
use synesis_wire::proto::TunnelMessage;

/// `from_opener`: the bytes that the end writes which opened the stream.
#[derive(Debug, Arbitrary)]
pub enum Act {
    Open { cloud: bool, uni: bool },
    Write { stream: u8, from_opener: bool, length: u32 },
    Read { stream: u8, from_opener: bool, length: u32 },
    Finish { stream: u8, from_opener: bool },
    Reset { stream: u8, from_opener: bool },
    Stop { stream: u8, from_opener: bool },
    DropWriter { stream: u8, from_opener: bool },
    DropReader { stream: u8, from_opener: bool },
    Carry { cloud: bool, messages: u8 },
    Send { cloud: bool, messages: u8 },
    Arrive { cloud: bool, messages: u8 },
    Ping { cloud: bool },
}

/// The bytes of one direction of a stream, from the one who writes them to the one who reads.
#[derive(Debug, Default, Clone)]
struct Flow {
    written: usize,
    read: usize,
    finished: bool,
    reset: bool,
    stopped: bool,
    writer_gone: bool,
    reader_gone: bool,
    ended: bool,
}

#[derive(Debug)]
struct Stream {
    id: StreamId,
    opener: usize,
    accepted: bool,
    flows: [Option<Flow>; 2],
}

struct Pair {
    ends: [Mux; 2],
    /// What each end has sent and the other has not got yet.
    lines: [VecDeque<TunnelMessage>; 2],
    streams: Vec<Stream>,
    closed: bool,
}

const DEVICE: usize = 0;
const CLOUD: usize = 1;
const DIRECTIONS: [Direction; 2] = [Direction::Bi, Direction::Uni];

/// What stands at a place of a stream.
fn byte(stream: usize, at: usize) -> u8 {
    (stream * 31 + at % 251) as u8
}

/// After the acts either everybody finishes, or one end (`goodbye`: the cloud) says goodbye and
/// the late acts find that.
pub fn run(acts: Vec<Act>, goodbye: Option<bool>, late: Vec<Act>) {
    let mut pair = Pair {
        ends: [Mux::new(Side::Device), Mux::new(Side::Cloud)],
        lines: [VecDeque::new(), VecDeque::new()],
        streams: Vec::new(),
        closed: false,
    };
    for act in acts {
        pair.act(act);
        pair.listen();
    }
    let Some(cloud) = goodbye else {
        return pair.end();
    };
    pair.ends[usize::from(cloud)].close(0, "enough");
    pair.closed = true;
    for act in late {
        pair.act(act);
        pair.listen();
    }
    pair.settle();
    assert!(pair.ends.iter().all(|mux| mux.ended().is_some()));
}

impl Pair {
    fn act(&mut self, act: Act) {
        match act {
            Act::Open { cloud, uni } => self.open(cloud.into(), uni || cloud),
            Act::Write { stream, from_opener, length } => {
                self.write(stream, from_opener, (length % 400_000) as usize);
            }
            Act::Read { stream, from_opener, length } => {
                if let Some(at) = self.pick(stream) {
                    self.read(at, !from_opener as usize, (length % 400_000) as usize + 1);
                }
            }
            Act::Finish { stream, from_opener } => {
                self.with_writer(stream, from_opener, |mux, id, flow| {
                    mux.finish(id);
                    flow.finished |= !flow.reset;
                });
            }
            Act::Reset { stream, from_opener } => {
                self.with_writer(stream, from_opener, |mux, id, flow| {
                    mux.reset(id, 7);
                    flow.reset = true;
                });
            }
            Act::DropWriter { stream, from_opener } => {
                self.with_writer(stream, from_opener, |mux, id, flow| {
                    mux.drop_writer(id);
                    flow.finished |= !flow.reset;
                    flow.writer_gone = true;
                });
            }
            Act::Stop { stream, from_opener } => self.stop(stream, from_opener, false),
            Act::DropReader { stream, from_opener } => self.stop(stream, from_opener, true),
            Act::Carry { cloud, messages } => {
                for _ in 0..messages {
                    let at = usize::from(cloud);
                    self.lines[at].extend(self.ends[at].poll_transmit());
                    self.arrive(1 - at);
                }
            }
            Act::Send { cloud, messages } => {
                for _ in 0..messages {
                    let at = usize::from(cloud);
                    self.lines[at].extend(self.ends[at].poll_transmit());
                }
            }
            Act::Arrive { cloud, messages } => {
                for _ in 0..messages {
                    self.arrive(cloud.into());
                }
            }
            Act::Ping { cloud } => self.ends[usize::from(cloud)].ping(1),
        }
    }

    /// Carries one message to this end.
    fn arrive(&mut self, to: usize) {
        if let Some(message) = self.lines[1 - to].pop_front() {
            // What comes after a goodbye is not read.
            if self.ends[to].ended().is_none() {
                assert_eq!(self.ends[to].handle(message), Ok(()));
            }
        }
    }

    /// Hears the events, and takes what was opened.
    fn listen(&mut self) {
        for at in [DEVICE, CLOUD] {
            while self.ends[at].poll_event().is_some() {}
            for direction in DIRECTIONS {
                while let Some(id) = self.ends[at].accept(direction) {
                    let stream = self.streams.iter_mut().find(|stream| stream.id == id);
                    stream.expect("it was opened over there").accepted = true;
                }
            }
        }
    }

    /// Opens a stream, unless the other end still has as many that are over here: a host takes and
    /// reads what is opened for it.
    fn open(&mut self, opener: usize, uni: bool) {
        let direction = DIRECTIONS[usize::from(uni)];
        let bound = [STREAMS_BIDI_MAX, STREAMS_UNI_MAX][usize::from(uni)] as usize;
        let unread = |stream: &&Stream| {
            let is_uni = stream.flows[1].is_none();
            let over = |flow: &Flow| flow.ended || flow.reader_gone;
            stream.opener == opener && is_uni == uni && !stream.flows.iter().flatten().all(over)
        };
        if self.streams.iter().filter(unread).count() >= bound {
            return;
        }
        if let Some(id) = self.ends[opener].open(direction) {
            self.streams.push(Stream {
                id,
                opener,
                accepted: false,
                flows: [Some(Flow::default()), (!uni).then(Flow::default)],
            });
        }
    }

    /// A stream, counted from the newest.
    fn pick(&self, stream: u8) -> Option<usize> {
        let last = self.streams.len().checked_sub(1)?;
        Some(last - usize::from(stream) % (last + 1))
    }

    /// Does something with a writer that is still held.
    fn with_writer(
        &mut self,
        stream: u8,
        from_opener: bool,
        what: impl FnOnce(&mut Mux, StreamId, &mut Flow),
    ) {
        let Some(at) = self.pick(stream) else { return };
        let stream = &mut self.streams[at];
        let writer = if from_opener { stream.opener } else { 1 - stream.opener };
        if writer != stream.opener && !stream.accepted {
            return;
        }
        if let Some(flow) = &mut stream.flows[usize::from(!from_opener)]
            && !flow.writer_gone
        {
            what(&mut self.ends[writer], stream.id, flow);
        }
    }

    fn write(&mut self, stream: u8, from_opener: bool, length: usize) {
        let Some(at) = self.pick(stream) else { return };
        let closed = self.closed;
        self.with_writer(stream, from_opener, |mux, id, flow| {
            let mut bytes: Bytes = (flow.written..flow.written + length)
                .map(|place| byte(at, place))
                .collect();
            let written = mux.write(id, &mut bytes);
            let taken = length - bytes.len();
            match written {
                Written::Some => assert!(!flow.finished && !flow.reset),
                Written::Full => assert!(taken == 0 && !flow.finished && !flow.reset),
                Written::Stopped(_) => assert!(flow.stopped),
                Written::Ended => assert!(flow.finished || flow.reset),
                Written::Gone => {
                    assert!(closed || flow.finished || flow.reset || flow.stopped);
                }
            }
            flow.written += taken;
        });
    }

    fn stop(&mut self, stream: u8, from_opener: bool, gone: bool) {
        let Some(at) = self.pick(stream) else { return };
        self.stop_at(at, usize::from(!from_opener), gone);
    }

    fn stop_at(&mut self, at: usize, which: usize, gone: bool) {
        let stream = &mut self.streams[at];
        let reader = if which == 0 { 1 - stream.opener } else { stream.opener };
        if reader != stream.opener && !stream.accepted {
            return;
        }
        if let Some(flow) = &mut stream.flows[which]
            && !flow.reader_gone
        {
            if gone {
                self.ends[reader].drop_reader(stream.id);
            } else {
                self.ends[reader].stop(stream.id, 9);
            }
            flow.stopped |= !flow.ended;
            flow.reader_gone |= gone;
        }
    }

    /// Reads once; says whether there may be more.
    fn read(&mut self, at: usize, which: usize, length: usize) -> bool {
        let stream = &mut self.streams[at];
        let reader = if which == 0 { 1 - stream.opener } else { stream.opener };
        if reader != stream.opener && !stream.accepted {
            return false;
        }
        let Some(flow) = &mut stream.flows[which] else { return false };
        if flow.reader_gone {
            return false;
        }
        match self.ends[reader].read(stream.id, length) {
            Read::Chunk(bytes) => {
                assert!(!flow.stopped && !flow.ended && bytes.len() <= length);
                for found in &bytes {
                    assert_eq!(*found, byte(at, flow.read));
                    flow.read += 1;
                }
                assert!(flow.read <= flow.written);
                true
            }
            Read::Empty => false,
            Read::End => {
                let whole = flow.finished && flow.read == flow.written;
                assert!(whole || flow.stopped || flow.ended, "{flow:?}");
                flow.ended = true;
                false
            }
            Read::Reset(_) => {
                assert!(flow.reset || flow.stopped);
                flow.ended = true;
                false
            }
            Read::Gone => {
                assert!(self.closed);
                false
            }
        }
    }

    /// Carries everything until both ends are quiet.
    fn settle(&mut self) {
        loop {
            let mut quiet = true;
            for at in [DEVICE, CLOUD] {
                while let Some(message) = self.ends[at].poll_transmit() {
                    self.lines[at].push_back(message);
                }
                while !self.lines[at].is_empty() {
                    self.arrive(1 - at);
                    quiet = false;
                }
            }
            self.listen();
            if quiet {
                return;
            }
        }
    }

    /// Everybody finishes and reads to the end: nothing is missing, and nothing stays.
    fn end(&mut self) {
        self.settle();
        for stream in &mut self.streams {
            for (which, flow) in stream.flows.iter_mut().enumerate() {
                let writer = if which == 0 { stream.opener } else { 1 - stream.opener };
                let Some(flow) = flow else { continue };
                // A stream on which nothing was ever sent is told by its end.
                if (stream.accepted || writer == stream.opener) && !flow.writer_gone {
                    self.ends[writer].drop_writer(stream.id);
                    flow.finished |= !flow.reset;
                    flow.writer_gone = true;
                }
            }
        }
        self.read_everything();
        // Those that were told of only now.
        for stream in &mut self.streams {
            assert!(stream.accepted, "{stream:?}");
            if let Some(flow) = &mut stream.flows[1]
                && !flow.writer_gone
            {
                self.ends[1 - stream.opener].drop_writer(stream.id);
                flow.finished |= !flow.reset;
                flow.writer_gone = true;
            }
        }
        self.read_everything();
        for at in 0..self.streams.len() {
            for which in [0, 1] {
                if let Some(flow) = &self.streams[at].flows[which] {
                    let told = flow.ended || flow.reader_gone;
                    assert!(told, "a reader waits for ever: {flow:?}");
                    let whole = flow.read == flow.written;
                    assert!(whole || flow.reset || flow.stopped, "{flow:?}");
                }
                self.stop_at(at, which, true);
            }
        }
        self.settle();
        for mux in &self.ends {
            assert_eq!((mux.streams_open(), mux.messages_queued()), (0, 0));
        }
    }

    fn read_everything(&mut self) {
        let mut again = true;
        while again {
            self.settle();
            again = false;
            for at in 0..self.streams.len() {
                for which in [0, 1] {
                    while self.read(at, which, 100_000) {
                        again = true;
                    }
                }
            }
        }
        self.settle();
    }
}
