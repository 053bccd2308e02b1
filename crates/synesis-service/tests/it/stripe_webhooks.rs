//! Which webhooks are believed, and what they say.

use proptest::prelude::*;
use serde_json::{Value, json};
use synesis_domain::Timestamp;
use synesis_service::stripe::{
    EventError, NotPaid, SignatureError, StripeEventKind, WEBHOOK_BYTES_MAX, WebhookSecret,
    parse_event, receive, verify,
};

const BODY: &[u8] = br#"{"id":"evt_1"}"#;
const SIGNED_AT: i64 = 1_795_852_051;
/// By Python's hmac, over `1795852051.{"id":"evt_1"}`.
const BY_FIRST: &str = "6843311ad1f493fef0b286f2c932253e55c83a3f6b06d2110feab2220cb62b4c";
const BY_SECOND: &str = "05eee1ffc881b14ebd61fc1bffebb38407ceef288d113b3178c91c49cca3072e";

fn secrets(names: &[&str]) -> Vec<WebhookSecret> {
    names
        .iter()
        .map(|name| WebhookSecret::new(name).unwrap())
        .collect()
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(seconds * 1000)
}

#[test]
fn a_header_is_believed_where_one_signature_fits_one_secret() {
    let both = ["whsec_first", "whsec_second"];
    let (first, second) = (BY_FIRST, BY_SECOND);
    let t = SIGNED_AT;
    let loud = first.to_uppercase();
    let ok = Ok(());
    let (mismatch, malformed) = (
        Err(SignatureError::Mismatch),
        Err(SignatureError::Malformed),
    );
    for (known, header, expected) in [
        (&both[..1], format!("t={t},v1={first}"), ok),
        (&both[..1], format!("v1={first},t={t}"), ok),
        (&both[..1], format!("t={t}, v1={loud}"), ok),
        // While a secret is exchanged: two secrets here, or two signatures there.
        (&both[..], format!("t={t},v1={second}"), ok),
        (&both[1..], format!("t={t},v1={first},v1={second}"), ok),
        (&both[..1], format!("t={t},v1={first},v1={second},v0=x"), ok),
        (&both[..1], format!("t={t},v1=zz,v1={first}"), ok),
        // Not signed by a secret we know, or not with this scheme, or not this time.
        (&both[..1], format!("t={t},v1={second}"), mismatch),
        (&[], format!("t={t},v1={first}"), mismatch),
        (&both[..1], format!("t={t},v0={first}"), mismatch),
        (&both[..1], format!("t={t}"), mismatch),
        (&both[..1], format!("t={t},v1={}", &first[..62]), mismatch),
        (&both[..1], format!("t={},v1={first}", t + 1), mismatch),
        (&both[..1], format!("t=0{t},v1={first}"), mismatch),
        // No header.
        (&both[..1], String::new(), malformed),
        (&both[..1], format!("v1={first}"), malformed),
        (&both[..1], format!("t={t},t={t},v1={first}"), malformed),
        (&both[..1], format!("t=-{t},v1={first}"), malformed),
        (&both[..1], format!("t=,v1={first}"), malformed),
        (&both[..1], format!("t={}9,v1={first}", u64::MAX), malformed),
        (
            &both[..1],
            format!("t={t}{}", ",v1=00".repeat(600)),
            mismatch,
        ),
        (
            &both[..1],
            format!("t={t}{}", format!(",v1={first}").repeat(17)),
            malformed,
        ),
        (
            &both[..1],
            format!("t={t},x={}", "y".repeat(5000)),
            malformed,
        ),
    ] {
        let told = verify(&secrets(known), &header, BODY, at(t));
        assert_eq!(told, expected, "{header}");
    }
}

#[test]
fn a_changed_body_is_not_believed() {
    let header = format!("t={SIGNED_AT},v1={BY_FIRST}");
    let known = secrets(&["whsec_first"]);
    for body in [&br#"{"id":"evt_2"}"#[..], br#"{"id": "evt_1"}"#, b""] {
        let told = verify(&known, &header, body, at(SIGNED_AT));
        assert_eq!(told, Err(SignatureError::Mismatch));
    }
    let long = vec![b' '; WEBHOOK_BYTES_MAX + 1];
    let told = verify(&known, &header, &long, at(SIGNED_AT));
    assert_eq!(told, Err(SignatureError::TooLong));
}

#[test]
fn a_signature_is_good_for_five_minutes_to_either_side() {
    let header = format!("t={SIGNED_AT},v1={BY_FIRST}");
    let known = secrets(&["whsec_first"]);
    let told = |now| verify(&known, &header, BODY, now);
    assert_eq!(told(at(SIGNED_AT + 300)), Ok(()));
    assert_eq!(told(at(SIGNED_AT - 300)), Ok(()));
    assert_eq!(
        told(at(SIGNED_AT + 301)),
        Err(SignatureError::Stale { seconds: -301 })
    );
    assert_eq!(
        told(at(SIGNED_AT - 301)),
        Err(SignatureError::Stale { seconds: 301 })
    );
    let never = Timestamp::from_millis(i64::MIN);
    assert!(matches!(told(never), Err(SignatureError::Stale { .. })));
    // What is signed and makes no sense is another matter.
    let unread = receive(&known, &header, BODY, at(SIGNED_AT)).unwrap_err();
    assert_eq!(unread.to_string(), "the webhook cannot be read");
}

fn event(kind: &str, object: Value) -> Result<StripeEventKind, EventError> {
    let body = json!({
        "id": "evt_1", "object": "event", "api_version": "2026-09-30.endive",
        "created": 1_795_852_051, "livemode": false, "pending_webhooks": 1,
        "request": {"id": null, "idempotency_key": null},
        "type": kind, "data": {"object": object},
    });
    parse_event(body.to_string().as_bytes()).map(|event| event.kind)
}

fn session(with: &[(&str, Value)]) -> Value {
    let mut object = json!({
        "id": "cs_1", "object": "checkout.session", "mode": "payment", "status": "complete",
        "payment_status": "paid", "payment_intent": "pi_1", "customer": "cus_1", "url": null,
        "client_reference_id": "ref", "amount_total": 1000, "currency": "usd", "livemode": false,
        "metadata": {"synesis_user": "0190a6b2-8f6e-7c3a-9d15-3b1f0a2c4e6d", "else": "x"},
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
    });
    for (name, value) in with {
        object[*name] = value.clone();
    }
    object
}

#[test]
fn only_what_is_called_paid_is_paid() {
    for kind in [
        "checkout.session.completed",
        "checkout.session.async_payment_succeeded",
    ] {
        let StripeEventKind::CheckoutPaid(paid) = event(kind, session(&[])).unwrap() else {
            panic!("{kind} is a payment");
        };
        assert_eq!(paid.session.as_str(), "cs_1");
        assert_eq!(paid.payment_intent.as_str(), "pi_1");
        assert_eq!((paid.amount_cents, paid.currency.as_str()), (1000, "usd"));
        assert_eq!(
            paid.user.unwrap().to_string(),
            "0190a6b2-8f6e-7c3a-9d15-3b1f0a2c4e6d"
        );
        assert_eq!(paid.client_reference_id.as_deref(), Some("ref"));
    }
    let unpaid = [("payment_status", json!("unpaid"))];
    let free = [
        ("payment_status", json!("no_payment_required")),
        ("payment_intent", json!(null)),
    ];
    for (kind, with, why) in [
        ("completed", &unpaid[..], NotPaid::Pending),
        ("completed", &free[..], NotPaid::Pending),
        ("async_payment_failed", &unpaid[..], NotPaid::Failed),
        ("async_payment_failed", &[], NotPaid::Failed),
        ("expired", &unpaid[..], NotPaid::Expired),
    ] {
        let told = event(&format!("checkout.session.{kind}"), session(with)).unwrap();
        let session = "cs_1".parse().unwrap();
        assert_eq!(
            told,
            StripeEventKind::CheckoutNotPaid { session, why },
            "{kind}"
        );
    }
    // A session of another system of the operator: paid, and nobody's here; or no payment at all.
    let foreign = session(&[("metadata", json!({}))]);
    let told = event("checkout.session.completed", foreign).unwrap();
    assert!(matches!(told, StripeEventKind::CheckoutPaid(paid) if paid.user.is_none()));
    let subscribed = session(&[
        ("mode", json!("subscription")),
        ("payment_intent", json!(null)),
    ]);
    let told = event("checkout.session.completed", subscribed).unwrap();
    assert!(matches!(told, StripeEventKind::Other { .. }));
}

#[test]
fn what_went_back_and_what_banks_took_is_told_by_payment() {
    let charge =
        json!({"id": "ch_1", "payment_intent": "pi_1", "amount": 1000, "amount_refunded": 400});
    let refunded = StripeEventKind::Refunded {
        payment_intent: "pi_1".parse().unwrap(),
        charge: "ch_1".parse().unwrap(),
        amount_refunded_total_cents: 400,
    };
    assert_eq!(event("charge.refunded", charge).unwrap(), refunded);
    let dispute = |status: &str| json!({"id": "du_1", "charge": "ch_1", "payment_intent": "pi_1", "amount": 1000, "status": status});
    let told =
        |kind: &str, status: &str| match event(&format!("charge.dispute.{kind}"), dispute(status))
            .unwrap()
        {
            StripeEventKind::DisputeOpened(about) => format!("opened {}", about.amount_cents),
            StripeEventKind::FundsWithdrawn(about) => format!("taken {}", about.amount_cents),
            StripeEventKind::FundsReinstated(about) => format!("back {}", about.amount_cents),
            StripeEventKind::DisputeClosed { won, .. } => format!("closed, won: {won}"),
            other => format!("{other:?}"),
        };
    assert_eq!(told("created", "needs_response"), "opened 1000");
    assert_eq!(told("funds_withdrawn", "under_review"), "taken 1000");
    assert_eq!(told("funds_reinstated", "won"), "back 1000");
    assert_eq!(told("closed", "won"), "closed, won: true");
    assert_eq!(told("closed", "warning_closed"), "closed, won: true");
    assert_eq!(told("closed", "lost"), "closed, won: false");
    // Without a payment it was none of our sessions.
    let foreign = json!({"id": "ch_1", "payment_intent": null, "amount": 1, "amount_refunded": 1});
    let other = event("charge.refunded", foreign).unwrap();
    assert!(matches!(other, StripeEventKind::Other { .. }));
}

#[test]
fn invoices_and_meters_are_told_and_the_rest_is_let_be() {
    let invoice = json!({"id": "in_1", "customer": "cus_1", "amount_due": 700, "amount_paid": 0, "lines": {}});
    for (kind, change) in [
        ("finalized", "Finalized"),
        ("paid", "Paid"),
        ("payment_failed", "PaymentFailed"),
        ("voided", "Voided"),
    ] {
        let told = event(&format!("invoice.{kind}"), invoice.clone()).unwrap();
        assert!(
            matches!(&told, StripeEventKind::Invoice(about)
                if format!("{:?}", about.change) == change && about.amount_due_cents == 700),
            "{told:?}"
        );
    }
    let thin = json!({
        "id": "evt_test_2", "object": "v2.core.event", "created": "2026-11-28T07:47:31.134Z",
        "type": "v1.billing.meter.error_report_triggered", "livemode": false,
        "related_object": {"id": "mtr_test_1", "type": "billing.meter", "url": "/v1/billing/meters/mtr_test_1"},
    });
    let told = parse_event(thin.to_string().as_bytes()).unwrap();
    assert_eq!(told.created, 1_795_852_051);
    let meter = Some("mtr_test_1".parse().unwrap());
    assert_eq!(told.kind, StripeEventKind::MeterError { meter });
    // An object that is not looked at may be anything.
    let other = event("customer.created", json!([1, 2])).unwrap();
    assert_eq!(
        other,
        StripeEventKind::Other {
            kind: "customer.created".to_owned()
        }
    );
}

#[test]
fn wrong_types_are_errors() {
    for (name, value) in [
        ("id", json!(null)),
        ("id", json!("pi_1")),
        ("payment_status", json!(true)),
        ("payment_intent", json!({"id": "pi_1"})),
        ("payment_intent", json!(null)),
        ("amount_total", json!(-1000)),
        ("amount_total", json!(10.5)),
        ("amount_total", json!("1000")),
        ("currency", json!("USD")),
        ("metadata", json!({"synesis_user": 7})),
        ("metadata", json!({"synesis_user": "ann"})),
        ("customer", json!("../cus_1")),
    ] {
        let told = event(
            "checkout.session.completed",
            session(&[(name, value.clone())]),
        );
        assert!(
            matches!(told, Err(EventError::Object { .. })),
            "{name} {value}: {told:?}"
        );
    }
    for body in [
        "",
        "[]",
        "{}",
        "{\"id\":7}",
        "{\"id\":\"evt_1\",\"type\":\"x\",\"created\":\"now\"}",
    ] {
        assert!(
            matches!(parse_event(body.as_bytes()), Err(EventError::Envelope(_))),
            "{body}"
        );
    }
    let deep = format!(
        "{{\"id\":\"evt_1\",\"type\":\"x\",\"created\":1,\"data\":{}",
        "[".repeat(9000)
    );
    assert!(matches!(
        parse_event(deep.as_bytes()),
        Err(EventError::Envelope(_))
    ));
    let no_object = "{\"id\":\"evt_1\",\"type\":\"charge.refunded\",\"created\":1}";
    assert!(matches!(
        parse_event(no_object.as_bytes()),
        Err(EventError::Object { .. })
    ));
}

/// Something that a field may be made by an attacker with Stripe's secret, or by a new version.
fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        Just(json!({"id": {"id": []}})),
    ]
}

proptest! {
    #[test]
    fn no_webhook_brings_it_down(
        kind in prop::sample::select(vec![
            "checkout.session.completed", "checkout.session.expired", "charge.refunded",
            "charge.dispute.closed", "invoice.paid", "v1.billing.meter.no_meter_found", "x",
        ]),
        field in prop::sample::select(vec![
            "id", "mode", "payment_status", "payment_intent", "amount_total", "currency",
            "metadata", "charge", "amount", "status", "customer",
        ]),
        value in any_value(),
        header in "\\PC{0,80}",
        cut in 0_usize..400,
    ) {
        let _ = event(kind, session(&[(field, value)]));
        let whole = json!({"id": "evt_1", "type": kind, "created": 1, "data": {"object": session(&[])}}).to_string();
        let part: String = whole.chars().take(cut).collect();
        let read = parse_event(part.as_bytes());
        prop_assert!(cut >= whole.len() || read.is_err());
        let told = verify(&secrets(&["whsec_first"]), &header, part.as_bytes(), at(1));
        prop_assert!(told.is_err());
    }

    #[test]
    fn one_changed_bit_is_a_forgery(at_byte in 0_usize..BODY.len(), bit in 0_u32..8) {
        let mut body = BODY.to_vec();
        body[at_byte] ^= 1 << bit;
        let header = format!("t={SIGNED_AT},v1={BY_FIRST}");
        let told = verify(&secrets(&["whsec_first"]), &header, &body, at(SIGNED_AT));
        prop_assert_eq!(told, Err(SignatureError::Mismatch));
    }
}
