//! `synesis config`: read and change the settings.

use serde_json::json;

use crate::args::Config;
use crate::commands::Context;
use crate::error::CliError;
use crate::settings::{KEYS, find};
use crate::ui::table::table;

pub(crate) fn run(context: &Context, command: &Config) -> Result<(), CliError> {
    let ui = context.ui;
    let file = context.home.settings_file();
    let mut settings = context.settings()?;
    match command {
        Config::Get { key } => {
            let (value, source) = settings.get(find(key)?)?;
            if ui.json {
                ui.value(&json!({ "key": key, "value": value, "source": source.as_str() }));
            } else {
                ui.line(&value);
            }
        }
        Config::Set { key, value } => {
            settings.set(&file, key, value)?;
            ui.say(&format!("set {key} to {value} in {}", file.display()));
        }
        Config::List => {
            let mut rows = Vec::new();
            for key in KEYS {
                let (value, source) = settings.get(key)?;
                rows.push((key, value, source));
            }
            if ui.json {
                let list: Vec<_> = rows
                    .iter()
                    .map(|(key, value, source)| {
                        json!({ "key": key.name, "value": value, "source": source.as_str(), "help": key.help })
                    })
                    .collect();
                ui.value(&json!(list));
            } else {
                let rows = rows.into_iter().map(|(key, value, source)| {
                    [
                        key.name.to_owned(),
                        value,
                        source.as_str().to_owned(),
                        key.help.to_owned(),
                    ]
                });
                ui.line(&table(["setting", "value", "from", "meaning"], rows));
            }
        }
        Config::Path => ui.line(&file.display().to_string()),
    }
    Ok(())
}
