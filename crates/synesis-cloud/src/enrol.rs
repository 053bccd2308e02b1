//! How a device gets its certificate: a signing request over HTTPS, with a token that the cloud
//! gave out, to a server that is known by its certificate authority.
//!
//! The private key stays in the folder. Where the token and the authority's certificate come from
//! is the caller's matter.

use std::error::Error;
use std::fmt;
use std::path::Path;
use std::time::Duration;

use futures::StreamExt;
use reqwest::StatusCode;
use serde::{Deserialize, Serialize};
use synesis_domain::DeviceName;
use url::Url;

use crate::error::{AuthCause, Cause, CloudError, Mend};
use crate::identity::{self, Identity, IdentityError, Record};
use crate::limits::ENROL_ANSWER_BYTES_MAX;

/// How long the cloud may take to sign.
const ENROL_TIMEOUT: Duration = Duration::from_secs(20);

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

fn signing_request(key: &rcgen::KeyPair) -> Result<String, IdentityError> {
    // Names in the request are ignored: the cloud decides who this is.
    rcgen::CertificateParams::default()
        .serialize_request(key)
        .and_then(|request| request.pem())
        .map_err(|error| IdentityError::NoKey(Cause::new(error)))
}

async fn ask(enrolment: &Enrolment, csr_pem: &str) -> Result<Response, CloudError> {
    let unreachable = |error: reqwest::Error| while_asking(error, &enrolment.url);
    let authorities = reqwest::Certificate::from_pem_bundle(enrolment.ca_pem.as_bytes())
        .map_err(|error| EnrolError::BadCa(Cause::new(error)))?;
    let client = reqwest::Client::builder()
        .tls_certs_only(authorities)
        .https_only(true)
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(ENROL_TIMEOUT)
        .build()
        .map_err(unreachable)?;
    let url = enrolment
        .url
        .join("/v1/enrol")
        .map_err(|_| IdentityError::BadUrl(enrolment.url.to_string()))?;
    let request = Request {
        token: &enrolment.token,
        csr_pem,
        device_name: enrolment.device_name.as_str(),
    };
    let answer = client
        .post(url)
        .json(&request)
        .send()
        .await
        .map_err(unreachable)?;
    let status = answer.status();
    let body = bounded(answer).await.map_err(unreachable)?;
    if status == StatusCode::UNAUTHORIZED || status == StatusCode::FORBIDDEN {
        return Err(EnrolError::TokenRefused.into());
    }
    if !status.is_success() {
        return Err(EnrolError::Refused {
            status: status.as_u16(),
            message: words(&body),
        }
        .into());
    }
    let response =
        serde_json::from_slice(&body).map_err(|error| EnrolError::BadAnswer(Cause::new(error)))?;
    Ok(response)
}

async fn bounded(answer: reqwest::Response) -> Result<Vec<u8>, reqwest::Error> {
    let mut body = Vec::new();
    let mut pieces = answer.bytes_stream();
    while let Some(piece) = pieces.next().await {
        let piece = piece?;
        let room = ENROL_ANSWER_BYTES_MAX - body.len();
        body.extend_from_slice(piece.get(..room).unwrap_or(&piece));
        if body.len() == ENROL_ANSWER_BYTES_MAX {
            break;
        }
    }
    Ok(body)
}

/// The message of an error answer: its `message` field, or its first line.
fn words(body: &[u8]) -> String {
    #[derive(Deserialize)]
    struct Told {
        message: String,
    }
    match serde_json::from_slice::<Told>(body) {
        Ok(told) => told.message,
        Err(_) => {
            let text = String::from_utf8_lossy(body);
            text.lines()
                .next()
                .unwrap_or_default()
                .chars()
                .take(200)
                .collect()
        }
    }
}

/// What a failed request means.
fn while_asking(error: reqwest::Error, url: &Url) -> CloudError {
    match tls_error(&error) {
        Some(rustls::Error::InvalidCertificate(wrong)) => CloudError::AuthenticationFailed {
            cause: AuthCause::of_server(&wrong),
        },
        _ => CloudError::ConnectionFailed {
            url: url.to_string(),
            cause: Cause::new(error.without_url()),
        },
    }
}

/// The TLS error among the causes, which hides inside an I/O error.
fn tls_error(error: &reqwest::Error) -> Option<rustls::Error> {
    let mut next: Option<&(dyn Error + 'static)> = error.source();
    while let Some(error) = next {
        if let Some(tls) = error.downcast_ref::<rustls::Error>() {
            return Some(tls.clone());
        }
        let inner = error
            .downcast_ref::<std::io::Error>()
            .and_then(std::io::Error::get_ref);
        if let Some(inner) = inner {
            if let Some(tls) = inner.downcast_ref::<rustls::Error>() {
                return Some(tls.clone());
            }
            next = Some(inner);
        } else {
            next = error.source();
        }
    }
    None
}
