//! The user's own privacy rules, and opening the redactor and the vault with them.

use std::fs;

use serde::{Deserialize, Serialize};
use synesis_privacy::{ConversationId, Redactor, RedactorConfig, TokenVault};

use crate::error::{CliError, Context, ErrorKind};
use crate::home::{Home, create_private_dir, write_atomically};
use crate::keyring::SystemKeyring;
use crate::settings::Settings;
use crate::vault_key;

/// One rule of the file, in the order in which it was added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Rule {
    /// A word or phrase that is private.
    Value(String),
    /// An expression whose matches are private.
    Pattern(String),
    /// A value that is never private.
    Allow(String),
}

impl Rule {
    pub(crate) fn sort(&self) -> &'static str {
        match self {
            Self::Value(_) => "value",
            Self::Pattern(_) => "pattern",
            Self::Allow(_) => "allow",
        }
    }

    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Value(text) | Self::Pattern(text) | Self::Allow(text) => text,
        }
    }
}

/// The file as a whole.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Rules {
    #[serde(default)]
    pub(crate) rules: Vec<Rule>,
}

impl Rules {
    pub(crate) fn load(home: &Home) -> Result<Self, CliError> {
        let file = home.privacy_rules_file();
        let text = match fs::read_to_string(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self::default());
            }
            Err(error) => {
                return Err(
                    CliError::user(format!("cannot read {}", file.display())).because(error)
                );
            }
        };
        toml::from_str(&text).map_err(|error| {
            CliError::user(format!("{} holds no privacy rules", file.display()))
                .because(error)
                .hint("nothing is redacted or sent with a broken file: mend it, or move it away")
        })
    }

    /// Checks the rules, then writes them.
    pub(crate) fn save(&self, home: &Home) -> Result<(), CliError> {
        self.redactor()?;
        let file = home.privacy_rules_file();
        if let Some(dir) = file.parent() {
            create_private_dir(dir)
                .context(ErrorKind::User, format!("cannot make {}", dir.display()))?;
        }
        let text =
            toml::to_string_pretty(self).context(ErrorKind::Bug, "cannot describe the rules")?;
        write_atomically(&file, text.as_bytes())
            .context(ErrorKind::User, format!("cannot write {}", file.display()))
    }

    pub(crate) fn redactor(&self) -> Result<Redactor, CliError> {
        let mut config = RedactorConfig::default();
        for rule in &self.rules {
            match rule {
                Rule::Value(text) => config.deny.push(text.clone()),
                Rule::Pattern(text) => config.patterns.push(text.clone()),
                Rule::Allow(text) => config.allow.push(text.clone()),
            }
        }
        Redactor::new(&config).context(ErrorKind::User, "a privacy rule cannot be used")
    }
}

/// The redactor with the user's rules.
pub(crate) fn redactor(home: &Home) -> Result<Redactor, CliError> {
    Rules::load(home)?.redactor()
}

/// The vault of this device.
pub(crate) fn vault(home: &Home) -> Result<TokenVault, CliError> {
    let failed = "cannot open the vault";
    let key = vault_key::open(home, &SystemKeyring)?;
    let vault = TokenVault::open(&home.vault_file(), key).context(ErrorKind::User, failed).map_err(|error| {
        error.hint("nothing was sent; move vault.db away, or use another `--home`, to start with an empty vault")
    })?;
    let keep = Settings::load(&home.settings_file())?.vault_keep()?;
    vault.expire(keep).context(ErrorKind::User, failed)?;
    Ok(vault)
}

pub(crate) fn conversation_id(name: &str) -> Result<ConversationId, CliError> {
    ConversationId::new(name).context(ErrorKind::Usage, "the conversation's name cannot be used")
}

/// A seed for a conversation that lives in memory.
pub(crate) fn seed() -> Result<[u8; 32], CliError> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).context(ErrorKind::User, "the system gives no randomness")?;
    Ok(seed)
}
