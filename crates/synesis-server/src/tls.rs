//! TLS 1.3 of both doors: QUIC asks every client for its certificate, HTTPS asks none.
//!
//! Early data is never accepted.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::crypto::CryptoProvider;
use rustls::server::{ProducesTickets, WebPkiClientVerifier};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use synesis_wire::ALPN;

use crate::ca::{Authority, ServerIdentity};
use crate::config::WebCertificate;

/// Why TLS could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A certificate or key does not fit.
    #[error("the certificates do not fit together")]
    Rustls(#[from] rustls::Error),
    /// The check of client certificates cannot be built.
    #[error("client certificates cannot be checked")]
    Verifier(#[from] rustls::server::VerifierBuilderError),
    /// The operator's own certificate or key cannot be read.
    #[error("{} holds no certificate or key in PEM", path.display())]
    OwnCertificate {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: rustls_pki_types::pem::Error,
    },
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

/// The TLS side of HTTPS: with the operator's own certificate, where there is one.
pub(crate) fn https(
    identity: &ServerIdentity,
    own: Option<&WebCertificate>,
) -> Result<Arc<rustls::ServerConfig>, TlsError> {
    let (chain, key) = match own {
        Some(own) => read_own(own)?,
        None => (identity.chain.clone(), identity.key.clone_key()),
    };
    let mut config = rustls::ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

type Certified = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

fn read_own(own: &WebCertificate) -> Result<Certified, TlsError> {
    let unusable = |path: &Path| {
        let path = path.to_owned();
        move |source| TlsError::OwnCertificate { path, source }
    };
    let chain: Vec<_> = CertificateDer::pem_file_iter(&own.chain)
        .and_then(Iterator::collect)
        .map_err(unusable(&own.chain))?;
    let key = PrivateKeyDer::from_pem_file(&own.key).map_err(unusable(&own.key))?;
    Ok((chain, key))
}
