//! The account's history, its receipts, calls made elsewhere, and tiers.

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use quinn::Connection;
use synesis_domain::account::{History, Receipt, Statement};
use synesis_domain::{BasisPoints, ChainHead, Digest, NanoUsd, Tier, Timestamp, UserId};
use synesis_wire::proto::stream_chunk::Payload;
use synesis_wire::proto::{self, answer, call};

use crate::backend::{Backend, on_both};
use crate::client::{REQUEST, World, ask, balance, escalate, escalation, usage};

const MODEL: &str = "private-cloud";

/// What a receipt says, once its signature was checked.
fn checked(receipt: &proto::Receipt) -> Receipt {
    let read = Receipt {
        account: UserId::from_bytes(receipt.account.as_ref().try_into().unwrap()),
        head: ChainHead {
            sequence: receipt.sequence,
            hash: Digest::from_bytes(receipt.head.as_ref().try_into().unwrap()),
        },
        charged: NanoUsd::new(receipt.charged_nano_usd),
        credit: NanoUsd::new(receipt.credit_nano_usd),
        at: Timestamp::from_millis(receipt.at),
    };
    UnparsedPublicKey::new(&ED25519, &receipt.key)
        .verify(&read.signed_bytes(), &receipt.signature)
        .unwrap();
    read
}

async fn history(connection: &Connection, after: u64) -> proto::HistoryResponse {
    let body = call::Body::History(proto::HistoryRequest { after });
    match ask(connection, body).await {
        answer::Body::History(history) => history,
        other => panic!("no history: {other:?}"),
    }
}

fn a_record(request: &str, completion: u32) -> proto::UsageRecord {
    proto::UsageRecord {
        request_id: request.to_owned(),
        model: MODEL.to_owned(),
        prompt_tokens: 1_000,
        cached_prompt_tokens: 400,
        completion_tokens: completion,
        occurred_at: 1_700_000_000_000,
    }
}

async fn record(
    connection: &Connection,
    records: Vec<proto::UsageRecord>,
) -> Vec<proto::RecordResult> {
    let body = call::Body::Record(proto::RecordRequest { records });
    match ask(connection, body).await {
        answer::Body::Record(recorded) => {
            checked(&recorded.receipt.unwrap());
            recorded.results
        }
        other => panic!("not recorded: {other:?}"),
    }
}

async fn receipts_are_signed_and_the_history_is_what_they_say(backend: Backend) {
    let world = World::on(backend).await;
    let connection = world.enrol().await.connect().await.unwrap();
    world.model.answer(&["one", "two"]).await;
    let (_, last) = escalate(&connection, escalation(REQUEST, "q"))
        .await
        .rest()
        .await;
    let Payload::End(end) = last else {
        panic!("no end: {last:?}");
    };
    let receipt = checked(&end.receipt.unwrap());
    let page = history(&connection, 0).await;
    assert!(!page.more);
    let mut rebuilt = History::new(receipt.account);
    let mut statement = Statement::new(receipt.account, 1);
    for event in &page.events {
        let step = rebuilt.push(event).unwrap();
        statement.add(&step, rebuilt.head());
        if rebuilt.head().sequence == receipt.head.sequence {
            assert!(receipt.matches(rebuilt.account(), rebuilt.head()));
        }
    }
    assert!(checked(&page.receipt.unwrap()).matches(rebuilt.account(), rebuilt.head()));
    let told = balance(&connection).await;
    assert_eq!(statement.totals.calls, 1);
    assert_eq!(statement.totals.charged.get(), told.charged_nano_usd);
    assert_eq!(statement.totals.charged.get(), end.cost_nano_usd);
    assert_eq!(statement.lines.len(), 1);
    assert_eq!(statement.lines[0].reference, REQUEST);
    let rest = history(&connection, 2).await;
    assert_eq!(rest.events, page.events[2..]);
    assert!(history(&connection, u64::MAX).await.events.is_empty());
}

async fn a_call_made_elsewhere_is_charged_its_fee_once(backend: Backend) {
    let world = World::on_with(backend, |config| {
        config.tier = Tier::Byok {
            licensing: BasisPoints::new(3_000),
        };
    })
    .await;
    let connection = world.enrol().await.connect().await.unwrap();
    let results = record(
        &connection,
        vec![
            a_record(REQUEST, 10),
            proto::UsageRecord {
                model: "nobody-knows-it".to_owned(),
                ..a_record("0190a6b2-8f6e-4c3a-9d15-3b1f0a2c4e01", 10)
            },
            a_record(REQUEST, 10),
            a_record(REQUEST, 11),
            a_record("no uuid", 1),
        ],
    )
    .await;
    let states: Vec<_> = results
        .iter()
        .map(|result| (result.state.as_str(), result.code.as_str()))
        .collect();
    assert_eq!(
        states,
        [
            ("recorded", ""),
            ("refused", "unknown_model"),
            ("exists", ""),
            ("refused", "duplicate_request"),
            ("refused", "bad_request"),
        ]
    );
    // 600 tokens at 150,000 pico-dollars, 400 at 15,000, 10 at 600,000: 102,000 nano-dollars, and of
    // that 30 %: the provider was paid by the user.
    assert_eq!(results[0].cost_nano_usd, 30_600);
    assert_eq!(results[2].cost_nano_usd, 30_600);
    assert_eq!(balance(&connection).await.charged_nano_usd, 30_600);
    let entry = usage(&connection, REQUEST).await;
    assert_eq!(
        (entry.state.as_str(), entry.cost_nano_usd),
        ("settled", 30_600)
    );
}

async fn tiers_are_those_that_the_cloud_offers(backend: Backend) {
    let world = World::on_with(backend, |config| {
        config.other_tiers = vec![Tier::Free {
            monthly_limit_cents: 500,
        }];
    })
    .await;
    let connection = world.enrol().await.connect().await.unwrap();
    let tier = async |name: &str, from| {
        let body = call::Body::Tier(proto::TierRequest {
            tier: name.to_owned(),
            from,
        });
        ask(&connection, body).await
    };
    let answer::Body::Tier(told) = tier("", None).await else {
        panic!("no tier");
    };
    assert_eq!((told.tier.as_str(), told.rate_bp), ("managed", 300));
    let offers: Vec<_> = told.offers.iter().map(|offer| &*offer.tier).collect();
    assert_eq!(offers, ["managed", "free"]);
    let refused = tier("byok", None).await;
    assert!(
        matches!(&refused, answer::Body::Error(error)
            if error.message.ends_with("it offers managed, free")),
        "{refused:?}"
    );
    let later = 4_000_000_000_000;
    let answer::Body::Tier(told) = tier("free", Some(later)).await else {
        panic!("no tier");
    };
    assert_eq!(told.tier, "managed");
    assert_eq!(
        (told.next_tier.as_str(), told.next_from),
        ("free", Some(later))
    );
    let answer::Body::Tier(told) = tier("free", None).await else {
        panic!("no tier");
    };
    assert_eq!(told.tier, "free");
    assert_eq!(told.monthly_limit_nano_usd, Some(5_000_000_000));
    world.model.answer(&["free"]).await;
    let (_, last) = escalate(&connection, escalation(REQUEST, "q"))
        .await
        .rest()
        .await;
    assert!(matches!(last, Payload::End(end) if end.cost_nano_usd == 0));
}

async fn a_cloud_without_payments_says_so(backend: Backend) {
    let world = World::on(backend).await;
    let connection = world.enrol().await.connect().await.unwrap();
    let body = call::Body::TopUp(proto::TopUpRequest {
        request_id: REQUEST.to_owned(),
        cents: 1_000,
    });
    let refused = ask(&connection, body).await;
    assert!(
        matches!(&refused, answer::Body::Error(error) if error.code == "unsupported"),
        "{refused:?}"
    );
    assert!(!balance(&connection).await.can_top_up);
}

on_both!(
    receipts_are_signed_and_the_history_is_what_they_say,
    a_call_made_elsewhere_is_charged_its_fee_once,
    tiers_are_those_that_the_cloud_offers,
    a_cloud_without_payments_says_so
);
