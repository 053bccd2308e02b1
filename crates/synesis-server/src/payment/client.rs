//! Sends requests to Stripe.

use std::time::Duration;

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::{Client, Response};
use synesis_service::stripe::{
    ANSWER_BYTES_MAX, API_VERSION, Method, Reply, StripeAnswer, StripeRefusal, StripeRequest,
    TRIES_MAX, Verdict, wait_ms,
};
use url::Url;
use zeroize::Zeroizing;

use super::settings::StripeSettings;
use crate::error::chain;
use crate::limits::{STRIPE_CONNECT_TIMEOUT, STRIPE_TIMEOUT};
use crate::random;

const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");
const VERSION_HEADER: &str = "stripe-version";
const KEY_HEADER: &str = "idempotency-key";
const SHOULD_RETRY_HEADER: &str = "stripe-should-retry";

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StripeOutcome<T> {
    /// It was done: now, or by an earlier try.
    Done(T),
    /// Stripe has this usage already: it is sent.
    AlreadyExists,
    /// Stripe will not do it. The same again would bring the same.
    Refused(Box<StripeRefusal>),
}

/// Why nobody knows what became of a request. The same request may be sent again, later: it is
/// carried out once.
#[derive(Debug, thiserror::Error)]
pub enum StripeError {
    /// No try brought an answer that says yes or no.
    #[error("Stripe gave no answer in {tries} tries")]
    Unavailable {
        /// How often it was tried.
        tries: u32,
        /// What became of the last try.
        source: TryFailure,
    },
    /// Stripe says that it was done, and the rest makes no sense.
    #[error("the answer of Stripe cannot be read: {problem}")]
    Unreadable {
        /// What is wrong with it.
        problem: String,
    },
    /// No connection can be made on this machine at all.
    #[error("the client for Stripe cannot be set up")]
    Setup(#[source] TryFailure),
}

/// What became of one try.
#[derive(Debug, thiserror::Error)]
pub enum TryFailure {
    /// Stripe wants to be asked again.
    #[error("it answered {status}")]
    Status {
        /// The HTTP status.
        status: u16,
    },
    /// The connection was not made, or broke.
    #[error("it could not be reached")]
    Connection(#[from] reqwest::Error),
    /// A header cannot be made of it.
    #[error("the request cannot be written")]
    Header(#[from] reqwest::header::InvalidHeaderValue),
}

/// A client of Stripe's. Clones share their connections.
#[derive(Debug, Clone)]
pub struct StripeClient {
    http: Client,
    base_url: Url,
}

enum Try<T> {
    Over(Result<StripeOutcome<T>, StripeError>),
    Again(TryFailure, Option<u32>),
}

impl StripeClient {
    /// A client with the operator's key.
    ///
    /// # Errors
    /// When the system has no TLS to offer.
    pub fn new(settings: &StripeSettings) -> Result<Self, StripeError> {
        let http = build(settings).map_err(StripeError::Setup)?;
        Ok(Self {
            http,
            base_url: settings.base_url.clone(),
        })
    }

    /// Sends a request until there is an answer that says yes or no, a few times at most. Dropping
    /// it leaves open whether it was done.
    ///
    /// # Errors
    /// When nobody knows what became of it.
    pub async fn send<T: Reply>(
        &self,
        request: &StripeRequest<T>,
    ) -> Result<StripeOutcome<T>, StripeError> {
        let mut tries = 0;
        loop {
            tries += 1;
            let (source, after_s) = match self.try_once(request).await {
                Try::Over(end) => return end,
                Try::Again(failure, after_s) => (failure, after_s),
            };
            if tries == TRIES_MAX {
                return Err(StripeError::Unavailable { tries, source });
            }
            let jitter = random::bytes::<1>().map_or(0, |[byte]| byte);
            let wait = Duration::from_millis(wait_ms(tries, jitter, after_s));
            tracing::warn!(?request, tries, ?wait, error = %chain(&source), "Stripe is asked again");
            tokio::time::sleep(wait).await;
        }
    }

    async fn try_once<T: Reply>(&self, request: &StripeRequest<T>) -> Try<T> {
        let answer = match self.exchange(request).await {
            Ok(answer) => answer,
            Err(failure) => return Try::Again(failure, None),
        };
        let header = |name: &str| answer.headers.get(name).and_then(|text| text.to_str().ok());
        let verdict = request.judge(StripeAnswer {
            status: answer.status,
            should_retry: header(SHOULD_RETRY_HEADER),
            retry_after: header(RETRY_AFTER.as_str()),
            body: &answer.body,
        });
        Try::Over(match verdict {
            Verdict::Done(reply) => Ok(StripeOutcome::Done(reply)),
            Verdict::AlreadyExists => Ok(StripeOutcome::AlreadyExists),
            Verdict::Refused(refusal) => Ok(StripeOutcome::Refused(refusal)),
            Verdict::Unreadable(problem) => Err(StripeError::Unreadable { problem }),
            Verdict::Retry { after_s } => {
                let status = answer.status;
                return Try::Again(TryFailure::Status { status }, after_s);
            }
        })
    }

    async fn exchange<T: Reply>(&self, request: &StripeRequest<T>) -> Result<Answer, TryFailure> {
        let base = self.base_url.as_str().trim_end_matches('/');
        let url = format!("{base}{}", request.path_and_query());
        let mut asked = match request.method() {
            Method::Get => self.http.get(url),
            Method::Post => self.http.post(url),
        };
        if let Some(key) = request.idempotency_key() {
            asked = asked.header(KEY_HEADER, HeaderValue::from_str(key.as_str())?);
        }
        if let Some(body) = request.body() {
            asked = asked.header(CONTENT_TYPE, FORM).body(body);
        }
        let response = asked.send().await.map_err(reqwest::Error::without_url)?;
        Answer::read(response).await
    }
}

/// The key stands in a header that is marked as secret, and goes with every request.
fn build(settings: &StripeSettings) -> Result<Client, TryFailure> {
    let bearer = Zeroizing::new(format!("Bearer {}", settings.secret_key.expose()));
    let mut authorization = HeaderValue::from_str(&bearer)?;
    authorization.set_sensitive(true);
    let mut headers = HeaderMap::new();
    headers.insert(AUTHORIZATION, authorization);
    headers.insert(VERSION_HEADER, HeaderValue::from_static(API_VERSION));
    let client = Client::builder()
        .default_headers(headers)
        .https_only(settings.base_url.scheme() == "https")
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(STRIPE_CONNECT_TIMEOUT)
        .timeout(STRIPE_TIMEOUT)
        .build()?;
    Ok(client)
}

struct Answer {
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    /// Reads an answer, and of its body one byte more than may be at most.
    async fn read(mut response: Response) -> Result<Self, TryFailure> {
        let mut body = Vec::new();
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(reqwest::Error::without_url)?
        {
            let room = (ANSWER_BYTES_MAX + 1).saturating_sub(body.len());
            body.extend(chunk.iter().take(room));
            if body.len() > ANSWER_BYTES_MAX {
                break;
            }
        }
        Ok(Self {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body,
        })
    }
}
