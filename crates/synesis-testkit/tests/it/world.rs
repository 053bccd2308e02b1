//! A server, a relay before it, and devices.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use synesis_cloud::{
    CloudTunnel, Enrolment, Escalation, EscalationClient, EscalationConfig, Identity, LocalLedger,
    StreamChunk, StreamingResponse, TunnelConfig, TunnelEvents, TunnelState, enrol,
};
use synesis_domain::DeviceName;
use synesis_privacy::{Conversation, ConversationId, LastGate, Raw, Redactor, RedactorConfig};
use synesis_server::{RunningServer, Server, ServerConfig, enrolment_token_path};
use synesis_testkit::{ScriptedModel, UdpRelay};
use tempfile::TempDir;

/// Nothing in these tests takes this long unless it hangs.
const PATIENCE: Duration = Duration::from_secs(30);

/// Fails a test that hangs, with a word about what it waited for.
pub(crate) async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future)
        .await
        .unwrap_or_else(|_| panic!("never came: {what}"))
}

pub(crate) struct World {
    pub(crate) dir: TempDir,
    pub(crate) server: RunningServer,
    pub(crate) relay: UdpRelay,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut ServerConfig)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let server = Self::server(dir.path(), change).await;
        let relay = UdpRelay::start(server.addr()).await;
        Self { dir, server, relay }
    }

    /// A server on a folder, with a model that says ten words, ten milliseconds apart.
    pub(crate) async fn server(
        dir: &Path,
        change: impl FnOnce(&mut ServerConfig),
    ) -> RunningServer {
        let words = (1..=10).map(|n| format!("word{n} ")).collect();
        let mut config = ServerConfig::new(dir);
        config.listen = "127.0.0.1:0".parse().unwrap();
        config.engine = Some(Arc::new(ScriptedModel::saying(
            words,
            Duration::from_millis(10),
        )));
        change(&mut config);
        Server::start(config).await.unwrap()
    }

    /// A device that was enrolled past the relay, over HTTPS.
    pub(crate) async fn device(&self) -> Device {
        let token = std::fs::read_to_string(enrolment_token_path(self.dir.path())).unwrap();
        self.device_with(&token).await
    }

    pub(crate) async fn device_with(&self, token: &str) -> Device {
        let ca = std::fs::read_to_string(self.dir.path().join("ca/ca.pem")).unwrap();
        Device::enrol(self.server.addr(), self.relay.url(), token, ca).await
    }
}

/// An enrolled device whose way to the cloud leads over the relay.
pub(crate) struct Device {
    pub(crate) folder: TempDir,
    pub(crate) url: String,
}

impl Device {
    /// Enrols at a server; calls go to `url` later.
    pub(crate) async fn enrol(
        addr: std::net::SocketAddr,
        calls_to: String,
        token: &str,
        ca_pem: String,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("https://{addr}");
        let enrolment = Enrolment {
            url: url.parse().unwrap(),
            token: token.trim().to_owned(),
            device_name: DeviceName::new("test device").unwrap(),
            trust: synesis_cloud::Trust::Authority(ca_pem),
        };
        enrol(folder.path(), &enrolment).await.unwrap();
        Self {
            folder,
            url: calls_to,
        }
    }

    pub(crate) fn config(&self) -> TunnelConfig {
        let mut config = Identity::open(self.folder.path()).unwrap().tunnel_config();
        config.cloud_url = self.url.parse().unwrap();
        config.reconnect_delay = Duration::from_millis(5);
        config.reconnect_delay_max = Duration::from_millis(50);
        config
    }

    pub(crate) fn tunnel(&self) -> CloudTunnel {
        CloudTunnel::new(self.config())
    }

    pub(crate) async fn online(&self) -> CloudTunnel {
        let tunnel = self.tunnel();
        soon("a connection", tunnel.connect()).await.unwrap();
        tunnel
    }

    /// A question asked over a tunnel.
    pub(crate) async fn ask(
        &self,
        tunnel: &CloudTunnel,
        change: impl FnOnce(&mut Escalation),
    ) -> StreamingResponse {
        let mut conversation =
            Conversation::ephemeral(ConversationId::new("test").unwrap(), [7; 32]);
        let redactor = Redactor::new(&RedactorConfig::default()).unwrap();
        let raw = Raw::new("What is the capital of France?".to_owned());
        let query = redactor.redact(&raw, &mut conversation).unwrap().text;
        let mut escalation = Escalation::new(Escalation::new_id().unwrap(), query);
        change(&mut escalation);
        let ledger = LocalLedger::open(&self.folder.path().join("ledger.db")).unwrap();
        let client = EscalationClient::new(tunnel.clone(), ledger, EscalationConfig::default());
        client
            .escalate_streaming(&escalation, LastGate::new(&conversation))
            .await
            .unwrap()
    }
}

/// The words of an answer up to its end.
pub(crate) async fn words(response: &mut StreamingResponse) -> String {
    let mut all = String::new();
    loop {
        match soon("a chunk", response.next()).await {
            Some(StreamChunk::Content(text)) => all.push_str(&text),
            Some(StreamChunk::Metadata { .. }) => {}
            Some(StreamChunk::End { .. }) => return all,
            other => panic!("after {all:?}: {other:?}"),
        }
    }
}

/// What the model of these tests says.
pub(crate) const ANSWER: &str = "word1 word2 word3 word4 word5 word6 word7 word8 word9 word10 ";

/// Waits for a state.
pub(crate) async fn until(events: &mut TunnelEvents, wanted: impl Fn(&TunnelState) -> bool) {
    let waiting = async {
        while let Some(state) = events.next().await {
            if wanted(&state) {
                return;
            }
        }
        panic!("the tunnel ended");
    };
    soon("a state of the tunnel", waiting).await;
}

/// Waits until something holds.
pub(crate) async fn eventually(what: &str, holds: impl AsyncFn() -> bool) {
    let waiting = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    soon(what, waiting).await;
}
