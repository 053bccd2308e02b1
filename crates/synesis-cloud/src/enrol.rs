//! How a device gets its certificate: a signing request over HTTPS, with a token that the cloud
//! gave out, to a server that is known by its certificate authority.
//!
//! The private key stays in the folder. Where the token and the authority's certificate come from
//! is the caller's matter.

use std::fmt;
use std::path::Path;

use reqwest::StatusCode;
use serde::{Deserialize, Serialize};
use synesis_domain::DeviceName;
use url::Url;

use crate::error::{Cause, CloudError, Mend};
use crate::https::Https;
use crate::identity::{self, Identity, IdentityError, Record};

/// Why the cloud did not enrol this device.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum EnrolError {
    /// The token is unknown, used or expired.
    #[error("the cloud did not accept the enrolment token")]
    TokenRefused,
    /// The cloud refused for another reason.
    #[error("the cloud refused the enrolment ({status}): {message}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The cloud's own words.
        message: String,
    },
    /// The answer is not what an enrolment brings.
    #[error("the cloud's answer to the enrolment cannot be understood")]
    BadAnswer(#[source] Cause),
    /// The authority's certificate is none.
    #[error("the certificate of the cloud's authority cannot be read")]
    BadCa(#[source] Cause),
}

impl EnrolError {
    pub(crate) fn mend(&self) -> Option<Mend> {
        match self {
            Self::TokenRefused => Some(Mend::Login),
            _ => None,
        }
    }
}

/// What an enrolment needs.
#[derive(Clone)]
pub struct Enrolment {
    /// `https://host:port` of the cloud.
    pub url: Url,
    /// The token that allows one enrolment.
    pub token: String,
    /// What the owner calls this machine.
    pub device_name: DeviceName,
    /// The authority that signed the server's certificate, PEM; no other is trusted.
    pub ca_pem: String,
}

impl fmt::Debug for Enrolment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Enrolment")
            .field("url", &self.url.as_str())
            .field("device_name", &self.device_name)
            .finish_non_exhaustive()
    }
}

#[derive(Serialize)]
struct Request<'a> {
    token: &'a str,
    csr_pem: &'a str,
    device_name: &'a str,
}

#[derive(Deserialize)]
struct Response {
    certificate_pem: String,
    ca_pem: String,
    device_id: String,
    user_id: String,
    not_after: i64,
}

/// Enrols this device: makes its key where there is none, has the cloud sign, writes the folder.
///
/// # Errors
/// Who did not accept whom, or which file cannot be written.
pub async fn enrol(folder: &Path, enrolment: &Enrolment) -> Result<Identity, CloudError> {
    identity::cloud_url(enrolment.url.as_str())?;
    let key = identity::device_key(folder)?;
    let csr_pem = signing_request(&key)?;
    let response = ask(enrolment, &csr_pem).await?;
    let record = Record {
        url: enrolment.url.to_string(),
        device_id: response.device_id,
        user_id: response.user_id,
        not_after: response.not_after,
    };
    Ok(Identity::store(
        folder,
        &record,
        &response.certificate_pem,
        &response.ca_pem,
    )?)
}

pub(crate) fn signing_request(key: &rcgen::KeyPair) -> Result<String, IdentityError> {
    // Names in the request are ignored: the cloud decides who this is.
    rcgen::CertificateParams::default()
        .serialize_request(key)
        .and_then(|request| request.pem())
        .map_err(|error| IdentityError::NoKey(Cause::new(error)))
}

async fn ask(enrolment: &Enrolment, csr_pem: &str) -> Result<Response, CloudError> {
    let https = Https::trusting(&enrolment.url, &enrolment.ca_pem)?;
    let request = Request {
        token: &enrolment.token,
        csr_pem,
        device_name: enrolment.device_name.as_str(),
    };
    let answer = https.post("/v1/enrol", &request).await?;
    match answer.status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(EnrolError::TokenRefused.into()),
        status if status.is_success() => Ok(answer.json()?),
        _ => Err(answer.refusal().into()),
    }
}
