//! Stripe's name of an account.

use synesis_domain::UserId;
use synesis_service::stripe::{
    IdempotencyKey, Metadata, NewCustomer, StripeCustomerId, StripeRefusal, create_customer,
};

use super::{Payment, StripeError, StripeOutcome};
use crate::cloud::Cloud;
use crate::store::StoreError;

/// Why Stripe does not know an account.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CustomerError {
    #[error("the database failed")]
    Store(#[from] StoreError),
    #[error("Stripe could not be asked")]
    Stripe(#[from] StripeError),
    #[error("Stripe refused: {0}")]
    Refused(Box<StripeRefusal>),
    #[error("Stripe answered with something else")]
    Unexpected,
}

/// Stripe's name of an account; it is told of the account first where it does not know it.
pub(super) async fn customer_of(
    cloud: &Cloud,
    payment: &Payment,
    user: UserId,
) -> Result<StripeCustomerId, CustomerError> {
    let (known, email) = cloud
        .store
        .run(move |books| Ok((books.customer(user)?, books.address_of(user)?)))
        .await?;
    if let Some(known) = known {
        return Ok(known);
    }
    // The address may change between two tries, and then another request needs another name.
    let named = email.as_ref().map_or("", |email| email.as_str());
    let digest = synesis_domain::Digest::of_parts([user.as_bytes().as_slice(), named.as_bytes()]);
    let key: IdempotencyKey = format!("customer-{digest}")
        .parse()
        .map_err(|_| CustomerError::Unexpected)?;
    let customer = NewCustomer {
        email,
        metadata: Metadata::of(user),
    };
    let made = match payment
        .client
        .send(&create_customer(&customer, key))
        .await?
    {
        StripeOutcome::Done(customer) => customer.id,
        StripeOutcome::Refused(refusal) => return Err(CustomerError::Refused(refusal)),
        StripeOutcome::AlreadyExists => return Err(CustomerError::Unexpected),
    };
    let kept = cloud
        .store
        .run(move |books| {
            books.put_customer(user, &made)?;
            books.customer(user)
        })
        .await?;
    kept.ok_or(CustomerError::Unexpected)
}
