//! A Stripe that remembers: HTTP on loopback, for the calls that Synesis makes.
//!
//! It is strict where Stripe is: a wrong key or version, a body that is no form, a parameter that
//! is unknown, missing or of the wrong kind, an idempotency key with another body, an identifier
//! seen in the last 24 hours, a time too far away, two reports of a customer at once. What a payer
//! or a bank does, the test does; the webhooks wait until the test delivers them, in any order, as
//! often as it likes and with any signature.
//!
//! Absent: prices, subscriptions, invoicing, and everything else that Synesis does not ask for.
//! Written without looking at Synesis' own client, so that no mistake is shared.

mod calls;
mod events;
mod fault;
mod form;
mod problem;
mod serve;
mod state;
mod world;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use synesis_domain::Timestamp;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::FakeClock;
use state::State;

pub use events::{Webhook, WebhookSignature};
pub use fault::{ReceivedCall, StripeFault};

/// The only version that the double speaks.
const VERSION: &str = "2026-09-30.endive";

/// Stripe, for tests. It ends when it is dropped.
#[derive(Debug)]
pub struct StripeDouble {
    shared: Arc<Shared>,
    clock: FakeClock,
    task: JoinHandle<()>,
}

struct Shared {
    clock: FakeClock,
    secret_key: String,
    base: String,
    latency_ms: AtomicU64,
    state: Mutex<State>,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared")
            .field("base", &self.base)
            .finish_non_exhaustive()
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no part of the double has failed")
    }

    fn now_s(&self) -> i64 {
        self.clock.now().as_millis().div_euclid(1000)
    }

    fn latency(&self) -> Duration {
        Duration::from_millis(self.latency_ms.load(Ordering::SeqCst))
    }
}

impl StripeDouble {
    /// Starts one whose clock begins now, and moves only when it is told.
    pub async fn start() -> Self {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .expect("a time after 1970");
        let millis = i64::try_from(now.as_millis()).expect("a time of this age");
        Self::start_with(FakeClock::at(Timestamp::from_millis(millis))).await
    }

    /// Starts one with a clock of the test's.
    pub async fn start_with(clock: FakeClock) -> Self {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let listener = TcpListener::bind(address).await.expect("a free port");
        let address = listener.local_addr().expect("an address that was bound");
        let shared = Arc::new(Shared {
            clock: clock.clone(),
            secret_key: "sk_test_Double".to_owned(),
            base: format!("http://{address}"),
            latency_ms: AtomicU64::new(0),
            state: Mutex::new(State {
                webhook_secrets: vec!["whsec_Double1".to_owned()],
                ..State::default()
            }),
        });
        let task = tokio::spawn(serve::serve(listener, Arc::clone(&shared)));
        Self {
            shared,
            clock,
            task,
        }
    }

    /// Where it is: the base URL of the API.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.shared.base
    }

    /// The key that it takes.
    #[must_use]
    pub fn secret_key(&self) -> &str {
        &self.shared.secret_key
    }

    /// Its clock.
    #[must_use]
    pub const fn clock(&self) -> &FakeClock {
        &self.clock
    }

    /// Its only meter.
    #[must_use]
    pub const fn meter_id(&self) -> &'static str {
        calls::METER_ID
    }

    /// Under which name that meter takes events.
    #[must_use]
    pub const fn meter_event_name(&self) -> &'static str {
        calls::METER_EVENT_NAME
    }

    /// Gives the next requests these faults, in this order; after those that were planned before.
    pub fn plan(&self, faults: impl IntoIterator<Item = StripeFault>) {
        self.shared.lock().faults.extend(faults);
    }

    /// How long each call takes from now on.
    pub fn set_latency(&self, latency: Duration) {
        let millis = u64::try_from(latency.as_millis()).expect("a latency of this age");
        self.shared.latency_ms.store(millis, Ordering::SeqCst);
    }

    /// What arrived until now, refused and dropped requests too.
    #[must_use]
    pub fn received(&self) -> Vec<ReceivedCall> {
        self.shared.lock().received.clone()
    }

    /// Forgets what arrived, so that a test counts from here.
    pub fn forget_received(&self) {
        self.shared.lock().received.clear();
    }

    /// Forgets what was answered under which idempotency key: Stripe promises a day and no more.
    pub fn forget_idempotency_keys(&self) {
        self.shared.lock().keys.clear();
    }

    /// The cents that were counted for a customer, ever.
    #[must_use]
    pub fn counted_cents(&self, customer: &str) -> u64 {
        self.shared.lock().counted(customer, 0, i64::MAX)
    }

    /// An object as it is now.
    ///
    /// # Panics
    /// When there is none of that name.
    #[must_use]
    pub fn object(&self, id: &str) -> serde_json::Value {
        self.shared.lock().known(id)
    }
}

impl Drop for StripeDouble {
    fn drop(&mut self) {
        self.task.abort();
    }
}
