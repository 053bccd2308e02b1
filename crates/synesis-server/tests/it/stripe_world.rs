//! The client for Stripe beside Stripe's double, and an endpoint for webhooks.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use synesis_domain::{NanoUsd, Timestamp, UserId};
use synesis_server::{StripeClient, StripeOutcome, StripeSettings};
use synesis_service::stripe::{
    CheckoutSession, Customer, Metadata, NewCustomer, NewTopUp, Reply, StripeCustomerId,
    StripeEventKind, StripeRequest, StripeSecretKey, TopUpCents, UsageReport, WebhookSecret,
    create_customer, create_top_up, receive,
};
use synesis_testkit::{StripeDouble, Webhook, WebhookSignature};

pub(crate) struct World {
    pub(crate) double: StripeDouble,
    pub(crate) client: StripeClient,
}

/// How a cloud of this test stands with the double.
pub(crate) fn settings(double: &StripeDouble) -> StripeSettings {
    StripeSettings {
        secret_key: StripeSecretKey::new(double.secret_key()).unwrap(),
        webhook_secrets: secrets(double),
        base_url: double.base_url().parse().unwrap(),
        meter_event_name: double.meter_event_name().parse().unwrap(),
        meter_id: double.meter_id().parse().unwrap(),
        product_name: "Synesis credit".to_owned(),
        flush_threshold: NanoUsd::new(5_000_000_000),
    }
}

fn secrets(double: &StripeDouble) -> Vec<WebhookSecret> {
    let secrets = double.webhook_secrets();
    secrets
        .iter()
        .map(|secret| WebhookSecret::new(secret).unwrap())
        .collect()
}

pub(crate) fn user() -> UserId {
    UserId::from_bytes([7; 16])
}

/// What was done; everything else ends the test.
pub(crate) async fn done<T: Reply + std::fmt::Debug>(
    client: &StripeClient,
    request: &StripeRequest<T>,
) -> T {
    match client.send(request).await {
        Ok(StripeOutcome::Done(reply)) => reply,
        other => panic!("{request:?} was not done: {other:?}"),
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        let double = StripeDouble::start().await;
        let client = StripeClient::new(&settings(&double)).unwrap();
        Self { double, client }
    }

    pub(crate) async fn customer(&self) -> Customer {
        let customer = NewCustomer {
            email: Some("ann@example.org".parse().unwrap()),
            metadata: Metadata::of(user()),
        };
        let request = create_customer(&customer, "customer-ann".parse().unwrap());
        done(&self.client, &request).await
    }

    /// An open page on which $10 can be paid.
    pub(crate) async fn top_up(&self, key: &str) -> CheckoutSession {
        let customer = self.customer().await.id;
        self.top_up_of(customer, key).await
    }

    pub(crate) async fn top_up_of(&self, customer: StripeCustomerId, key: &str) -> CheckoutSession {
        let top_up = NewTopUp {
            customer,
            user: user(),
            amount: TopUpCents::new(1000).unwrap(),
            product_name: "Synesis credit".to_owned(),
            success_url: "https://cloud.example.org/paid?s={CHECKOUT_SESSION_ID}".to_owned(),
            cancel_url: "https://cloud.example.org/account".to_owned(),
        };
        let request = create_top_up(&top_up, key.parse().unwrap());
        done(&self.client, &request).await
    }

    /// Usage of this moment, under this name.
    pub(crate) fn usage(
        &self,
        customer: &StripeCustomerId,
        identifier: &str,
        cents: u64,
    ) -> UsageReport {
        UsageReport {
            event_name: self.double.meter_event_name().parse().unwrap(),
            customer: customer.clone(),
            cents,
            identifier: identifier.parse().unwrap(),
            timestamp: self.double.clock().now(),
        }
    }

    /// The keys and bodies of what was posted to a path.
    pub(crate) fn posted(&self, path: &str) -> Vec<(String, String)> {
        let received = self.double.received();
        received
            .into_iter()
            .filter(|call| call.path == path)
            .map(|call| (call.idempotency_key.unwrap(), call.body))
            .collect()
    }
}

/// An endpoint that does with webhooks what a cloud must: checks them, and keys what they say by
/// the object they name.
pub(crate) struct Endpoint {
    pub(crate) url: String,
    books: Arc<Mutex<Books>>,
    http: reqwest::Client,
}

struct Books {
    secrets: Vec<WebhookSecret>,
    now: Timestamp,
    credits: BTreeMap<String, u64>,
    kinds: Vec<StripeEventKind>,
}

impl Endpoint {
    pub(crate) async fn new(double: &StripeDouble) -> Self {
        let books = Arc::new(Mutex::new(Books {
            secrets: secrets(double),
            now: double.clock().now(),
            credits: BTreeMap::new(),
            kinds: Vec::new(),
        }));
        let router = Router::new()
            .route("/webhook", post(take))
            .with_state(Arc::clone(&books));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/webhook", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { url, books, http }
    }

    /// Takes over the secrets that the double has now.
    pub(crate) fn learn_secrets(&self, double: &StripeDouble) {
        self.books.lock().unwrap().secrets = secrets(double);
    }

    pub(crate) async fn deliver(
        &self,
        double: &StripeDouble,
        webhook: &Webhook,
        signature: WebhookSignature,
    ) -> u16 {
        double
            .deliver(&self.http, &self.url, webhook, signature)
            .await
    }

    /// The cents that were credited, by session.
    pub(crate) fn credits(&self) -> Vec<(String, u64)> {
        let books = self.books.lock().unwrap();
        books.credits.clone().into_iter().collect()
    }

    /// What was believed, in the order of arrival.
    pub(crate) fn told(&self) -> Vec<StripeEventKind> {
        self.books.lock().unwrap().kinds.clone()
    }
}

async fn take(
    State(books): State<Arc<Mutex<Books>>>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let mut books = books.lock().unwrap();
    let header = headers
        .get("stripe-signature")
        .and_then(|text| text.to_str().ok())
        .unwrap_or_default();
    let Ok(event) = receive(&books.secrets, header, &body, books.now) else {
        return StatusCode::BAD_REQUEST;
    };
    if let StripeEventKind::CheckoutPaid(paid) = &event.kind {
        let session = paid.session.to_string();
        let before = books.credits.insert(session, paid.amount_cents);
        assert!(before.is_none_or(|cents| cents == paid.amount_cents));
    }
    books.kinds.push(event.kind);
    StatusCode::OK
}
