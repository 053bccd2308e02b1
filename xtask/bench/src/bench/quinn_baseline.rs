//! The yardstick of the tunnel: quinn alone, with the same kind of mutual TLS.
//!
//! A 64-byte echo over a fresh bidirectional stream, client and server each on one thread with a
//! runtime of its own, as the device and the cloud have them. No frames, no protobuf, no
//! supervision, no metrics: what is added to this is ours.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt};
use hdrhistogram::Histogram;
use quinn::crypto::rustls::{QuicClientConfig, QuicServerConfig};
use quinn::{ClientConfig, Connection, Endpoint, ServerConfig};
use rcgen::{BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair};
use rustls::RootCertStore;
use rustls::server::WebPkiClientVerifier;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio::runtime::Runtime;

use crate::error::{Doing, MeasureError};

const ALPN: &[u8] = b"echo/1";
const REQUEST_BYTES: usize = 64;
const PAYLOAD_BYTES_MAX: usize = 64 * 1024;

/// A running echo server and a connection to it. The server's thread ends with the process.
#[derive(Debug)]
pub(crate) struct QuinnEcho {
    runtime: Runtime,
    connection: Connection,
    // The endpoint's driver stops when its last handle is dropped.
    endpoint: Endpoint,
}

impl QuinnEcho {
    /// Starts the server on loopback and connects.
    pub(crate) fn start() -> Result<Self, MeasureError> {
        let (server, client) = configs()?;
        let (tell, told) = std::sync::mpsc::channel();
        std::thread::spawn(move || serve(server, &tell));
        let address = told
            .recv()
            .doing("starting the echo server")?
            .doing("binding the echo server")?;
        let runtime = runtime().doing("starting a runtime")?;
        let (endpoint, connection) = runtime.block_on(async {
            let local = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
            let mut endpoint = Endpoint::client(local).doing("binding the echo client")?;
            endpoint.set_default_client_config(client);
            let connecting = endpoint
                .connect(address, "localhost")
                .doing("dialling the echo server")?;
            let connection = connecting.await.doing("connecting to the echo server")?;
            Ok::<_, MeasureError>((endpoint, connection))
        })?;
        Ok(Self {
            runtime,
            connection,
            endpoint,
        })
    }

    /// Asks so many times, one after the other, and records each in nanoseconds.
    pub(crate) fn ask(&self, times: u32, into: &mut Histogram<u64>) -> Result<(), MeasureError> {
        self.runtime.block_on(async {
            for _ in 0..times {
                let started = Instant::now();
                echo(&self.connection, &[0x5a; REQUEST_BYTES])
                    .await
                    .doing("a request to the echo server")?;
                into.saturating_record(nanos(started));
            }
            Ok(())
        })
    }

    /// Sends so many payloads and gets them back, so many at once.
    pub(crate) fn load(
        &self,
        at_once: usize,
        requests: u32,
        payload: &Bytes,
    ) -> Result<(), MeasureError> {
        self.runtime.block_on(async {
            let asking = futures::stream::iter(0..requests)
                .map(async |_| echo(&self.connection, payload).await)
                .buffer_unordered(at_once);
            asking
                .try_for_each(async |()| Ok(()))
                .await
                .doing("a load on the echo server")
        })
    }

    /// Another connection, from nothing to its first answer, in nanoseconds.
    pub(crate) fn handshake(&self) -> Result<u64, MeasureError> {
        self.runtime.block_on(async {
            let started = Instant::now();
            let connection = self
                .endpoint
                .connect(self.connection.remote_address(), "localhost")
                .doing("dialling the echo server")?
                .await
                .doing("connecting to the echo server")?;
            echo(&connection, &[0x5a; REQUEST_BYTES])
                .await
                .doing("a request to the echo server")?;
            let took = nanos(started);
            connection.close(0_u32.into(), b"");
            Ok(took)
        })
    }
}

/// Times from a nanosecond to a minute, to three digits.
pub(crate) fn histogram() -> Result<Histogram<u64>, MeasureError> {
    Histogram::new_with_bounds(1, 60_000_000_000, 3).doing("making a histogram")
}

/// Nanoseconds since then.
pub(crate) fn nanos(started: Instant) -> u64 {
    u64::try_from(started.elapsed().as_nanos()).unwrap_or(u64::MAX)
}

type Cause = Box<dyn std::error::Error + Send + Sync>;

async fn echo(connection: &Connection, payload: &[u8]) -> Result<(), Cause> {
    let (mut send, mut receive) = connection.open_bi().await?;
    send.write_all(payload).await?;
    send.finish()?;
    let answer = receive.read_to_end(PAYLOAD_BYTES_MAX).await?;
    if answer.len() == payload.len() {
        Ok(())
    } else {
        Err("the echo came back short".into())
    }
}

fn runtime() -> std::io::Result<Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
}

fn serve(config: ServerConfig, tell: &std::sync::mpsc::Sender<std::io::Result<SocketAddr>>) {
    let local = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let started = runtime().and_then(|runtime| {
        let endpoint = runtime.block_on(async { Endpoint::server(config, local) })?;
        Ok((endpoint.local_addr()?, endpoint, runtime))
    });
    match started {
        Err(error) => drop(tell.send(Err(error))),
        Ok((address, endpoint, runtime)) => {
            drop(tell.send(Ok(address)));
            runtime.block_on(accept(endpoint));
        }
    }
}

async fn accept(endpoint: Endpoint) {
    while let Some(incoming) = endpoint.accept().await {
        tokio::spawn(async move {
            let Ok(connection) = incoming.await else {
                return;
            };
            while let Ok((send, receive)) = connection.accept_bi().await {
                tokio::spawn(answer(send, receive));
            }
        });
    }
}

async fn answer(mut send: quinn::SendStream, mut receive: quinn::RecvStream) -> Result<(), Cause> {
    let request = receive.read_to_end(PAYLOAD_BYTES_MAX).await?;
    send.write_all(&request).await?;
    send.finish()?;
    Ok(())
}

fn configs() -> Result<(ServerConfig, ClientConfig), MeasureError> {
    configs_of_a_new_authority().doing("making certificates for the echo")
}

fn configs_of_a_new_authority() -> Result<(ServerConfig, ClientConfig), Cause> {
    let mut authority = CertificateParams::new(Vec::new())?;
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority_key = KeyPair::generate()?;
    let root = authority.self_signed(&authority_key)?;
    let issuer = Issuer::new(authority, authority_key);
    let mut roots = RootCertStore::empty();
    roots.add(root.der().clone())?;
    let roots = Arc::new(roots);
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let tls13 = &[&rustls::version::TLS13];

    let (chain, key) = issued(&issuer, "localhost", ExtendedKeyUsagePurpose::ServerAuth)?;
    let verifier =
        WebPkiClientVerifier::builder_with_provider(Arc::clone(&roots), Arc::clone(&provider))
            .build()?;
    let mut server = rustls::ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(tls13)?
        .with_client_cert_verifier(verifier)
        .with_single_cert(chain, key)?;
    server.alpn_protocols = vec![ALPN.to_vec()];

    let (chain, key) = issued(
        &issuer,
        "device.example",
        ExtendedKeyUsagePurpose::ClientAuth,
    )?;
    let mut client = rustls::ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(tls13)?
        .with_root_certificates(roots)
        .with_client_auth_cert(chain, key)?;
    client.alpn_protocols = vec![ALPN.to_vec()];
    // Each handshake is a whole one, as that of a new tunnel.
    client.resumption = rustls::client::Resumption::disabled();

    let server = ServerConfig::with_crypto(Arc::new(QuicServerConfig::try_from(server)?));
    let client = ClientConfig::new(Arc::new(QuicClientConfig::try_from(client)?));
    Ok((server, client))
}

type Issued = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

/// A certificate with an ECDSA P-256 key.
fn issued(
    issuer: &Issuer<'_, KeyPair>,
    name: &str,
    usage: ExtendedKeyUsagePurpose,
) -> Result<Issued, Cause> {
    let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256)?;
    let mut params = CertificateParams::new(vec![name.to_owned()])?;
    params.extended_key_usages = vec![usage];
    let certificate = params.signed_by(&key, issuer)?;
    Ok((
        vec![certificate.der().clone()],
        PrivateKeyDer::Pkcs8(key.serialize_der().into()),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_request_is_answered_and_recorded() {
        let echo = QuinnEcho::start().unwrap();
        let mut times = histogram().unwrap();
        echo.ask(20, &mut times).unwrap();
        assert_eq!(times.len(), 20);
        assert!(
            times.min() > 1_000,
            "no echo comes back within a microsecond"
        );
    }
}
