//! A throw-away certificate authority, and certificates for both ends.
//!
//! All authorities carry the same name, as those of real clouds do: telling them apart takes the
//! signature, not the name.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use rcgen::{
    BasicConstraints, CertificateParams, CertificateSigningRequestParams, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256,
    SanType,
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use synesis_domain::{DeviceId, Timestamp, UserId};

/// When a certificate is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Validity {
    /// From an hour ago for a week.
    Now,
    /// Until an hour ago.
    Past,
}

impl Validity {
    fn bounds(self) -> (SystemTime, SystemTime) {
        const HOUR: Duration = Duration::from_secs(3600);
        let now = SystemTime::now();
        match self {
            Self::Now => (now - HOUR, now + 7 * 24 * HOUR),
            Self::Past => (now - 48 * HOUR, now - HOUR),
        }
    }
}

/// A device's certificate with its key.
#[derive(Debug)]
pub struct ClientCertificate {
    /// The certificate.
    pub certificate_pem: String,
    /// The key.
    pub key_pem: String,
    /// The end of the certificate.
    pub not_after: Timestamp,
}

/// A certificate authority that lives as long as the test.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate_pem: String,
    certificate_der: CertificateDer<'static>,
}

impl Default for Authority {
    fn default() -> Self {
        Self::new()
    }
}

impl Authority {
    /// A new authority.
    #[must_use]
    pub fn new() -> Self {
        let mut params = params("Synesis test authority", Validity::Now);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = key();
        let certificate = params.self_signed(&key).expect("a CA certificate");
        Self {
            certificate_pem: certificate.pem(),
            certificate_der: certificate.der().clone(),
            issuer: Issuer::new(params, key),
        }
    }

    /// The authority's certificate.
    #[must_use]
    pub fn certificate_pem(&self) -> &str {
        &self.certificate_pem
    }

    pub(crate) fn roots(&self) -> rustls::RootCertStore {
        let mut roots = rustls::RootCertStore::empty();
        roots
            .add(self.certificate_der.clone())
            .expect("the authority's own certificate");
        roots
    }

    /// A certificate for localhost and 127.0.0.1.
    pub(crate) fn server(&self) -> (CertificateDer<'static>, PrivateKeyDer<'static>) {
        let mut params = params("localhost", Validity::Now);
        params.subject_alt_names = vec![
            SanType::DnsName("localhost".try_into().expect("a DNS name")),
            SanType::IpAddress([127, 0, 0, 1].into()),
        ];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let key = key();
        let certificate = params
            .signed_by(&key, &self.issuer)
            .expect("a server certificate");
        let key = PrivatePkcs8KeyDer::from(key.serialize_der()).into();
        (certificate.der().clone(), key)
    }

    /// A certificate for a device.
    #[must_use]
    pub fn client(&self, user: UserId, device: DeviceId, validity: Validity) -> ClientCertificate {
        let mut params = params("device", validity);
        let uri = format!("spiffe://synesis/account/{user}/device/{device}");
        params.subject_alt_names = vec![SanType::URI(uri.try_into().expect("a URI"))];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let key = key();
        let certificate = params
            .signed_by(&key, &self.issuer)
            .expect("a device certificate");
        ClientCertificate {
            certificate_pem: certificate.pem(),
            key_pem: key.serialize_pem(),
            not_after: Timestamp::from_millis(params.not_after.unix_timestamp() * 1000),
        }
    }

    /// Signs a device's request for the usual time.
    pub(crate) fn sign(&self, csr_pem: &str) -> (String, Timestamp) {
        let mut request = CertificateSigningRequestParams::from_pem(csr_pem).expect("a CSR");
        request.params = params("device", Validity::Now);
        request.params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let certificate = request
            .signed_by(&self.issuer)
            .expect("a device certificate");
        let not_after = request.params.not_after.unix_timestamp() * 1000;
        (certificate.pem(), Timestamp::from_millis(not_after))
    }
}

/// Writes a device's identity into a folder, in the form that `synesis-cloud` reads.
pub(crate) fn write_identity(
    folder: &Path,
    url: &str,
    certificate: &ClientCertificate,
    ca_pem: &str,
    (user, device): (UserId, DeviceId),
) {
    let record = serde_json::json!({
        "url": url,
        "device_id": device.to_string(),
        "user_id": user.to_string(),
        "not_after": certificate.not_after.as_millis(),
    });
    let files = [
        ("key.pem", certificate.key_pem.as_str()),
        ("certificate.pem", certificate.certificate_pem.as_str()),
        ("ca.pem", ca_pem),
        ("cloud.json", &record.to_string()),
    ];
    for (name, contents) in files {
        fs::write(folder.join(name), contents).expect("a folder for the identity");
    }
}

fn params(name: &str, validity: Validity) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    let (from, to) = validity.bounds();
    params.not_before = from.into();
    params.not_after = to.into();
    params
}

fn key() -> KeyPair {
    KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).expect("randomness for a key")
}
