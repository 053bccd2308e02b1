//! Webhooks: taken once each, then worked off by a look at the object itself.
//!
//! Stripe delivers at least once and in any order, for up to three days. So an event is kept before
//! it is answered, what it does is keyed by the object it names, and how that stands is asked
//! afresh. What cannot be done yet (a refund told before its payment) waits and is tried again.

use synesis_domain::{AccountCommand, ExternalId, NanoUsd, Refusal, Timestamp, UserId};
use synesis_service::stripe::{
    ChargeId, CheckoutSessionId, Dispute, DisputeStatus, InvoiceEvent, NotPaid, PaidSession,
    PaymentIntentId, Reply, StripeEventKind, StripeRefusal, StripeRequest, WebhookError,
    parse_event, receive, retrieve_charge, retrieve_dispute, retrieve_session, sessions_of_payment,
};

use super::{Payment, StripeError, StripeOutcome};
use crate::clock;
use crate::cloud::Cloud;
use crate::error::chain;
use crate::limits::WEBHOOK_TRIES_MAX;
use crate::store::{InboxEvent, StoreError};

const CURRENCY: &str = "usd";
/// The first pause before a webhook is looked at again; it doubles.
const RETRY_MS: i64 = 5_000;
const RETRY_MS_MAX: i64 = 2 * 60 * 60 * 1000;

/// What the sender of a webhook is told.
#[derive(Debug)]
pub(crate) enum WebhookAnswer {
    /// It is on disk.
    Taken,
    /// It is not Stripe's, or of another time, or no event.
    Refused(WebhookError),
}

/// Takes a webhook: when this returns it is on disk, and Stripe need not send it again.
pub(crate) async fn receive_webhook(
    cloud: &Cloud,
    payment: &Payment,
    signature: &str,
    body: &[u8],
) -> Result<WebhookAnswer, StoreError> {
    let now = clock::now();
    let event = match receive(&payment.settings.webhook_secrets, signature, body, now) {
        Ok(event) => event,
        Err(error) => return Ok(WebhookAnswer::Refused(error)),
    };
    let (id, body) = (event.id, body.to_vec());
    let new = cloud
        .store
        .run(move |books| books.receive_webhook(&id, &body, now))
        .await?;
    if new {
        payment.wake();
    }
    Ok(WebhookAnswer::Taken)
}

/// Why a webhook was not worked off.
#[derive(Debug, thiserror::Error)]
enum NotDone {
    #[error("the database failed")]
    Store(#[from] StoreError),
    #[error("Stripe could not be asked")]
    Stripe(#[from] StripeError),
    #[error("Stripe refused: {0}")]
    Refused(Box<StripeRefusal>),
    #[error("the account refused: {0}")]
    Account(Refusal),
    #[error("it cannot be used: {0}")]
    Unusable(String),
}

/// Works off every webhook that is due.
pub(super) async fn work_off(cloud: &Cloud, payment: &Payment) -> Result<(), StoreError> {
    let now = clock::now();
    let due = cloud
        .store
        .run(move |books| books.due_webhooks(now))
        .await?;
    for waiting in due {
        let event = waiting.event.clone();
        match handle(cloud, payment, &waiting).await {
            Ok(()) => {
                cloud
                    .store
                    .run(move |books| books.webhook_done(&event))
                    .await?;
            }
            Err(error) => {
                let again = again_at(clock::now(), waiting.tries);
                let last = waiting.tries.saturating_add(1) >= WEBHOOK_TRIES_MAX;
                let error = chain(&error);
                if last {
                    tracing::error!(%event, error, "a webhook could not be worked off: it waits for a person");
                } else {
                    tracing::warn!(%event, error, tries = waiting.tries, "a webhook waits");
                }
                cloud
                    .store
                    .run(move |books| books.webhook_later(&event, again))
                    .await?;
            }
        }
    }
    Ok(())
}

/// When to look again: after 5 s, twice as long each time, at most 2 h; one that waits for a person
/// is left alone.
const fn again_at(now: Timestamp, tries: u32) -> Timestamp {
    if tries + 1 >= WEBHOOK_TRIES_MAX {
        return Timestamp::from_millis(i64::MAX);
    }
    let shift = if tries < 16 { tries } else { 16 };
    let wait = RETRY_MS << shift;
    now.plus_ms(if wait < RETRY_MS_MAX {
        wait
    } else {
        RETRY_MS_MAX
    })
}

async fn handle(cloud: &Cloud, payment: &Payment, waiting: &InboxEvent) -> Result<(), NotDone> {
    let event = parse_event(&waiting.body).map_err(|error| NotDone::Unusable(error.to_string()))?;
    match event.kind {
        StripeEventKind::CheckoutPaid(paid) => session_paid(cloud, payment, &paid.session).await,
        StripeEventKind::CheckoutNotPaid { session, why } => {
            session_not_paid(cloud, payment, session, why).await
        }
        StripeEventKind::Refunded {
            payment_intent,
            charge,
            ..
        } => refunded(cloud, payment, &payment_intent, &charge).await,
        StripeEventKind::DisputeOpened(dispute) => {
            tracing::warn!(dispute = %dispute.dispute, cents = dispute.amount_cents,
                "a bank asks about a payment: Stripe's dashboard says until when to answer");
            Ok(())
        }
        StripeEventKind::FundsWithdrawn(dispute) => disputed(cloud, payment, &dispute, true).await,
        StripeEventKind::FundsReinstated(dispute) => disputed(cloud, payment, &dispute, true).await,
        StripeEventKind::DisputeClosed { dispute, .. } => {
            disputed(cloud, payment, &dispute, false).await
        }
        StripeEventKind::Invoice(invoice) => {
            log_invoice(&invoice);
            Ok(())
        }
        StripeEventKind::MeterError { meter } => {
            tracing::error!(
                meter = meter.map(|meter| meter.to_string()),
                "Stripe could not count usage that it had taken: compare the meter's settings with [stripe]"
            );
            Ok(())
        }
        StripeEventKind::Other { kind } => {
            tracing::debug!(kind, "a webhook that concerns nothing here");
            Ok(())
        }
    }
}

fn log_invoice(invoice: &InvoiceEvent) {
    tracing::info!(
        invoice = %invoice.invoice,
        customer = invoice.customer.as_ref().map(ToString::to_string),
        change = ?invoice.change,
        due_cents = invoice.amount_due_cents,
        paid_cents = invoice.amount_paid_cents,
        "an invoice changed"
    );
}

async fn ask<T: Reply>(payment: &Payment, request: &StripeRequest<T>) -> Result<T, NotDone> {
    match payment.client.send(request).await? {
        StripeOutcome::Done(reply) => Ok(reply),
        StripeOutcome::Refused(refusal) => Err(NotDone::Refused(refusal)),
        StripeOutcome::AlreadyExists => Err(NotDone::Unusable("it exists already".to_owned())),
    }
}

/// Credits a session that is paid; one of another system of the operator's is left alone.
async fn session_paid(
    cloud: &Cloud,
    payment: &Payment,
    session: &CheckoutSessionId,
) -> Result<(), NotDone> {
    let fresh = ask(payment, &retrieve_session(session)).await?;
    let paid = fresh
        .paid()
        .map_err(|error| NotDone::Unusable(error.to_string()))?;
    match paid {
        Some(paid) => credit(cloud, paid).await,
        None => Err(NotDone::Unusable("the session is not paid yet".to_owned())),
    }
}

/// Credits what was paid: once a session, for ever.
pub(super) async fn credit_paid(cloud: &Cloud, paid: PaidSession) -> bool {
    match credit(cloud, paid).await {
        Ok(()) => true,
        Err(error) => {
            tracing::error!(error = %chain(&error), "a payment was not credited");
            false
        }
    }
}

async fn credit(cloud: &Cloud, paid: PaidSession) -> Result<(), NotDone> {
    let Some(user) = paid.user else {
        return Ok(());
    };
    if paid.currency != CURRENCY {
        let problem = format!("{} was paid in {}", paid.session, paid.currency);
        return Err(NotDone::Unusable(problem));
    }
    let command = AccountCommand::TopUp {
        payment: external(paid.session.as_str())?,
        amount: NanoUsd::from_whole_cents(paid.amount_cents),
        expires_at: None,
    };
    let (session, intent) = (paid.session.clone(), paid.payment_intent);
    let credited = cloud
        .store
        .run_for(user, move |books| {
            if let Err(refusal) = books.command(user, clock::now(), &command)? {
                return Ok(Err(refusal));
            }
            books.top_up_paid(&session, &intent)?;
            Ok(Ok(()))
        })
        .await?;
    credited.map_err(NotDone::Account)?;
    tracing::info!(%user, session = %paid.session, cents = paid.amount_cents, "a payment was credited");
    crate::drive::tell_balance(cloud, user).await;
    Ok(())
}

/// Nobody paid, or not yet.
async fn session_not_paid(
    cloud: &Cloud,
    payment: &Payment,
    session: CheckoutSessionId,
    why: NotPaid,
) -> Result<(), NotDone> {
    let fresh = ask(payment, &retrieve_session(&session)).await?;
    let paid = fresh
        .paid()
        .map_err(|error| NotDone::Unusable(error.to_string()))?;
    if let Some(paid) = paid {
        return credit(cloud, paid).await;
    }
    if why == NotPaid::Pending {
        return Ok(());
    }
    cloud
        .store
        .run(move |books| books.top_up_unpaid(&session))
        .await?;
    Ok(())
}

/// The session and account of a payment; none where it is not one of ours.
async fn session_of(
    cloud: &Cloud,
    payment: &Payment,
    intent: &PaymentIntentId,
) -> Result<Option<(UserId, CheckoutSessionId)>, NotDone> {
    let known = intent.clone();
    let page = cloud
        .store
        .run(move |books| books.top_up_of_payment(&known))
        .await?;
    if let Some(page) = page {
        return Ok(Some((page.user, page.session)));
    }
    let sessions = ask(payment, &sessions_of_payment(intent)).await?;
    for session in sessions.data {
        let paid = session
            .paid()
            .map_err(|error| NotDone::Unusable(error.to_string()))?;
        if let Some(user) = paid.as_ref().and_then(|paid| paid.user) {
            return Ok(Some((user, session.id)));
        }
    }
    Ok(None)
}

async fn refunded(
    cloud: &Cloud,
    payment: &Payment,
    intent: &PaymentIntentId,
    charge: &ChargeId,
) -> Result<(), NotDone> {
    let Some((user, session)) = session_of(cloud, payment, intent).await? else {
        return Ok(());
    };
    let fresh = ask(payment, &retrieve_charge(charge)).await?;
    let command = AccountCommand::Refund {
        payment: external(session.as_str())?,
        total: NanoUsd::from_whole_cents(fresh.amount_refunded),
    };
    command_all(cloud, user, vec![command]).await
}

/// Money that a bank took. Whether it came back is asked: the events of a dispute overtake each
/// other. `moved`: this event itself says that money was taken at some time.
async fn disputed(
    cloud: &Cloud,
    payment: &Payment,
    told: &Dispute,
    moved: bool,
) -> Result<(), NotDone> {
    let Some((user, session)) = session_of(cloud, payment, &told.payment_intent).await? else {
        return Ok(());
    };
    let fresh = ask(payment, &retrieve_dispute(&told.dispute)).await?;
    let withdraw = AccountCommand::WithdrawFunds {
        payment: external(session.as_str())?,
        dispute: external(told.dispute.as_str())?,
        amount: NanoUsd::from_whole_cents(fresh.amount),
    };
    let reinstate = AccountCommand::ReinstateFunds {
        payment: external(session.as_str())?,
        dispute: external(told.dispute.as_str())?,
    };
    command_all(
        cloud,
        user,
        dispute_steps(fresh.status, moved, withdraw, reinstate),
    )
    .await
}

/// What a dispute does, by how it stands now.
fn dispute_steps(
    status: DisputeStatus,
    moved: bool,
    withdraw: AccountCommand,
    reinstate: AccountCommand,
) -> Vec<AccountCommand> {
    match status {
        DisputeStatus::Lost => vec![withdraw],
        DisputeStatus::Won => vec![withdraw, reinstate],
        // An inquiry takes nothing; where it went on to take money it is no longer one.
        DisputeStatus::WarningClosed => Vec::new(),
        DisputeStatus::Open if moved => vec![withdraw],
        DisputeStatus::Open => Vec::new(),
    }
}

/// Puts commands to an account, up to the first that it refuses. Each may be put again.
async fn command_all(
    cloud: &Cloud,
    user: UserId,
    commands: Vec<AccountCommand>,
) -> Result<(), NotDone> {
    let done = cloud
        .store
        .run_for(user, move |books| {
            for command in &commands {
                if let Err(refusal) = books.command(user, clock::now(), command)? {
                    return Ok(Err(refusal));
                }
            }
            Ok(Ok(()))
        })
        .await?;
    done.map_err(NotDone::Account)?;
    crate::drive::tell_balance(cloud, user).await;
    Ok(())
}

fn external(id: &str) -> Result<ExternalId, NotDone> {
    ExternalId::new(id).map_err(|error| NotDone::Unusable(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_webhook_is_looked_at_less_and_less_often_and_at_last_by_a_person() {
        let now = Timestamp::from_millis(1_800_000_000_000);
        let waits: Vec<i64> = [0, 1, 2, 20]
            .map(|tries| again_at(now, tries).since(now))
            .to_vec();
        assert_eq!(waits, [5_000, 10_000, 20_000, RETRY_MS_MAX]);
        assert_eq!(
            again_at(now, WEBHOOK_TRIES_MAX - 1),
            Timestamp::from_millis(i64::MAX)
        );
    }

    #[test]
    fn what_a_dispute_does_is_what_it_is_now_and_not_what_was_told_last() {
        let payment = ExternalId::new("cs_1").unwrap();
        let dispute = ExternalId::new("dp_1").unwrap();
        let withdraw = AccountCommand::WithdrawFunds {
            payment: payment.clone(),
            dispute: dispute.clone(),
            amount: NanoUsd::from_cents(100),
        };
        let reinstate = AccountCommand::ReinstateFunds { payment, dispute };
        for (status, moved, steps) in [
            (DisputeStatus::Open, true, 1),
            (DisputeStatus::Open, false, 0),
            (DisputeStatus::Lost, false, 1),
            (DisputeStatus::Lost, true, 1),
            (DisputeStatus::Won, true, 2),
            (DisputeStatus::Won, false, 2),
            (DisputeStatus::WarningClosed, false, 0),
        ] {
            let found = dispute_steps(status, moved, withdraw.clone(), reinstate.clone());
            assert_eq!(found.len(), steps, "{status:?} {moved}");
        }
    }
}
