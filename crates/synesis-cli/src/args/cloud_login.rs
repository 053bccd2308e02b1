//! `synesis cloud login` and `synesis cloud keys`, as they are typed.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

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
  synesis cloud keys create --name ci --scope write,escalate --expires 90d > ci.key
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
