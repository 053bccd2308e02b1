//! Stripe, as this cloud uses it: pages on which credit is bought, webhooks that say what was paid,
//! and reports of what is to be billed.
//!
//! Promises: the key goes into one header of one host and never into a log; every try of a request
//! is the same bytes under the same idempotency key; every answer has a bound. Credit comes from a
//! signed webhook and from a look at the object itself, once a session, however often it is told. A
//! report is in the account before it is sent, and sent until Stripe has said that it has it.

mod client;
mod customer;
mod inbox;
mod outbox;
mod reconcile;
mod settings;
mod top_up;

use std::sync::Arc;

use tokio::sync::Notify;

pub use client::{StripeClient, StripeError, StripeOutcome, TryFailure};
pub use settings::{StripeSecrets, StripeSettings};

pub(crate) use inbox::{WebhookAnswer, receive_webhook};
pub(crate) use settings::StripeSection;
pub(crate) use top_up::{NewPage, TopUpError, begin_top_up, top_up_state};

use crate::cloud::Cloud;
use crate::error::chain;
use crate::limits::BILLING_INTERVAL;

/// The way to Stripe of one cloud.
pub(crate) struct Payment {
    pub(crate) client: StripeClient,
    pub(crate) settings: StripeSettings,
    /// Told when there is something to do.
    work: Notify,
}

impl Payment {
    pub(crate) fn new(settings: &StripeSettings) -> Result<Self, StripeError> {
        Ok(Self {
            client: StripeClient::new(settings)?,
            settings: settings.clone(),
            work: Notify::new(),
        })
    }

    /// Has the waiting webhooks and reports looked at now.
    pub(crate) fn wake(&self) {
        self.work.notify_one();
    }
}

/// Works off webhooks, sends reports, and compares the books with Stripe once a day, until the
/// server goes away.
pub(crate) async fn serve(cloud: Arc<Cloud>) {
    let Some(payment) = &cloud.payment else {
        return;
    };
    let mut due = tokio::time::interval(BILLING_INTERVAL);
    loop {
        tokio::select! {
            () = cloud.draining.cancelled() => return,
            _ = due.tick() => {}
            () = payment.work.notified() => {}
        }
        // What is under way when the server drains is cut and done again by the next one.
        let round = async {
            if let Err(error) = inbox::work_off(&cloud, payment).await {
                tracing::error!(error = %chain(&error), "webhooks wait: the database failed");
            }
            if let Err(error) = outbox::send_due(&cloud, payment).await {
                tracing::error!(error = %chain(&error), "reports wait: the database failed");
            }
            if let Err(error) = reconcile::daily(&cloud, payment).await {
                tracing::error!(error = %chain(&error), "the books were not compared");
            }
        };
        tokio::select! {
            () = cloud.draining.cancelled() => return,
            () = round => {}
        }
    }
}
