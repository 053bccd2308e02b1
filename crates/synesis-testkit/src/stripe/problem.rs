//! How Stripe says no.

use serde_json::{Value, json};

/// A status and a body.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Value,
    pub(super) headers: Vec<(&'static str, String)>,
}

impl Answer {
    pub(super) fn ok(body: Value) -> Self {
        Self {
            status: 200,
            body,
            headers: Vec::new(),
        }
    }

    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    fn error(
        status: u16,
        kind: &str,
        code: Option<&str>,
        param: Option<&str>,
        message: String,
    ) -> Self {
        let mut error = json!({"type": kind, "message": message});
        if let Some(code) = code {
            error["code"] = json!(code);
            error["doc_url"] = json!(format!(
                "https://stripe.com/docs/error-codes/{}",
                code.replace('_', "-")
            ));
        }
        if let Some(param) = param {
            error["param"] = json!(param);
        }
        Self {
            status,
            body: json!({"error": error}),
            headers: Vec::new(),
        }
    }

    /// 400, about a parameter.
    pub(super) fn invalid(code: &str, param: &str, message: impl Into<String>) -> Self {
        Self::error(
            400,
            "invalid_request_error",
            Some(code),
            Some(param),
            message.into(),
        )
    }

    /// 400, about the request itself.
    pub(super) fn malformed(message: impl Into<String>) -> Self {
        Self::error(400, "invalid_request_error", None, None, message.into())
    }

    pub(super) fn unknown_parameter(name: &str) -> Self {
        Self::invalid(
            "parameter_unknown",
            name,
            format!("Received unknown parameter: {name}"),
        )
    }

    pub(super) fn missing_parameter(name: &str) -> Self {
        Self::invalid(
            "parameter_missing",
            name,
            format!("Missing required param: {name}."),
        )
    }

    /// 404 for what the path names, 400 for what a parameter names.
    pub(super) fn no_such(status: u16, what: &str, param: &str, id: &str) -> Self {
        let message = format!("No such {what}: '{id}'");
        Self::error(
            status,
            "invalid_request_error",
            Some("resource_missing"),
            Some(param),
            message,
        )
    }

    pub(super) fn unauthorized() -> Self {
        let message = "Invalid API Key provided.".to_owned();
        Self::error(401, "invalid_request_error", None, None, message)
    }

    pub(super) fn no_such_url(method: &str, path: &str) -> Self {
        let message = format!("Unrecognized request URL ({method}: {path}).");
        Self::error(404, "invalid_request_error", None, None, message)
    }

    pub(super) fn rate_limited(retry_after_s: Option<u32>) -> Self {
        let message = "Request rate limit exceeded.".to_owned();
        let answer = Self::error(
            429,
            "invalid_request_error",
            Some("rate_limit"),
            None,
            message,
        );
        match retry_after_s {
            Some(seconds) => answer.with("retry-after", seconds.to_string()),
            None => answer,
        }
    }

    pub(super) fn own_fault() -> Self {
        let message = "An unknown error occurred".to_owned();
        Self::error(500, "api_error", None, None, message)
    }

    pub(super) fn other_body() -> Self {
        let message = "Keys for idempotent requests can only be used with the same parameters they were first used with.".to_owned();
        Self::error(400, "idempotency_error", None, None, message)
    }

    pub(super) fn key_in_use() -> Self {
        let message =
            "There is currently another in-progress request using this Idempotent Key.".to_owned();
        Self::error(
            409,
            "idempotency_error",
            Some("idempotency_key_in_use"),
            None,
            message,
        )
    }

    /// As langfuse met it (PR 16292): an error that says that all is well.
    pub(super) fn seen_identifier(identifier: &str) -> Self {
        let message = format!("An event already exists with identifier {identifier}.");
        Self::error(400, "invalid_request_error", None, None, message)
            .with("stripe-should-retry", "false")
    }
}
