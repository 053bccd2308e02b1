//! Who is at the other end: what a client certificate says, read by this server itself.
//!
//! TLS checks the chain on a full handshake only; a resumed one brings the old certificate back
//! unchecked. So nothing here relies on TLS having looked at the dates: what the certificate claims
//! goes to [`synesis_service::authenticate`] on every connection.

use rustls_pki_types::CertificateDer;
use synesis_domain::Timestamp;
use synesis_domain::device::CertificateSerial;
use synesis_service::{Claims, parse_spiffe};
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, X509Certificate};
use x509_parser::time::ASN1Time;

/// What a certificate claims, or `None` when it names no device.
pub(crate) fn claims_of(certificate: &CertificateDer<'_>) -> Option<Claims> {
    let (_, parsed) = X509Certificate::from_der(certificate).ok()?;
    let names = parsed.subject_alternative_name().ok()??;
    let [GeneralName::URI(uri)] = names.value.general_names.as_slice() else {
        return None;
    };
    let (user, device) = parse_spiffe(uri).ok()?;
    Some(Claims {
        user,
        device,
        serial: CertificateSerial::new(parsed.raw_serial())?,
        not_before: timestamp(parsed.validity().not_before),
        not_after: timestamp(parsed.validity().not_after),
    })
}

/// What the certificate behind a QUIC connection claims.
pub(crate) fn claims_behind(connection: &quinn::Connection) -> Option<Claims> {
    let chain = connection
        .peer_identity()?
        .downcast::<Vec<CertificateDer<'static>>>()
        .ok()?;
    claims_of(chain.first()?)
}

fn timestamp(time: ASN1Time) -> Timestamp {
    Timestamp::from_millis(time.timestamp().saturating_mul(1000))
}
