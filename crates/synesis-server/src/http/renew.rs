//! `POST /v1/renew`: a new certificate for a device that slept past the end of its old one.
//!
//! The proof is the old certificate, signed here, and a signing request by the same key. A device
//! that was revoked gets none, however it proves itself.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use synesis_wire::ErrorCode;

use super::Shared;
use super::problem::problem;
use crate::error::chain;
use crate::renew::{RenewError, renew_expired};

#[derive(Deserialize)]
pub(super) struct RenewRequest {
    certificate_pem: String,
    csr_pem: String,
}

#[derive(Serialize)]
struct Renewed {
    certificate_pem: String,
    /// Unix milliseconds.
    not_after: i64,
}

pub(super) async fn renew_device(
    State(shared): State<Shared>,
    body: Result<Json<RenewRequest>, JsonRejection>,
) -> Response {
    let Json(request) = match body {
        Ok(request) => request,
        Err(rejection) => {
            return problem(
                rejection.status(),
                ErrorCode::BadRequest.as_str(),
                &rejection.body_text(),
            );
        }
    };
    match renew_expired(&shared.cloud, &request.certificate_pem, request.csr_pem).await {
        Ok((certificate_pem, not_after)) => {
            let renewed = Renewed {
                certificate_pem,
                not_after: not_after.as_millis(),
            };
            ([(CACHE_CONTROL, "no-store")], Json(renewed)).into_response()
        }
        Err(error) => refused(&error),
    }
}

fn refused(error: &RenewError) -> Response {
    let (status, code) = match error {
        RenewError::BadCertificate | RenewError::Request(_) => {
            (StatusCode::BAD_REQUEST, ErrorCode::BadRequest)
        }
        RenewError::Foreign | RenewError::OtherKey | RenewError::Unknown => {
            (StatusCode::UNAUTHORIZED, ErrorCode::Unauthenticated)
        }
        RenewError::Revoked => (StatusCode::FORBIDDEN, ErrorCode::DeviceRevoked),
        RenewError::Sign(_) | RenewError::Store(_) => {
            tracing::error!(error = %chain(error), "a certificate could not be renewed");
            (StatusCode::INTERNAL_SERVER_ERROR, ErrorCode::Internal)
        }
    };
    problem(status, code.as_str(), &error.to_string())
}
