//! What is meant: every setting with its value and where it came from.
//!
//! A flag wins over an environment variable, that over the file, that over the default. Nothing
//! after this module reads the environment.

use std::path::Path;

use synesis_cloud::TransportChoice;

use crate::error::{CliError, Context, ErrorKind};
use crate::home::write_atomically;

/// One setting that the file may hold.
#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) env: Option<&'static str>,
    pub(crate) default: &'static str,
    pub(crate) help: &'static str,
    check: fn(&str) -> Result<(), String>,
}

/// Every setting. `synesis config list` prints this table.
pub(crate) const KEYS: &[Key] = &[
    Key {
        name: "model",
        env: Some("SYNESIS_MODEL"),
        default: "auto",
        help: "the local model: auto, builtin, openai:URL#NAME, gguf:PATH or an added model's name",
        check: |value| {
            if value.trim().is_empty() {
                Err("a model's name".into())
            } else {
                Ok(())
            }
        },
    },
    Key {
        name: "max_tokens",
        env: None,
        default: "1024",
        help: "the longest answer, in tokens",
        check: |value| match value.parse::<u32>() {
            Ok(1..=32_768) => Ok(()),
            _ => Err("a whole number from 1 to 32768".into()),
        },
    },
    Key {
        name: "vault.keep_days",
        env: None,
        default: "90",
        help: "after so many days without use a conversation's stored values are forgotten",
        check: |value| match value.parse::<u32>() {
            Ok(1..=36_500) => Ok(()),
            _ => Err("a whole number of days from 1 to 36500".into()),
        },
    },
    Key {
        name: "cloud.model",
        env: None,
        default: "builtin",
        help: "the model that answers in the private cloud of this machine",
        check: |value| {
            if value.trim().is_empty() {
                Err("a model's name".into())
            } else {
                Ok(())
            }
        },
    },
    Key {
        name: "cloud.transport",
        env: None,
        default: "auto",
        help: "what carries the connection to the cloud: auto, quic or websocket",
        check: |value| {
            transport(value)
                .map(drop)
                .ok_or_else(|| "auto, quic or websocket".into())
        },
    },
    Key {
        name: "cloud.heartbeat_seconds",
        env: None,
        default: "30",
        help: "how often a connected device tells the cloud that it is there",
        check: |value| match value.parse::<u32>() {
            Ok(1..=3600) => Ok(()),
            _ => Err("a whole number of seconds from 1 to 3600".into()),
        },
    },
    Key {
        name: "cloud.timeout_seconds",
        env: None,
        default: "120",
        help: "how long an escalation may take",
        check: |value| match value.parse::<u32>() {
            Ok(1..=1800) => Ok(()),
            _ => Err("a whole number of seconds from 1 to 1800".into()),
        },
    },
];

fn transport(value: &str) -> Option<TransportChoice> {
    match value {
        "auto" => Some(TransportChoice::Auto),
        "quic" => Some(TransportChoice::QuicOnly),
        "websocket" => Some(TransportChoice::WebSocketOnly),
        _ => None,
    }
}

/// Where a value came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    Environment,
    File,
    Default,
}

impl Source {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Environment => "environment",
            Self::File => "file",
            Self::Default => "default",
        }
    }
}

/// The settings file, kept with its comments and order.
#[derive(Debug, Default)]
pub(crate) struct Settings {
    document: toml_edit::DocumentMut,
}

impl Settings {
    /// Reads the file; a missing one is an empty one.
    pub(crate) fn load(file: &Path) -> Result<Self, CliError> {
        let text = match std::fs::read_to_string(file) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => {
                return Err(
                    CliError::user(format!("cannot read {}", file.display())).because(error)
                );
            }
        };
        let document = text.parse().map_err(|error: toml_edit::TomlError| {
            CliError::user(format!("{} is not valid TOML", file.display()))
                .because(error)
                .hint("mend the file, or move it away to start with the defaults")
        })?;
        let settings = Self { document };
        for key in KEYS {
            if let Some(value) = settings.in_file(key.name) {
                check(key, &value).map_err(|error| {
                    error.hint(format!("the value stands in {}", file.display()))
                })?;
            }
        }
        Ok(settings)
    }

    /// The value of a setting and where it comes from.
    pub(crate) fn get(&self, key: &Key) -> Result<(String, Source), CliError> {
        if let Some(value) = key.env.and_then(|name| std::env::var(name).ok()) {
            check(key, &value)?;
            return Ok((value, Source::Environment));
        }
        Ok(match self.in_file(key.name) {
            Some(value) => (value, Source::File),
            None => (key.default.to_owned(), Source::Default),
        })
    }

    /// Changes a setting in the file.
    pub(crate) fn set(&mut self, file: &Path, name: &str, value: &str) -> Result<(), CliError> {
        let key = find(name)?;
        check(key, value)?;
        let item = match value.parse::<i64>() {
            Ok(number) => toml_edit::value(number),
            Err(_) => toml_edit::value(value),
        };
        match name.split_once('.') {
            Some((table, field)) => {
                let entry = self.document.entry(table).or_insert_with(toml_edit::table);
                let Some(table) = entry.as_table_like_mut() else {
                    return Err(CliError::user(format!(
                        "`{table}` in {} is no table",
                        file.display()
                    )));
                };
                table.insert(field, item);
            }
            None => {
                self.document.insert(name, item);
            }
        }
        if let Some(dir) = file.parent() {
            crate::home::create_private_dir(dir)
                .context(ErrorKind::User, format!("cannot make {}", dir.display()))?;
        }
        write_atomically(file, self.document.to_string().as_bytes())
            .context(ErrorKind::User, format!("cannot write {}", file.display()))
    }

    pub(crate) fn model(&self) -> Result<String, CliError> {
        Ok(self.get(find("model")?)?.0)
    }

    pub(crate) fn max_tokens(&self) -> Result<u32, CliError> {
        self.number("max_tokens")
    }

    pub(crate) fn cloud_model(&self) -> Result<String, CliError> {
        Ok(self.get(find("cloud.model")?)?.0)
    }

    pub(crate) fn cloud_timeout(&self) -> Result<std::time::Duration, CliError> {
        Ok(std::time::Duration::from_secs(
            self.number("cloud.timeout_seconds")?.into(),
        ))
    }

    /// What may carry the connection to the cloud.
    pub(crate) fn cloud_transport(&self) -> Result<TransportChoice, CliError> {
        let (value, _) = self.get(find("cloud.transport")?)?;
        Ok(transport(&value).unwrap_or_default())
    }

    /// How often a connected device tells the cloud that it is there.
    pub(crate) fn cloud_heartbeat(&self) -> Result<std::time::Duration, CliError> {
        let seconds = self.number("cloud.heartbeat_seconds")?;
        Ok(std::time::Duration::from_secs(seconds.into()))
    }

    /// How long an unused conversation stays in the vault.
    pub(crate) fn vault_keep(&self) -> Result<std::time::Duration, CliError> {
        let days: u64 = self.number("vault.keep_days")?.into();
        Ok(std::time::Duration::from_secs(days * 24 * 60 * 60))
    }

    fn number(&self, name: &str) -> Result<u32, CliError> {
        let (value, _) = self.get(find(name)?)?;
        value.parse().context(
            ErrorKind::User,
            format!("the setting `{name}` is no whole number"),
        )
    }

    fn in_file(&self, name: &str) -> Option<String> {
        let item = match name.split_once('.') {
            Some((table, field)) => self.document.get(table)?.get(field)?,
            None => self.document.get(name)?,
        };
        let value = item.as_value()?;
        Some(match value.as_str() {
            Some(text) => text.to_owned(),
            None => value.to_string().trim().to_owned(),
        })
    }
}

/// The setting of that name.
pub(crate) fn find(name: &str) -> Result<&'static Key, CliError> {
    KEYS.iter().find(|key| key.name == name).ok_or_else(|| {
        CliError::new(ErrorKind::Usage, format!("there is no setting `{name}`"))
            .hint("`synesis config list` shows every setting")
    })
}

fn check(key: &Key, value: &str) -> Result<(), CliError> {
    (key.check)(value).map_err(|wanted| {
        CliError::user(format!(
            "`{value}` is no value for the setting `{}`: give {wanted}",
            key.name
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_wins_over_default_and_keeps_its_comments() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("config.toml");
        std::fs::write(&file, "# mine\nmax_tokens = 7\n").unwrap();
        let mut settings = Settings::load(&file).unwrap();
        assert_eq!(settings.max_tokens().unwrap(), 7);
        settings.set(&file, "cloud.model", "builtin").unwrap();
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.starts_with("# mine\nmax_tokens = 7\n"), "{text}");
        let read = Settings::load(&file).unwrap();
        assert_eq!(
            read.get(find("cloud.model").unwrap()).unwrap().1,
            Source::File
        );
        assert_eq!(read.cloud_timeout().unwrap().as_secs(), 120);
    }

    #[test]
    fn unknown_names_and_wrong_values_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("config.toml");
        let mut settings = Settings::load(&file).unwrap();
        assert_eq!(
            settings.set(&file, "colour", "red").unwrap_err().kind,
            ErrorKind::Usage
        );
        assert_eq!(
            settings.set(&file, "max_tokens", "0").unwrap_err().kind,
            ErrorKind::User
        );
        assert!(!file.exists());
        std::fs::write(&file, "max_tokens = \"many\"").unwrap();
        assert!(Settings::load(&file).is_err());
    }
}
