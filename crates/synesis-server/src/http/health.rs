//! `/healthz`: the process answers. `/readyz`: it would take work.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use synesis_wire::ErrorCode;

use super::Shared;
use super::problem::problem;
use crate::store::StoreError;

pub(super) async fn healthy() -> &'static str {
    "ok\n"
}

/// Ready: not draining, and the database answers.
pub(super) async fn ready(State(shared): State<Shared>) -> Response {
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
