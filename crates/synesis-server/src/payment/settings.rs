//! What the operator sets for Stripe.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use synesis_domain::NanoUsd;
use synesis_domain::limits::FLUSH_THRESHOLD_DEFAULT;
use synesis_service::stripe::{
    MeterEventName, MeterId, SecretError, StripeSecretKey, WebhookSecret,
};
use url::{Host, Url};

use crate::config::{ConfigError, wrong};

const BASE_URL: &str = "https://api.stripe.com";
const PRODUCT_NAME: &str = "Synesis credit";
const PRODUCT_NAME_CHARS_MAX: usize = 250;
const CENT: NanoUsd = NanoUsd::new(10_000_000);

/// Secrets that did not come from files; they count more than those that did.
#[derive(Debug, Clone, Default)]
pub struct StripeSecrets {
    key: Option<StripeSecretKey>,
    webhooks: Vec<WebhookSecret>,
}

impl StripeSecrets {
    /// Reads a key, and webhook secrets with commas between them, as they stand in the environment.
    ///
    /// # Errors
    /// When one is none. The text is not repeated.
    pub fn new(key: Option<&str>, webhooks: Option<&str>) -> Result<Self, ConfigError> {
        let key = key
            .map(StripeSecretKey::new)
            .transpose()
            .map_err(|error| wrong("SYNESIS_STRIPE_SECRET_KEY", &error))?;
        let webhooks = secrets(webhooks.unwrap_or_default(), ',')
            .map_err(|error| wrong("SYNESIS_STRIPE_WEBHOOK_SECRETS", &error))?;
        Ok(Self { key, webhooks })
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.key.is_none() && self.webhooks.is_empty()
    }
}

/// How this cloud stands with Stripe.
#[derive(Debug, Clone)]
pub struct StripeSettings {
    /// By which key Stripe knows the operator.
    pub secret_key: StripeSecretKey,
    /// What webhooks may be signed with; two while one is exchanged.
    pub webhook_secrets: Vec<WebhookSecret>,
    /// Where Stripe is.
    pub base_url: Url,
    /// Under which name usage is reported.
    pub meter_event_name: MeterEventName,
    /// Which meter adds it up.
    pub meter_id: MeterId,
    /// What stands on the page of a top-up and on its receipt.
    pub product_name: String,
    /// From which unbilled amount on usage is reported.
    pub flush_threshold: NanoUsd,
}

/// The section `[stripe]` of the settings.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StripeSection {
    secret_key_file: Option<PathBuf>,
    webhook_secrets_file: Option<PathBuf>,
    base_url: Option<String>,
    meter_event_name: Option<String>,
    meter_id: Option<String>,
    product_name: Option<String>,
    flush_threshold: Option<String>,
}

impl StripeSection {
    /// What is meant; `beside` is the folder that relative paths start from.
    pub(crate) fn settings(
        &self,
        given: &StripeSecrets,
        beside: &Path,
    ) -> Result<StripeSettings, ConfigError> {
        Ok(StripeSettings {
            secret_key: self.key(given, beside)?,
            webhook_secrets: self.webhooks(given, beside)?,
            base_url: base_url(self.base_url.as_deref().unwrap_or(BASE_URL))?,
            meter_event_name: needed("stripe.meter_event_name", self.meter_event_name.as_deref())?,
            meter_id: needed("stripe.meter_id", self.meter_id.as_deref())?,
            product_name: product_name(self.product_name.as_deref().unwrap_or(PRODUCT_NAME))?,
            flush_threshold: match self.flush_threshold.as_deref() {
                None => FLUSH_THRESHOLD_DEFAULT,
                Some(text) => threshold(text)?,
            },
        })
    }

    fn key(&self, given: &StripeSecrets, beside: &Path) -> Result<StripeSecretKey, ConfigError> {
        const SETTING: &str = "stripe.secret_key_file";
        if let Some(key) = &given.key {
            return Ok(key.clone());
        }
        let Some(file) = &self.secret_key_file else {
            let problem = "a file with the key is needed, or SYNESIS_STRIPE_SECRET_KEY";
            return Err(wrong(SETTING, &problem));
        };
        StripeSecretKey::new(&read(&beside.join(file))?).map_err(|error| wrong(SETTING, &error))
    }

    fn webhooks(
        &self,
        given: &StripeSecrets,
        beside: &Path,
    ) -> Result<Vec<WebhookSecret>, ConfigError> {
        const SETTING: &str = "stripe.webhook_secrets_file";
        if !given.webhooks.is_empty() {
            return Ok(given.webhooks.clone());
        }
        let found = match &self.webhook_secrets_file {
            None => Vec::new(),
            Some(file) => {
                secrets(&read(&beside.join(file))?, '\n').map_err(|error| wrong(SETTING, &error))?
            }
        };
        if found.is_empty() {
            let problem = "a file with a secret a line is needed, or SYNESIS_STRIPE_WEBHOOK_SECRETS: \
                           without one no top-up is ever credited";
            return Err(wrong(SETTING, &problem));
        }
        Ok(found)
    }
}

fn read(path: &Path) -> Result<String, ConfigError> {
    std::fs::read_to_string(path).map_err(|source| ConfigError::Unreadable {
        path: path.to_owned(),
        source,
    })
}

fn secrets(text: &str, between: char) -> Result<Vec<WebhookSecret>, SecretError> {
    text.split(between)
        .map(str::trim)
        .filter(|secret| !secret.is_empty())
        .map(WebhookSecret::new)
        .collect()
}

fn needed<T>(setting: &'static str, text: Option<&str>) -> Result<T, ConfigError>
where
    T: std::str::FromStr<Err: std::fmt::Display>,
{
    let text =
        text.ok_or_else(|| wrong(setting, &"it is needed; docs/billing.md says what it is"))?;
    text.parse().map_err(|error| wrong(setting, &error))
}

/// Stripe by HTTPS; on this machine, where a test double may stand for it, HTTP is enough.
fn base_url(text: &str) -> Result<Url, ConfigError> {
    const SETTING: &str = "stripe.base_url";
    let url = Url::parse(text).map_err(|error| wrong(SETTING, &error))?;
    let here = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    let safe = url.scheme() == "https" || (url.scheme() == "http" && here);
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    let nobody = url.username().is_empty() && url.password().is_none();
    if safe && url.has_host() && bare && nobody {
        return Ok(url);
    }
    let problem = format!("it looks like {BASE_URL}, with http on this machine only");
    Err(wrong(SETTING, &problem))
}

fn product_name(text: &str) -> Result<String, ConfigError> {
    let name = text.trim();
    let chars = name.chars().count();
    if (1..=PRODUCT_NAME_CHARS_MAX).contains(&chars) && !name.contains(char::is_control) {
        return Ok(name.to_owned());
    }
    let problem = format!("it has 1 to {PRODUCT_NAME_CHARS_MAX} characters on one line");
    Err(wrong("stripe.product_name", &problem))
}

fn threshold(text: &str) -> Result<NanoUsd, ConfigError> {
    const SETTING: &str = "stripe.flush_threshold";
    let amount: NanoUsd = text.parse().map_err(|error| wrong(SETTING, &error))?;
    if amount < CENT {
        return Err(wrong(
            SETTING,
            &"it is at least a cent: Stripe is told whole cents",
        ));
    }
    Ok(amount)
}
