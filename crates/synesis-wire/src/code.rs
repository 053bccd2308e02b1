//! Why a call failed, and why a connection or a stream ended.

use core::fmt;
use core::str::FromStr;

/// Defines a closed list of names with their wire form.
macro_rules! error_codes {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, retryable: $retryable:literal;)+) => {
        /// The code of a `CallError` or a `StreamError`, as it stands on the wire.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorCode {
            $($(#[$doc])* $variant,)+
        }

        impl ErrorCode {
            /// Every code, in the order of this file.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }

            /// Whether the same call, with the same request id, may succeed later.
            #[must_use]
            pub const fn is_retryable(self) -> bool {
                match self {
                    $(Self::$variant => $retryable,)+
                }
            }
        }

        impl FromStr for ErrorCode {
            type Err = UnknownErrorCode;

            fn from_str(name: &str) -> Result<Self, Self::Err> {
                match name {
                    $($name => Ok(Self::$variant),)+
                    _ => Err(UnknownErrorCode),
                }
            }
        }
    };
}

error_codes! {
    /// The certificate proves no device that this cloud knows.
    Unauthenticated = "unauthenticated", retryable: false;
    /// The device's certificate is past its end.
    CertificateExpired = "certificate_expired", retryable: false;
    /// The device was revoked by its owner.
    DeviceRevoked = "device_revoked", retryable: false;
    /// What let this device in does not allow the call; the message names the scope.
    InsufficientScope = "insufficient_scope", retryable: false;
    /// A field is missing or makes no sense; the message names it.
    BadRequest = "bad_request", retryable: false;
    /// Something is larger than its limit; the message names the limit.
    TooLarge = "too_large", retryable: false;
    /// No row of the price table names this model: refused, never free.
    UnknownModel = "unknown_model", retryable: false;
    /// The spending ceiling leaves no room for this call (HTTP 402).
    CreditCeilingExceeded = "credit_ceiling_exceeded", retryable: false;
    /// Too many calls; `retry_after_ms` says when to come back.
    RateLimited = "rate_limited", retryable: false;
    /// The model's provider refused or broke off.
    ProviderFailed = "provider_failed", retryable: true;
    /// The model's provider did not answer in time.
    ProviderTimeout = "provider_timeout", retryable: true;
    /// The caller cancelled.
    Cancelled = "cancelled", retryable: false;
    /// The call's deadline passed.
    Deadline = "deadline", retryable: true;
    /// The server is going away; another connection will do.
    ShuttingDown = "shutting_down", retryable: true;
    /// This request id was used before with other content.
    DuplicateRequest = "duplicate_request", retryable: false;
    /// The call or its version is not known here.
    Unsupported = "unsupported", retryable: false;
    /// A bug or a broken disk on the server; its log has the details.
    Internal = "internal", retryable: true;
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A code that this version does not know. Treat it like [`ErrorCode::Internal`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("unknown error code")]
pub struct UnknownErrorCode;

/// The application codes with which QUIC streams are reset or stopped and connections closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum CloseCode {
    /// Done, nothing is wrong.
    NoError = 0,
    /// The server drains; come back later.
    GoingAway = 1,
    /// The peer broke the protocol.
    Protocol = 2,
    /// The peer speaks a version that is too old or too new.
    Version = 3,
    /// The certificate proves no known device.
    Unauthenticated = 4,
    /// The device was revoked.
    Revoked = 5,
    /// Too many connections or streams.
    RateLimited = 6,
    /// The spending ceiling is reached.
    Quota = 7,
    /// The caller wants no more of this call.
    Cancelled = 8,
    /// The call's deadline passed.
    Deadline = 9,
    /// A frame was larger than its limit.
    TooLarge = 10,
    /// A bug on this side.
    Internal = 11,
    /// The same device goes on over another connection.
    DuplicateDevice = 12,
    /// The certificate is past its end; a new one can be had over HTTPS.
    CertificateExpired = 13,
}

impl CloseCode {
    /// The number on the wire.
    #[must_use]
    pub const fn as_u32(self) -> u32 {
        self as u32
    }

    /// The code behind a number, unless it is newer than this version.
    #[must_use]
    pub const fn from_u64(number: u64) -> Option<Self> {
        Some(match number {
            0 => Self::NoError,
            1 => Self::GoingAway,
            2 => Self::Protocol,
            3 => Self::Version,
            4 => Self::Unauthenticated,
            5 => Self::Revoked,
            6 => Self::RateLimited,
            7 => Self::Quota,
            8 => Self::Cancelled,
            9 => Self::Deadline,
            10 => Self::TooLarge,
            11 => Self::Internal,
            12 => Self::DuplicateDevice,
            13 => Self::CertificateExpired,
            _ => return None,
        })
    }

    /// Whether connecting again can help without a person doing something first.
    #[must_use]
    pub const fn is_retryable(self) -> bool {
        !matches!(
            self,
            Self::Version | Self::Unauthenticated | Self::Revoked | Self::CertificateExpired
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_code_reads_back_from_its_name() {
        for code in ErrorCode::ALL {
            assert_eq!(code.as_str().parse(), Ok(*code));
        }
        assert_eq!("".parse::<ErrorCode>(), Err(UnknownErrorCode));
    }

    #[test]
    fn every_close_code_reads_back_from_its_number() {
        for number in 0..=13 {
            let code = CloseCode::from_u64(number).map(CloseCode::as_u32);
            assert_eq!(code.map(u64::from), Some(number));
        }
        assert_eq!(CloseCode::from_u64(14), None);
    }
}
