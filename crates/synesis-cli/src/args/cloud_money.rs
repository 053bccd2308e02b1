//! What is typed after `synesis cloud usage`, `topup`, `tier`, `statement` and `record`.

use std::str::FromStr;

use clap::{Args, ValueEnum};
use synesis_domain::{ModelName, NanoUsd, ProjectId, RequestId, Timestamp};
use time::{Date, Month};

const USAGE_EXAMPLES: &str = "\
Examples:
  synesis cloud usage
  synesis cloud usage --days 7 --by model
  synesis cloud usage --by project --csv > usage.csv

It reads this device's own ledger: no connection is needed.";

#[derive(Debug, Args)]
#[command(after_help = USAGE_EXAMPLES)]
pub(crate) struct CloudUsage {
    /// So many days in UTC, today included.
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=3_660))]
    pub(crate) days: u32,
    /// What to add up by.
    #[arg(long, value_enum, default_value_t = UsageBy::Day)]
    pub(crate) by: UsageBy,
    /// Print comma-separated values.
    #[arg(long)]
    pub(crate) csv: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum UsageBy {
    Day,
    Model,
    Project,
}

const TOP_UP_EXAMPLES: &str = "\
Examples:
  synesis cloud topup $10
  synesis cloud topup 10.50 --no-browser
  synesis cloud topup 25 --no-wait --json | jq -r .url

The credit is there when the payment has arrived at the cloud, not when the page says thank you.";

#[derive(Debug, Args)]
#[command(after_help = TOP_UP_EXAMPLES)]
pub(crate) struct CloudTopUp {
    /// How much, in dollars: `$10`, `10` or `10.50`.
    #[arg(value_name = "AMOUNT", value_parser = cents)]
    pub(crate) cents: u64,
    /// Only print the address: open no browser.
    #[arg(long)]
    pub(crate) no_browser: bool,
    /// Do not wait for the payment.
    #[arg(long)]
    pub(crate) no_wait: bool,
}

const TIER_EXAMPLES: &str = "\
Examples:
  synesis cloud tier
  synesis cloud tier byok
  synesis cloud tier managed --from 2027-01-01";

#[derive(Debug, Args)]
#[command(after_help = TIER_EXAMPLES)]
pub(crate) struct CloudTier {
    /// The tier to change to; without it, what is in force and what the cloud offers.
    #[arg(value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// From this day on, in UTC; without it from now on. What was before stays as it was.
    #[arg(long, value_name = "YYYY-MM-DD", requires = "name", value_parser = day)]
    pub(crate) from: Option<Timestamp>,
}

const PROVIDER_KEY_EXAMPLES: &str = "\
Examples:
  synesis cloud provider-key
  pass show provider | synesis cloud provider-key
  synesis cloud provider-key --forget

The key is read from the terminal without being shown, or from stdin; never from the command line. The
cloud keeps it encrypted and never gives it back. With it the provider bills you, and on the tier byok
the cloud charges only its fee.";

#[derive(Debug, Args)]
#[command(after_help = PROVIDER_KEY_EXAMPLES)]
pub(crate) struct CloudProviderKey {
    /// Have the cloud forget the key.
    #[arg(long)]
    pub(crate) forget: bool,
}

const AUDIT_EXAMPLES: &str = "\
Examples:
  synesis cloud audit
  synesis cloud audit --json | jq .findings

Exit status: 0 everything fits, 1 something differs.";

#[derive(Debug, Args)]
#[command(after_help = AUDIT_EXAMPLES)]
pub(crate) struct CloudAudit {}

const STATEMENT_EXAMPLES: &str = "\
Examples:
  synesis cloud statement
  synesis cloud statement 2026-10
  synesis cloud statement 2026-10 --csv > 2026-10.csv";

#[derive(Debug, Args)]
#[command(after_help = STATEMENT_EXAMPLES)]
pub(crate) struct CloudStatement {
    /// The month, in UTC; without it the period that is open.
    #[arg(value_name = "YYYY-MM")]
    pub(crate) month: Option<CalendarMonth>,
    /// Print comma-separated values.
    #[arg(long)]
    pub(crate) csv: bool,
}

const RECORD_EXAMPLES: &str = "\
Examples:
  synesis cloud record --model claude-sonnet --prompt 1200 --completion 340
  synesis cloud record --model gpt-4-turbo --prompt 900 --cached 512 --completion 80 --project boats

The call is on this device's disk when the command ends, and is sent as soon as the cloud can be
reached: now, with the next `synesis cloud balance`, or by `synesis cloud connect`. The same --id
again is never charged again.";

#[derive(Debug, Args)]
#[command(after_help = RECORD_EXAMPLES)]
pub(crate) struct CloudRecord {
    /// The model, as the cloud's price table names it.
    #[arg(long, value_name = "MODEL")]
    pub(crate) model: ModelName,
    /// Tokens of the prompt, the cached ones included.
    #[arg(long, value_name = "N")]
    pub(crate) prompt: u32,
    /// Tokens of the answer.
    #[arg(long, value_name = "N")]
    pub(crate) completion: u32,
    /// What of the prompt the provider had in its cache.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) cached: u32,
    /// The project it belongs to.
    #[arg(long, value_name = "PROJECT")]
    pub(crate) project: Option<ProjectId>,
    /// The call's own id, a UUID; without it one is made.
    #[arg(long, value_name = "UUID")]
    pub(crate) id: Option<RequestId>,
}

/// A month of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CalendarMonth {
    year: i32,
    month: Month,
}

impl CalendarMonth {
    /// Its first moment, in UTC.
    pub(crate) fn start(self) -> Timestamp {
        Date::from_calendar_date(self.year, self.month, 1)
            .map_or_else(|_| Timestamp::default(), midnight)
    }
}

impl FromStr for CalendarMonth {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts: Option<(i32, u8)> = text
            .split_once('-')
            .filter(|(year, month)| year.len() == 4 && month.len() == 2)
            .and_then(|(year, month)| Some((year.parse().ok()?, month.parse().ok()?)));
        parts
            .and_then(|(year, month)| {
                let month = Month::try_from(month).ok()?;
                (year >= 1970).then_some(Self { year, month })
            })
            .ok_or_else(|| "a month looks like 2026-10".to_owned())
    }
}

impl std::fmt::Display for CalendarMonth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-{:02}", self.year, u8::from(self.month))
    }
}

fn midnight(date: Date) -> Timestamp {
    let seconds = date.midnight().assume_utc().unix_timestamp();
    Timestamp::from_millis(seconds.saturating_mul(1000))
}

fn day(text: &str) -> Result<Timestamp, String> {
    let parsed = text.rsplit_once('-').and_then(|(month, day)| {
        let CalendarMonth { year, month } = month.parse().ok()?;
        let day = (day.len() == 2).then(|| day.parse().ok()).flatten()?;
        Date::from_calendar_date(year, month, day).ok()
    });
    parsed
        .map(midnight)
        .ok_or_else(|| "a day looks like 2027-01-31".to_owned())
}

/// An amount that can be paid: whole cents, more than none.
fn cents(text: &str) -> Result<u64, String> {
    let amount: NanoUsd = text.parse().map_err(|error| format!("{error}"))?;
    let cents = amount.floor_cents();
    if amount <= NanoUsd::ZERO {
        return Err("nothing can be bought for that; an amount looks like $10".to_owned());
    }
    if NanoUsd::from_whole_cents(cents) != amount {
        return Err("only whole cents can be paid".to_owned());
    }
    Ok(cents)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_whole_cents() {
        assert_eq!(cents("$10"), Ok(1_000));
        assert_eq!(cents("10.50"), Ok(1_050));
        for wrong in ["0", "-5", "0.001", "ten", ""] {
            assert!(cents(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn days_and_months_are_those_of_the_calendar() {
        assert_eq!(day("1970-01-02"), Ok(Timestamp::from_millis(86_400_000)));
        assert_eq!(
            day("2000-02-29"),
            Ok(Timestamp::from_millis(951_782_400_000))
        );
        let month: CalendarMonth = "2000-02".parse().unwrap();
        assert_eq!(month.start(), Timestamp::from_millis(949_363_200_000));
        assert_eq!(month.to_string(), "2000-02");
        for wrong in [
            "2001-02-29",
            "2026-1-1",
            "26-01-01",
            "2026-01",
            "today",
            "",
            "2026-13-01",
        ] {
            assert!(day(wrong).is_err(), "{wrong}");
        }
        for wrong in ["2026-00", "2026-13", "2026", "2026-1", "1969-12", "-026-01"] {
            assert!(wrong.parse::<CalendarMonth>().is_err(), "{wrong}");
        }
    }
}
