//! What goes to Stripe, byte by byte.

use synesis_domain::{Timestamp, UserId};
use synesis_service::stripe::{
    Metadata, Method, NewCustomer, NewTopUp, Reply, StripeRequest, SummaryWindow, TopUpCents,
    UsageReport, cancel_usage, create_customer, create_top_up, report_usage, retrieve_charge,
    retrieve_dispute, retrieve_session, sessions_of_payment, usage_summary,
};

/// A request as lines: method and path, the key, the form's pairs.
fn shown<T: Reply>(request: &StripeRequest<T>) -> String {
    let mut lines = vec![match request.method() {
        Method::Get => format!("GET {}", request.path_and_query()),
        Method::Post => format!("POST {}", request.path_and_query()),
    }];
    if let Some(key) = request.idempotency_key() {
        lines.push(format!("key {key}"));
    }
    if request.body().is_some() {
        lines.extend(
            request
                .form()
                .map(|(name, value)| format!("{name} = {value}")),
        );
    }
    lines.join("\n")
}

fn user() -> UserId {
    "0190a6b2-8f6e-7c3a-9d15-3b1f0a2c4e6d".parse().unwrap()
}

fn usage() -> UsageReport {
    UsageReport {
        event_name: "synesis_cents".parse().unwrap(),
        customer: "cus_1".parse().unwrap(),
        cents: 512,
        identifier: "syn-1-2-3".parse().unwrap(),
        timestamp: Timestamp::from_millis(1_795_852_051_999),
    }
}

#[test]
fn a_customer_is_made_with_the_account_in_its_notes() {
    let mut customer = NewCustomer {
        email: Some("ann+1@example.org".parse().unwrap()),
        metadata: Metadata::of(user()),
    };
    let request = create_customer(&customer, "customer-1".parse().unwrap());
    assert_eq!(
        shown(&request),
        "POST /v1/customers\n\
         key customer-1\n\
         email = ann+1@example.org\n\
         metadata[synesis_user] = 0190a6b2-8f6e-7c3a-9d15-3b1f0a2c4e6d"
    );
    assert_eq!(
        request.body().unwrap(),
        "email=ann%2B1%40example.org\
         &metadata%5Bsynesis_user%5D=0190a6b2-8f6e-7c3a-9d15-3b1f0a2c4e6d"
    );
    customer.email = None;
    let request = create_customer(&customer, "customer-1".parse().unwrap());
    assert_eq!(request.form().count(), 1);
    // The address and the notes stay out of logs.
    assert!(!format!("{request:?}").contains("synesis_user"));
}

#[test]
fn a_top_up_names_its_price_and_whom_it_is_for_on_session_and_payment() {
    let top_up = NewTopUp {
        customer: "cus_1".parse().unwrap(),
        user: user(),
        amount: TopUpCents::new(1000).unwrap(),
        product_name: "Synesis credit & more".to_owned(),
        success_url: "https://cloud.example.org/paid?s={CHECKOUT_SESSION_ID}".to_owned(),
        cancel_url: "https://cloud.example.org/account".to_owned(),
    };
    let request = create_top_up(&top_up, "topup-1".parse().unwrap());
    assert_eq!(
        shown(&request),
        "POST /v1/checkout/sessions\n\
         key topup-1\n\
         mode = payment\n\
         customer = cus_1\n\
         client_reference_id = 0190a6b2-8f6e-7c3a-9d15-3b1f0a2c4e6d\n\
         line_items[0][quantity] = 1\n\
         line_items[0][price_data][currency] = usd\n\
         line_items[0][price_data][unit_amount] = 1000\n\
         line_items[0][price_data][product_data][name] = Synesis credit & more\n\
         success_url = https://cloud.example.org/paid?s={CHECKOUT_SESSION_ID}\n\
         cancel_url = https://cloud.example.org/account\n\
         metadata[synesis_user] = 0190a6b2-8f6e-7c3a-9d15-3b1f0a2c4e6d\n\
         payment_intent_data[metadata][synesis_user] = 0190a6b2-8f6e-7c3a-9d15-3b1f0a2c4e6d"
    );
    assert!(
        request
            .body()
            .unwrap()
            .contains("=Synesis+credit+%26+more&")
    );
}

#[test]
fn usage_is_text_in_whole_cents_under_a_fixed_name_and_time() {
    let request = report_usage(&usage());
    assert_eq!(
        shown(&request),
        "POST /v1/billing/meter_events\n\
         key syn-1-2-3\n\
         event_name = synesis_cents\n\
         payload[stripe_customer_id] = cus_1\n\
         payload[value] = 512\n\
         identifier = syn-1-2-3\n\
         timestamp = 1795852051"
    );
    // Every try is the same bytes.
    assert_eq!(request.body(), report_usage(&usage()).body());
    let name = usage().event_name;
    let back = cancel_usage(&name, &usage().identifier, "cancel-1".parse().unwrap());
    assert_eq!(
        shown(&back),
        "POST /v1/billing/meter_event_adjustments\n\
         key cancel-1\n\
         event_name = synesis_cents\n\
         type = cancel\n\
         cancel[identifier] = syn-1-2-3"
    );
}

#[test]
fn what_is_asked_for_stands_in_the_path_and_the_query() {
    assert_eq!(
        shown(&retrieve_session(&"cs_test_1".parse().unwrap())),
        "GET /v1/checkout/sessions/cs_test_1"
    );
    assert_eq!(
        shown(&sessions_of_payment(&"pi_1".parse().unwrap())),
        "GET /v1/checkout/sessions?payment_intent=pi_1"
    );
    assert_eq!(
        shown(&retrieve_charge(&"ch_1".parse().unwrap())),
        "GET /v1/charges/ch_1"
    );
    assert_eq!(
        shown(&retrieve_dispute(&"du_1".parse().unwrap())),
        "GET /v1/disputes/du_1"
    );
}

#[test]
fn a_summary_covers_whole_minutes_around_what_is_asked() {
    let at = Timestamp::from_millis;
    let window = |from, to| SummaryWindow::covering(at(from), at(to));
    let asked = |from, to| {
        let window = window(from, to).unwrap();
        shown(&usage_summary(
            &"mtr_1".parse().unwrap(),
            &"cus_1".parse().unwrap(),
            window,
        ))
    };
    let path = "GET /v1/billing/meters/mtr_1/event_summaries?customer=cus_1";
    assert_eq!(asked(0, 0), format!("{path}&start_time=0&end_time=60"));
    assert_eq!(
        asked(59_999, 60_000),
        format!("{path}&start_time=0&end_time=120")
    );
    assert_eq!(
        asked(60_000, 119_999),
        format!("{path}&start_time=60&end_time=120")
    );
    for (from, to) in [(1, 0), (-1, 5), (0, i64::MAX)] {
        assert!(window(from, to).is_err(), "{from} {to}");
    }
}
