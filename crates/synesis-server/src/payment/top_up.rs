//! Pages on which credit is bought.

use synesis_domain::{NanoUsd, RequestId, UserId};
use synesis_service::stripe::{
    AmountError, CheckoutSessionId, IdempotencyKey, NewTopUp, StripeRefusal, TopUpCents,
    create_top_up,
};

use super::customer::{CustomerError, customer_of};
use super::{StripeError, StripeOutcome};
use crate::clock;
use crate::cloud::Cloud;
use crate::limits::TOP_UPS_OPEN_MAX;
use crate::store::{Stage, StoreError, StoredTopUp};

/// A page lives a day at Stripe.
const PAGE_LIFE_MS: i64 = 24 * 60 * 60 * 1000;

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TopUpError {
    #[error("this cloud takes no payments: its operator has not set up Stripe")]
    NoStripe,
    #[error(transparent)]
    Amount(#[from] AmountError),
    #[error("the same request asked for another amount before")]
    OtherContent,
    #[error("{TOP_UPS_OPEN_MAX} pages are open already; pay on one, or wait a day")]
    TooMany,
    #[error("the database failed")]
    Store(#[from] StoreError),
    #[error("Stripe could not be asked; nothing was paid, try again in a moment")]
    Stripe(#[from] StripeError),
    #[error(transparent)]
    Customer(#[from] CustomerError),
    #[error("Stripe refused: {0}")]
    Refused(Box<StripeRefusal>),
    #[error("Stripe made no page")]
    NoPage,
}

/// What somebody wants to pay.
pub(crate) struct NewPage {
    pub(crate) user: UserId,
    /// The same again is the same page.
    pub(crate) request: RequestId,
    pub(crate) cents: u64,
    /// The address of this cloud's account page, for browsers.
    pub(crate) account_url: String,
}

/// A page for a top-up. The same request gets the same page again.
pub(crate) async fn begin_top_up(cloud: &Cloud, new: NewPage) -> Result<StoredTopUp, TopUpError> {
    let payment = cloud.payment.as_ref().ok_or(TopUpError::NoStripe)?;
    let amount = TopUpCents::new(new.cents)?;
    let (user, request, now) = (new.user, new.request, clock::now());
    let (known, open) = cloud
        .store
        .run(move |books| {
            let open = books.open_top_ups(user, now.plus_ms(-PAGE_LIFE_MS))?;
            Ok((books.top_up_of(user, request)?, open))
        })
        .await?;
    match known {
        Some(known) if known.cents == new.cents => return Ok(known),
        Some(_) => return Err(TopUpError::OtherContent),
        None if open >= TOP_UPS_OPEN_MAX => return Err(TopUpError::TooMany),
        None => {}
    }
    let top_up = NewTopUp {
        customer: customer_of(cloud, payment, user).await?,
        user,
        amount,
        product_name: payment.settings.product_name.clone(),
        success_url: format!("{}?paid={{CHECKOUT_SESSION_ID}}", new.account_url),
        cancel_url: new.account_url,
    };
    let key: IdempotencyKey = format!("top-up-{user}-{request}")
        .parse()
        .map_err(|_| TopUpError::NoPage)?;
    let session = match payment.client.send(&create_top_up(&top_up, key)).await? {
        StripeOutcome::Done(session) => session,
        StripeOutcome::Refused(refusal) => return Err(TopUpError::Refused(refusal)),
        StripeOutcome::AlreadyExists => return Err(TopUpError::NoPage),
    };
    let stored = StoredTopUp {
        session: session.id,
        user,
        request,
        cents: new.cents,
        url: session.url.ok_or(TopUpError::NoPage)?,
        stage: Stage::Open,
    };
    let page = stored.clone();
    cloud
        .store
        .run(move |books| books.put_top_up(&page, now))
        .await?;
    Ok(stored)
}

/// Where a page of this user stands, and what was credited; none where the user has no such page.
pub(crate) async fn top_up_state(
    cloud: &Cloud,
    user: UserId,
    session: CheckoutSessionId,
) -> Result<Option<(Stage, NanoUsd)>, StoreError> {
    cloud
        .store
        .run(move |books| {
            let found = books.top_up(&session)?.filter(|page| page.user == user);
            Ok(found.map(|page| {
                let credited = match page.stage {
                    Stage::Credited => NanoUsd::from_whole_cents(page.cents),
                    Stage::Open | Stage::Unpaid => NanoUsd::ZERO,
                };
                (page.stage, credited)
            }))
        })
        .await
}
