//! What a pre-warm signal saves: the first words of an answer on an adapter that is not loaded yet,
//! and on one that was announced.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use synesis_cloud::{
    CloudTunnel, Escalation, EscalationClient, EscalationConfig, LocalLedger, StreamChunk,
};
use synesis_privacy::{Conversation, ConversationId, LastGate, Raw, Redactor, RedactorConfig};
use synesis_server::{Server, ServerConfig};

use super::cloud_process::{CALLS_PER_SECOND, enrolled};
use crate::error::{Doing, MeasureError};
use crate::row::Row;

const ADAPTER: &str = "pirate";
const ROUNDS: usize = 15;
/// Longer than the adapter takes to load.
const WARMING: Duration = Duration::from_millis(500);
const SHUTDOWN: Duration = Duration::from_secs(2);

/// Measures the first words with and without the signal; each on a server that is new.
pub(super) fn rows(quick: bool) -> Result<Vec<Row>, MeasureError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .doing("starting a runtime")?;
    let rounds = if quick { 1 } else { ROUNDS };
    let (mut cold, mut warm) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        cold.push(runtime.block_on(first_words(false))?);
        warm.push(runtime.block_on(first_words(true))?);
    }
    let (cold, warm) = (middle(&mut cold), middle(&mut warm));
    Ok(vec![Row {
        id: "tunnel.prewarm.ttft".to_owned(),
        value: warm,
        baseline: Some(cold),
        unit: "ms",
        goal: None,
        n: Some(rounds),
    }])
}

fn middle(times: &mut [Duration]) -> f64 {
    times.sort_unstable();
    times
        .get(times.len() / 2)
        .map_or(0.0, |time| time.as_secs_f64() * 1e3)
}

fn adapter() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/builtin/pirate.gguf")
}

async fn first_words(announced: bool) -> Result<Duration, MeasureError> {
    let folder = tempfile::tempdir().doing("making a folder")?;
    let data = folder.path().join("cloud");
    let mut config = ServerConfig::new(&data);
    config.listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    config.calls_per_second = CALLS_PER_SECOND;
    let name = ADAPTER.parse().doing("naming the adapter")?;
    config.adapters.insert(name, adapter());
    let server = Server::start(config).await.doing("starting the cloud")?;
    let device = folder.path().join("device");
    let identity = enrolled(server.addr(), &data, &device).await?;
    let tunnel = CloudTunnel::new(identity.tunnel_config());
    tunnel.connect().await.doing("connecting the tunnel")?;
    // The model itself is warm in both cases.
    let _ = ask(&tunnel, folder.path(), false).await?;
    if announced {
        let project = "bench".parse().doing("naming the project")?;
        let lora = ADAPTER.parse().doing("naming the adapter")?;
        tunnel
            .send_prewarm_signal(&project, Some(&lora))
            .await
            .doing("sending the signal")?;
        tokio::time::sleep(WARMING).await;
    }
    let took = ask(&tunnel, folder.path(), true).await?;
    tunnel.disconnect(SHUTDOWN).await;
    server.shutdown(SHUTDOWN).await;
    Ok(took)
}

async fn ask(tunnel: &CloudTunnel, folder: &Path, lora: bool) -> Result<Duration, MeasureError> {
    let id = Escalation::new_id().doing("making a request id")?;
    let name = ConversationId::new(id.to_string()).doing("naming a conversation")?;
    let mut conversation = Conversation::ephemeral(name, [7; 32]);
    let redactor = Redactor::new(&RedactorConfig::default()).doing("making the redactor")?;
    let query = redactor
        .redact(
            &Raw::new("What is the capital of France?".to_owned()),
            &mut conversation,
        )
        .doing("redacting the question")?
        .text;
    let mut escalation = Escalation::new(id, query);
    escalation.max_tokens = Some(8);
    if lora {
        escalation.lora = Some(ADAPTER.parse().doing("naming the adapter")?);
    }
    let ledger = LocalLedger::open(&folder.join("ledger.db")).doing("opening the ledger")?;
    let client = EscalationClient::new(tunnel.clone(), ledger, EscalationConfig::default());
    let started = Instant::now();
    let mut answer = client
        .escalate_streaming(&escalation, LastGate::new(&conversation))
        .await
        .doing("escalating")?;
    let mut first = None;
    while let Some(chunk) = answer.next().await {
        match chunk {
            StreamChunk::Content(_) => {
                first.get_or_insert_with(|| started.elapsed());
            }
            StreamChunk::Metadata { .. } | StreamChunk::End(_) => {}
            StreamChunk::Error(failure) => return Err(failure.error).doing("an escalation"),
        }
    }
    first
        .ok_or("the answer had no words")
        .doing("an escalation")
}
