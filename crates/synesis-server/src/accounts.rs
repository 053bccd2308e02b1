//! Accounts, as a command beside the server sees and changes them.

use std::io::{self, Write};
use std::str::FromStr;

use serde::Serialize;
use serde_json::json;
use synesis_domain::account::{History, flush_identifier};
use synesis_domain::{
    Account, AccountCommand, AccountEvent, EmailAddress, ExternalId, NanoUsd, Refusal, Tier,
    Timestamp, UserId,
};

use crate::clock;
use crate::limits::HISTORY_BYTES_MAX;
use crate::store::{Books, CloudPlace, StoreError};

/// Which account: by its id, or by an address that signs in to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountName {
    /// Its id.
    Id(UserId),
    /// An address.
    Email(EmailAddress),
}

/// The text names no account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an account is named by its id or by an e-mail address")]
pub struct AccountNameError;

impl FromStr for AccountName {
    type Err = AccountNameError;

    fn from_str(text: &str) -> Result<Self, AccountNameError> {
        if let Ok(id) = text.parse() {
            return Ok(Self::Id(id));
        }
        text.parse().map(Self::Email).map_err(|_| AccountNameError)
    }
}

/// Why an account was not shown or changed.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// There is none of that name.
    #[error("this cloud has no such account")]
    Unknown,
    /// The account refused.
    #[error("the account refused: {0}")]
    Refused(Refusal),
    /// The database failed.
    #[error("the database cannot be used")]
    Store(#[from] StoreError),
    /// The export could not be written.
    #[error("failed to write")]
    Write(#[from] io::Error),
    /// An event of the history cannot be read.
    #[error("event {sequence} of the history cannot be read")]
    Damaged {
        /// Which, counted from 1.
        sequence: u64,
    },
}

/// An amount of nano-dollars in quotes: JSON numbers hold no more than 2^53.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NanoText(pub NanoUsd);

impl Serialize for NanoText {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&self.0.get())
    }
}

/// An account at a glance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AccountSummary {
    /// Its id.
    pub user_id: String,
    /// An address that signs in to it.
    pub email: Option<String>,
    /// Stripe's name of it.
    pub customer: Option<String>,
    /// The tier in force.
    pub tier: String,
    /// What may be charged in a period.
    pub ceiling_nano: NanoText,
    /// What was charged in the open period.
    pub charged_nano: NanoText,
    /// What calls that run hold.
    pub held_nano: NanoText,
    /// What may still be held.
    pub room_nano: NanoText,
    /// Credit that is left.
    pub credit_nano: NanoText,
    /// What of it is kept for calls that run.
    pub pinned_nano: NanoText,
    /// What the user owes for money that was taken back.
    pub debt_nano: NanoText,
    /// What was charged and not queued for Stripe.
    pub unbilled_nano: NanoText,
    /// Calls of the open period.
    pub calls: u64,
    /// When the open period began, in Unix milliseconds.
    pub period_started: i64,
    /// How many events the history has.
    pub events: u64,
    /// The head of their chain.
    pub head: String,
    /// Reports to Stripe that are not confirmed.
    pub reports: Vec<ReportSummary>,
    /// Where the last comparison with Stripe found a gap.
    pub gaps: Vec<GapSummary>,
}

/// A report to Stripe that is not confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReportSummary {
    /// Under which name Stripe takes it.
    pub identifier: String,
    /// How many cents.
    pub cents: u64,
    /// When it was queued, in Unix milliseconds.
    pub queued_at: i64,
    /// Whether Stripe refused it, so that it waits for a person.
    pub parked: bool,
}

/// A gap between these books and Stripe's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GapSummary {
    /// What was compared.
    pub what: &'static str,
    /// What these books say, in cents.
    pub ours_cents: u64,
    /// What Stripe says.
    pub theirs_cents: u64,
}

impl AccountSummary {
    fn of(books: &mut Books, user: UserId) -> Result<Self, StoreError> {
        let email = books.address_of(user)?;
        let customer = books.customer(user)?;
        let head = books.receipt(user, clock::now())?.head;
        let account = books.account(user)?;
        let period = account.period();
        Ok(Self {
            user_id: user.to_string(),
            email: email.map(|email| email.to_string()),
            customer: customer.map(|customer| customer.to_string()),
            tier: account.tier().name().to_owned(),
            ceiling_nano: NanoText(account.limit()),
            charged_nano: NanoText(period.charged),
            held_nano: NanoText(account.held()),
            room_nano: NanoText(account.room()),
            credit_nano: NanoText(account.credit()),
            pinned_nano: NanoText(account.pinned_credit()),
            debt_nano: NanoText(account.debt()),
            unbilled_nano: NanoText(account.unbilled()),
            calls: period.calls,
            period_started: period.started.as_millis(),
            events: head.sequence,
            head: head.hash.to_string(),
            reports: reports(account),
            gaps: gaps(account),
        })
    }
}

fn reports(account: &Account) -> Vec<ReportSummary> {
    let user = account.user();
    account
        .flushes()
        .map(|(number, flush)| ReportSummary {
            identifier: flush_identifier(user, flush.period, number),
            cents: flush.cents,
            queued_at: flush.at.as_millis(),
            parked: flush.parked,
        })
        .collect()
}

fn gaps(account: &Account) -> Vec<GapSummary> {
    account
        .gaps()
        .map(|(gap, ours_cents, theirs_cents)| GapSummary {
            what: gap.name(),
            ours_cents,
            theirs_cents,
        })
        .collect()
}

/// The account of a name, where it was opened.
fn find(books: &mut Books, name: &AccountName) -> Result<Option<UserId>, StoreError> {
    let user = match name {
        AccountName::Id(user) => Some(*user),
        AccountName::Email(email) => books.user_of(email)?,
    };
    let Some(user) = user else {
        return Ok(None);
    };
    Ok(books.account(user)?.terms().is_some().then_some(user))
}

/// Every account of a cloud.
///
/// # Errors
/// When the folder holds no cloud, or its database cannot be read.
pub fn list_accounts(cloud: impl Into<CloudPlace>) -> Result<Vec<AccountSummary>, AccountError> {
    let found = cloud.into().once(|books| {
        let users = books.users()?;
        users
            .into_iter()
            .map(|user| AccountSummary::of(books, user))
            .collect::<Result<Vec<_>, _>>()
    })?;
    Ok(found)
}

/// One account.
///
/// # Errors
/// When there is none of that name, or the database cannot be read.
pub fn show_account(
    cloud: impl Into<CloudPlace>,
    name: &AccountName,
) -> Result<AccountSummary, AccountError> {
    let found = cloud.into().once(|books| {
        let user = find(books, name)?;
        user.map(|user| AccountSummary::of(books, user)).transpose()
    })?;
    found.ok_or(AccountError::Unknown)
}

/// What an operator can do to an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountChange {
    /// Give credit that nobody paid for; once for a promotion's name.
    Credit {
        /// The promotion's name.
        promo: ExternalId,
        /// How much.
        amount: NanoUsd,
        /// When what is left of it is lost.
        expires_at: Option<Timestamp>,
    },
    /// Another ceiling.
    Ceiling(NanoUsd),
    /// Other terms, from a moment on.
    Tier {
        /// Which.
        tier: Tier,
        /// From when on; a time that has passed means now.
        from: Timestamp,
    },
}

impl AccountChange {
    fn command(&self) -> AccountCommand {
        match self {
            Self::Credit {
                promo,
                amount,
                expires_at,
            } => AccountCommand::GrantPromo {
                promo: promo.clone(),
                amount: *amount,
                expires_at: *expires_at,
            },
            Self::Ceiling(ceiling) => AccountCommand::SetCeiling { ceiling: *ceiling },
            Self::Tier { tier, from } => AccountCommand::SetTier {
                tier: *tier,
                from: *from,
            },
        }
    }
}

/// Changes an account, beside a running server or without one, and gives what it is then.
///
/// # Errors
/// When there is none of that name, it refuses, or the database cannot be written.
pub fn change_account(
    cloud: impl Into<CloudPlace>,
    name: &AccountName,
    change: &AccountChange,
) -> Result<AccountSummary, AccountError> {
    let command = change.command();
    cloud.into().once(|books| {
        let Some(user) = find(books, name)? else {
            return Ok(Err(AccountError::Unknown));
        };
        if let Err(refusal) = books.command(user, clock::now(), &command)? {
            return Ok(Err(AccountError::Refused(refusal)));
        }
        AccountSummary::of(books, user).map(Ok)
    })?
}

/// Writes the whole history of an account, an event a line: its number, time, kind, double entry,
/// stored bytes and the head of the chain after it.
///
/// # Errors
/// When there is none of that name, the database cannot be read, or `out` cannot be written.
pub fn export_account(
    cloud: impl Into<CloudPlace>,
    name: &AccountName,
    mut out: impl Write + Send,
) -> Result<u64, AccountError> {
    cloud.into().with(|books| export(books, name, &mut out))?
}

fn export(
    books: &mut Books,
    name: &AccountName,
    out: &mut impl Write,
) -> Result<u64, AccountError> {
    let user = books
        .once(|books| find(books, name))?
        .ok_or(AccountError::Unknown)?;
    let mut history = History::new(user);
    loop {
        let after = history.head().sequence;
        let page =
            books.once(|books| books.history(user, after, HISTORY_BYTES_MAX, clock::now()))?;
        for stored in &page.events {
            let step = history.push(stored).map_err(|_| AccountError::Damaged {
                sequence: history.head().sequence + 1,
            })?;
            let line = line(&step.event, &history, stored);
            writeln!(out, "{line}")?;
        }
        if !page.more {
            out.flush()?;
            return Ok(history.head().sequence);
        }
    }
}

fn line(event: &AccountEvent, history: &History, stored: &[u8]) -> serde_json::Value {
    let legs: Vec<_> = event
        .legs()
        .iter()
        .map(|leg| json!({"book": leg.book.name(), "amount_nano": leg.amount.get().to_string()}))
        .collect();
    let hex: String = stored.iter().map(|byte| format!("{byte:02x}")).collect();
    json!({
        "sequence": history.head().sequence,
        "at": event.at.as_millis(),
        "kind": event.what.name(),
        "request": event.request().map(|request| request.to_string()),
        "legs": legs,
        "bytes": hex,
        "head": history.head().hash.to_string(),
    })
}
