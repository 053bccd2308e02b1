//! The pages for people. They lie in `web/` and are built in; they need no script.
//!
//! Every page forbids scripts, frames and foreign content, and is never stored by a cache. Every
//! form carries a token that only this browser has, and is taken from this origin only.

mod account;
mod assets;
mod device;
mod money;
mod sign_in;
mod visitor;

use axum::Router;
use axum::extract::Request;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use minijinja::{Environment, Value, context};

use super::Shared;
use crate::cloud::Cloud;
use crate::error::chain;
use crate::mail::Mailer;

const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; \
                      base-uri 'none'; frame-ancestors 'none'";

const TEMPLATES: [(&str, &str); 10] = [
    (
        "base.html",
        include_str!("../../../../../web/pages/base.html"),
    ),
    (
        "sign-in.html",
        include_str!("../../../../../web/pages/sign-in.html"),
    ),
    (
        "sent.html",
        include_str!("../../../../../web/pages/sent.html"),
    ),
    (
        "link.html",
        include_str!("../../../../../web/pages/link.html"),
    ),
    (
        "code.html",
        include_str!("../../../../../web/pages/code.html"),
    ),
    (
        "device.html",
        include_str!("../../../../../web/pages/device.html"),
    ),
    (
        "message.html",
        include_str!("../../../../../web/pages/message.html"),
    ),
    (
        "account.html",
        include_str!("../../../../../web/pages/account.html"),
    ),
    (
        "pay.html",
        include_str!("../../../../../web/pages/pay.html"),
    ),
    (
        "key.html",
        include_str!("../../../../../web/pages/key.html"),
    ),
];

/// What the pages need.
pub(super) struct Web {
    mailer: Mailer,
    templates: Environment<'static>,
}

impl Web {
    pub(super) fn new(cloud: &Cloud) -> Self {
        let mut templates = Environment::new();
        for (name, source) in TEMPLATES {
            if let Err(error) = templates.add_template(name, source) {
                tracing::error!(name, error = %chain(&error), "a page cannot be read");
            }
        }
        let settings = &cloud.settings;
        let draining = cloud.draining.clone();
        Self {
            mailer: Mailer::start(settings.mail.as_ref(), &settings.data_dir, draining),
            templates,
        }
    }

    fn page(&self, name: &str, status: StatusCode, values: Value) -> Response {
        let rendered = self
            .templates
            .get_template(name)
            .and_then(|template| template.render(values));
        match rendered {
            Ok(html) => (status, Html(html)).into_response(),
            Err(error) => {
                tracing::error!(name, error = %chain(&error), "a page cannot be shown");
                (StatusCode::INTERNAL_SERVER_ERROR, "this page is broken\n").into_response()
            }
        }
    }

    /// A page that says one thing.
    fn message(&self, status: StatusCode, title: &str, text: &str) -> Response {
        let values = context! { title, text };
        self.page("message.html", status, values)
    }

    fn broken(&self, error: &dyn std::error::Error) -> Response {
        tracing::error!(error = %chain(error), "a page failed");
        self.message(
            StatusCode::INTERNAL_SERVER_ERROR,
            "Something broke",
            "The server could not do this. Its log has the details; try again in a moment.",
        )
    }

    fn too_many(&self, seconds: u64) -> Response {
        let minutes = seconds.div_ceil(60);
        let text = format!("That was tried too often. Wait {minutes} min, then try again.");
        let mut response = self.message(StatusCode::TOO_MANY_REQUESTS, "Too many tries", &text);
        let headers = response.headers_mut();
        headers.insert(axum::http::header::RETRY_AFTER, seconds.into());
        response
    }
}

pub(super) fn router() -> Router<Shared> {
    Router::new()
        .route("/", get(account::home))
        .route("/sign-in", get(sign_in::form).post(sign_in::ask))
        .route("/link/{secret}", get(sign_in::link))
        .route("/link", post(sign_in::open))
        .route("/sign-out", post(sign_in::sign_out))
        .route("/device", get(device::show).post(device::answer))
        .route("/account", get(account::show))
        .route("/account/devices/revoke", post(account::revoke_device))
        .route("/account/keys", post(account::create_key))
        .route("/account/top-up", post(money::top_up))
        .route("/account/keys/revoke", post(account::revoke_key))
        .route("/assets/{name}", get(assets::asset))
        .layer(axum::middleware::from_fn(guarded))
}

/// Puts the headers on every page that keep others out of it.
async fn guarded(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let set = [
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        // A link's secret goes to nobody else, and forms still say where they come from.
        (REFERRER_POLICY, "same-origin"),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
    ];
    for (name, value) in set {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}
