//! Requests that cannot hang, grow without end, or show a key.

use std::time::Duration;

use reqwest::{Client, Response, redirect};
use url::{Host, Url};

use super::wire::error_words;
use crate::error::EngineError;
use crate::limits::{HTTP_BODY_BYTES_MAX, HTTP_MESSAGE_BYTES_MAX};
use crate::secret::Secret;

/// A client for one server. Redirects are not followed; a proxy is not asked for this machine.
pub(crate) fn client(base: &Url, connect_timeout: Duration) -> Result<Client, EngineError> {
    let mut builder = Client::builder()
        .connect_timeout(connect_timeout)
        .redirect(redirect::Policy::none());
    let here = match base.host() {
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    if here {
        builder = builder.no_proxy();
    }
    builder.build().map_err(|error| EngineError::Failed {
        engine: "openai",
        reason: error.to_string(),
    })
}

/// Why a request did not get through.
pub(super) fn failed(url: &str, error: reqwest::Error) -> EngineError {
    // The error repeats the URL; it is named already.
    let error = error.without_url();
    if error.is_connect() || error.is_timeout() {
        EngineError::Unreachable {
            url: url.to_owned(),
            source: Box::new(error),
        }
    } else {
        EngineError::Cut {
            source_name: url.to_owned(),
        }
    }
}

/// The body, as long as it is not too long and keeps coming.
pub(crate) async fn body_of(mut response: Response, idle: Duration) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        match tokio::time::timeout(idle, response.chunk()).await {
            Ok(Ok(Some(part))) if body.len() + part.len() <= HTTP_BODY_BYTES_MAX => {
                body.extend_from_slice(&part)
            }
            Ok(Ok(None)) => return Some(body),
            _ => return None,
        }
    }
}

/// A refusal in the server's own words.
pub(super) async fn refusal(
    url: &str,
    response: Response,
    key: Option<&Secret>,
    idle: Duration,
) -> EngineError {
    let status = response.status();
    let body = body_of(response, idle).await.unwrap_or_default();
    let body = String::from_utf8_lossy(&body);
    let words = error_words(&body)
        .or_else(|| (!body.trim_start().starts_with('<')).then(|| body.into_owned()));
    let words = words.filter(|words| !words.trim().is_empty());
    let message = words.unwrap_or_else(|| {
        status
            .canonical_reason()
            .unwrap_or("no reason given")
            .to_owned()
    });
    EngineError::Refused {
        url: url.to_owned(),
        status: status.as_u16(),
        message: presentable(&message, key),
    }
}

/// One line of bounded length, nothing that moves a terminal's cursor, no key.
pub(super) fn presentable(message: &str, key: Option<&Secret>) -> String {
    let message = match key {
        Some(key) if !key.expose().is_empty() => message.replace(key.expose(), "***"),
        _ => message.to_owned(),
    };
    let line: String = message
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let mut end = line.len().min(HTTP_MESSAGE_BYTES_MAX);
    while !line.is_char_boundary(end) {
        end -= 1;
    }
    line[..end].trim().to_owned()
}
