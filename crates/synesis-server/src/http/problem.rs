//! How an endpoint for programs says that it refused.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};
use synesis_wire::ErrorCode;

/// An error as JSON: `error` is a name for programs, `message` is for people.
pub(super) fn problem(status: StatusCode, code: &str, message: &str) -> Response {
    let body = serde_json::json!({ "error": code, "message": message });
    (status, [(CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

/// A body that is not the JSON that was asked for.
pub(super) fn unreadable(rejection: &JsonRejection) -> Response {
    let status = rejection.status();
    let code = if status == StatusCode::PAYLOAD_TOO_LARGE {
        ErrorCode::TooLarge
    } else {
        ErrorCode::BadRequest
    };
    problem(status, code.as_str(), &rejection.body_text())
}
