//! The identity's files: what is wrong with them is said by name.

use std::fs;
use std::path::Path;

use synesis_cloud::{Identity, IdentityError};
use synesis_domain::Timestamp;
use synesis_testkit::{MockCloudServer, Validity};

/// A good identity, then one change to its folder.
fn open_after(change: impl FnOnce(&MockCloudServer, &Path)) -> Result<Identity, IdentityError> {
    let server = MockCloudServer::start();
    let folder = tempfile::tempdir().unwrap();
    server.write_identity(folder.path());
    change(&server, folder.path());
    Identity::open(folder.path())
}

#[test]
fn good_identity_knows_its_cloud_and_its_end() {
    let identity = open_after(|_, _| {}).unwrap();
    let now = Timestamp::from_millis(identity.not_after().as_millis() - 1);
    assert!(identity.check(now).is_ok());
    let late = identity.not_after();
    assert!(matches!(
        identity.check(late),
        Err(IdentityError::Expired { .. })
    ));
    assert_eq!(identity.tunnel_config().cloud_url, *identity.url());
    assert_eq!(identity.tunnel_config().device_id, identity.device_id());
}

#[test]
fn missing_file_is_named() {
    for name in ["key.pem", "certificate.pem", "ca.pem", "cloud.json"] {
        let error =
            open_after(|_, folder| fs::remove_file(folder.join(name)).unwrap()).unwrap_err();
        assert!(error.is_missing(), "{name}: {error:?}");
        assert!(error.to_string().contains(name), "{error}");
    }
}

#[test]
fn file_with_something_else_is_named() {
    for name in ["key.pem", "certificate.pem", "ca.pem"] {
        for contents in [
            "",
            "hello",
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        ] {
            let change = |_: &MockCloudServer, folder: &Path| {
                fs::write(folder.join(name), contents).unwrap();
            };
            let error = open_after(change).unwrap_err();
            assert!(
                matches!(error, IdentityError::NotPem { .. }),
                "{name} {contents:?}: {error:?}"
            );
            assert!(error.to_string().contains(name), "{error}");
        }
    }
    let error = open_after(|_, folder| fs::write(folder.join("cloud.json"), "{}").unwrap());
    assert!(matches!(error, Err(IdentityError::BadRecord { .. })));
}

#[test]
fn key_of_another_certificate_is_noticed() {
    let error = open_after(|server, folder| {
        let (user, device) = ([1; 16], [2; 16]);
        let other = server.authority().client(
            synesis_domain::UserId::from_bytes(user),
            synesis_domain::DeviceId::from_bytes(device),
            Validity::Now,
        );
        fs::write(folder.join("key.pem"), other.key_pem).unwrap();
    })
    .unwrap_err();
    assert!(matches!(error, IdentityError::KeyMismatch), "{error:?}");
}

#[test]
fn address_that_is_none_is_refused_without_its_password() {
    for url in [
        "http://cloud.example.com",
        "cloud",
        "https://ann:secret@cloud.example.com",
    ] {
        let error = open_after(|_, folder| {
            let path = folder.join("cloud.json");
            let record = fs::read_to_string(&path).unwrap();
            let mut record: serde_json::Value = serde_json::from_str(&record).unwrap();
            record["url"] = url.into();
            fs::write(path, record.to_string()).unwrap();
        })
        .unwrap_err();
        assert!(
            matches!(error, IdentityError::BadUrl(_)),
            "{url}: {error:?}"
        );
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}

#[test]
fn forgotten_cloud_leaves_the_key() {
    let server = MockCloudServer::start();
    let folder = tempfile::tempdir().unwrap();
    server.write_identity(folder.path());
    Identity::forget(folder.path()).unwrap();
    Identity::forget(folder.path()).unwrap();
    assert!(Identity::open(folder.path()).unwrap_err().is_missing());
    assert!(folder.path().join("key.pem").exists());
}
