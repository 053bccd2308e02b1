//! Two servers behind one address: one database, one authority.

use std::path::Path;
use std::time::Duration;

use synesis_server::{Server, ServerConfig, ServerError, revoke_device};
use synesis_wire::CloseCode;

use crate::backend::Backend;
use crate::client::{
    Device, PATIENCE, REQUEST, World, assert_same, balance, escalate, escalation, ping, start,
    usage,
};
use crate::double::Say;

/// A second server's folder has the authority of the first and nothing else.
fn folder_beside(first: &Path) -> tempfile::TempDir {
    let second = tempfile::tempdir().unwrap();
    let ca = second.path().join("ca");
    std::fs::create_dir(&ca).unwrap();
    for file in std::fs::read_dir(first.join("ca")).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), ca.join(file.file_name())).unwrap();
    }
    second
}

#[tokio::test]
async fn a_device_is_known_charged_and_put_out_by_either_server() {
    let Some(backend) = Backend::postgres() else {
        return;
    };
    let world = World::on(backend).await;
    let folder = folder_beside(world.dir.path());
    let (other, other_model) = start(folder.path(), &world.backend, |_| {}).await;
    let device = world.enrol().await;
    let here = device.connect().await.unwrap();
    let device = device.at(other.addr());
    let there = device.afresh().connect().await.unwrap();
    // Both remember the account before either changes it.
    assert_same(&balance(&here).await, &balance(&there).await);
    world.model.answer(&["one"]).await;
    escalate(&here, escalation(REQUEST, "q")).await.rest().await;
    let charged = balance(&there).await;
    assert_eq!(charged.calls, 1);
    assert_same(&balance(&here).await, &charged);
    // The retry at the other server gets the answer, and no second charge.
    let (text, _) = escalate(&there, escalation(REQUEST, "q"))
        .await
        .rest()
        .await;
    assert_eq!(text, "one");
    assert_same(&balance(&there).await, &charged);
    assert_eq!(other_model.seen().calls, 0);
    // A token file of one server does not end the other's.
    for (server, dir) in [(&world.server, world.dir.path()), (&other, folder.path())] {
        let token = synesis_server::enrolment_token_path(dir);
        let token = std::fs::read_to_string(token).unwrap();
        Device::enrol(server.addr(), dir, &token).await.unwrap();
    }
    let id = device.enrolled.device_id.parse().unwrap();
    revoke_device(world.place(), id).unwrap().unwrap();
    for connection in [here, there] {
        let closed = tokio::time::timeout(PATIENCE, connection.closed());
        let closed = format!("{:?}", closed.await.expect("a connection stays"));
        let code = CloseCode::Revoked.as_u32();
        assert!(closed.contains(&code.to_string()), "{closed}");
    }
    other.shutdown(Duration::ZERO).await;
}

#[tokio::test]
async fn a_start_beside_a_running_call_leaves_it_alone() {
    let Some(backend) = Backend::postgres() else {
        return;
    };
    let world = World::on(backend).await;
    let device = world.enrol().await;
    let connection = device.connect().await.unwrap();
    let mut stream = escalate(&connection, escalation(REQUEST, "q")).await;
    world.model.say(Say::Word("one")).await;
    stream.chunk().await;
    let held = balance(&connection).await;
    assert!(held.held_nano_usd > 0);
    let folder = folder_beside(world.dir.path());
    let (other, _model) = start(folder.path(), &world.backend, |_| {}).await;
    assert_same(&balance(&connection).await, &held);
    let there = device.at(other.addr()).afresh().connect().await.unwrap();
    ping(&there).await;
    assert_eq!(usage(&there, REQUEST).await.state, "held");
    world.model.say(Say::Done).await;
    stream.rest().await;
    assert_eq!(usage(&there, REQUEST).await.state, "settled");
    assert_eq!(balance(&there).await.held_nano_usd, 0);
    other.shutdown(Duration::ZERO).await;
}

#[tokio::test]
async fn a_database_that_is_not_there_is_said_without_its_password() {
    let dir = tempfile::tempdir().unwrap();
    let mut config = ServerConfig::new(dir.path());
    config.listen = "127.0.0.1:0".parse().unwrap();
    config
        .set_database_url("postgres://ann:hunter2@127.0.0.1:1/cloud")
        .unwrap();
    let error = Server::start(config).await.unwrap_err();
    assert!(matches!(error, ServerError::Store(_)), "{error:?}");
    let mut text = format!("{error:?}");
    let mut cause: Option<&dyn std::error::Error> = Some(&error);
    while let Some(next) = cause {
        text.push_str(&next.to_string());
        cause = next.source();
    }
    assert!(text.contains("127.0.0.1/cloud"), "{text}");
    assert!(!text.contains("hunter2"), "{text}");
}
