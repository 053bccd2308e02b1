//! Starting and stopping: the order in which a server comes up and goes away.

use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};
use std::thread::JoinHandle;
use std::time::Duration;

use synesis_domain::{AccountCommand, PriceTable};
use synesis_models::{Engine, OpenOptions};
use synesis_service::StopReason;
use synesis_wire::CloseCode;
use tokio::runtime::Runtime;
use tokio::sync::{oneshot, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::adapters::AdapterPool;
use crate::ca::Authority;
use crate::cloud::Cloud;
use crate::config::ServerConfig;
use crate::error::{ServerError, chain};
use crate::hub::Hub;
use crate::keys::TransportKeys;
use crate::limits::{
    ARRIVAL, PRESENCE_WRITE_INTERVAL, RESULT_LIFE_MS, SETTLE_AT_SHUTDOWN, SWEEP_INTERVAL, WAIT_IDLE,
};
use crate::lock::DataFolder;
use crate::metrics::Metrics;
use crate::own_keys::OwnKeys;
use crate::payment::{self, Payment};
use crate::presence::Presence;
use crate::proof::ProofVerifier;
use crate::quic::{self, EndpointParts};
use crate::rate::Rates;
use crate::receipt::ReceiptKey;
use crate::recovery::When;
use crate::running::Escalations;
use crate::store::{Books, Place, Store, StoreError, Writers};
use crate::{
    clock, enrol, http, model_table, origin, prices, recovery, server_number, session, sign_in, tls,
};

/// How often a free port is tried that only one of the two doors got.
const PORT_TRIES_MAX: usize = 16;
/// How often the devices of live connections are looked up when the file was changed from outside.
const RECHECK_INTERVAL: Duration = Duration::from_millis(500);
const WORK_THREADS: usize = 2;

/// The cloud in one process.
#[derive(Debug)]
pub struct Server;

impl Server {
    /// Starts a server and returns once it listens.
    ///
    /// It runs on threads of its own, so it can be started from any tokio runtime, and goes on
    /// until [`RunningServer::shutdown`].
    ///
    /// # Errors
    /// When the data folder is taken or unusable, the address is taken, or the model cannot be
    /// opened.
    pub async fn start(config: ServerConfig) -> Result<RunningServer, ServerError> {
        let (answer, answered) = oneshot::channel();
        std::thread::Builder::new()
            .name("synesis-start".into())
            .spawn(move || {
                let _ = answer.send(start(config));
            })
            .map_err(ServerError::Thread)?;
        let started = answered.await.map_err(|_| ServerError::EndpointGone)??;
        Ok(started)
    }
}

/// A server that listens. Dropping it stops it at once, without a goodbye to the devices.
#[derive(Debug)]
pub struct RunningServer {
    addr: SocketAddr,
    data_dir: PathBuf,
    stop: watch::Sender<Option<Duration>>,
    stopped: watch::Receiver<bool>,
    thread: Option<JoinHandle<()>>,
}

impl RunningServer {
    /// Where QUIC (UDP) and HTTPS (TCP) listen.
    #[must_use]
    pub const fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Where everything is kept.
    #[must_use]
    pub fn data_dir(&self) -> &Path {
        &self.data_dir
    }

    /// Goes away: devices are told, calls that run get up to `deadline` to end, then what is left
    /// is stopped and settled.
    pub async fn shutdown(mut self, deadline: Duration) {
        self.stop.send_replace(Some(deadline));
        self.wait().await;
        if let Some(thread) = self.thread.take() {
            let _ = tokio::task::spawn_blocking(move || thread.join()).await;
        }
    }

    /// Ends when the server stopped by itself: it was idle for as long as was set.
    pub async fn stopped(&self) {
        self.wait().await;
    }

    async fn wait(&self) {
        let mut stopped = self.stopped.clone();
        let _ = stopped.wait_for(|stopped| *stopped).await;
    }
}

impl Drop for RunningServer {
    fn drop(&mut self) {
        self.stop.send_if_modified(|stop| {
            let running = stop.is_none();
            stop.get_or_insert(Duration::ZERO);
            running
        });
    }
}

/// All that is opened before anybody is let in.
struct Opened {
    folder: DataFolder,
    cloud: Arc<Cloud>,
    writers: Writers,
    parts: EndpointParts,
    listener: TcpListener,
    https_tls: Arc<rustls::ServerConfig>,
    addr: SocketAddr,
    work: Runtime,
}

fn start(config: ServerConfig) -> Result<RunningServer, ServerError> {
    let data_dir = config.data_dir.clone();
    let opened = open(config)?;
    let addr = opened.addr;
    let (stop, stops) = watch::channel(None);
    let (says_stopped, stopped) = watch::channel(false);
    let (answer, answered) = std::sync::mpsc::sync_channel(1);
    let thread = std::thread::Builder::new()
        .name("synesis-quic".into())
        .spawn(move || {
            run(opened, stops, &answer);
            says_stopped.send_replace(true);
        })
        .map_err(ServerError::Thread)?;
    answered.recv().map_err(|_| ServerError::EndpointGone)??;
    tracing::info!(%addr, data_dir = %data_dir.display(), "the server listens");
    Ok(RunningServer {
        addr,
        data_dir,
        stop,
        stopped,
        thread: Some(thread),
    })
}

fn open(config: ServerConfig) -> Result<Opened, ServerError> {
    let folder = DataFolder::take(&config.data_dir)?;
    let now = clock::now();
    let authority = Authority::open_or_create(&config.data_dir.join("ca"), now)?;
    let identity = authority.server_identity(&config.names, now)?;
    let keys_path = config.data_dir.join("transport.key");
    let keys = TransportKeys::open_or_create(&keys_path).map_err(|source| ServerError::File {
        path: keys_path.clone(),
        source,
    })?;
    let quic_tls = tls::quic(&authority, &identity, keys.tickets())?;
    let https_tls = tls::https(&identity, config.web_certificate.as_ref())?;
    let place = server_number::place(&config)?;
    let engine = open_engine(&config)?;
    let models = model_table::of(&config, engine.as_ref())?;
    let (socket, listener, addr) = bind(config.listen)?;
    let parts =
        EndpointParts::new(quic_tls, &keys, socket).map_err(|source| ServerError::File {
            path: keys_path,
            source,
        })?;
    let (store, writers) = Store::open(&place, config.database_writers)?;
    let prices = prepare(&place, &config)?;
    let work = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(WORK_THREADS)
        .thread_name("synesis-work")
        .enable_all()
        .build()
        .map_err(ServerError::Thread)?;
    let receipts = ReceiptKey::open_or_create(&config.data_dir.join("ca"))?;
    let own_keys = OwnKeys::open_or_create(&config.data_dir.join("ca"), config.model.clone())?;
    let payment = config
        .stripe
        .as_ref()
        .map(Payment::new)
        .transpose()
        .map_err(|error| ServerError::Stripe(Box::new(error)))?;
    let cloud = Arc::new(Cloud {
        origin: origin::origin(&config, addr),
        prices: RwLock::new(Arc::new(prices)),
        payment,
        receipts,
        own_keys,
        adapters: Arc::new(AdapterPool::new(Arc::clone(&engine), &config.adapters)),
        presence: Presence::default(),
        rates: Rates::new(config.calls_per_second),
        proofs: ProofVerifier::new(&authority)?,
        settings: config,
        started: now,
        metrics: Metrics::default(),
        store,
        authority: Arc::new(authority),
        hub: Hub::new(),
        engine,
        models,
        escalations: Escalations::default(),
        work: work.handle().clone(),
        draining: CancellationToken::new(),
        calls: TaskTracker::new(),
        websockets: TaskTracker::new(),
    });
    Ok(Opened {
        folder,
        cloud,
        writers,
        parts,
        listener,
        https_tls,
        addr,
        work,
    })
}

fn open_engine(config: &ServerConfig) -> Result<Arc<dyn Engine>, ServerError> {
    if let Some(engine) = &config.engine {
        return Ok(Arc::clone(engine));
    }
    let options = OpenOptions {
        api_key: config.provider_api_key.clone(),
        ..OpenOptions::default()
    };
    synesis_models::open(&config.model, &options).map_err(|source| ServerError::Model {
        model: config.model.to_string(),
        source: Box::new(source),
    })
}

/// What must be in the database before the first device comes.
fn prepare(place: &Place, config: &ServerConfig) -> Result<PriceTable, ServerError> {
    let mut books = Books::open(place)?;
    books.once(Books::draw_owners)?;
    let prices = prices::adopt(&mut books, &config.prices)?;
    let recovered =
        books.once(|books| recovery::recover(books, When::Starting, &prices, clock::now()))?;
    if recovered != recovery::Recovered::default() {
        tracing::info!(?recovered, "calls of the last server were ended");
    }
    enrol::write_bootstrap_token(&mut books, &config.data_dir)?;
    Ok(prices)
}

/// Binds both doors to one port number.
fn bind(listen: SocketAddr) -> Result<(UdpSocket, TcpListener, SocketAddr), ServerError> {
    let failed = |what| {
        move |source| ServerError::Bind {
            addr: listen,
            what,
            source,
        }
    };
    let mut tries = 0;
    loop {
        tries += 1;
        let listener = TcpListener::bind(listen).map_err(failed("TCP"))?;
        let addr = listener.local_addr().map_err(failed("TCP"))?;
        match UdpSocket::bind(addr) {
            Ok(socket) => {
                listener.set_nonblocking(true).map_err(failed("TCP"))?;
                return Ok((socket, listener, addr));
            }
            Err(_) if listen.port() == 0 && tries < PORT_TRIES_MAX => {}
            Err(source) => return Err(failed("UDP")(source)),
        }
    }
}

/// The life of the endpoint's thread.
fn run(
    opened: Opened,
    stops: watch::Receiver<Option<Duration>>,
    answer: &std::sync::mpsc::SyncSender<Result<(), ServerError>>,
) {
    let runtime = match tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            let _ = answer.send(Err(ServerError::Thread(error)));
            return;
        }
    };
    let Opened {
        folder,
        cloud,
        writers,
        parts,
        listener,
        https_tls,
        addr,
        work,
    } = opened;
    let entered = work.enter();
    let https = tokio::net::TcpListener::from_std(listener);
    drop(entered);
    let entered = runtime.enter();
    let endpoint = parts.open();
    drop(entered);
    let listening = https.and_then(|https| Ok((https, endpoint?, folder.announce(addr)?)));
    let (https, endpoint, ()) = match listening {
        Ok(listening) => listening,
        Err(source) => {
            let what = "both";
            let _ = answer.send(Err(ServerError::Bind { addr, what, source }));
            return;
        }
    };
    work.spawn(http::serve(Arc::clone(&cloud), https, https_tls));
    work.spawn(keep_house(Arc::clone(&cloud)));
    work.spawn(sweep_up(Arc::clone(&cloud)));
    work.spawn(payment::serve(Arc::clone(&cloud)));
    let _ = answer.send(Ok(()));
    runtime.block_on(live(&cloud, endpoint, stops));
    folder.withdraw();
    drop(runtime);
    work.shutdown_timeout(WAIT_IDLE);
    drop(cloud);
    writers.join();
    tracing::info!("the server has stopped");
}

async fn live(
    cloud: &Arc<Cloud>,
    endpoint: quinn::Endpoint,
    mut stops: watch::Receiver<Option<Duration>>,
) {
    let accepting = tokio::spawn(quic::accept(Arc::clone(cloud), endpoint.clone()));
    let deadline = tokio::select! {
        stop = stops.wait_for(Option::is_some) => stop.ok().and_then(|stop| *stop),
        () = idle(cloud) => {
            tracing::info!("nobody was connected for a while");
            None
        }
    };
    drain(cloud, &endpoint, deadline.unwrap_or_default()).await;
    let _ = accepting.await;
}

async fn drain(cloud: &Cloud, endpoint: &quinn::Endpoint, deadline: Duration) {
    cloud.draining.cancel();
    cloud.calls.close();
    if tokio::time::timeout(deadline, cloud.calls.wait())
        .await
        .is_err()
    {
        tracing::warn!("calls are cut short by the shutdown");
        cloud.escalations.stop_all(StopReason::ShuttingDown);
        let _ = tokio::time::timeout(SETTLE_AT_SHUTDOWN, cloud.calls.wait()).await;
    }
    if !deadline.is_zero() {
        tokio::time::sleep(ARRIVAL).await;
    }
    let code = CloseCode::GoingAway.as_u32();
    let words = "the server is shutting down";
    for link in cloud.hub.all() {
        link.close(CloseCode::GoingAway, words);
    }
    endpoint.close(code.into(), words.as_bytes());
    cloud.websockets.close();
    let gone = async { tokio::join!(endpoint.wait_idle(), cloud.websockets.wait()) };
    let _ = tokio::time::timeout(WAIT_IDLE, gone).await;
    write_beats(cloud).await;
}

/// Ends when nobody was connected for as long as the settings allow.
async fn idle(cloud: &Cloud) {
    let Some(limit) = cloud.settings.exit_when_idle else {
        return std::future::pending().await;
    };
    loop {
        let wait = match cloud.hub.idle_since() {
            Some(since) if since.elapsed() >= limit => return,
            Some(since) => limit.saturating_sub(since.elapsed()),
            None => limit,
        };
        tokio::time::sleep(wait.max(Duration::from_millis(10))).await;
    }
}

/// Sweeps what is over, now and then.
async fn sweep_up(cloud: Arc<Cloud>) {
    let mut due = tokio::time::interval(SWEEP_INTERVAL);
    loop {
        tokio::select! {
            () = cloud.draining.cancelled() => return,
            _ = due.tick() => {}
        }
        cloud.rates.prune();
        if let Err(error) = sweep(&cloud).await {
            tracing::error!(error = %chain(&error), "the database was not swept");
        }
    }
}

/// Writes heartbeats down, and notices what a command beside the server changed.
async fn keep_house(cloud: Arc<Cloud>) {
    let mut recheck = tokio::time::interval(RECHECK_INTERVAL);
    let mut beats = tokio::time::interval(PRESENCE_WRITE_INTERVAL);
    let mut seen = None;
    loop {
        tokio::select! {
            () = cloud.draining.cancelled() => return,
            _ = beats.tick() => write_beats(&cloud).await,
            _ = recheck.tick() => {
                if let Ok(change) = cloud.store.foreign_changes().await
                    && seen.replace(change) != Some(change)
                {
                    session::recheck(&cloud).await;
                    prices::reload(&cloud).await;
                }
            }
        }
    }
}

async fn write_beats(cloud: &Cloud) {
    let beats = cloud.presence.take();
    if beats.is_empty() {
        return;
    }
    let written = cloud
        .store
        .run(move |books| books.write_beats(&beats))
        .await;
    if let Err(error) = written {
        tracing::error!(error = %chain(&error), "heartbeats were not written");
    }
}

async fn sweep(cloud: &Cloud) -> Result<(), StoreError> {
    let now = clock::now();
    let users = cloud
        .store
        .run(move |books| {
            books.drop_expired_tokens(now)?;
            sign_in::sweep(books, now)?;
            books.drop_old_results(now.plus_ms(-RESULT_LIFE_MS))?;
            books.users()
        })
        .await?;
    if cloud.settings.database_url.is_some() {
        let prices = cloud.prices();
        cloud
            .store
            .run(move |books| recovery::recover(books, When::Serving, &prices, now))
            .await?;
    }
    // Account by account, so that nobody waits for all of them.
    for user in users {
        let threshold = cloud.flush_threshold();
        let due = move |books: &mut Books| {
            let _ = books.command(user, now, &AccountCommand::Tick)?;
            if let Some(threshold) = threshold {
                let _ = books.command(user, now, &AccountCommand::Flush { threshold })?;
            }
            Ok(())
        };
        cloud.store.run_for(user, due).await?;
    }
    prices::reload(cloud).await;
    if let Some(payment) = &cloud.payment {
        payment.wake();
    }
    Ok(())
}
