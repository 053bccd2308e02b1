//! What the operator sets for Stripe, and what the client does with answers that are none.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use synesis_server::{ServerConfig, StripeClient, StripeError, StripeOutcome, StripeSecrets};
use synesis_service::stripe::{
    Metadata, NewCustomer, RefusalKind, StripeSecretKey, create_customer, retrieve_session,
};

use crate::stripe_world::{World, done, settings, user};

#[tokio::test]
async fn a_wrong_key_is_the_operators_business_and_is_not_shown() {
    let world = World::new().await;
    let mut settings = settings(&world.double);
    settings.secret_key = StripeSecretKey::new("sk_test_hush99").unwrap();
    let client = StripeClient::new(&settings).unwrap();
    let asked = retrieve_session(&"cs_1".parse().unwrap());
    let StripeOutcome::Refused(refusal) = client.send(&asked).await.unwrap() else {
        panic!("a wrong key opens nothing");
    };
    assert_eq!(refusal.kind, RefusalKind::Authentication);
    assert!(refusal.kind.is_about_the_key());
    let shown = format!("{refusal} {refusal:?} {client:?} {settings:?} {asked:?}");
    assert!(!shown.contains("hush"), "{shown}");
}

#[tokio::test]
async fn a_key_stands_for_one_body() {
    let world = World::new().await;
    let known = world.customer().await;
    assert_eq!(world.customer().await, known);
    let other = NewCustomer {
        email: Some("bob@example.org".parse().unwrap()),
        metadata: Metadata::of(user()),
    };
    let request = create_customer(&other, "customer-ann".parse().unwrap());
    let StripeOutcome::Refused(refusal) = world.client.send(&request).await.unwrap() else {
        panic!("the key was used with another body");
    };
    assert_eq!(refusal.kind, RefusalKind::Idempotency);
    let request = create_customer(&other, "customer-bob".parse().unwrap());
    assert_ne!(done(&world.client, &request).await, known);
    let missing = retrieve_session(&"cs_missing".parse().unwrap());
    let missing = world.client.send(&missing).await.unwrap();
    assert!(
        matches!(&missing, StripeOutcome::Refused(refusal)
            if refusal.status == 404 && refusal.code.as_deref() == Some("resource_missing")),
        "{missing:?}"
    );
}

/// A client of something that is not Stripe.
async fn client_of(router: Router) -> (StripeClient, String) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let world = World::new().await;
    let mut settings = settings(&world.double);
    settings.base_url = url.parse().unwrap();
    (StripeClient::new(&settings).unwrap(), url)
}

#[tokio::test]
async fn an_answer_without_bound_or_sense_leaves_it_open() {
    let asked = retrieve_session(&"cs_1".parse().unwrap());
    for body in ["x".repeat(3 * 1024 * 1024), "<html>".to_owned()] {
        let (client, _) = client_of(Router::new().fallback(|| async move { body })).await;
        let error = client.send(&asked).await.unwrap_err();
        assert!(matches!(error, StripeError::Unreadable { .. }), "{error}");
    }
}

#[tokio::test]
async fn a_redirect_does_not_get_the_key() {
    let seen = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&seen);
    let elsewhere = Router::new().fallback(move |_: HeaderMap| {
        count.fetch_add(1, Ordering::SeqCst);
        async { StatusCode::OK }
    });
    let (_, elsewhere) = client_of(elsewhere).await;
    let redirect = Router::new().fallback(move || {
        let elsewhere = elsewhere.clone();
        async move { (StatusCode::FOUND, [("location", elsewhere)]).into_response() }
    });
    let (client, _) = client_of(redirect).await;
    let asked = retrieve_session(&"cs_1".parse().unwrap());
    let outcome = client.send(&asked).await.unwrap();
    assert!(matches!(outcome, StripeOutcome::Refused(refusal) if refusal.status == 302));
    assert_eq!(seen.load(Ordering::SeqCst), 0);
}

/// Reads settings from a file, with secrets from elsewhere or not.
fn read(dir: &Path, given: StripeSecrets, toml: &str) -> Result<ServerConfig, String> {
    let file = dir.join("settings.toml");
    std::fs::write(&file, toml).unwrap();
    let mut config = ServerConfig::new(dir);
    config.stripe_secrets = given;
    let read = config.apply_file(&file);
    read.map(|()| config).map_err(|error| error.to_string())
}

const FILES: &str = "secret_key_file = \"key\"\nwebhook_secrets_file = \"hooks\"\n";
const METER: &str = "meter_event_name = \"synesis_cents\"\nmeter_id = \"mtr_1\"\n";

#[test]
fn settings_come_from_files_beside_the_configuration_or_from_the_environment() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("key"), "rk_live_hush1\n").unwrap();
    std::fs::write(dir.path().join("hooks"), "whsec_hush2\n\n  whsec_hush3\n").unwrap();
    let toml = format!("[stripe]\n{FILES}{METER}");
    let config = read(dir.path(), StripeSecrets::default(), &toml).unwrap();
    let stripe = config.stripe.as_ref().unwrap();
    assert_eq!(stripe.secret_key.expose(), "rk_live_hush1");
    assert_eq!(stripe.webhook_secrets.len(), 2);
    assert_eq!(stripe.base_url.as_str(), "https://api.stripe.com/");
    assert_eq!(stripe.product_name, "Synesis credit");
    assert_eq!(stripe.flush_threshold, "5".parse().unwrap());
    assert!(!format!("{config:?}").contains("hush"));
    let given = StripeSecrets::new(Some("sk_test_env1"), Some("whsec_env2, whsec_env3,")).unwrap();
    let more = "product_name = \"Credit\"\nflush_threshold = \"$12.50\"\nbase_url = \"http://127.0.0.1:9\"\n";
    for files in ["", FILES] {
        let toml = format!("[stripe]\n{files}{METER}{more}");
        let config = read(dir.path(), given.clone(), &toml).unwrap();
        let stripe = config.stripe.unwrap();
        assert_eq!(stripe.secret_key.expose(), "sk_test_env1");
        assert_eq!(stripe.webhook_secrets.len(), 2);
        assert_eq!(stripe.flush_threshold, "12.5".parse().unwrap());
    }
    assert!(read(dir.path(), given, "").unwrap().stripe.is_none());
}

#[test]
fn secrets_that_cannot_work_are_named_and_not_repeated() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("wrong"), "hush hush").unwrap();
    std::fs::write(dir.path().join("empty"), "\n").unwrap();
    let (key, hooks) = (Some("sk_test_1"), Some("whsec_1"));
    for (key, hooks, line, setting) in [
        (None, None, "", "stripe.secret_key_file"),
        (
            None,
            hooks,
            "secret_key_file = \"wrong\"",
            "stripe.secret_key_file",
        ),
        (None, hooks, "secret_key_file = \"missing\"", "missing"),
        (key, None, "", "stripe.webhook_secrets_file"),
        (
            key,
            None,
            "webhook_secrets_file = \"empty\"",
            "stripe.webhook_secrets_file",
        ),
        (
            key,
            None,
            "webhook_secrets_file = \"wrong\"",
            "stripe.webhook_secrets_file",
        ),
        (
            key,
            hooks,
            "webhook_secret = \"hush\"",
            "not a configuration",
        ),
    ] {
        let given = StripeSecrets::new(key, hooks).unwrap();
        let toml = format!("[stripe]\n{METER}{line}");
        let told = read(dir.path(), given, &toml).unwrap_err();
        assert!(told.contains(setting), "{told}");
        assert!(!told.contains("hush"), "{told}");
    }
    for (key, hooks, setting) in [
        (Some("pk_live_hush"), None, "SYNESIS_STRIPE_SECRET_KEY"),
        (None, Some("whsec_1,hush"), "SYNESIS_STRIPE_WEBHOOK_SECRETS"),
    ] {
        let told = StripeSecrets::new(key, hooks).unwrap_err().to_string();
        assert!(told.contains(setting) && !told.contains("hush"), "{told}");
    }
}

#[test]
fn values_that_make_no_sense_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let told = |lines: &str| {
        let given = StripeSecrets::new(Some("sk_test_1"), Some("whsec_1")).unwrap();
        read(dir.path(), given, &format!("[stripe]\n{lines}")).unwrap_err()
    };
    for (line, setting) in [
        (
            "base_url = \"http://stripe.example.org\"",
            "stripe.base_url",
        ),
        (
            "base_url = \"https://hush:hush@stripe.example.org\"",
            "stripe.base_url",
        ),
        (
            "base_url = \"https://stripe.example.org/v1\"",
            "stripe.base_url",
        ),
        ("product_name = \" \"", "stripe.product_name"),
        ("flush_threshold = \"0\"", "stripe.flush_threshold"),
        ("flush_threshold = \"five\"", "stripe.flush_threshold"),
    ] {
        let told = told(&format!("{METER}{line}"));
        assert!(told.contains(setting) && !told.contains("hush"), "{told}");
    }
    assert!(told("meter_id = \"mtr_1\"").contains("stripe.meter_event_name"));
    assert!(told("meter_event_name = \"x\"").contains("stripe.meter_id"));
    let price = "meter_event_name = \"x\"\nmeter_id = \"price_1\"";
    assert!(told(price).contains("stripe.meter_id"));
}
