//! `POST /v1/enrol`: a device asks for its first certificate.

use std::sync::atomic::{AtomicU32, Ordering};

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, RETRY_AFTER};
use axum::response::{IntoResponse, Response};
use synesis_wire::ErrorCode;

use super::Shared;
use super::problem::{problem, unreadable};
use crate::ca::CaError;
use crate::enrol::{EnrolError, EnrolRequest, enrol};
use crate::error::chain;
use crate::limits::ENROLMENT_FAILURES_PER_MINUTE_MAX;

pub(super) async fn enrol_device(
    State(shared): State<Shared>,
    body: Result<Json<EnrolRequest>, JsonRejection>,
) -> Response {
    let request = match body {
        Ok(Json(request)) => request,
        Err(rejection) => return unreadable(&rejection),
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

/// Counts wrong tokens by the minute. Tokens have 256 bits, so this only keeps the log and the
/// disk quiet.
#[derive(Default)]
pub(super) struct Failures {
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
