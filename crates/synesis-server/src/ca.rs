//! The cloud's own certificate authority (ECDSA P-256): it signs this server's certificate and the
//! short-lived ones of devices, and nothing else.
//!
//! A device's certificate holds the name that the cloud decided, never one that the request asked
//! for: of a signing request only the public key is used, after the request proved to own it. There
//! is no revocation list: the server looks every certificate up itself.

use std::io;
use std::path::{Path, PathBuf};

use rcgen::{
    BasicConstraints, CertificateParams, CertificateSigningRequestParams, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, PublicKeyData, SanType,
    SerialNumber,
};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use sha2::{Digest as _, Sha256};
use synesis_domain::device::CertificateSerial;
use synesis_domain::{DeviceId, Digest, Timestamp, UserId};

use synesis_service::spiffe;
use synesis_wire::limits::CSR_BYTES_MAX;
use time::{Duration, OffsetDateTime};
use x509_parser::certification_request::X509CertificationRequest;
use x509_parser::oid_registry::{OID_EC_P256, OID_KEY_TYPE_EC_PUBLIC_KEY};
use x509_parser::prelude::FromDer;

use crate::files;

const AUTHORITY_LIFE: Duration = Duration::days(3650);
const SERVER_LIFE: Duration = Duration::days(90);
/// Clocks of devices that are a little behind still accept what was just signed.
const BACKDATED: Duration = Duration::minutes(5);
const SERIAL_BYTES: usize = 16;
/// An uncompressed point of P-256.
const POINT_BYTES: usize = 65;

/// Why the certificate authority could not do something.
#[derive(Debug, thiserror::Error)]
pub enum CaError {
    /// A file of the authority cannot be read or written.
    #[error("failed to use {}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A file of the authority is damaged.
    #[error("{} holds no usable key or certificate", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: rcgen::Error,
    },
    /// There is a certificate without its key: the folder was copied in part.
    #[error("{} is missing, and the certificates signed with it are in use", path.display())]
    KeyMissing {
        /// The file that should be there.
        path: PathBuf,
    },
    /// A certificate could not be made.
    #[error("failed to make a certificate")]
    Sign(#[from] rcgen::Error),
    /// The system gives no random numbers.
    #[error("the system gives no random numbers")]
    Random,
    /// A signing request was refused.
    #[error(transparent)]
    Request(#[from] CsrError),
}

/// What is wrong with a certificate signing request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CsrError {
    /// It is over the limit.
    #[error("the signing request is over {CSR_BYTES_MAX} bytes")]
    TooLarge,
    /// It is no PKCS#10 request in PEM, or asks for something unknown.
    #[error("the signing request cannot be read")]
    Unreadable,
    /// Its signature is not that of the key in it.
    #[error("the signing request is not signed with its own key")]
    BadSignature,
    /// Its key is not on the curve P-256.
    #[error("the key of a device must be ECDSA P-256")]
    WrongKey,
}

/// A certificate that was signed for a device.
#[derive(Debug, Clone)]
pub(crate) struct SignedDevice {
    pub(crate) certificate_pem: String,
    pub(crate) serial: CertificateSerial,
}

/// The certificate and key with which this server proves itself.
pub(crate) struct ServerIdentity {
    pub(crate) chain: Vec<CertificateDer<'static>>,
    pub(crate) key: PrivateKeyDer<'static>,
}

/// The certificate authority of one data folder.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate_pem: String,
    certificate: CertificateDer<'static>,
}

impl Authority {
    /// Opens the authority in `dir`, or makes one on first use.
    pub(crate) fn open_or_create(dir: &Path, now: Timestamp) -> Result<Self, CaError> {
        let key_path = dir.join("ca.key");
        let certificate_path = dir.join("ca.pem");
        let file_error = |path: &Path| {
            let path = path.to_owned();
            move |source| CaError::File { path, source }
        };
        files::create_private_dir(dir).map_err(file_error(dir))?;
        let key = files::read_if_there(&key_path).map_err(file_error(&key_path))?;
        let certificate =
            files::read_if_there(&certificate_path).map_err(file_error(&certificate_path))?;
        let key = match (key, &certificate) {
            (Some(content), _) => read_key(&key_path, &content)?,
            (None, Some(_)) => return Err(CaError::KeyMissing { path: key_path }),
            (None, None) => {
                let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256)?;
                files::write_private(&key_path, key.serialize_pem().as_bytes())
                    .map_err(file_error(&key_path))?;
                key
            }
        };
        let certificate_pem = match certificate {
            Some(content) => String::from_utf8_lossy(&content).into_owned(),
            None => {
                let pem = authority_params(now)?.self_signed(&key)?.pem();
                files::write_private(&certificate_path, pem.as_bytes())
                    .map_err(file_error(&certificate_path))?;
                pem
            }
        };
        Self::from_parts(&certificate_path, certificate_pem, key)
    }

    fn from_parts(path: &Path, certificate_pem: String, key: KeyPair) -> Result<Self, CaError> {
        let damaged = |source| CaError::Damaged {
            path: path.to_owned(),
            source,
        };
        let certificate = CertificateDer::from_pem_slice(certificate_pem.as_bytes())
            .map_err(|_| damaged(rcgen::Error::CouldNotParseCertificate))?;
        let issuer = Issuer::from_ca_cert_der(&certificate, key).map_err(damaged)?;
        Ok(Self {
            issuer,
            certificate_pem,
            certificate,
        })
    }

    /// The certificate that devices pin, in PEM.
    pub(crate) fn certificate_pem(&self) -> &str {
        &self.certificate_pem
    }

    /// The certificate that devices pin.
    pub(crate) fn certificate(&self) -> &CertificateDer<'static> {
        &self.certificate
    }

    /// Makes a new key and certificate for this server, for the loopback names and `names`.
    pub(crate) fn server_identity(
        &self,
        names: &[String],
        now: Timestamp,
    ) -> Result<ServerIdentity, CaError> {
        let mut all = vec!["localhost".to_owned(), "127.0.0.1".into(), "::1".into()];
        all.extend(names.iter().cloned());
        let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256)?;
        let mut params = CertificateParams::new(all)?;
        params
            .distinguished_name
            .push(DnType::CommonName, "synesis-server");
        params.serial_number = Some(random_serial()?);
        params.not_before = moment(now) - BACKDATED;
        params.not_after = moment(now) + SERVER_LIFE;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let certificate = params.signed_by(&key, &self.issuer)?;
        Ok(ServerIdentity {
            chain: vec![certificate.der().clone()],
            key: PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
        })
    }

    /// Signs the key of a device under the name that the cloud gives it.
    pub(crate) fn sign_device(
        &self,
        csr_pem: &str,
        user: UserId,
        device: DeviceId,
        now: Timestamp,
        not_after: Timestamp,
    ) -> Result<SignedDevice, CaError> {
        let key = read_request(csr_pem)?;
        let serial = random_serial()?;
        let mut params = CertificateParams::default();
        params.distinguished_name.remove(DnType::CommonName);
        params
            .distinguished_name
            .push(DnType::CommonName, format!("device {device}"));
        let name = spiffe(user, device);
        params.subject_alt_names = vec![SanType::URI(name.try_into()?)];
        params.serial_number = Some(serial.clone());
        // A device renews after a share of this life: most of it must lie ahead.
        let ahead = moment(not_after) - moment(now);
        params.not_before = moment(now) - BACKDATED.min(ahead / 20);
        params.not_after = moment(not_after);
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        params.use_authority_key_identifier_extension = true;
        let certificate = params.signed_by(&key, &self.issuer)?;
        Ok(SignedDevice {
            certificate_pem: certificate.pem(),
            serial: CertificateSerial::new(&serial.to_bytes()).ok_or(CaError::Random)?,
        })
    }
}

/// How the owner of a data folder tells others by whom its cloud is known.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct AuthoritySummary {
    /// The file with the certificate, PEM.
    pub path: PathBuf,
    /// The SHA-256 of the certificate: what `synesis cloud login --ca-sha256` takes.
    pub sha256: String,
}

/// The authority of the cloud in this folder.
///
/// # Errors
/// When the folder holds none.
pub fn authority_summary(data_dir: &Path) -> Result<AuthoritySummary, CaError> {
    let path = data_dir.join("ca").join("ca.pem");
    let pem = std::fs::read(&path).map_err(|source| CaError::File {
        path: path.clone(),
        source,
    })?;
    let certificate = CertificateDer::from_pem_slice(&pem).map_err(|_| CaError::Damaged {
        path: path.clone(),
        source: rcgen::Error::CouldNotParseCertificate,
    })?;
    let sha256 = Digest::from_bytes(Sha256::digest(&certificate).into()).to_string();
    Ok(AuthoritySummary { path, sha256 })
}

/// The hash of the public key that a signing request proved to own: what a grant is bound to.
pub(crate) fn request_key_hash(csr_pem: &str) -> Result<Digest, CsrError> {
    let key = read_request(csr_pem)?;
    Ok(key_hash(&key.subject_public_key_info()))
}

/// The hash of a public key, as it stands in requests and certificates.
pub(crate) fn key_hash(public_key_info: &[u8]) -> Digest {
    Digest::from_bytes(Sha256::digest(public_key_info).into())
}

fn authority_params(now: Timestamp) -> Result<CertificateParams, CaError> {
    let serial = random_serial()?;
    // A name of its own: a certificate of another cloud is then one of an unknown issuer, and not
    // a forged one of this.
    let mark = serial.to_bytes();
    let mark: String = mark
        .iter()
        .take(4)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let mut params = CertificateParams::default();
    params.distinguished_name.remove(DnType::CommonName);
    params
        .distinguished_name
        .push(DnType::CommonName, format!("Synesis private cloud {mark}"));
    params.serial_number = Some(serial);
    params.not_before = moment(now) - BACKDATED;
    params.not_after = moment(now) + AUTHORITY_LIFE;
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![
        KeyUsagePurpose::KeyCertSign,
        KeyUsagePurpose::DigitalSignature,
    ];
    Ok(params)
}

fn read_key(path: &Path, content: &[u8]) -> Result<KeyPair, CaError> {
    std::str::from_utf8(content)
        .map_err(|_| rcgen::Error::CouldNotParseKeyPair)
        .and_then(KeyPair::from_pem)
        .map_err(|source| CaError::Damaged {
            path: path.to_owned(),
            source,
        })
}

/// The public key of a signing request, once the request proved to own it.
fn read_request(csr_pem: &str) -> Result<impl PublicKeyData + use<>, CsrError> {
    if csr_pem.len() > CSR_BYTES_MAX {
        return Err(CsrError::TooLarge);
    }
    let der = rustls_pki_types::CertificateSigningRequestDer::from_pem_slice(csr_pem.as_bytes())
        .map_err(|_| CsrError::Unreadable)?;
    let (rest, request) =
        X509CertificationRequest::from_der(&der).map_err(|_| CsrError::Unreadable)?;
    if !rest.is_empty() {
        return Err(CsrError::Unreadable);
    }
    let key = &request.certification_request_info.subject_pki;
    let curve = key
        .algorithm
        .parameters
        .as_ref()
        .and_then(|parameters| parameters.as_oid().ok());
    if key.algorithm.algorithm != OID_KEY_TYPE_EC_PUBLIC_KEY
        || curve != Some(OID_EC_P256)
        || key.subject_public_key.data.len() != POINT_BYTES
    {
        return Err(CsrError::WrongKey);
    }
    match CertificateSigningRequestParams::from_der(&der) {
        Ok(parsed) if parsed.public_key.algorithm() == &rcgen::PKCS_ECDSA_P256_SHA256 => {
            Ok(parsed.public_key)
        }
        Ok(_) => Err(CsrError::WrongKey),
        Err(rcgen::Error::InvalidCertificationRequestSignature) => Err(CsrError::BadSignature),
        Err(_) => Err(CsrError::Unreadable),
    }
}

/// A positive random number of 127 bits.
fn random_serial() -> Result<SerialNumber, CaError> {
    let mut bytes = [0_u8; SERIAL_BYTES];
    getrandom::fill(&mut bytes).map_err(|_| CaError::Random)?;
    bytes[0] = (bytes[0] & 0x7f) | 0x40;
    Ok(SerialNumber::from_slice(&bytes))
}

/// Certificates count in seconds.
fn moment(at: Timestamp) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(at.as_millis().div_euclid(1000))
        .unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;
    use x509_parser::prelude::X509Certificate;

    fn now() -> Timestamp {
        Timestamp::from_millis(1_800_000_000_000)
    }

    fn ids() -> (UserId, DeviceId) {
        (UserId::from_bytes([1; 16]), DeviceId::from_bytes([2; 16]))
    }

    fn request(key: &KeyPair) -> String {
        let mut params = CertificateParams::new(vec!["evil.example".to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, "root");
        params.serialize_request(key).unwrap().pem().unwrap()
    }

    #[test]
    fn a_device_gets_the_name_of_the_cloud_and_none_that_it_asked_for() {
        let dir = tempfile::tempdir().unwrap();
        let authority = Authority::open_or_create(dir.path(), now()).unwrap();
        let (user, device) = ids();
        let key = KeyPair::generate().unwrap();
        let signed = authority
            .sign_device(&request(&key), user, device, now(), now().plus_ms(60_000))
            .unwrap();
        let der = CertificateDer::from_pem_slice(signed.certificate_pem.as_bytes()).unwrap();
        let (_, certificate) = X509Certificate::from_der(&der).unwrap();
        let names = certificate.subject_alternative_name().unwrap().unwrap();
        assert_eq!(names.value.general_names.len(), 1);
        let identity = crate::identity::claims_of(&der).unwrap();
        assert_eq!((identity.user, identity.device), (user, device));
        assert_eq!(identity.serial, signed.serial);
        assert_eq!(identity.not_after, now().plus_ms(60_000));
    }

    #[test]
    fn keys_that_are_not_p256_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let authority = Authority::open_or_create(dir.path(), now()).unwrap();
        let (user, device) = ids();
        for algorithm in [&rcgen::PKCS_ECDSA_P384_SHA384, &rcgen::PKCS_ED25519] {
            let key = KeyPair::generate_for(algorithm).unwrap();
            let refused = authority
                .sign_device(&request(&key), user, device, now(), now())
                .unwrap_err();
            assert!(matches!(refused, CaError::Request(CsrError::WrongKey)));
        }
    }

    #[test]
    fn a_request_that_does_not_own_its_key_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let authority = Authority::open_or_create(dir.path(), now()).unwrap();
        let (user, device) = ids();
        let key = KeyPair::generate().unwrap();
        let pem = request(&key);
        let der =
            rustls_pki_types::CertificateSigningRequestDer::from_pem_slice(pem.as_bytes()).unwrap();
        let mut forged = der.to_vec();
        let last = forged.len() - 1;
        forged[last] ^= 1;
        let forged = base64_pem(&forged);
        let refused = authority
            .sign_device(&forged, user, device, now(), now())
            .unwrap_err();
        assert!(
            matches!(refused, CaError::Request(CsrError::BadSignature)),
            "{refused:?}"
        );
        let refused = authority
            .sign_device("no request", user, device, now(), now())
            .unwrap_err();
        assert!(matches!(refused, CaError::Request(CsrError::Unreadable)));
    }

    /// PEM by hand: rcgen only writes requests that it signed itself.
    fn base64_pem(der: &[u8]) -> String {
        const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let mut body = String::new();
        for chunk in der.chunks(3) {
            let mut word = [0_u8; 3];
            word[..chunk.len()].copy_from_slice(chunk);
            let bits = u32::from(word[0]) << 16 | u32::from(word[1]) << 8 | u32::from(word[2]);
            for place in 0..4 {
                if place <= chunk.len() {
                    let index = (bits >> (18 - 6 * place)) & 63;
                    body.push(char::from(ALPHABET[index as usize]));
                } else {
                    body.push('=');
                }
            }
        }
        format!("-----BEGIN CERTIFICATE REQUEST-----\n{body}\n-----END CERTIFICATE REQUEST-----\n")
    }

    #[test]
    fn the_authority_is_the_same_after_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let first = Authority::open_or_create(dir.path(), now()).unwrap();
        let again = Authority::open_or_create(dir.path(), now()).unwrap();
        assert_eq!(first.certificate_pem(), again.certificate_pem());
        std::fs::remove_file(dir.path().join("ca.key")).unwrap();
        let lost = Authority::open_or_create(dir.path(), now());
        assert!(matches!(lost, Err(CaError::KeyMissing { .. })));
    }
}
