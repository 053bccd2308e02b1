//! `HeartbeatService`: tells the cloud regularly that this device is there, and how it is.
//!
//! A heartbeat that cannot be sent is counted and logged, nothing more: the tunnel comes back by
//! itself, and the first thing it carries then is a heartbeat.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use synesis_domain::{LoraId, ProjectId, Timestamp};
use synesis_wire::proto::{
    DeviceVitals, Heartbeat, HeartbeatAck, Notice, PrewarmSignal, control, notice,
};
use tokio::sync::{broadcast, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, sleep_until};

use crate::error::CloudError;
use crate::limits::GOODBYE_MAX;
use crate::policy::share;
use crate::prewarm::{PrewarmTarget, StressDetector};
use crate::supervisor::{random, wall_clock};
use crate::tunnel::CloudTunnel;
use crate::tunnel_events::{TunnelEvents, TunnelState};
use crate::vitals::VitalsCollector;

/// What the service has done so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HeartbeatMetrics {
    /// Heartbeats that were handed to the connection.
    pub sent: u64,
    /// Heartbeats that could not be sent.
    pub failed: u64,
    /// Heartbeats whose acknowledgement came.
    pub acknowledged: u64,
    /// Pre-warm signals that went out.
    pub prewarmed: u64,
    /// The last acknowledgement.
    pub last: Option<Acknowledged>,
}

/// What an acknowledgement says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Acknowledged {
    /// The cloud's clock when the heartbeat arrived.
    pub server_time: Timestamp,
    /// The round trip as the cloud measured it.
    pub latency: Duration,
    /// From the heartbeat to its acknowledgement, by this device's clock.
    pub round_trip: Duration,
}

#[derive(Debug, Default)]
struct Counters {
    sent: AtomicU64,
    failed: AtomicU64,
    acknowledged: AtomicU64,
    prewarmed: AtomicU64,
    last: Mutex<Option<Acknowledged>>,
}

/// Heartbeats of one tunnel. They end when it is stopped or dropped.
#[derive(Debug)]
pub struct HeartbeatService {
    counters: Arc<Counters>,
    stop: watch::Sender<bool>,
    task: Option<JoinHandle<()>>,
}

impl HeartbeatService {
    /// Starts as a task of the tokio runtime this is called in: a heartbeat when the tunnel comes
    /// up, then one each `heartbeat_interval` of its settings. With a target, the cloud is told to
    /// get it ready whenever this machine comes under stress.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    #[must_use]
    pub fn start(
        tunnel: CloudTunnel,
        collector: impl VitalsCollector,
        target: Option<PrewarmTarget>,
    ) -> Self {
        let counters = Arc::new(Counters::default());
        let (stop, stopped) = watch::channel(false);
        let beating = Beating {
            events: tunnel.events(),
            controls: tunnel.controls(),
            online: tunnel.is_connected(),
            tunnel,
            collector: Some(Box::new(collector)),
            target,
            stress: StressDetector::default(),
            counters: Arc::clone(&counters),
        };
        let task = tokio::spawn(beating.run(stopped));
        Self {
            counters,
            stop,
            task: Some(task),
        }
    }

    /// What was done so far.
    #[must_use]
    pub fn metrics(&self) -> HeartbeatMetrics {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        HeartbeatMetrics {
            sent: count(&self.counters.sent),
            failed: count(&self.counters.failed),
            acknowledged: count(&self.counters.acknowledged),
            prewarmed: count(&self.counters.prewarmed),
            last: *self
                .counters
                .last
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// Sends no more, and waits a moment for what was being sent.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        if let Some(task) = self.task.take() {
            // It ends by itself; a panic of a collector is no reason for another.
            let _ = task.await;
        }
    }
}

impl Drop for HeartbeatService {
    fn drop(&mut self) {
        self.stop.send_replace(true);
    }
}

struct Beating {
    tunnel: CloudTunnel,
    events: TunnelEvents,
    controls: broadcast::Receiver<control::Body>,
    online: bool,
    /// Lent to a thread that may block while it looks at the machine.
    collector: Option<Box<dyn VitalsCollector>>,
    target: Option<PrewarmTarget>,
    stress: StressDetector,
    counters: Arc<Counters>,
}

impl Beating {
    async fn run(mut self, mut stop: watch::Receiver<bool>) {
        let mut next = Instant::now();
        loop {
            tokio::select! {
                biased;
                () = told_to_stop(&mut stop) => return,
                event = self.events.next() => match event {
                    Some(TunnelState::Connected { .. }) => {
                        self.online = true;
                        next = Instant::now();
                    }
                    Some(_) => self.online = false,
                    None => return,
                },
                control = self.controls.recv() => match control {
                    Ok(control::Body::HeartbeatAck(ack)) => self.acknowledged(ack),
                    Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => {}
                    Err(broadcast::error::RecvError::Closed) => return,
                },
                () = sleep_until(next), if self.online => {
                    let went_on = tokio::select! {
                        went_on = self.beat() => went_on,
                        () = a_moment_after(&mut stop) => return,
                    };
                    if !went_on {
                        return;
                    }
                    next = Instant::now() + self.pause();
                }
            }
        }
    }

    /// The interval, a tenth shorter at most, so that a fleet does not beat in step.
    fn pause(&self) -> Duration {
        let interval = self.tunnel.config().heartbeat_interval;
        interval - share(interval / 10, random())
    }

    /// Looks at the machine and tells the cloud. `false`: the collector is gone.
    async fn beat(&mut self) -> bool {
        let Some(mut collector) = self.collector.take() else {
            return false;
        };
        let looked = tokio::task::spawn_blocking(move || {
            let vitals = collector.collect();
            (collector, vitals)
        });
        let Ok((collector, vitals)) = looked.await else {
            tracing::error!("looking at this machine failed; no more heartbeats are sent");
            return false;
        };
        self.collector = Some(collector);
        let sent = self.tunnel.send_heartbeat(vitals).await;
        self.count(&sent);
        if self.stress.handle(&vitals)
            && let Some(target) = &self.target
        {
            let sent = self
                .tunnel
                .send_prewarm_signal(&target.project, target.lora.as_ref())
                .await;
            match sent {
                Ok(()) => self.counters.prewarmed.fetch_add(1, Ordering::Relaxed),
                Err(_) => self.counters.failed.fetch_add(1, Ordering::Relaxed),
            };
        }
        true
    }

    fn count(&self, sent: &Result<(), CloudError>) {
        let counter = match sent {
            Ok(()) => &self.counters.sent,
            Err(error) => {
                tracing::warn!(?error, "a heartbeat was not sent");
                &self.counters.failed
            }
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    fn acknowledged(&self, ack: HeartbeatAck) {
        self.counters.acknowledged.fetch_add(1, Ordering::Relaxed);
        let passed = wall_clock().since(Timestamp::from_millis(ack.timestamp));
        let acknowledged = Acknowledged {
            server_time: Timestamp::from_millis(ack.server_time),
            latency: Duration::from_micros(ack.latency_us.into()),
            round_trip: Duration::from_millis(u64::try_from(passed).unwrap_or(0)),
        };
        *self
            .counters
            .last
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(acknowledged);
    }
}

async fn told_to_stop(stop: &mut watch::Receiver<bool>) {
    // Nobody is left to tell: the same.
    let _ = stop.wait_for(|stop| *stop).await;
}

/// Ends a moment after it was told to stop: what is being sent may leave, but does not wait for a
/// connection that is not there.
async fn a_moment_after(stop: &mut watch::Receiver<bool>) {
    told_to_stop(stop).await;
    sleep(GOODBYE_MAX).await;
}

impl CloudTunnel {
    /// Tells the cloud that this device is there. The acknowledgement comes as a control message.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub async fn send_heartbeat(&self, vitals: DeviceVitals) -> Result<(), CloudError> {
        let heartbeat = Heartbeat {
            device_id: self.config().device_id.to_string(),
            timestamp: wall_clock().as_millis(),
            vitals: Some(vitals),
        };
        self.send(&Notice {
            body: Some(notice::Body::Heartbeat(heartbeat)),
        })
        .await
    }

    /// Tells the cloud that this device will soon escalate, so that it gets the adapter ready.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub async fn send_prewarm_signal(
        &self,
        project: &ProjectId,
        lora: Option<&LoraId>,
    ) -> Result<(), CloudError> {
        let signal = PrewarmSignal {
            project_id: project.to_string(),
            lora_id: lora.map(ToString::to_string),
            timestamp: wall_clock().as_millis(),
        };
        self.send(&Notice {
            body: Some(notice::Body::Prewarm(signal)),
        })
        .await
    }
}
