//! What the commands about money share.

use synesis_cloud::{BillingClient, LocalLedger};
use synesis_domain::NanoUsd;

use crate::cloud_link::CloudLink;
use crate::commands::Context;
use crate::error::{CliError, Context as _, ErrorKind};

/// An amount in JSON: digits in quotes, because not every program reads whole numbers of 64 bits.
pub(super) fn nano(amount: NanoUsd) -> String {
    amount.get().to_string()
}

/// Hundredths of a per cent, as a person says them.
pub(super) fn per_cent(rate_bp: u32) -> String {
    let (whole, rest) = (rate_bp / 100, rate_bp % 100);
    match rest {
        0 => format!("{whole} %"),
        rest if rest % 10 == 0 => format!("{whole}.{} %", rest / 10),
        rest => format!("{whole}.{rest:02} %"),
    }
}

/// A reported total: whole cents, rounded up once.
pub(super) fn in_cents(total: NanoUsd) -> NanoUsd {
    u64::try_from(total.ceil_cents()).map_or(NanoUsd::ZERO, NanoUsd::from_whole_cents)
}

pub(super) fn calls(count: u64) -> String {
    if count == 1 {
        "1 call".to_owned()
    } else {
        format!("{count} calls")
    }
}

/// The money behind a link that is up.
pub(super) fn billing(context: &Context, link: &CloudLink) -> Result<BillingClient, CliError> {
    Ok(BillingClient::new(
        link.tunnel.clone(),
        open_ledger(context)?,
    ))
}

/// The record of what this device asked the cloud for.
pub(crate) fn open_ledger(context: &Context) -> Result<LocalLedger, CliError> {
    LocalLedger::open(&context.home.ledger_file())
        .context(ErrorKind::User, "cannot open this device's ledger")
        .map_err(|error| {
            error.hint("nothing was sent; free some disk space or check the folder's rights")
        })
}

/// An error of this device's ledger.
pub(super) fn ledger_failed(error: synesis_cloud::LedgerError) -> CliError {
    CliError::user("this device's ledger cannot be read").because(error)
}

/// `--csv` and `--json` exclude each other; the second is known to every command.
pub(super) fn one_format(context: &Context, csv: bool) -> Result<(), CliError> {
    if csv && context.ui.json {
        return Err(CliError::new(
            ErrorKind::Usage,
            "--csv and --json cannot be had at once",
        ));
    }
    Ok(())
}

/// One line of comma-separated values (RFC 4180). A value that a spreadsheet would take for a
/// formula is quoted behind an apostrophe.
pub(super) fn csv_line<S: AsRef<str>>(values: impl IntoIterator<Item = S>) -> String {
    let cells: Vec<String> = values
        .into_iter()
        .map(|value| cell(value.as_ref()))
        .collect();
    cells.join(",")
}

fn cell(value: &str) -> String {
    let is_number = value.parse::<i64>().is_ok();
    let formula = !is_number && value.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let value = if formula {
        format!("'{value}")
    } else {
        value.to_owned()
    };
    if value.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", value.replace('"', "\"\""))
    } else {
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_and_totals_read_as_a_person_says_them() {
        assert_eq!(per_cent(300), "3 %");
        assert_eq!(per_cent(0), "0 %");
        assert_eq!(per_cent(250), "2.5 %");
        assert_eq!(per_cent(1_205), "12.05 %");
        let total = NanoUsd::new(1_030_000_001);
        assert_eq!(in_cents(total).to_string(), "$1.04");
        assert_eq!(calls(1), "1 call");
    }

    #[test]
    fn cells_are_quoted_and_never_formulas() {
        let values = ["a", "b,c", "say \"x\"", "=1+1", "-5", "-x", ""];
        assert_eq!(
            csv_line(values),
            "a,\"b,c\",\"say \"\"x\"\"\",'=1+1,-5,'-x,"
        );
    }
}
