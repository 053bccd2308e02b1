//! Once a day the books are compared with Stripe's. A gap is an event of the account, never a silent
//! change: an operator finds it in the log and in `synesis-server account show`.

use std::collections::BTreeMap;

use synesis_domain::account::Gap;
use synesis_domain::{AccountCommand, Timestamp, UserId};
use synesis_service::stripe::{
    PaidSession, StripeCustomerId, SummaryWindow, retrieve_session, usage_summary,
};

use super::inbox::credit_paid;
use super::{Payment, StripeOutcome};
use crate::clock;
use crate::cloud::Cloud;
use crate::error::chain;
use crate::store::{Stage, StoreError};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// Stripe adds up late: what was reported within this time is not compared yet.
const LATE_MS: i64 = 60 * 60 * 1000;
/// How far back pages and reports are compared.
const BACK_MS: i64 = 35 * DAY_MS;
const TURN: &str = "reconcile";

/// Compares the books with Stripe's, where that was not done for a day.
pub(super) async fn daily(cloud: &Cloud, payment: &Payment) -> Result<(), StoreError> {
    let now = clock::now();
    let mine = cloud
        .store
        .run(move |books| books.take_turn(TURN, now, DAY_MS))
        .await?;
    if !mine {
        return Ok(());
    }
    let customers = cloud.store.run(|books| books.customers()).await?;
    for (user, customer) in customers {
        usage(cloud, payment, user, &customer, now).await?;
    }
    payments(cloud, payment, now).await
}

/// The cents that Stripe confirmed, and those in its sums.
async fn usage(
    cloud: &Cloud,
    payment: &Payment,
    user: UserId,
    customer: &StripeCustomerId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let (from, to) = (now.plus_ms(-BACK_MS), now.plus_ms(-LATE_MS));
    let Ok(window) = SummaryWindow::covering(from, to) else {
        return Ok(());
    };
    let request = usage_summary(&payment.settings.meter_id, customer, window);
    let theirs = match payment.client.send(&request).await {
        Ok(StripeOutcome::Done(summary)) if summary.complete => summary.cents,
        Ok(other) => {
            tracing::error!(%user, ?other, "Stripe's sums could not be compared");
            return Ok(());
        }
        Err(error) => {
            tracing::warn!(%user, error = %chain(&error), "Stripe's sums could not be asked");
            return Ok(());
        }
    };
    // The window covers whole minutes, so ours does too.
    let minute = |at: Timestamp| at.as_millis().div_euclid(60_000) * 60_000;
    let (from, to) = (minute(from), minute(to).saturating_add(59_999));
    let (from, to) = (Timestamp::from_millis(from), Timestamp::from_millis(to));
    let ours = cloud
        .store
        .run(move |books| books.sent_cents(user, from, to))
        .await?;
    note(cloud, user, Gap::Usage, ours, theirs).await
}

/// The pages of one user, compared.
#[derive(Default)]
struct Compared {
    ours: u64,
    theirs: u64,
    /// What was paid and never credited.
    missed: Vec<PaidSession>,
}

/// What was credited, and what Stripe says was paid. What nobody told us of is credited now, after
/// the gap was noted.
async fn payments(cloud: &Cloud, payment: &Payment, now: Timestamp) -> Result<(), StoreError> {
    let from = now.plus_ms(-BACK_MS);
    let pages = cloud
        .store
        .run(move |books| books.top_ups_since(from))
        .await?;
    let mut users: BTreeMap<UserId, Compared> = BTreeMap::new();
    for page in pages {
        let fresh = match payment.client.send(&retrieve_session(&page.session)).await {
            Ok(StripeOutcome::Done(session)) => session,
            Ok(other) => {
                tracing::error!(session = %page.session, ?other, "a payment could not be compared");
                continue;
            }
            Err(error) => {
                tracing::warn!(error = %chain(&error), "payments could not be compared");
                return Ok(());
            }
        };
        let paid = fresh.paid().ok().flatten();
        let theirs = paid.as_ref().map_or(0, |paid| paid.amount_cents);
        let compared = users.entry(page.user).or_default();
        compared.theirs = compared.theirs.saturating_add(theirs);
        if page.stage == Stage::Credited {
            compared.ours = compared.ours.saturating_add(page.cents);
        } else {
            compared.missed.extend(paid);
        }
    }
    for (user, compared) in users {
        note(cloud, user, Gap::Payments, compared.ours, compared.theirs).await?;
        let mut ours = compared.ours;
        for paid in compared.missed {
            let cents = paid.amount_cents;
            if credit_paid(cloud, paid).await {
                ours = ours.saturating_add(cents);
            }
        }
        if ours != compared.ours {
            note(cloud, user, Gap::Payments, ours, compared.theirs).await?;
        }
    }
    Ok(())
}

async fn note(
    cloud: &Cloud,
    user: UserId,
    gap: Gap,
    ours: u64,
    theirs: u64,
) -> Result<(), StoreError> {
    if ours != theirs {
        tracing::error!(%user, what = gap.name(), ours, theirs, "the books differ from Stripe's");
    }
    let command = AccountCommand::NoteGap { gap, ours, theirs };
    cloud
        .store
        .run_for(user, move |books| {
            if let Err(refusal) = books.command(user, clock::now(), &command)? {
                tracing::error!(%user, %refusal, "a gap was not noted");
            }
            Ok(())
        })
        .await
}
