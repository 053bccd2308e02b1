//! How long it takes to come back: restarts, outages, other addresses, blocked UDP.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::{Duration, Instant};

use bytes::Bytes;
use synesis_cloud::{
    CloudTunnel, Escalation, EscalationClient, EscalationConfig, LocalLedger, StreamChunk,
    StreamingResponse, Transport,
};
use synesis_privacy::{Conversation, ConversationId, LastGate, Raw, Redactor, RedactorConfig};
use synesis_testkit::UdpRelay;

use super::cloud_process::{CloudProcess, tunnel_to};
use crate::error::{Doing, MeasureError};
use crate::row::{Goal, Row};

const PAYLOAD: Bytes = Bytes::from_static(&[0x5a; 64]);
/// Half of the round trip that GOALS.md speaks of.
const ONE_WAY: Duration = Duration::from_millis(50);
const OUTAGE: Duration = Duration::from_secs(10);
const QUICK_OUTAGE: Duration = Duration::from_secs(2);
const ASK_EVERY: Duration = Duration::from_millis(10);

/// Measures every recovery, each the worst of its rounds.
pub(super) fn rows(quick: bool) -> Result<Vec<Row>, MeasureError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .doing("starting a runtime")?;
    let folder = tempfile::tempdir().doing("making a folder")?;
    let rounds = if quick { 1 } else { 3 };
    let outage = if quick { QUICK_OUTAGE } else { OUTAGE };
    runtime.block_on(async {
        let mut rows = restarts(folder.path(), rounds).await?;
        let cloud = CloudProcess::start(&folder.path().join("cloud"), anywhere())?;
        let identity = cloud.enrol(&folder.path().join("device")).await?;
        let relay = UdpRelay::start(cloud.addr()).await;
        let mut after_outage = Duration::ZERO;
        let mut moved = Gaps::default();
        let mut fallback = Duration::ZERO;
        for _ in 0..rounds {
            relay.delay(ONE_WAY);
            let tunnel = connected(tunnel_to(&identity, relay.address())?).await?;
            let took = outage_in_a_stream(&tunnel, &relay, folder.path(), outage).await?;
            after_outage = after_outage.max(took);
            relay.delay(Duration::ZERO);
            moved.take(&address_change(&tunnel, &relay).await?);
            tunnel.disconnect(Duration::ZERO).await;
            fallback =
                fallback.max(blocked(&tunnel_to(&identity, relay.address())?, &relay).await?);
        }
        rows.push(seconds("tunnel.outage", after_outage, Some(1.5)));
        rows.push(seconds("tunnel.migrate.gap", moved.longest, Some(1.0)));
        rows.push(count("tunnel.migrate.lost", moved.lost));
        rows.push(seconds("tunnel.fallback", fallback, Some(3.0)));
        Ok(rows)
    })
}

fn anywhere() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, 0))
}

fn seconds(id: &str, value: Duration, goal: Option<f64>) -> Row {
    Row {
        id: id.to_owned(),
        value: value.as_secs_f64(),
        baseline: None,
        unit: "s",
        goal: goal.map(Goal::ValueAtMost),
        n: None,
    }
}

fn count(id: &str, value: u32) -> Row {
    Row {
        id: id.to_owned(),
        value: value.into(),
        baseline: None,
        unit: "calls",
        goal: Some(Goal::ValueAtMost(0.0)),
        n: None,
    }
}

async fn connected(tunnel: CloudTunnel) -> Result<CloudTunnel, MeasureError> {
    tunnel.connect().await.doing("connecting the tunnel")?;
    Ok(tunnel)
}

/// What somebody saw who asked again and again.
#[derive(Debug, Default)]
struct Gaps {
    longest: Duration,
    lost: u32,
    /// When the last answer came.
    last: Option<Instant>,
}

impl Gaps {
    fn take(&mut self, other: &Self) {
        self.longest = self.longest.max(other.longest);
        self.lost += other.lost;
    }
}

/// Asks all the time until told to stop.
async fn ask_all_the_time(
    tunnel: CloudTunnel,
    mut stop: tokio::sync::watch::Receiver<bool>,
) -> Gaps {
    let mut gaps = Gaps::default();
    while !*stop.borrow_and_update() {
        match tunnel.ping(PAYLOAD).await {
            Ok(_) => {
                let now = Instant::now();
                if let Some(last) = gaps.last.replace(now) {
                    gaps.longest = gaps.longest.max(now - last);
                }
            }
            Err(_) => gaps.lost += 1,
        }
        tokio::time::sleep(ASK_EVERY).await;
    }
    gaps
}

async fn restarts(folder: &Path, rounds: u32) -> Result<Vec<Row>, MeasureError> {
    let data = folder.join("restarted");
    let mut cloud = CloudProcess::start(&data, anywhere())?;
    let addr = cloud.addr();
    let identity = cloud.enrol(&folder.join("restarted-device")).await?;
    let (mut killed, mut graceful) = (Duration::ZERO, Gaps::default());
    for _ in 0..rounds {
        // Not the same one again and again: a line that breaks every second is dialled more rarely.
        let tunnel = connected(tunnel_to(&identity, addr)?).await?;
        let (stop, stopped) = tokio::sync::watch::channel(false);
        let asking = tokio::spawn(ask_all_the_time(tunnel.clone(), stopped.clone()));
        tokio::time::sleep(Duration::from_millis(300)).await;
        cloud = tokio::task::spawn_blocking({
            let data = data.clone();
            move || {
                cloud.kill()?;
                CloudProcess::start(&data, addr)
            }
        })
        .await
        .doing("restarting the cloud")??;
        let back = Instant::now();
        tunnel
            .ping(PAYLOAD)
            .await
            .doing("asking after the restart")?;
        killed = killed.max(back.elapsed());
        stop.send_replace(true);
        let _ = asking.await;

        let tunnel = connected(tunnel_to(&identity, addr)?).await?;
        let (stop, stopped) = tokio::sync::watch::channel(false);
        let asking = tokio::spawn(ask_all_the_time(tunnel.clone(), stopped));
        tokio::time::sleep(Duration::from_millis(300)).await;
        cloud = tokio::task::spawn_blocking({
            let data = data.clone();
            move || {
                cloud.terminate()?;
                CloudProcess::start(&data, addr)
            }
        })
        .await
        .doing("restarting the cloud")??;
        tokio::time::sleep(Duration::from_secs(2)).await;
        stop.send_replace(true);
        graceful.take(&asking.await.doing("asking through a restart")?);
    }
    Ok(vec![
        seconds("tunnel.restart.kill", killed, Some(1.5)),
        seconds("tunnel.restart.graceful.gap", graceful.longest, None),
        count("tunnel.restart.graceful.lost", graceful.lost),
    ])
}

/// From the end of an outage to the next word of the answer that was cut.
async fn outage_in_a_stream(
    tunnel: &CloudTunnel,
    relay: &UdpRelay,
    folder: &Path,
    outage: Duration,
) -> Result<Duration, MeasureError> {
    let mut answer = escalate(tunnel, folder).await?;
    for _ in 0..5 {
        next_words(&mut answer).await?;
    }
    relay.blackhole(true);
    relay.refuse_tcp(true);
    // What is under way still arrives.
    let reading = async {
        loop {
            next_words(&mut answer).await?;
        }
    };
    let never: Result<Result<(), MeasureError>, _> = tokio::time::timeout(outage, reading).await;
    if let Ok(broken) = never {
        broken?;
    }
    relay.blackhole(false);
    relay.refuse_tcp(false);
    let healed = Instant::now();
    next_words(&mut answer).await?;
    let took = healed.elapsed();
    answer.cancel();
    Ok(took)
}

async fn escalate(tunnel: &CloudTunnel, folder: &Path) -> Result<StreamingResponse, MeasureError> {
    let id = Escalation::new_id().doing("making a request id")?;
    let name = ConversationId::new(id.to_string()).doing("naming a conversation")?;
    let mut conversation = Conversation::ephemeral(name, [7; 32]);
    let redactor = Redactor::new(&RedactorConfig::default()).doing("making the redactor")?;
    let query = redactor
        .redact(&Raw::new("Tell me a story.".to_owned()), &mut conversation)
        .doing("redacting the question")?
        .text;
    let ledger = LocalLedger::open(&folder.join("ledger.db")).doing("opening the ledger")?;
    let mut config = EscalationConfig::default();
    config.max_retries = 1_000;
    let client = EscalationClient::new(tunnel.clone(), ledger, config);
    client
        .escalate_streaming(&Escalation::new(id, query), LastGate::new(&conversation))
        .await
        .doing("escalating")
}

async fn next_words(answer: &mut StreamingResponse) -> Result<(), MeasureError> {
    loop {
        match answer.next().await {
            Some(StreamChunk::Content(_)) => return Ok(()),
            Some(StreamChunk::Metadata { .. }) => {}
            other => return Err(format!("the answer ended: {other:?}")).doing("an escalation"),
        }
    }
}

async fn address_change(tunnel: &CloudTunnel, relay: &UdpRelay) -> Result<Gaps, MeasureError> {
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let asking = tokio::spawn(ask_all_the_time(tunnel.clone(), stopped));
    for _ in 0..3 {
        tokio::time::sleep(Duration::from_millis(300)).await;
        relay.forget_mappings();
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    stop.send_replace(true);
    asking.await.doing("asking through a change of address")
}

/// From nothing to an answer where no datagram gets through.
async fn blocked(tunnel: &CloudTunnel, relay: &UdpRelay) -> Result<Duration, MeasureError> {
    relay.blackhole(true);
    let started = Instant::now();
    tunnel
        .connect()
        .await
        .doing("connecting past blocked UDP")?;
    tunnel
        .ping(PAYLOAD)
        .await
        .doing("asking past blocked UDP")?;
    let took = started.elapsed();
    let over = tunnel.transport();
    tunnel.disconnect(Duration::ZERO).await;
    relay.blackhole(false);
    if over == Some(Transport::WebSocket) {
        Ok(took)
    } else {
        Err("it was no WebSocket").doing("connecting past blocked UDP")
    }
}
