//! TLS 1.3 of both doors: QUIC asks every client for its certificate, HTTPS asks none.
//!
//! Early data is never accepted.

use std::sync::Arc;

use rustls::RootCertStore;
use rustls::crypto::CryptoProvider;
use rustls::server::{ProducesTickets, WebPkiClientVerifier};
use synesis_wire::ALPN;

use crate::ca::{Authority, ServerIdentity};

/// Why TLS could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A certificate or key does not fit.
    #[error("the certificates do not fit together")]
    Rustls(#[from] rustls::Error),
    /// The check of client certificates cannot be built.
    #[error("client certificates cannot be checked")]
    Verifier(#[from] rustls::server::VerifierBuilderError),
    /// The cipher suites have no initial suite for QUIC.
    #[error("the cipher suites do not fit QUIC")]
    Quic(#[from] quinn::crypto::rustls::NoInitialCipherSuite),
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}

/// The TLS side of the QUIC endpoint.
pub(crate) fn quic(
    authority: &Authority,
    identity: &ServerIdentity,
    tickets: Arc<dyn ProducesTickets>,
) -> Result<Arc<quinn::crypto::rustls::QuicServerConfig>, TlsError> {
    let mut roots = RootCertStore::empty();
    roots.add(authority.certificate().clone())?;
    let verifier =
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider()).build()?;
    let mut config = rustls::ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_client_cert_verifier(verifier)
        .with_single_cert(identity.chain.clone(), identity.key.clone_key())?;
    config.alpn_protocols = vec![ALPN.to_vec()];
    config.ticketer = tickets;
    config.max_early_data_size = 0;
    Ok(Arc::new(config.try_into()?))
}

/// The TLS side of HTTPS.
pub(crate) fn https(identity: &ServerIdentity) -> Result<Arc<rustls::ServerConfig>, TlsError> {
    let mut config = rustls::ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_no_client_auth()
        .with_single_cert(identity.chain.clone(), identity.key.clone_key())?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
