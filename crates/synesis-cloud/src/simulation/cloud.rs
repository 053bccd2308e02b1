//! The least that is a cloud: it lets one device in, and answers its pings.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use quinn::crypto::rustls::QuicServerConfig;
use quinn::{
    Connection, Endpoint, EndpointConfig, IdleTimeout, TokioRuntime, TransportConfig, VarInt,
};
use rcgen::{CertificateParams, ExtendedKeyUsagePurpose, Issuer, KeyPair};
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use synesis_wire::limits::{IDLE_TIMEOUT_MS, STREAMS_BIDI_MAX};
use synesis_wire::proto::{Answer, Call, PingResponse, StatusResponse, answer, call};
use synesis_wire::{ALPN, FrameDecoder, encode_frame};

use super::net::Net;

pub(super) struct Cloud {
    pub(super) address: SocketAddr,
    connections: Arc<AtomicUsize>,
}

impl Cloud {
    /// Starts it, and writes the files of its device.
    pub(super) fn start(net: &Net, folder: &Path) -> Self {
        let endpoint = Endpoint::new_with_abstract_socket(
            EndpointConfig::default(),
            Some(config(folder)),
            net.socket(),
            Arc::new(TokioRuntime),
        )
        .unwrap();
        let cloud = Self {
            address: endpoint.local_addr().unwrap(),
            connections: Arc::default(),
        };
        let connections = Arc::clone(&cloud.connections);
        tokio::spawn(async move {
            while let Some(incoming) = endpoint.accept().await {
                let connections = Arc::clone(&connections);
                tokio::spawn(async move {
                    if let Ok(connection) = incoming.await {
                        connections.fetch_add(1, Ordering::SeqCst);
                        serve(connection).await;
                    }
                });
            }
        });
        cloud
    }

    /// How many connections there were.
    pub(super) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

fn config(folder: &Path) -> quinn::ServerConfig {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::default();
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let authority = params.self_signed(&key).unwrap();
    let issuer = Issuer::new(params, key);
    let signed = |names: Vec<String>, usage| {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(names).unwrap();
        params.extended_key_usages = vec![usage];
        (params.signed_by(&key, &issuer).unwrap(), key)
    };
    let (device, device_key) = signed(vec!["device".into()], ExtendedKeyUsagePurpose::ClientAuth);
    for (name, text) in [
        ("key.pem", device_key.serialize_pem()),
        ("certificate.pem", device.pem()),
        ("ca.pem", authority.pem()),
    ] {
        std::fs::write(folder.join(name), text).unwrap();
    }
    let (own, key) = signed(
        vec!["127.0.0.1".into()],
        ExtendedKeyUsagePurpose::ServerAuth,
    );
    let mut roots = rustls::RootCertStore::empty();
    roots
        .add(CertificateDer::from(authority.der().to_vec()))
        .unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let verifier =
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
            .build()
            .unwrap();
    let mut tls = rustls::ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_client_cert_verifier(verifier)
        .with_single_cert(
            vec![own.der().clone()],
            PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
        )
        .unwrap();
    tls.alpn_protocols = vec![ALPN.to_vec()];
    let quic = QuicServerConfig::try_from(tls).unwrap();
    let mut server = quinn::ServerConfig::with_crypto(Arc::new(quic));
    let mut transport = TransportConfig::default();
    transport
        .max_concurrent_bidi_streams(STREAMS_BIDI_MAX.into())
        .initial_rtt(Duration::from_millis(100))
        .max_idle_timeout(Some(IdleTimeout::from(VarInt::from_u32(IDLE_TIMEOUT_MS))));
    server.transport_config(Arc::new(transport));
    server
}

async fn serve(connection: Connection) {
    while let Ok((mut send, mut recv)) = connection.accept_bi().await {
        tokio::spawn(async move {
            let mut decoder = FrameDecoder::default();
            let call: Call = loop {
                let Ok(Some(chunk)) = recv.read_chunk(64 * 1024, true).await else {
                    return;
                };
                decoder.push(&chunk.bytes);
                if let Some(call) = decoder.poll().unwrap() {
                    break call;
                }
            };
            let body = match call.body {
                Some(call::Body::Ping(ping)) => answer::Body::Ping(PingResponse {
                    payload: ping.payload,
                    server_time: 0,
                }),
                _ => answer::Body::Status(StatusResponse::default()),
            };
            let frame = encode_frame(&Answer { body: Some(body) }).unwrap();
            let _ = send.write_all(frame.as_bytes()).await;
            let _ = send.finish();
        });
    }
}
