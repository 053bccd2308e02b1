//! `CloudTunnel`: one connection to the cloud that keeps itself alive.
//!
//! The connection lives as a task of the caller's runtime, or on a thread of its own where that
//! runtime may be blocked. Handles are cheap to clone. A call takes the connection and drives its
//! QUIC stream itself, from whatever runtime it is on.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use synesis_domain::{DeviceId, UserId};
use synesis_transport::{Late, Transport, within};
use synesis_wire::ErrorCode;
use synesis_wire::proto::{Notice, PingResponse, StatusResponse, answer, control};
use tokio::sync::{broadcast, mpsc, oneshot, watch};
use tokio::time::{Instant, sleep, timeout_at};
use url::Url;

use crate::call::OutgoingCall;
use crate::connection::{AnswerStream, Live};
use crate::error::{Cause, CloudError};
use crate::identity::IdentityError;
use crate::limits::{
    COMMANDS_MAX, DRAIN_NOTICED, EVENTS_KEPT_MAX, GOODBYE_MAX, PATIENCE, RECONNECT_DELAY_MAX,
};
use crate::policy::ReconnectConfig;
use crate::refusal;
use crate::supervisor::{Command, Published, Supervisor};
use crate::tunnel_events::{TunnelEvents, TunnelState};
use crate::tunnel_metrics::{TunnelCounters, TunnelMetrics};
use crate::vitals::Activity;

/// Where the cloud is, who we are, and how patient.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct TunnelConfig {
    /// `https://host:port`; the port is that of QUIC too.
    pub cloud_url: Url,
    /// This device.
    pub device_id: DeviceId,
    /// The account that pays, where the identity says so: receipts have to be about it.
    pub account: Option<UserId>,
    /// The device's certificate chain, PEM.
    pub cert_path: PathBuf,
    /// The device's private key, PEM.
    pub key_path: PathBuf,
    /// The authority that signed the server's certificate, PEM.
    pub ca_path: PathBuf,
    /// The cloud's HTTPS may show a certificate that browsers believe, besides one of `ca_path`.
    pub web_certificate: bool,
    /// How often a [`HeartbeatService`](crate::HeartbeatService) tells that this device is there.
    pub heartbeat_interval: Duration,
    /// The upper end of the first wait before a reconnect; it doubles from there.
    pub reconnect_delay: Duration,
    /// The upper end of the longest wait.
    pub reconnect_delay_max: Duration,
    /// After so many attempts in a row the tunnel is `Failed`. `None`: it never gives up.
    pub max_reconnect_attempts: Option<u32>,
    /// From the first packet to the first answer.
    pub connect_timeout: Duration,
    /// What may carry the connection.
    pub transport: TransportChoice,
    /// While a WebSocket carries it: how often QUIC is tried again, at the longest.
    pub quic_probe_interval: Duration,
    /// How long a call waits for its answer, where the caller says nothing else.
    pub request_timeout: Duration,
}

impl TunnelConfig {
    /// The usual numbers.
    #[must_use]
    pub fn new(
        cloud_url: Url,
        device_id: DeviceId,
        cert_path: PathBuf,
        key_path: PathBuf,
        ca_path: PathBuf,
    ) -> Self {
        Self {
            cloud_url,
            device_id,
            account: None,
            cert_path,
            key_path,
            ca_path,
            web_certificate: false,
            heartbeat_interval: Duration::from_secs(30),
            reconnect_delay: Duration::from_millis(100),
            reconnect_delay_max: RECONNECT_DELAY_MAX,
            max_reconnect_attempts: None,
            connect_timeout: Duration::from_secs(5),
            transport: TransportChoice::Auto,
            quic_probe_interval: Duration::from_secs(5 * 60),
            request_timeout: Duration::from_secs(30),
        }
    }

    pub(crate) fn reconnect(&self) -> ReconnectConfig {
        ReconnectConfig {
            delay_min: self.reconnect_delay,
            delay_max: self.reconnect_delay_max,
            attempts_max: self.max_reconnect_attempts,
            ..ReconnectConfig::default()
        }
    }

    /// Host and port of the cloud; the host is also the name in its certificate.
    pub(crate) fn authority(&self) -> Result<(String, u16), CloudError> {
        let host = match self.cloud_url.host() {
            Some(url::Host::Domain(name)) => name.to_owned(),
            Some(url::Host::Ipv4(address)) => address.to_string(),
            Some(url::Host::Ipv6(address)) => address.to_string(),
            None => return Err(IdentityError::BadUrl(self.cloud_url.to_string()).into()),
        };
        let port = self.cloud_url.port_or_known_default().unwrap_or(443);
        Ok((host, port))
    }
}

/// What may carry the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TransportChoice {
    /// QUIC, and a WebSocket while QUIC does not get through.
    #[default]
    Auto,
    /// QUIC, or no connection.
    QuicOnly,
    /// A WebSocket, even where QUIC works.
    WebSocketOnly,
}

/// A handle of the tunnel. The tunnel closes when the last handle is dropped; a process that is
/// about to end should [`disconnect`](Self::disconnect), so that the server hears the goodbye.
#[derive(Debug, Clone)]
pub struct CloudTunnel {
    config: Arc<TunnelConfig>,
    commands: mpsc::Sender<Command>,
    published: watch::Receiver<Published>,
    events: broadcast::WeakSender<TunnelState>,
    controls: broadcast::WeakSender<control::Body>,
    activity: Activity,
    counters: Arc<TunnelCounters>,
}

impl CloudTunnel {
    /// A tunnel at rest, as a task of the tokio runtime this is called in.
    ///
    /// For a runtime that is never blocked for long: a blocked one silences the connection. See
    /// [`on_own_thread`](Self::on_own_thread) for the others.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    #[must_use]
    pub fn new(config: TunnelConfig) -> Self {
        let (tunnel, supervisor) = Self::parts(config);
        tokio::spawn(supervisor.run());
        tunnel
    }

    /// A tunnel at rest, on a thread of its own, whatever the caller's runtime does. Each call
    /// costs two wake-ups across threads more.
    ///
    /// # Errors
    /// [`CloudError::System`] when the machine gives no thread.
    pub fn on_own_thread(config: TunnelConfig) -> Result<Self, CloudError> {
        let (tunnel, supervisor) = Self::parts(config);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(CloudError::system)?;
        std::thread::Builder::new()
            .name("synesis-tunnel".to_owned())
            .spawn(move || runtime.block_on(supervisor.run()))
            .map_err(CloudError::system)?;
        Ok(tunnel)
    }

    pub(crate) fn parts(config: TunnelConfig) -> (Self, Supervisor) {
        let config = Arc::new(config);
        let (commands, commands_out) = mpsc::channel(COMMANDS_MAX);
        let (publish, published) = watch::channel(Published {
            state: TunnelState::Disconnected,
            live: None,
            status: None,
            trouble: None,
        });
        let (events, _) = broadcast::channel(EVENTS_KEPT_MAX);
        let (controls, _) = broadcast::channel(EVENTS_KEPT_MAX);
        let tunnel = Self {
            config: Arc::clone(&config),
            commands,
            published,
            events: events.downgrade(),
            controls: controls.downgrade(),
            activity: Activity::default(),
            counters: Arc::default(),
        };
        let counters = Arc::clone(&tunnel.counters);
        let supervisor = Supervisor::new(config, commands_out, publish, events, controls, counters);
        (tunnel, supervisor)
    }

    /// How the tunnel was set up.
    #[must_use]
    pub fn config(&self) -> &TunnelConfig {
        &self.config
    }

    /// Connects, and answers after the first attempt. Unless the refusal is final the tunnel goes
    /// on trying after an error, until it is disconnected or dropped.
    ///
    /// # Errors
    /// Why the first attempt failed.
    pub async fn connect(&self) -> Result<(), CloudError> {
        let (reply, answer) = oneshot::channel();
        self.command(Command::Connect(reply)).await?;
        answer.await.unwrap_or(Err(CloudError::Cancelled))
    }

    /// Takes no more calls, lets the running ones end within `grace`, and says goodbye.
    pub async fn disconnect(&self, grace: Duration) {
        let (done, ended) = oneshot::channel();
        if self
            .command(Command::Disconnect { grace, done })
            .await
            .is_ok()
        {
            // The supervisor bounds both waits itself.
            let _ = tokio::time::timeout(grace + 2 * GOODBYE_MAX, ended).await;
        }
    }

    /// Tells the tunnel that the network changed: it tries again at once, or moves to a new path.
    ///
    /// # Errors
    /// [`CloudError::TunnelClosed`] when the tunnel's thread has ended.
    pub async fn network_changed(&self) -> Result<(), CloudError> {
        self.command(Command::NetworkChanged).await
    }

    /// Whether the server has answered on a connection that still lives.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.current().is_some()
    }

    /// Where the tunnel stands.
    #[must_use]
    pub fn state(&self) -> TunnelState {
        self.published.borrow().state.clone()
    }

    /// Why there is no connection, while there is none: what ended the last one, or stood in the way
    /// of another.
    #[must_use]
    pub fn trouble(&self) -> Option<CloudError> {
        self.published.borrow().trouble.clone()
    }

    /// What the server said of itself and this device when the connection came about.
    #[must_use]
    pub fn server_status(&self) -> Option<StatusResponse> {
        self.published.borrow().status.clone()
    }

    /// What carries the current connection.
    #[must_use]
    pub fn transport(&self) -> Option<Transport> {
        self.current().map(|live| live.connection.transport())
    }

    /// The round trip of the current connection, as its transport measures it.
    #[must_use]
    pub fn rtt(&self) -> Option<Duration> {
        self.current().map(|live| live.connection.rtt())
    }

    /// What the tunnel went through, and how its connection is now.
    #[must_use]
    pub fn metrics(&self) -> TunnelMetrics {
        let live = self.current();
        self.counters
            .read(live.as_deref().map(|live| &live.connection))
    }

    /// The changes of the state from now on.
    #[must_use]
    pub fn events(&self) -> TunnelEvents {
        TunnelEvents::new(subscribe(&self.events))
    }

    /// What the cloud tells on its own from now on: balance changes, acknowledgements, drains.
    #[must_use]
    pub fn controls(&self) -> broadcast::Receiver<control::Body> {
        subscribe(&self.controls)
    }

    /// What this process does now, for its heartbeats.
    #[must_use]
    pub fn activity(&self) -> &Activity {
        &self.activity
    }

    /// Sends a notice; nothing comes back.
    ///
    /// # Errors
    /// When there is no connection within the request timeout, or it breaks.
    pub async fn send(&self, notice: &Notice) -> Result<(), CloudError> {
        let patience = self.config.request_timeout;
        let until = Instant::now() + patience;
        let live = self.live(until, patience).await?;
        match timeout_at(until, live.send(notice)).await {
            Ok(sent) => sent,
            Err(_) => Err(CloudError::Timeout {
                awaited: "room for another notice",
                after: patience,
            }),
        }
    }

    /// One call, one answer. Waits through a reconnect until the call's deadline; a call that
    /// changes nothing is sent again when its connection was lost.
    ///
    /// # Errors
    /// The cloud's refusal, or what broke.
    pub async fn request(&self, call: &OutgoingCall) -> Result<answer::Body, CloudError> {
        let mut left = call.patience();
        let until = Instant::now() + left;
        loop {
            let live = match self.current() {
                Some(live) => live,
                None => {
                    let live = self.live(until, call.patience()).await?;
                    left = until.saturating_duration_since(Instant::now());
                    live
                }
            };
            let asked = async {
                let mut stream = live.open(call).await?;
                stream.only().await
            };
            tokio::pin!(asked);
            // One timer for most calls: those that are answered before anybody worries.
            let answered = match within(left.min(PATIENCE), &mut asked).await {
                Ok(answer) => Ok(answer),
                Err(Late) if left <= PATIENCE => Err(Late),
                Err(Late) => {
                    live.worried.notify_one();
                    timeout_at(until, asked).await.map_err(|_| Late)
                }
            };
            match answered {
                Ok(Err(CloudError::TunnelClosed { .. })) if call.is_repeatable() => {}
                // Refused before anything was done: the drain that follows brings another server.
                Ok(Err(CloudError::EscalationFailed {
                    code: ErrorCode::ShuttingDown,
                    ..
                })) if call.is_repeatable() => sleep(DRAIN_NOTICED).await,
                Ok(answer) => return answer,
                Err(Late) => {
                    return Err(CloudError::Timeout {
                        awaited: "answer",
                        after: call.patience(),
                    });
                }
            }
            left = until.saturating_duration_since(Instant::now());
        }
    }

    /// One call, many answers. Waits through a reconnect until the call's deadline; once it is
    /// open, the caller decides how long to wait for each answer.
    ///
    /// # Errors
    /// When there is no connection before the deadline, or it breaks.
    pub async fn open_stream(&self, call: &OutgoingCall) -> Result<AnswerStream, CloudError> {
        let until = Instant::now() + call.patience();
        let live = self.live(until, call.patience()).await?;
        match timeout_at(until, live.open(call)).await {
            Ok(opened) => opened,
            Err(_) => Err(CloudError::Timeout {
                awaited: "room for another call",
                after: call.patience(),
            }),
        }
    }

    /// Sends bytes to the server and back.
    ///
    /// # Errors
    /// As [`request`](Self::request).
    pub async fn ping(&self, payload: Bytes) -> Result<PingResponse, CloudError> {
        let call = OutgoingCall::ping(payload, self.config.request_timeout)?;
        match self.request(&call).await? {
            answer::Body::Ping(pong) => Ok(pong),
            _ => Err(CloudError::Protocol("a ping was sent, something else came")),
        }
    }

    /// Asks the server what it knows about this device now.
    ///
    /// # Errors
    /// As [`request`](Self::request).
    pub async fn status(&self) -> Result<StatusResponse, CloudError> {
        let call = OutgoingCall::status(self.config.request_timeout)?;
        match self.request(&call).await? {
            answer::Body::Status(status) => Ok(status),
            _ => Err(CloudError::Protocol(
                "a status was asked for, something else came",
            )),
        }
    }

    async fn command(&self, command: Command) -> Result<(), CloudError> {
        self.commands.send(command).await.map_err(|_| gone())
    }

    /// The connection, where one is up.
    fn current(&self) -> Option<Arc<Live>> {
        let published = self.published.borrow();
        let live = published.live.as_ref()?;
        live.connection
            .close_reason()
            .is_none()
            .then(|| Arc::clone(live))
    }

    /// The connection, as soon as one is up.
    async fn live(&self, until: Instant, patience: Duration) -> Result<Arc<Live>, CloudError> {
        if let Some(live) = self.current() {
            return Ok(live);
        }
        let mut published = self.published.clone();
        loop {
            let trouble = {
                let now = published.borrow_and_update();
                match (&now.state, &now.live) {
                    (TunnelState::Disconnected, _) => {
                        return Err(CloudError::TunnelClosed {
                            cause: Cause::words("nobody has connected it"),
                        });
                    }
                    (TunnelState::Failed { error }, _) => return Err(error.clone()),
                    (_, Some(live)) if live.connection.close_reason().is_none() => {
                        return Ok(Arc::clone(live));
                    }
                    _ => now.trouble.clone(),
                }
            };
            match timeout_at(until, published.changed()).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return Err(gone()),
                Err(_) => {
                    let late = CloudError::Timeout {
                        awaited: "connection to the cloud",
                        after: patience,
                    };
                    let late = trouble.unwrap_or(late);
                    return Err(refusal::while_dialling(
                        late,
                        self.config.cloud_url.as_str(),
                    ));
                }
            }
        }
    }
}

/// A receiver; one that is closed already when the tunnel has ended.
fn subscribe<T: Clone>(sender: &broadcast::WeakSender<T>) -> broadcast::Receiver<T> {
    sender
        .upgrade()
        .map_or_else(|| broadcast::channel(1).1, |sender| sender.subscribe())
}

fn gone() -> CloudError {
    CloudError::TunnelClosed {
        cause: Cause::words("the tunnel's thread has ended"),
    }
}
