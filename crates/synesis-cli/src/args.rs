//! What was typed: the command line as clap sees it, and nothing of what it means.

mod cloud_devices;
mod cloud_login;
mod cloud_money;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueHint};

use crate::vault_key::KeyPlace;

pub(crate) use cloud_devices::{CloudConnect, CloudDevices, DevicesCommand};
pub(crate) use cloud_login::{CloudKeys, CloudLogin, CreateKey};
pub(crate) use cloud_money::{
    CalendarMonth, CloudAudit, CloudProviderKey, CloudRecord, CloudStatement, CloudTier,
    CloudTopUp, CloudUsage, UsageBy,
};

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
  synesis cloud keys create --name ci --scope write,escalate --expires 90d
  synesis cloud balance --json
  synesis cloud usage --days 7 --by model
  synesis cloud topup $10
  synesis cloud audit";

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
    /// What was charged, what is held, what is left, and which credit there is.
    Balance,
    /// What was used on this device, by day, model or project.
    Usage(CloudUsage),
    /// Buy credit on a page of the cloud's payment provider.
    #[command(name = "topup")]
    TopUp(CloudTopUp),
    /// What the account is charged by, and changing that.
    Tier(CloudTier),
    /// Give the cloud your own key for its model's provider, or have it forget that.
    ProviderKey(CloudProviderKey),
    /// Check the cloud's ledger: its chain, its receipts, and every call of this device.
    Audit(CloudAudit),
    /// The statement of a month, added up on this device.
    Statement(CloudStatement),
    /// Count a call that a program made with your own key.
    Record(CloudRecord),
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
    fn command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
