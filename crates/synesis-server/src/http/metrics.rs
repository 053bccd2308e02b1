//! `GET /metrics`: the server's numbers, for Prometheus.
//!
//! They say how busy a cloud is, which is not everybody's business. Where the operator set a token
//! it is asked from everybody; where none is set only this machine is answered.

use axum::Extension;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use synesis_wire::ErrorCode;

use super::Shared;
use super::enrol::bearer;
use super::problem::problem;
use super::serve::Peer;
use crate::metrics;

/// The headers of a proxy on this machine, whose requests come from elsewhere.
const FORWARDED: [&str; 3] = ["forwarded", "x-forwarded-for", "x-real-ip"];

pub(super) async fn numbers(
    State(shared): State<Shared>,
    Extension(Peer(peer)): Extension<Peer>,
    headers: HeaderMap,
) -> Response {
    let may_see = match &shared.cloud.settings.metrics_token {
        Some(token) => bearer(&headers).is_some_and(|given| token.is(given)),
        None => {
            let forwarded = FORWARDED.iter().any(|name| headers.contains_key(*name));
            peer.is_loopback() && !forwarded
        }
    };
    if !may_see {
        return problem(
            StatusCode::UNAUTHORIZED,
            ErrorCode::Unauthenticated.as_str(),
            "these numbers are for this machine, or for who has the metrics_token of the settings",
        );
    }
    let headers = [
        (CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8"),
        (CACHE_CONTROL, "no-store"),
    ];
    (headers, metrics::page(&shared.cloud)).into_response()
}
