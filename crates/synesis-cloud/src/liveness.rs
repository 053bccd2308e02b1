//! Whether a connection still lives while a call waits: silence is probed, then the socket is
//! bound anew, then another connection races against it.
//!
//! QUIC's own timers back off for seconds after an outage; somebody who waits for an answer
//! should not. Pure: the host passes in the clock and the count of datagrams that arrived.

use std::time::Duration;

use crate::limits::{SILENCE_PROBE, SILENCE_RACE, SILENCE_REBIND};

/// What the host has to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Care {
    /// Nothing.
    Wait,
    /// Ask the server for a sign of life.
    Probe,
    /// Send from a new socket: the old path may be dead.
    Rebind,
    /// Dial another connection beside this one.
    Race,
}

/// The silence of one connection, while calls wait on it.
#[derive(Debug)]
pub(crate) struct Liveness {
    datagrams: u64,
    heard_at: Duration,
    probed: bool,
    rebound: bool,
}

impl Liveness {
    /// Starts to listen at `now`, when so many datagrams had arrived.
    pub(crate) fn new(now: Duration, datagrams: u64) -> Self {
        Self {
            datagrams,
            heard_at: now,
            probed: false,
            rebound: false,
        }
    }

    /// The clock has moved; so many datagrams have arrived by now.
    pub(crate) fn handle_tick(&mut self, now: Duration, datagrams: u64) -> Care {
        if datagrams != self.datagrams {
            *self = Self::new(now, datagrams);
            return Care::Wait;
        }
        let silence = now.saturating_sub(self.heard_at);
        if silence >= SILENCE_RACE {
            Care::Race
        } else if silence >= SILENCE_REBIND && !self.rebound {
            self.rebound = true;
            Care::Rebind
        } else if silence >= SILENCE_PROBE && !self.probed {
            self.probed = true;
            Care::Probe
        } else {
            Care::Wait
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ticks as (millisecond, datagrams that arrived so far, expected care).
    fn check(ticks: &[(u64, u64, Care)]) {
        let mut liveness = Liveness::new(Duration::ZERO, 7);
        for (at, datagrams, expected) in ticks {
            let care = liveness.handle_tick(Duration::from_millis(*at), *datagrams);
            assert_eq!(care, *expected, "at {at} ms");
        }
    }

    #[test]
    fn silence_is_probed_rebound_and_raced() {
        check(&[
            (250, 7, Care::Wait),
            (500, 7, Care::Probe),
            (750, 7, Care::Wait),
            (1000, 7, Care::Rebind),
            (2750, 7, Care::Wait),
            (3000, 7, Care::Race),
        ]);
    }

    #[test]
    fn any_datagram_ends_the_silence() {
        check(&[
            (500, 7, Care::Probe),
            (1000, 7, Care::Rebind),
            (1250, 8, Care::Wait),
            (1500, 8, Care::Wait),
            (1750, 8, Care::Probe),
            (2000, 9, Care::Wait),
            (2250, 9, Care::Wait),
            (3000, 9, Care::Rebind),
        ]);
    }
}
