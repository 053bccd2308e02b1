//! A device with its scripted cloud.

use std::time::Duration;

use synesis_cloud::{
    BillingClient, CloudTunnel, Escalation, EscalationClient, EscalationConfig, Identity,
    LocalLedger, StreamChunk, StreamingResponse, TunnelConfig, TunnelEvents, TunnelState,
};
use synesis_domain::RequestId;
use synesis_privacy::{
    Conversation, ConversationId, LastGate, Raw, Redacted, Redactor, RedactorConfig,
};
use synesis_testkit::{MockCloudServer, SeededRng};
use tempfile::TempDir;

/// Nothing in these tests takes this long unless it hangs.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// Fails a test that hangs, with a word about what it waited for.
pub(crate) async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future)
        .await
        .unwrap_or_else(|_| panic!("never came: {what}"))
}

/// The device's folder and its cloud.
pub(crate) struct World {
    pub(crate) server: MockCloudServer,
    pub(crate) folder: TempDir,
    pub(crate) tunnel: CloudTunnel,
    pub(crate) ledger: LocalLedger,
}

impl World {
    /// A device that is online.
    pub(crate) async fn online(pieces: &[&str]) -> Self {
        let world = Self::offline(pieces);
        world.tunnel.connect().await.unwrap();
        world
    }

    pub(crate) fn offline(pieces: &[&str]) -> Self {
        let server = MockCloudServer::start_streaming(pieces);
        let folder = tempfile::tempdir().unwrap();
        server.write_identity(folder.path());
        let tunnel = CloudTunnel::new(config(&folder));
        let ledger = LocalLedger::open(&folder.path().join("ledger.db")).unwrap();
        Self {
            server,
            folder,
            tunnel,
            ledger,
        }
    }

    pub(crate) fn client(&self) -> EscalationClient {
        let mut config = EscalationConfig::default();
        config.retry_delay = Duration::from_millis(5);
        self.client_with(config)
    }

    pub(crate) fn client_with(&self, config: EscalationConfig) -> EscalationClient {
        EscalationClient::new(self.tunnel.clone(), self.ledger.clone(), config)
    }

    pub(crate) fn billing(&self) -> BillingClient {
        BillingClient::new(self.tunnel.clone(), self.ledger.clone())
    }

    /// The escalations that are open in the ledger.
    pub(crate) fn open(&self) -> Vec<RequestId> {
        let open = self.ledger.open_calls(100).unwrap();
        open.into_iter().map(|(id, _)| id).collect()
    }

    /// What was charged by the local ledger, and over how many calls.
    pub(crate) fn booked(&self) -> (u64, i64) {
        let period = synesis_cloud::Period {
            from: synesis_domain::Timestamp::from_millis(0),
            to: synesis_domain::Timestamp::from_millis(i64::MAX),
        };
        let totals = self.ledger.totals(period).unwrap();
        (totals.calls, totals.cost.get())
    }
}

/// The settings of the identity in a folder, with short waits between attempts.
pub(crate) fn config(folder: &TempDir) -> TunnelConfig {
    let mut config = Identity::open(folder.path()).unwrap().tunnel_config();
    config.reconnect_delay = Duration::from_millis(5);
    config.reconnect_delay_max = Duration::from_millis(50);
    config
}

pub(crate) fn conversation() -> Conversation {
    Conversation::ephemeral(ConversationId::new("test").unwrap(), [7; 32])
}

/// A text as the default redactor leaves it.
pub(crate) fn redacted(text: &str, conversation: &mut Conversation) -> Redacted {
    let redactor = Redactor::new(&RedactorConfig::default()).unwrap();
    let raw = Raw::new(text.to_owned());
    redactor.redact(&raw, conversation).unwrap().text
}

/// A question with nothing private in it.
pub(crate) fn question() -> (Escalation, LastGate) {
    let mut conversation = conversation();
    let query = redacted("What is the capital of France?", &mut conversation);
    let id = Escalation::new_id().unwrap();
    (Escalation::new(id, query), LastGate::new(&conversation))
}

/// A fixed id, different for each number.
pub(crate) fn id(number: u64) -> RequestId {
    RequestId::from_bytes(SeededRng::new(number).bytes())
}

/// The text of an answer up to its last chunk, and that chunk.
pub(crate) async fn read_all(response: &mut StreamingResponse) -> (Vec<String>, StreamChunk) {
    let mut pieces = Vec::new();
    loop {
        match soon("a chunk", response.next()).await {
            Some(StreamChunk::Content(text)) => pieces.push(text),
            Some(StreamChunk::Metadata { .. }) => {}
            Some(last) => return (pieces, last),
            None => panic!("the stream ended without a last chunk"),
        }
    }
}

/// The next change of the state, in a word.
pub(crate) async fn next_state(events: &mut TunnelEvents) -> String {
    match soon("a change of the state", events.next()).await {
        Some(state) => word(&state),
        None => "gone".to_owned(),
    }
}

/// Waits for a state, by its word.
pub(crate) async fn until(events: &mut TunnelEvents, expected: &str) {
    while next_state(events).await != expected {}
}

pub(crate) fn word(state: &TunnelState) -> String {
    match state {
        TunnelState::Disconnected => "disconnected".to_owned(),
        TunnelState::Connecting => "connecting".to_owned(),
        TunnelState::Connected { .. } => "connected".to_owned(),
        TunnelState::Reconnecting { attempt } => format!("reconnecting {attempt}"),
        TunnelState::Failed { .. } => "failed".to_owned(),
    }
}
