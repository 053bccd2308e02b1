//! Reports of what is to be billed: sent in order, one at a time of each account, until Stripe has
//! said that it has them.
//!
//! Name, amount, time and idempotency key of a report were fixed when it was queued, in one
//! transaction with the books. 200 and "already exists" both mean that Stripe has it. What Stripe
//! refuses is parked for a person and holds up nobody else. After 24 hours without an answer Stripe
//! may have forgotten the name, so its sums are compared before anything is sent again.

use synesis_domain::account::{QueuedFlush, flush_identifier};
use synesis_domain::{AccountCommand, Timestamp, UserId};
use synesis_service::stripe::{
    MeterEventIdentifier, StripeCustomerId, SummaryWindow, UsageReport, report_usage, usage_summary,
};

use super::customer::{CustomerError, customer_of};
use super::{Payment, StripeError, StripeOutcome};
use crate::clock;
use crate::cloud::Cloud;
use crate::error::chain;
use crate::limits::REPORT_UNANSWERED_MS_MAX;
use crate::store::{DueFlush, StoreError};

/// When a report without an answer is sent again. The client tries several times before.
const AGAIN_MS: i64 = 60_000;
const MINUTE_MS: i64 = 60_000;

/// What to do with a report that nobody answered for long, by Stripe's sum of the minute in which it
/// was queued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    /// It is in the sum.
    Sent,
    /// It is not.
    Missing,
    /// The sum makes no sense: a person has to look.
    Unclear,
}

/// `others` are the cents of that minute that Stripe confirmed.
const fn compare(theirs: u64, others: u64, cents: u64) -> Found {
    if theirs == others {
        Found::Missing
    } else if theirs == others.saturating_add(cents) {
        Found::Sent
    } else {
        Found::Unclear
    }
}

/// Sends every report that is due.
pub(super) async fn send_due(cloud: &Cloud, payment: &Payment) -> Result<(), StoreError> {
    loop {
        let now = clock::now();
        let due = cloud.store.run(move |books| books.due_flushes(now)).await?;
        if due.is_empty() {
            return Ok(());
        }
        for flush in due {
            if let Err(error) = send(cloud, payment, flush).await {
                tracing::warn!(user = %flush.user, number = flush.number, error = %chain(&error),
                    "a report to Stripe waits");
            }
        }
    }
}

#[derive(Debug, thiserror::Error)]
enum NotSent {
    #[error("the database failed")]
    Store(#[from] StoreError),
    #[error("Stripe could not be asked")]
    Stripe(#[from] StripeError),
    #[error(transparent)]
    Customer(#[from] CustomerError),
    #[error("the report cannot be written: {0}")]
    Unwritable(String),
}

async fn send(cloud: &Cloud, payment: &Payment, flush: DueFlush) -> Result<(), NotSent> {
    let now = clock::now();
    let (user, number) = (flush.user, flush.number);
    let queued = cloud
        .store
        .run_for(user, move |books| {
            if !books.begin_flush(flush, now, now.plus_ms(AGAIN_MS))? {
                return Ok(None);
            }
            let account = books.account(user)?;
            Ok(account
                .flushes()
                .find_map(|(found, queued)| (found == number).then_some(*queued)))
        })
        .await?;
    let Some(queued) = queued else {
        return Ok(());
    };
    let customer = customer_of(cloud, payment, user).await?;
    let silent = flush
        .first_sent_at
        .is_some_and(|first| now.since(first) >= REPORT_UNANSWERED_MS_MAX);
    if silent && !is_missing(cloud, payment, flush, &queued, &customer).await? {
        return Ok(());
    }
    let report = UsageReport {
        event_name: payment.settings.meter_event_name.clone(),
        customer,
        cents: queued.cents,
        identifier: identifier(user, &queued, number)?,
        timestamp: queued.at,
    };
    let command = match payment.client.send(&report_usage(&report)).await? {
        StripeOutcome::Done(_) | StripeOutcome::AlreadyExists => {
            tracing::info!(%user, cents = queued.cents, identifier = %report.identifier,
                "Stripe has a report");
            AccountCommand::ConfirmFlush { number }
        }
        StripeOutcome::Refused(refusal) => {
            tracing::error!(%user, cents = queued.cents, identifier = %report.identifier, %refusal,
                "Stripe refused a report: it waits for a person");
            AccountCommand::ParkFlush { number }
        }
    };
    end(cloud, user, command).await
}

fn identifier(
    user: UserId,
    queued: &QueuedFlush,
    number: u32,
) -> Result<MeterEventIdentifier, NotSent> {
    flush_identifier(user, queued.period, number)
        .parse()
        .map_err(|error: synesis_service::stripe::StripeIdError| {
            NotSent::Unwritable(error.to_string())
        })
}

async fn end(cloud: &Cloud, user: UserId, command: AccountCommand) -> Result<(), NotSent> {
    cloud
        .store
        .run_for(user, move |books| {
            if let Err(refusal) = books.command(user, clock::now(), &command)? {
                tracing::error!(%user, %refusal, "an answer of Stripe's was not noted");
            }
            Ok(())
        })
        .await?;
    Ok(())
}

/// Asks Stripe's sums about a report that was never answered. Where they say that it is there, or
/// make no sense, that is noted and there is nothing to send.
async fn is_missing(
    cloud: &Cloud,
    payment: &Payment,
    flush: DueFlush,
    queued: &QueuedFlush,
    customer: &StripeCustomerId,
) -> Result<bool, NotSent> {
    let minute = queued.at.as_millis().div_euclid(MINUTE_MS) * MINUTE_MS;
    let from = Timestamp::from_millis(minute);
    let to = from.plus_ms(MINUTE_MS - 1);
    let window = SummaryWindow::covering(from, to)
        .map_err(|error| NotSent::Unwritable(error.to_string()))?;
    let request = usage_summary(&payment.settings.meter_id, customer, window);
    let theirs = match payment.client.send(&request).await? {
        StripeOutcome::Done(summary) if summary.complete => summary.cents,
        other => return Err(NotSent::Unwritable(format!("no sum: {other:?}"))),
    };
    let (user, number) = (flush.user, flush.number);
    let others = cloud
        .store
        .run(move |books| books.sent_cents(user, from, to))
        .await?;
    let found = compare(theirs, others, queued.cents);
    tracing::warn!(%user, number, theirs, others, cents = queued.cents, ?found,
        "a report had no answer for a day: Stripe's sums were asked");
    match found {
        Found::Missing => {
            cloud
                .store
                .run(move |books| books.restart_flush(flush))
                .await?;
            Ok(true)
        }
        Found::Sent => {
            end(cloud, user, AccountCommand::ConfirmFlush { number }).await?;
            Ok(false)
        }
        Found::Unclear => {
            tracing::error!(%user, number, "Stripe's sum fits no count: the report waits for a person");
            end(cloud, user, AccountCommand::ParkFlush { number }).await?;
            Ok(false)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_tell_whether_a_report_arrived() {
        assert_eq!(compare(0, 0, 500), Found::Missing);
        assert_eq!(compare(500, 0, 500), Found::Sent);
        assert_eq!(compare(700, 200, 500), Found::Sent);
        assert_eq!(compare(200, 200, 500), Found::Missing);
        assert_eq!(compare(300, 200, 500), Found::Unclear);
        assert_eq!(compare(100, 200, 500), Found::Unclear);
    }
}
