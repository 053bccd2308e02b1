//! Whose browser it is: its session, and the token that its forms have to carry.
//!
//! Both cookies are `__Host-` ones: sent over TLS only, to this host only, out of reach of scripts.
//! A form's token is a hash of the browser's cookies, so that no other site can know it.

use axum::extract::FromRequestParts;
use axum::http::header::{COOKIE, HOST, ORIGIN, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq;

use super::super::Shared;
use super::super::serve::Peer;
use crate::clock;
use crate::limiter::Household;
use crate::limits::SESSION_LIFE_MS;
use crate::random::{self, Secret};
use crate::store::Session;

const SESSION_COOKIE: &str = "__Host-synesis";
const FORM_COOKIE: &str = "__Host-synesis-form";
/// What a cookie's value may have of characters: more was not made here.
const COOKIE_CHARS_MAX: usize = 64;

/// One browser, as this request shows it.
pub(super) struct Visitor {
    pub(super) session: Option<Session>,
    pub(super) peer: Household,
    session_secret: Option<String>,
    form_secret: String,
    form_is_new: bool,
    /// `Host`, or `:authority`: where the browser thinks it is.
    here: Option<String>,
    from: Option<String>,
    same_origin: bool,
}

impl FromRequestParts<Shared> for Visitor {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self, Response> {
        let headers = &parts.headers;
        let session_secret = cookie(headers, SESSION_COOKIE);
        let session = match &session_secret {
            None => None,
            Some(secret) => {
                let hash = random::hash(secret);
                let store = &shared.cloud.store;
                store
                    .run(move |books| books.session(hash, clock::now()))
                    .await
                    .map_err(|error| shared.web.broken(&error))?
            }
        };
        let (form_secret, form_is_new) = match cookie(headers, FORM_COOKIE) {
            Some(secret) => (secret, false),
            None => {
                let fresh = Secret::new("").map_err(|error| shared.web.broken(&error))?;
                (fresh.text, true)
            }
        };
        let peer = parts.extensions.get::<Peer>().copied();
        let Some(Peer(peer)) = peer else {
            return Err(StatusCode::INTERNAL_SERVER_ERROR.into_response());
        };
        Ok(Self {
            session,
            peer: peer.into(),
            session_secret,
            form_secret,
            form_is_new,
            here: here(headers, &parts.uri),
            from: text(headers, &ORIGIN),
            same_origin: headers
                .get("sec-fetch-site")
                .is_some_and(|site| site == "same-origin"),
        })
    }
}

/// What a page shows to somebody who is not signed in.
pub(super) struct SignInFirst;

impl Visitor {
    /// The session of somebody who is signed in.
    pub(super) fn signed_in(&self) -> Result<&Session, SignInFirst> {
        self.session.as_ref().ok_or(SignInFirst)
    }

    /// The hash of the session, for counting.
    pub(super) fn session_hash(&self) -> Option<[u8; 32]> {
        self.session_secret.as_deref().map(random::hash)
    }

    /// The token that this browser's forms carry.
    pub(super) fn form_token(&self) -> String {
        let session = self.session.as_ref().and(self.session_secret.as_deref());
        let mut hash = Sha256::new();
        for part in [
            "synesis form",
            &self.form_secret,
            session.unwrap_or_default(),
        ] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        let hash: [u8; 32] = hash.finalize().into();
        hash.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The answer to a form that was not sent from a page of this server, by this browser.
    pub(super) fn refuse_post(&self, shared: &Shared, form_token: &str) -> Option<Response> {
        let from_here = match &self.from {
            Some(from) => {
                let known = *from == shared.cloud.origin;
                let here = self.here.as_ref().map(|here| format!("https://{here}"));
                known || here.as_ref() == Some(from)
            }
            None => self.same_origin,
        };
        let token = self.form_token();
        let fits = bool::from(token.as_bytes().ct_eq(form_token.as_bytes()));
        if from_here && fits && !self.form_is_new {
            return None;
        }
        Some(shared.web.message(
            StatusCode::FORBIDDEN,
            "This form is not valid any more",
            "It was sent from another page, or your browser keeps no cookies for this one. \
             Go back, reload the page and try again.",
        ))
    }

    /// Gives a page the cookie that its forms rely on.
    pub(super) fn remember(&self, mut response: Response) -> Response {
        if self.form_is_new {
            set_cookie(&mut response, FORM_COOKIE, &self.form_secret, None);
        }
        response
    }
}

/// Signs a browser in.
pub(super) fn give_session(response: &mut Response, secret: &Secret) {
    let seconds = SESSION_LIFE_MS / 1000;
    set_cookie(response, SESSION_COOKIE, &secret.text, Some(seconds));
}

/// Takes the session's cookie away.
pub(super) fn take_session(response: &mut Response) {
    set_cookie(response, SESSION_COOKIE, "", Some(0));
}

/// Another page, asked for with GET.
pub(super) fn go_to(path: &str) -> Response {
    Redirect::to(path).into_response()
}

fn set_cookie(response: &mut Response, name: &str, value: &str, seconds: Option<i64>) {
    let life = seconds.map_or_else(String::new, |seconds| format!("; Max-Age={seconds}"));
    let cookie = format!("{name}={value}; Path=/; Secure; HttpOnly; SameSite=Lax{life}");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
}

fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(known, _)| *known == name)
        .map(|(_, value)| value.to_owned())
        .filter(|value| !value.is_empty() && value.len() <= COOKIE_CHARS_MAX)
}

fn here(headers: &HeaderMap, uri: &Uri) -> Option<String> {
    text(headers, &HOST).or_else(|| uri.authority().map(ToString::to_string))
}

fn text(headers: &HeaderMap, name: &axum::http::HeaderName) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}
