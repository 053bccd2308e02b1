//! API keys over the tunnel.

use synesis_wire::proto::{self, answer, call};

use crate::client::{Device, World, ask, escalation};

fn create(name: &str, scopes: &[&str]) -> call::Body {
    call::Body::KeyCreate(proto::KeyCreateRequest {
        name: name.to_owned(),
        scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        expires_at: None,
    })
}

#[tokio::test]
async fn a_device_makes_lists_and_revokes_keys_of_its_account() {
    let world = World::new().await;
    let connection = world.enrol().await.connect().await.unwrap();
    let answer::Body::KeyCreate(made) = ask(&connection, create("ci", &["write", "read"])).await
    else {
        panic!("no key");
    };
    assert!(made.secret.starts_with("syn_key_"));
    let info = made.key.unwrap();
    assert_eq!(info.scopes, ["read", "write"]);
    let list = || call::Body::KeyList(proto::KeyListRequest {});
    let answer::Body::KeyList(listed) = ask(&connection, list()).await else {
        panic!("no list");
    };
    assert_eq!(listed.keys, std::slice::from_ref(&info));
    let key_id = info.key_id;
    let revoke = call::Body::KeyRevoke(proto::KeyRevokeRequest { key_id });
    assert!(matches!(
        ask(&connection, revoke).await,
        answer::Body::KeyRevoke(_)
    ));
    let answer::Body::KeyList(listed) = ask(&connection, list()).await else {
        panic!("no list");
    };
    assert!(listed.keys[0].revoked_at.is_some());
}

#[tokio::test]
async fn keys_of_others_do_not_exist_and_nonsense_is_named() {
    let world = World::new().await;
    let connection = world.enrol().await.connect().await.unwrap();
    let key_id = "0190a6b2-8f6e-4c3a-9d15-3b1f0a2c4e6d".to_owned();
    let revoke = call::Body::KeyRevoke(proto::KeyRevokeRequest { key_id });
    for (body, words) in [
        (revoke, "no such API key"),
        (create("ci", &[]), "needs a scope"),
        (create("ci", &["root"]), "read, write, escalate or admin"),
        (create("", &["read"]), "at least one character"),
    ] {
        match ask(&connection, body).await {
            answer::Body::Error(error) => {
                assert_eq!(error.code, "bad_request");
                assert!(error.message.contains(words), "{}", error.message);
            }
            other => panic!("no error: {other:?}"),
        }
    }
}

/// The name of the refusal, or of what came.
fn outcome(answer: &answer::Body) -> String {
    match answer {
        answer::Body::Error(error) => error.code.clone(),
        _ => "done".to_owned(),
    }
}

#[tokio::test]
async fn a_device_may_do_what_its_key_may_and_no_more() {
    let world = World::new().await;
    let owner = world.enrol().await.connect().await.unwrap();
    let rows = [
        // scopes, balance, escalate, make a key, put another device out
        (&["write"][..], ["done", "refused", "refused", "refused"]),
        (
            &["write", "escalate"],
            ["done", "done", "refused", "refused"],
        ),
        (&["admin"], ["done", "done", "done", "done"]),
    ];
    for (scopes, expected) in rows {
        let answer::Body::KeyCreate(made) = ask(&owner, create("ci", scopes)).await else {
            panic!("no key");
        };
        let device = Device::enrol(world.server.addr(), world.dir.path(), &made.secret)
            .await
            .unwrap();
        let connection = device.connect().await.unwrap();
        let victim = world.enrol().await;
        let put_out = |device_id: &str| {
            call::Body::RevokeDevice(proto::RevokeDeviceRequest {
                device_id: device_id.to_owned(),
            })
        };
        let mut question = escalation(&made.key.unwrap().key_id, "May I?");
        question.stream = false;
        let calls = [
            call::Body::Balance(proto::BalanceRequest {}),
            call::Body::Escalation(question),
            create("more", &["admin"]),
            put_out(&victim.enrolled.device_id),
        ];
        for (call, expected) in calls.into_iter().zip(expected) {
            if matches!(call, call::Body::Escalation(_)) && expected == "done" {
                world.model.answer(&["yes"]).await;
            }
            let name = format!("{scopes:?}: {call:?}");
            let expected = match expected {
                "refused" => "insufficient_scope",
                other => other,
            };
            assert_eq!(outcome(&ask(&connection, call).await), expected, "{name}");
        }
        // Leaving is allowed to everybody.
        let leave = put_out(&device.enrolled.device_id);
        assert_eq!(outcome(&ask(&connection, leave).await), "done");
    }
}
