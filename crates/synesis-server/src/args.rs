//! What can be typed.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use synesis_domain::{DeviceId, EmailAddress, UserId};
use synesis_models::ModelRef;

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
    Ca(ShowAuthority),
    /// Who can sign in to which account.
    #[command(subcommand)]
    Account(Account),
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
pub(crate) struct ShowAuthority {
    #[command(flatten)]
    pub(crate) folder: Folder,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Account {
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
