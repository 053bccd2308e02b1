//! A user's own key for the model's provider: the provider bills the user, and here only the fee is
//! charged.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use quinn::Connection;
use synesis_domain::{BasisPoints, Tier};
use synesis_models::Secret;
use synesis_wire::proto::stream_chunk::Payload;
use synesis_wire::proto::{self, answer, call};

use crate::client::{REQUEST, World, ask, balance, escalate, escalation};

const OTHER_REQUEST: &str = "0190a6b2-8f6e-4c3a-9d15-3b1f0a2c4e6e";
const OPERATORS: &str = "key-of-the-operator";
const USERS: &str = "key-of-the-user";

/// By which keys the provider was asked.
type Keys = Arc<Mutex<Vec<String>>>;

async fn complete(State(keys): State<Keys>, headers: HeaderMap) -> Response {
    let key = headers
        .get("authorization")
        .and_then(|text| text.to_str().ok())
        .and_then(|text| text.strip_prefix("Bearer "))
        .unwrap_or_default()
        .to_owned();
    keys.lock().unwrap().push(key.clone());
    if key != OPERATORS && key != USERS {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let chunk = |delta: &str, finish: &str, usage: &str| {
        format!(
            "data: {{\"object\":\"chat.completion.chunk\",\"choices\":[{{\"index\":0,\
             \"delta\":{delta},\"finish_reason\":{finish}}}]{usage}}}\n\n"
        )
    };
    let usage = ",\"usage\":{\"prompt_tokens\":1000,\"completion_tokens\":1,\"total_tokens\":1001}";
    let body = [
        chunk("{\"content\":\"Paris\"}", "null", ""),
        chunk("{}", "\"stop\"", usage),
        "data: [DONE]\n\n".to_owned(),
    ]
    .concat();
    ([("content-type", "text/event-stream")], body).into_response()
}

/// A cloud on the tier for own keys, whose model is at a provider that looks at keys.
async fn cloud() -> (World, Keys, Connection) {
    let keys = Keys::default();
    let router = Router::new()
        .route("/v1/chat/completions", post(complete))
        .with_state(Arc::clone(&keys));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("openai:http://{}/v1#m", listener.local_addr().unwrap());
    tokio::spawn(axum::serve(listener, router).into_future());
    let world = World::with(|config| {
        config.engine = None;
        config.model = url.parse().unwrap();
        config.provider_api_key = Some(Secret::new(OPERATORS));
        config.tier = Tier::Byok {
            licensing: BasisPoints::new(3_000),
        };
    })
    .await;
    let connection = world.enrol().await.connect().await.unwrap();
    (world, keys, connection)
}

async fn set_key(connection: &Connection, key: &str) -> answer::Body {
    let body = call::Body::ProviderKey(proto::ProviderKeyRequest {
        key: key.to_owned(),
    });
    ask(connection, body).await
}

async fn has_key(connection: &Connection) -> bool {
    match ask(connection, call::Body::Tier(proto::TierRequest::default())).await {
        answer::Body::Tier(tier) => tier.own_key,
        other => panic!("no tier: {other:?}"),
    }
}

async fn cost(connection: &Connection, request: &str) -> i64 {
    let (_, last) = escalate(connection, escalation(request, "q"))
        .await
        .rest()
        .await;
    match last {
        Payload::End(end) => end.cost_nano_usd,
        other => panic!("no end: {other:?}"),
    }
}

/// 1,000 tokens at 150,000 pico-dollars and one at 600,000.
const PROVIDER_NANO: i64 = 150_600;

#[tokio::test]
async fn a_call_by_the_users_key_is_charged_the_fee_and_by_the_operators_the_whole() {
    let (_world, keys, connection) = cloud().await;
    assert!(!has_key(&connection).await);
    assert_eq!(cost(&connection, REQUEST).await, PROVIDER_NANO * 13 / 10);
    let kept = set_key(&connection, USERS).await;
    assert!(matches!(kept, answer::Body::ProviderKey(kept) if kept.own_key));
    assert!(has_key(&connection).await);
    assert_eq!(
        cost(&connection, OTHER_REQUEST).await,
        PROVIDER_NANO * 3 / 10
    );
    assert_eq!(*keys.lock().unwrap(), [OPERATORS, USERS]);
    let told = balance(&connection).await;
    assert_eq!(told.charged_nano_usd, PROVIDER_NANO * 16 / 10);
    let forgotten = set_key(&connection, "").await;
    assert!(matches!(forgotten, answer::Body::ProviderKey(kept) if !kept.own_key));
    assert!(!has_key(&connection).await);
}

#[tokio::test]
async fn a_key_that_the_provider_refuses_is_never_replaced_by_the_operators() {
    let (world, keys, connection) = cloud().await;
    set_key(&connection, "withdrawn").await;
    let (_, last) = escalate(&connection, escalation(REQUEST, "q"))
        .await
        .rest()
        .await;
    assert!(
        matches!(&last, Payload::Error(error) if error.code == "provider_failed" && error.cost_nano_usd == 0),
        "{last:?}"
    );
    assert_eq!(*keys.lock().unwrap(), ["withdrawn"]);
    // What lies on the disk does not show the key.
    let database = std::fs::read(world.dir.path().join("cloud.db")).unwrap();
    let log = std::fs::read(world.dir.path().join("cloud.db-wal")).unwrap_or_default();
    for bytes in [database, log] {
        assert!(!bytes.windows(9).any(|part| part == b"withdrawn"));
    }
}

#[tokio::test]
async fn a_cloud_whose_model_runs_here_takes_no_key() {
    let world = World::new().await;
    let connection = world.enrol().await.connect().await.unwrap();
    let refused = set_key(&connection, USERS).await;
    assert!(
        matches!(&refused, answer::Body::Error(error) if error.message.contains("takes no key")),
        "{refused:?}"
    );
}
