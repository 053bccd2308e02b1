//! What can be typed.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use synesis_domain::{
    DeviceId, EmailAddress, ExternalId, ModelName, NanoUsd, PicoUsdPerToken, Timestamp, UserId,
};
use synesis_models::ModelRef;
use synesis_server::AccountName;

const EXAMPLES: &str = "\
Examples:
  synesis-server run --data-dir /var/lib/synesis --listen 0.0.0.0:4433 --name cloud.example.org
  synesis-server run --model openai:http://127.0.0.1:11434/v1#llama3.2
  synesis-server token create --expires 1h
  synesis-server account link ann@example.org
  synesis-server device list --json

Exit status: 0 done, 1 something you can mend, 2 wrong usage, 70 a bug of the server.";

/// The Synesis cloud as one server.
#[derive(Debug, Parser)]
#[command(name = "synesis-server", version, after_help = EXAMPLES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the server until SIGTERM or Ctrl-C.
    Run(Box<Run>),
    /// Tokens that enrol devices.
    #[command(subcommand)]
    Token(Token),
    /// The devices of this cloud.
    #[command(subcommand)]
    Device(Device),
    /// By whom devices know this cloud: its authority's file and SHA-256.
    Ca(ShowFolder),
    /// The accounts of this cloud: what they owe, their credit, their history.
    #[command(subcommand)]
    Account(Account),
    /// What models cost. Rows are added and never changed.
    #[command(subcommand)]
    Price(Price),
    /// What this cloud earned, month by month.
    Revenue(ShowFolder),
}

#[derive(Debug, Args)]
pub(crate) struct Folder {
    /// Where the cloud keeps everything.
    #[arg(
        long,
        value_name = "DIR",
        env = "SYNESIS_DATA_DIR",
        default_value = "synesis-data"
    )]
    pub(crate) data_dir: PathBuf,
    /// The PostgreSQL database (postgres://…) in place of a file in the folder. It may hold a
    /// password: the variable is not seen by others, what is typed is.
    #[arg(
        long,
        value_name = "URL",
        env = "SYNESIS_DATABASE_URL",
        hide_env_values = true
    )]
    pub(crate) database_url: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Run {
    #[command(flatten)]
    pub(crate) folder: Folder,
    /// Settings in TOML; what is typed counts more.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Address and port of QUIC (UDP) and HTTPS (TCP).
    #[arg(long, value_name = "ADDR:PORT")]
    pub(crate) listen: Option<SocketAddr>,
    /// A name or address of this server, for its certificate. Can be given again.
    #[arg(long = "name", value_name = "NAME")]
    pub(crate) names: Vec<String>,
    /// The model: builtin, gguf:PATH or openai:URL#MODEL.
    #[arg(long, value_name = "MODEL")]
    pub(crate) model: Option<ModelRef>,
    /// The key for the model's server.
    #[arg(
        long,
        value_name = "KEY",
        env = "SYNESIS_PROVIDER_API_KEY",
        hide_env_values = true
    )]
    pub(crate) provider_api_key: Option<String>,
    /// Stripe's secret key, in place of the file of the settings.
    #[arg(
        long,
        value_name = "KEY",
        env = "SYNESIS_STRIPE_SECRET_KEY",
        hide_env_values = true
    )]
    pub(crate) stripe_secret_key: Option<String>,
    /// What Stripe signs its webhooks with, in place of the file; two with a comma while one is
    /// exchanged.
    #[arg(
        long,
        value_name = "SECRETS",
        env = "SYNESIS_STRIPE_WEBHOOK_SECRETS",
        hide_env_values = true
    )]
    pub(crate) stripe_webhook_secrets: Option<String>,
    /// Stop when nobody was connected for this long (90s, 15m, 2h).
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(crate) exit_when_idle: Option<Duration>,
    /// The form of the log on stderr.
    #[arg(long, value_enum, default_value_t = LogFormat::Text)]
    pub(crate) log_format: LogFormat,
    /// What is logged: error, warn, info, debug or trace, also by module.
    #[arg(
        long,
        value_name = "FILTER",
        env = "SYNESIS_LOG",
        default_value = "info"
    )]
    pub(crate) log: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    Text,
    Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Token {
    /// Make a token that enrols one device, and print it: it is not shown again.
    Create(CreateToken),
}

#[derive(Debug, Args)]
pub(crate) struct CreateToken {
    #[command(flatten)]
    pub(crate) folder: Folder,
    /// The account that the device joins; without it the device opens one of its own.
    #[arg(long, value_name = "ID")]
    pub(crate) user: Option<UserId>,
    /// How long the token can be used (90s, 15m, 2h, 7d).
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "24h")]
    pub(crate) expires: Duration,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Device {
    /// List all devices.
    List(ListDevices),
    /// Revoke a device for good; its connections end within a second.
    Revoke(RevokeDevice),
}

#[derive(Debug, Args)]
pub(crate) struct ListDevices {
    #[command(flatten)]
    pub(crate) folder: Folder,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct RevokeDevice {
    #[command(flatten)]
    pub(crate) folder: Folder,
    /// Which device.
    #[arg(value_name = "ID")]
    pub(crate) device: DeviceId,
}

#[derive(Debug, Args)]
pub(crate) struct ShowFolder {
    #[command(flatten)]
    pub(crate) folder: Folder,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Account {
    /// List all accounts with what they owe and their credit.
    List(ShowFolder),
    /// Show one account: sums, reports to Stripe, gaps that a comparison found.
    Show(ShowAccount),
    /// Give credit that nobody paid for. The same promotion is credited once.
    Credit(CreditAccount),
    /// Change what may be charged in a month.
    Ceiling(SetCeiling),
    /// Change the tier, now or from a day on. What was before stays as it was.
    Tier(SetTier),
    /// Write the whole history, a JSON object an event: number, time, kind, double entry, stored bytes,
    /// head of the chain.
    Export(ExportAccount),
    /// Tie an e-mail address to an account: whoever reads that mailbox can sign in to it.
    Link(LinkAddress),
    /// Replay operations from a file of JSON lines, and write what came of each, then balances,
    /// bills and chain heads. Nothing is stored. The operations are described in docs/billing.md.
    Replay(ReplayOperations),
}

#[derive(Debug, Args)]
pub(crate) struct ReplayOperations {
    /// The file; `-` reads stdin.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct LinkAddress {
    #[command(flatten)]
    pub(crate) folder: Folder,
    /// The address.
    #[arg(value_name = "EMAIL")]
    pub(crate) email: EmailAddress,
    /// The account; without it that of the data folder's owner, whose devices enrol with the
    /// token file.
    #[arg(long, value_name = "ID")]
    pub(crate) user: Option<UserId>,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ShowAccount {
    #[command(flatten)]
    pub(crate) folder: Folder,
    /// Its id, or an e-mail address that signs in to it.
    #[arg(value_name = "ACCOUNT")]
    pub(crate) account: AccountName,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  synesis-server account credit ann@example.org '$5' --promo welcome-2026 --expires 90d"
)]
pub(crate) struct CreditAccount {
    #[command(flatten)]
    pub(crate) folder: Folder,
    /// Its id, or an e-mail address that signs in to it.
    #[arg(value_name = "ACCOUNT")]
    pub(crate) account: AccountName,
    /// How much, as $5 or 5.00.
    #[arg(value_name = "AMOUNT", value_parser = positive)]
    pub(crate) amount: NanoUsd,
    /// The name of the promotion: an account gets it once.
    #[arg(long, value_name = "NAME", value_parser = external)]
    pub(crate) promo: ExternalId,
    /// After how long what is left is lost (30d, 365d); never without it.
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(crate) expires: Option<Duration>,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct SetCeiling {
    #[command(flatten)]
    pub(crate) folder: Folder,
    /// Its id, or an e-mail address that signs in to it.
    #[arg(value_name = "ACCOUNT")]
    pub(crate) account: AccountName,
    /// How much, as $100.
    #[arg(value_name = "AMOUNT")]
    pub(crate) amount: NanoUsd,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TierName {
    /// Nothing is charged, up to --monthly-limit.
    Free,
    /// The provider's cost and --percent of it.
    Managed,
    /// The user's own key; --percent of the provider's cost is charged.
    Byok,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  synesis-server account tier ann@example.org free --monthly-limit '$5'\n  synesis-server account tier ann@example.org byok --percent 30 --from 2026-12-01"
)]
pub(crate) struct SetTier {
    #[command(flatten)]
    pub(crate) folder: Folder,
    /// Its id, or an e-mail address that signs in to it.
    #[arg(value_name = "ACCOUNT")]
    pub(crate) account: AccountName,
    /// Which tier.
    #[arg(value_enum)]
    pub(crate) tier: TierName,
    /// What is added to the provider's cost; 3 for managed and 30 for byok without it.
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u16).range(..=655))]
    pub(crate) percent: Option<u16>,
    /// What may be used for free in a month.
    #[arg(long, value_name = "AMOUNT", required_if_eq("tier", "free"))]
    pub(crate) monthly_limit: Option<NanoUsd>,
    /// From which day on (UTC); now without it.
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    pub(crate) from: Option<Timestamp>,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ExportAccount {
    #[command(flatten)]
    pub(crate) folder: Folder,
    /// Its id, or an e-mail address that signs in to it.
    #[arg(value_name = "ACCOUNT")]
    pub(crate) account: AccountName,
    /// The file to write; stdout without it.
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Price {
    /// List every row.
    List(ShowFolder),
    /// Add prices as the next version of a model.
    Add(AddPrice),
    /// Add the rows of a TOML file. What is there already is passed over; what differs from a row that
    /// is there is an error.
    Import(ImportPrices),
}

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  synesis-server price add claude-sonnet --prompt 3 --cached 0.30 --completion 15 --from 2026-12-01"
)]
pub(crate) struct AddPrice {
    #[command(flatten)]
    pub(crate) folder: Folder,
    /// The model, as the model table names its prices.
    #[arg(value_name = "MODEL", value_parser = model)]
    pub(crate) model: ModelName,
    /// Dollars for a million tokens of the prompt.
    #[arg(long, value_name = "DOLLARS", value_parser = price)]
    pub(crate) prompt: PicoUsdPerToken,
    /// Dollars for a million tokens of the prompt that the provider had in its cache; as --prompt
    /// without it.
    #[arg(long, value_name = "DOLLARS", value_parser = price)]
    pub(crate) cached: Option<PicoUsdPerToken>,
    /// Dollars for a million tokens of the answer.
    #[arg(long, value_name = "DOLLARS", value_parser = price)]
    pub(crate) completion: PicoUsdPerToken,
    /// From which day on (UTC); now without it.
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    pub(crate) from: Option<Timestamp>,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ImportPrices {
    #[command(flatten)]
    pub(crate) folder: Folder,
    /// The file, as the setting `prices` has it.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
}

fn model(text: &str) -> Result<ModelName, String> {
    ModelName::new(text).map_err(|error| error.to_string())
}

fn external(text: &str) -> Result<ExternalId, String> {
    ExternalId::new(text).map_err(|error| error.to_string())
}

fn positive(text: &str) -> Result<NanoUsd, String> {
    let amount: NanoUsd = text.parse().map_err(|error| format!("{error}"))?;
    if amount > NanoUsd::ZERO {
        Ok(amount)
    } else {
        Err("it is more than nothing".to_owned())
    }
}

/// Dollars for a million tokens; micro-dollars a million are pico-dollars a token.
fn price(text: &str) -> Result<PicoUsdPerToken, String> {
    let dollars: NanoUsd = text.parse().map_err(|error| format!("{error}"))?;
    let nano = u64::try_from(dollars.get()).map_err(|_| "it is negative".to_owned())?;
    if nano % 1000 != 0 {
        return Err("it has at most six digits after the point".to_owned());
    }
    PicoUsdPerToken::new(nano / 1000).ok_or_else(|| "it is too much".to_owned())
}

/// The first moment of a day.
fn day(text: &str) -> Result<Timestamp, String> {
    synesis_server::start_of_day(text).ok_or_else(|| "it is a day as 2026-12-01".to_owned())
}

/// A time such as `90s`, `15m`, `2h` or `7d`.
fn duration(text: &str) -> Result<Duration, String> {
    let unit_at = text
        .find(|c: char| !c.is_ascii_digit())
        .ok_or("the unit is missing: s, m, h or d")?;
    let (number, unit) = text.split_at(unit_at);
    let number: u64 = number
        .parse()
        .map_err(|_| "it does not begin with a number")?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 60 * 60,
        "d" => 24 * 60 * 60,
        _ => return Err("the unit is none of s, m, h and d".to_owned()),
    };
    number
        .checked_mul(seconds)
        .map(Duration::from_secs)
        .ok_or_else(|| "it is too long".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn prices_are_dollars_a_million_tokens() {
        let pico = |text| price(text).map(PicoUsdPerToken::get);
        assert_eq!(pico("3"), Ok(3_000_000));
        assert_eq!(pico("$0.0375"), Ok(37_500));
        assert_eq!(pico("0.000001"), Ok(1));
        assert!(pico("0.0000001").is_err());
        assert!(pico("-1").is_err());
    }

    #[test]
    fn times_have_a_unit() {
        assert_eq!(duration("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("2h"), Ok(Duration::from_secs(7200)));
        for wrong in [
            "",
            "5",
            "h",
            "5x",
            "99999999999999999999d",
            "999999999999999999d",
        ] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }
}
