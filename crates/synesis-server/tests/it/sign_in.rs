//! Signing in by a link in a mail.

use std::time::Duration;

use synesis_domain::EmailAddress;
use synesis_server::{SmtpSettings, link_address};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

use crate::browser::{Browser, mailed_link, mails, secret_of};
use crate::client::{PATIENCE, World, close_code, ping};

const ANN: &str = "ann@example.org";

#[tokio::test]
async fn a_link_signs_in_once_and_only_by_its_button() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let home = browser.get("/account").await;
    assert_eq!(home.location.as_deref(), Some("/sign-in"));
    let form = browser.get("/sign-in").await;
    assert!(
        form.policy.contains("default-src 'none'"),
        "{}",
        form.policy
    );
    let fields = [
        ("form_token", &*form.form_token()),
        ("email", " Ann@Example.ORG "),
    ];
    browser.post("/sign-in", &fields).await;
    let secret = mailed_link(world.dir.path(), ANN).await;
    // A program that looks into mails opens the link, again and again, without the button.
    let mut scanner = Browser::new(&world);
    for _ in 0..3 {
        assert_eq!(scanner.get(&format!("/link/{secret}")).await.status, 200);
    }
    let token = browser.get(&format!("/link/{secret}")).await.form_token();
    let opened = browser
        .post("/link", &[("form_token", &token), ("secret", &secret)])
        .await;
    assert_eq!(opened.location.as_deref(), Some("/account"));
    let cookie = opened
        .cookies
        .iter()
        .find(|cookie| cookie.starts_with("__Host-synesis="))
        .unwrap();
    for part in ["Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let account = browser.get("/account").await;
    assert!(account.text.contains(ANN), "{}", account.text);
    let again = browser.get(&format!("/link/{secret}")).await;
    assert_eq!(again.status, 410);
    let unknown = browser.get(&format!("/link/{}", "0".repeat(64))).await;
    assert_eq!((unknown.status, &unknown.text), (410, &again.text));
}

#[tokio::test]
async fn signing_out_ends_the_session_on_the_server() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    browser.sign_in(&world, ANN).await;
    let cookies = browser.cookies.clone();
    let token = browser.get("/account").await.form_token();
    browser.post("/sign-out", &[("form_token", &token)]).await;
    browser.cookies = cookies;
    let account = browser.get("/account").await;
    assert_eq!(account.location.as_deref(), Some("/sign-in"));
}

#[tokio::test]
async fn a_form_of_another_site_or_browser_is_refused() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    browser.sign_in(&world, ANN).await;
    let token = browser.get("/account").await.form_token();
    let mut stranger = Browser::new(&world);
    let foreign_token = stranger.get("/sign-in").await.form_token();
    let fields = |token| [("form_token", token), ("name", "evil"), ("write", "1")];
    for refused in [
        browser
            .post_from("https://evil.example", "/account/keys", &fields(&token))
            .await,
        browser
            .post_from("null", "/account/keys", &fields(&token))
            .await,
        browser.post("/account/keys", &fields(&foreign_token)).await,
        browser.post("/account/keys", &fields("")).await,
    ] {
        assert_eq!(refused.status, 403, "{}", refused.text);
    }
    let made = browser.post("/account/keys", &fields(&token)).await;
    assert!(made.text.contains("syn_key_"), "{}", made.text);
}

#[tokio::test]
async fn known_and_unknown_addresses_are_answered_the_same_and_not_flooded() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    browser.sign_in(&world, ANN).await;
    let mut other = Browser::new(&world);
    let token = other.get("/sign-in").await.form_token();
    let mut answers = Vec::new();
    for email in [ANN, "bob@example.org"] {
        let answer = other
            .post("/sign-in", &[("form_token", &token), ("email", email)])
            .await;
        answers.push((answer.status, answer.text.replace(email, "*")));
    }
    assert_eq!(answers[0], answers[1]);
    for _ in 0..8 {
        let answer = other
            .post("/sign-in", &[("form_token", &token), ("email", ANN)])
            .await;
        assert_eq!((answer.status, answer.text.replace(ANN, "*")), answers[0]);
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(mails(world.dir.path(), ANN).len(), 5, "mails in an hour");
}

#[tokio::test]
async fn the_owner_of_the_folder_can_be_reached_by_mail() {
    let world = World::new().await;
    let device = world.enrol().await;
    let email: EmailAddress = ANN.parse().unwrap();
    let linked = link_address(world.dir.path(), &email, None).unwrap();
    assert_eq!(linked.user_id, device.enrolled.user_id);
    let mut browser = Browser::new(&world);
    browser.sign_in(&world, ANN).await;
    let account = browser.get("/account").await;
    assert!(account.text.contains("test device"), "{}", account.text);
}

#[tokio::test]
async fn a_device_that_its_owner_revokes_on_the_page_is_out_at_once() {
    let world = World::new().await;
    let device = world.enrol().await;
    let connection = device.connect().await.unwrap();
    ping(&connection).await;
    let id = device.enrolled.device_id.as_str();
    let mut stranger = Browser::new(&world);
    stranger.sign_in(&world, "bob@example.org").await;
    let token = stranger.get("/account").await.form_token();
    let fields = [("form_token", token.as_str()), ("device", id)];
    let refused = stranger.post("/account/devices/revoke", &fields).await;
    assert_eq!(refused.status, 400, "{}", refused.text);
    ping(&connection).await;
    link_address(world.dir.path(), &ANN.parse().unwrap(), None).unwrap();
    let mut owner = Browser::new(&world);
    owner.sign_in(&world, ANN).await;
    let token = owner.get("/account").await.form_token();
    let fields = [("form_token", token.as_str()), ("device", id)];
    owner.post("/account/devices/revoke", &fields).await;
    let closed = tokio::time::timeout(Duration::from_secs(1), connection.closed()).await;
    let code = synesis_wire::CloseCode::Revoked.as_u32();
    assert_eq!(close_code(&closed.unwrap()), Some(u64::from(code)));
}

#[tokio::test]
async fn a_mail_goes_to_the_server_that_is_set() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    let taken = tokio::spawn(take_one_mail(listener));
    let world = World::with(|config| {
        let smtp = SmtpSettings::new(&url, "Synesis <cloud@example.org>").unwrap();
        config.mail = Some(smtp);
        config.public_url = Some("https://cloud.example.org".parse().unwrap());
    })
    .await;
    let mut browser = Browser::new(&world);
    let token = browser.get("/sign-in").await.form_token();
    browser
        .post("/sign-in", &[("form_token", &token), ("email", ANN)])
        .await;
    let (envelope, mail) = tokio::time::timeout(PATIENCE, taken)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        envelope,
        ["MAIL FROM:<cloud@example.org>", "RCPT TO:<ann@example.org>"]
    );
    assert!(mail.contains("From: Synesis <cloud@example.org>"), "{mail}");
    assert!(mail.contains("Subject: Sign in to Synesis"), "{mail}");
    assert!(mail.contains("https://cloud.example.org/link/"), "{mail}");
    let page = browser.get(&format!("/link/{}", secret_of(&mail))).await;
    assert_eq!(page.status, 200);
    assert!(!world.dir.path().join("outbox").exists());
}

/// A mail server that takes one mail: its envelope and its text.
async fn take_one_mail(listener: TcpListener) -> (Vec<String>, String) {
    let (stream, _) = listener.accept().await.unwrap();
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    let (mut envelope, mut mail, mut in_mail) = (Vec::new(), String::new(), false);
    write.write_all(b"220 test ESMTP\r\n").await.unwrap();
    while let Some(line) = lines.next_line().await.unwrap() {
        let answer = if in_mail && line == "." {
            write.write_all(b"250 taken\r\n").await.unwrap();
            break;
        } else if in_mail {
            mail.push_str(&line);
            mail.push_str("\r\n");
            continue;
        } else if line == "DATA" {
            in_mail = true;
            "354 go on"
        } else {
            if line.starts_with("MAIL") || line.starts_with("RCPT") {
                let words = line.split(' ').take(2).collect::<Vec<_>>().join(" ");
                envelope.push(words);
            }
            "250 fine"
        };
        write
            .write_all(format!("{answer}\r\n").as_bytes())
            .await
            .unwrap();
    }
    (envelope, mail)
}
