//! TLS 1.3 with both certificates, the post-quantum key exchange first, and QUIC's settings.

use std::sync::Arc;
use std::time::Duration;

use quinn::crypto::rustls::QuicClientConfig;
use quinn::{IdleTimeout, TransportConfig, VarInt};
use rustls::client::{ClientSessionStore, Resumption, WantsClientCert};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, ConfigBuilder, WantsVerifier};
use rustls_platform_verifier::Verifier;
use synesis_domain::Timestamp;
use synesis_wire::limits::{
    CONNECTION_WINDOW_BYTES, IDLE_TIMEOUT_MS, KEEP_ALIVE_MS, STREAM_WINDOW_BYTES, STREAMS_UNI_MAX,
};

use crate::error::{Cause, CloudError};
use crate::identity::IdentityError;
use crate::limits::INITIAL_RTT;

/// What a dial needs of the identity's files.
#[derive(Debug)]
pub(crate) struct Material {
    pub(crate) chain: Vec<CertificateDer<'static>>,
    pub(crate) key: PrivateKeyDer<'static>,
    pub(crate) roots: rustls::RootCertStore,
    pub(crate) authorities: Vec<CertificateDer<'static>>,
    pub(crate) not_after: Timestamp,
}

/// The settings of a QUIC connection to the cloud.
///
/// # Errors
/// When the files of this device do not fit together.
pub(crate) fn quic_config(
    material: &Material,
    sessions: Arc<dyn ClientSessionStore>,
) -> Result<quinn::ClientConfig, CloudError> {
    let mut tls = trusting(material)?
        .with_client_auth_cert(material.chain.clone(), material.key.clone_key())
        .map_err(|error| match error {
            rustls::Error::InconsistentKeys(_) => IdentityError::KeyMismatch,
            other => IdentityError::Unusable(Cause::new(other)),
        })?;
    tls.resumption = Resumption::store(sessions);
    tls.alpn_protocols = vec![synesis_wire::ALPN.to_vec()];
    let quic = QuicClientConfig::try_from(tls).map_err(CloudError::system)?;
    let mut config = quinn::ClientConfig::new(Arc::new(quic));
    config.transport_config(Arc::new(transport()));
    Ok(config)
}

/// The settings of TLS below a WebSocket: the device proves itself inside of it. With
/// `web_certificate` the cloud may also show a certificate that this machine's browsers believe.
///
/// # Errors
/// When the machine's cryptography does not work.
pub(crate) fn websocket_config(
    material: &Material,
    web_certificate: bool,
) -> Result<ClientConfig, CloudError> {
    let mut tls = if web_certificate {
        let verifier = Verifier::new_with_extra_roots(material.authorities.clone(), provider())
            .map_err(CloudError::system)?;
        versions()?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth()
    } else {
        trusting(material)?.with_no_client_auth()
    };
    tls.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(tls)
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}

fn versions() -> Result<ConfigBuilder<ClientConfig, WantsVerifier>, CloudError> {
    ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(CloudError::system)
}

fn trusting(
    material: &Material,
) -> Result<ConfigBuilder<ClientConfig, WantsClientCert>, CloudError> {
    Ok(versions()?.with_root_certificates(material.roots.clone()))
}

fn transport() -> TransportConfig {
    let mut transport = TransportConfig::default();
    transport
        // The server opens no calls, only control streams.
        .max_concurrent_bidi_streams(VarInt::from_u32(0))
        .max_concurrent_uni_streams(VarInt::from_u32(STREAMS_UNI_MAX))
        .stream_receive_window(VarInt::from_u32(STREAM_WINDOW_BYTES))
        .receive_window(VarInt::from_u32(CONNECTION_WINDOW_BYTES))
        .send_window(CONNECTION_WINDOW_BYTES.into())
        .max_idle_timeout(Some(IdleTimeout::from(VarInt::from_u32(IDLE_TIMEOUT_MS))))
        .keep_alive_interval(Some(Duration::from_millis(KEEP_ALIVE_MS)))
        .initial_rtt(INITIAL_RTT)
        .datagram_receive_buffer_size(None);
    transport
}
