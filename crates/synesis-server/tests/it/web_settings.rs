//! What the operator sets for browsers: the public address, a certificate of their own, mail.

use std::path::Path;

use rcgen::{CertificateParams, KeyPair};
use synesis_server::{ServerConfig, WebCertificate};

use crate::client::{Device, World, https, ping};

/// Reads settings from a file.
fn read(dir: &Path, toml: &str) -> Result<ServerConfig, String> {
    let file = dir.join("settings.toml");
    std::fs::write(&file, toml).unwrap();
    let mut config = ServerConfig::new(dir);
    let read = config.apply_file(&file);
    read.map(|()| config).map_err(|error| error.to_string())
}

#[test]
fn settings_are_read_and_nonsense_is_named_without_its_secrets() {
    let dir = tempfile::tempdir().unwrap();
    let good = r#"
        public_url = "https://cloud.example.org"
        https_certificate = "web.pem"
        https_key = "/etc/web.key"
        metrics_token = "hunter22-hunter22"
        [mail]
        smtp_url = "smtps://ann:hunter22@mail.example.org"
        from = "Synesis <synesis@example.org>"
    "#;
    let config = read(dir.path(), good).unwrap();
    assert_eq!(
        config.public_url.as_ref().unwrap().as_str(),
        "https://cloud.example.org/"
    );
    let own = config.web_certificate.as_ref().unwrap();
    assert_eq!(own.chain, dir.path().join("web.pem"));
    assert_eq!(own.key, Path::new("/etc/web.key"));
    assert!(config.mail.is_some());
    assert!(config.metrics_token.is_some());
    assert!(!format!("{config:?}").contains("hunter22"));
    let wrong = [
        ("public_url = \"http://cloud.example.org\"", "public_url"),
        (
            "public_url = \"https://cloud.example.org/synesis\"",
            "public_url",
        ),
        ("https_certificate = \"web.pem\"", "https_key"),
        ("https_key = \"web.key\"", "https_certificate"),
        ("metrics_token = \"hunter22\"", "metrics_token"),
        (
            "[mail]\nsmtp_url = \"hunter22\"\nfrom = \"a@b.example\"",
            "mail",
        ),
        (
            "[mail]\nsmtp_url = \"smtps://mail.example.org\"\nfrom = \"hunter22\"",
            "mail",
        ),
    ];
    for (toml, setting) in wrong {
        let told = read(dir.path(), toml).unwrap_err();
        assert!(told.contains(setting), "{told}");
        assert!(!told.contains("hunter22"), "{told}");
    }
}

#[tokio::test]
async fn browsers_see_the_operators_certificate_and_devices_that_of_the_cloud() {
    let files = tempfile::tempdir().unwrap();
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    let own = params.self_signed(&key).unwrap();
    let certificate = WebCertificate {
        chain: files.path().join("web.pem"),
        key: files.path().join("web.key"),
    };
    std::fs::write(&certificate.chain, own.pem()).unwrap();
    std::fs::write(&certificate.key, key.serialize_pem()).unwrap();
    let world = World::with(|config| config.web_certificate = Some(certificate)).await;
    let url = format!("https://{}/healthz", world.server.addr());
    let by_cloud = https(world.dir.path()).get(&url).send().await;
    assert!(
        by_cloud.is_err(),
        "HTTPS still shows the cloud's certificate"
    );
    let browser = reqwest::Client::builder()
        .tls_certs_only(reqwest::Certificate::from_pem_bundle(own.pem().as_bytes()).unwrap())
        .no_proxy()
        .build()
        .unwrap();
    assert!(
        browser
            .get(&url)
            .send()
            .await
            .unwrap()
            .status()
            .is_success()
    );
    // A device enrols over HTTPS by the operator's certificate, and connects by the cloud's own.
    let token = std::fs::read_to_string(world.dir.path().join("enrolment-token")).unwrap();
    let device = Device::enrol_by(&browser, world.server.addr(), &token)
        .await
        .unwrap();
    ping(&device.connect().await.unwrap()).await;
}

#[tokio::test]
async fn a_certificate_that_is_none_is_named_at_the_start() {
    let dir = tempfile::tempdir().unwrap();
    let mut config = ServerConfig::new(dir.path());
    config.listen = "127.0.0.1:0".parse().unwrap();
    config.web_certificate = Some(WebCertificate {
        chain: dir.path().join("nothing.pem"),
        key: dir.path().join("nothing.key"),
    });
    let error = synesis_server::Server::start(config).await.unwrap_err();
    assert!(error.is_mendable());
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(cause.contains("nothing.pem"), "{cause}");
}
