//! The device authorization grant as it looks from outside: RFC 8628 and RFC 6749, section 5.
//!
//! The rules are in [`synesis_domain::login`]; here are the names and fields that the RFCs give
//! their answers.

use serde::{Deserialize, Serialize};
use synesis_domain::{LoginEvent, LoginRefusal, UserCode};

/// The grant type of a device that polls.
pub const DEVICE_GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// What a device posts to ask to be let in, as a form.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DeviceAuthorizationRequest {
    /// The program that asks; any name.
    #[serde(default)]
    pub client_id: String,
    /// A signing request with the device's public key: the grant is bound to it.
    pub csr_pem: String,
    /// What its owner calls the device.
    pub device_name: String,
}

/// What the device gets to show and to poll with.
#[derive(Clone, Serialize)]
pub struct DeviceAuthorization {
    /// The secret with which the device polls.
    pub device_code: String,
    /// The code that the person types or compares.
    pub user_code: String,
    /// Where the person goes.
    pub verification_uri: String,
    /// The same with the code in it.
    pub verification_uri_complete: String,
    /// For how many seconds both codes are good.
    pub expires_in: u64,
    /// How many seconds lie between two polls.
    pub interval: u64,
}

impl DeviceAuthorization {
    /// The answer to a device, whose person goes to `verification_uri`.
    #[must_use]
    pub fn new(
        device_code: String,
        user_code: UserCode,
        verification_uri: String,
        life_ms: i64,
        interval_ms: u32,
    ) -> Self {
        Self {
            device_code,
            user_code: user_code.to_string(),
            verification_uri_complete: format!("{verification_uri}?user_code={user_code}"),
            verification_uri,
            expires_in: u64::try_from(life_ms / 1000).unwrap_or(0),
            interval: u64::from(interval_ms / 1000),
        }
    }
}

/// What a device posts to learn what became of its request, as a form.
#[derive(Clone, Serialize, Deserialize)]
pub struct TokenRequest {
    /// Must be [`DEVICE_GRANT_TYPE`].
    #[serde(default)]
    pub grant_type: String,
    /// The secret from the answer before.
    #[serde(default)]
    pub device_code: String,
    /// The program that asks; any name.
    #[serde(default)]
    pub client_id: String,
}

/// The answer to a device that was let in.
#[derive(Clone, Serialize)]
pub struct GrantedToken {
    /// The grant: enrols one device, the one with the key that asked.
    pub access_token: String,
    /// Always `Bearer`.
    pub token_type: &'static str,
    /// For how many seconds the grant is good.
    pub expires_in: u64,
}

impl GrantedToken {
    /// A grant that is good for so long.
    #[must_use]
    pub fn new(access_token: String, life_ms: i64) -> Self {
        Self {
            access_token,
            token_type: "Bearer",
            expires_in: u64::try_from(life_ms / 1000).unwrap_or(0),
        }
    }
}

/// The error names of RFC 6749 and RFC 8628.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GrantError {
    /// Nobody has answered: poll again.
    AuthorizationPending,
    /// Poll again, but five seconds slower from now on.
    SlowDown,
    /// The person said no.
    AccessDenied,
    /// The codes are too old: ask anew.
    ExpiredToken,
    /// The device code is unknown or used.
    InvalidGrant,
    /// A field is missing or makes no sense.
    InvalidRequest,
    /// Another grant type than [`DEVICE_GRANT_TYPE`].
    UnsupportedGrantType,
}

impl GrantError {
    /// The name in the field `error`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AuthorizationPending => "authorization_pending",
            Self::SlowDown => "slow_down",
            Self::AccessDenied => "access_denied",
            Self::ExpiredToken => "expired_token",
            Self::InvalidGrant => "invalid_grant",
            Self::InvalidRequest => "invalid_request",
            Self::UnsupportedGrantType => "unsupported_grant_type",
        }
    }

    /// The words in the field `error_description`.
    #[must_use]
    pub const fn description(self) -> &'static str {
        match self {
            Self::AuthorizationPending => "nobody has approved the device yet",
            Self::SlowDown => "poll five seconds slower from now on",
            Self::AccessDenied => "the device was denied",
            Self::ExpiredToken => "the codes have lapsed; ask for new ones",
            Self::InvalidGrant => "the device code is unknown or was used",
            Self::InvalidRequest => "a field is missing or makes no sense",
            Self::UnsupportedGrantType => "only the device grant is known here",
        }
    }

    /// The body of the answer.
    #[must_use]
    pub const fn body(self) -> GrantErrorBody {
        GrantErrorBody {
            error: self.as_str(),
            error_description: self.description(),
        }
    }
}

impl From<LoginRefusal> for GrantError {
    fn from(refusal: LoginRefusal) -> Self {
        match refusal {
            LoginRefusal::Denied => Self::AccessDenied,
            LoginRefusal::Expired => Self::ExpiredToken,
            LoginRefusal::Unknown
            | LoginRefusal::Taken
            | LoginRefusal::Spent
            | LoginRefusal::Answered => Self::InvalidGrant,
        }
    }
}

impl GrantError {
    /// The error that a poll brings which changed something; `None` where it brings the grant.
    #[must_use]
    pub const fn of_poll(event: &LoginEvent) -> Option<Self> {
        match event {
            LoginEvent::Redeemed { .. } => None,
            LoginEvent::SlowedDown { .. } => Some(Self::SlowDown),
            _ => Some(Self::AuthorizationPending),
        }
    }
}

/// An error in the form of RFC 6749, section 5.2.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct GrantErrorBody {
    error: &'static str,
    error_description: &'static str,
}

#[cfg(test)]
mod tests {
    use synesis_domain::{Timestamp, UserId};

    use super::*;

    #[test]
    fn what_happened_has_the_name_of_the_rfc() {
        let at = Timestamp::from_millis(0);
        let waited = GrantError::of_poll(&LoginEvent::Waited { at });
        assert_eq!(waited.unwrap().as_str(), "authorization_pending");
        let interval_ms = 10_000;
        let slowed = GrantError::of_poll(&LoginEvent::SlowedDown { at, interval_ms });
        assert_eq!(slowed.unwrap().as_str(), "slow_down");
        let user = UserId::from_bytes([1; 16]);
        assert_eq!(GrantError::of_poll(&LoginEvent::Redeemed { user }), None);
        let rows = [
            (LoginRefusal::Denied, "access_denied"),
            (LoginRefusal::Expired, "expired_token"),
            (LoginRefusal::Unknown, "invalid_grant"),
            (LoginRefusal::Spent, "invalid_grant"),
        ];
        for (refusal, name) in rows {
            assert_eq!(GrantError::from(refusal).as_str(), name, "{refusal}");
        }
    }

    #[test]
    fn bodies_have_the_fields_of_the_rfc() {
        let code = UserCode::from_number(0);
        let page = "https://cloud.example.org/device".to_owned();
        let body = DeviceAuthorization::new("secret".into(), code, page, 600_000, 5_000);
        let body = serde_json::to_value(body).unwrap();
        assert_eq!(
            body,
            serde_json::json!({
                "device_code": "secret",
                "user_code": "BBBB-BBBB",
                "verification_uri": "https://cloud.example.org/device",
                "verification_uri_complete": "https://cloud.example.org/device?user_code=BBBB-BBBB",
                "expires_in": 600,
                "interval": 5,
            })
        );
        let error = serde_json::to_value(GrantError::SlowDown.body()).unwrap();
        assert_eq!(error["error"], "slow_down");
    }
}
