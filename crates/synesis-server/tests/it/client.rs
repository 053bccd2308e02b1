//! A device made of quinn, rcgen and reqwest.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use quinn::crypto::rustls::QuicClientConfig;
use quinn::{Connection, ConnectionError, Endpoint, RecvStream, SendStream};
use rustls::RootCertStore;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use serde::Deserialize;
use synesis_server::{CloudPlace, RunningServer, Server, ServerConfig, enrolment_token_path};
use synesis_wire::proto::{
    self, Answer, Call, EscalationRequest, StreamChunk, answer, call, stream_chunk,
};
use synesis_wire::{ALPN, FrameDecoder, encode_frame};
use tempfile::TempDir;

use crate::backend::Backend;
use crate::double::{Director, scripted};

/// Longer than anything here takes: what does not happen by then never will.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A server with a scripted model, in a folder of its own.
pub(crate) struct World {
    pub(crate) dir: TempDir,
    pub(crate) server: RunningServer,
    pub(crate) model: Director,
    pub(crate) backend: Backend,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut ServerConfig)) -> Self {
        Self::on_with(Backend::SQLITE, change).await
    }

    pub(crate) async fn on(backend: Backend) -> Self {
        Self::on_with(backend, |_| {}).await
    }

    pub(crate) async fn on_with(backend: Backend, change: impl FnOnce(&mut ServerConfig)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (server, model) = start(dir.path(), &backend, change).await;
        Self {
            dir,
            server,
            model,
            backend,
        }
    }

    /// The cloud, as a command beside the server finds it.
    pub(crate) fn place(&self) -> CloudPlace {
        self.backend.place(self.dir.path())
    }

    /// Stops the server in an orderly way and starts another on the same folder.
    pub(crate) async fn restarted(self) -> Self {
        self.server.shutdown(Duration::ZERO).await;
        let (server, model) = start(self.dir.path(), &self.backend, |_| {}).await;
        Self {
            server,
            model,
            ..self
        }
    }

    pub(crate) async fn enrol(&self) -> Device {
        let token = std::fs::read_to_string(enrolment_token_path(self.dir.path())).unwrap();
        Device::enrol(self.server.addr(), self.dir.path(), &token)
            .await
            .unwrap()
    }
}

pub(crate) async fn start(
    dir: &Path,
    backend: &Backend,
    change: impl FnOnce(&mut ServerConfig),
) -> (RunningServer, Director) {
    let (engine, model) = scripted();
    let mut config = ServerConfig::new(dir);
    config.listen = "127.0.0.1:0".parse().unwrap();
    config.engine = Some(engine);
    backend.apply(&mut config);
    change(&mut config);
    (Server::start(config).await.unwrap(), model)
}

pub(crate) fn https(data_dir: &Path) -> reqwest::Client {
    let ca = std::fs::read(data_dir.join("ca/ca.pem")).unwrap();
    reqwest::Client::builder()
        .tls_certs_only(reqwest::Certificate::from_pem_bundle(&ca).unwrap())
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap()
}

#[derive(Debug, Deserialize)]
pub(crate) struct Enrolled {
    pub(crate) certificate_pem: String,
    pub(crate) ca_pem: String,
    pub(crate) device_id: String,
    pub(crate) user_id: String,
    pub(crate) not_after: i64,
}

pub(crate) fn signing_request(key: &rcgen::KeyPair) -> String {
    let params = rcgen::CertificateParams::default();
    params.serialize_request(key).unwrap().pem().unwrap()
}

/// What a device needs to connect.
pub(crate) struct Device {
    pub(crate) enrolled: Enrolled,
    pub(crate) key: rcgen::KeyPair,
    addr: SocketAddr,
    endpoint: Endpoint,
}

impl Device {
    pub(crate) async fn enrol(
        addr: SocketAddr,
        data_dir: &Path,
        token: &str,
    ) -> Result<Self, (u16, serde_json::Value)> {
        Self::enrol_by(&https(data_dir), addr, token).await
    }

    /// Enrols over HTTPS with a client that trusts whom it trusts.
    pub(crate) async fn enrol_by(
        https: &reqwest::Client,
        addr: SocketAddr,
        token: &str,
    ) -> Result<Self, (u16, serde_json::Value)> {
        let key = rcgen::KeyPair::generate().unwrap();
        let body = serde_json::json!({
            "token": token,
            "csr_pem": signing_request(&key),
            "device_name": "test device",
        });
        let response = https
            .post(format!("https://{addr}/v1/enrol"))
            .json(&body)
            .send()
            .await
            .unwrap();
        let status = response.status();
        if !status.is_success() {
            return Err((status.as_u16(), response.json().await.unwrap()));
        }
        let enrolled: Enrolled = response.json().await.unwrap();
        let tls = client_tls(
            &enrolled.ca_pem,
            Some((&enrolled.certificate_pem, &key.serialize_pem())),
        );
        Ok(Self {
            enrolled,
            key,
            addr,
            endpoint: endpoint(tls),
        })
    }

    /// The same device without a remembered TLS session.
    pub(crate) fn afresh(&self) -> Self {
        self.with_certificate(&self.enrolled.certificate_pem)
    }

    pub(crate) fn with_certificate(&self, certificate_pem: &str) -> Self {
        let key_pem = self.key.serialize_pem();
        let tls = client_tls(&self.enrolled.ca_pem, Some((certificate_pem, &key_pem)));
        Self {
            enrolled: Enrolled {
                certificate_pem: certificate_pem.to_owned(),
                ca_pem: self.enrolled.ca_pem.clone(),
                device_id: self.enrolled.device_id.clone(),
                user_id: self.enrolled.user_id.clone(),
                not_after: self.enrolled.not_after,
            },
            key: rcgen::KeyPair::from_pem(&key_pem).unwrap(),
            addr: self.addr,
            endpoint: endpoint(tls),
        }
    }

    /// The same device, talking to a server that was started again.
    pub(crate) fn at(mut self, addr: SocketAddr) -> Self {
        self.addr = addr;
        self
    }

    /// Proves over a WebSocket that this device holds its key.
    pub(crate) fn proof(&self, nonce: &[u8]) -> proto::TunnelProof {
        use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair};
        let certificate =
            CertificateDer::from_pem_slice(self.enrolled.certificate_pem.as_bytes()).unwrap();
        let key =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &self.key.serialize_der())
                .unwrap();
        let text = synesis_wire::websocket::proof_text(nonce);
        let random = aws_lc_rs::rand::SystemRandom::new();
        let signature = key.sign(&random, &text).unwrap();
        proto::TunnelProof {
            certificate_chain: vec![certificate.to_vec().into()],
            signature: signature.as_ref().to_vec().into(),
        }
    }

    pub(crate) async fn connect(&self) -> Result<Connection, ConnectionError> {
        connect(&self.endpoint, self.addr).await
    }
}

pub(crate) async fn connect(
    endpoint: &Endpoint,
    addr: SocketAddr,
) -> Result<Connection, ConnectionError> {
    endpoint.connect(addr, "localhost").unwrap().await
}

pub(crate) fn client_tls(ca_pem: &str, identity: Option<(&str, &str)>) -> rustls::ClientConfig {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_slice(ca_pem.as_bytes()).unwrap())
        .unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = rustls::ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_root_certificates(roots);
    let mut tls = match identity {
        None => builder.with_no_client_auth(),
        Some((certificate, key)) => builder
            .with_client_auth_cert(
                vec![CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()],
                PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap(),
            )
            .unwrap(),
    };
    tls.alpn_protocols = vec![ALPN.to_vec()];
    tls
}

pub(crate) fn endpoint(tls: rustls::ClientConfig) -> Endpoint {
    endpoint_with(tls, quinn::TransportConfig::default())
}

pub(crate) fn endpoint_with(
    tls: rustls::ClientConfig,
    transport: quinn::TransportConfig,
) -> Endpoint {
    let mut config = quinn::ClientConfig::new(Arc::new(QuicClientConfig::try_from(tls).unwrap()));
    config.transport_config(Arc::new(transport));
    let mut endpoint = Endpoint::client("127.0.0.1:0".parse().unwrap()).unwrap();
    endpoint.set_default_client_config(config);
    endpoint
}

/// One call, from the caller's side.
pub(crate) struct Stream {
    pub(crate) send: SendStream,
    recv: RecvStream,
    decoder: FrameDecoder,
}

impl Stream {
    pub(crate) async fn open(connection: &Connection, body: call::Body) -> Self {
        let call = Call {
            deadline_ms: 0,
            body: Some(body),
        };
        let mut stream = Self::raw(connection, encode_frame(&call).unwrap().as_bytes()).await;
        stream.send.finish().unwrap();
        stream
    }

    /// A stream with these bytes on it; its sending half stays open.
    pub(crate) async fn raw(connection: &Connection, bytes: &[u8]) -> Self {
        let (mut send, recv) = connection.open_bi().await.unwrap();
        send.write_all(bytes).await.unwrap();
        Self {
            send,
            recv,
            decoder: FrameDecoder::default(),
        }
    }

    /// The next answer, or `None` at the end of the stream.
    pub(crate) async fn next(&mut self) -> Option<answer::Body> {
        tokio::time::timeout(PATIENCE, self.read())
            .await
            .expect("no answer came")
    }

    async fn read(&mut self) -> Option<answer::Body> {
        loop {
            if let Some(answer) = self.decoder.poll::<Answer>().unwrap() {
                return Some(answer.body.unwrap());
            }
            let chunk = self.recv.read_chunk(1 << 20, true).await.unwrap()?;
            self.decoder.push(&chunk.bytes);
        }
    }

    /// The next chunk that is no metadata.
    pub(crate) async fn chunk(&mut self) -> StreamChunk {
        loop {
            match self.next().await {
                Some(answer::Body::Chunk(chunk))
                    if matches!(chunk.payload, Some(stream_chunk::Payload::Metadata(_))) => {}
                Some(answer::Body::Chunk(chunk)) => return chunk,
                other => panic!("no chunk: {other:?}"),
            }
        }
    }

    /// The rest of the answer: its words and its last chunk.
    pub(crate) async fn rest(&mut self) -> (String, stream_chunk::Payload) {
        let mut text = String::new();
        loop {
            match self.chunk().await.payload.unwrap() {
                stream_chunk::Payload::Content(words) => text.push_str(&words),
                last => return (text, last),
            }
        }
    }

    /// Cancels as the device's crate does: both halves, with the code for it.
    pub(crate) fn cancel(mut self) {
        let code = synesis_wire::CloseCode::Cancelled.as_u32();
        let _ = self.send.reset(code.into());
        let _ = self.recv.stop(code.into());
    }
}

pub(crate) async fn ask(connection: &Connection, body: call::Body) -> answer::Body {
    let mut stream = Stream::open(connection, body).await;
    stream.next().await.expect("an answer")
}

pub(crate) async fn ping(connection: &Connection) {
    let payload = bytes::Bytes::from_static(b"are you there?");
    let body = call::Body::Ping(proto::PingRequest {
        payload: payload.clone(),
    });
    match ask(connection, body).await {
        answer::Body::Ping(pong) => assert_eq!(pong.payload, payload),
        other => panic!("no pong: {other:?}"),
    }
}

pub(crate) async fn balance(connection: &Connection) -> proto::BalanceResponse {
    match ask(connection, call::Body::Balance(proto::BalanceRequest {})).await {
        answer::Body::Balance(balance) => balance,
        other => panic!("no balance: {other:?}"),
    }
}

/// The same account at another time.
pub(crate) fn assert_same(one: &proto::BalanceResponse, other: &proto::BalanceResponse) {
    let timeless = |balance: &proto::BalanceResponse| {
        let mut balance = balance.clone();
        let receipt = balance.receipt.as_mut().unwrap();
        receipt.at = 0;
        receipt.signature.clear();
        balance
    };
    assert_eq!(timeless(one), timeless(other));
}

pub(crate) async fn usage(connection: &Connection, request: &str) -> proto::UsageEntry {
    let body = call::Body::Usage(proto::UsageRequest {
        request_ids: vec![request.to_owned()],
    });
    match ask(connection, body).await {
        answer::Body::Usage(usage) => usage.entries.into_iter().next().unwrap(),
        other => panic!("no usage: {other:?}"),
    }
}

pub(crate) const REQUEST: &str = "0190a6b2-8f6e-4c3a-9d15-3b1f0a2c4e6d";

pub(crate) fn escalation(request_id: &str, query: &str) -> EscalationRequest {
    EscalationRequest {
        request_id: request_id.to_owned(),
        user_id: "somebody else".to_owned(),
        session_id: "test".to_owned(),
        query: query.to_owned(),
        stream: true,
        max_tokens: 1_000,
        model: proto::CloudModel::Auto.into(),
        ..EscalationRequest::default()
    }
}

pub(crate) async fn escalate(connection: &Connection, request: EscalationRequest) -> Stream {
    Stream::open(connection, call::Body::Escalation(request)).await
}

/// The code with which the server closed a connection.
pub(crate) fn close_code(error: &ConnectionError) -> Option<u64> {
    match error {
        ConnectionError::ApplicationClosed(closed) => Some(closed.error_code.into_inner()),
        _ => None,
    }
}

/// The TLS alert with which the server ended a handshake.
pub(crate) fn alert(error: &ConnectionError) -> Option<u64> {
    match error {
        ConnectionError::ConnectionClosed(closed) => {
            u64::from(closed.error_code).checked_sub(0x100)
        }
        _ => None,
    }
}

/// A client without certificate only learns after the handshake that it is not wanted.
pub(crate) async fn refusal(connected: Result<Connection, ConnectionError>) -> ConnectionError {
    match connected {
        Err(error) => error,
        Ok(connection) => tokio::time::timeout(PATIENCE, connection.closed())
            .await
            .expect("the connection was not refused"),
    }
}
