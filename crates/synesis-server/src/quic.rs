//! The tunnel's endpoint for QUIC: it lets connections in, and hands them on.
//!
//! It runs on one thread with a runtime of its own; database and models work elsewhere.

use std::net::UdpSocket;
use std::sync::Arc;
use std::time::Duration;

use quinn::{
    Endpoint, EndpointConfig, IdleTimeout, Incoming, TokioRuntime, TransportConfig, VarInt,
};
use quinn_proto::HashedConnectionIdGenerator;
use synesis_wire::limits::{
    CONNECTION_WINDOW_BYTES, IDLE_TIMEOUT_MS, STREAM_WINDOW_BYTES, STREAMS_BIDI_MAX,
    STREAMS_UNI_MAX,
};

use crate::cloud::Cloud;
use crate::crowd::{Crowd, Place};
use crate::hub::Link;
use crate::identity::claims_behind;
use crate::keys::TransportKeys;
use crate::limits::{
    HANDSHAKE_TIMEOUT, HANDSHAKES_BEFORE_RETRY, HANDSHAKES_MAX, SEND_WINDOW_BYTES,
};
use crate::session;

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
        .max_concurrent_uni_streams(STREAMS_UNI_MAX.into())
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
    let handshakes = Crowd::new(HANDSHAKES_MAX);
    while let Some(incoming) = endpoint.accept().await {
        if cloud.draining.is_cancelled() {
            incoming.refuse();
            continue;
        }
        if handshakes.len() >= HANDSHAKES_BEFORE_RETRY && incoming.may_retry() {
            let _ = incoming.retry();
            continue;
        }
        tokio::spawn(serve(Arc::clone(&cloud), incoming, handshakes.join()));
    }
}

async fn serve(cloud: Arc<Cloud>, incoming: Incoming, place: Place) {
    let Ok(connecting) = incoming.accept() else {
        return;
    };
    let shaken = tokio::select! {
        shaken = tokio::time::timeout(HANDSHAKE_TIMEOUT, connecting) => shaken,
        () = place.wanted() => return,
    };
    let connection = match shaken {
        Ok(Ok(connection)) => connection,
        Ok(Err(error)) => {
            cloud.metrics.handshakes_failed.add(1);
            tracing::debug!(%error, "a handshake failed");
            return;
        }
        Err(_) => {
            cloud.metrics.handshakes_failed.add(1);
            return;
        }
    };
    let claims = claims_behind(&connection);
    let connection = synesis_transport::Connection::Quic(connection);
    let let_in = session::let_in(&cloud, claims).await;
    drop(place);
    match let_in {
        Ok(let_in) => {
            let link = Link::new(connection, let_in, &cloud.rates);
            session::serve(cloud, Arc::new(link)).await;
        }
        Err(refusal) => session::refuse(&connection, &refusal).await,
    }
}
