//! Somebody on the way who answers in the place of the cloud: a captive portal, most of all.
//!
//! Nothing that a person would have to mend on this device, and it passes: once the network has its
//! sign-in, the same dial reaches the cloud.

use crate::error::{AuthCause, Cause, CloudError};

/// By what it was told from the cloud.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "what answers over TCP is not this cloud ({}): the network may want a sign-in first",
    self.sign()
)]
pub(super) enum Intercepted {
    /// Its certificate comes from somebody else.
    Certificate,
    /// Its certificate is for another name.
    Name,
    /// It speaks something else than TLS.
    NoTls,
    /// It sends whoever comes to another page.
    Redirect,
}

impl Intercepted {
    const fn sign(self) -> &'static str {
        match self {
            Self::Certificate => "its certificate is from another authority",
            Self::Name => "its certificate is for another name",
            Self::NoTls => "it speaks no TLS",
            Self::Redirect => "it redirects to another page",
        }
    }

    /// The same error, unless it shows that another server than the cloud has answered.
    pub(super) fn instead_of(error: CloudError) -> CloudError {
        match error {
            CloudError::AuthenticationFailed {
                cause: AuthCause::WrongCa,
            } => Self::Certificate.into(),
            CloudError::AuthenticationFailed {
                cause: AuthCause::WrongHost,
            } => Self::Name.into(),
            other => other,
        }
    }

    /// Whether an error says so.
    pub(super) fn is(error: &CloudError) -> bool {
        matches!(error, CloudError::TunnelClosed { cause } if cause.is::<Self>())
    }
}

impl From<Intercepted> for CloudError {
    fn from(intercepted: Intercepted) -> Self {
        Self::TunnelClosed {
            cause: Cause::new(intercepted),
        }
    }
}
