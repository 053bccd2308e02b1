//! `synesis vault`: which conversations have stored values, and forgetting them.

use serde_json::json;

use crate::args::Vault;
use crate::commands::Context;
use crate::error::{CliError, Context as _, ErrorKind};
use crate::privacy_rules::{conversation_id, vault};

pub(crate) fn run(context: &Context, command: &Vault) -> Result<(), CliError> {
    context.initialise()?;
    let vault = vault(&context.home)?;
    let failed = "the vault cannot be read";
    match command {
        Vault::List => {
            let names = vault.conversations().context(ErrorKind::User, failed)?;
            if context.ui.json {
                let names: Vec<&str> = names.iter().map(|name| name.as_str()).collect();
                context.ui.value(&json!(names));
            } else {
                for name in names {
                    context.ui.line(name.as_str());
                }
            }
        }
        Vault::Forget { conversation, all } => {
            let names = match conversation {
                Some(name) => vec![conversation_id(name)?],
                None if *all => vault.conversations().context(ErrorKind::User, failed)?,
                None => Vec::new(),
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
        }
    }
    Ok(())
}
