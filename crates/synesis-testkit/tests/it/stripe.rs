//! Stripe's double refuses what Stripe refuses, and shows what others got wrong.

use serde_json::Value;
use synesis_testkit::{StripeDouble, StripeFault};

const VERSION: &str = "2026-09-30.endive";
const FORM: &str = "application/x-www-form-urlencoded";

struct Raw {
    double: StripeDouble,
    http: reqwest::Client,
}

impl Raw {
    async fn new() -> Self {
        let double = StripeDouble::start().await;
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { double, http }
    }

    fn post(&self, path: &str, body: &str) -> reqwest::RequestBuilder {
        self.http
            .post(format!("{}{path}", self.double.base_url()))
            .header("stripe-version", VERSION)
            .header("content-type", FORM)
            .body(body.to_owned())
    }

    /// Posts a form as it should be; gives the status, and the error's code or message.
    async fn form(&self, path: &str, key: &str, body: &str) -> (u16, String) {
        let post = self.post(path, body).header("idempotency-key", key);
        told(post.bearer_auth(self.double.secret_key())).await
    }

    async fn customer(&self) -> String {
        let post = self.post("/v1/customers", "email=ann@example.org");
        let answer = post
            .bearer_auth(self.double.secret_key())
            .send()
            .await
            .unwrap();
        let customer: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
        customer["id"].as_str().unwrap().to_owned()
    }
}

async fn told(request: reqwest::RequestBuilder) -> (u16, String) {
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    let body: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    let error = &body["error"];
    let words = error["code"].as_str().or(error["message"].as_str());
    (status, words.unwrap_or_default().to_owned())
}

const EVENTS: &str = "/v1/billing/meter_events";

fn usage(customer: &str, more: &str) -> String {
    format!(
        "event_name=synesis_cents&payload[stripe_customer_id]={customer}&payload[value]=500{more}"
    )
}

#[tokio::test]
async fn a_request_brings_a_key_a_version_and_a_form() {
    let raw = Raw::new().await;
    let good = raw.post("/v1/customers", "email=ann@example.org");
    let (status, _) = told(good.bearer_auth("sk_test_other")).await;
    assert_eq!(status, 401);
    let url = format!("{}/v1/customers", raw.double.base_url());
    let unversioned = raw.http.post(&url).bearer_auth(raw.double.secret_key());
    let (status, message) = told(unversioned.header("content-type", FORM)).await;
    assert_eq!(status, 400);
    assert!(message.contains("version"), "{message}");
    let json = raw.http.post(&url).header("stripe-version", VERSION);
    let json = json.header("content-type", "application/json").body("{}");
    let (status, message) = told(json.bearer_auth(raw.double.secret_key())).await;
    assert_eq!(status, 400);
    assert!(message.contains("form"), "{message}");
    let (status, message) = raw.form("/v1/other", "k", "").await;
    assert_eq!(status, 404);
    assert!(message.contains("Unrecognized request URL"), "{message}");
}

#[tokio::test]
async fn parameters_are_held_to_stripes_tables() {
    let raw = Raw::new().await;
    let session = "mode=payment&success_url=https://a.example&line_items[0][quantity]=1\
                   &line_items[0][price_data][currency]=usd\
                   &line_items[0][price_data][product_data][name]=x";
    for (path, body, code) in [
        (
            "/v1/customers",
            "mail=a@b.example".to_owned(),
            "parameter_unknown",
        ),
        ("/v1/customers", "email=nobody".to_owned(), "email_invalid"),
        (
            "/v1/checkout/sessions",
            session.to_owned(),
            "parameter_missing",
        ),
        (
            "/v1/checkout/sessions",
            format!("{session}&line_items[0][price_data][unit_amount]=10.5"),
            "parameter_invalid_integer",
        ),
        (
            "/v1/checkout/sessions",
            format!("{session}&line_items[0][price_data][unit_amount]=49"),
            "amount_too_small",
        ),
        (
            "/v1/checkout/sessions",
            format!("{session}&line_items[0][price_data][unit_amount]=500&customer=cus_x"),
            "resource_missing",
        ),
    ] {
        assert_eq!(
            raw.form(path, &format!("{code} {}", body.len()), &body)
                .await,
            (400, code.to_owned()),
            "{body}"
        );
    }
}

#[tokio::test]
async fn usage_is_held_to_stripes_bounds() {
    let raw = Raw::new().await;
    let customer = raw.customer().await;
    for (body, code) in [
        (usage(&customer, "&payload[value]=1"), "parameter_invalid"),
        (usage(&customer, "&timestamp=1"), "timestamp_out_of_range"),
        (
            usage(&customer, &format!("&identifier={}", "i".repeat(101))),
            "parameter_invalid_string",
        ),
        (
            usage(&customer, "").replace("=500", "=5.25"),
            "parameter_invalid_integer",
        ),
        (
            usage(&customer, "").replace("cents", "dollars"),
            "resource_missing",
        ),
        // An earlier attempt at this system wrote JSON into a form's field.
        (
            format!(
                "event_name=synesis_cents&payload={{\"stripe_customer_id\":\"{customer}\",\"value\":500}}"
            ),
            "parameter_invalid_object",
        ),
    ] {
        assert_eq!(
            raw.form(EVENTS, &format!("{code} {}", body.len()), &body)
                .await,
            (400, code.to_owned()),
            "{body}"
        );
    }
    assert_eq!(raw.double.counted_cents(&customer), 0);
}

/// langfuse before PR 15917, and a new key in every retry: what our client cannot express.
#[tokio::test]
async fn usage_without_a_fixed_name_is_billed_twice() {
    let raw = Raw::new().await;
    let customer = raw.customer().await;
    raw.double.plan([StripeFault::DroppedReply]);
    let lost = raw.post(EVENTS, &usage(&customer, ""));
    let lost = lost
        .bearer_auth(raw.double.secret_key())
        .header("idempotency-key", "1");
    assert!(lost.send().await.is_err());
    assert_eq!(raw.form(EVENTS, "2", &usage(&customer, "")).await.0, 200);
    assert_eq!(raw.double.counted_cents(&customer), 1000);
}

#[tokio::test]
async fn a_key_answers_as_the_first_time_and_for_one_body_only() {
    let raw = Raw::new().await;
    let customer = raw.customer().await;
    let body = usage(&customer, "&identifier=a");
    assert_eq!(raw.form(EVENTS, "1", &body).await.0, 200);
    assert_eq!(raw.form(EVENTS, "1", &body).await.0, 200);
    let seen = (400, "An event already exists with identifier a.".to_owned());
    assert_eq!(raw.form(EVENTS, "2", &body).await, seen);
    let (status, message) = raw
        .form(EVENTS, "1", &usage(&customer, "&identifier=b"))
        .await;
    assert_eq!(status, 400);
    assert!(
        message.starts_with("Keys for idempotent requests"),
        "{message}"
    );
    // A day later both are forgotten.
    raw.double.clock().advance_ms(24 * 60 * 60 * 1000);
    assert_eq!(raw.form(EVENTS, "2", &body).await.0, 200);
    assert_eq!(raw.double.counted_cents(&customer), 1000);
}

#[tokio::test]
async fn faults_come_in_the_order_they_were_planned() {
    let raw = Raw::new().await;
    let customer = raw.customer().await;
    raw.double.forget_received();
    raw.double.plan([
        StripeFault::ServerError,
        StripeFault::RateLimited {
            retry_after_s: None,
        },
        StripeFault::LastingServerError,
    ]);
    let body = usage(&customer, "&identifier=a");
    for expected in [500, 429, 500, 500] {
        assert_eq!(raw.form(EVENTS, "1", &body).await.0, expected);
    }
    assert_eq!(raw.double.counted_cents(&customer), 0);
    assert_eq!(raw.form(EVENTS, "2", &body).await.0, 200);
    let statuses: Vec<_> = raw
        .double
        .received()
        .iter()
        .map(|call| call.status)
        .collect();
    assert_eq!(
        statuses,
        [Some(500), Some(429), Some(500), Some(500), Some(200)]
    );
}
