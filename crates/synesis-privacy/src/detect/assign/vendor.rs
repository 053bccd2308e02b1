//! The vendors whose secrets a key may name.

use crate::detect::View;
use crate::detect::words::Hit;
use crate::kind::EntityKind::{self, *};

/// Parts of keys and the kind they tell; the first that fits counts.
const VENDORS: &[(&str, EntityKind)] = &[
    ("aws", AwsSecretKey),
    ("datadog", Datadog),
    ("dd_", Datadog),
    ("postmark", Postmark),
    ("heroku", Heroku),
    ("cloudflare", CloudflareToken),
    ("cf_", CloudflareToken),
    ("okta", Okta),
    ("algolia", Algolia),
    ("fastly", Fastly),
    ("cohere", Cohere),
    ("mistral", Mistral),
    ("deepseek", DeepSeek),
    ("asana", Asana),
    ("neon", Neon),
    ("azure_storage", AzureStorage),
    ("azure_devops", AzureDevops),
    ("azure", AzureClientSecret),
    ("snowflake", Snowflake),
    ("confluent", Confluent),
    ("vonage", Vonage),
    ("nexmo", Vonage),
    ("okteto", Okteto),
    ("ngrok", Ngrok),
    ("sidekiq", Sidekiq),
    ("mailchimp", Mailchimp),
    ("telegram", TelegramBot),
    ("discord", DiscordBot),
    ("twilio", Twilio),
    ("sendgrid", SendGrid),
    ("stripe", StripeSecret),
    ("github", GithubToken),
    ("gitlab", GitlabToken),
    ("slack", SlackBot),
    ("upstash", Upstash),
    ("vercel", Vercel),
    ("netlify", Netlify),
    ("paystack", Paystack),
    ("plaid", Plaid),
    ("twitter", Twitter),
    ("facebook", Facebook),
    ("dropbox", Dropbox),
    ("sonar", SonarQube),
    ("maxmind", MaxMind),
    ("sentry", Sentry),
    ("openai", OpenAi),
];

/// The vendor that the key names, should it name one.
pub(super) fn vendor(view: &View<'_>, hit: Hit, value: &str) -> EntityKind {
    let from = (view.line_start(hit.start)).max(hit.start.saturating_sub(40));
    let from = (from..hit.start)
        .find(|&place| view.text.is_char_boundary(place))
        .unwrap_or(hit.start);
    let key = view.text[from..hit.end].to_ascii_lowercase();
    let hex = value.strip_prefix("0x").unwrap_or(value);
    if key.contains("private")
        && hex.len() == 64
        && hex.bytes().all(|byte| byte.is_ascii_hexdigit())
    {
        return EthereumPrivateKey;
    }
    VENDORS
        .iter()
        .find(|(name, _)| key.contains(name))
        .map_or(Secret, |(_, kind)| *kind)
}
