//! Whole answers: retries, refusals, limits, and the ledger around them.

use std::time::Duration;

use synesis_cloud::{AuthCause, CloudError, Escalation, EscalationConfig};
use synesis_domain::NanoUsd;
use synesis_privacy::LastGate;
use synesis_testkit::Plan;
use synesis_wire::limits::QUERY_BYTES_MAX;
use synesis_wire::{CloseCode, ErrorCode};

use crate::world::{World, conversation, question, redacted, soon};

fn refuse(code: ErrorCode) -> Plan {
    Plan::Refuse {
        code,
        retry_after_ms: None,
    }
}

#[tokio::test]
async fn whole_answer_arrives_with_its_exact_cost() {
    let world = World::online(&["Paris", "."]).await;
    let (escalation, gate) = question();
    let answer = world.client().escalate(&escalation, &gate).await.unwrap();
    assert_eq!(answer.content, "Paris.");
    assert_eq!(answer.cost, NanoUsd::new(12_000));
    assert_eq!(world.booked(), (1, 12_000));
    let balance = world.billing().get_balance().await.unwrap();
    assert_eq!(balance.charged, NanoUsd::new(12_000));
    assert_eq!(balance.ceiling, NanoUsd::from_cents(10_000));
    assert_eq!(
        balance.room,
        balance.ceiling.saturating_sub(balance.charged)
    );
}

#[tokio::test]
async fn retries_keep_the_request_id_and_are_charged_once() {
    let world = World::online(&["x"]).await;
    world.server.plan(refuse(ErrorCode::ProviderFailed));
    world.server.plan(Plan::Reset {
        after: 0,
        code: CloseCode::Internal,
    });
    world.server.plan(Plan::Disconnect { after: 0 });
    let client = world.client();
    let (escalation, gate) = question();
    client.escalate(&escalation, &gate).await.unwrap();
    let requests = world.server.received_requests();
    assert_eq!(requests.len(), 4);
    let id = escalation.request_id.to_string();
    assert!(requests.iter().all(|request| request.request_id == id));
    assert_eq!(world.server.billing_events().len(), 1);
    assert_eq!(client.metrics().retries, 3);
}

#[tokio::test]
async fn what_a_retry_cannot_help_is_asked_once() {
    let cases = [
        ErrorCode::Unauthenticated,
        ErrorCode::DeviceRevoked,
        ErrorCode::BadRequest,
        ErrorCode::UnknownModel,
        ErrorCode::CreditCeilingExceeded,
        ErrorCode::RateLimited,
        ErrorCode::DuplicateRequest,
    ];
    for code in cases {
        let world = World::online(&["x"]).await;
        world.server.plan(refuse(code));
        let client = world.client();
        let (escalation, gate) = question();
        let error = client.escalate(&escalation, &gate).await.unwrap_err();
        assert!(!error.is_retryable(), "{code}: {error:?}");
        assert_eq!(world.server.received_requests().len(), 1, "{code}");
        assert_eq!(client.metrics().failed, 1, "{code}");
    }
}

#[tokio::test]
async fn revoked_in_the_middle_is_an_authentication_failure() {
    let world = World::online(&["x"]).await;
    world.server.plan(refuse(ErrorCode::DeviceRevoked));
    let (escalation, gate) = question();
    let error = world
        .client()
        .escalate(&escalation, &gate)
        .await
        .unwrap_err();
    assert!(matches!(
        error,
        CloudError::AuthenticationFailed {
            cause: AuthCause::Revoked
        }
    ));
}

#[tokio::test]
async fn rate_limit_is_waited_for_when_the_cloud_says_how_long() {
    let world = World::online(&["x"]).await;
    world.server.plan(Plan::Refuse {
        code: ErrorCode::RateLimited,
        retry_after_ms: Some(20),
    });
    let (escalation, gate) = question();
    world.client().escalate(&escalation, &gate).await.unwrap();
    assert_eq!(world.server.received_requests().len(), 2);
}

#[tokio::test]
async fn retries_end_and_the_escalation_stays_open_in_the_ledger() {
    let world = World::online(&["x"]).await;
    for _ in 0..3 {
        world.server.plan(refuse(ErrorCode::Internal));
    }
    let mut config = EscalationConfig::default();
    config.max_retries = 2;
    config.retry_delay = Duration::from_millis(1);
    let (escalation, gate) = question();
    let error = world
        .client_with(config)
        .escalate(&escalation, &gate)
        .await
        .unwrap_err();
    assert!(error.is_retryable());
    assert_eq!(world.server.received_requests().len(), 3);
    assert_eq!(world.open(), [escalation.request_id]);
}

#[tokio::test]
async fn refused_at_the_ceiling_costs_nothing_and_is_closed() {
    let world = World::online(&["x"]).await;
    world.server.plan(refuse(ErrorCode::CreditCeilingExceeded));
    let (escalation, gate) = question();
    let error = world
        .client()
        .escalate(&escalation, &gate)
        .await
        .unwrap_err();
    assert!(matches!(error, CloudError::CeilingExceeded { .. }));
    assert!(world.open().is_empty());
    assert_eq!(world.booked(), (0, 0));
}

#[tokio::test]
async fn question_over_the_limit_is_refused_here_with_the_limit() {
    let world = World::online(&["x"]).await;
    let mut conversation = conversation();
    let query = redacted(&"word ".repeat(QUERY_BYTES_MAX / 5 + 1), &mut conversation);
    let escalation = Escalation::new(Escalation::new_id().unwrap(), query);
    let gate = LastGate::new(&conversation);
    let error = world
        .client()
        .escalate(&escalation, &gate)
        .await
        .unwrap_err();
    assert!(
        matches!(error, CloudError::TooLarge { what: "query", .. }),
        "{error:?}"
    );
    assert!(error.to_string().contains("262144"), "{error}");
    assert!(world.server.received_requests().is_empty());
}

#[tokio::test]
async fn escalation_is_on_disk_before_it_is_sent() {
    let world = World::online(&["one"]).await;
    let mut hold = world.server.hold_after(0);
    let (escalation, gate) = question();
    let client = world.client();
    let response = client.escalate_streaming(&escalation, gate).await.unwrap();
    let reading = tokio::spawn(async move {
        let mut response = response;
        while response.next().await.is_some() {}
    });
    soon("the hold", hold.reached()).await;
    // Another process sees it.
    let path = world.folder.path().join("ledger.db");
    let other = synesis_cloud::LocalLedger::open(&path).unwrap();
    let open = other.open_calls(10).unwrap();
    assert_eq!(open.first().map(|(id, _)| *id), Some(escalation.request_id));
    hold.release();
    soon("the end", reading).await.unwrap();
    assert!(other.open_calls(10).unwrap().is_empty());
}

#[tokio::test]
async fn nothing_is_sent_when_the_ledger_cannot_write_it_down() {
    let world = World::online(&["x"]).await;
    let path = world.folder.path().join("ledger.db");
    let vandal = rusqlite::Connection::open(path).unwrap();
    vandal.execute_batch("DROP TABLE escalations").unwrap();
    let (escalation, gate) = question();
    let error = world
        .client()
        .escalate(&escalation, &gate)
        .await
        .unwrap_err();
    assert!(matches!(error, CloudError::Ledger(_)), "{error:?}");
    let error = world
        .client()
        .escalate_streaming(&escalation, gate)
        .await
        .unwrap_err();
    assert!(matches!(error, CloudError::Ledger(_)), "{error:?}");
    assert!(world.server.received_requests().is_empty());
}

#[tokio::test]
async fn reconciliation_leaves_open_what_the_cloud_still_works_on() {
    let world = World::online(&["x"]).await;
    let mut hold = world.server.hold_after(0);
    let (escalation, gate) = question();
    let mut response = world
        .client()
        .escalate_streaming(&escalation, gate)
        .await
        .unwrap();
    assert!(response.next().await.is_some());
    soon("the hold", hold.reached()).await;
    let found = world.billing().sync_with_cloud().await.unwrap();
    assert_eq!((found.settled, found.released, found.open), (0, 0, 1));
    hold.release();
    while response.next().await.is_some() {}
    assert!(world.open().is_empty());
}
