//! Receipts, records, audits, top-ups and tiers against the mock of a cloud.

use synesis_cloud::{
    AlarmKind, BillingClient, CloudError, Finding, LedgerError, LocalLedger, Period, RecordState,
    StreamChunk, SyncService, TopUpState, UsageRecord,
};
use synesis_domain::{ModelName, NanoUsd, RequestId, Timestamp, TokenUsage, UserId};
use synesis_testkit::{Lie, Plan};
use synesis_wire::ErrorCode;

use crate::world::{World, id, question, read_all, soon};

const DAY_MS: i64 = 86_400_000;

fn account() -> UserId {
    UserId::from_bytes([0x11; 16])
}

fn record(number: u64, model: &str) -> UsageRecord {
    UsageRecord {
        request_id: id(number),
        model: ModelName::new(model).unwrap(),
        usage: TokenUsage::new(10, 4, 5),
        occurred_at: Timestamp::from_millis(1_000),
        session: None,
        project: "boats".parse().ok(),
    }
}

async fn ask(world: &World) -> RequestId {
    let (escalation, gate) = question();
    let mut response = world
        .client()
        .escalate_streaming(&escalation, gate)
        .await
        .unwrap();
    let (_, last) = read_all(&mut response).await;
    assert!(matches!(last, StreamChunk::End(_)), "{last:?}");
    escalation.request_id
}

fn alarms(ledger: &LocalLedger) -> Vec<AlarmKind> {
    let alarms = ledger.alarms(account()).unwrap();
    alarms.iter().map(|alarm| alarm.kind).collect()
}

#[tokio::test]
async fn every_answer_brings_a_receipt_that_is_kept() {
    let world = World::online(&["a", "b"]).await;
    ask(&world).await;
    let (escalation, gate) = question();
    world.client().escalate(&escalation, &gate).await.unwrap();
    world.server.plan(Plan::Fail {
        after: 1,
        code: ErrorCode::BadRequest,
    });
    let (escalation, gate) = question();
    let mut response = world
        .client()
        .escalate_streaming(&escalation, gate)
        .await
        .unwrap();
    let (_, last) = read_all(&mut response).await;
    assert!(matches!(last, StreamChunk::Error(_)), "{last:?}");
    world.billing().get_balance().await.unwrap();
    let kept = world.ledger.receipts(account()).unwrap();
    let sequences: Vec<_> = kept.iter().map(|kept| kept.receipt.head.sequence).collect();
    // The account's opening, and two events a call. The balance came at the same moment as the
    // last answer, so it is the same receipt.
    assert_eq!(sequences, [3, 5, 7]);
    assert!(kept.iter().all(|kept| kept.is_genuine()));
    assert!(alarms(&world.ledger).is_empty());
}

#[tokio::test]
async fn a_wrong_receipt_is_an_alarm_and_costs_no_answer() {
    let cases = [
        (Lie::Forge, AlarmKind::Forged),
        (Lie::OtherKey, AlarmKind::OtherKey),
        (Lie::OtherAccount, AlarmKind::OtherAccount),
        (Lie::Malformed, AlarmKind::Malformed),
    ];
    for (lie, kind) in cases {
        let world = World::online(&["a"]).await;
        ask(&world).await;
        world.server.lie(lie);
        ask(&world).await;
        assert_eq!(alarms(&world.ledger), [kind], "{lie:?}");
        assert_eq!(world.booked().0, 2, "{lie:?}");
        world.server.be_honest();
        let audit = world.billing().audit().await.unwrap();
        assert!(
            matches!(audit.findings.named(), [Finding::Alarm(_)]),
            "{audit:?}"
        );
    }
}

#[tokio::test]
async fn a_history_that_went_back_is_noticed_and_named() {
    let world = World::online(&["a"]).await;
    ask(&world).await;
    ask(&world).await;
    world.server.lose_events(2);
    world.server.wait(DAY_MS);
    world.billing().get_balance().await.unwrap();
    assert_eq!(alarms(&world.ledger), [AlarmKind::WentBack]);
    let audit = world.billing().audit().await.unwrap();
    let named = audit.findings.named();
    let is = |wanted: fn(&Finding) -> bool| named.iter().any(wanted);
    assert!(
        is(|found| matches!(found, Finding::Shorter { signed: 5, read: 3 })),
        "{named:?}"
    );
    assert!(
        is(|found| matches!(found, Finding::MissingThere { .. })),
        "{named:?}"
    );
    assert!(!audit.is_clean());
}

#[tokio::test]
async fn a_history_that_was_written_anew_does_not_fit_the_kept_receipts() {
    let world = World::online(&["a"]).await;
    ask(&world).await;
    ask(&world).await;
    world.server.lose_events(2);
    let other = "6d1f0a2c-8f6e-4c3a-9d15-3b1f0a2c4e6d";
    world.server.charge_for_nothing(other, NanoUsd::new(1));
    world.server.wait(DAY_MS);
    let audit = world.billing().audit().await.unwrap();
    let named = audit.findings.named();
    let names: Vec<_> = named.iter().map(Finding::name).collect();
    for name in [
        "receipt-differs",
        "receipt-alarm",
        "missing-here",
        "missing-there",
    ] {
        assert!(names.contains(&name), "{name} in {named:?}");
    }
    assert_eq!(alarms(&world.ledger), [AlarmKind::Forked]);
}

#[tokio::test]
async fn an_audit_of_an_honest_cloud_is_clean_over_all_pages() {
    let world = World::online(&["a", "b", "c"]).await;
    for _ in 0..7 {
        ask(&world).await;
    }
    let billing = world.billing();
    billing.record_usage(record(1, "mock-1")).await.unwrap();
    billing.sync_with_cloud().await.unwrap();
    let audit = billing.audit().await.unwrap();
    assert!(audit.is_clean(), "{:?}", audit.findings);
    assert_eq!(audit.here, audit.there);
    assert_eq!(audit.here.calls, 8);
    assert_eq!(audit.here.cost.get(), world.booked().1);
    assert_eq!(audit.head.sequence, 1 + 2 * 7 + 1);
    assert_eq!(audit.receipts, 8);
}

#[tokio::test]
async fn a_charge_for_nothing_is_found_to_the_nano_dollar() {
    let world = World::online(&["a"]).await;
    let known = ask(&world).await;
    let unknown = "6d1f0a2c-8f6e-4c3a-9d15-3b1f0a2c4e6d";
    world.server.charge_for_nothing(unknown, NanoUsd::new(7));
    let audit = world.billing().audit().await.unwrap();
    let expected = Finding::MissingHere {
        request: unknown.parse().unwrap(),
        cost: NanoUsd::new(7),
    };
    assert_eq!(audit.findings.named(), [expected]);
    assert_eq!(audit.there.cost.get() - audit.here.cost.get(), 7);
    assert_ne!(known.to_string(), unknown);
}

#[tokio::test]
async fn records_wait_offline_and_are_charged_once_when_the_cloud_is_there() {
    let world = World::offline(&["a"]);
    let billing = world.billing();
    let queued = billing.record_usage(record(1, "mock-1")).await.unwrap();
    assert_eq!(queued, RecordState::Queued);
    assert_eq!(
        billing.record_usage(record(1, "mock-1")).await.unwrap(),
        RecordState::Queued
    );
    let other = UsageRecord {
        usage: TokenUsage::new(10, 4, 6),
        ..record(1, "mock-1")
    };
    assert!(matches!(
        billing.record_usage(other).await,
        Err(CloudError::Ledger(LedgerError::OtherContent { .. }))
    ));
    assert_eq!(billing.current_usage(Period::ALL).await.unwrap().calls, 0);
    drop(billing);
    // Another process finds it on the disk.
    let ledger = LocalLedger::open(&world.folder.path().join("ledger.db")).unwrap();
    world.tunnel.connect().await.unwrap();
    let billing = BillingClient::new(world.tunnel.clone(), ledger);
    let found = billing.sync_with_cloud().await.unwrap();
    assert_eq!((found.recorded, found.refused), (1, 0));
    assert_eq!(billing.sync_with_cloud().await.unwrap().recorded, 0);
    let totals = billing.current_usage(Period::ALL).await.unwrap();
    let balance = billing.get_balance().await.unwrap();
    assert_eq!((totals.calls, totals.cost), (1, balance.charged));
    let by_project = billing.usage_by_project(Period::ALL).await.unwrap();
    assert_eq!(by_project[0].project.as_deref(), Some("boats"));
    assert_eq!(world.server.record_batches(), [1]);
    let again = billing.record_usage(record(1, "mock-1")).await.unwrap();
    assert!(matches!(again, RecordState::Recorded { .. }), "{again:?}");
}

#[tokio::test]
async fn a_record_that_is_refused_does_not_hold_up_the_rest() {
    let world = World::online(&["a"]).await;
    let billing = world.billing();
    for number in 1..=300 {
        let model = if number == 7 { "unheard-of" } else { "mock-1" };
        let record = record(number, model);
        world.ledger.queue_record(&record).unwrap();
    }
    let found = billing.sync_with_cloud().await.unwrap();
    assert_eq!((found.recorded, found.refused), (299, 1));
    assert_eq!(world.server.record_batches(), [256, 44]);
    let refused = world.ledger.refused_records(10).unwrap();
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0].record, record(7, "unheard-of"));
    let RecordState::Refused { code, message } = &refused[0].state else {
        panic!("{refused:?}");
    };
    assert_eq!(code, "unknown_model");
    assert!(message.contains("unheard-of"), "{message}");
    world.server.know_model("unheard-of");
    assert_eq!(billing.sync_with_cloud().await.unwrap().recorded, 0);
    assert!(billing.audit().await.unwrap().is_clean());
}

#[tokio::test]
async fn what_the_cloud_does_not_answer_for_stays_queued() {
    let world = World::online(&["a"]).await;
    let billing = world.billing();
    billing.record_usage(record(1, "mock-1")).await.unwrap();
    world.server.lie(Lie::Forget);
    let found = billing.sync_with_cloud().await.unwrap();
    assert_eq!((found.recorded, found.refused), (0, 0));
    assert_eq!(world.ledger.queued_records().unwrap(), 1);
    world.server.be_honest();
    assert_eq!(billing.sync_with_cloud().await.unwrap().recorded, 1);
    let balance = billing.get_balance().await.unwrap();
    let (calls, cost) = world.booked();
    assert_eq!((calls, cost), (1, balance.charged.get()));
}

#[tokio::test]
async fn a_page_is_paid_once_and_the_credit_is_in_the_balance() {
    let world = World::online(&["a"]).await;
    let billing = world.billing();
    let page = billing.add_credits(1_050).await.unwrap();
    let state = || billing.top_up_state(&page.session_id);
    assert_eq!(state().await.unwrap(), TopUpState::Open);
    world.server.pay_pages();
    let paid = NanoUsd::new(10_500_000_000);
    assert_eq!(state().await.unwrap(), TopUpState::Credited(paid));
    let balance = billing.get_balance().await.unwrap();
    assert_eq!(balance.credit, paid);
    assert_eq!(balance.credits.len(), 1);
    let other = billing.add_credits(500).await.unwrap();
    world.server.expire_pages();
    let state = billing.top_up_state(&other.session_id).await.unwrap();
    assert_eq!(state, TopUpState::Expired);
    world.server.refuse_payments();
    assert!(matches!(
        billing.add_credits(500).await,
        Err(CloudError::EscalationFailed {
            code: ErrorCode::Unsupported,
            ..
        })
    ));
}

#[tokio::test]
async fn tiers_are_shown_and_changed_from_a_day_on() {
    let world = World::online(&["a"]).await;
    let billing = world.billing();
    let terms = billing.tier().await.unwrap();
    assert_eq!((terms.tier.as_str(), terms.next), ("managed", None));
    assert_eq!(terms.offers.len(), 2);
    let from = Timestamp::from_millis(1_800_000_000_000);
    let terms = billing
        .set_tier("byok".to_owned(), Some(from))
        .await
        .unwrap();
    let next = terms.next.unwrap();
    assert_eq!((next.tier.as_str(), next.from), ("byok", from));
    assert!(billing.set_tier("gold".to_owned(), None).await.is_err());
}

#[tokio::test]
async fn a_statement_adds_up_to_the_balance() {
    let world = World::online(&["a", "b"]).await;
    let billing = world.billing();
    billing.add_credits(1).await.unwrap();
    world.server.pay_pages();
    for _ in 0..3 {
        ask(&world).await;
    }
    let signed = billing.statements(None).await.unwrap();
    assert!(signed.fits);
    let [statement] = signed.statements.as_slice() else {
        panic!("{signed:?}");
    };
    let balance = billing.get_balance().await.unwrap();
    assert_eq!(statement.totals.charged, balance.charged);
    assert_eq!(statement.totals.calls, 3);
    assert_eq!(statement.lines.len(), 4);
    let paid = statement
        .totals
        .charged
        .saturating_add(statement.totals.credit);
    assert_eq!(paid.get(), world.booked().1);
    let head = signed.receipt.unwrap().receipt.head;
    assert_eq!(statement.head, head);
    let november = Timestamp::from_millis(1_700_000_000_000);
    let same = billing.statements(Some(november)).await.unwrap();
    assert_eq!(same.statements, signed.statements);
    let before = Timestamp::from_millis(1_600_000_000_000);
    assert!(
        billing
            .statements(Some(before))
            .await
            .unwrap()
            .statements
            .is_empty()
    );
}

#[tokio::test]
async fn months_have_statements_of_their_own() {
    let world = World::online(&["a"]).await;
    ask(&world).await;
    world.server.wait(40 * DAY_MS);
    ask(&world).await;
    let billing = world.billing();
    let november = Timestamp::from_millis(1_700_000_000_000);
    let first = billing.statements(Some(november)).await.unwrap();
    assert_eq!(first.statements.len(), 1);
    assert_eq!(first.statements[0].totals.calls, 1);
    assert!(first.statements[0].ended.is_some());
    let open = billing.statements(None).await.unwrap();
    assert_eq!(open.statements[0].totals.calls, 1);
    assert_eq!(open.statements[0].period, first.statements[0].period + 1);
    assert_eq!(open.statements[0].ended, None);
    assert!(open.fits && first.fits);
    assert!(billing.audit().await.unwrap().is_clean());
}

#[tokio::test]
async fn a_connected_device_sends_what_is_queued_by_itself() {
    let world = World::offline(&["a"]);
    let billing = world.billing();
    billing.record_usage(record(1, "mock-1")).await.unwrap();
    let service = SyncService::start(billing.clone());
    world.tunnel.connect().await.unwrap();
    soon("the queue to be sent", async {
        while service.metrics().recorded == 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let metrics = service.stop().await;
    assert_eq!((metrics.recorded, metrics.refused), (1, 0));
    assert_eq!(world.ledger.queued_records().unwrap(), 0);
}
