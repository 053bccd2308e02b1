//! A connection that fell silent while a call waits on it: it races against a new one.
//!
//! It is not closed: the line may heal, and then its calls go on as if nothing had been. Nobody is
//! sent over it meanwhile. Whichever of the two is heard first is kept.

use std::sync::Arc;

use synesis_transport::Transport;
use tokio::time::{MissedTickBehavior, interval};

use crate::connection::Live;
use crate::dial::Sockets;
use crate::limits::{SILENCE_REBIND, WATCH_INTERVAL};
use crate::watch::probe;

/// What became of a silent connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// The server was heard.
    Heard,
    /// It ended: nothing more is to be heard.
    Ended,
}

/// A silent connection, with the sockets it lives on: the new one has sockets of its own.
pub(crate) struct Silent {
    pub(crate) live: Arc<Live>,
    pub(crate) sockets: Sockets,
    received: u64,
}

impl Silent {
    pub(crate) fn new(live: Arc<Live>, sockets: Sockets) -> Self {
        Self {
            received: live.received(),
            live,
            sockets,
        }
    }

    /// Knocks from ever new sockets until the server is heard: a new path makes both ends send at
    /// once, where their own timers have backed off for seconds.
    pub(crate) async fn fate(&self) -> Fate {
        let mut look = interval(WATCH_INTERVAL);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut knock = interval(SILENCE_REBIND);
        knock.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                // A last word that ends the connection is heard too.
                biased;
                _ = self.live.connection.closed() => return Fate::Ended,
                _ = look.tick() => if self.live.received() != self.received {
                    return Fate::Heard;
                },
                _ = knock.tick() => self.knock(),
            }
        }
    }

    /// Sends something from a new socket.
    pub(crate) fn knock(&self) {
        if self.live.connection.transport() == Transport::Quic {
            self.sockets.rebind();
        }
        probe(&self.live);
    }
}

/// The fate of a silent connection, where there is one.
pub(crate) async fn fate(silent: Option<&Silent>) -> Fate {
    match silent {
        Some(silent) => silent.fate().await,
        None => std::future::pending().await,
    }
}
