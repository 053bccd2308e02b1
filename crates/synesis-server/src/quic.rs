//! The tunnel's endpoint: it lets connections in, looks each one up, and gives every stream to a
//! call of its own.
//!
//! It runs on one thread with a runtime of its own; database and models work elsewhere. A
//! connection is looked up whether its TLS session is new or resumed, and ends when its
//! certificate does.

use std::net::UdpSocket;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use quinn::{
    Connection, Endpoint, EndpointConfig, IdleTimeout, Incoming, TokioRuntime, TransportConfig,
    VarInt,
};
use quinn_proto::HashedConnectionIdGenerator;
use synesis_domain::Timestamp;
use synesis_service::{AuthRefusal, Claims, authenticate};
use synesis_wire::limits::{
    CONNECTION_WINDOW_BYTES, IDLE_TIMEOUT_MS, STREAM_WINDOW_BYTES, STREAMS_BIDI_MAX,
};
use synesis_wire::{CloseCode, proto};

use crate::call;
use crate::clock;
use crate::cloud::Cloud;
use crate::error::chain;
use crate::hub::{Link, close};
use crate::identity::claims_behind;
use crate::keys::TransportKeys;
use crate::limits::{
    DRAIN_RETRY_AFTER_MS, HANDSHAKE_TIMEOUT, HANDSHAKES_BEFORE_RETRY, HANDSHAKES_MAX,
    SEND_WINDOW_BYTES,
};
use crate::store::StoreError;

/// How often a device may be told that this server does not know its connection.
const RESET_INTERVAL: Duration = Duration::from_millis(1);

/// What the endpoint is made of.
pub(crate) struct EndpointParts {
    pub(crate) endpoint: EndpointConfig,
    pub(crate) server: quinn::ServerConfig,
    pub(crate) socket: UdpSocket,
}

impl EndpointParts {
    pub(crate) fn new(
        tls: Arc<quinn::crypto::rustls::QuicServerConfig>,
        keys: &TransportKeys,
        socket: UdpSocket,
    ) -> std::io::Result<Self> {
        let mut endpoint = EndpointConfig::new(Arc::new(keys.reset_key()?));
        let id_key = keys.connection_id_key()?;
        endpoint
            .cid_generator(move || Box::new(HashedConnectionIdGenerator::from_key(id_key)))
            .min_reset_interval(RESET_INTERVAL);
        let mut server = quinn::ServerConfig::new(tls, Arc::new(keys.address_token_key()?));
        server.transport_config(Arc::new(transport()));
        server.max_incoming(HANDSHAKES_MAX);
        Ok(Self {
            endpoint,
            server,
            socket,
        })
    }

    /// Opens the endpoint. Must run inside the runtime that drives it.
    pub(crate) fn open(self) -> std::io::Result<Endpoint> {
        Endpoint::new(
            self.endpoint,
            Some(self.server),
            self.socket,
            Arc::new(TokioRuntime),
        )
    }
}

fn transport() -> TransportConfig {
    let mut transport = TransportConfig::default();
    transport
        .max_concurrent_bidi_streams(STREAMS_BIDI_MAX.into())
        .max_concurrent_uni_streams(0_u32.into())
        .stream_receive_window(STREAM_WINDOW_BYTES.into())
        .receive_window(CONNECTION_WINDOW_BYTES.into())
        .send_window(SEND_WINDOW_BYTES)
        .max_idle_timeout(Some(IdleTimeout::from(VarInt::from_u32(IDLE_TIMEOUT_MS))))
        .datagram_receive_buffer_size(None)
        .initial_rtt(Duration::from_millis(100));
    transport
}

/// Lets connections in until the endpoint is closed.
pub(crate) async fn accept(cloud: Arc<Cloud>, endpoint: Endpoint) {
    let handshakes = Arc::new(AtomicUsize::new(0));
    while let Some(incoming) = endpoint.accept().await {
        if cloud.draining.is_cancelled() {
            incoming.refuse();
            continue;
        }
        let under_way = handshakes.load(Ordering::Relaxed);
        if under_way >= HANDSHAKES_MAX {
            incoming.refuse();
            continue;
        }
        if under_way >= HANDSHAKES_BEFORE_RETRY && incoming.may_retry() {
            let _ = incoming.retry();
            continue;
        }
        let place = Place::take(&handshakes);
        tokio::spawn(serve(Arc::clone(&cloud), incoming, place));
    }
}

/// A handshake under way.
struct Place(Arc<AtomicUsize>);

impl Place {
    fn take(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(count))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

async fn serve(cloud: Arc<Cloud>, incoming: Incoming, place: Place) {
    let Ok(connecting) = incoming.accept() else {
        return;
    };
    let connection = match tokio::time::timeout(HANDSHAKE_TIMEOUT, connecting).await {
        Ok(Ok(connection)) => connection,
        Ok(Err(error)) => {
            tracing::debug!(%error, "a handshake failed");
            return;
        }
        Err(_) => return,
    };
    let let_in = let_in(&cloud, &connection).await;
    drop(place);
    match let_in {
        Ok(claims) => {
            let link = Arc::new(Link {
                connection,
                claims,
                renewed: AtomicBool::new(false),
            });
            serve_link(cloud, link).await;
        }
        Err(refusal) => {
            tracing::info!(%refusal, "a connection was refused");
            close(&connection, refusal.code(), &refusal.to_string());
            connection.closed().await;
        }
    }
}

/// Why a connection is closed at once.
#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error("the client certificate names no device")]
    NoDevice,
    #[error(transparent)]
    Auth(#[from] AuthRefusal),
    #[error("the server could not look the device up")]
    Store(#[from] StoreError),
}

impl Refused {
    const fn code(&self) -> CloseCode {
        match self {
            Self::NoDevice => CloseCode::Unauthenticated,
            Self::Auth(refusal) => refusal.close_code(),
            Self::Store(_) => CloseCode::Internal,
        }
    }
}

async fn let_in(cloud: &Cloud, connection: &Connection) -> Result<Claims, Refused> {
    let claims = claims_behind(connection).ok_or(Refused::NoDevice)?;
    check(cloud, claims.clone()).await?;
    Ok(claims)
}

/// Looks a device up.
async fn check(cloud: &Cloud, claims: Claims) -> Result<(), Refused> {
    cloud
        .store
        .run(move |books| {
            let device = books.device(claims.device)?;
            Ok(authenticate(&claims, &device, clock::now()))
        })
        .await??;
    Ok(())
}

async fn serve_link(cloud: Arc<Cloud>, link: Arc<Link>) {
    let Some(_listed) = cloud.hub.list(&link) else {
        link.close(
            CloseCode::RateLimited,
            "the server has too many connections",
        );
        link.connection.closed().await;
        return;
    };
    tracing::debug!(device = %link.claims.device, "a device connected");
    let expiry = tokio::time::sleep(time_until(link.claims.not_after));
    tokio::pin!(expiry);
    let mut told = false;
    loop {
        tokio::select! {
            stream = link.connection.accept_bi() => match stream {
                Ok((send, recv)) => {
                    let call = call::serve(Arc::clone(&cloud), Arc::clone(&link), send, recv);
                    cloud.calls.spawn(call);
                }
                Err(error) => {
                    tracing::debug!(device = %link.claims.device, %error, "a device left");
                    return;
                }
            },
            () = &mut expiry => {
                close_expired(&link);
                link.connection.closed().await;
                return;
            }
            () = cloud.draining.cancelled(), if !told => {
                told = true;
                tokio::spawn(say_drain(Arc::clone(&link)));
            }
        }
    }
}

fn close_expired(link: &Link) {
    if link.was_renewed() {
        link.close(
            CloseCode::GoingAway,
            "the certificate of this connection has expired; come back with the new one",
        );
    } else {
        let refusal = AuthRefusal::Expired;
        link.close(refusal.close_code(), &refusal.to_string());
    }
}

fn time_until(end: Timestamp) -> Duration {
    Duration::from_millis(u64::try_from(end.since(clock::now())).unwrap_or(0))
}

/// Tells a device that the server goes away, and when to come back.
async fn say_drain(link: Arc<Link>) {
    let drain = proto::Control {
        body: Some(proto::control::Body::Drain(proto::Drain {
            retry_after_ms: DRAIN_RETRY_AFTER_MS,
            window_ms: DRAIN_RETRY_AFTER_MS,
        })),
    };
    let Ok(frame) = synesis_wire::encode_frame(&drain) else {
        return;
    };
    if let Ok(mut stream) = link.connection.open_uni().await
        && stream.write_chunk(frame.into_bytes()).await.is_ok()
    {
        let _ = stream.finish();
        let _ = stream.stopped().await;
    }
}

/// Looks every live connection up again and closes those whose device is out.
pub(crate) async fn recheck(cloud: &Cloud) {
    for link in cloud.hub.all() {
        match check(cloud, link.claims.clone()).await {
            Ok(()) => {}
            Err(Refused::Store(error)) => {
                tracing::error!(error = %chain(&error), "a device could not be looked up");
                return;
            }
            Err(refusal) => {
                tracing::info!(device = %link.claims.device, %refusal, "a connection was ended");
                link.close(refusal.code(), &refusal.to_string());
            }
        }
    }
}
