//! `synesis vault`: which conversations have stored values, forgetting them, and where the key is.

use serde_json::json;

use crate::args::Vault;
use crate::commands::Context;
use crate::error::{CliError, Context as _, ErrorKind};
use crate::keyring::SystemKeyring;
use crate::privacy_rules::{conversation_id, vault};
use crate::vault_key::{self, KeyPlace};

const UNREADABLE: &str = "the vault cannot be read";

pub(crate) fn run(context: &Context, command: &Vault) -> Result<(), CliError> {
    context.initialise()?;
    match command {
        Vault::List => list(context),
        Vault::Forget { conversation, .. } => forget(context, conversation.as_deref()),
        Vault::Key { place } => key(context, *place),
    }
}

fn list(context: &Context) -> Result<(), CliError> {
    let names = vault(&context.home)?
        .conversations()
        .context(ErrorKind::User, UNREADABLE)?;
    if context.ui.json {
        let names: Vec<&str> = names.iter().map(|name| name.as_str()).collect();
        context.ui.value(&json!(names));
    } else {
        for name in names {
            context.ui.line(name.as_str());
        }
    }
    Ok(())
}

/// Forgets one conversation, or all of them.
fn forget(context: &Context, conversation: Option<&str>) -> Result<(), CliError> {
    let vault = vault(&context.home)?;
    let names = match conversation {
        Some(name) => vec![conversation_id(name)?],
        None => vault.conversations().context(ErrorKind::User, UNREADABLE)?,
    };
    let mut values = 0;
    for name in &names {
        values += vault
            .forget(name)
            .context(ErrorKind::User, "the vault cannot be written")?;
    }
    if context.ui.json {
        context.ui.value(&json!({ "forgotten": values }));
    }
    context.ui.say(&match values {
        0 => "There was nothing to forget.".to_owned(),
        1 => "Forgot 1 value.".to_owned(),
        values => format!("Forgot {values} values."),
    });
    Ok(())
}

/// Says where the key is, after moving it if a new place is given.
fn key(context: &Context, place: Option<KeyPlace>) -> Result<(), CliError> {
    let home = &context.home;
    match place {
        Some(place) => vault_key::move_to(home, &SystemKeyring, place)?,
        // A vault that was never used has no key yet.
        None => drop(vault(home)?),
    }
    let place = KeyPlace::of(home).map_or("nowhere", KeyPlace::name);
    if context.ui.json {
        context.ui.value(&json!({ "place": place }));
    } else {
        context.ui.line(place);
    }
    Ok(())
}
