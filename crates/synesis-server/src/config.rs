//! What the operator can set, and what holds where nothing is set.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use synesis_domain::{BasisPoints, LoraId, ModelName, NanoUsd, PriceTable, Tier};
use synesis_models::{Engine, ModelRef, Secret};
use url::Url;

use crate::database_url::{DatabaseUrl, DatabaseUrlError};
use crate::mail::SmtpSettings;
use crate::metrics::MetricsToken;
use crate::payment::{StripeSecrets, StripeSection, StripeSettings};
use crate::price_file;

/// The port of a cloud that names none.
pub const PORT_DEFAULT: u16 = 4433;

const CERTIFICATE_LIFE_DEFAULT: Duration = Duration::from_secs(7 * 24 * 60 * 60);
const CALLS_PER_SECOND_DEFAULT: u32 = 100;
const DATABASE_WRITERS_DEFAULT: usize = 8;
/// More connections than a database likes to give one client.
const DATABASE_WRITERS_MAX: usize = 64;
const RECONNECT_GRACE_DEFAULT: Duration = Duration::from_secs(30);

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("failed to read {}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The file is no TOML, or has a key that is not known.
    #[error("{} is not a configuration", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Where and why.
        source: Box<toml::de::Error>,
    },
    /// A setting has a value that it cannot have.
    #[error("the setting {setting} cannot be used: {problem}")]
    Value {
        /// Which setting.
        setting: &'static str,
        /// What is wrong with it.
        problem: String,
    },
}

/// A certificate that browsers trust, for HTTPS only: devices on QUIC go on trusting the server's
/// own authority.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebCertificate {
    /// The certificate and those between it and its authority, PEM.
    pub chain: PathBuf,
    /// Its private key, PEM.
    pub key: PathBuf,
}

/// The settings of one server.
#[derive(Debug, Clone)]
pub struct ServerConfig {
    /// Everything the cloud remembers lies here.
    pub data_dir: PathBuf,
    /// The PostgreSQL database; a SQLite file in the folder where none is set.
    pub database_url: Option<DatabaseUrl>,
    /// How many connections write to PostgreSQL.
    pub database_writers: usize,
    /// QUIC (UDP) and HTTPS (TCP) on one port number; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where people reach this server with a browser; the address it listens on where none is set.
    pub public_url: Option<Url>,
    /// The certificate that HTTPS shows in place of one from the server's own authority.
    pub web_certificate: Option<WebCertificate>,
    /// Who sees `/metrics`: whoever has this token, or only this machine where none is set.
    pub metrics_token: Option<MetricsToken>,
    /// The server that takes mail; a folder where none is set.
    pub mail: Option<SmtpSettings>,
    /// Secrets for Stripe that do not stand in files; set before the file is applied.
    pub stripe_secrets: StripeSecrets,
    /// Stripe, where people pay by it.
    pub stripe: Option<StripeSettings>,
    /// Names and addresses of this server besides the loopback ones, for its certificate.
    pub names: Vec<String>,
    /// The model that answers escalations, under every name a device can ask for.
    pub model: ModelRef,
    /// The key for the server behind the model, where it wants one.
    pub provider_api_key: Option<Secret>,
    /// A model that is open already, in place of `model`.
    pub engine: Option<Arc<dyn Engine>>,
    /// What tokens cost.
    pub prices: PriceTable,
    /// Under which name of the price table the model's prices stand; `private-cloud` where none is
    /// given.
    pub priced_as: Option<ModelName>,
    /// On which terms accounts are opened.
    pub tier: Tier,
    /// The other terms that a user may change to.
    pub other_tiers: Vec<Tier>,
    /// What an account may spend in a month.
    pub ceiling: NanoUsd,
    /// LoRA adapters that escalations can name, with their files.
    pub adapters: BTreeMap<LoraId, PathBuf>,
    /// Calls a second that one device may make; twice as many at once.
    pub calls_per_second: u32,
    /// How long a device's certificate lives.
    pub certificate_life: Duration,
    /// How long a call goes on whose connection was lost, so that the device can come back to it.
    pub reconnect_grace: Duration,
    /// Stop when nobody was connected for this long.
    pub exit_when_idle: Option<Duration>,
}

impl ServerConfig {
    /// The defaults, for a data folder and an address.
    #[must_use]
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            data_dir: data_dir.into(),
            database_url: None,
            database_writers: DATABASE_WRITERS_DEFAULT,
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, PORT_DEFAULT)),
            public_url: None,
            web_certificate: None,
            metrics_token: None,
            mail: None,
            stripe_secrets: StripeSecrets::default(),
            stripe: None,
            names: Vec::new(),
            model: ModelRef::Builtin,
            provider_api_key: None,
            engine: None,
            prices: price_file::private_cloud(),
            priced_as: None,
            tier: Tier::MANAGED,
            other_tiers: Vec::new(),
            ceiling: synesis_domain::limits::CEILING_DEFAULT,
            adapters: BTreeMap::new(),
            calls_per_second: CALLS_PER_SECOND_DEFAULT,
            certificate_life: CERTIFICATE_LIFE_DEFAULT,
            reconnect_grace: RECONNECT_GRACE_DEFAULT,
            exit_when_idle: None,
        }
    }

    /// The terms that a user may choose, those of new accounts first.
    pub fn offers(&self) -> impl Iterator<Item = Tier> {
        std::iter::once(self.tier).chain(self.other_tiers.iter().copied())
    }

    /// Takes over the address of a PostgreSQL database.
    ///
    /// # Errors
    /// When it is none. The error does not repeat the text, which may hold a password.
    pub fn set_database_url(&mut self, text: &str) -> Result<(), ConfigError> {
        let url = text
            .parse()
            .map_err(|error: DatabaseUrlError| wrong("database_url", &error))?;
        self.database_url = Some(url);
        Ok(())
    }

    /// Takes over what a TOML file sets.
    ///
    /// # Errors
    /// When the file cannot be read, has unknown keys, or a value makes no sense.
    pub fn apply_file(&mut self, path: &Path) -> Result<(), ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Unreadable {
            path: path.to_owned(),
            source,
        })?;
        let file: File = toml::from_str(&text).map_err(|source| ConfigError::Malformed {
            path: path.to_owned(),
            source: Box::new(source),
        })?;
        file.apply(self, path.parent().unwrap_or(Path::new("")))
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    database_url: Option<MaskedText>,
    database_writers: Option<usize>,
    listen: Option<SocketAddr>,
    public_url: Option<String>,
    https_certificate: Option<PathBuf>,
    https_key: Option<PathBuf>,
    metrics_token: Option<MaskedText>,
    mail: Option<MailSection>,
    stripe: Option<StripeSection>,
    names: Option<Vec<String>>,
    model: Option<String>,
    prices: Option<PathBuf>,
    priced_as: Option<String>,
    markup_percent: Option<u16>,
    ceiling: Option<String>,
    tier: Option<String>,
    tiers: Option<TiersSection>,
    #[serde(default)]
    adapters: BTreeMap<String, PathBuf>,
    calls_per_second: Option<u32>,
    certificate_life_seconds: Option<u64>,
    reconnect_grace_seconds: Option<u64>,
    exit_when_idle_seconds: Option<u64>,
}

/// Text that may hold a password or a token.
#[derive(Deserialize)]
struct MaskedText(String);

impl std::fmt::Debug for MaskedText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MaskedText")
    }
}

/// Which terms there are besides `managed`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct TiersSection {
    free_monthly_limit: Option<String>,
    byok_licensing_percent: Option<u16>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MailSection {
    smtp_url: String,
    from: String,
}

/// Its URL may hold a password.
impl std::fmt::Debug for MailSection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MailSection").finish_non_exhaustive()
    }
}

impl File {
    /// Takes the settings over; `beside` is the folder that relative paths start from.
    fn apply(self, config: &mut ServerConfig, beside: &Path) -> Result<(), ConfigError> {
        if let Some(model) = &self.model {
            config.model = model.parse().map_err(|error| wrong("model", &error))?;
        }
        if let Some(prices) = &self.prices {
            config.prices = price_file::read(&beside.join(prices))?;
        }
        if let Some(name) = &self.priced_as {
            let name = name.parse().map_err(|error| wrong("priced_as", &error))?;
            config.priced_as = Some(name);
        }
        self.apply_database(config)?;
        self.apply_web(config, beside)?;
        if let Some(stripe) = &self.stripe {
            config.stripe = Some(stripe.settings(&config.stripe_secrets, beside)?);
        }
        for (name, path) in &self.adapters {
            let name = name.parse().map_err(|error| wrong("adapters", &error))?;
            config.adapters.insert(name, beside.join(path));
        }
        self.apply_tiers(config)?;
        self.apply_numbers(config)
    }

    fn apply_database(&self, config: &mut ServerConfig) -> Result<(), ConfigError> {
        if let Some(MaskedText(url)) = &self.database_url {
            config.set_database_url(url)?;
        }
        if let Some(writers) = self.database_writers {
            if !(1..=DATABASE_WRITERS_MAX).contains(&writers) {
                let range = format!("it is a number from 1 to {DATABASE_WRITERS_MAX}");
                return Err(wrong("database_writers", &range));
            }
            config.database_writers = writers;
        }
        Ok(())
    }

    fn apply_web(&self, config: &mut ServerConfig, beside: &Path) -> Result<(), ConfigError> {
        if let Some(url) = &self.public_url {
            config.public_url = Some(public_url(url)?);
        }
        config.web_certificate = match (&self.https_certificate, &self.https_key) {
            (None, None) => config.web_certificate.take(),
            (Some(chain), Some(key)) => Some(WebCertificate {
                chain: beside.join(chain),
                key: beside.join(key),
            }),
            (Some(_), None) => return Err(wrong("https_key", &"https_certificate needs it")),
            (None, Some(_)) => return Err(wrong("https_certificate", &"https_key needs it")),
        };
        if let Some(MaskedText(token)) = &self.metrics_token {
            let token = MetricsToken::new(token).map_err(|error| wrong("metrics_token", &error))?;
            config.metrics_token = Some(token);
        }
        if let Some(mail) = &self.mail {
            let settings = SmtpSettings::new(&mail.smtp_url, &mail.from);
            config.mail = Some(settings.map_err(|error| wrong("mail", &error))?);
        }
        Ok(())
    }

    /// `managed` is always offered; the others where their terms are set.
    fn apply_tiers(&self, config: &mut ServerConfig) -> Result<(), ConfigError> {
        if self.tier.is_none() && self.tiers.is_none() && self.markup_percent.is_none() {
            return Ok(());
        }
        let mut tiers = vec![match self.markup_percent {
            None => Tier::MANAGED,
            Some(markup) => Tier::Managed {
                markup: percent("markup_percent", markup)?,
            },
        }];
        if let Some(section) = &self.tiers {
            if let Some(limit) = &section.free_monthly_limit {
                tiers.push(Tier::Free {
                    monthly_limit_cents: whole_cents("tiers.free_monthly_limit", limit)?,
                });
            }
            if let Some(licensing) = section.byok_licensing_percent {
                tiers.push(Tier::Byok {
                    licensing: percent("tiers.byok_licensing_percent", licensing)?,
                });
            }
        }
        let wanted = self.tier.as_deref().unwrap_or("managed");
        let Some(place) = tiers.iter().position(|tier| tier.name() == wanted) else {
            let names: Vec<_> = tiers.iter().map(Tier::name).collect();
            let problem = format!(
                "it is one of {}; [tiers] sets the terms of others",
                names.join(", ")
            );
            return Err(wrong("tier", &problem));
        };
        config.tier = tiers.remove(place);
        config.other_tiers = tiers;
        Ok(())
    }

    fn apply_numbers(self, config: &mut ServerConfig) -> Result<(), ConfigError> {
        if let Some(listen) = self.listen {
            config.listen = listen;
        }
        if let Some(names) = self.names {
            config.names = names;
        }
        if let Some(ceiling) = self.ceiling {
            config.ceiling = ceiling.parse().map_err(|error| wrong("ceiling", &error))?;
        }
        if let Some(calls) = self.calls_per_second {
            config.calls_per_second = calls;
        }
        if let Some(seconds) = self.certificate_life_seconds {
            config.certificate_life = Duration::from_secs(seconds);
        }
        if let Some(seconds) = self.reconnect_grace_seconds {
            config.reconnect_grace = Duration::from_secs(seconds);
        }
        if let Some(seconds) = self.exit_when_idle_seconds {
            config.exit_when_idle = Some(Duration::from_secs(seconds));
        }
        Ok(())
    }
}

/// The whole cents of an amount.
fn whole_cents(setting: &'static str, text: &str) -> Result<u32, ConfigError> {
    let amount: NanoUsd = text.parse().map_err(|error| wrong(setting, &error))?;
    u32::try_from(amount.floor_cents())
        .ok()
        .filter(|cents| NanoUsd::from_cents(*cents) == amount)
        .ok_or_else(|| wrong(setting, &"it is whole cents, less than $42 million"))
}

fn percent(setting: &'static str, percent: u16) -> Result<BasisPoints, ConfigError> {
    percent
        .checked_mul(100)
        .map(BasisPoints::new)
        .ok_or_else(|| wrong(setting, &"more than 655"))
}

/// An address of this server for browsers: https, a host, and nothing after it.
fn public_url(text: &str) -> Result<Url, ConfigError> {
    let url = Url::parse(text).map_err(|error| wrong("public_url", &error))?;
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    if url.scheme() == "https" && url.has_host() && url.username().is_empty() && bare {
        return Ok(url);
    }
    Err(wrong(
        "public_url",
        &"it looks like https://cloud.example.org",
    ))
}

pub(crate) fn wrong(setting: &'static str, problem: &dyn std::fmt::Display) -> ConfigError {
    ConfigError::Value {
        setting,
        problem: problem.to_string(),
    }
}
