//! What Stripe's answers mean.

use proptest::prelude::*;
use synesis_domain::Timestamp;
use synesis_service::stripe::{
    ANSWER_BYTES_MAX, CheckoutSession, MeterEvent, Reply, StripeAnswer, StripeRequest, UsageReport,
    Verdict, report_usage, retrieve_charge, retrieve_session, sessions_of_payment,
};

fn usage() -> StripeRequest<MeterEvent> {
    report_usage(&UsageReport {
        event_name: "synesis_cents".parse().unwrap(),
        customer: "cus_1".parse().unwrap(),
        cents: 500,
        identifier: "syn-1".parse().unwrap(),
        timestamp: Timestamp::from_millis(0),
    })
}

fn session() -> StripeRequest<CheckoutSession> {
    retrieve_session(&"cs_1".parse().unwrap())
}

/// What an answer means, in a word or two.
fn judged<T: Reply>(
    request: &StripeRequest<T>,
    status: u16,
    should_retry: Option<&str>,
    retry_after: Option<&str>,
    body: &str,
) -> String {
    let answer = StripeAnswer {
        status,
        should_retry,
        retry_after,
        body: body.as_bytes(),
    };
    match request.judge(answer) {
        Verdict::Done(_) => "done".to_owned(),
        Verdict::AlreadyExists => "already there".to_owned(),
        Verdict::Retry { after_s: None } => "again".to_owned(),
        Verdict::Retry { after_s: Some(s) } => format!("again after {s} s"),
        Verdict::Refused(refusal) => format!("{:?}: {refusal}", refusal.kind),
        Verdict::Unreadable(_) => "unreadable".to_owned(),
    }
}

fn error(kind: &str, rest: &str) -> String {
    format!("{{\"error\":{{\"type\":\"{kind}\",{rest}}}}}")
}

#[test]
fn statuses_and_headers_decide_whether_it_is_tried_again() {
    let (yes, no) = (Some("true"), Some("false"));
    let api = error("api_error", "\"message\":\"Oops\"");
    for (status, should_retry, retry_after, expected) in [
        (409, None, None, "again"),
        (429, None, None, "again"),
        (429, None, Some("3"), "again after 3 s"),
        (429, None, Some("Sat, 28 Nov 2026 07:47:31 GMT"), "again"),
        (429, None, Some("-1"), "again"),
        (500, None, None, "again"),
        (503, None, Some("7"), "again after 7 s"),
        (400, yes, None, "again"),
        (402, Some(" true "), Some("1"), "again after 1 s"),
        (400, None, None, "Api: Stripe answered 400: Oops"),
        (400, None, Some("3"), "Api: Stripe answered 400: Oops"),
        (404, Some("perhaps"), None, "Api: Stripe answered 404: Oops"),
        (409, no, None, "Api: Stripe answered 409: Oops"),
        (429, no, None, "Api: Stripe answered 429: Oops"),
        (500, no, None, "Api: Stripe answered 500: Oops"),
        (302, None, None, "Api: Stripe answered 302: Oops"),
        (401, None, None, "Authentication: Stripe answered 401: Oops"),
        (403, None, None, "Permission: Stripe answered 403: Oops"),
    ] {
        let told = judged(&usage(), status, should_retry, retry_after, &api);
        assert_eq!(told, expected, "{status} {should_retry:?} {retry_after:?}");
    }
}

#[test]
fn a_refusal_keeps_what_stripe_says_in_bounds_and_in_one_line() {
    let rest = "\"code\":\"parameter_unknown\",\"param\":\"amout\",\"message\":\"Unknown\\nparameter\",\"doc_url\":1";
    assert_eq!(
        judged(
            &session(),
            400,
            None,
            None,
            &error("invalid_request_error", rest)
        ),
        "InvalidRequest: Stripe answered 400: Unknown parameter (parameter_unknown) (parameter amout)"
    );
    let other = error("idempotency_error", "\"message\":\"Keys\"");
    assert_eq!(
        judged(&session(), 400, None, None, &other),
        "Idempotency: Stripe answered 400: Keys"
    );
    let long = format!("\"message\":\"{}\"", "m".repeat(100_000));
    assert!(judged(&session(), 400, None, None, &error("card_error", &long)).len() < 600);
    for body in [
        "",
        "<html>",
        "[]",
        "{\"error\":\"flat\"}",
        "{\"error\":{\"type\":7}}",
    ] {
        let told = judged(&session(), 400, None, None, body);
        assert_eq!(told, "Other: Stripe answered 400: nothing more", "{body}");
    }
}

/// Taken for an error, this stopped all billing of langfuse (PR 16292).
#[test]
fn a_duplicate_identifier_counts_as_sent() {
    let seen = |identifier: &str| {
        let message =
            format!("\"message\":\"An event already exists with identifier {identifier}.\"");
        error("invalid_request_error", &message)
    };
    let no = Some("false");
    assert_eq!(
        judged(&usage(), 400, no, None, &seen("syn-1")),
        "already there"
    );
    assert_eq!(
        judged(&usage(), 400, None, None, &seen("syn-1")),
        "already there"
    );
    let coded = error(
        "invalid_request_error",
        "\"code\":\"duplicate_meter_event\",\"message\":\"Seen\"",
    );
    assert_eq!(judged(&usage(), 400, no, None, &coded), "already there");
    // Another name, a longer name, another status, another call: not ours.
    for (status, body) in [
        (400, seen("syn-2")),
        (400, seen("syn-11")),
        (404, seen("syn-1")),
    ] {
        let told = judged(&usage(), status, no, None, &body);
        assert!(told.starts_with("InvalidRequest"), "{told}");
    }
    let told = judged(&session(), 400, no, None, &seen("syn-1"));
    assert!(told.starts_with("InvalidRequest"), "{told}");
}

#[test]
fn a_success_that_cannot_be_read_is_neither_done_nor_refused() {
    assert_eq!(
        judged(
            &usage(),
            200,
            None,
            None,
            "{\"identifier\":\"syn-1\",\"new\":[1]}"
        ),
        "done"
    );
    for body in [
        "",
        "{}",
        "{\"identifier\":7}",
        "{\"identifier\":\"a b\"}",
        "null",
    ] {
        assert_eq!(
            judged(&usage(), 200, None, None, body),
            "unreadable",
            "{body}"
        );
    }
    let long = " ".repeat(ANSWER_BYTES_MAX + 1);
    assert_eq!(judged(&usage(), 200, None, None, &long), "unreadable");
}

#[test]
fn a_session_reads_as_paid_only_where_stripe_says_so() {
    let read = |status: &str, mode: &str, rest: &str| {
        let body = format!(
            "{{\"id\":\"cs_1\",\"url\":null,\"mode\":\"{mode}\",\"status\":\"complete\",\
             \"payment_status\":\"{status}\",\"payment_intent\":\"pi_1\",\"customer\":\"cus_1\",\
             \"client_reference_id\":null,{rest}}}"
        );
        let answer = StripeAnswer {
            status: 200,
            should_retry: None,
            retry_after: None,
            body: body.as_bytes(),
        };
        match session().judge(answer) {
            Verdict::Done(session) => match session.paid() {
                Ok(Some(paid)) => format!("{} cents", paid.amount_cents),
                Ok(None) => "not paid".to_owned(),
                Err(error) => error.to_string(),
            },
            other => format!("{other:?}"),
        }
    };
    let rest = "\"amount_total\":1000,\"currency\":\"usd\"";
    assert_eq!(read("paid", "payment", rest), "1000 cents");
    for status in ["unpaid", "no_payment_required", "something_new"] {
        assert_eq!(read(status, "payment", rest), "not paid");
    }
    assert_eq!(read("paid", "subscription", rest), "not paid");
    assert_eq!(
        read(
            "paid",
            "payment",
            "\"amount_total\":null,\"currency\":\"usd\""
        ),
        "a paid session has no usable amount_total"
    );
    assert_eq!(
        read(
            "paid",
            "payment",
            "\"amount_total\":1000,\"currency\":\"US$\""
        ),
        "a paid session has no usable currency"
    );
    assert_eq!(
        read(
            "paid",
            "payment",
            &format!("{rest},\"metadata\":{{\"synesis_user\":\"ann\"}}")
        ),
        "a paid session has no usable synesis_user"
    );
}

proptest! {
    #[test]
    fn no_answer_brings_it_down(
        status in any::<u16>(),
        should_retry in prop::option::of("[a-z]{0,6}"),
        retry_after in prop::option::of("[0-9-]{0,12}"),
        body in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..200),
            "\\{(\"(id|data|error|amount|identifier|type)\":(null|1|-1|1.5|\"cs_a\"|\\[\\]|\\{\\}),?){0,4}\\}"
                .prop_map(String::into_bytes),
        ],
    ) {
        let answer = StripeAnswer {
            status,
            should_retry: should_retry.as_deref(),
            retry_after: retry_after.as_deref(),
            body: &body,
        };
        let success = (200..300).contains(&status);
        let verdicts = [
            matches!(usage().judge(answer), Verdict::Done(_) | Verdict::Unreadable(_)),
            matches!(session().judge(answer), Verdict::Done(_) | Verdict::Unreadable(_)),
            matches!(sessions_of_payment(&"pi_1".parse().unwrap()).judge(answer), Verdict::Done(_) | Verdict::Unreadable(_)),
            matches!(retrieve_charge(&"ch_1".parse().unwrap()).judge(answer), Verdict::Done(_) | Verdict::Unreadable(_)),
        ];
        prop_assert_eq!(verdicts, [success; 4]);
    }
}
