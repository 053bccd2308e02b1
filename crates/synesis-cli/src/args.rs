//! What was typed: the command line as clap sees it, and nothing of what it means.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueHint};

use crate::vault_key::KeyPlace;

const EXAMPLES: &str = "\
Examples:
  synesis ask \"What is 17 + 25?\"
  synesis ask --cloud --show-egress \"Write to ann@example.com: what is the capital of France?\"
  git diff | synesis redact
  synesis cloud up

Exit status: 0 done, 1 you can fix it, 2 wrong usage, 3 cloud unreachable or not logged in,
4 refused by ceiling, role or Ethos, 70 a bug of ours, 130 interrupted.";

/// A local-first assistant with a cloud of its own.
#[derive(Debug, Parser)]
#[command(name = "synesis", version, after_help = EXAMPLES, arg_required_else_help = true)]
pub(crate) struct Cli {
    /// Print data as JSON on stdout.
    #[arg(long, global = true)]
    pub(crate) json: bool,

    /// Say more on stderr; twice for everything.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,

    /// Keep everything below this folder instead of the user's usual places.
    #[arg(long, global = true, env = "SYNESIS_HOME", value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) home: Option<PathBuf>,

    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make this device's key and folders. First use does it by itself.
    Init,
    /// Ask the council a question.
    Ask(Ask),
    /// What runs here: device, model, engine, hardware, cloud.
    Status,
    /// Models on this device.
    #[command(subcommand)]
    Model(Model),
    /// Documents the council may cite.
    #[command(subcommand)]
    Knowledge(Knowledge),
    /// What the privacy proxy finds.
    #[command(subcommand)]
    Privacy(Privacy),
    /// Replace private values by placeholders: text in, text out.
    Redact(Filter),
    /// Put the values back in place of their placeholders.
    Reinflate(Filter),
    /// The stored values behind placeholders.
    #[command(subcommand)]
    Vault(Vault),
    /// The cloud: start one, enrol, see the account.
    #[command(subcommand)]
    Cloud(Cloud),
    /// Read and change the settings.
    #[command(subcommand)]
    Config(Config),
    /// Print a completion script for a shell.
    Completions {
        /// The shell to complete for.
        shell: clap_complete::Shell,
    },
}

const ASK_EXAMPLES: &str = "\
Examples:
  synesis ask \"What is 17 + 25?\"
  synesis ask --local \"How many meters are 3 kilometers?\"
  synesis ask --cloud --show-egress \"Write to ann@example.com: what is the capital of France?\"
  synesis ask --model openai:http://127.0.0.1:11434/v1#llama3.2 \"Why is the sky blue?\"
  synesis ask --json \"What is 17 + 25?\" | jq .answer
  synesis ask --context notes.txt \"Who owns the blue boat?\"
  cat question.txt | synesis ask -";

#[derive(Debug, Args)]
#[command(after_help = ASK_EXAMPLES)]
pub(crate) struct Ask {
    /// The question; `-` or nothing reads it from stdin.
    #[arg(value_name = "QUESTION")]
    pub(crate) question: Vec<String>,

    /// A text that the question is about; `-` for stdin.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) context: Option<PathBuf>,

    /// Answer on this device only; nothing leaves it.
    #[arg(long, conflicts_with = "cloud")]
    pub(crate) local: bool,

    /// Let the cloud answer; private values are replaced before.
    #[arg(long)]
    pub(crate) cloud: bool,

    /// The project that the question belongs to, for the cloud's account of it.
    #[arg(long, value_name = "PROJECT")]
    pub(crate) project: Option<synesis_domain::ProjectId>,

    /// The adapter that the cloud is to answer with.
    #[arg(long, value_name = "NAME", requires = "cloud")]
    pub(crate) lora: Option<synesis_domain::LoraId>,

    /// The local model: `auto`, `builtin`, `openai:URL#NAME`, `gguf:PATH` or a name from `synesis model list`.
    #[arg(long, value_name = "MODEL", env = "SYNESIS_MODEL")]
    pub(crate) model: Option<String>,

    /// Print the answer while it is written (the default on a terminal).
    #[arg(long, overrides_with = "no_stream")]
    pub(crate) stream: bool,

    /// Print the answer when it is whole (the default into a file or pipe).
    #[arg(long, overrides_with = "stream")]
    pub(crate) no_stream: bool,

    /// Print exactly what leaves this device.
    #[arg(long)]
    pub(crate) show_egress: bool,

    /// Say why the question was answered where it was.
    #[arg(long)]
    pub(crate) explain: bool,

    /// At most this many tokens of answer.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=32_768))]
    pub(crate) max_tokens: Option<u32>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Model {
    /// Models that can be used now: built in, added, and served on this machine.
    List,
    /// Add a model file in GGUF format.
    Add {
        /// The file.
        #[arg(value_hint = ValueHint::FilePath)]
        path: PathBuf,
        /// The name to use it by; the file's name without one.
        #[arg(long)]
        name: Option<String>,
    },
    /// Forget an added model; its file stays.
    Remove {
        /// The model's name.
        name: String,
    },
    /// Answer with this model from now on.
    Use {
        /// `auto`, `builtin`, `openai:URL#NAME`, `gguf:PATH` or an added model's name.
        model: String,
    },
    /// What is known of a model.
    Info {
        /// As for `use`; the model in use without one.
        model: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Knowledge {
    /// Index files and folders; what did not change is skipped.
    Add {
        /// Files or folders.
        #[arg(required = true, value_hint = ValueHint::AnyPath)]
        paths: Vec<PathBuf>,
    },
    /// The indexed files.
    List,
    /// Search the index.
    Search {
        /// Words to look for.
        #[arg(required = true)]
        query: Vec<String>,
        /// At most this many passages.
        #[arg(long, default_value_t = 8)]
        limit: usize,
    },
    /// Take files or folders out of the index; the files stay.
    Remove {
        /// Files or folders.
        #[arg(required = true, value_hint = ValueHint::AnyPath)]
        paths: Vec<PathBuf>,
    },
    /// Sizes and counts of the index.
    Stats,
}

const PRIVACY_EXAMPLES: &str = "\
Examples:
  synesis privacy scan notes.txt
  git diff | synesis privacy scan -
  synesis privacy add --value \"Project Falcon\"
  synesis privacy add --pattern \"CASE-[0-9]{6}\"
  synesis privacy add --allow \"support@example.com\"";

#[derive(Debug, Subcommand)]
#[command(after_help = PRIVACY_EXAMPLES)]
pub(crate) enum Privacy {
    /// Show what would be replaced in a file or stdin.
    Scan {
        /// The file; `-` for stdin.
        #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
        file: PathBuf,
    },
    /// Add a value or a pattern that is always private, or a value that never is.
    Add(PrivacyRule),
    /// The rules added by the user.
    List,
    /// Remove a rule by its number in `privacy list`.
    Remove {
        /// The number.
        number: usize,
    },
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct PrivacyRule {
    /// A word or phrase that is private.
    #[arg(long)]
    pub(crate) value: Option<String>,
    /// A regular expression whose matches are private; with a group named `value`, only that group.
    #[arg(long)]
    pub(crate) pattern: Option<String>,
    /// A value that is never private.
    #[arg(long)]
    pub(crate) allow: Option<String>,
}

const FILTER_EXAMPLES: &str = "\
Examples:
  synesis redact < mail.txt > safe.txt
  synesis redact --conversation review < a.txt | some-llm | synesis reinflate --conversation review
  echo '{\"id\":\"1\",\"text\":\"call +49 30 901820\"}' | synesis redact --json

With --json: JSON lines, one answer a line, in order. `redact` reads {id, text, conversation?} and
writes {id, text, findings}; `reinflate` reads {id, text | chunks, conversation?} and writes
{id, text | chunks}. A line that is not valid JSON gets {\"error\"} in its place.";

#[derive(Debug, Args)]
#[command(after_help = FILTER_EXAMPLES)]
pub(crate) struct Filter {
    /// The conversation whose placeholders are used; they stay the same in it.
    #[arg(long, value_name = "NAME")]
    pub(crate) conversation: Option<String>,
    /// Keep the values in memory for this run only.
    #[arg(long)]
    pub(crate) ephemeral: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Vault {
    /// Conversations with stored values; never the values.
    List,
    /// Forget the values of a conversation; its placeholders cannot be put back any more.
    Forget {
        /// The conversation's name.
        #[arg(required_unless_present = "all")]
        conversation: Option<String>,
        /// Forget every conversation.
        #[arg(long, conflicts_with = "conversation")]
        all: bool,
    },
    /// Where the key of the vault is kept; with a place, keep it there from now on.
    Key {
        /// The new place.
        place: Option<KeyPlace>,
    },
}

const CLOUD_EXAMPLES: &str = "\
Examples:
  synesis cloud up                    a private cloud on this machine, in the background
  synesis cloud up --foreground       the same, here, with its log on stderr
  synesis cloud login --url https://cloud.example:4433
  synesis cloud keys create --name ci --scope write --expires 90d
  synesis cloud balance --json";

#[derive(Debug, Subcommand)]
#[command(after_help = CLOUD_EXAMPLES)]
pub(crate) enum Cloud {
    /// Start a private cloud on this machine and enrol this device.
    Up(CloudUp),
    /// Stop the private cloud of this machine; calls that run are finished first.
    Down,
    /// Enrol this device at a cloud: approve it on the cloud's page.
    Login(CloudLogin),
    /// API keys for machines without a person.
    #[command(subcommand)]
    Keys(CloudKeys),
    /// The devices of this account, and putting one out.
    Devices(CloudDevices),
    /// Stay connected until Ctrl-C: heartbeats, renewals, and what becomes of the connection.
    Connect(CloudConnect),
    /// Revoke this device at its cloud and forget the enrolment.
    Logout,
    /// The connection to the cloud: address, round trip, certificate.
    Status,
    /// What was charged, what is held, what is left.
    Balance,
}

const DEVICES_EXAMPLES: &str = "\
Examples:
  synesis cloud devices
  synesis cloud devices --json | jq '.devices[] | select(.online)'
  synesis cloud devices revoke 4f6c0d2e-…";

#[derive(Debug, Args)]
#[command(after_help = DEVICES_EXAMPLES)]
pub(crate) struct CloudDevices {
    #[command(subcommand)]
    pub(crate) command: Option<DevicesCommand>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DevicesCommand {
    /// Each device with its state, its last heartbeat and how it was then. The same as nothing.
    List,
    /// Put a device out for good; its connections are closed at once.
    Revoke {
        /// The device's id, from `synesis cloud devices`.
        #[arg(value_name = "ID")]
        device: synesis_domain::DeviceId,
    },
}

#[derive(Debug, Args)]
pub(crate) struct CloudConnect {
    /// The project at hand: the cloud is told when this machine's GPU is under stress.
    #[arg(long, value_name = "PROJECT")]
    pub(crate) project: Option<synesis_domain::ProjectId>,
    /// The adapter that the cloud is to get ready then.
    #[arg(long, value_name = "NAME", requires = "project")]
    pub(crate) lora: Option<synesis_domain::LoraId>,
}

#[derive(Debug, Args)]
pub(crate) struct CloudUp {
    /// Run here until Ctrl-C instead of in the background.
    #[arg(long)]
    pub(crate) foreground: bool,
    /// The address and port to listen on, for UDP and TCP.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    pub(crate) listen: std::net::SocketAddr,
    /// The model that answers: `builtin`, `openai:URL#NAME` or `gguf:PATH`.
    #[arg(long, value_name = "MODEL")]
    pub(crate) model: Option<String>,
    /// Stop after this many seconds without a connected device.
    #[arg(long, value_name = "SECONDS", hide = true)]
    pub(crate) exit_when_idle: Option<u64>,
}

const LOGIN_EXAMPLES: &str = "\
Examples:
  synesis cloud login --url https://cloud.example.org
  synesis cloud login                       at the cloud of the last time
  synesis cloud login --url https://192.0.2.7:4433 --ca-sha256 5f2e…c1
  SYNESIS_CLOUD_API_KEY=syn_key_… synesis cloud login --url https://cloud.example.org
  synesis cloud login --url https://cloud.example:4433 --ca ca.pem --token-file token

It prints an address and a code; whoever opens the address signs in by mail, compares the code and
approves this device. An API key (from SYNESIS_CLOUD_API_KEY or --api-key-file) needs nobody; it is used
once and not kept.";

#[derive(Debug, Args)]
#[command(after_help = LOGIN_EXAMPLES)]
pub(crate) struct CloudLogin {
    /// The cloud's address; without it that of the last login, else the private cloud here.
    #[arg(long, value_name = "URL")]
    pub(crate) url: Option<String>,
    /// The cloud's CA certificate (PEM); without it the authorities that browsers believe.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) ca: Option<PathBuf>,
    /// The SHA-256 of the cloud's CA certificate, in place of the file.
    #[arg(long, value_name = "HEX", conflicts_with = "ca")]
    pub(crate) ca_sha256: Option<Sha256Hex>,
    /// Only print the address: open no browser.
    #[arg(long)]
    pub(crate) no_browser: bool,
    /// A file with an API key that has the scope `write`; `-` for stdin.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "token_file")]
    pub(crate) api_key_file: Option<PathBuf>,
    /// A file with the enrolment token from the operator (`synesis-server token create`); `-` for stdin.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) token_file: Option<PathBuf>,
}

/// A SHA-256 as people copy it: 64 hexadecimal digits, with or without colons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sha256Hex(pub(crate) [u8; 32]);

impl std::str::FromStr for Sha256Hex {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WRONG: &str = "a SHA-256 has 64 hexadecimal digits";
        let digits: Option<Vec<u8>> = text
            .chars()
            .filter(|c| *c != ':' && !c.is_whitespace())
            .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
            .collect();
        let digits = digits.filter(|digits| digits.len() == 64).ok_or(WRONG)?;
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = pair.iter().fold(0, |byte, digit| byte << 4 | digit);
        }
        Ok(Self(bytes))
    }
}

const KEYS_EXAMPLES: &str = "\
Examples:
  synesis cloud keys create --name ci --scope write --expires 90d > ci.key
  synesis cloud keys list --json
  synesis cloud keys revoke 0190a6b2-8f6e-4c3a-9d15-3b1f0a2c4e6d

Scopes: read (see the account), write (enrol devices), escalate (ask the cloud's models),
admin (all of it, and manage keys and devices).";

#[derive(Debug, Subcommand)]
#[command(after_help = KEYS_EXAMPLES)]
pub(crate) enum CloudKeys {
    /// Make a key and print it: it is not shown again.
    Create(CreateKey),
    /// The keys of this account.
    List,
    /// Revoke a key for good.
    Revoke {
        /// The key's id, from `synesis cloud keys list`.
        #[arg(value_name = "ID")]
        key: synesis_domain::KeyId,
    },
}

#[derive(Debug, Args)]
pub(crate) struct CreateKey {
    /// What the key is for, in your words.
    #[arg(long)]
    pub(crate) name: String,
    /// What it may do: read, write, escalate or admin. Can be given again, or with commas.
    #[arg(
        long = "scope",
        value_name = "SCOPE",
        required = true,
        value_delimiter = ','
    )]
    pub(crate) scopes: Vec<synesis_domain::Scope>,
    /// When it ends by itself (90s, 15m, 2h, 30d); never without it.
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(crate) expires: Option<std::time::Duration>,
}

/// A time such as `90s`, `15m`, `2h` or `30d`.
fn duration(text: &str) -> Result<std::time::Duration, String> {
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
    let seconds = number.checked_mul(seconds).filter(|seconds| *seconds > 0);
    seconds
        .map(std::time::Duration::from_secs)
        .ok_or_else(|| "it is too long, or no time at all".to_owned())
}

#[derive(Debug, Subcommand)]
pub(crate) enum Config {
    /// The value of a setting.
    Get {
        /// The setting's name, for example `model`.
        key: String,
    },
    /// Change a setting.
    Set {
        /// The setting's name.
        key: String,
        /// The new value.
        value: String,
    },
    /// Every setting with its value and where it comes from.
    List,
    /// The path of the settings file.
    Path,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn a_hash_is_read_however_it_is_copied() {
        let plain = "5f".repeat(32);
        let colons = vec!["5F"; 32].join(":");
        let expected = Ok(Sha256Hex([0x5f; 32]));
        assert_eq!(plain.parse::<Sha256Hex>(), expected);
        assert_eq!(colons.parse::<Sha256Hex>(), expected);
        assert!(plain[1..].parse::<Sha256Hex>().is_err());
        assert!("zz".repeat(32).parse::<Sha256Hex>().is_err());
    }

    #[test]
    fn command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
