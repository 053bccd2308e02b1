//! HTTPS to a cloud that is known by its certificate authority: enrolment and renewal, before
//! there is a tunnel.

use std::error::Error;
use std::time::Duration;

use futures::StreamExt;
use reqwest::StatusCode;
use reqwest::header::CONTENT_TYPE;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::enrol::EnrolError;
use crate::error::{AuthCause, Cause, CloudError};
use crate::identity::IdentityError;
use crate::limits::HTTPS_ANSWER_BYTES_MAX;
use crate::trust::Trust;

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
    /// Trusts whom `trust` says.
    pub(crate) fn with(url: &Url, trust: &Trust) -> Result<Self, CloudError> {
        let builder = reqwest::Client::builder();
        match trust {
            Trust::Authority(pem) => Self::build(builder.tls_certs_only(authorities(pem)?), url),
            Trust::Web => Self::build(builder, url),
            Trust::WebOr(pem) => Self::build(builder.tls_certs_merge(authorities(pem)?), url),
        }
    }

    /// Trusts nobody in particular: for what is checked by itself afterwards.
    pub(crate) fn believing_anybody(url: &Url) -> Result<Self, CloudError> {
        Self::build(
            reqwest::Client::builder().tls_danger_accept_invalid_certs(true),
            url,
        )
    }

    fn build(builder: reqwest::ClientBuilder, url: &Url) -> Result<Self, CloudError> {
        let client = builder
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
        let request = self.client.post(self.address(path)?).json(body);
        self.send(request).await
    }

    /// Sends a form and reads the answer, whatever its status.
    pub(crate) async fn post_form(
        &self,
        path: &str,
        fields: &[(&str, &str)],
    ) -> Result<HttpsAnswer, CloudError> {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(fields);
        let request = self
            .client
            .post(self.address(path)?)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form.finish());
        self.send(request).await
    }

    /// Sends JSON with a credential in the header for it.
    pub(crate) async fn post_as(
        &self,
        path: &str,
        bearer: &str,
        body: &impl Serialize,
    ) -> Result<HttpsAnswer, CloudError> {
        let request = self.client.post(self.address(path)?).json(body);
        self.send(request.bearer_auth(bearer)).await
    }

    /// Reads a page.
    pub(crate) async fn get(&self, path: &str) -> Result<HttpsAnswer, CloudError> {
        self.send(self.client.get(self.address(path)?)).await
    }

    fn address(&self, path: &str) -> Result<Url, CloudError> {
        let joined = self.url.join(path);
        Ok(joined.map_err(|_| IdentityError::BadUrl(self.url.to_string()))?)
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Result<HttpsAnswer, CloudError> {
        let unreachable = |error: reqwest::Error| while_asking(error, &self.url);
        let answer = request.send().await.map_err(unreachable)?;
        let status = answer.status();
        let body = bounded(answer).await.map_err(unreachable)?;
        Ok(HttpsAnswer { status, body })
    }
}

fn authorities(pem: &str) -> Result<Vec<reqwest::Certificate>, EnrolError> {
    reqwest::Certificate::from_pem_bundle(pem.as_bytes())
        .map_err(|error| EnrolError::BadCa(Cause::new(error)))
}

impl HttpsAnswer {
    /// What came, as it came.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.body
    }

    /// The answer as what it should be.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, EnrolError> {
        serde_json::from_slice(&self.body).map_err(|error| EnrolError::BadAnswer(Cause::new(error)))
    }

    /// The name of the problem, where the answer is one.
    pub(crate) fn code(&self) -> Option<String> {
        #[derive(Deserialize)]
        struct Problem {
            error: String,
        }
        let problem: Problem = serde_json::from_slice(&self.body).ok()?;
        Some(problem.error)
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
        #[serde(alias = "error_description")]
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
