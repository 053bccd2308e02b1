//! HTTPS beside the tunnel, on the same port number: health, readiness and enrolment.
//!
//! TLS 1.3 only; bodies, requests, connections and their lives are bounded. No client certificate
//! is asked here, so nothing here acts for a device.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, RETRY_AFTER};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use synesis_wire::ErrorCode;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;

use crate::ca::CaError;
use crate::cloud::Cloud;
use crate::enrol::{EnrolError, EnrolRequest, enrol};
use crate::error::chain;
use crate::limits::{
    ENROLMENT_FAILURES_PER_MINUTE_MAX, HANDSHAKE_TIMEOUT, HTTPS_BODY_BYTES_MAX,
    HTTPS_CONNECTION_LIFE, HTTPS_CONNECTIONS_MAX, HTTPS_REQUEST_TIMEOUT,
};
use crate::store::StoreError;

/// How long nobody is accepted after an accept failed.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Accepts connections until the server drains.
pub(crate) async fn serve(
    cloud: Arc<Cloud>,
    listener: TcpListener,
    tls: Arc<rustls::ServerConfig>,
) {
    let acceptor = TlsAcceptor::from(tls);
    let router = router(Arc::clone(&cloud));
    let places = Arc::new(Semaphore::new(HTTPS_CONNECTIONS_MAX));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            return;
        };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = cloud.draining.cancelled() => return,
        };
        let Ok((stream, _)) = accepted else {
            // Out of file descriptors, or the peer was gone at once: let others end first.
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        let connection =
            serve_connection(Arc::clone(&cloud), acceptor.clone(), stream, router.clone());
        tokio::spawn(async move {
            let _ = tokio::time::timeout(HTTPS_CONNECTION_LIFE, connection).await;
            drop(place);
        });
    }
}

async fn serve_connection(
    cloud: Arc<Cloud>,
    acceptor: TlsAcceptor,
    stream: TcpStream,
    router: Router,
) {
    let _ = stream.set_nodelay(true);
    let Ok(Ok(tls)) = tokio::time::timeout(HANDSHAKE_TIMEOUT, acceptor.accept(stream)).await else {
        return;
    };
    let mut builder = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HTTPS_REQUEST_TIMEOUT);
    builder.http2().timer(TokioTimer::new());
    let served = builder.serve_connection(TokioIo::new(tls), TowerToHyperService::new(router));
    tokio::pin!(served);
    let ended = tokio::select! {
        ended = served.as_mut() => ended,
        () = cloud.draining.cancelled() => {
            served.as_mut().graceful_shutdown();
            served.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "an HTTPS connection broke off");
    }
}

#[derive(Clone)]
struct Shared {
    cloud: Arc<Cloud>,
    failures: Arc<Failures>,
}

fn router(cloud: Arc<Cloud>) -> Router {
    let failures = Arc::new(Failures::default());
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/v1/enrol", post(enrol_device))
        .fallback(|| async { problem(StatusCode::NOT_FOUND, "not_found", "no such page") })
        .layer(DefaultBodyLimit::max(HTTPS_BODY_BYTES_MAX))
        .layer(axum::middleware::from_fn(within_time))
        .with_state(Shared { cloud, failures })
}

async fn within_time(request: Request, next: Next) -> Response {
    match tokio::time::timeout(HTTPS_REQUEST_TIMEOUT, next.run(request)).await {
        Ok(response) => response,
        Err(_) => problem(
            StatusCode::REQUEST_TIMEOUT,
            ErrorCode::Deadline.as_str(),
            "the request took too long",
        ),
    }
}

/// Ready: not draining, and the database answers.
async fn ready(State(shared): State<Shared>) -> Response {
    if shared.cloud.draining.is_cancelled() {
        return problem(
            StatusCode::SERVICE_UNAVAILABLE,
            ErrorCode::ShuttingDown.as_str(),
            "the server is shutting down",
        );
    }
    match shared.cloud.store.check().await {
        Ok(()) => "ready\n".into_response(),
        Err(error) => {
            let words = match error {
                StoreError::Full => "the disk of the server is full",
                _ => "the database failed",
            };
            problem(
                StatusCode::SERVICE_UNAVAILABLE,
                ErrorCode::Internal.as_str(),
                words,
            )
        }
    }
}

async fn enrol_device(
    State(shared): State<Shared>,
    body: Result<Json<EnrolRequest>, axum::extract::rejection::JsonRejection>,
) -> Response {
    let request = match body {
        Ok(Json(request)) => request,
        Err(rejection) => {
            let status = rejection.status();
            let code = if status == StatusCode::PAYLOAD_TOO_LARGE {
                ErrorCode::TooLarge
            } else {
                ErrorCode::BadRequest
            };
            return problem(status, code.as_str(), &rejection.body_text());
        }
    };
    if !shared.failures.may_try() {
        let mut response = problem(
            StatusCode::TOO_MANY_REQUESTS,
            ErrorCode::RateLimited.as_str(),
            "too many wrong enrolment tokens; try again in a minute",
        );
        response.headers_mut().insert(RETRY_AFTER, 60.into());
        return response;
    }
    match enrol(&shared.cloud, request).await {
        Ok(enrolled) => {
            tracing::info!(device = enrolled.device_id(), "a device was enrolled");
            ([(CACHE_CONTROL, "no-store")], Json(enrolled)).into_response()
        }
        Err(error) => {
            if matches!(error, EnrolError::Token) {
                shared.failures.note();
            }
            refused(&error)
        }
    }
}

fn refused(error: &EnrolError) -> Response {
    let (status, code) = match error {
        EnrolError::Token => (StatusCode::UNAUTHORIZED, ErrorCode::Unauthenticated),
        EnrolError::Name(_) | EnrolError::Sign(CaError::Request(_)) => {
            (StatusCode::BAD_REQUEST, ErrorCode::BadRequest)
        }
        _ => {
            tracing::error!(error = %chain(error), "a device could not be enrolled");
            (StatusCode::INTERNAL_SERVER_ERROR, ErrorCode::Internal)
        }
    };
    problem(status, code.as_str(), &error.to_string())
}

/// An error as JSON: `error` is a name for programs, `message` is for people.
fn problem(status: StatusCode, code: &str, message: &str) -> Response {
    let body = serde_json::json!({ "error": code, "message": message });
    (status, [(CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

/// Counts wrong tokens by the minute. Tokens have 256 bits, so this only keeps the log and the
/// disk quiet.
#[derive(Default)]
struct Failures {
    minute: AtomicU32,
    count: AtomicU32,
}

impl Failures {
    fn may_try(&self) -> bool {
        let seconds = crate::clock::now().as_millis() / 1000;
        let minute = u32::try_from(seconds / 60).unwrap_or(u32::MAX);
        if self.minute.swap(minute, Ordering::Relaxed) != minute {
            self.count.store(0, Ordering::Relaxed);
        }
        self.count.load(Ordering::Relaxed) < ENROLMENT_FAILURES_PER_MINUTE_MAX
    }

    fn note(&self) {
        self.count.fetch_add(1, Ordering::Relaxed);
    }
}
