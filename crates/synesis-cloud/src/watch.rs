//! Eyes on a connection: silence while a call waits, and sleep of the machine.

use std::sync::Arc;
use std::time::{Instant, SystemTime};

use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::call::OutgoingCall;
use crate::connection::Live;
use crate::limits::{SILENCE_GIVE_UP, SLEEP_JUMP, WATCH_INTERVAL};
use crate::liveness::{Care, Liveness};

/// Looks at the line while a call waits, and sleeps while none does.
pub(crate) struct Carer {
    started: Instant,
    liveness: Option<Liveness>,
    tick: tokio::time::Interval,
}

impl Carer {
    pub(crate) fn new(started: Instant) -> Self {
        let mut tick = interval(WATCH_INTERVAL);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            started,
            liveness: None,
            tick,
        }
    }

    /// What to do next. Can be dropped and called again at any await.
    pub(crate) async fn next(&mut self, live: &Live) -> Care {
        if self.liveness.is_none() {
            live.worried.notified().await;
            self.liveness = Some(Liveness::new(self.started.elapsed(), live.received()));
            self.tick.reset();
        }
        self.tick.tick().await;
        if live.calls() == 0 {
            self.liveness = None;
            return Care::Wait;
        }
        match &mut self.liveness {
            Some(liveness) => liveness.handle_tick(self.started.elapsed(), live.received()),
            None => Care::Wait,
        }
    }
}

/// The wall clock beside the monotonic one, which stands still while the machine sleeps.
pub(crate) struct Clocks {
    wall: SystemTime,
    monotonic: Instant,
}

impl Clocks {
    pub(crate) fn new() -> Self {
        Self::at(SystemTime::now(), Instant::now())
    }

    const fn at(wall: SystemTime, monotonic: Instant) -> Self {
        Self { wall, monotonic }
    }

    /// Whether the wall clock went much further than the monotonic one since the last look.
    pub(crate) fn jumped(&mut self) -> bool {
        self.jumped_by(Self::new())
    }

    fn jumped_by(&mut self, now: Self) -> bool {
        let before = std::mem::replace(self, now);
        let wall = self.wall.duration_since(before.wall).unwrap_or_default();
        let monotonic = self.monotonic.duration_since(before.monotonic);
        wall.saturating_sub(monotonic) > SLEEP_JUMP
    }
}

/// Asks for a sign of life; whatever datagram comes back is one.
pub(crate) fn probe(live: &Arc<Live>) {
    let live = Arc::clone(live);
    tokio::spawn(async move {
        let asked = async {
            let question = OutgoingCall::ping(bytes::Bytes::new(), SILENCE_GIVE_UP)?;
            live.open(&question).await?.next().await.transpose()
        };
        let _ = timeout(SILENCE_GIVE_UP, asked).await;
    });
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn only_a_wall_clock_that_ran_ahead_means_sleep() {
        let (wall, monotonic) = (SystemTime::now(), Instant::now());
        let seconds = Duration::from_secs;
        let mut clocks = Clocks::at(wall, monotonic);
        let mut look = |wall_passed: u64, monotonic_passed: u64| {
            clocks.jumped_by(Clocks::at(
                wall + seconds(wall_passed),
                monotonic + seconds(monotonic_passed),
            ))
        };
        assert!(!look(5, 5), "both went on");
        assert!(!look(19, 10), "a clock that was set a little");
        assert!(look(3_619, 15), "an hour of sleep");
        assert!(!look(3_624, 20), "awake again");
        assert!(!look(24, 25), "a clock that was set back");
    }
}
