//! The account: its devices and its API keys.

use axum::Form;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use minijinja::{Value, context};
use serde::Deserialize;
use synesis_domain::{Device, DeviceCommand, DeviceId, KeyId, KeyName, Scope, Scopes, Timestamp};

use super::super::Shared;
use super::money::{self, Money};
use super::visitor::{Visitor, go_to};
use crate::api_keys::{self, KeyError, Listed, Wanted};
use crate::clock;
use crate::date::utc;
use crate::store::{Session, StoreError};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

pub(super) async fn home(visitor: Visitor) -> Response {
    go_to(match visitor.session {
        Some(_) => "/account",
        None => "/sign-in",
    })
}

/// What Stripe sends people back with.
#[derive(Deserialize)]
pub(super) struct Back {
    paid: Option<String>,
}

pub(super) async fn show(
    State(shared): State<Shared>,
    visitor: Visitor,
    Query(back): Query<Back>,
) -> Response {
    let Ok(session) = visitor.signed_in() else {
        return go_to("/sign-in");
    };
    let told = match &back.paid {
        None => Ok(None),
        Some(page) => money::welcome_back(&shared, session.user, page).await,
    };
    match told {
        Ok(told) => render(&shared, &visitor, session, None, told).await,
        Err(error) => shared.web.broken(&error),
    }
}

pub(super) async fn overview(
    shared: &Shared,
    visitor: &Visitor,
    session: &Session,
    problem: Option<String>,
) -> Response {
    render(shared, visitor, session, problem, None).await
}

async fn render(
    shared: &Shared,
    visitor: &Visitor,
    session: &Session,
    problem: Option<String>,
    told: Option<String>,
) -> Response {
    let loaded = async {
        let (devices, keys) = load(shared, session).await?;
        Ok::<_, StoreError>((devices, keys, Money::load(shared, session.user).await?))
    };
    let (devices, keys, money) = match loaded.await {
        Ok(loaded) => loaded,
        Err(error) => return shared.web.broken(&error),
    };
    let status = match problem {
        None => StatusCode::OK,
        Some(_) => StatusCode::BAD_REQUEST,
    };
    let values = context! {
        form_token => visitor.form_token(),
        account => session.email.as_str(),
        devices,
        keys,
        money => money.values(),
        problem,
        told,
    };
    visitor.remember(shared.web.page("account.html", status, values))
}

async fn load(shared: &Shared, session: &Session) -> Result<(Vec<Value>, Vec<Value>), StoreError> {
    let user = session.user;
    let store = &shared.cloud.store;
    let devices = store.run(move |books| books.devices_of(user)).await?;
    let keys = api_keys::list(store, user).await?;
    let now = clock::now();
    Ok((
        devices.iter().filter_map(device_row).collect(),
        keys.iter().map(|listed| key_row(listed, now)).collect(),
    ))
}

fn device_row(device: &Device) -> Option<Value> {
    let enrolment = device.enrolment()?;
    Some(context! {
        name => enrolment.name.as_str(),
        id => device.id().to_string(),
        since => utc(enrolment.at),
        revoked => device.revoked_at().map(utc),
    })
}

fn key_row(listed: &Listed, now: Timestamp) -> Value {
    let created = &listed.created;
    context! {
        name => created.name.as_str(),
        id => listed.key.id().to_string(),
        scopes => created.scopes.iter().map(Scope::as_str).collect::<Vec<_>>(),
        since => utc(created.at),
        ends => created.expires_at.map(utc),
        used => listed.used_at.map(utc),
        revoked => listed.key.revoked_at().map(utc),
        lives => api_keys::lives(&listed.key, now),
    }
}

#[derive(Deserialize)]
pub(super) struct KeyForm {
    form_token: String,
    name: String,
    days: Option<u16>,
    read: Option<String>,
    write: Option<String>,
    escalate: Option<String>,
    admin: Option<String>,
}

impl KeyForm {
    fn wanted(&self) -> Result<Wanted, String> {
        let ticked = [
            (&self.read, Scope::Read),
            (&self.write, Scope::Write),
            (&self.escalate, Scope::Escalate),
            (&self.admin, Scope::Admin),
        ];
        let scopes = ticked.iter().filter(|(box_, _)| box_.is_some());
        let scopes = Scopes::new(scopes.map(|(_, scope)| *scope));
        let days = self.days.filter(|days| *days > 0);
        Ok(Wanted {
            name: KeyName::new(self.name.trim()).map_err(|error| error.to_string())?,
            scopes: scopes.ok_or("tick what the key may do")?,
            expires_at: days.map(|days| clock::now().plus_ms(i64::from(days) * DAY_MS)),
        })
    }
}

/// Makes a key and shows it, this once.
pub(super) async fn create_key(
    State(shared): State<Shared>,
    visitor: Visitor,
    Form(form): Form<KeyForm>,
) -> Response {
    if let Some(refused) = visitor.refuse_post(&shared, &form.form_token) {
        return refused;
    }
    let Ok(session) = visitor.signed_in() else {
        return go_to("/sign-in");
    };
    let wanted = match form.wanted() {
        Ok(wanted) => wanted,
        Err(problem) => {
            let problem = format!("The key was not made: {problem}.");
            return overview(&shared, &visitor, session, Some(problem)).await;
        }
    };
    let name = wanted.name.clone();
    match api_keys::create(&shared.cloud.store, session.user, wanted).await {
        Ok(secret) => {
            let values = context! {
                form_token => visitor.form_token(),
                account => session.email.as_str(),
                name => name.as_str(),
                secret => secret.to_text(),
            };
            shared.web.page("key.html", StatusCode::OK, values)
        }
        Err(error @ (KeyError::TooMany | KeyError::Refused(_))) => {
            let problem = format!("The key was not made: {error}.");
            overview(&shared, &visitor, session, Some(problem)).await
        }
        Err(error) => shared.web.broken(&error),
    }
}

#[derive(Deserialize)]
pub(super) struct RevokeForm {
    form_token: String,
    key: String,
}

pub(super) async fn revoke_key(
    State(shared): State<Shared>,
    visitor: Visitor,
    Form(form): Form<RevokeForm>,
) -> Response {
    if let Some(refused) = visitor.refuse_post(&shared, &form.form_token) {
        return refused;
    }
    let (Ok(session), Ok(key)) = (visitor.signed_in(), form.key.parse::<KeyId>()) else {
        return go_to("/account");
    };
    match api_keys::revoke(&shared.cloud.store, session.user, key).await {
        Ok(Ok(())) => go_to("/account"),
        Ok(Err(refusal)) => {
            let problem = format!("The key was not revoked: {refusal}.");
            overview(&shared, &visitor, session, Some(problem)).await
        }
        Err(error) => shared.web.broken(&error),
    }
}

#[derive(Deserialize)]
pub(super) struct RevokeDeviceForm {
    form_token: String,
    device: String,
}

/// Puts a device of this account out, and ends its connections.
pub(super) async fn revoke_device(
    State(shared): State<Shared>,
    visitor: Visitor,
    Form(form): Form<RevokeDeviceForm>,
) -> Response {
    if let Some(refused) = visitor.refuse_post(&shared, &form.form_token) {
        return refused;
    }
    let (Ok(session), Ok(device)) = (visitor.signed_in(), form.device.parse::<DeviceId>()) else {
        return go_to("/account");
    };
    let user = session.user;
    let revoked = shared.cloud.store.run(move |books| {
        let owner = books.device(device)?.enrolment().map(|known| known.user);
        if owner != Some(user) {
            return Ok(false);
        }
        let done = books.device_command(device, clock::now(), &DeviceCommand::Revoke)?;
        Ok(done.is_ok())
    });
    match revoked.await {
        Ok(true) => {
            tracing::info!(%device, "a device was revoked on the account page");
            crate::session::recheck(&shared.cloud).await;
            go_to("/account")
        }
        Ok(false) => {
            let problem = "Your account has no such device.".to_owned();
            overview(&shared, &visitor, session, Some(problem)).await
        }
        Err(error) => shared.web.broken(&error),
    }
}
