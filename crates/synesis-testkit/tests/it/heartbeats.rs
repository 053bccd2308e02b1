//! Heartbeats, presence, pre-warm, and how much a device may ask for.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use synesis_cloud::{
    CloudError, CloudTunnel, DefaultVitalsCollector, DeviceVitals, HeartbeatService, PrewarmTarget,
    TunnelState, VitalsCollector,
};

use crate::world::{World, eventually, soon, until};

/// A machine whose GPU load the test decides.
struct Scripted(Arc<AtomicBool>);

impl VitalsCollector for Scripted {
    fn collect(&mut self) -> DeviceVitals {
        let hot = self.0.load(Ordering::SeqCst);
        DeviceVitals {
            cpu_usage: 0.25,
            gpu_usage: Some(if hot { 0.95 } else { 0.1 }),
            pending_queries: 3,
            ..DeviceVitals::default()
        }
    }
}

#[tokio::test]
async fn heartbeat_is_acknowledged_and_seen_by_the_other_devices() {
    let world = World::new().await;
    let (desk, laptop) = (world.device().await, world.device().await);
    let (there, here) = (desk.online().await, laptop.online().await);
    let service = HeartbeatService::start(there.clone(), Scripted(Arc::default()), None);
    eventually("an acknowledgement", async || {
        service.metrics().acknowledged > 0
    })
    .await;
    let last = service.metrics().last.unwrap();
    assert!(last.latency < Duration::from_secs(5));
    assert!(last.server_time.as_millis() > 0);

    let devices = here.devices().await.unwrap();
    assert_eq!(devices.len(), 2);
    let seen = devices
        .iter()
        .find(|device| device.id == there.config().device_id)
        .unwrap();
    assert_eq!(seen.transport.as_deref(), Some("quic"));
    assert!(seen.last_heartbeat.is_some());
    assert_eq!(seen.vitals.map(|vitals| vitals.pending_queries), Some(3));
    let silent = devices
        .iter()
        .find(|device| device.id == here.config().device_id)
        .unwrap();
    assert_eq!((silent.last_heartbeat, silent.vitals), (None, None));

    service.stop().await;
    there.disconnect(Duration::ZERO).await;
    eventually("the device to be gone", async || {
        let devices = here.devices().await.unwrap();
        devices
            .iter()
            .any(|device| device.transport.is_none() && device.last_heartbeat.is_some())
    })
    .await;
}

#[tokio::test]
async fn last_heartbeat_survives_a_restart_of_the_server() {
    let world = World::new().await;
    let device = world.device().await;
    let tunnel = device.online().await;
    let collector = DefaultVitalsCollector::new(device.folder.path(), tunnel.activity().clone());
    let service = HeartbeatService::start(tunnel.clone(), collector, None);
    eventually("an acknowledgement", async || {
        service.metrics().acknowledged > 0
    })
    .await;
    service.stop().await;
    tunnel.disconnect(Duration::ZERO).await;
    world.server.shutdown(Duration::ZERO).await;
    let server = World::server(world.dir.path(), |_| {}).await;
    let mut config = device.config();
    config.cloud_url = format!("https://{}", server.addr()).parse().unwrap();
    let tunnel = CloudTunnel::new(config);
    soon("a connection", tunnel.connect()).await.unwrap();
    let devices = tunnel.devices().await.unwrap();
    assert!(devices[0].last_heartbeat.is_some());
    assert!(
        devices[0]
            .vitals
            .is_some_and(|vitals| vitals.memory_usage > 0.0)
    );
}

#[tokio::test]
async fn heartbeats_go_on_after_the_line_came_back_and_stop_when_told() {
    let world = World::new().await;
    let device = world.device().await;
    let mut config = device.config();
    config.heartbeat_interval = Duration::from_millis(20);
    let tunnel = CloudTunnel::new(config);
    // Started before the tunnel is up: it waits.
    let service = HeartbeatService::start(tunnel.clone(), Scripted(Arc::default()), None);
    assert_eq!(service.metrics().sent, 0);
    let mut events = tunnel.events();
    soon("a connection", tunnel.connect()).await.unwrap();
    eventually("heartbeats", async || service.metrics().acknowledged >= 3).await;
    world.relay.kill_known_paths();
    world.relay.refuse_tcp(true);
    tunnel.disconnect(Duration::ZERO).await;
    until(&mut events, |state| {
        matches!(state, TunnelState::Disconnected)
    })
    .await;
    world.relay.refuse_tcp(false);
    let before = service.metrics().acknowledged;
    soon("a connection", tunnel.connect()).await.unwrap();
    eventually("heartbeats again", async || {
        service.metrics().acknowledged > before
    })
    .await;
    let metrics = service.metrics();
    service.stop().await;
    assert_eq!(metrics.failed, 0);
}

/// Looks at the machine for longer than anybody wants to wait.
struct Slow;

impl VitalsCollector for Slow {
    fn collect(&mut self) -> DeviceVitals {
        std::thread::sleep(Duration::from_secs(2));
        DeviceVitals::default()
    }
}

#[tokio::test]
async fn service_that_is_told_to_stop_does_not_wait_for_what_it_does() {
    let world = World::new().await;
    let tunnel = world.device().await.online().await;
    let service = HeartbeatService::start(tunnel, Slow, None);
    tokio::time::sleep(Duration::from_millis(100)).await;
    let begun = std::time::Instant::now();
    service.stop().await;
    let took = begun.elapsed();
    assert!(took < Duration::from_millis(1_500), "{took:?}");
}

#[tokio::test]
async fn stress_sends_one_prewarm_signal_and_not_one_a_beat() {
    let world = World::new().await;
    let device = world.device().await;
    let mut config = device.config();
    config.heartbeat_interval = Duration::from_millis(10);
    let tunnel = CloudTunnel::new(config);
    soon("a connection", tunnel.connect()).await.unwrap();
    let hot = Arc::new(AtomicBool::new(false));
    let target = PrewarmTarget {
        project: "site".parse().unwrap(),
        lora: Some("pirate".parse().unwrap()),
    };
    let service = HeartbeatService::start(tunnel, Scripted(Arc::clone(&hot)), Some(target));
    let beats = async |more: u64| {
        let until = service.metrics().sent + more;
        eventually("heartbeats", async || service.metrics().sent >= until).await;
    };
    beats(3).await;
    assert_eq!(service.metrics().prewarmed, 0);
    for stress in 1..=2 {
        hot.store(true, Ordering::SeqCst);
        beats(6).await;
        assert_eq!(service.metrics().prewarmed, stress);
        hot.store(false, Ordering::SeqCst);
        beats(3).await;
    }
    service.stop().await;
}

#[tokio::test]
async fn device_that_asks_too_much_is_told_when_to_go_on_and_others_are_not() {
    let world = World::with(|config| config.calls_per_second = 2).await;
    let (greedy, modest) = (world.device().await, world.device().await);
    let (greedy, modest) = (greedy.online().await, modest.online().await);
    let mut refused = None;
    for _ in 0..20 {
        if let Err(error) = greedy.devices().await {
            refused = Some(error);
            break;
        }
    }
    let Some(CloudError::RateLimited {
        retry_after: Some(wait),
    }) = refused
    else {
        panic!("{refused:?}");
    };
    assert!(wait <= Duration::from_secs(1), "{wait:?}");
    assert!(modest.devices().await.is_ok());
    tokio::time::sleep(wait).await;
    assert!(greedy.devices().await.is_ok());
}
