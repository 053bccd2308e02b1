//! HTTPS to a cloud that is known by its certificate authority: enrolment and renewal, before
//! there is a tunnel.

use std::error::Error;
use std::time::Duration;

use futures::StreamExt;
use reqwest::StatusCode;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::enrol::EnrolError;
use crate::error::{AuthCause, Cause, CloudError};
use crate::identity::IdentityError;
use crate::limits::HTTPS_ANSWER_BYTES_MAX;

/// How long the cloud may take to answer.
const HTTPS_TIMEOUT: Duration = Duration::from_secs(20);

/// A client for one cloud.
pub(crate) struct Https {
    client: reqwest::Client,
    url: Url,
}

/// An answer, read whole within its bound.
pub(crate) struct HttpsAnswer {
    pub(crate) status: StatusCode,
    body: Vec<u8>,
}

impl Https {
    /// Trusts the authority in `ca_pem` and no other.
    pub(crate) fn trusting(url: &Url, ca_pem: &str) -> Result<Self, CloudError> {
        let authorities = reqwest::Certificate::from_pem_bundle(ca_pem.as_bytes())
            .map_err(|error| EnrolError::BadCa(Cause::new(error)))?;
        let client = reqwest::Client::builder()
            .tls_certs_only(authorities)
            .https_only(true)
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(HTTPS_TIMEOUT)
            .build()
            .map_err(|error| while_asking(error, url))?;
        Ok(Self {
            client,
            url: url.clone(),
        })
    }

    /// Sends JSON and reads the answer, whatever its status.
    pub(crate) async fn post(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<HttpsAnswer, CloudError> {
        let unreachable = |error: reqwest::Error| while_asking(error, &self.url);
        let url = self
            .url
            .join(path)
            .map_err(|_| IdentityError::BadUrl(self.url.to_string()))?;
        let answer = self
            .client
            .post(url)
            .json(body)
            .send()
            .await
            .map_err(unreachable)?;
        let status = answer.status();
        let body = bounded(answer).await.map_err(unreachable)?;
        Ok(HttpsAnswer { status, body })
    }
}

impl HttpsAnswer {
    /// The answer as what it should be.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, EnrolError> {
        serde_json::from_slice(&self.body).map_err(|error| EnrolError::BadAnswer(Cause::new(error)))
    }

    /// The answer as a refusal in the cloud's own words.
    pub(crate) fn refusal(&self) -> EnrolError {
        EnrolError::Refused {
            status: self.status.as_u16(),
            message: words(&self.body),
        }
    }
}

async fn bounded(answer: reqwest::Response) -> Result<Vec<u8>, reqwest::Error> {
    let mut body = Vec::new();
    let mut pieces = answer.bytes_stream();
    while let Some(piece) = pieces.next().await {
        let piece = piece?;
        let room = HTTPS_ANSWER_BYTES_MAX - body.len();
        body.extend_from_slice(piece.get(..room).unwrap_or(&piece));
        if body.len() == HTTPS_ANSWER_BYTES_MAX {
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
