//! By which authority a cloud's HTTPS is known, before there is an identity that says so.

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use url::Url;

use crate::enrol::EnrolError;
use crate::error::{Cause, CloudError};
use crate::https::Https;

/// Whose certificates are believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trust {
    /// Those of this authority (PEM), and no other.
    Authority(String),
    /// Those that this machine's browsers believe.
    Web,
    /// Those of this authority (PEM), and those that browsers believe: a cloud that was known
    /// before may show browsers another certificate than devices.
    WebOr(String),
}

impl Trust {
    /// Asks a cloud for its authority, and believes it where its certificate has this SHA-256.
    ///
    /// # Errors
    /// [`EnrolError::OtherAuthority`] when the cloud has another one, or the cloud is out of reach.
    pub async fn by_hash(url: &Url, sha256: [u8; 32]) -> Result<Self, CloudError> {
        // Nothing is sent, and nothing of the answer is believed but what hashes to what we know.
        let answer = Https::believing_anybody(url)?.get("/v1/ca").await?;
        if !answer.status.is_success() {
            return Err(answer.refusal().into());
        }
        let certificate = CertificateDer::from_pem_slice(answer.bytes())
            .map_err(|error| EnrolError::BadCa(Cause::new(error)))?;
        if hash_of(&certificate) != sha256 {
            return Err(EnrolError::OtherAuthority.into());
        }
        let pem = String::from_utf8_lossy(answer.bytes()).into_owned();
        Ok(Self::Authority(first_certificate(&pem)))
    }
}

fn hash_of(certificate: &CertificateDer<'_>) -> [u8; 32] {
    use sha2::Digest as _;
    sha2::Sha256::digest(certificate).into()
}

/// The first certificate of a PEM text: the one that was hashed, and none behind it.
fn first_certificate(pem: &str) -> String {
    const END: &str = "-----END CERTIFICATE-----";
    match pem.find(END) {
        Some(at) => format!("{}\n", pem[..at + END.len()].trim_start()),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_certificate_that_was_hashed_is_believed() {
        let one = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        let two = one.replace("AAAA", "BBBB");
        assert_eq!(first_certificate(&format!("{one}{two}")), one);
        assert_eq!(first_certificate("nothing"), "");
    }
}
