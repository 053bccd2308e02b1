//! `POST /v1/stripe/webhook`: what Stripe says happened.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use synesis_service::stripe::SIGNATURE_HEADER;
use synesis_wire::ErrorCode;

use super::Shared;
use super::problem::problem;
use crate::error::chain;
use crate::payment::{WebhookAnswer, receive_webhook};

/// Takes a webhook, and answers once it is on disk: Stripe sends it again otherwise.
pub(super) async fn webhook(
    State(shared): State<Shared>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some(payment) = &shared.cloud.payment else {
        return problem(
            StatusCode::NOT_FOUND,
            "not_found",
            "this cloud takes no payments",
        );
    };
    let signature = headers
        .get(SIGNATURE_HEADER)
        .and_then(|text| text.to_str().ok())
        .unwrap_or_default();
    match receive_webhook(&shared.cloud, payment, signature, &body).await {
        Ok(WebhookAnswer::Taken) => StatusCode::OK.into_response(),
        Ok(WebhookAnswer::Refused(error)) => {
            tracing::warn!(error = %chain(&error), "a webhook was refused");
            problem(
                StatusCode::BAD_REQUEST,
                ErrorCode::BadRequest.as_str(),
                &error.to_string(),
            )
        }
        Err(error) => {
            tracing::error!(error = %chain(&error), "a webhook could not be kept");
            problem(
                StatusCode::SERVICE_UNAVAILABLE,
                ErrorCode::Internal.as_str(),
                "the webhook could not be kept: send it again",
            )
        }
    }
}
