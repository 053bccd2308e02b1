//! Usage is billed once, whatever happens between the cloud and Stripe.

use std::time::Duration;

use synesis_server::{StripeClient, StripeError, StripeOutcome};
use synesis_service::stripe::{
    RefusalKind, SummaryWindow, cancel_usage, report_usage, usage_summary,
};
use synesis_testkit::StripeFault;

use crate::stripe_world::{World, done, settings};

const EVENTS: &str = "/v1/billing/meter_events";
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

#[tokio::test]
async fn every_try_is_the_same_bytes_under_the_same_key() {
    let world = World::new().await;
    let customer = world.customer().await.id;
    world.double.plan([
        StripeFault::ServerError,
        StripeFault::RateLimited {
            retry_after_s: Some(1),
        },
        StripeFault::DroppedRequest,
    ]);
    let request = report_usage(&world.usage(&customer, "syn-1", 500));
    let begun = std::time::Instant::now();
    done(&world.client, &request).await;
    assert!(begun.elapsed() >= Duration::from_secs(3), "it did not wait");
    let posted = world.posted(EVENTS);
    assert_eq!(posted.len(), 4);
    for (key, body) in &posted {
        assert_eq!((key.as_str(), body), ("syn-1", &request.body().unwrap()));
    }
    assert_eq!(world.double.counted_cents(customer.as_str()), 500);
}

/// diggerhq/opencomputer#276: the reply is lost, or the process dies before it writes that down.
#[tokio::test]
async fn usage_whose_answer_was_lost_is_counted_once() {
    let world = World::new().await;
    let customer = world.customer().await.id;
    world.double.plan([StripeFault::DroppedReply]);
    let request = report_usage(&world.usage(&customer, "syn-1", 500));
    done(&world.client, &request).await;
    assert_eq!(world.posted(EVENTS).len(), 2);
    let after_crash = StripeClient::new(&settings(&world.double)).unwrap();
    done(&after_crash, &request).await;
    assert_eq!(world.double.counted_cents(customer.as_str()), 500);
}

/// langfuse PR 16292: the duplicate comes back as an error, and is none.
#[tokio::test]
async fn an_identifier_that_stripe_has_seen_is_sent() {
    let world = World::new().await;
    let customer = world.customer().await.id;
    let request = report_usage(&world.usage(&customer, "syn-1", 500));
    done(&world.client, &request).await;
    world.double.forget_idempotency_keys();
    let again = world.client.send(&request).await.unwrap();
    assert_eq!(again, StripeOutcome::AlreadyExists);
    // Asked again under the key, Stripe repeats that failure; it is none either.
    let again = world.client.send(&request).await.unwrap();
    assert_eq!(again, StripeOutcome::AlreadyExists);
    assert_eq!(world.posted(EVENTS).len(), 3, "a duplicate is not retried");
    assert_eq!(world.double.counted_cents(customer.as_str()), 500);
}

/// major7apps/pensyve#94: one report of many is refused, and all were queued again.
#[tokio::test]
async fn a_refused_report_holds_up_no_other() {
    let world = World::new().await;
    let customer = world.customer().await.id;
    let mut reports = ["syn-1", "syn-2", "syn-3"].map(|name| world.usage(&customer, name, 500));
    reports[1].timestamp = reports[1].timestamp.plus_ms(-36 * DAY_MS);
    let mut parked = 0;
    for report in &reports {
        match world.client.send(&report_usage(report)).await.unwrap() {
            StripeOutcome::Done(event) => assert_eq!(event.identifier, report.identifier),
            StripeOutcome::Refused(refusal) => {
                parked += 1;
                assert_eq!(refusal.kind, RefusalKind::InvalidRequest);
                assert_eq!(refusal.param.as_deref(), Some("timestamp"));
            }
            StripeOutcome::AlreadyExists => panic!("{report:?} is new"),
        }
    }
    assert_eq!(parked, 1);
    assert_eq!(world.posted(EVENTS).len(), 3, "a refusal is not retried");
    assert_eq!(world.double.counted_cents(customer.as_str()), 1000);
}

/// After a day Stripe may have forgotten the identifier: only its sums say what it has.
#[tokio::test]
async fn what_became_of_an_old_report_is_read_from_the_sums() {
    let world = World::new().await;
    let customer = world.customer().await.id;
    world.double.plan([StripeFault::DroppedReply; 5]);
    let report = world.usage(&customer, "syn-1", 500);
    let error = world.client.send(&report_usage(&report)).await.unwrap_err();
    assert!(
        matches!(error, StripeError::Unavailable { tries: 5, .. }),
        "{error}"
    );
    world.double.clock().advance_ms(25 * 60 * 60 * 1000);
    let window = SummaryWindow::covering(report.timestamp, report.timestamp).unwrap();
    let meter = world.double.meter_id().parse().unwrap();
    let asked = usage_summary(&meter, &customer, window);
    let summary = done(&world.client, &asked).await;
    assert_eq!((summary.cents, summary.complete), (500, true));
    // Sent once more, it would be billed twice.
    done(&world.client, &report_usage(&report)).await;
    assert_eq!(done(&world.client, &asked).await.cents, 1000);
}

/// Stripe keeps the failure of a call that it had begun, for a day.
#[tokio::test]
async fn a_lasting_failure_ends_the_tries_and_leaves_it_open() {
    let world = World::new().await;
    let customer = world.customer().await.id;
    world.double.plan([StripeFault::LastingServerError]);
    let request = report_usage(&world.usage(&customer, "syn-1", 500));
    let error = world.client.send(&request).await.unwrap_err();
    assert!(
        matches!(error, StripeError::Unavailable { tries: 5, .. }),
        "{error}"
    );
    assert_eq!(world.double.counted_cents(customer.as_str()), 0);
    world.double.clock().advance_ms(DAY_MS);
    done(&world.client, &request).await;
    assert_eq!(world.double.counted_cents(customer.as_str()), 500);
}

#[tokio::test]
async fn two_reports_of_a_customer_at_once_are_both_counted_once() {
    let world = World::new().await;
    let customer = world.customer().await.id;
    world.double.set_latency(Duration::from_millis(200));
    let reports = ["syn-1", "syn-2"].map(|name| report_usage(&world.usage(&customer, name, 500)));
    tokio::join!(
        done(&world.client, &reports[0]),
        done(&world.client, &reports[1])
    );
    let received = world.double.received();
    assert!(
        received.iter().any(|call| call.status == Some(429)),
        "{received:?}"
    );
    assert_eq!(world.double.counted_cents(customer.as_str()), 1000);
}

#[tokio::test]
async fn a_report_can_be_taken_back() {
    let world = World::new().await;
    let customer = world.customer().await.id;
    let report = world.usage(&customer, "syn-1", 500);
    done(&world.client, &report_usage(&report)).await;
    let key = "cancel-syn-1".parse().unwrap();
    let back = cancel_usage(&report.event_name, &report.identifier, key);
    let cancelled = done(&world.client, &back).await;
    assert_eq!(cancelled.status, "pending");
    assert_eq!(world.double.counted_cents(customer.as_str()), 0);
}
