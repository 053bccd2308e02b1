//! What can go wrong between this device and its cloud, and what mends it.
//!
//! `Display` says this level only; `source()` has the rest. Errors can be cloned, because one
//! lost connection ends many calls.

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use synesis_domain::Timestamp;
use synesis_wire::{ErrorCode, FrameError};

use crate::enrol::EnrolError;
use crate::identity::IdentityError;
use crate::ledger::LedgerError;

/// Any failure of the device's side of the cloud.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum CloudError {
    /// No connection came about.
    #[error("failed to reach the cloud at {url}")]
    ConnectionFailed {
        /// Whom we tried to reach.
        url: String,
        /// What stood in the way.
        #[source]
        cause: Cause,
    },
    /// The connection ended while it was needed, or there is none.
    #[error("the tunnel to the cloud closed")]
    TunnelClosed {
        /// What ended it.
        #[source]
        cause: Cause,
    },
    /// One side did not accept the other's certificate.
    #[error("the cloud and this device do not trust each other")]
    AuthenticationFailed {
        /// Which side, and why.
        #[source]
        cause: AuthCause,
    },
    /// The cloud speaks another version of the protocol.
    #[error("the cloud speaks another version of the protocol than {ours}")]
    Version {
        /// The version spoken here.
        ours: &'static str,
    },
    /// Too many calls.
    #[error("the cloud asks for fewer calls")]
    RateLimited {
        /// Not before this much time has passed, when the cloud said so.
        retry_after: Option<Duration>,
    },
    /// The spending ceiling leaves no room.
    #[error("the spending ceiling leaves no room for this: {message}")]
    CeilingExceeded {
        /// The cloud's own words, with the amounts.
        message: String,
    },
    /// The cloud refused or broke off the call.
    #[error("the cloud did not answer ({code}): {message}")]
    EscalationFailed {
        /// The code of the refusal.
        code: ErrorCode,
        /// The cloud's own words.
        message: String,
    },
    /// A deadline passed.
    #[error("no {awaited} within {}", Seconds(*.after))]
    Timeout {
        /// What did not come.
        awaited: &'static str,
        /// How long it was waited for.
        after: Duration,
    },
    /// What arrived or should be sent is no frame.
    #[error("a frame of the tunnel is broken")]
    Frame(#[from] FrameError),
    /// The answer does not fit the question.
    #[error("the cloud broke the protocol: {0}")]
    Protocol(&'static str),
    /// The last gate found a private value in what was about to leave; nothing was sent.
    #[error("a private value was about to leave this device; nothing was sent")]
    EgressBlocked {
        /// What the gate saw, without the value.
        #[source]
        cause: Cause,
    },
    /// Something is larger than the cloud takes; nothing was sent.
    #[error("the {what} is {actual} {unit}, the limit is {max}")]
    TooLarge {
        /// What is too large.
        what: &'static str,
        /// How large it is.
        actual: usize,
        /// How large it may be.
        max: usize,
        /// What is counted.
        unit: &'static str,
    },
    /// The device's ledger cannot be read or written; nothing was sent.
    #[error("the local ledger failed")]
    Ledger(#[from] LedgerError),
    /// The device's identity cannot be used.
    #[error("this device's identity cannot be used")]
    Identity(#[from] IdentityError),
    /// The device was not enrolled.
    #[error("this device was not enrolled")]
    Enrol(#[from] EnrolError),
    /// The call was cancelled here.
    #[error("the call was cancelled")]
    Cancelled,
    /// The machine refused something basic: a thread, a socket, randomness.
    #[error("this machine does not let the tunnel work")]
    System {
        /// What was refused.
        #[source]
        cause: Cause,
    },
}

impl CloudError {
    /// Whether the same call can succeed later without a person doing something first.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::ConnectionFailed { .. } | Self::TunnelClosed { .. } | Self::Timeout { .. } => {
                true
            }
            Self::RateLimited { retry_after } => retry_after.is_some(),
            Self::EscalationFailed { code, .. } => code.is_retryable(),
            Self::Frame(error) => matches!(error, FrameError::Truncated),
            Self::Ledger(error) => error.is_retryable(),
            Self::AuthenticationFailed { .. }
            | Self::Version { .. }
            | Self::CeilingExceeded { .. }
            | Self::Protocol(_)
            | Self::EgressBlocked { .. }
            | Self::TooLarge { .. }
            | Self::Identity(_)
            | Self::Enrol(_)
            | Self::Cancelled
            | Self::System { .. } => false,
        }
    }

    /// Whether it is the end of this device's certificate.
    pub(crate) fn is_expiry(&self) -> bool {
        matches!(
            self,
            Self::AuthenticationFailed {
                cause: AuthCause::Expired { .. }
            }
        )
    }

    /// What a person can do about it.
    #[must_use]
    pub fn mend(&self) -> Option<Mend> {
        match self {
            Self::ConnectionFailed { .. } => Some(Mend::Reach),
            Self::TunnelClosed { .. } | Self::Timeout { .. } => Some(Mend::TryAgain),
            Self::AuthenticationFailed { cause } => Some(cause.mend()),
            Self::Version { .. } => Some(Mend::Update),
            Self::RateLimited { retry_after } => {
                Some(retry_after.map_or(Mend::TryAgain, Mend::Wait))
            }
            Self::CeilingExceeded { .. } => Some(Mend::Ceiling),
            Self::EgressBlocked { .. } => Some(Mend::Report),
            Self::Identity(error) => Some(error.mend()),
            Self::Enrol(error) => error.mend(),
            Self::EscalationFailed { code, .. } if code.is_retryable() => Some(Mend::TryAgain),
            _ => None,
        }
    }

    pub(crate) fn closed(cause: impl Error + Send + Sync + 'static) -> Self {
        Self::TunnelClosed {
            cause: Cause::new(cause),
        }
    }

    pub(crate) fn system(cause: impl Error + Send + Sync + 'static) -> Self {
        Self::System {
            cause: Cause::new(cause),
        }
    }
}

/// Why one side does not accept the other.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AuthCause {
    /// The server's certificate was not signed by the CA that this device trusts.
    #[error("the server's certificate was not signed by the authority this device trusts")]
    WrongCa,
    /// The server's certificate is for another name.
    #[error("the server's certificate is not valid for this host name")]
    WrongHost,
    /// The server's certificate is past its end.
    #[error("the server's certificate has expired")]
    ServerExpired,
    /// The server saw no certificate of this device.
    #[error("the server asked for a device certificate and got none")]
    NoCertificate,
    /// This device's certificate is past its end.
    #[error("this device's certificate {}", expired_on(*.on))]
    Expired {
        /// When it ended, when that is known.
        on: Option<Timestamp>,
    },
    /// This device was revoked.
    #[error("this device was revoked")]
    Revoked,
    /// This device's certificate comes from another cloud.
    #[error("this device's certificate was signed by another cloud")]
    Foreign,
    /// The server does not know this device.
    #[error("the server does not know this device")]
    UnknownDevice,
    /// The server finds something else wrong with this device's certificate.
    #[error("the server refused this device's certificate: {reason}")]
    Refused {
        /// The name of the TLS alert.
        reason: String,
    },
}

impl AuthCause {
    /// What is wrong with the server's certificate, as TLS found it.
    pub(crate) fn of_server(wrong: &rustls::CertificateError) -> Self {
        use rustls::CertificateError as Wrong;
        match wrong {
            Wrong::Expired | Wrong::ExpiredContext { .. } => Self::ServerExpired,
            Wrong::NotValidForName | Wrong::NotValidForNameContext { .. } => Self::WrongHost,
            _ => Self::WrongCa,
        }
    }

    fn mend(&self) -> Mend {
        match self {
            Self::WrongCa | Self::WrongHost => Mend::CheckCloud,
            Self::ServerExpired => Mend::ServerCertificate,
            _ => Mend::Login,
        }
    }
}

/// What a person can do about an error. `Display` is the sentence for the `hint:` line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mend {
    /// Get a new certificate.
    Login,
    /// The cloud's address is right, but is it running?
    Reach,
    /// The cloud at this address is not the one this device enrolled with.
    CheckCloud,
    /// The cloud's operator has to renew the server's certificate.
    ServerCertificate,
    /// Install a newer Synesis.
    Update,
    /// Wait, then try again.
    Wait(Duration),
    /// Nothing is wrong here.
    TryAgain,
    /// Look at the balance.
    Ceiling,
    /// A bug of the redactor.
    Report,
}

impl Mend {
    /// The command that mends it, for programs.
    #[must_use]
    pub const fn command(self) -> Option<&'static str> {
        match self {
            Self::Login | Self::CheckCloud => Some("synesis cloud login"),
            Self::Reach | Self::ServerCertificate => Some("synesis cloud up"),
            Self::Ceiling => Some("synesis cloud balance"),
            _ => None,
        }
    }
}

impl fmt::Display for Mend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Login => f.write_str("get a new certificate with `synesis cloud login`"),
            Self::Reach => f.write_str(
                "check the address and the network; `synesis cloud up` starts a cloud on this machine",
            ),
            Self::CheckCloud => f.write_str(
                "this is not the cloud the device enrolled with; `synesis cloud login` enrols it anew",
            ),
            Self::ServerCertificate => f.write_str(
                "the operator of the cloud has to renew its certificate; on this machine `synesis cloud up` does it",
            ),
            Self::Update => f.write_str("update Synesis on this device or in the cloud"),
            Self::Wait(time) => write!(f, "try again in {}", Seconds(*time)),
            Self::TryAgain => f.write_str("try again; nothing is charged twice"),
            Self::Ceiling => f.write_str("see what is left with `synesis cloud balance`"),
            Self::Report => f.write_str(
                "`--show-egress` shows what would leave; please report this, the value stayed here",
            ),
        }
    }
}

/// An error of another library, shared by everyone it concerns.
#[derive(Clone)]
pub struct Cause(Arc<dyn Error + Send + Sync>);

impl Cause {
    pub(crate) fn new(error: impl Error + Send + Sync + 'static) -> Self {
        Self(Arc::new(error))
    }

    /// Whether a machine answered that nobody listens at this port.
    pub(crate) fn is_refused(&self) -> bool {
        let found = self.0.downcast_ref::<std::io::Error>();
        found.is_some_and(|error| error.kind() == std::io::ErrorKind::ConnectionRefused)
    }

    /// The error itself, where it is of this kind.
    pub(crate) fn is<E: Error + 'static>(&self) -> bool {
        self.0.downcast_ref::<E>().is_some()
    }

    pub(crate) fn words(words: impl Into<String>) -> Self {
        Self(Arc::from(Box::<dyn Error + Send + Sync>::from(
            words.into(),
        )))
    }
}

impl fmt::Debug for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl Error for Cause {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}

/// A duration for people: `0.25 s`, `3 s`.
struct Seconds(Duration);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = self.0.as_millis();
        if millis.is_multiple_of(1000) {
            write!(f, "{} s", millis / 1000)
        } else {
            write!(f, "{}.{:03} s", millis / 1000, millis % 1000)
        }
    }
}

fn expired_on(on: Option<Timestamp>) -> String {
    match on {
        Some(on) => format!("expired on {}", crate::date::utc_date(on)),
        None => "has expired".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expired_certificate_names_its_day_and_the_command_that_mends_it() {
        let error = CloudError::AuthenticationFailed {
            cause: AuthCause::Expired {
                on: Some(Timestamp::from_millis(1_777_593_600_000)),
            },
        };
        let source = error.source().map(ToString::to_string);
        assert_eq!(
            source.as_deref(),
            Some("this device's certificate expired on 2026-05-01")
        );
        assert_eq!(
            error.mend().and_then(Mend::command),
            Some("synesis cloud login")
        );
        assert!(!error.is_retryable());
    }

    #[test]
    fn durations_read_as_seconds() {
        let error = CloudError::Timeout {
            awaited: "answer",
            after: Duration::from_millis(1500),
        };
        assert_eq!(error.to_string(), "no answer within 1.500 s");
        let error = CloudError::Timeout {
            awaited: "answer",
            after: Duration::from_secs(3),
        };
        assert_eq!(error.to_string(), "no answer within 3 s");
    }

    #[test]
    fn rate_limit_is_retried_only_when_told_when() {
        let told = CloudError::RateLimited {
            retry_after: Some(Duration::from_secs(2)),
        };
        let untold = CloudError::RateLimited { retry_after: None };
        assert!(told.is_retryable());
        assert!(!untold.is_retryable());
        assert_eq!(told.mend(), Some(Mend::Wait(Duration::from_secs(2))));
    }
}
