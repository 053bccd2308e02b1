//! Staying connected, seeing devices, putting them out.

use std::io::{BufRead as _, BufReader};

use serde_json::Value;

use crate::world::{World, finish, signal};

fn devices(world: &World) -> Vec<Value> {
    let listed = world.run(&["--json", "cloud", "devices"]).ok().json();
    listed["devices"].as_array().unwrap().clone()
}

#[test]
fn device_that_stays_connected_is_seen_with_its_heartbeat() {
    let world = World::new();
    world.run(&["cloud", "up"]).ok();
    let before = devices(&world);
    assert_eq!(before.len(), 1);
    assert_eq!(before[0]["this_device"], true);
    assert_eq!(before[0]["last_heartbeat"], Value::Null);

    let mut connected = world.start(&["--json", "cloud", "connect"]);
    let mut line = String::new();
    BufReader::new(connected.stdout.as_mut().unwrap())
        .read_line(&mut line)
        .unwrap();
    let told: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(told["state"], "connected");
    assert_eq!(told["transport"], "quic");
    let seen = loop {
        let seen = devices(&world).remove(0);
        if seen["last_heartbeat"] != Value::Null {
            break seen;
        }
    };
    assert!(seen["vitals"]["memory_usage"].as_f64().unwrap() > 0.0);
    signal(connected.id(), "INT");
    let ended = finish(connected).ok().json();
    assert_eq!(ended["state"], "disconnected");
    assert!(ended["heartbeats"]["acknowledged"].as_u64().unwrap() > 0);
}

#[test]
fn transport_of_the_settings_is_used_and_shown() {
    let world = World::new();
    world.run(&["cloud", "up"]).ok();
    world
        .run(&["config", "set", "cloud.transport", "websocket"])
        .ok();
    let status = world.run(&["--json", "cloud", "status"]).ok().json();
    assert_eq!(status["transport"], "websocket");
    assert_eq!(status["udp_blocked"], false);
    let asked = world.run(&["--json", "ask", "--cloud", "What is the capital of France?"]);
    assert!(asked.ok().json()["answer"].to_string().contains("Paris"));
}

#[test]
fn logout_revokes_the_device_at_its_cloud() {
    let world = World::new();
    let up = world.run(&["--json", "cloud", "up"]).ok().json();
    let device = up["device_id"].as_str().unwrap().to_owned();
    let out = world.run(&["cloud", "logout"]).ok();
    assert!(
        out.stderr.contains(&format!("revoked device {device}")),
        "{}",
        out.all()
    );
    // The next enrolment makes another device, which sees that the first is out.
    world.run(&["cloud", "up"]).ok();
    let known = devices(&world);
    let first = known
        .iter()
        .find(|known| known["device_id"] == device.as_str())
        .unwrap();
    assert!(first["revoked_at"].is_string(), "{first}");
    assert_eq!(known.len(), 2);

    let unknown = "0190a6b2-8f6e-4c3a-9d15-3b1f0a2c4e6d";
    let refused = world
        .run(&["cloud", "devices", "revoke", unknown])
        .failed(1);
    assert!(refused.stderr.contains("no device"), "{}", refused.all());
}
