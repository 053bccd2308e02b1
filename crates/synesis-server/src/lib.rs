//! The Synesis cloud as one native server: QUIC with mutual TLS for devices, HTTPS beside it on the
//! same port number, a certificate authority of its own, and one SQLite file or a PostgreSQL database.
//!
//! [`Server::start`] gives a [`RunningServer`]; the binary `synesis-server` and `synesis cloud up`
//! are thin shells around it.
//!
//! Promises: what was acknowledged is on disk, whatever kills the process; every connection,
//! resumed ones too, is looked up before it may ask anything; what is wrong with one stream stays
//! on that stream; every queue and buffer has a bound (`limits.rs`).
//!
//! Absent by intent: rules of billing and access (they are in `synesis-domain` and
//! `synesis-service`), reading the environment, and printing.

mod accounts;
mod adapters;
mod api_keys;
mod ca;
mod call;
mod clock;
mod cloud;
mod config;
mod crowd;
mod database_url;
mod date;
mod device_calls;
mod devices;
mod drive;
mod enrol;
mod error;
mod escalation;
mod files;
mod http;
mod hub;
mod identity;
mod key_calls;
mod keys;
mod ledger;
mod limiter;
mod limits;
mod lock;
mod login;
mod mail;
mod metrics;
mod model_table;
mod money_calls;
mod notice;
mod origin;
mod own_keys;
mod payment;
mod presence;
mod price_file;
mod prices;
mod proof;
mod provider;
mod quic;
mod random;
mod rate;
mod receipt;
mod recovery;
mod renew;
mod replay;
mod revenue;
mod rights;
mod running;
mod server;
mod server_number;
mod session;
mod sign_in;
mod store;
mod stream;
mod tls;

pub use accounts::{
    AccountChange, AccountError, AccountName, AccountNameError, AccountSummary, GapSummary,
    NanoText, ReportSummary, change_account, export_account, list_accounts, show_account,
};
pub use ca::{AuthoritySummary, CaError, CsrError, authority_summary};
pub use config::{ConfigError, PORT_DEFAULT, ServerConfig, WebCertificate};
pub use database_url::{DatabaseUrl, DatabaseUrlError};
pub use date::utc;
pub use devices::{DeviceSummary, list_devices, revoke_device};
pub use enrol::{CreatedToken, create_token, enrolment_token_path};
pub use error::ServerError;
pub use ledger::Ledger;
pub use lock::{LockError, ServerState};
pub use mail::{SmtpSettings, SmtpSettingsError};
pub use metrics::{MetricsToken, MetricsTokenError};
pub use own_keys::OwnKeyError;
pub use payment::{
    StripeClient, StripeError, StripeOutcome, StripeSecrets, StripeSettings, TryFailure,
};
pub use price_file::start_of_day;
pub use prices::{NewPrice, PriceChangeError, add_price, import_prices, list_prices};
pub use receipt::ReceiptKeyError;
pub use replay::replay_accounts;
pub use revenue::{MonthOfRevenue, revenue};
pub use server::{RunningServer, Server};
pub use sign_in::{LinkedAddress, link_address};
pub use store::{CloudPlace, StoreError};
pub use tls::TlsError;
