//! Eyes on a connection while a call waits on it.

use std::sync::Arc;

use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

use crate::call::OutgoingCall;
use crate::connection::Live;
use crate::limits::{SILENCE_RACE, WATCH_INTERVAL};
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

/// Asks for a sign of life; whatever datagram comes back is one.
pub(crate) fn probe(live: &Arc<Live>) {
    let live = Arc::clone(live);
    tokio::spawn(async move {
        let asked = async {
            let question = OutgoingCall::ping(bytes::Bytes::new(), SILENCE_RACE)?;
            live.open(&question).await?.next().await.transpose()
        };
        let _ = timeout(SILENCE_RACE, asked).await;
    });
}
