//! Why the server could not start or go on.

use std::net::SocketAddr;
use std::path::PathBuf;

use crate::ca::CaError;
use crate::config::ConfigError;
use crate::lock::LockError;
use crate::own_keys::OwnKeyError;
use crate::payment::StripeError;
use crate::prices::PriceChangeError;
use crate::receipt::ReceiptKeyError;
use crate::store::StoreError;
use crate::tls::TlsError;

/// Why [`Server::start`](crate::Server::start) or a command beside the server failed.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The configuration makes no sense.
    #[error("the configuration cannot be used")]
    Config(#[from] ConfigError),
    /// The data folder is taken or cannot be used.
    #[error("the data folder cannot be used")]
    Lock(#[from] LockError),
    /// A file of the data folder cannot be read or written.
    #[error("failed to use {}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The certificate authority failed.
    #[error("the certificate authority cannot be used")]
    Ca(#[from] CaError),
    /// TLS could not be set up.
    #[error("TLS cannot be set up")]
    Tls(#[from] TlsError),
    /// Users' own keys cannot be kept.
    #[error("users' own keys cannot be kept")]
    OwnKeys(#[from] OwnKeyError),
    /// The key that signs receipts cannot be used.
    #[error("receipts cannot be signed")]
    Receipts(#[from] ReceiptKeyError),
    /// The way to Stripe cannot be set up.
    #[error("Stripe cannot be used")]
    Stripe(#[source] Box<StripeError>),
    /// The prices cannot be used.
    #[error("the prices cannot be used")]
    Prices(#[from] PriceChangeError),
    /// The database failed.
    #[error("the database cannot be used")]
    Store(#[from] StoreError),
    /// The model could not be opened.
    #[error("the model {model} cannot be opened")]
    Model {
        /// Which model.
        model: String,
        /// What its engine said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The address is taken or not ours.
    #[error("failed to listen on {addr} ({what})")]
    Bind {
        /// The address.
        addr: SocketAddr,
        /// Which of the two doors.
        what: &'static str,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The system gives no random numbers.
    #[error("the system gives no random numbers")]
    Random,
    /// A thread could not be started.
    #[error("failed to start a thread")]
    Thread(#[source] std::io::Error),
    /// The endpoint's thread ended before it listened.
    #[error("the tunnel's thread ended before it listened")]
    EndpointGone,
}

impl ServerError {
    /// Whether the person who started the server can mend it: another port, another folder, a
    /// correct setting.
    #[must_use]
    pub const fn is_mendable(&self) -> bool {
        !matches!(
            self,
            Self::Random | Self::Thread(_) | Self::EndpointGone | Self::Tls(_)
        ) || matches!(self, Self::Tls(TlsError::OwnCertificate { .. }))
    }
}

/// An error and its causes in one line, for logs.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        text.push_str(": ");
        text.push_str(&next.to_string());
        cause = next.source();
    }
    text
}
