//! Who is at the other end of a WebSocket: a certificate of this cloud, and a signature that only
//! the holder of its key can make.

use std::sync::Arc;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use rustls::RootCertStore;
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use rustls_pki_types::{CertificateDer, UnixTime};
use synesis_service::Claims;
use synesis_wire::proto::TunnelProof;
use synesis_wire::websocket::proof_text;
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::ca::Authority;
use crate::identity::claims_of;
use crate::tls::TlsError;

/// The longest chain that is looked at.
const CHAIN_MAX: usize = 4;

/// Why a proof proves nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProofError {
    #[error("the proof holds no certificate")]
    NoCertificate,
    #[error("the device certificate was not accepted: {0}")]
    Certificate(rustls::Error),
    #[error("the signature is not by the key of the certificate")]
    Signature,
}

/// Checks proofs against the cloud's authority.
#[derive(Debug, Clone)]
pub(crate) struct ProofVerifier(Arc<dyn ClientCertVerifier>);

impl ProofVerifier {
    pub(crate) fn new(authority: &Authority) -> Result<Self, TlsError> {
        let mut roots = RootCertStore::empty();
        roots.add(authority.certificate().clone())?;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let verifier =
            WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build()?;
        Ok(Self(verifier))
    }

    /// What the certificate behind a proof claims; `None` inside when it names no device.
    pub(crate) fn check(
        &self,
        proof: &TunnelProof,
        nonce: &[u8],
    ) -> Result<Option<Claims>, ProofError> {
        let chain: Vec<CertificateDer<'_>> = proof
            .certificate_chain
            .iter()
            .take(CHAIN_MAX)
            .map(|certificate| CertificateDer::from(certificate.as_ref()))
            .collect();
        let (own, issuers) = chain.split_first().ok_or(ProofError::NoCertificate)?;
        self.0
            .verify_client_cert(own, issuers, UnixTime::now())
            .map_err(ProofError::Certificate)?;
        let (_, parsed) = X509Certificate::from_der(own)
            .map_err(|_| ProofError::Certificate(rustls::CertificateError::BadEncoding.into()))?;
        let key = &parsed.public_key().subject_public_key.data;
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, key)
            .verify(&proof_text(nonce), &proof.signature)
            .map_err(|_| ProofError::Signature)?;
        Ok(claims_of(own))
    }
}
