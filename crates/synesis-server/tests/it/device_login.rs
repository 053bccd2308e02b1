//! The device grant of RFC 8628, from the device and from the person.

use rcgen::KeyPair;
use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};

use crate::browser::{Browser, encoded};
use crate::client::{World, https, signing_request};

const ANN: &str = "ann@example.org";
const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// A device that wants to be let in.
struct Waiting {
    key: KeyPair,
    body: Value,
}

async fn form(world: &World, path: &str, fields: &[(&str, &str)]) -> (u16, Value) {
    let response = https(world.dir.path())
        .post(format!("https://{}{path}", world.server.addr()))
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(encoded(fields))
        .send()
        .await
        .unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

impl Waiting {
    async fn new(world: &World) -> Self {
        let key = KeyPair::generate().unwrap();
        let csr = signing_request(&key);
        let fields = [
            ("client_id", "test"),
            ("csr_pem", &*csr),
            ("device_name", "Ann's <desk>"),
        ];
        let (status, body) = form(world, "/v1/device_authorization", &fields).await;
        assert_eq!(status, 200, "{body}");
        Self { key, body }
    }

    fn text(&self, field: &str) -> &str {
        self.body[field].as_str().unwrap()
    }

    async fn poll(&self, world: &World) -> (u16, Value) {
        let fields = [
            ("grant_type", GRANT),
            ("device_code", self.text("device_code")),
        ];
        form(world, "/v1/token", &fields).await
    }

    async fn answer(&self, browser: &mut Browser, answer: &str) {
        let typed = self.text("user_code").to_lowercase().replace('-', "");
        let page = browser.get(&format!("/device?user_code={typed}")).await;
        assert!(
            page.text.contains("Ann&#x27;s &lt;desk&gt;"),
            "{}",
            page.text
        );
        assert!(page.text.contains("127.0.0.1"), "{}", page.text);
        let token = page.form_token();
        let fields = [
            ("form_token", token.as_str()),
            ("user_code", self.text("user_code")),
            ("answer", answer),
        ];
        let answered = browser.post("/device", &fields).await;
        assert_eq!(answered.status, 200, "{}", answered.text);
    }
}

async fn enrol(world: &World, bearer: &str, key: &KeyPair) -> (u16, Value) {
    let response = https(world.dir.path())
        .post(format!("https://{}/v1/enrol", world.server.addr()))
        .bearer_auth(bearer)
        .json(&json!({ "csr_pem": signing_request(key), "device_name": "desk" }))
        .send()
        .await
        .unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

#[tokio::test]
async fn an_approved_device_enrols_with_its_own_key_only() {
    let world = World::new().await;
    let device = Waiting::new(&world).await;
    assert_eq!(device.text("user_code").len(), 9);
    assert_eq!(device.body["interval"], 5);
    assert_eq!(device.body["expires_in"], 600);
    let page = format!("https://{}/device", world.server.addr());
    assert_eq!(device.text("verification_uri"), page);
    let (status, pending) = device.poll(&world).await;
    assert_eq!(
        (status, &pending["error"]),
        (400, &json!("authorization_pending"))
    );
    let (_, hasty) = device.poll(&world).await;
    assert_eq!(hasty["error"], "slow_down");
    let mut browser = Browser::new(&world);
    browser.sign_in(&world, ANN).await;
    device.answer(&mut browser, "approve").await;
    let (status, granted) = device.poll(&world).await;
    assert_eq!(status, 200, "{granted}");
    assert_eq!(granted["token_type"], "Bearer");
    let grant = granted["access_token"].as_str().unwrap();
    let (status, refused) = enrol(&world, grant, &KeyPair::generate().unwrap()).await;
    assert_eq!(status, 403, "{refused}");
    let (status, enrolled) = enrol(&world, grant, &device.key).await;
    assert_eq!(status, 200, "{enrolled}");
    let (status, _) = enrol(&world, grant, &device.key).await;
    assert_eq!(status, 401, "a second use");
    let (_, again) = device.poll(&world).await;
    assert_eq!(again["error"], "invalid_grant");
    let account = browser.get("/account").await;
    assert!(
        account
            .text
            .contains(enrolled["device_id"].as_str().unwrap())
    );
}

#[tokio::test]
async fn a_denied_device_hears_so() {
    let world = World::new().await;
    let device = Waiting::new(&world).await;
    let mut browser = Browser::new(&world);
    browser.sign_in(&world, ANN).await;
    device.answer(&mut browser, "deny").await;
    let (status, denied) = device.poll(&world).await;
    assert_eq!((status, &denied["error"]), (400, &json!("access_denied")));
}

#[tokio::test]
async fn what_makes_no_sense_has_the_name_of_the_rfc() {
    let world = World::new().await;
    let rows: [(&[(&str, &str)], &str); 4] = [
        (
            &[("grant_type", GRANT), ("device_code", "unknown")],
            "invalid_grant",
        ),
        (&[("grant_type", GRANT)], "invalid_request"),
        (&[("grant_type", "password")], "unsupported_grant_type"),
        (&[], "unsupported_grant_type"),
    ];
    for (fields, expected) in rows {
        let (status, answer) = form(&world, "/v1/token", fields).await;
        assert_eq!(
            (status, &answer["error"]),
            (400, &json!(expected)),
            "{fields:?}"
        );
    }
    let fields = [("csr_pem", "no request"), ("device_name", "desk")];
    let (status, answer) = form(&world, "/v1/device_authorization", &fields).await;
    assert_eq!((status, &answer["error"]), (400, &json!("invalid_request")));
}

#[tokio::test]
async fn codes_cannot_be_guessed_for_long() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let asked = browser.get("/device?user_code=BCDF-GHJK").await;
    assert_eq!(
        asked.location.as_deref(),
        Some("/sign-in?user_code=BCDF-GHJK")
    );
    browser.sign_in(&world, ANN).await;
    let tries = async |browser: &mut Browser, count: usize| {
        let mut last = 0;
        for _ in 0..count {
            last = browser.get("/device?user_code=BCDF-GHJK").await.status;
        }
        last
    };
    assert_eq!(tries(&mut browser, 20).await, 400);
    assert_eq!(
        tries(&mut browser, 1).await,
        429,
        "too often in this browser"
    );
    // New sessions help for a while, then the address has had enough.
    for email in ["bob@example.org", "cleo@example.org"] {
        let mut other = Browser::new(&world);
        other.sign_in(&world, email).await;
        assert_eq!(tries(&mut other, 19).await, 400);
    }
    let mut last = Browser::new(&world);
    last.sign_in(&world, "dora@example.org").await;
    assert_eq!(
        tries(&mut last, 5).await,
        429,
        "too often from this address"
    );
}

#[tokio::test]
async fn an_api_key_enrols_where_its_scopes_say_so() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    browser.sign_in(&world, ANN).await;
    let token = browser.get("/account").await.form_token();
    let mut make = async |scope: &str| {
        let fields = [
            ("form_token", token.as_str()),
            ("name", scope),
            (scope, "1"),
            ("days", "30"),
        ];
        let page = browser.post("/account/keys", &fields).await;
        let (_, rest) = page.text.split_once("syn_key_").unwrap();
        format!("syn_key_{}", rest.split('<').next().unwrap())
    };
    let (read, write, admin) = (make("read").await, make("write").await, make("admin").await);
    let key = KeyPair::generate().unwrap();
    let (status, refused) = enrol(&world, &read, &key).await;
    assert_eq!(
        (status, &refused["error"]),
        (403, &json!("insufficient_scope"))
    );
    assert!(
        refused["message"].as_str().unwrap().contains("scope write"),
        "{refused}"
    );
    for good in [&write, &admin] {
        let (status, enrolled) = enrol(&world, good, &key).await;
        assert_eq!(status, 200, "{enrolled}");
    }
    let account = browser.get("/account").await;
    assert!(!account.text.contains(&write), "the secret is shown again");
    assert!(account.text.contains("last used"));
    let id = write[8..40].to_owned();
    let id = format!(
        "{}-{}-{}-{}-{}",
        &id[..8],
        &id[8..12],
        &id[12..16],
        &id[16..20],
        &id[20..]
    );
    let fields = [("form_token", token.as_str()), ("key", id.as_str())];
    browser.post("/account/keys/revoke", &fields).await;
    let (status, revoked) = enrol(&world, &write, &key).await;
    assert_eq!(status, 401);
    let mut damaged = admin.clone();
    damaged.pop();
    let (_, unknown) = enrol(&world, &damaged, &key).await;
    assert_eq!(revoked, unknown);
}

#[tokio::test]
async fn the_authority_is_given_to_whoever_knows_its_hash() {
    let world = World::new().await;
    let url = format!("https://{}/v1/ca", world.server.addr());
    let pem = https(world.dir.path())
        .get(url)
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    let kept = std::fs::read_to_string(world.dir.path().join("ca/ca.pem")).unwrap();
    assert_eq!(pem, kept);
}
