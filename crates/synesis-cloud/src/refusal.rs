//! What the other side's codes mean here: TLS alerts, close codes, reset codes, call errors.

use std::time::Duration;

use synesis_transport::{ConnectionError, VarInt};
use synesis_wire::proto::CallError;
use synesis_wire::{CloseCode, ErrorCode};

use crate::error::{AuthCause, Cause, CloudError};
use crate::policy::Loss;

/// The version spoken here, as ALPN names it.
pub(crate) const VERSION: &str = "synesis/1";

/// The start of the range of QUIC transport errors that carry a TLS alert.
const CRYPTO_ERROR: u64 = 0x100;

/// TLS alerts that say something about a certificate or the protocol (RFC 8446, section 6).
mod alert {
    pub(super) const BAD_CERTIFICATE: u64 = 42;
    pub(super) const UNSUPPORTED_CERTIFICATE: u64 = 43;
    pub(super) const CERTIFICATE_REVOKED: u64 = 44;
    pub(super) const CERTIFICATE_EXPIRED: u64 = 45;
    pub(super) const CERTIFICATE_UNKNOWN: u64 = 46;
    pub(super) const UNKNOWN_CA: u64 = 48;
    pub(super) const ACCESS_DENIED: u64 = 49;
    pub(super) const DECRYPT_ERROR: u64 = 51;
    pub(super) const PROTOCOL_VERSION: u64 = 70;
    pub(super) const CERTIFICATE_REQUIRED: u64 = 116;
    pub(super) const NO_APPLICATION_PROTOCOL: u64 = 120;
}

/// What the end of a connection means: a refusal that a person has to mend, or a broken line.
pub(crate) fn of_connection(error: &ConnectionError) -> CloudError {
    let cause = match error {
        ConnectionError::VersionMismatch => return CloudError::Version { ours: VERSION },
        // Found here, about the server's certificate.
        ConnectionError::TransportError(found) => match alert_of(u64::from(found.code)) {
            Some(alert::UNKNOWN_CA | alert::DECRYPT_ERROR) => AuthCause::WrongCa,
            Some(alert::CERTIFICATE_EXPIRED) => AuthCause::ServerExpired,
            Some(alert::BAD_CERTIFICATE) if found.reason.contains("not valid for name") => {
                AuthCause::WrongHost
            }
            _ => return CloudError::closed(error.clone()),
        },
        // Told by the server, about this device's certificate.
        ConnectionError::ConnectionClosed(told) => match alert_of(u64::from(told.error_code)) {
            Some(alert::UNKNOWN_CA | alert::DECRYPT_ERROR) => AuthCause::Foreign,
            Some(alert::CERTIFICATE_EXPIRED) => AuthCause::Expired { on: None },
            Some(alert::CERTIFICATE_REVOKED) => AuthCause::Revoked,
            Some(alert::CERTIFICATE_REQUIRED) => AuthCause::NoCertificate,
            Some(alert::NO_APPLICATION_PROTOCOL | alert::PROTOCOL_VERSION) => {
                return CloudError::Version { ours: VERSION };
            }
            Some(
                number @ (alert::BAD_CERTIFICATE
                | alert::UNSUPPORTED_CERTIFICATE
                | alert::CERTIFICATE_UNKNOWN
                | alert::ACCESS_DENIED),
            ) => AuthCause::Refused {
                reason: format!("TLS alert {number}"),
            },
            _ => return CloudError::closed(error.clone()),
        },
        ConnectionError::ApplicationClosed(told) => {
            let code = CloseCode::from_u64(told.error_code.into_inner());
            return of_close(code).unwrap_or_else(|| CloudError::closed(error.clone()));
        }
        ConnectionError::Reset
        | ConnectionError::TimedOut
        | ConnectionError::LocallyClosed
        | ConnectionError::CidsExhausted => return CloudError::closed(error.clone()),
    };
    CloudError::AuthenticationFailed { cause }
}

fn alert_of(code: u64) -> Option<u64> {
    code.checked_sub(CRYPTO_ERROR)
        .filter(|alert| *alert < 0x100)
}

/// The close codes that say more than that the connection is gone.
fn of_close(code: Option<CloseCode>) -> Option<CloudError> {
    let cause = match code? {
        CloseCode::Unauthenticated => AuthCause::UnknownDevice,
        CloseCode::CertificateExpired => AuthCause::Expired { on: None },
        CloseCode::Revoked => AuthCause::Revoked,
        CloseCode::Version => return Some(CloudError::Version { ours: VERSION }),
        _ => return None,
    };
    Some(CloudError::AuthenticationFailed { cause })
}

/// What the goodbye of a cloud means that does not let this device in.
pub(crate) fn of_goodbye(code: u32, reason: String) -> CloudError {
    of_close(CloseCode::from_u64(code.into())).unwrap_or_else(|| CloudError::TunnelClosed {
        cause: Cause::new(Goodbye(reason)),
    })
}

/// The words of a goodbye.
#[derive(Debug, thiserror::Error)]
#[error("the cloud said: {0}")]
struct Goodbye(String);

/// What the reset of one stream means.
pub(crate) fn of_reset(number: VarInt) -> CloudError {
    let Some(code) = CloseCode::from_u64(number.into_inner()) else {
        return refused(
            ErrorCode::Internal,
            "the stream was reset with an unknown code",
        );
    };
    if let Some(error) = of_close(Some(code)) {
        return error;
    }
    match code {
        CloseCode::RateLimited => CloudError::RateLimited { retry_after: None },
        CloseCode::Quota => CloudError::CeilingExceeded {
            message: "the stream was reset at the ceiling".to_owned(),
        },
        CloseCode::Cancelled => refused(ErrorCode::Cancelled, "the cloud cancelled the call"),
        CloseCode::Deadline => refused(ErrorCode::Deadline, "the call's deadline passed"),
        CloseCode::TooLarge => refused(ErrorCode::TooLarge, "a frame is over the cloud's limit"),
        CloseCode::Protocol => CloudError::Protocol("it says that this side did"),
        CloseCode::GoingAway => refused(ErrorCode::ShuttingDown, "the cloud is shutting down"),
        _ => refused(ErrorCode::Internal, "the cloud broke the stream off"),
    }
}

/// What the error of a call means.
pub(crate) fn of_call(error: CallError) -> CloudError {
    let wait = error
        .retry_after_ms
        .map(|ms| Duration::from_millis(ms.into()));
    of_code(&error.code, error.message, wait)
}

/// What a code means, in a call's error or at the end of a stream.
pub(crate) fn of_code(name: &str, message: String, retry_after: Option<Duration>) -> CloudError {
    let code = name.parse().unwrap_or(ErrorCode::Internal);
    let cause = match code {
        ErrorCode::Unauthenticated => AuthCause::UnknownDevice,
        ErrorCode::CertificateExpired => AuthCause::Expired { on: None },
        ErrorCode::DeviceRevoked => AuthCause::Revoked,
        ErrorCode::RateLimited => return CloudError::RateLimited { retry_after },
        ErrorCode::CreditCeilingExceeded => return CloudError::CeilingExceeded { message },
        code => return CloudError::EscalationFailed { code, message },
    };
    CloudError::AuthenticationFailed { cause }
}

/// Whether one side knows why it does not want the other, however it is reached.
pub(crate) fn is_refusal(error: &CloudError) -> bool {
    matches!(
        error,
        CloudError::AuthenticationFailed { .. }
            | CloudError::Version { .. }
            | CloudError::Identity(_)
    )
}

/// Whether dialling again can help after this. A certificate that ended can be renewed as soon as
/// the cloud can be asked.
pub(crate) fn loss(error: &CloudError) -> Loss {
    if is_refusal(error) && !error.is_expiry() {
        Loss::Final
    } else {
        Loss::Passing
    }
}

/// The same error as the outcome of a dial: a closed tunnel was never open.
pub(crate) fn while_dialling(error: CloudError, url: &str) -> CloudError {
    match error {
        CloudError::TunnelClosed { cause } => CloudError::ConnectionFailed {
            url: url.to_owned(),
            cause,
        },
        CloudError::Timeout { .. } | CloudError::System { .. } => CloudError::ConnectionFailed {
            url: url.to_owned(),
            cause: Cause::new(error),
        },
        other => other,
    }
}

fn refused(code: ErrorCode, message: &str) -> CloudError {
    CloudError::EscalationFailed {
        code,
        message: message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use quinn::{ConnectionClose, TransportErrorCode};

    fn told(alert: u8) -> ConnectionError {
        ConnectionError::ConnectionClosed(ConnectionClose {
            error_code: TransportErrorCode::crypto(alert),
            frame_type: None,
            reason: Bytes::new(),
        })
    }

    fn cause(error: CloudError) -> Option<AuthCause> {
        match error {
            CloudError::AuthenticationFailed { cause } => Some(cause),
            _ => None,
        }
    }

    #[test]
    fn alerts_of_the_server_name_what_is_wrong_with_this_device() {
        let cases = [
            (48, Some(AuthCause::Foreign)),
            (51, Some(AuthCause::Foreign)),
            (45, Some(AuthCause::Expired { on: None })),
            (44, Some(AuthCause::Revoked)),
            (116, Some(AuthCause::NoCertificate)),
            (
                42,
                Some(AuthCause::Refused {
                    reason: "TLS alert 42".to_owned(),
                }),
            ),
            (80, None),
        ];
        for (alert, expected) in cases {
            let error = of_connection(&told(alert));
            assert_eq!(cause(error), expected, "alert {alert}");
        }
        assert!(matches!(
            of_connection(&told(120)),
            CloudError::Version { .. }
        ));
    }

    #[test]
    fn only_what_a_person_has_to_mend_stops_the_reconnect_loop() {
        let cases = [
            (told(48), Loss::Final),
            (told(120), Loss::Final),
            (told(80), Loss::Passing),
            (ConnectionError::Reset, Loss::Passing),
            (ConnectionError::TimedOut, Loss::Passing),
        ];
        for (error, expected) in cases {
            assert_eq!(loss(&of_connection(&error)), expected, "{error}");
        }
    }

    #[test]
    fn unknown_code_is_an_internal_error_of_the_cloud() {
        let error = of_code("sunspots", "words".to_owned(), None);
        assert!(matches!(
            error,
            CloudError::EscalationFailed {
                code: ErrorCode::Internal,
                ..
            }
        ));
        assert!(error.is_retryable());
    }
}
