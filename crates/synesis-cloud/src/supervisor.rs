//! The tunnel's own task: dials, watches the connection, and comes back.
//!
//! It decides nothing itself: the reconnect policy says when to dial, liveness says what silence
//! means. Calls do not pass through here; they take the published connection and drive their
//! streams themselves.

use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use synesis_domain::Timestamp;
use synesis_transport::{ConnectionError, Transport, VarInt};
use synesis_wire::CloseCode;
use synesis_wire::proto::{Drain, StatusResponse, control};
use tokio::sync::{Notify, broadcast, mpsc, oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use crate::connection::Live;
use crate::controls::read_controls;
use crate::dial::{Dialled, Sockets, dial, judged};
use crate::error::CloudError;
use crate::limits::{COMMANDS_MAX, GOODBYE_MAX, SILENCE_RACE};
use crate::liveness::Care;
use crate::policy::{Loss, Reconnect, Standing, Step};
use crate::prober::Prober;
use crate::refusal;
use crate::renewal::keep_certificate;
use crate::silent::{self, Fate, Silent};
use crate::surroundings::{Look, Noticed, Surroundings};
use crate::tunnel::TunnelConfig;
use crate::tunnel_events::TunnelState;
use crate::tunnel_metrics::TunnelCounters;
use crate::watch::{Carer, probe};

/// What the handles ask of the supervisor.
#[derive(Debug)]
pub(crate) enum Command {
    /// Be connected; answered after the first attempt.
    Connect(oneshot::Sender<Result<(), CloudError>>),
    /// Let the running calls end within this time, then say goodbye.
    Disconnect {
        grace: Duration,
        done: oneshot::Sender<()>,
    },
    /// The host noticed another network.
    NetworkChanged,
}

/// How an attempt to connect ended.
enum Attempt {
    Dialled(Result<Dialled, CloudError>),
    /// The connection that had fallen silent was heard again.
    Needless,
    /// Somebody wants something else.
    Disturbed(Option<Command>),
}

/// What the handles see.
#[derive(Debug, Clone)]
pub(crate) struct Published {
    pub(crate) state: TunnelState,
    pub(crate) live: Option<Arc<Live>>,
    pub(crate) status: Option<StatusResponse>,
    /// Why the last attempt failed, while there is no connection.
    pub(crate) trouble: Option<CloudError>,
}

/// The task that owns the sockets.
pub(crate) struct Supervisor {
    config: Arc<TunnelConfig>,
    commands: mpsc::Receiver<Command>,
    published: watch::Sender<Published>,
    events: broadcast::Sender<TunnelState>,
    controls: broadcast::Sender<control::Body>,
    policy: Reconnect,
    pub(crate) sockets: Sockets,
    /// How the clocks are read.
    pub(crate) look: Look,
    /// What carried the last connection.
    transport: Transport,
    /// Where the last connection went.
    remote: Option<SocketAddr>,
    /// The connection that fell silent, while another is dialled.
    silent: Option<Silent>,
    started: Instant,
    since: Timestamp,
    waiting: Vec<oneshot::Sender<Result<(), CloudError>>>,
    trouble: Option<CloudError>,
    live: Option<Arc<Live>>,
    status: Option<StatusResponse>,
    counters: Arc<TunnelCounters>,
}

impl Supervisor {
    pub(crate) fn new(
        config: Arc<TunnelConfig>,
        commands: mpsc::Receiver<Command>,
        published: watch::Sender<Published>,
        events: broadcast::Sender<TunnelState>,
        controls: broadcast::Sender<control::Body>,
        counters: Arc<TunnelCounters>,
    ) -> Self {
        Self {
            policy: Reconnect::new(config.reconnect()),
            config,
            commands,
            published,
            events,
            controls,
            sockets: Sockets::default(),
            look: Look::default(),
            transport: Transport::Quic,
            remote: None,
            silent: None,
            started: Instant::now(),
            since: Timestamp::default(),
            waiting: Vec::new(),
            trouble: None,
            live: None,
            status: None,
            counters,
        }
    }

    /// Runs until the last handle is dropped.
    pub(crate) async fn run(mut self) {
        let mut around = Surroundings::new(std::mem::take(&mut self.look));
        loop {
            let flow = match self.policy.poll(self.now()) {
                Step::Rest => {
                    let command = self.commands.recv().await;
                    self.handle(command).await
                }
                Step::WaitUntil(at) => self.wait(at, &mut around).await,
                Step::Dial => self.dial().await,
                Step::Watch => self.watch(&mut around).await,
            };
            if flow.is_break() {
                self.goodbye(Duration::ZERO).await;
                return;
            }
        }
    }

    fn now(&self) -> Duration {
        self.started.elapsed()
    }

    async fn wait(&mut self, at: Duration, around: &mut Surroundings) -> ControlFlow<()> {
        let rest = at.saturating_sub(self.now());
        tokio::select! {
            () = sleep(rest) => {}
            command = self.commands.recv() => return self.handle(command).await,
            noticed = around.changed(self.remote) => self.noticed(noticed),
            fate = silent::fate(self.silent.as_ref()) => self.learned(fate),
        }
        ControlFlow::Continue(())
    }

    async fn dial(&mut self) -> ControlFlow<()> {
        self.publish();
        let config = Arc::clone(&self.config);
        let mut sockets = self.sockets.take();
        let end = {
            let attempt = dial(&mut sockets, &config, self.transport, wall_clock());
            tokio::pin!(attempt);
            loop {
                tokio::select! {
                    dialled = &mut attempt => break Attempt::Dialled(dialled),
                    fate = silent::fate(self.silent.as_ref()) => match fate {
                        Fate::Heard => break Attempt::Needless,
                        Fate::Ended => self.silent = None,
                    },
                    command = self.commands.recv() => match command {
                        Some(Command::Connect(reply)) => self.wait_for_attempt(reply),
                        Some(Command::NetworkChanged) => {}
                        other => break Attempt::Disturbed(other),
                    },
                }
            }
        };
        self.sockets = sockets;
        match end {
            Attempt::Dialled(Ok(dialled)) => self.online(dialled),
            Attempt::Dialled(Err(error)) => {
                self.lost(judged(error, &config, self.remote.is_some()));
            }
            Attempt::Needless => self.learned(Fate::Heard),
            Attempt::Disturbed(command) => return self.handle(command).await,
        }
        ControlFlow::Continue(())
    }

    fn online(&mut self, dialled: Dialled) {
        self.policy.handle_online(self.now());
        self.since = wall_clock();
        self.trouble = None;
        let _ = self.take(dialled);
        self.answer_waiting(&Ok(()));
        // Its calls go on over the new one: to the cloud they are not cancelled.
        self.drop_silent(CloseCode::DuplicateDevice);
    }

    /// What became of the silent connection.
    fn learned(&mut self, fate: Fate) {
        let Some(silent) = self.silent.take() else {
            return;
        };
        if fate == Fate::Ended {
            return;
        }
        tracing::debug!("the silent connection was heard again");
        TunnelCounters::count(&self.counters.revivals);
        self.policy.handle_online(self.now());
        self.trouble = None;
        self.sockets = silent.sockets;
        self.transport = silent.live.connection.transport();
        self.live = Some(silent.live);
        self.publish();
        self.answer_waiting(&Ok(()));
    }

    fn drop_silent(&mut self, code: CloseCode) {
        if let Some(silent) = self.silent.take() {
            close(&silent.live, code);
        }
    }

    fn answer_waiting(&mut self, answer: &Result<(), CloudError>) {
        for reply in self.waiting.drain(..) {
            // Whoever asked may have gone.
            let _ = reply.send(answer.clone());
        }
    }

    /// Calls go over this connection from now on.
    fn take(&mut self, dialled: Dialled) -> Option<Arc<Live>> {
        let Dialled { live, status } = dialled;
        self.transport = live.connection.transport();
        let remote = live.connection.remote_address();
        self.remote = Some(remote);
        tracing::debug!(%remote, transport = %self.transport, "online");
        TunnelCounters::count(&self.counters.connections);
        if self.transport == Transport::WebSocket {
            TunnelCounters::count(&self.counters.websocket_connections);
        }
        let before = self.live.replace(live);
        self.status = status;
        self.publish();
        before
    }

    fn lost(&mut self, error: CloudError) {
        self.lost_with(refusal::loss(&error), error);
    }

    fn lost_with(&mut self, loss: Loss, error: CloudError) {
        tracing::debug!(?error, "no connection");
        TunnelCounters::count(&self.counters.losses);
        self.policy.handle_lost(self.now(), loss, random());
        self.live = None;
        if self.policy.standing() == Standing::Failed {
            self.drop_silent(CloseCode::NoError);
        }
        self.trouble = Some(error.clone());
        self.publish();
        self.answer_waiting(&Err(error));
    }

    /// A call waits, and nothing is heard: another connection is dialled, and whichever answers
    /// first is kept.
    fn race(&mut self, live: Arc<Live>) {
        let sockets = self.sockets.take();
        self.silent = Some(Silent::new(live, sockets));
        self.lost(CloudError::Timeout {
            awaited: "sign of life",
            after: SILENCE_RACE,
        });
    }

    fn wait_for_attempt(&mut self, reply: oneshot::Sender<Result<(), CloudError>>) {
        if self.waiting.len() < COMMANDS_MAX {
            self.waiting.push(reply);
        }
    }

    async fn handle(&mut self, command: Option<Command>) -> ControlFlow<()> {
        match command {
            None => return ControlFlow::Break(()),
            Some(Command::Connect(reply)) => {
                self.policy.handle_connect();
                if self.live.is_some() {
                    let _ = reply.send(Ok(()));
                } else {
                    self.wait_for_attempt(reply);
                }
            }
            Some(Command::Disconnect { grace, done }) => {
                self.policy.handle_disconnect();
                self.trouble = None;
                self.goodbye(grace).await;
                let _ = done.send(());
            }
            Some(Command::NetworkChanged) => self.network_changed(),
        }
        self.publish();
        ControlFlow::Continue(())
    }

    fn noticed(&mut self, noticed: Noticed) {
        tracing::debug!(?noticed, "something changed around the tunnel");
        self.network_changed();
    }

    fn network_changed(&mut self) {
        self.policy.handle_network_changed(self.now());
        if let Some(silent) = &self.silent {
            silent.knock();
        }
        if let Some(live) = &self.live {
            self.rebind(live);
            probe(live);
        }
        // Another network may let UDP through.
        self.transport = Transport::Quic;
    }

    fn rebind(&self, live: &Live) {
        // TCP has no new path to go to: its silence is probed, then it is given up.
        if live.connection.transport() == Transport::Quic {
            TunnelCounters::count(&self.counters.rebinds);
            self.sockets.rebind();
        }
    }

    /// No new calls; the running ones may end; then the server hears that we go.
    async fn goodbye(&mut self, grace: Duration) {
        let live = self.live.take();
        self.publish();
        self.answer_waiting(&Err(CloudError::Cancelled));
        self.drop_silent(CloseCode::NoError);
        let Some(live) = live else { return };
        let all_ended = async {
            while live.calls() > 0 {
                live.idle.notified().await;
            }
        };
        if timeout(grace, all_ended).await.is_err() {
            tracing::debug!(calls = live.calls(), "calls are cut by the goodbye");
        }
        close(&live, CloseCode::NoError);
        drop(live);
        let _ = timeout(GOODBYE_MAX, self.sockets.wait_idle()).await;
    }

    /// Watches the connection until it ends, is drained, or a command takes it away.
    async fn watch(&mut self, around: &mut Surroundings) -> ControlFlow<()> {
        let Some(live) = self.live.clone() else {
            self.lost(CloudError::closed(ConnectionError::LocallyClosed));
            return ControlFlow::Continue(());
        };
        let (control_in, mut control_out) = mpsc::channel(COMMANDS_MAX);
        let mut readers = JoinSet::new();
        readers.spawn(read_controls(live.connection.clone(), control_in));
        let (renewed_in, mut renewed) = mpsc::channel(1);
        let due = Arc::new(Notify::new());
        readers.spawn(keep_certificate(
            Arc::clone(&self.config),
            Arc::clone(&live),
            Arc::clone(&due),
            renewed_in,
        ));
        let mut care = Carer::new(self.started);
        let mut prober = Prober::of(&self.config, &live, self.sockets.more());
        while self.live.is_some() {
            tokio::select! {
                (dialled, sockets) = prober.found() => {
                    self.sockets = sockets;
                    TunnelCounters::count(&self.counters.changeovers);
                    self.take(dialled).into_iter().for_each(retire);
                    return ControlFlow::Continue(());
                }
                reason = live.connection.closed() => self.lost(refusal::of_connection(&reason)),
                command = self.commands.recv() => {
                    if matches!(command, Some(Command::NetworkChanged)) {
                        prober.hurry();
                    }
                    if self.handle(command).await.is_break() {
                        return ControlFlow::Break(());
                    }
                }
                Some(()) = renewed.recv() => prober.change_over(),
                Some(control) = control_out.recv() => {
                    if matches!(control, control::Body::CertificateDue(_)) {
                        due.notify_one();
                    }
                    self.control(control);
                }
                noticed = around.changed(self.remote) => {
                    prober.hurry();
                    self.noticed(noticed);
                }
                what = care.next(&live) => match what {
                    Care::Wait => {}
                    Care::Probe => probe(&live),
                    Care::Rebind => {
                        self.rebind(&live);
                        probe(&live);
                    }
                    Care::Race => self.race(Arc::clone(&live)),
                },
            }
        }
        ControlFlow::Continue(())
    }

    fn control(&mut self, control: control::Body) {
        if let control::Body::Drain(Drain {
            retry_after_ms,
            window_ms,
        }) = &control
        {
            // The calls that run keep the old connection until they end.
            let loss = Loss::Drained {
                retry_after: Duration::from_millis((*retry_after_ms).into()),
                window: Duration::from_millis((*window_ms).into()),
            };
            let error = CloudError::EscalationFailed {
                code: synesis_wire::ErrorCode::ShuttingDown,
                message: "the cloud is going away for a while".to_owned(),
            };
            self.lost_with(loss, error);
        }
        // Nobody may be listening.
        let _ = self.controls.send(control);
    }

    /// Tells the handles what changed.
    fn publish(&self) {
        let state = match self.policy.standing() {
            Standing::Disconnected => TunnelState::Disconnected,
            Standing::Connecting => TunnelState::Connecting,
            Standing::Connected { .. } => TunnelState::Connected { since: self.since },
            Standing::Reconnecting { attempt, .. } => TunnelState::Reconnecting { attempt },
            Standing::Failed => TunnelState::Failed {
                error: self.trouble.clone().unwrap_or(CloudError::Cancelled),
            },
        };
        let news = !self.published.borrow().state.is_like(&state);
        self.published.send_replace(Published {
            state: state.clone(),
            live: self.live.clone(),
            status: self.status.clone(),
            trouble: self.trouble.clone(),
        });
        if news {
            // Nobody may be listening.
            let _ = self.events.send(state);
        }
    }
}

/// Closes a connection once its calls have ended.
fn retire(live: Arc<Live>) {
    tokio::spawn(async move {
        while live.calls() > 0 {
            live.idle.notified().await;
        }
        close(&live, CloseCode::NoError);
    });
}

fn close(live: &Live, code: CloseCode) {
    live.connection.close(VarInt::from_u32(code.as_u32()), b"");
}

/// The time of day, for certificates and for people.
pub(crate) fn wall_clock() -> Timestamp {
    let since_epoch = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
}

pub(crate) fn random() -> u64 {
    // Without randomness the jitter is the middle of its range.
    getrandom::u64().unwrap_or(u64::MAX / 2)
}
