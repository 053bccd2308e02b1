//! What the handles of a connection and its driver share.

use std::collections::HashMap;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use bytes::Bytes;
use quinn::{ApplicationClose, ConnectionError, VarInt};
use synesis_wire::mux::{Direction, Ended, Event, Mux, Side, StreamId};
use tokio::sync::Notify;

/// A connection: its state, and what the driver is told by.
#[derive(Debug)]
pub(super) struct Shared {
    state: Mutex<State>,
    /// There is something to send.
    pub(super) transmit: Notify,
    pub(super) received: AtomicU64,
    pub(super) rtt_us: AtomicU64,
    pub(super) remote: SocketAddr,
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) mux: Mux,
    streams: HashMap<StreamId, Wakers>,
    opening: [Vec<Waker>; 2],
    accepting: [Vec<Waker>; 2],
    closing: Vec<Waker>,
    /// Why the line broke, where no goodbye was said.
    broken: Option<ConnectionError>,
    asked: Option<(u64, Instant)>,
}

/// Who waits on one stream.
#[derive(Debug, Default)]
struct Wakers {
    reader: Option<Waker>,
    writer: Option<Waker>,
    stopped: Option<Waker>,
}

/// What somebody waits for on a stream.
#[derive(Debug, Clone, Copy)]
pub(super) enum Interest {
    Read,
    Write,
    Stopped,
}

const fn place(direction: Direction) -> usize {
    match direction {
        Direction::Bi => 0,
        Direction::Uni => 1,
    }
}

impl State {
    /// How the connection ended, once it has.
    pub(super) fn end(&self) -> Option<ConnectionError> {
        Some(match self.mux.ended()? {
            Ended::ByPeer { code, reason } => {
                ConnectionError::ApplicationClosed(ApplicationClose {
                    error_code: VarInt::from_u32(*code),
                    reason: Bytes::from(reason.clone().into_bytes()),
                })
            }
            Ended::Here => ConnectionError::LocallyClosed,
            Ended::Lost => self.broken.clone().unwrap_or(ConnectionError::Reset),
        })
    }

    /// Waits for something on a stream.
    pub(super) fn wait(&mut self, id: StreamId, interest: Interest, context: &Context<'_>) {
        let wakers = self.streams.entry(id).or_default();
        let slot = match interest {
            Interest::Read => &mut wakers.reader,
            Interest::Write => &mut wakers.writer,
            Interest::Stopped => &mut wakers.stopped,
        };
        *slot = Some(context.waker().clone());
    }

    /// Nobody waits on a stream any more.
    pub(super) fn forget(&mut self, id: StreamId, interest: Interest) {
        if let Some(wakers) = self.streams.get_mut(&id) {
            match interest {
                Interest::Read => wakers.reader = None,
                Interest::Write => wakers.writer = None,
                Interest::Stopped => wakers.stopped = None,
            }
            if wakers.reader.is_none() && wakers.writer.is_none() && wakers.stopped.is_none() {
                self.streams.remove(&id);
            }
        }
    }

    /// Wakes whoever the mux names; answers a round trip that was measured.
    fn dispatch(&mut self) -> Option<u64> {
        let mut rtt = None;
        while let Some(event) = self.mux.poll_event() {
            match event {
                Event::Readable(id) => {
                    wake(self.streams.get_mut(&id).and_then(|w| w.reader.take()));
                }
                Event::Writable(id) => {
                    if let Some(wakers) = self.streams.get_mut(&id) {
                        wake(wakers.writer.take());
                        wake(wakers.stopped.take());
                    }
                }
                Event::Incoming(direction) => wake_all(&mut self.accepting[place(direction)]),
                Event::CanOpen(direction) => wake_all(&mut self.opening[place(direction)]),
                Event::Pong(number) => {
                    if let Some((_, at)) = self.asked.take_if(|(asked, _)| *asked == number) {
                        rtt = Some(u64::try_from(at.elapsed().as_micros()).unwrap_or(u64::MAX));
                    }
                }
                Event::Ended => self.wake_everybody(),
            }
        }
        rtt
    }

    fn wake_everybody(&mut self) {
        for (_, wakers) in self.streams.drain() {
            wake(wakers.reader);
            wake(wakers.writer);
            wake(wakers.stopped);
        }
        self.opening.iter_mut().for_each(wake_all);
        self.accepting.iter_mut().for_each(wake_all);
        wake_all(&mut self.closing);
    }
}

fn wake(waker: Option<Waker>) {
    if let Some(waker) = waker {
        waker.wake();
    }
}

fn wake_all(wakers: &mut Vec<Waker>) {
    wakers.drain(..).for_each(Waker::wake);
}

impl Shared {
    pub(super) fn new(side: Side, remote: SocketAddr) -> Self {
        Self {
            state: Mutex::new(State {
                mux: Mux::new(side),
                streams: HashMap::new(),
                opening: [Vec::new(), Vec::new()],
                accepting: [Vec::new(), Vec::new()],
                closing: Vec::new(),
                broken: None,
                asked: None,
            }),
            transmit: Notify::new(),
            received: AtomicU64::new(0),
            rtt_us: AtomicU64::new(0),
            remote,
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something to the mux, wakes whom it concerns, and has the driver send what came of it.
    pub(super) fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.lock();
        let result = change(&mut state);
        let rtt = state.dispatch();
        // At the end the driver is told too, so that it ends.
        let send = state.mux.has_to_transmit() || state.mux.ended().is_some();
        drop(state);
        if let Some(rtt) = rtt {
            self.rtt_us.store(rtt, Ordering::Relaxed);
        }
        if send {
            self.transmit.notify_one();
        }
        result
    }

    pub(super) async fn open(&self, direction: Direction) -> Result<StreamId, ConnectionError> {
        poll_fn(|context| {
            self.change(|state| {
                if let Some(end) = state.end() {
                    return Poll::Ready(Err(end));
                }
                if let Some(id) = state.mux.open(direction) {
                    return Poll::Ready(Ok(id));
                }
                enlist(&mut state.opening[place(direction)], context);
                Poll::Pending
            })
        })
        .await
    }

    pub(super) async fn accept(&self, direction: Direction) -> Result<StreamId, ConnectionError> {
        poll_fn(|context| {
            self.change(|state| {
                if let Some(id) = state.mux.accept(direction) {
                    return Poll::Ready(Ok(id));
                }
                if let Some(end) = state.end() {
                    return Poll::Ready(Err(end));
                }
                enlist(&mut state.accepting[place(direction)], context);
                Poll::Pending
            })
        })
        .await
    }

    pub(super) async fn closed(&self) -> ConnectionError {
        poll_fn(|context| {
            let mut state = self.lock();
            if let Some(end) = state.end() {
                return Poll::Ready(end);
            }
            enlist(&mut state.closing, context);
            Poll::Pending
        })
        .await
    }

    pub(super) fn close(&self, code: u32, reason: &str) {
        self.change(|state| state.mux.close(code, reason));
    }

    /// The line broke.
    pub(super) fn lose(&self, why: ConnectionError) {
        self.change(|state| {
            if state.mux.ended().is_none() {
                state.broken = Some(why);
                state.mux.lose();
            }
        });
        self.transmit.notify_one();
    }

    /// Asks for a sign of life, unless one is awaited.
    pub(super) fn ping(&self) {
        self.change(|state| {
            if state.asked.is_none() {
                let number = self.received.load(Ordering::Relaxed);
                state.asked = Some((number, Instant::now()));
                state.mux.ping(number);
            }
        });
    }
}

/// One entry a waiting task.
fn enlist(wakers: &mut Vec<Waker>, context: &Context<'_>) {
    if !wakers.iter().any(|waker| waker.will_wake(context.waker())) {
        wakers.push(context.waker().clone());
    }
}
