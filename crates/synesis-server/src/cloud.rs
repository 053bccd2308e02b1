//! What all parts of a running server share.

use std::sync::{Arc, PoisonError, RwLock};

use synesis_domain::{NanoUsd, PriceTable, Timestamp};
use synesis_models::Engine;
use synesis_service::ModelTable;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::adapters::AdapterPool;
use crate::ca::Authority;
use crate::config::ServerConfig;
use crate::hub::Hub;
use crate::metrics::Metrics;
use crate::own_keys::OwnKeys;
use crate::payment::Payment;
use crate::presence::Presence;
use crate::proof::ProofVerifier;
use crate::rate::Rates;
use crate::receipt::ReceiptKey;
use crate::running::Escalations;
use crate::store::Store;

/// One running cloud.
pub(crate) struct Cloud {
    pub(crate) settings: ServerConfig,
    /// `https://host:port`, without a slash at the end: where browsers reach this server.
    pub(crate) origin: String,
    pub(crate) prices: RwLock<Arc<PriceTable>>,
    pub(crate) started: Timestamp,
    pub(crate) metrics: Metrics,
    pub(crate) store: Store,
    pub(crate) authority: Arc<Authority>,
    pub(crate) hub: Hub,
    /// The way to Stripe, where people pay by it.
    pub(crate) payment: Option<Payment>,
    pub(crate) receipts: ReceiptKey,
    pub(crate) own_keys: OwnKeys,
    pub(crate) engine: Arc<dyn Engine>,
    pub(crate) models: ModelTable,
    pub(crate) adapters: Arc<AdapterPool>,
    pub(crate) presence: Presence,
    pub(crate) rates: Rates,
    pub(crate) proofs: ProofVerifier,
    pub(crate) escalations: Escalations,
    /// Where calls do their work, away from the endpoint's thread.
    pub(crate) work: Handle,
    /// Cancelled when the server starts to go away: no new calls.
    pub(crate) draining: CancellationToken,
    /// The calls that run.
    pub(crate) calls: TaskTracker,
    /// The tasks that move the messages of WebSockets.
    pub(crate) websockets: TaskTracker,
}

impl Cloud {
    /// The prices that are in force.
    pub(crate) fn prices(&self) -> Arc<PriceTable> {
        let prices = self.prices.read();
        Arc::clone(&prices.unwrap_or_else(PoisonError::into_inner))
    }

    /// Uses other prices from now on; calls that run are settled by the version they began with.
    pub(crate) fn set_prices(&self, prices: PriceTable) {
        let held = self.prices.write();
        *held.unwrap_or_else(PoisonError::into_inner) = Arc::new(prices);
    }

    /// From which unbilled amount on Stripe is told; none where nothing is billed.
    pub(crate) fn flush_threshold(&self) -> Option<NanoUsd> {
        let payment = self.payment.as_ref();
        payment.map(|payment| payment.settings.flush_threshold)
    }

    /// The address of a path of this server, for browsers.
    pub(crate) fn address(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    /// When a certificate signed now ends, in whole seconds as certificates count.
    pub(crate) fn certificate_end(&self, now: Timestamp) -> Timestamp {
        let life = i64::try_from(self.settings.certificate_life.as_millis()).unwrap_or(i64::MAX);
        let end = now.plus_ms(life);
        Timestamp::from_millis(end.as_millis().div_euclid(1000).saturating_mul(1000))
    }
}
