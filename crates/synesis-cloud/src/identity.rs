//! What proves this device to its cloud: a key, a certificate, the authority to trust.
//!
//! One folder: `key.pem` (mode 0600, made here, never leaves), `certificate.pem`, `ca.pem`,
//! `cloud.json`. Files are replaced whole: a crash leaves the old or the new one. Who chooses the
//! folder, and asks the person anything, is elsewhere.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde::{Deserialize, Serialize};
use synesis_domain::{DeviceId, Timestamp, UserId};
use url::Url;

use crate::date::utc_date;
use crate::error::{Cause, Mend};
use crate::tls::Material;
use crate::tunnel::TunnelConfig;

const KEY: &str = "key.pem";
const CERTIFICATE: &str = "certificate.pem";
const CA: &str = "ca.pem";
const RECORD: &str = "cloud.json";

/// Why the identity cannot be used.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum IdentityError {
    /// There is no such file.
    #[error("{} is missing", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// The file is there but cannot be read.
    #[error("{} cannot be read", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        cause: Cause,
    },
    /// The file cannot be written.
    #[error("{} cannot be written", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        cause: Cause,
    },
    /// The file holds something else.
    #[error("{} holds no {expected}", path.display())]
    NotPem {
        /// The file.
        path: PathBuf,
        /// What it should hold.
        expected: &'static str,
    },
    /// The record of the cloud cannot be understood.
    #[error("{} cannot be understood", path.display())]
    BadRecord {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        cause: Cause,
    },
    /// The address of the cloud is none.
    #[error("`{0}` is no address of a cloud; it looks like https://cloud.example.com:7443")]
    BadUrl(String),
    /// The key and the certificate do not belong together.
    #[error("the device's key and its certificate do not belong together")]
    KeyMismatch,
    /// The certificate is past its end.
    #[error("this device's certificate expired on {}", utc_date(*.on))]
    Expired {
        /// When it ended.
        on: Timestamp,
    },
    /// The files are what they should be, but TLS does not take them.
    #[error("the device's certificate cannot be used")]
    Unusable(#[source] Cause),
    /// A key or a signing request could not be made.
    #[error("a device key could not be made")]
    NoKey(#[source] Cause),
}

impl IdentityError {
    pub(crate) fn mend(&self) -> Mend {
        Mend::Login
    }

    /// Whether there is simply no identity yet.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Missing { .. })
    }
}

/// An enrolled device.
#[derive(Debug, Clone)]
pub struct Identity {
    folder: PathBuf,
    url: Url,
    device_id: DeviceId,
    user_id: UserId,
    not_after: Timestamp,
    web_certificate: bool,
}

/// `cloud.json`.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(crate) url: String,
    pub(crate) device_id: String,
    pub(crate) user_id: String,
    pub(crate) not_after: i64,
    /// The cloud's HTTPS showed a certificate that browsers believe when this device was enrolled.
    #[serde(default)]
    pub(crate) web_certificate: bool,
}

impl Identity {
    /// Reads the identity in a folder and checks that its parts fit together. It may be expired:
    /// see [`Self::check`].
    ///
    /// # Errors
    /// The file and what is wrong with it.
    pub fn open(folder: &Path) -> Result<Self, IdentityError> {
        let path = folder.join(RECORD);
        let record: Record =
            serde_json::from_slice(&read(&path)?).map_err(|error| IdentityError::BadRecord {
                path: path.clone(),
                cause: Cause::new(error),
            })?;
        let material = read_material(
            &folder.join(KEY),
            &folder.join(CERTIFICATE),
            &folder.join(CA),
        )?;
        check_pair(&material)?;
        Self::from_record(folder, &path, &record, material.not_after)
    }

    fn from_record(
        folder: &Path,
        path: &Path,
        record: &Record,
        not_after: Timestamp,
    ) -> Result<Self, IdentityError> {
        let bad = |error| IdentityError::BadRecord {
            path: path.to_owned(),
            cause: Cause::new(error),
        };
        Ok(Self {
            folder: folder.to_owned(),
            url: cloud_url(&record.url)?,
            device_id: record.device_id.parse().map_err(bad)?,
            user_id: record.user_id.parse().map_err(bad)?,
            not_after,
            web_certificate: record.web_certificate,
        })
    }

    /// Writes what an enrolment brought; the key is in the folder already.
    pub(crate) fn store(
        folder: &Path,
        record: &Record,
        certificate_pem: &str,
        ca_pem: &str,
    ) -> Result<Self, IdentityError> {
        replace(&folder.join(CERTIFICATE), certificate_pem.as_bytes(), 0o644)?;
        replace(&folder.join(CA), ca_pem.as_bytes(), 0o644)?;
        let path = folder.join(RECORD);
        let json = serde_json::to_vec_pretty(record).map_err(|error| IdentityError::BadRecord {
            path: path.clone(),
            cause: Cause::new(error),
        })?;
        replace(&path, &json, 0o644)?;
        Self::open(folder)
    }

    /// Whether the certificate is still good at `now`.
    ///
    /// # Errors
    /// [`IdentityError::Expired`] with the day.
    pub fn check(&self, now: Timestamp) -> Result<(), IdentityError> {
        if self.not_after <= now {
            return Err(IdentityError::Expired { on: self.not_after });
        }
        Ok(())
    }

    /// Forgets the cloud: removes the certificate, the authority and the record. The key stays,
    /// so that the device can be enrolled again as the same one.
    ///
    /// # Errors
    /// When a file cannot be removed.
    pub fn forget(folder: &Path) -> Result<(), IdentityError> {
        for name in [RECORD, CERTIFICATE, CA] {
            let path = folder.join(name);
            match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(unwritable(&path, error));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The settings of the tunnel to this identity's cloud.
    #[must_use]
    pub fn tunnel_config(&self) -> TunnelConfig {
        let mut config = TunnelConfig::new(
            self.url.clone(),
            self.device_id,
            self.folder.join(CERTIFICATE),
            self.folder.join(KEY),
            self.folder.join(CA),
        );
        config.web_certificate = self.web_certificate;
        config.account = Some(self.user_id);
        config
    }

    /// The address of the cloud.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// This device, as the cloud named it.
    #[must_use]
    pub fn device_id(&self) -> DeviceId {
        self.device_id
    }

    /// The account that pays.
    #[must_use]
    pub fn user_id(&self) -> UserId {
        self.user_id
    }

    /// The end of the certificate.
    #[must_use]
    pub fn not_after(&self) -> Timestamp {
        self.not_after
    }
}

/// An address of a cloud: https, with a host.
pub(crate) fn cloud_url(text: &str) -> Result<Url, IdentityError> {
    let bad = || IdentityError::BadUrl(without_credentials(text));
    let url = Url::parse(text).map_err(|_| bad())?;
    let fits = url.scheme() == "https"
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none();
    if fits { Ok(url) } else { Err(bad()) }
}

/// What may be shown of a text that should be an address.
fn without_credentials(text: &str) -> String {
    match (text.find("://"), text.rfind('@')) {
        (Some(scheme), Some(at)) if scheme + 3 <= at => {
            format!("{}…{}", &text[..scheme + 3], &text[at..])
        }
        _ => text.to_owned(),
    }
}

/// The end of the first certificate of a PEM text.
///
/// # Errors
/// [`IdentityError::NotPem`] when there is none.
pub fn certificate_not_after(pem: &[u8]) -> Result<Timestamp, IdentityError> {
    let path = PathBuf::from(CERTIFICATE);
    let certificate =
        CertificateDer::from_pem_slice(pem).map_err(|_| not_pem(&path, "certificate"))?;
    not_after_of(&certificate, &path)
}

fn not_after_of(certificate: &CertificateDer<'_>, path: &Path) -> Result<Timestamp, IdentityError> {
    life_of(certificate, path).map(|life| life.not_after)
}

/// From when to when a certificate is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CertificateLife {
    pub(crate) not_before: Timestamp,
    pub(crate) not_after: Timestamp,
}

/// The life of the first certificate in a file.
pub(crate) fn certificate_life(path: &Path) -> Result<CertificateLife, IdentityError> {
    let chain = certificates(path)?;
    let own = chain.first().ok_or_else(|| not_pem(path, "certificate"))?;
    life_of(own, path)
}

fn life_of(
    certificate: &CertificateDer<'_>,
    path: &Path,
) -> Result<CertificateLife, IdentityError> {
    let (_, parsed) = x509_parser::parse_x509_certificate(certificate)
        .map_err(|_| not_pem(path, "certificate"))?;
    let at = |time: x509_parser::time::ASN1Time| {
        Timestamp::from_millis(time.timestamp().saturating_mul(1000))
    };
    Ok(CertificateLife {
        not_before: at(parsed.validity().not_before),
        not_after: at(parsed.validity().not_after),
    })
}

/// Puts a new certificate in the place of the old one, if it is for the same key.
pub(crate) fn replace_certificate(
    path: &Path,
    key_path: &Path,
    certificate_pem: &str,
) -> Result<(), IdentityError> {
    let chain: Vec<_> = CertificateDer::pem_slice_iter(certificate_pem.as_bytes())
        .collect::<Result<_, _>>()
        .map_err(|_| not_pem(path, "certificate"))?;
    let key = PrivateKeyDer::from_pem_slice(&read(key_path)?)
        .map_err(|_| not_pem(key_path, "private key"))?;
    pair(chain, &key)?;
    replace(path, certificate_pem.as_bytes(), 0o644)
}

/// A file of text.
pub(crate) fn read_text(path: &Path) -> Result<String, IdentityError> {
    String::from_utf8(read(path)?).map_err(|_| not_pem(path, "text"))
}

/// Reads what a dial needs.
pub(crate) fn read_material(
    key_path: &Path,
    certificate_path: &Path,
    ca_path: &Path,
) -> Result<Material, IdentityError> {
    let chain = certificates(certificate_path)?;
    let not_after = match chain.first() {
        Some(own) => not_after_of(own, certificate_path)?,
        None => return Err(not_pem(certificate_path, "certificate")),
    };
    let key = PrivateKeyDer::from_pem_slice(&read(key_path)?)
        .map_err(|_| not_pem(key_path, "private key"))?;
    let mut roots = rustls::RootCertStore::empty();
    let authorities = certificates(ca_path)?;
    for root in &authorities {
        roots
            .add(root.clone())
            .map_err(|_| not_pem(ca_path, "certificate"))?;
    }
    if roots.is_empty() {
        return Err(not_pem(ca_path, "certificate"));
    }
    Ok(Material {
        chain,
        key,
        roots,
        authorities,
        not_after,
    })
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, IdentityError> {
    CertificateDer::pem_slice_iter(&read(path)?)
        .collect::<Result<_, _>>()
        .map_err(|_| not_pem(path, "certificate"))
}

fn check_pair(material: &Material) -> Result<(), IdentityError> {
    pair(material.chain.clone(), &material.key)
}

/// Whether a certificate is for this key.
fn pair(
    chain: Vec<CertificateDer<'static>>,
    key: &PrivateKeyDer<'static>,
) -> Result<(), IdentityError> {
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    match rustls::sign::CertifiedKey::from_der(chain, key.clone_key(), &provider) {
        Ok(_) => Ok(()),
        Err(rustls::Error::InconsistentKeys(_)) => Err(IdentityError::KeyMismatch),
        Err(error) => Err(IdentityError::Unusable(Cause::new(error))),
    }
}

/// The key in a file.
pub(crate) fn key_pair(path: &Path) -> Result<rcgen::KeyPair, IdentityError> {
    let pem = read(path)?;
    std::str::from_utf8(&pem)
        .ok()
        .and_then(|pem| rcgen::KeyPair::from_pem(pem).ok())
        .ok_or_else(|| not_pem(path, "private key"))
}

/// The device's key: the one in the folder, or a new one (ECDSA P-256).
pub(crate) fn device_key(folder: &Path) -> Result<rcgen::KeyPair, IdentityError> {
    let path = folder.join(KEY);
    match key_pair(&path) {
        Ok(key) => Ok(key),
        Err(IdentityError::Missing { .. }) => {
            let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256)
                .map_err(|error| IdentityError::NoKey(Cause::new(error)))?;
            fs::create_dir_all(folder).map_err(|error| unwritable(folder, error))?;
            replace(&path, key.serialize_pem().as_bytes(), 0o600)?;
            Ok(key)
        }
        Err(error) => Err(error),
    }
}

fn read(path: &Path) -> Result<Vec<u8>, IdentityError> {
    fs::read(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => IdentityError::Missing {
            path: path.to_owned(),
        },
        _ => IdentityError::Unreadable {
            path: path.to_owned(),
            cause: Cause::new(error),
        },
    })
}

/// Writes a file whole: beside it, flushed, then renamed over it, then the folder flushed.
fn replace(path: &Path, contents: &[u8], mode: u32) -> Result<(), IdentityError> {
    let failed = |error| unwritable(path, error);
    let beside = path.with_extension(format!("new-{}", std::process::id()));
    let written = (|| {
        let mut file = create(&beside, mode)?;
        file.write_all(contents)?;
        file.sync_all()?;
        fs::rename(&beside, path)
    })();
    if let Err(error) = written {
        // What is left of the attempt; the error to tell is the first one.
        let _ = fs::remove_file(&beside);
        return Err(failed(error));
    }
    flush_folder(path).map_err(failed)
}

#[cfg(unix)]
fn create(path: &Path, mode: u32) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    // A left-over of a crashed process with the same id would keep its own mode.
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(path)
}

#[cfg(not(unix))]
fn create(path: &Path, _mode: u32) -> io::Result<File> {
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .open(path)
}

#[cfg(unix)]
fn flush_folder(path: &Path) -> io::Result<()> {
    path.parent()
        .map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

#[cfg(not(unix))]
fn flush_folder(_path: &Path) -> io::Result<()> {
    Ok(())
}

fn unwritable(path: &Path, error: io::Error) -> IdentityError {
    IdentityError::Unwritable {
        path: path.to_owned(),
        cause: Cause::new(error),
    }
}

fn not_pem(path: &Path, expected: &'static str) -> IdentityError {
    IdentityError::NotPem {
        path: path.to_owned(),
        expected,
    }
}
