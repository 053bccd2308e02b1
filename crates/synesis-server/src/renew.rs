//! Renewal of a certificate that has ended.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use synesis_domain::{DeviceCommand, DeviceRefusal, Digest, Timestamp};
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::ca::{CaError, CsrError, key_hash, request_key_hash};
use crate::clock;
use crate::cloud::Cloud;
use crate::enrol::certificate_of;
use crate::identity::claims_of;
use crate::store::StoreError;

/// Why no new certificate is given.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RenewError {
    #[error("the old certificate cannot be read")]
    BadCertificate,
    #[error("the old certificate was not signed by this cloud")]
    Foreign,
    #[error("the request is not by the key of the old certificate")]
    OtherKey,
    #[error(
        "this device, or this certificate of it, is not known here; enrol it with `synesis cloud login`"
    )]
    Unknown,
    #[error("this device was revoked by its owner")]
    Revoked,
    #[error(transparent)]
    Request(CsrError),
    #[error("the certificate could not be signed")]
    Sign(#[source] CaError),
    #[error("the device could not be looked up")]
    Store(#[from] StoreError),
}

/// A new certificate for the device of an old one, and when it ends.
pub(crate) async fn renew_expired(
    cloud: &Cloud,
    certificate_pem: &str,
    csr_pem: String,
) -> Result<(String, Timestamp), RenewError> {
    let old = CertificateDer::from_pem_slice(certificate_pem.as_bytes())
        .map_err(|_| RenewError::BadCertificate)?;
    let key = key_signed_here(cloud, &old)?;
    let claims = claims_of(&old).ok_or(RenewError::BadCertificate)?;
    if request_key_hash(&csr_pem).map_err(RenewError::Request)? != key {
        return Err(RenewError::OtherKey);
    }
    let now = clock::now();
    let not_after = cloud.certificate_end(now);
    let signed = cloud
        .authority
        .sign_device(&csr_pem, claims.user, claims.device, now, not_after)
        .map_err(RenewError::Sign)?;
    let certificate = certificate_of(&signed, not_after);
    cloud
        .store
        .run(move |books| {
            let device = books.device(claims.device)?;
            // The end of the old certificate is what brings the device here; all else must hold.
            let just_before_its_end = claims.not_after.plus_ms(-1);
            let known = device.may_connect(claims.user, &claims.serial, just_before_its_end);
            if let Err(refusal) = known {
                return Ok(Err(of_refusal(refusal)));
            }
            let renew = DeviceCommand::Renew {
                certificate: certificate.clone(),
            };
            let renewed = books.device_command(claims.device, now, &renew)?;
            Ok(renewed.map_err(of_refusal))
        })
        .await??;
    tracing::info!(device = %claims.device, "a certificate that had ended was renewed");
    Ok((signed.certificate_pem, not_after))
}

/// The hash of the key of a certificate that this cloud signed.
fn key_signed_here(cloud: &Cloud, certificate: &CertificateDer<'_>) -> Result<Digest, RenewError> {
    let (_, old) =
        X509Certificate::from_der(certificate).map_err(|_| RenewError::BadCertificate)?;
    let (_, authority) = X509Certificate::from_der(cloud.authority.certificate())
        .map_err(|_| RenewError::BadCertificate)?;
    UnparsedPublicKey::new(
        &ECDSA_P256_SHA256_ASN1,
        &authority.public_key().subject_public_key.data,
    )
    .verify(old.tbs_certificate.as_ref(), &old.signature_value.data)
    .map_err(|_| RenewError::Foreign)?;
    Ok(key_hash(old.public_key().raw))
}

fn of_refusal(refusal: DeviceRefusal) -> RenewError {
    match refusal {
        DeviceRefusal::Revoked => RenewError::Revoked,
        _ => RenewError::Unknown,
    }
}
