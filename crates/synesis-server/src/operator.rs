//! What an operator does with accounts and prices, at the terminal.

use std::io::{BufWriter, Write};

use synesis_domain::{BasisPoints, NanoUsd, PriceRow, Tier, Timestamp};
use synesis_server::{
    AccountChange, AccountError, AccountSummary, MonthOfRevenue, NewPrice, PriceChangeError,
};

use crate::args::{
    AddPrice, CreditAccount, ExportAccount, ImportPrices, SetCeiling, SetTier, ShowAccount,
    ShowFolder, TierName,
};
use crate::{Failure, now, place, print, print_json};

impl From<AccountError> for Failure {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::Unknown => {
                Self::new(error).hint("`synesis-server account list` shows the accounts")
            }
            AccountError::Store(error) => synesis_server::ServerError::from(error).into(),
            error => Self::new(error),
        }
    }
}

impl From<PriceChangeError> for Failure {
    fn from(error: PriceChangeError) -> Self {
        match error {
            PriceChangeError::Store(error) => synesis_server::ServerError::from(error).into(),
            PriceChangeError::Changed { .. } => Self::new(error).hint(
                "`synesis-server price list` shows the rows; give the changed one a new version",
            ),
            error => Self::new(error),
        }
    }
}

pub(crate) fn list_accounts(list: &ShowFolder) -> Result<(), Failure> {
    let accounts = synesis_server::list_accounts(place(&list.folder)?)?;
    if list.json {
        return print_json(&accounts);
    }
    if accounts.is_empty() {
        return print("No account yet: the first device that enrols opens one.");
    }
    for account in accounts {
        print(&format!(
            "{}  {:8}  charged {}, credit {}{}  {}",
            account.user_id,
            account.tier,
            account.charged_nano.0,
            account.credit_nano.0,
            debt(&account),
            account.email.as_deref().unwrap_or("no address"),
        ))?;
    }
    Ok(())
}

fn debt(account: &AccountSummary) -> String {
    if account.debt_nano.0 > NanoUsd::ZERO {
        format!(", debt {}", account.debt_nano.0)
    } else {
        String::new()
    }
}

pub(crate) fn show_account(show: &ShowAccount) -> Result<(), Failure> {
    let account = synesis_server::show_account(place(&show.folder)?, &show.account)?;
    report(&account, show.json)
}

pub(crate) fn credit_account(credit: &CreditAccount) -> Result<(), Failure> {
    let expires_at = credit
        .expires
        .map(|life| now().plus_ms(i64::try_from(life.as_millis()).unwrap_or(i64::MAX)));
    let change = AccountChange::Credit {
        promo: credit.promo.clone(),
        amount: credit.amount,
        expires_at,
    };
    let account = synesis_server::change_account(place(&credit.folder)?, &credit.account, &change)?;
    report(&account, credit.json)
}

pub(crate) fn set_ceiling(set: &SetCeiling) -> Result<(), Failure> {
    let change = AccountChange::Ceiling(set.amount);
    let account = synesis_server::change_account(place(&set.folder)?, &set.account, &change)?;
    report(&account, set.json)
}

pub(crate) fn set_tier(set: &SetTier) -> Result<(), Failure> {
    let points = |usual: u16| BasisPoints::new(set.percent.unwrap_or(usual).saturating_mul(100));
    let tier = match set.tier {
        TierName::Managed => Tier::Managed { markup: points(3) },
        TierName::Byok => Tier::Byok {
            licensing: points(30),
        },
        TierName::Free => {
            let limit = set.monthly_limit.unwrap_or(NanoUsd::ZERO).floor_cents();
            Tier::Free {
                monthly_limit_cents: u32::try_from(limit).unwrap_or(u32::MAX),
            }
        }
    };
    let from = set.from.unwrap_or_else(now);
    let change = AccountChange::Tier { tier, from };
    let account = synesis_server::change_account(place(&set.folder)?, &set.account, &change)?;
    report(&account, set.json)
}

fn report(account: &AccountSummary, json: bool) -> Result<(), Failure> {
    if json {
        return print_json(account);
    }
    let none = || "none".to_owned();
    let rows = [
        ("account", account.user_id.clone()),
        ("address", account.email.clone().unwrap_or_else(none)),
        ("Stripe", account.customer.clone().unwrap_or_else(none)),
        ("tier", account.tier.clone()),
        (
            "charged",
            format!(
                "{} for {} calls since {}",
                account.charged_nano.0,
                account.calls,
                synesis_server::utc(Timestamp::from_millis(account.period_started))
            ),
        ),
        ("held", account.held_nano.0.to_string()),
        (
            "ceiling",
            format!("{}, room {}", account.ceiling_nano.0, account.room_nano.0),
        ),
        (
            "credit",
            format!(
                "{}, pinned {}",
                account.credit_nano.0, account.pinned_nano.0
            ),
        ),
        ("debt", account.debt_nano.0.to_string()),
        ("unbilled", account.unbilled_nano.0.to_string()),
        (
            "history",
            format!("{} events, head {}", account.events, account.head),
        ),
    ];
    for (name, value) in rows {
        print(&format!("{name:9} {value}"))?;
    }
    for waiting in &account.reports {
        let state = if waiting.parked {
            "refused by Stripe, waits for a person"
        } else {
            "queued"
        };
        print(&format!(
            "report    {}: {} cents, {state}",
            waiting.identifier, waiting.cents
        ))?;
    }
    for gap in &account.gaps {
        print(&format!(
            "gap       {}: {} cents here, {} at Stripe",
            gap.what, gap.ours_cents, gap.theirs_cents
        ))?;
    }
    Ok(())
}

pub(crate) fn export_account(export: &ExportAccount) -> Result<(), Failure> {
    let place = place(&export.folder)?;
    let Some(path) = &export.output else {
        let out = BufWriter::new(std::io::stdout());
        return match synesis_server::export_account(place, &export.account, out) {
            Err(AccountError::Write(error)) if error.kind() == std::io::ErrorKind::BrokenPipe => {
                Ok(())
            }
            other => Ok(other.map(drop)?),
        };
    };
    let file = std::fs::File::create(path)
        .map_err(|error| Failure::new(error).hint(format!("cannot write {}", path.display())))?;
    let mut out = BufWriter::new(file);
    let events = synesis_server::export_account(place, &export.account, &mut out)?;
    out.flush().map_err(Failure::new)?;
    print(&format!("{events} events are in {}", path.display()))
}

pub(crate) fn list_prices(list: &ShowFolder) -> Result<(), Failure> {
    let rows = synesis_server::list_prices(place(&list.folder)?)?;
    if list.json {
        return print_json(&rows.iter().map(price_json).collect::<Vec<_>>());
    }
    for row in rows {
        print_price(&row)?;
    }
    Ok(())
}

pub(crate) fn add_price(add: &AddPrice) -> Result<(), Failure> {
    let new = NewPrice {
        model: add.model.clone(),
        valid_from: add.from.unwrap_or_else(now),
        prompt: add.prompt,
        cached_prompt: add.cached.unwrap_or(add.prompt),
        completion: add.completion,
    };
    let row = synesis_server::add_price(place(&add.folder)?, &new)?;
    if add.json {
        return print_json(&price_json(&row));
    }
    print_price(&row)
}

pub(crate) fn import_prices(import: &ImportPrices) -> Result<(), Failure> {
    let added = synesis_server::import_prices(place(&import.folder)?, &import.file)?;
    print(&match added {
        0 => "Every row is there already.".to_owned(),
        1 => "1 row was added.".to_owned(),
        added => format!("{added} rows were added."),
    })
}

fn price_json(row: &PriceRow) -> serde_json::Value {
    serde_json::json!({
        "model": row.model.as_str(),
        "version": row.version,
        "valid_from": row.valid_from.as_millis(),
        "prompt_pico_usd": row.prompt.get(),
        "cached_prompt_pico_usd": row.cached_prompt.get(),
        "completion_pico_usd": row.completion.get(),
    })
}

fn print_price(row: &PriceRow) -> Result<(), Failure> {
    // Pico-dollars a token are micro-dollars a million tokens.
    let million = |pico: u64| {
        let nano = i64::try_from(pico.saturating_mul(1000)).unwrap_or(i64::MAX);
        NanoUsd::new(nano)
    };
    print(&format!(
        "{} version {} from {}: a million tokens {} in, {} cached, {} out",
        row.model,
        row.version,
        synesis_server::utc(row.valid_from),
        million(row.prompt.get()),
        million(row.cached_prompt.get()),
        million(row.completion.get()),
    ))
}

pub(crate) fn revenue(show: &ShowFolder) -> Result<(), Failure> {
    let months = synesis_server::revenue(place(&show.folder)?)?;
    if show.json {
        return print_json(&months);
    }
    if months.is_empty() {
        return print("Nothing was earned yet.");
    }
    for month in &months {
        print_month(month)?;
    }
    Ok(())
}

fn print_month(month: &MonthOfRevenue) -> Result<(), Failure> {
    print(&format!("{}  {} calls", month.month, month.calls))?;
    for (name, amount) in [
        ("providers took", month.provider_nano.0),
        ("fees", month.fee_nano.0),
        ("users pay", month.paid_nano.0),
        ("given away", month.given_nano.0),
        ("absorbed", month.absorbed_nano.0),
        ("payments", month.cash_nano.0),
        ("credit expired", month.breakage_nano.0),
        ("bills", NanoUsd::from_whole_cents(month.billed_cents)),
    ] {
        print(&format!("  {name:14}  {amount}"))?;
    }
    Ok(())
}
