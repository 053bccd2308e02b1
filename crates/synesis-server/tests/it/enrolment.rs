//! Joining: tokens, the HTTPS door, and one server to a folder.

use std::time::Duration;

use synesis_server::{LockError, Server, ServerConfig, ServerError, ServerState, create_token};

use crate::backend::{Backend, on_both};
use crate::client::{Device, World, balance, https, ping};

async fn a_device_enrols_and_is_answered(backend: Backend) {
    let world = World::on(backend).await;
    let device = world.enrol().await;
    let connection = device.connect().await.unwrap();
    ping(&connection).await;
    let balance = balance(&connection).await;
    assert_eq!(balance.tier, "managed");
    assert_eq!(balance.room_nano_usd, 100_000_000_000);
    let state = ServerState::read(world.dir.path()).unwrap().unwrap();
    assert_eq!(state.addr, world.server.addr());
}

async fn devices_of_the_token_file_share_an_account_and_others_have_their_own(backend: Backend) {
    let world = World::on(backend).await;
    let (first, second) = (world.enrol().await, world.enrol().await);
    assert_eq!(first.enrolled.user_id, second.enrolled.user_id);
    assert_ne!(first.enrolled.device_id, second.enrolled.device_id);
    let token = create_token(world.place(), None, Duration::from_secs(60)).unwrap();
    let other = Device::enrol(world.server.addr(), world.dir.path(), &token.token)
        .await
        .unwrap();
    assert_ne!(other.enrolled.user_id, first.enrolled.user_id);
    assert_eq!(other.enrolled.user_id, token.user_id);
}

async fn used_expired_and_unknown_tokens_look_the_same(backend: Backend) {
    let world = World::on(backend).await;
    let used = create_token(world.place(), None, Duration::from_secs(60)).unwrap();
    let expired = create_token(world.place(), None, Duration::ZERO).unwrap();
    let enrol = |token: String| {
        let (addr, dir) = (world.server.addr(), world.dir.path());
        async move { Device::enrol(addr, dir, &token).await.map(|_| ()) }
    };
    enrol(used.token.clone()).await.unwrap();
    let answers = [
        enrol(used.token).await.unwrap_err(),
        enrol(expired.token).await.unwrap_err(),
        enrol("syn_0000".to_owned()).await.unwrap_err(),
    ];
    assert_eq!(answers[0].0, 401);
    assert_eq!(answers[0].1["error"], "unauthenticated");
    assert!(answers.iter().all(|answer| *answer == answers[0]));
}

#[tokio::test]
async fn wrong_bodies_are_answered_with_what_is_wrong() {
    let world = World::new().await;
    let url = format!("https://{}/v1/enrol", world.server.addr());
    let post = |body: String| {
        let request = https(world.dir.path())
            .post(&url)
            .header("content-type", "application/json")
            .body(body);
        async move { request.send().await.unwrap().status().as_u16() }
    };
    assert_eq!(post("{".to_owned()).await, 400);
    assert_eq!(post("{}".to_owned()).await, 422);
    assert_eq!(post(format!("\"{}\"", "x".repeat(100_000))).await, 413);
    let token = create_token(world.dir.path(), None, Duration::from_secs(60)).unwrap();
    let body = |csr: &str| {
        serde_json::json!({
            "token": token.token, "csr_pem": csr, "device_name": "d",
        })
        .to_string()
    };
    assert_eq!(post(body("no request")).await, 400);
    // A wrong request does not use the token up.
    let key = rcgen::KeyPair::generate().unwrap();
    assert_eq!(post(body(&crate::client::signing_request(&key))).await, 200);
}

#[tokio::test]
async fn health_and_readiness_are_answered() {
    let world = World::new().await;
    let get = |path: &str| {
        let url = format!("https://{}{path}", world.server.addr());
        let request = https(world.dir.path()).get(url);
        async move { request.send().await.unwrap().status().as_u16() }
    };
    assert_eq!(get("/healthz").await, 200);
    assert_eq!(get("/readyz").await, 200);
    assert_eq!(get("/v1/nothing").await, 404);
}

#[tokio::test]
async fn a_second_server_on_the_folder_says_who_has_it() {
    let world = World::new().await;
    let mut config = ServerConfig::new(world.dir.path());
    config.listen = "127.0.0.1:0".parse().unwrap();
    let refused = Server::start(config).await.unwrap_err();
    let pid = std::process::id();
    assert!(
        matches!(&refused, ServerError::Lock(LockError::Taken { pid: Some(holder), .. }) if *holder == pid),
        "{refused:?}"
    );
    ping(&world.enrol().await.connect().await.unwrap()).await;
}

#[tokio::test]
async fn a_taken_port_is_said() {
    let world = World::new().await;
    let dir = tempfile::tempdir().unwrap();
    let mut config = ServerConfig::new(dir.path());
    config.listen = world.server.addr();
    let refused = Server::start(config).await.unwrap_err();
    assert!(matches!(refused, ServerError::Bind { .. }), "{refused:?}");
}

on_both!(
    a_device_enrols_and_is_answered,
    devices_of_the_token_file_share_an_account_and_others_have_their_own,
    used_expired_and_unknown_tokens_look_the_same
);
