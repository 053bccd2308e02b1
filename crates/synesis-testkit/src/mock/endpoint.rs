//! The mock's socket, its TLS and its connections.

use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::hmac;
use quinn::crypto::rustls::QuicServerConfig;
use quinn::{Connection, Endpoint, EndpointConfig, IdleTimeout, Incoming, TokioRuntime, VarInt};
use quinn_proto::HashedConnectionIdGenerator;
use rustls::server::WebPkiClientVerifier;
use synesis_wire::limits::{
    CONNECTION_WINDOW_BYTES, IDLE_TIMEOUT_MS, STREAM_WINDOW_BYTES, STREAMS_BIDI_MAX,
    STREAMS_UNI_MAX,
};
use tokio::sync::oneshot;

use super::{Ending, call};
use crate::authority::Authority;
use crate::script::Stage;

/// What must survive a restart, so that devices notice it at once.
#[derive(Clone, Copy)]
pub(super) struct Keys {
    reset: [u8; 32],
    connection_id: u64,
}

impl Keys {
    pub(super) fn new() -> Self {
        let mut reset = [0; 32];
        aws_lc_rs::rand::fill(&mut reset).expect("randomness");
        let connection_id = u64::from_le_bytes([7, 6, 5, 4, 3, 2, 1, 0]);
        Self {
            reset,
            connection_id,
        }
    }
}

/// A bound socket and how to speak on it.
pub(super) struct Parts {
    socket: UdpSocket,
    endpoint: EndpointConfig,
    server: quinn::ServerConfig,
}

impl Parts {
    pub(super) fn bind(
        address: SocketAddr,
        authority: &Authority,
        keys: Keys,
        alpn: &[u8],
    ) -> Self {
        let socket = UdpSocket::bind(address).expect("a free port");
        let reset = hmac::Key::new(hmac::HMAC_SHA256, &keys.reset);
        let mut endpoint = EndpointConfig::new(Arc::new(reset));
        endpoint
            .cid_generator(move || {
                Box::new(HashedConnectionIdGenerator::from_key(keys.connection_id))
            })
            .min_reset_interval(Duration::ZERO);
        Self {
            socket,
            endpoint,
            server: server_config(authority, alpn),
        }
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.socket.local_addr().expect("a bound socket")
    }
}

fn server_config(authority: &Authority, alpn: &[u8]) -> quinn::ServerConfig {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(
        Arc::new(authority.roots()),
        Arc::clone(&provider),
    )
    .build()
    .expect("a verifier of device certificates");
    let (certificate, key) = authority.server();
    let mut tls = rustls::ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .expect("TLS 1.3")
        .with_client_cert_verifier(verifier)
        .with_single_cert(vec![certificate], key)
        .expect("the server's certificate");
    tls.alpn_protocols = vec![alpn.to_vec()];
    let quic = QuicServerConfig::try_from(tls).expect("TLS for QUIC");
    let mut server = quinn::ServerConfig::with_crypto(Arc::new(quic));
    let mut transport = quinn::TransportConfig::default();
    transport
        .max_concurrent_bidi_streams(STREAMS_BIDI_MAX.into())
        .max_concurrent_uni_streams(STREAMS_UNI_MAX.into())
        .stream_receive_window(STREAM_WINDOW_BYTES.into())
        .receive_window(CONNECTION_WINDOW_BYTES.into())
        .send_window(STREAM_WINDOW_BYTES.into())
        .max_idle_timeout(Some(IdleTimeout::from(VarInt::from_u32(IDLE_TIMEOUT_MS))));
    server.transport_config(Arc::new(transport));
    server
}

/// Serves on a runtime of its own until told to end. What is killed never runs again: its tasks
/// are dropped with the runtime, before a goodbye could be sent.
pub(super) fn run(parts: Parts, stage: Arc<Stage>, ended: oneshot::Receiver<Ending>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async move {
        let endpoint = Endpoint::new(
            parts.endpoint,
            Some(parts.server),
            parts.socket,
            Arc::new(TokioRuntime),
        )
        .expect("an endpoint");
        let accepting = tokio::spawn(accept(endpoint.clone(), stage));
        // A mock that was dropped is killed.
        if ended.await.unwrap_or(Ending::Killed) == Ending::Goodbye {
            endpoint.close(VarInt::from_u32(1), b"");
            endpoint.wait_idle().await;
            accepting.abort();
        }
    });
}

async fn accept(endpoint: Endpoint, stage: Arc<Stage>) {
    while let Some(incoming) = endpoint.accept().await {
        tokio::spawn(connection(incoming, Arc::clone(&stage)));
    }
}

async fn connection(incoming: Incoming, stage: Arc<Stage>) {
    // Refused certificates and other versions end here.
    let Ok(connection) = incoming.await else {
        return;
    };
    stage.connected.send_modify(|count| *count += 1);
    if let Some(code) = stage.book().turned_away {
        connection.close(code.as_u32().into(), b"");
        return;
    }
    stage.book().connections.push(connection.clone());
    tokio::join!(calls(&connection, &stage), notices(&connection, &stage));
}

async fn calls(connection: &Connection, stage: &Arc<Stage>) {
    while let Ok((send, recv)) = connection.accept_bi().await {
        let served = call::serve(connection.clone(), send, recv, Arc::clone(stage));
        tokio::spawn(served);
    }
}

async fn notices(connection: &Connection, stage: &Arc<Stage>) {
    while let Ok(mut recv) = connection.accept_uni().await {
        if let Ok(bytes) = recv.read_to_end(64 * 1024).await {
            stage.book().bytes.extend_from_slice(&bytes);
            stage.notices.send_modify(|count| *count += 1);
        }
    }
}
