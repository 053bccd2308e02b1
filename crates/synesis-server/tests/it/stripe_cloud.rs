//! A whole cloud beside Stripe's double: what is paid is credited, what is used is reported, and
//! what goes wrong on the way changes neither.

use std::sync::Arc;

use quinn::Connection;
use synesis_domain::{
    AccountEvent, ModelName, NanoUsd, PicoUsdPerToken, PriceRow, PriceTable, Timestamp,
};
use synesis_server::ServerConfig;
use synesis_testkit::WebhookSignature::{Forged, Good};
use synesis_testkit::{StripeDouble, StripeFault, Webhook};
use synesis_wire::proto::{self, answer, call};

use crate::backend::{Backend, on_both};
use crate::client::{Device, PATIENCE, REQUEST, World, ask, balance, escalate, escalation, https};
use crate::stripe_world::settings;

pub(crate) const DOLLAR: i64 = 1_000_000_000;
const OTHER_REQUEST: &str = "0190a6b2-8f6e-4c3a-9d15-3b1f0a2c4e6e";

pub(crate) struct Cloud {
    pub(crate) world: World,
    pub(crate) double: Arc<StripeDouble>,
    device: Device,
    pub(crate) connection: Connection,
    http: reqwest::Client,
}

/// A word costs a cent, and so does a token of the prompt.
fn dear_words() -> PriceTable {
    let cent = PicoUsdPerToken::new(10_000_000_000).unwrap();
    PriceTable::new(vec![PriceRow {
        model: ModelName::new("dear").unwrap(),
        version: 1,
        valid_from: Timestamp::from_millis(0),
        prompt: cent,
        cached_prompt: cent,
        completion: cent,
    }])
    .unwrap()
}

impl Cloud {
    pub(crate) async fn new(backend: Backend) -> Self {
        let double = Arc::new(StripeDouble::start().await);
        let world = World::on_with(backend, |config| Self::configure(config, &double)).await;
        let device = world.enrol().await;
        let connection = device.connect().await.unwrap();
        let http = https(world.dir.path());
        Self {
            world,
            double,
            device,
            connection,
            http,
        }
    }

    fn configure(config: &mut ServerConfig, double: &StripeDouble) {
        let mut stripe = settings(double);
        stripe.flush_threshold = NanoUsd::from_cents(10);
        config.stripe = Some(stripe);
        // The test asks for the balance again and again.
        config.calls_per_second = 100_000;
        config.prices = dear_words();
        config.priced_as = Some(ModelName::new("dear").unwrap());
    }

    async fn page(&self, request: &str, cents: u64) -> answer::Body {
        let body = call::Body::TopUp(proto::TopUpRequest {
            request_id: request.to_owned(),
            cents,
        });
        ask(&self.connection, body).await
    }

    /// A page on which $10 can be paid.
    pub(crate) async fn ten_dollars(&self, request: &str) -> proto::TopUpResponse {
        match self.page(request, 1000).await {
            answer::Body::TopUp(page) => page,
            other => panic!("no page: {other:?}"),
        }
    }

    async fn state(&self, session: &str) -> proto::TopUpStateResponse {
        let body = call::Body::TopUpState(proto::TopUpStateRequest {
            session_id: session.to_owned(),
        });
        match ask(&self.connection, body).await {
            answer::Body::TopUpState(state) => state,
            other => panic!("no state: {other:?}"),
        }
    }

    async fn deliver(&self, webhook: &Webhook) {
        let url = format!("https://{}/v1/stripe/webhook", self.world.server.addr());
        let status = self.double.deliver(&self.http, &url, webhook, Good).await;
        assert_eq!(status, 200, "{webhook:?}");
    }

    async fn deliver_all(&self) {
        for webhook in self.double.take_webhooks() {
            self.deliver(&webhook).await;
        }
    }

    /// Waits until the account is as it should be.
    pub(crate) async fn until(&self, condition: impl Fn(&proto::BalanceResponse) -> bool) {
        let waiting = async {
            while !condition(&balance(&self.connection).await) {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, waiting)
            .await
            .expect("the account did not come so far");
    }

    /// A page that was paid and credited.
    async fn topped_up(&self, request: &str) -> proto::TopUpResponse {
        let before = balance(&self.connection).await.credit_nano_usd;
        let page = self.ten_dollars(request).await;
        self.double.pay(&page.session_id);
        self.deliver_all().await;
        self.until(|balance| balance.credit_nano_usd == before + 10 * DOLLAR)
            .await;
        page
    }

    /// A call whose answer has so many words.
    pub(crate) async fn use_words(&self, request: &str, words: usize) {
        self.world.model.answer(&vec!["word "; words]).await;
        escalate(&self.connection, escalation(request, "q"))
            .await
            .rest()
            .await;
    }

    /// What happened to the account, by name.
    pub(crate) async fn kinds(&self) -> Vec<&'static str> {
        let body = call::Body::History(proto::HistoryRequest { after: 0 });
        let answer::Body::History(page) = ask(&self.connection, body).await else {
            panic!("no history");
        };
        let events = page.events.iter();
        events
            .map(|stored| AccountEvent::decode(stored).unwrap().what.name())
            .collect()
    }

    fn payment_of(&self, session: &str) -> String {
        let session = self.double.object(session);
        session["payment_intent"].as_str().unwrap().to_owned()
    }

    pub(crate) fn customer_of(&self, session: &str) -> String {
        let session = self.double.object(session);
        session["customer"].as_str().unwrap().to_owned()
    }
}

async fn a_payment_is_credited_once_however_it_is_told(backend: Backend) {
    let cloud = Cloud::new(backend).await;
    let page = cloud.ten_dollars(REQUEST).await;
    assert_eq!(
        cloud.ten_dollars(REQUEST).await,
        page,
        "the same page again"
    );
    assert_eq!(cloud.state(&page.session_id).await.state, "open");
    cloud.double.pay(&page.session_id);
    let webhooks = cloud.double.take_webhooks();
    let url = format!("https://{}/v1/stripe/webhook", cloud.world.server.addr());
    for webhook in &webhooks {
        let status = cloud
            .double
            .deliver(&cloud.http, &url, webhook, Forged)
            .await;
        assert_eq!(status, 400);
    }
    assert_eq!(balance(&cloud.connection).await.credit_nano_usd, 0);
    for webhook in webhooks.iter().rev().chain(&webhooks) {
        tokio::join!(cloud.deliver(webhook), cloud.deliver(webhook));
    }
    cloud
        .until(|balance| balance.credit_nano_usd == 10 * DOLLAR)
        .await;
    let state = cloud.state(&page.session_id).await;
    assert_eq!(
        (state.state.as_str(), state.credited_nano_usd),
        ("credited", 10 * DOLLAR)
    );
    let told = balance(&cloud.connection).await;
    assert_eq!(told.credits.len(), 1);
    assert_eq!(told.credits[0].kind, "paid");
    assert!(told.can_top_up);
}

async fn a_page_that_nobody_paid_gives_nothing(backend: Backend) {
    let cloud = Cloud::new(backend).await;
    let page = cloud.ten_dollars(REQUEST).await;
    cloud.double.expire(&page.session_id);
    cloud.deliver_all().await;
    let waiting = async { while cloud.state(&page.session_id).await.state != "expired" {} };
    tokio::time::timeout(PATIENCE, waiting).await.unwrap();
    assert_eq!(balance(&cloud.connection).await.credit_nano_usd, 0);
    let other = cloud.page(REQUEST, 2000).await;
    assert!(
        matches!(&other, answer::Body::Error(error) if error.code == "duplicate_request"),
        "{other:?}"
    );
    let small = cloud.page(OTHER_REQUEST, 49).await;
    assert!(
        matches!(&small, answer::Body::Error(error) if error.message == "the smallest top-up is $0.50"),
        "{small:?}"
    );
}

/// Told in the wrong order: first that money went back, then that it came.
async fn a_refund_takes_what_is_left_even_when_it_is_told_first(backend: Backend) {
    let cloud = Cloud::new(backend).await;
    let page = cloud.ten_dollars(REQUEST).await;
    cloud.double.pay(&page.session_id);
    let paid = cloud.double.take_webhooks();
    let payment = cloud.payment_of(&page.session_id);
    cloud.double.refund(&payment, 400);
    cloud.deliver_all().await;
    for webhook in &paid {
        cloud.deliver(webhook).await;
    }
    cloud
        .until(|balance| balance.credit_nano_usd == 6 * DOLLAR)
        .await;
    cloud.double.refund(&payment, 600);
    let webhooks = cloud.double.take_webhooks();
    for webhook in webhooks.iter().chain(&webhooks) {
        cloud.deliver(webhook).await;
    }
    cloud.until(|balance| balance.credit_nano_usd == 0).await;
    assert_eq!(balance(&cloud.connection).await.debt_nano_usd, 0);
}

async fn a_lost_dispute_over_spent_credit_is_a_debt_that_blocks(backend: Backend) {
    let cloud = Cloud::new(backend).await;
    let page = cloud.topped_up(REQUEST).await;
    cloud.use_words(OTHER_REQUEST, 20).await;
    let spent = 10 * DOLLAR - balance(&cloud.connection).await.credit_nano_usd;
    assert!(spent > 0);
    let dispute = cloud.double.dispute(&cloud.payment_of(&page.session_id));
    cloud.double.close_dispute(&dispute, false);
    let mut webhooks = cloud.double.take_webhooks();
    webhooks.reverse();
    for webhook in &webhooks {
        cloud.deliver(webhook).await;
    }
    cloud.until(|balance| balance.debt_nano_usd == spent).await;
    let told = balance(&cloud.connection).await;
    assert_eq!((told.credit_nano_usd, told.room_nano_usd), (0, 0));
    let third = "0190a6b2-8f6e-4c3a-9d15-3b1f0a2c4e6f";
    let mut refused = escalate(&cloud.connection, escalation(third, "q")).await;
    let (_, last) = refused.rest().await;
    assert!(
        matches!(&last, proto::stream_chunk::Payload::Error(error)
            if error.code == "credit_ceiling_exceeded"),
        "{last:?}"
    );
    // The next top-up pays the debt first.
    let page = cloud
        .ten_dollars("0190a6b2-8f6e-4c3a-9d15-3b1f0a2c4e70")
        .await;
    cloud.double.pay(&page.session_id);
    cloud.deliver_all().await;
    cloud
        .until(|balance| {
            (balance.debt_nano_usd, balance.credit_nano_usd) == (0, 10 * DOLLAR - spent)
        })
        .await;
}

/// The reply is lost, the server is restarted, and still each cent is there once.
async fn what_is_used_is_reported_once_whatever_is_lost(backend: Backend) {
    let cloud = Cloud::new(backend).await;
    cloud.double.plan([
        StripeFault::DroppedReply,
        StripeFault::ServerError,
        StripeFault::DroppedRequest,
    ]);
    cloud.use_words(REQUEST, 15).await;
    cloud.use_words(OTHER_REQUEST, 15).await;
    let charged = balance(&cloud.connection).await.charged_nano_usd;
    let whole_cents = u64::try_from(charged / 10_000_000).unwrap();
    cloud
        .until(|balance| balance.unbilled_nano_usd < DOLLAR / 10)
        .await;
    let reported = async {
        loop {
            let customers = cloud.double.received();
            let mut reports = customers
                .iter()
                .filter(|call| call.path == "/v1/billing/meter_events")
                .filter(|call| call.status == Some(200));
            let customer = reports.next_back().and_then(|call| {
                let field = |(name, _): &&(String, String)| name == "payload[stripe_customer_id]";
                call.form.iter().find(field).map(|(_, value)| value.clone())
            });
            let Some(customer) = customer else {
                tokio::task::yield_now().await;
                continue;
            };
            if cloud.double.counted_cents(&customer) >= whole_cents.saturating_sub(9) {
                return cloud.double.counted_cents(&customer);
            }
            tokio::task::yield_now().await;
        }
    };
    let counted = tokio::time::timeout(PATIENCE, reported).await.unwrap();
    assert!(counted <= whole_cents, "{counted} of {whole_cents}");
    let names: Vec<_> = cloud
        .double
        .received()
        .into_iter()
        .filter(|call| call.path == "/v1/billing/meter_events")
        .map(|call| (call.idempotency_key, call.body))
        .collect();
    for (key, body) in &names {
        let same = names.iter().filter(|(other, _)| other == key);
        assert!(same.clone().all(|(_, other)| other == body), "{names:?}");
    }
}

async fn credit_is_spent_before_anything_is_reported(backend: Backend) {
    let cloud = Cloud::new(backend).await;
    let page = cloud.topped_up(REQUEST).await;
    let customer = cloud.customer_of(&page.session_id);
    // Credit is spent first: nothing is to be reported.
    cloud.use_words(OTHER_REQUEST, 5).await;
    assert_eq!(balance(&cloud.connection).await.unbilled_nano_usd, 0);
    assert_eq!(cloud.double.counted_cents(&customer), 0);
    drop(cloud.device);
}

on_both!(
    a_payment_is_credited_once_however_it_is_told,
    a_page_that_nobody_paid_gives_nothing,
    a_refund_takes_what_is_left_even_when_it_is_told_first,
    a_lost_dispute_over_spent_credit_is_a_debt_that_blocks,
    what_is_used_is_reported_once_whatever_is_lost,
    credit_is_spent_before_anything_is_reported
);
