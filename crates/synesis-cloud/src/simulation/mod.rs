//! The whole tunnel over a network in memory, with a clock that runs as fast as nothing happens:
//! minutes of bad lines in moments, the same for the same seed.

mod cloud;
mod net;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use synesis_domain::DeviceId;
use tokio::time::{Instant, sleep};

use crate::dial::Sockets;
use crate::limits::SURROUNDINGS_INTERVAL;
use crate::surroundings::{Clocks, Look};
use crate::{CloudTunnel, TransportChoice, TunnelConfig, TunnelState};
use cloud::Cloud;
use net::{Faults, Net};

const PAYLOAD: Bytes = Bytes::from_static(&[0x5a; 64]);
const SEEDS: std::ops::Range<u64> = 0..8;

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

struct World {
    net: Net,
    cloud: Cloud,
    tunnel: CloudTunnel,
    /// Seconds that the machine has slept.
    asleep: Arc<AtomicU64>,
    _folder: tempfile::TempDir,
}

impl World {
    async fn online(seed: u64, faults: Faults) -> Self {
        Self::online_with(seed, faults, |_| {}).await
    }

    async fn online_with(
        seed: u64,
        faults: Faults,
        change: impl FnOnce(&mut TunnelConfig),
    ) -> Self {
        let (net, folder) = (Net::new(seed), tempfile::tempdir().unwrap());
        let cloud = Cloud::start(&net, folder.path());
        net.set(faults);
        let file = |name| folder.path().join(name);
        let mut config = TunnelConfig::new(
            format!("https://{}", cloud.address).parse().unwrap(),
            DeviceId::from_bytes([7; 16]),
            file("certificate.pem"),
            file("key.pem"),
            file("ca.pem"),
        );
        config.transport = TransportChoice::QuicOnly;
        config.request_timeout = ms(600_000);
        change(&mut config);
        let (tunnel, mut supervisor) = CloudTunnel::parts(config);
        supervisor.sockets = Sockets::on(Arc::new(net.clone()));
        let asleep = Arc::new(AtomicU64::new(0));
        supervisor.look = look(Arc::clone(&asleep));
        tokio::spawn(supervisor.run());
        // A first packet that is lost may cost the first attempt.
        while tunnel.connect().await.is_err() {
            sleep(ms(100)).await;
        }
        Self {
            net,
            cloud,
            tunnel,
            asleep,
            _folder: folder,
        }
    }

    /// The machine sleeps: the wall clock goes on, the monotonic one stands still.
    fn sleep(&self, seconds: u64) {
        self.asleep.fetch_add(seconds, Ordering::SeqCst);
    }

    /// How long a call takes from now on.
    async fn call(&self) -> Duration {
        let begun = Instant::now();
        assert_eq!(self.tunnel.ping(PAYLOAD).await.unwrap().payload, PAYLOAD);
        begun.elapsed()
    }
}

/// The clocks of a machine that has slept so many seconds of its life.
fn look(asleep: Arc<AtomicU64>) -> Look {
    let started = Instant::now();
    Look(Box::new(move || {
        let asleep = Duration::from_secs(asleep.load(Ordering::SeqCst));
        Clocks {
            wall: SystemTime::UNIX_EPOCH + started.elapsed() + asleep,
            monotonic: Instant::now().into_std(),
        }
    }))
}

const BAD_LINE: Faults = Faults {
    lost_per_mille: 50,
    delay: ms(20),
    jitter: ms(30),
    cut: false,
};

#[tokio::test(start_paused = true)]
async fn loss_delay_and_disorder_only_take_longer() {
    for seed in SEEDS {
        let world = World::online(seed, BAD_LINE).await;
        for _ in 0..100 {
            let took = world.call().await;
            assert!(took < ms(3_000), "seed {seed}: {took:?}");
        }
        assert_eq!(world.tunnel.metrics().rebinds, 0, "seed {seed}");
    }
}

#[tokio::test(start_paused = true)]
async fn call_in_an_outage_is_answered_soon_after_it() {
    let line = Faults {
        delay: ms(50),
        ..Faults::default()
    };
    for seed in SEEDS {
        for outage in [300, 900, 1_500, 2_900, 3_100, 4_000, 7_000, 10_000, 20_000] {
            let world = World::online(seed, line).await;
            world.call().await;
            sleep(ms(137 * seed)).await;
            world.net.cut(true);
            let heal = async {
                sleep(ms(outage)).await;
                world.net.cut(false);
            };
            let ((), took) = tokio::join!(heal, world.call());
            let late = took.saturating_sub(ms(outage));
            assert!(late < ms(1_500), "seed {seed}, {outage} ms: {late:?}");
            // Nothing was lost: the connection outlived the outage, or was replaced once.
            assert!(world.cloud.connections() <= 2, "seed {seed}, {outage} ms");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn outage_longer_than_the_connection_lives_ends_too() {
    for seed in SEEDS {
        let world = World::online(seed, BAD_LINE).await;
        world.net.cut(true);
        let heal = async {
            sleep(ms(90_000)).await;
            let state = world.tunnel.state();
            assert!(
                matches!(state, TunnelState::Reconnecting { attempt } if attempt > 5),
                "seed {seed}: {state:?}"
            );
            world.net.cut(false);
        };
        let ((), took) = tokio::join!(heal, world.call());
        // The longest wait between two attempts, and the last attempt's own time.
        let late = took.saturating_sub(ms(90_000));
        assert!(late < ms(36_000), "seed {seed}: {late:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn line_that_comes_and_goes_is_dialled_more_and_more_rarely() {
    for seed in SEEDS {
        let world = World::online(seed, Faults::default()).await;
        let (mut early, mut late) = (0, 0);
        for minute in 0..20 {
            let before = world.tunnel.metrics().losses;
            let until = Instant::now() + ms(60_000);
            while Instant::now() < until {
                world.net.cut(true);
                let call = tokio::spawn({
                    let tunnel = world.tunnel.clone();
                    async move { tunnel.ping(PAYLOAD).await }
                });
                sleep(ms(40_000)).await;
                world.net.cut(false);
                sleep(ms(5_000)).await;
                call.abort();
            }
            let attempts = world.tunnel.metrics().losses - before;
            if minute < 2 {
                early += attempts;
            } else if minute >= 18 {
                late += attempts;
            }
        }
        assert!(late < early, "seed {seed}: {early} early, {late} late");
    }
}

/// A device whose back-off has become so long that it ends in no test.
async fn waiting_for_ages(seed: u64) -> World {
    let world = World::online_with(seed, Faults::default(), |config| {
        config.reconnect_delay = Duration::from_secs(1_000_000_000);
        config.reconnect_delay_max = config.reconnect_delay;
    })
    .await;
    world.net.cut(true);
    let call = tokio::spawn({
        let tunnel = world.tunnel.clone();
        async move { tunnel.ping(PAYLOAD).await }
    });
    sleep(ms(120_000)).await;
    call.abort();
    assert!(matches!(
        world.tunnel.state(),
        TunnelState::Reconnecting { .. }
    ));
    world.net.cut(false);
    world
}

#[tokio::test(start_paused = true)]
async fn wake_from_sleep_ends_the_wait_for_the_next_attempt() {
    for seed in SEEDS {
        let world = waiting_for_ages(seed).await;
        sleep(ms(60_000)).await;
        assert!(!world.tunnel.is_connected(), "seed {seed}: nobody woke it");
        let known = world.cloud.connections();
        let mut events = world.tunnel.events();
        world.sleep(3_600);
        let woken = Instant::now();
        loop {
            let state = events.next().await.unwrap();
            if matches!(state, TunnelState::Connected { .. }) {
                break;
            }
        }
        let took = woken.elapsed();
        // The next look at the clocks, and a handshake on a line without delay.
        assert!(
            took <= SURROUNDINGS_INTERVAL + ms(100),
            "seed {seed}: {took:?}"
        );
        assert_eq!(world.cloud.connections(), known + 1, "seed {seed}");
        world.call().await;
    }
}

#[tokio::test(start_paused = true)]
async fn clock_that_is_set_a_little_does_not_end_the_wait() {
    let world = waiting_for_ages(1).await;
    world.sleep(9);
    sleep(ms(60_000)).await;
    assert!(!world.tunnel.is_connected());
}
