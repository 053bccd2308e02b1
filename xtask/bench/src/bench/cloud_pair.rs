//! A cloud and a device enrolled with it, both real, on loopback, with their files in a folder
//! that goes away.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt};
use hdrhistogram::Histogram;
use synesis_cloud::{
    CloudTunnel, Enrolment, Escalation, EscalationClient, EscalationConfig, Identity, LocalLedger,
    StreamChunk, Trust, enrol,
};
use synesis_domain::DeviceName;
use synesis_privacy::{Conversation, ConversationId, LastGate, Raw, Redactor, RedactorConfig};
use synesis_server::{RunningServer, Server, ServerConfig, enrolment_token_path};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::cloud_process::CALLS_PER_SECOND;
use super::quinn_baseline::nanos;
use crate::error::{Doing, MeasureError};
use synesis_testkit::ScriptedModel;

const QUESTION: &str = "Write to ann.smith@example.com: what is the capital of France?";
const REQUEST: Bytes = Bytes::from_static(&[0x5a; 64]);
const SHUTDOWN: Duration = Duration::from_secs(5);

/// The cloud, and the device with its tunnel and its ledger.
pub(crate) struct CloudPair {
    runtime: Runtime,
    server: RunningServer,
    tunnel: CloudTunnel,
    escalations: EscalationClient,
    redactor: Redactor,
    // Removed last.
    _folder: TempDir,
}

/// On which thread the tunnel's connection lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Threads {
    /// On the caller's, as in the command line, and as the echo of quinn has it.
    Shared,
    /// On one of its own.
    Own,
}

impl CloudPair {
    /// Starts the cloud, enrols the device and connects.
    pub(crate) fn start(threads: Threads) -> Result<Self, MeasureError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .doing("starting a runtime")?;
        let folder = tempfile::tempdir().doing("making a folder for the cloud")?;
        let (server, identity) = runtime.block_on(enrolled(&folder))?;
        let config = identity.tunnel_config();
        let tunnel = match threads {
            Threads::Own => CloudTunnel::on_own_thread(config).doing("making the tunnel")?,
            Threads::Shared => runtime.block_on(async { CloudTunnel::new(config) }),
        };
        runtime
            .block_on(tunnel.connect())
            .doing("connecting the tunnel")?;
        let ledger =
            LocalLedger::open(&folder.path().join("ledger.db")).doing("opening the ledger")?;
        let escalations =
            EscalationClient::new(tunnel.clone(), ledger, EscalationConfig::default());
        let redactor = Redactor::new(&RedactorConfig::default()).doing("making the redactor")?;
        Ok(Self {
            runtime,
            server,
            tunnel,
            escalations,
            redactor,
            _folder: folder,
        })
    }

    /// Sends 64 bytes and gets them back, so many times, and records each in nanoseconds.
    pub(crate) fn ask(&self, times: u32, into: &mut Histogram<u64>) -> Result<(), MeasureError> {
        self.runtime.block_on(async {
            for _ in 0..times {
                let started = Instant::now();
                self.tunnel
                    .ping(REQUEST)
                    .await
                    .doing("a request over the tunnel")?;
                into.saturating_record(nanos(started));
            }
            Ok(())
        })
    }

    /// Sends so many payloads and gets them back, so many at once.
    pub(crate) fn load(
        &self,
        at_once: usize,
        requests: u32,
        payload: &Bytes,
    ) -> Result<(), MeasureError> {
        self.runtime.block_on(async {
            let asking = futures::stream::iter(0..requests)
                .map(async |_| self.tunnel.ping(payload.clone()).await)
                .buffer_unordered(at_once);
            asking
                .try_for_each(async |_| Ok(()))
                .await
                .doing("a load over the tunnel")
        })
    }

    /// A second tunnel, from nothing to its first answer, in nanoseconds.
    pub(crate) fn handshake(&self) -> Result<u64, MeasureError> {
        self.runtime.block_on(async {
            let tunnel = CloudTunnel::new(self.tunnel.config().clone());
            let started = Instant::now();
            tunnel.connect().await.doing("connecting another tunnel")?;
            let took = nanos(started);
            tunnel.disconnect(Duration::ZERO).await;
            Ok(took)
        })
    }

    /// Asks the cloud's model, so many times, and records what it took from the question to the
    /// first words: redaction, both ledgers, both ways, and everything between.
    pub(crate) fn escalate(
        &self,
        times: u32,
        into: &mut Histogram<u64>,
    ) -> Result<(), MeasureError> {
        self.runtime.block_on(async {
            for _ in 0..times {
                into.saturating_record(self.first_words().await?);
            }
            Ok(())
        })
    }

    async fn first_words(&self) -> Result<u64, MeasureError> {
        let started = Instant::now();
        let id = Escalation::new_id().doing("making a request id")?;
        let name = ConversationId::new(id.to_string()).doing("naming a conversation")?;
        let mut conversation = Conversation::ephemeral(name, [7; 32]);
        let redaction = self
            .redactor
            .redact(&Raw::new(QUESTION.to_owned()), &mut conversation)
            .doing("redacting the question")?;
        let escalation = Escalation::new(id, redaction.text);
        let gate = LastGate::new(&conversation);
        let mut answer = self
            .escalations
            .escalate_streaming(&escalation, gate)
            .await
            .doing("escalating")?;
        let mut first = None;
        while let Some(chunk) = answer.next().await {
            match chunk {
                StreamChunk::Content(_) => {
                    first.get_or_insert_with(|| nanos(started));
                }
                StreamChunk::Metadata { .. } | StreamChunk::End(_) => {}
                StreamChunk::Error(failure) => return Err(failure.error).doing("an escalation"),
            }
        }
        first
            .ok_or("the answer had no words")
            .doing("an escalation")
    }

    /// Says goodbye and stops the cloud.
    pub(crate) fn stop(self) {
        self.runtime.block_on(async {
            self.tunnel.disconnect(SHUTDOWN).await;
            self.server.shutdown(SHUTDOWN).await;
        });
    }
}

async fn enrolled(folder: &TempDir) -> Result<(RunningServer, Identity), MeasureError> {
    let data = folder.path().join("cloud");
    let mut config = ServerConfig::new(&data);
    config.listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    config.engine = Some(Arc::new(ScriptedModel::new()));
    config.calls_per_second = CALLS_PER_SECOND;
    let server = Server::start(config).await.doing("starting the cloud")?;
    let read = |path| std::fs::read_to_string(path).doing("reading what the cloud made");
    let enrolment = Enrolment {
        url: format!("https://{}", server.addr())
            .parse()
            .doing("naming the cloud")?,
        token: read(enrolment_token_path(&data))?.trim().to_owned(),
        device_name: DeviceName::new("bench").doing("naming the device")?,
        trust: Trust::Authority(read(data.join("ca").join("ca.pem"))?),
    };
    let identity = enrol(&folder.path().join("device"), &enrolment)
        .await
        .doing("enrolling the device")?;
    Ok((server, identity))
}

#[cfg(test)]
mod tests {
    use super::super::quinn_baseline::histogram;
    use super::*;

    #[test]
    fn a_device_asks_and_escalates_through_a_real_cloud() {
        let pair = CloudPair::start(Threads::Shared).unwrap();
        let mut times = histogram().unwrap();
        pair.ask(3, &mut times).unwrap();
        pair.escalate(3, &mut times).unwrap();
        pair.stop();
        assert_eq!(times.len(), 6);
    }
}
