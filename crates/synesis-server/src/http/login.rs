//! The device's side of RFC 8628: `POST /v1/device_authorization` and `POST /v1/token`.

use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::http::header::{CACHE_CONTROL, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Form, Json};
use synesis_domain::{DeviceName, Place};
use synesis_service::{DEVICE_GRANT_TYPE, DeviceAuthorizationRequest, GrantError, TokenRequest};
use synesis_wire::ErrorCode;

use super::Shared;
use super::problem::problem;
use super::serve::Peer;
use crate::ca::request_key_hash;
use crate::clock;
use crate::error::chain;
use crate::limits::DEVICE_NAME_BYTES_MAX;
use crate::login::{self, LoginError};

pub(super) async fn device_authorization(
    State(shared): State<Shared>,
    Extension(Peer(peer)): Extension<Peer>,
    form: Result<Form<DeviceAuthorizationRequest>, FormRejection>,
) -> Response {
    if let Err(seconds) = shared.limits.logins.take(&peer.into(), clock::now()) {
        return too_many(
            seconds,
            "too many devices ask to be let in from your address",
        );
    }
    let Ok(Form(request)) = form else {
        return refused(GrantError::InvalidRequest);
    };
    let name = request.device_name.trim();
    let name = DeviceName::new(name)
        .ok()
        .filter(|_| name.len() <= DEVICE_NAME_BYTES_MAX);
    let (Some(name), Ok(place)) = (name, Place::new(peer.to_string())) else {
        return refused(GrantError::InvalidRequest);
    };
    let Ok(key) = request_key_hash(&request.csr_pem) else {
        return refused(GrantError::InvalidRequest);
    };
    let page = shared.cloud.address("/device");
    match login::begin(&shared.cloud, key, name, place, page).await {
        Ok(begun) => ([(CACHE_CONTROL, "no-store")], Json(begun)).into_response(),
        Err(LoginError::Full) => too_many(60, "too many devices wait to be let in"),
        Err(error) => failed(&error),
    }
}

pub(super) async fn token(
    State(shared): State<Shared>,
    form: Result<Form<TokenRequest>, FormRejection>,
) -> Response {
    let Ok(Form(request)) = form else {
        return refused(GrantError::InvalidRequest);
    };
    if request.grant_type != DEVICE_GRANT_TYPE {
        return refused(GrantError::UnsupportedGrantType);
    }
    if request.device_code.is_empty() {
        return refused(GrantError::InvalidRequest);
    }
    match login::poll(&shared.cloud, &request.device_code).await {
        Ok(Ok(granted)) => ([(CACHE_CONTROL, "no-store")], Json(granted)).into_response(),
        Ok(Err(error)) => refused(error),
        Err(error) => failed(&error),
    }
}

fn refused(error: GrantError) -> Response {
    let answer = ([(CACHE_CONTROL, "no-store")], Json(error.body()));
    (StatusCode::BAD_REQUEST, answer).into_response()
}

/// An answer that says when to come back.
pub(super) fn too_many(seconds: u64, words: &str) -> Response {
    let code = ErrorCode::RateLimited.as_str();
    let words = format!("{words}; try again in {seconds} s");
    let mut response = problem(StatusCode::TOO_MANY_REQUESTS, code, &words);
    response
        .headers_mut()
        .insert(RETRY_AFTER, HeaderValue::from(seconds));
    response
}

fn failed(error: &LoginError) -> Response {
    tracing::error!(error = %chain(error), "a device's login failed");
    problem(
        StatusCode::INTERNAL_SERVER_ERROR,
        ErrorCode::Internal.as_str(),
        "the server could not do this; its log has the details",
    )
}
