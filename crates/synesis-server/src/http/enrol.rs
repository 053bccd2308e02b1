//! `POST /v1/enrol`: a device asks for its first certificate. `GET /v1/ca`: whom it then trusts.

use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use synesis_domain::KeyRefusal;
use synesis_wire::ErrorCode;

use super::Shared;
use super::login::too_many;
use super::problem::{problem, unreadable};
use super::serve::Peer;
use crate::ca::CaError;
use crate::clock;
use crate::enrol::{Credential, EnrolError, EnrolRequest, Enrolled, enrol};
use crate::error::chain;

/// The name of RFC 6750 for a key that lacks a scope.
const INSUFFICIENT_SCOPE: &str = "insufficient_scope";

/// The certificate of the cloud's own authority, for devices that know its hash.
pub(super) async fn authority(State(shared): State<Shared>) -> Response {
    let pem = shared.cloud.authority.certificate_pem().to_owned();
    ([(CONTENT_TYPE, "application/x-pem-file")], pem).into_response()
}

pub(super) async fn enrol_device(
    State(shared): State<Shared>,
    Extension(Peer(peer)): Extension<Peer>,
    headers: HeaderMap,
    body: Result<Json<EnrolRequest>, JsonRejection>,
) -> Response {
    let request = match body {
        Ok(Json(request)) => request,
        Err(rejection) => return unreadable(&rejection),
    };
    if let Err(seconds) = shared.limits.wrong_tokens.check(&peer.into(), clock::now()) {
        return too_many(seconds, "too many wrong enrolment tokens");
    }
    match try_to_enrol(&shared, &headers, request).await {
        Ok(enrolled) => {
            tracing::info!(device = enrolled.device_id(), "a device was enrolled");
            ([(CACHE_CONTROL, "no-store")], Json(enrolled)).into_response()
        }
        Err(error) => {
            if matches!(error, EnrolError::Token | EnrolError::Key(_)) {
                shared.limits.wrong_tokens.note(&peer.into(), clock::now());
            }
            refused(&error)
        }
    }
}

async fn try_to_enrol(
    shared: &Shared,
    headers: &HeaderMap,
    request: EnrolRequest,
) -> Result<Enrolled, EnrolError> {
    let credential = Credential::read(bearer(headers).unwrap_or(&request.token))?;
    enrol(&shared.cloud, credential, request).await
}

/// What `Authorization: Bearer` carries.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn refused(error: &EnrolError) -> Response {
    let (status, code) = match error {
        EnrolError::Token => (
            StatusCode::UNAUTHORIZED,
            ErrorCode::Unauthenticated.as_str(),
        ),
        EnrolError::OtherKey => (StatusCode::FORBIDDEN, ErrorCode::Unauthenticated.as_str()),
        EnrolError::Key(KeyRefusal::Scope { .. }) => (StatusCode::FORBIDDEN, INSUFFICIENT_SCOPE),
        EnrolError::Key(_) => {
            // A key that never was, that was revoked and that ended look the same from outside.
            return problem(
                StatusCode::UNAUTHORIZED,
                ErrorCode::Unauthenticated.as_str(),
                "the API key is unknown, revoked or expired",
            );
        }
        EnrolError::Name(_) | EnrolError::Sign(CaError::Request(_)) => {
            (StatusCode::BAD_REQUEST, ErrorCode::BadRequest.as_str())
        }
        _ => {
            tracing::error!(error = %chain(error), "a device could not be enrolled");
            (
                StatusCode::INTERNAL_SERVER_ERROR,
                ErrorCode::Internal.as_str(),
            )
        }
    };
    problem(status, code, &error.to_string())
}
