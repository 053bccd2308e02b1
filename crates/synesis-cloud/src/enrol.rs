//! How a device gets its certificate: a signing request over HTTPS, with a token, a grant
//! or an API key that the cloud gave out, to a server that is known by its certificate authority.
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
use crate::trust::Trust;

const API_KEY_PREFIX: &str = "syn_key_";

/// Why the cloud did not enrol this device.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum EnrolError {
    /// The token is unknown, used or expired.
    #[error("the cloud did not accept the enrolment token")]
    TokenRefused,
    /// The API key is unknown, revoked or expired.
    #[error("the cloud did not accept the API key: it is unknown, revoked or expired")]
    KeyRefused,
    /// A person said no on the cloud's page.
    #[error("this device was denied on the cloud's page")]
    Denied,
    /// Nobody answered on the cloud's page in time.
    #[error("nobody approved this device in time")]
    Lapsed,
    /// The cloud does not know the login any more.
    #[error("the cloud does not know this login any more")]
    LoginForgotten,
    /// The cloud has another authority than the one with the known hash.
    #[error("the cloud's authority is not the one with this SHA-256")]
    OtherAuthority,
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
            Self::TokenRefused | Self::Denied | Self::Lapsed | Self::LoginForgotten => {
                Some(Mend::Login)
            }
            _ => None,
        }
    }
}

/// What an enrolment needs.
#[derive(Clone)]
pub struct Enrolment {
    /// `https://host:port` of the cloud.
    pub url: Url,
    /// What allows it: a token, the grant of a login, or an API key.
    pub token: String,
    /// What the owner calls this machine.
    pub device_name: DeviceName,
    /// By which authority the cloud's HTTPS is known.
    pub trust: Trust,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<&'a str>,
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
        web_certificate: !matches!(enrolment.trust, Trust::Authority(_)),
    };
    Ok(Identity::store(
        folder,
        &record,
        &response.certificate_pem,
        &response.ca_pem,
    )?)
}

/// Makes this device's key where the folder has none, ahead of any enrolment. It never leaves the
/// folder.
///
/// # Errors
/// When the key cannot be written, or what is there is none.
pub fn make_device_key(folder: &Path) -> Result<(), IdentityError> {
    identity::device_key(folder).map(|_| ())
}

pub(crate) fn signing_request(key: &rcgen::KeyPair) -> Result<String, IdentityError> {
    // Names in the request are ignored: the cloud decides who this is.
    rcgen::CertificateParams::default()
        .serialize_request(key)
        .and_then(|request| request.pem())
        .map_err(|error| IdentityError::NoKey(Cause::new(error)))
}

async fn ask(enrolment: &Enrolment, csr_pem: &str) -> Result<Response, CloudError> {
    let https = Https::with(&enrolment.url, &enrolment.trust)?;
    // A key travels where programs that log requests know to leave it out.
    let is_key = enrolment.token.starts_with(API_KEY_PREFIX);
    let request = Request {
        token: (!is_key).then_some(enrolment.token.as_str()),
        csr_pem,
        device_name: enrolment.device_name.as_str(),
    };
    let answer = if is_key {
        https
            .post_as("/v1/enrol", &enrolment.token, &request)
            .await?
    } else {
        https.post("/v1/enrol", &request).await?
    };
    match answer.status {
        StatusCode::UNAUTHORIZED if is_key => Err(EnrolError::KeyRefused.into()),
        StatusCode::UNAUTHORIZED => Err(EnrolError::TokenRefused.into()),
        status if status.is_success() => Ok(answer.json()?),
        _ => Err(answer.refusal().into()),
    }
}
