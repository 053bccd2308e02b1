//! Enrolling: a key made here, a certificate signed there, nobody trusted by accident.

use std::path::Path;

use synesis_cloud::{AuthCause, CloudError, EnrolError, Enrolment, Identity, Trust, enrol};
use synesis_domain::DeviceName;
use synesis_testkit::{Authority, MockEnrolment};

fn enrolment(cloud: &MockEnrolment, token: &str, ca_pem: &str) -> Enrolment {
    Enrolment {
        url: cloud.url().parse().unwrap(),
        token: token.to_owned(),
        device_name: DeviceName::new("Ann's laptop").unwrap(),
        trust: Trust::Authority(ca_pem.to_owned()),
    }
}

fn contents(folder: &Path, name: &str) -> Vec<u8> {
    std::fs::read(folder.join(name)).unwrap()
}

#[tokio::test]
async fn enrolled_device_has_a_whole_identity_and_a_private_key_file() {
    let cloud = MockEnrolment::start("good");
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("identity");
    let ca = cloud.authority().certificate_pem();
    let identity = enrol(&folder, &enrolment(&cloud, "good", ca))
        .await
        .unwrap();
    assert_eq!(identity.url().as_str(), format!("{}/", cloud.url()));
    assert_eq!(
        Identity::open(&folder).unwrap().device_id(),
        identity.device_id()
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(folder.join("key.pem"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    // Enrolling again keeps the key and leaves no half-written file.
    let key = contents(&folder, "key.pem");
    enrol(&folder, &enrolment(&cloud, "good", ca))
        .await
        .unwrap();
    assert_eq!(contents(&folder, "key.pem"), key);
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 4);
}

#[tokio::test]
async fn wrong_token_leaves_the_identity_as_it_was() {
    let cloud = MockEnrolment::start("good");
    let folder = tempfile::tempdir().unwrap();
    let ca = cloud.authority().certificate_pem();
    enrol(folder.path(), &enrolment(&cloud, "good", ca))
        .await
        .unwrap();
    let before = contents(folder.path(), "certificate.pem");
    let error = enrol(folder.path(), &enrolment(&cloud, "bad", ca))
        .await
        .unwrap_err();
    assert!(
        matches!(error, CloudError::Enrol(EnrolError::TokenRefused)),
        "{error:?}"
    );
    assert_eq!(contents(folder.path(), "certificate.pem"), before);
}

#[tokio::test]
async fn cloud_of_another_authority_does_not_get_the_token() {
    let cloud = MockEnrolment::start("good");
    let folder = tempfile::tempdir().unwrap();
    let other = Authority::new();
    let enrolment = enrolment(&cloud, "good", other.certificate_pem());
    let error = enrol(folder.path(), &enrolment).await.unwrap_err();
    assert!(
        matches!(
            error,
            CloudError::AuthenticationFailed {
                cause: AuthCause::WrongCa
            }
        ),
        "{error:?}"
    );
}

#[tokio::test]
async fn cloud_that_is_not_there_is_a_connection_failure() {
    let cloud = MockEnrolment::start("good");
    let folder = tempfile::tempdir().unwrap();
    let mut enrolment = enrolment(&cloud, "good", cloud.authority().certificate_pem());
    // A port that was free a moment ago.
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    enrolment.url = format!("https://{free}").parse().unwrap();
    let error = enrol(folder.path(), &enrolment).await.unwrap_err();
    assert!(
        matches!(error, CloudError::ConnectionFailed { .. }),
        "{error:?}"
    );
    assert!(error.is_retryable());
}

#[test]
fn token_is_not_in_the_debug_form() {
    let cloud = MockEnrolment::start("good");
    let enrolment = enrolment(&cloud, "a-secret-token", "");
    assert!(!format!("{enrolment:?}").contains("a-secret-token"));
}
