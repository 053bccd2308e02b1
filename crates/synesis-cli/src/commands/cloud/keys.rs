//! `synesis cloud keys`: API keys for machines without a person.

use serde_json::{Value, json};
use synesis_cloud::{ApiKeyInfo, KeyCreateRequest, KeysClient};
use synesis_domain::{Scope, Timestamp};

use crate::args::{CloudKeys, CreateKey};
use crate::cloud_link::{self, from_cloud, now};
use crate::commands::Context;
use crate::error::CliError;
use crate::ui::date_time;
use crate::ui::progress::spin;
use crate::ui::table::table;

pub(super) async fn run(context: &Context, command: &CloudKeys) -> Result<(), CliError> {
    let link = cloud_link::connect(context, false).await?;
    let keys = KeysClient::new(link.tunnel.clone());
    let done = match command {
        CloudKeys::Create(args) => create(context, &keys, args).await,
        CloudKeys::List => list(context, &keys).await,
        CloudKeys::Revoke { key } => revoke(context, &keys, &key.to_string()).await,
    };
    link.close().await;
    done
}

async fn create(context: &Context, keys: &KeysClient, args: &CreateKey) -> Result<(), CliError> {
    let life = args.expires.map(|life| i64::try_from(life.as_millis()));
    let wanted = KeyCreateRequest {
        name: args.name.clone(),
        scopes: args.scopes.iter().map(Scope::to_string).collect(),
        expires_at: life.map(|life| now().plus_ms(life.unwrap_or(i64::MAX)).as_millis()),
    };
    let made = spin(context.ui, "making the key", keys.create(wanted))
        .await
        .map_err(from_cloud)?;
    if context.ui.json {
        let key = made.key.as_ref().map(to_json);
        context
            .ui
            .value(&json!({ "secret": made.secret, "key": key }));
    } else {
        context.ui.line(&made.secret);
    }
    context
        .ui
        .say("This key is shown once. Keep it where only the machine that needs it can read it.");
    Ok(())
}

async fn list(context: &Context, keys: &KeysClient) -> Result<(), CliError> {
    let keys = spin(context.ui, "asking the cloud", keys.list())
        .await
        .map_err(from_cloud)?;
    if context.ui.json {
        let keys: Vec<Value> = keys.iter().map(to_json).collect();
        context.ui.value(&json!({ "keys": keys }));
    } else if keys.is_empty() {
        context
            .ui
            .say("No API keys. `synesis cloud keys create --name NAME --scope write,escalate` makes one.");
    } else {
        let header = ["name", "scopes", "state", "last used", "id"];
        let rows = keys.iter().map(|key| {
            [
                key.name.clone(),
                key.scopes.join(","),
                state(key),
                shown(key.last_used_at).unwrap_or_else(|| "never".to_owned()),
                key.key_id.clone(),
            ]
        });
        context.ui.line(&table(header, rows));
    }
    Ok(())
}

fn state(key: &ApiKeyInfo) -> String {
    match (key.revoked_at, key.expires_at) {
        (Some(_), _) => "revoked".to_owned(),
        (None, Some(end)) if end <= now().as_millis() => "expired".to_owned(),
        (None, end) => shown(end).map_or_else(|| "good".to_owned(), |end| format!("until {end}")),
    }
}

async fn revoke(context: &Context, keys: &KeysClient, key: &str) -> Result<(), CliError> {
    spin(context.ui, "revoking the key", keys.revoke(key.to_owned()))
        .await
        .map_err(|error| {
            from_cloud(error).hint("`synesis cloud keys list` shows the keys of this account")
        })?;
    if context.ui.json {
        context.ui.value(&json!({ "revoked": key }));
    }
    context
        .ui
        .say("The key is revoked. Devices that it enrolled stay.");
    Ok(())
}

fn to_json(key: &ApiKeyInfo) -> Value {
    json!({
        "id": key.key_id,
        "name": key.name,
        "scopes": key.scopes,
        "created_at": shown(Some(key.created_at)),
        "expires_at": shown(key.expires_at),
        "last_used_at": shown(key.last_used_at),
        "revoked_at": shown(key.revoked_at),
    })
}

fn shown(at: Option<i64>) -> Option<String> {
    at.map(|at| date_time(Timestamp::from_millis(at)))
}
