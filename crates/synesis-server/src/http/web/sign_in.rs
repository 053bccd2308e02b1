//! Signing in and out.

use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use minijinja::context;
use serde::Deserialize;
use synesis_domain::{EmailAddress, UserCode};

use super::super::Shared;
use super::visitor::{self, Visitor, go_to};
use crate::clock;
use crate::limits::LINK_LIFE_MS;
use crate::sign_in::{self, SignInError};

#[derive(Deserialize)]
pub(super) struct Towards {
    user_code: Option<String>,
}

impl Towards {
    fn code(&self) -> Option<UserCode> {
        self.user_code.as_ref()?.parse().ok()
    }
}

/// The page that asks for an address.
pub(super) async fn form(
    State(shared): State<Shared>,
    visitor: Visitor,
    Query(towards): Query<Towards>,
) -> Response {
    if visitor.session.is_some() {
        return go_to(&after(towards.code()));
    }
    address_form(&shared, &visitor, towards.code(), "", None)
}

fn address_form(
    shared: &Shared,
    visitor: &Visitor,
    code: Option<UserCode>,
    email: &str,
    problem: Option<&str>,
) -> Response {
    let values = context! {
        form_token => visitor.form_token(),
        user_code => code.map(|code| code.to_string()),
        email,
        problem,
    };
    let status = match problem {
        None => StatusCode::OK,
        Some(_) => StatusCode::BAD_REQUEST,
    };
    visitor.remember(shared.web.page("sign-in.html", status, values))
}

#[derive(Deserialize)]
pub(super) struct AskForm {
    form_token: String,
    email: String,
    #[serde(default)]
    user_code: String,
}

/// Mails a link. The answer is the same whatever is known of the address.
pub(super) async fn ask(
    State(shared): State<Shared>,
    visitor: Visitor,
    Form(form): Form<AskForm>,
) -> Response {
    if let Some(refused) = visitor.refuse_post(&shared, &form.form_token) {
        return refused;
    }
    let code = form.user_code.parse().ok();
    let Ok(email) = form.email.parse::<EmailAddress>() else {
        let problem = "That is no e-mail address. It looks like ann@example.org.";
        return address_form(&shared, &visitor, code, &form.email, Some(problem));
    };
    let now = clock::now();
    if let Err(seconds) = shared.limits.mails_by_peer.take(&visitor.peer, now) {
        return shared.web.too_many(seconds);
    }
    // Somebody else may have asked for this address: that is not told either.
    if shared.limits.mails_by_address.take(&email, now).is_ok() {
        let page = shared.cloud.address("/link/");
        let cloud = &shared.cloud;
        let mailer = &shared.web.mailer;
        match sign_in::mail_link(cloud, mailer, &page, email.clone(), code).await {
            Ok(()) => {}
            Err(SignInError::Mail(_)) => return shared.web.too_many(60),
            Err(error) => return shared.web.broken(&error),
        }
    }
    let values = context! { email => email.as_str(), minutes => LINK_LIFE_MS / 60_000 };
    shared.web.page("sent.html", StatusCode::OK, values)
}

/// The page behind a link. Programs that look into mails follow links too: only its button counts.
pub(super) async fn link(
    State(shared): State<Shared>,
    visitor: Visitor,
    Path(secret): Path<String>,
) -> Response {
    match sign_in::look(&shared.cloud, &secret).await {
        Ok(Some(link)) => {
            let values = context! {
                form_token => visitor.form_token(),
                secret,
                email => link.email.as_str(),
            };
            visitor.remember(shared.web.page("link.html", StatusCode::OK, values))
        }
        Ok(None) => link_is_over(&shared),
        Err(error) => shared.web.broken(&error),
    }
}

fn link_is_over(shared: &Shared) -> Response {
    let values = context! {
        title => "This link does not work any more",
        text => "Links work once, for a quarter of an hour. Ask for a new one.",
        action => "/sign-in",
        action_label => "Ask for a new link",
    };
    let web = &shared.web;
    web.page("message.html", StatusCode::GONE, values)
}

#[derive(Deserialize)]
pub(super) struct OpenForm {
    form_token: String,
    secret: String,
}

/// Signs in whoever has the link.
pub(super) async fn open(
    State(shared): State<Shared>,
    visitor: Visitor,
    Form(form): Form<OpenForm>,
) -> Response {
    if let Some(refused) = visitor.refuse_post(&shared, &form.form_token) {
        return refused;
    }
    match sign_in::spend(&shared.cloud, &form.secret).await {
        Ok(Some(signed_in)) => {
            tracing::info!("somebody signed in");
            let mut response = go_to(&after(signed_in.user_code));
            visitor::give_session(&mut response, &signed_in.cookie);
            response
        }
        Ok(None) => link_is_over(&shared),
        Err(error) => shared.web.broken(&error),
    }
}

/// Where somebody who signed in wanted to go.
fn after(code: Option<UserCode>) -> String {
    match code {
        Some(code) => format!("/device?user_code={code}"),
        None => "/account".to_owned(),
    }
}

#[derive(Deserialize)]
pub(super) struct SignOutForm {
    form_token: String,
}

pub(super) async fn sign_out(
    State(shared): State<Shared>,
    visitor: Visitor,
    Form(form): Form<SignOutForm>,
) -> Response {
    if let Some(refused) = visitor.refuse_post(&shared, &form.form_token) {
        return refused;
    }
    if let Some(hash) = visitor.session_hash() {
        let dropped = shared
            .cloud
            .store
            .run(move |books| books.drop_session(hash));
        if let Err(error) = dropped.await {
            return shared.web.broken(&error);
        }
    }
    let mut response = go_to("/sign-in");
    visitor::take_session(&mut response);
    response
}
