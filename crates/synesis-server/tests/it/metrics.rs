//! What `/metrics` shows, and to whom.

use std::collections::BTreeMap;

use synesis_server::MetricsToken;
use synesis_wire::proto::call;

use crate::client::{REQUEST, Stream, World, escalate, escalation, https, ping};

const TOKEN: &str = "0123456789abcdef0123456789abcdef";

/// Asks for the page with these headers, and gives the status and the text.
async fn asked(world: &World, headers: &[(&str, &str)]) -> (u16, String) {
    let url = format!("https://{}/metrics", world.server.addr());
    let mut request = https(world.dir.path()).get(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    if status == 200 {
        let kind = &response.headers()["content-type"];
        assert_eq!(kind, "text/plain; version=0.0.4; charset=utf-8");
    }
    (status, response.text().await.unwrap())
}

/// The samples of a page by series, each checked to belong to the family above it.
fn samples(page: &str) -> BTreeMap<String, f64> {
    let mut family = "";
    let mut samples = BTreeMap::new();
    for line in page.lines() {
        if let Some(named) = line.strip_prefix("# TYPE ") {
            family = named.split(' ').next().unwrap();
        } else if !line.starts_with("# HELP ") {
            let (series, value) = line.rsplit_once(' ').unwrap();
            let name = series.split('{').next().unwrap();
            let part = name
                .strip_prefix(family)
                .unwrap_or_else(|| panic!("{line}"));
            assert!(["", "_bucket", "_sum", "_count"].contains(&part), "{line}");
            let before = samples.insert(series.to_owned(), value.parse().unwrap());
            assert_eq!(before, None, "twice: {series}");
        }
    }
    samples
}

async fn shown(world: &World) -> BTreeMap<String, f64> {
    let (status, page) = asked(world, &[]).await;
    assert_eq!(status, 200, "{page}");
    samples(&page)
}

#[tokio::test]
async fn what_devices_did_is_counted_and_nobody_is_named() {
    let world = World::new().await;
    let device = world.enrol().await;
    let connection = device.connect().await.unwrap();
    ping(&connection).await;
    ping(&connection).await;
    Stream::raw(&connection, &[0xff; 8]).await.next().await;
    world.model.answer(&["yes"]).await;
    escalate(&connection, escalation(REQUEST, "a private question"))
        .await
        .rest()
        .await;
    let mut unknown = Stream::open(
        &connection,
        call::Body::Escalation(escalation("no id", "another question")),
    )
    .await;
    unknown.next().await;
    let (_, page) = asked(&world, &[]).await;
    let samples = samples(&page);
    for (series, expected) in [
        (r#"synesis_connections{transport="quic"}"#, 1.0),
        (r#"synesis_connections{transport="websocket"}"#, 0.0),
        (r#"synesis_connections_total{transport="quic"}"#, 1.0),
        (
            r#"synesis_connections_refused_total{reason="revoked"}"#,
            0.0,
        ),
        (r#"synesis_calls_total{call="ping",outcome="ok"}"#, 2.0),
        (
            r#"synesis_calls_total{call="unreadable",outcome="bad_request"}"#,
            1.0,
        ),
        (
            r#"synesis_calls_total{call="escalation",outcome="ok"}"#,
            1.0,
        ),
        (
            r#"synesis_calls_total{call="escalation",outcome="bad_request"}"#,
            1.0,
        ),
        (r#"synesis_escalations_total{outcome="stop"}"#, 1.0),
        ("synesis_escalations_running", 0.0),
        (r#"synesis_escalation_seconds_bucket{le="+Inf"}"#, 1.0),
        ("synesis_escalation_seconds_count", 1.0),
        ("synesis_escalation_first_text_seconds_count", 1.0),
        ("synesis_draining", 0.0),
        (r#"synesis_https_requests_total{status="2xx"}"#, 1.0),
    ] {
        assert_eq!(samples.get(series), Some(&expected), "{series}\n{page}");
    }
    assert!(samples[r#"synesis_tokens_total{kind="prompt"}"#] > 0.0);
    let private = [
        device.enrolled.device_id.as_str(),
        &device.enrolled.user_id,
        REQUEST,
        "a private question",
        "127.0.0.1",
    ];
    for private in private {
        assert!(!page.contains(private), "{private} is shown\n{page}");
    }
}

#[tokio::test]
async fn more_devices_bring_no_more_series() {
    let world = World::new().await;
    let one = world.enrol().await.connect().await.unwrap();
    ping(&one).await;
    let before = shown(&world).await;
    let mut connections = Vec::new();
    for _ in 0..5 {
        let connection = world.enrol().await.connect().await.unwrap();
        ping(&connection).await;
        connections.push(connection);
    }
    let after = shown(&world).await;
    assert!(before.keys().eq(after.keys()), "{before:?}\n{after:?}");
    assert_eq!(after[r#"synesis_connections{transport="quic"}"#], 6.0);
}

#[tokio::test]
async fn a_revoked_device_is_counted_by_why_it_was_turned_away() {
    let world = World::new().await;
    let device = world.enrol().await;
    let id = device.enrolled.device_id.parse().unwrap();
    synesis_server::revoke_device(world.place(), id)
        .unwrap()
        .unwrap();
    crate::client::refusal(device.connect().await).await;
    let series = r#"synesis_connections_refused_total{reason="revoked"}"#;
    assert_eq!(shown(&world).await.get(series), Some(&1.0));
}

#[tokio::test]
async fn without_a_token_only_this_machine_is_answered() {
    let world = World::new().await;
    assert_eq!(asked(&world, &[]).await.0, 200);
    // A proxy on this machine speaks for others.
    for header in ["x-forwarded-for", "x-real-ip", "forwarded"] {
        let (status, told) = asked(&world, &[(header, "203.0.113.7")]).await;
        assert_eq!(status, 401, "{header}");
        assert!(told.contains("metrics_token"), "{told}");
    }
}

#[tokio::test]
async fn where_a_token_is_set_everybody_has_to_have_it() {
    let token = MetricsToken::new(TOKEN).unwrap();
    let world = World::with(|config| config.metrics_token = Some(token)).await;
    assert_eq!(asked(&world, &[]).await.0, 401);
    let wrong = asked(&world, &[("authorization", "Bearer 0123456789abcdef")]).await;
    assert_eq!(wrong.0, 401);
    let right = format!("Bearer {TOKEN}");
    let headers = [
        ("authorization", right.as_str()),
        ("x-forwarded-for", "203.0.113.7"),
    ];
    assert_eq!(asked(&world, &headers).await.0, 200);
}
