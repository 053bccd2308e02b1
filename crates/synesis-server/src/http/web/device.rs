//! A person answers a device that wants to be let in.

use std::net::IpAddr;

use axum::Form;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use minijinja::context;
use serde::Deserialize;
use synesis_domain::login::LoginRequest;
use synesis_domain::{LoginRefusal, Timestamp, UserCode};

use super::super::Shared;
use super::visitor::{Visitor, go_to};
use crate::clock;
use crate::limiter::Household;
use crate::login::{self, Answer};

#[derive(Deserialize)]
pub(super) struct Code {
    user_code: Option<String>,
}

/// Without a code the page that asks for it; with one the device behind it.
pub(super) async fn show(
    State(shared): State<Shared>,
    visitor: Visitor,
    Query(query): Query<Code>,
) -> Response {
    let typed = query.user_code.unwrap_or_default();
    let parsed = typed.parse::<UserCode>();
    if visitor.signed_in().is_err() {
        return match parsed {
            Ok(code) => go_to(&format!("/sign-in?user_code={code}")),
            Err(_) => go_to("/sign-in"),
        };
    }
    if typed.is_empty() {
        return code_form(&shared, &visitor, "", None);
    }
    let Ok(code) = parsed else {
        let problem = "A code has eight letters, like BCDF-GHJK, and no vowels.";
        return code_form(&shared, &visitor, &typed, Some(problem));
    };
    if let Err(seconds) = note_try(&shared, &visitor) {
        return shared.web.too_many(seconds);
    }
    match login::look(&shared.cloud, code).await {
        Ok(Ok(request)) => confirm(&shared, &visitor, code, &request),
        Ok(Err(refusal)) => code_form(&shared, &visitor, &typed, Some(words(refusal))),
        Err(error) => shared.web.broken(&error),
    }
}

/// Counts that a code was tried, whether it was right or not.
fn note_try(shared: &Shared, visitor: &Visitor) -> Result<(), u64> {
    let now = clock::now();
    shared.limits.codes_by_peer.take(&visitor.peer, now)?;
    match visitor.session_hash() {
        Some(session) => shared.limits.codes_by_session.take(&session, now),
        None => Ok(()),
    }
}

fn code_form(shared: &Shared, visitor: &Visitor, typed: &str, problem: Option<&str>) -> Response {
    let status = match problem {
        None => StatusCode::OK,
        Some(_) => StatusCode::BAD_REQUEST,
    };
    let values = context! {
        form_token => visitor.form_token(),
        account => visitor.session.as_ref().map(|session| session.email.as_str()),
        typed,
        problem,
    };
    visitor.remember(shared.web.page("code.html", status, values))
}

const fn words(refusal: LoginRefusal) -> &'static str {
    match refusal {
        LoginRefusal::Expired => "This code has lapsed. Start again on the device.",
        LoginRefusal::Unknown => "No device waits with this code. Compare it with the device.",
        LoginRefusal::Denied
        | LoginRefusal::Answered
        | LoginRefusal::Spent
        | LoginRefusal::Taken => "This code was answered already.",
    }
}

fn confirm(shared: &Shared, visitor: &Visitor, code: UserCode, request: &LoginRequest) -> Response {
    let place = request.place.as_str();
    let here = place
        .parse::<IpAddr>()
        .is_ok_and(|place| Household::from(place) == visitor.peer);
    let values = context! {
        form_token => visitor.form_token(),
        account => visitor.session.as_ref().map(|session| session.email.as_str()),
        user_code => code.to_string(),
        name => request.name.as_str(),
        place,
        here,
        asked => ago(request.asked_at, clock::now()),
        asked_at => crate::date::utc(request.asked_at),
    };
    visitor.remember(shared.web.page("device.html", StatusCode::OK, values))
}

fn ago(then: Timestamp, now: Timestamp) -> String {
    match now.since(then) / 1000 {
        ..=9 => "just now".to_owned(),
        seconds @ ..=89 => format!("{seconds} seconds ago"),
        seconds => format!("{} minutes ago", (seconds + 30) / 60),
    }
}

#[derive(Deserialize)]
pub(super) struct AnswerForm {
    form_token: String,
    user_code: String,
    answer: String,
}

/// Takes the answer.
pub(super) async fn answer(
    State(shared): State<Shared>,
    visitor: Visitor,
    Form(form): Form<AnswerForm>,
) -> Response {
    if let Some(refused) = visitor.refuse_post(&shared, &form.form_token) {
        return refused;
    }
    let (Ok(session), Ok(code)) = (visitor.signed_in(), form.user_code.parse()) else {
        return go_to("/device");
    };
    let answer = match form.answer.as_str() {
        "approve" => Answer::Approve,
        "deny" => Answer::Deny,
        _ => return go_to("/device"),
    };
    if let Err(seconds) = note_try(&shared, &visitor) {
        return shared.web.too_many(seconds);
    }
    match login::answer(&shared.cloud, session.user, code, answer).await {
        Ok(Ok(request)) => answered(&shared, &visitor, answer, &request),
        Ok(Err(refusal)) => code_form(&shared, &visitor, "", Some(words(refusal))),
        Err(error) => shared.web.broken(&error),
    }
}

fn answered(
    shared: &Shared,
    visitor: &Visitor,
    answer: Answer,
    request: &LoginRequest,
) -> Response {
    let name = request.name.as_str();
    let (title, text, mood) = match answer {
        Answer::Approve => (
            "The device is let in",
            format!("“{name}” finishes by itself. You can close this page."),
            "good",
        ),
        Answer::Deny => (
            "The device was denied",
            format!("“{name}” gets no access. If you did not start this, nothing else is needed."),
            "calm",
        ),
    };
    let values = context! {
        form_token => visitor.form_token(),
        account => visitor.session.as_ref().map(|session| session.email.as_str()),
        title,
        text,
        mood,
        action => "/account",
        action_label => "To your account",
    };
    shared.web.page("message.html", StatusCode::OK, values)
}
