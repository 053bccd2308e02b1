//! HTTPS beside the tunnel, on the same port number. A file a subject.
//!
//! TLS 1.3 only; bodies, requests, connections and their lives are bounded. No client certificate
//! is asked here, so nothing here acts for a device by its connection alone.

mod enrol;
mod health;
mod limits;
mod login;
mod metrics;
mod problem;
mod renew;
mod serve;
mod stripe;
mod tunnel;
mod web;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::Response;
use axum::routing::{get, post};
use synesis_wire::ErrorCode;

use crate::cloud::Cloud;
use crate::limits::{HTTPS_BODY_BYTES_MAX, HTTPS_REQUEST_TIMEOUT, WEBHOOK_BYTES_MAX};
use problem::problem;

pub(crate) use serve::serve;

/// What every request may use.
#[derive(Clone)]
struct Shared {
    cloud: Arc<Cloud>,
    limits: Arc<limits::Limits>,
    web: Arc<web::Web>,
}

/// Every path of this server. Must be called on the runtime that serves it.
fn router(cloud: Arc<Cloud>) -> Router {
    let shared = Shared {
        limits: Arc::default(),
        web: Arc::new(web::Web::new(&cloud)),
        cloud,
    };
    Router::new()
        .route("/healthz", get(health::healthy))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(metrics::numbers))
        .route("/v1/ca", get(enrol::authority))
        .route("/v1/enrol", post(enrol::enrol_device))
        .route(
            "/v1/device_authorization",
            post(login::device_authorization),
        )
        .route("/v1/token", post(login::token))
        .route("/v1/renew", post(renew::renew_device))
        .route(
            "/v1/stripe/webhook",
            post(stripe::webhook).layer(DefaultBodyLimit::max(WEBHOOK_BYTES_MAX)),
        )
        .route(synesis_wire::websocket::PATH, get(tunnel::open))
        .fallback(|| async { problem(StatusCode::NOT_FOUND, "not_found", "no such page") })
        .merge(web::router())
        .layer(DefaultBodyLimit::max(HTTPS_BODY_BYTES_MAX))
        .layer(axum::middleware::from_fn(within_time))
        .layer(axum::middleware::from_fn_with_state(
            shared.clone(),
            counted,
        ))
        .with_state(shared)
}

async fn counted(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let status = response.status().as_u16();
    shared.cloud.metrics.answered_https(status);
    response
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
