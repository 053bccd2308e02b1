//! The address of a PostgreSQL database. Whatever prints it prints no password.

use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use tokio_postgres::config::{Host, SslMode};

/// How long a server that does not answer is waited for.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// After how much silence the connection itself is tried.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(30);

/// Where the PostgreSQL database is, and how to get in.
///
/// TLS is required, with a certificate that is checked, except on the same machine or with
/// `sslmode=disable`.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl {
    config: Box<tokio_postgres::Config>,
    root_certificate: Option<PathBuf>,
}

/// Why a text is no address of a database. It never repeats the text, which may hold a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DatabaseUrlError {
    /// Another database, or none.
    #[error("it begins with postgres://; without the setting the database is SQLite in the folder")]
    Scheme,
    /// It cannot be read.
    #[error(
        "it looks like postgres://user:password@host:5432/database; special characters in user and \
         password are percent-encoded"
    )]
    Malformed,
    /// TLS of a kind that protects from nothing, or that is not known.
    #[error("its sslmode is disable or require, and require always checks the certificate")]
    SslMode,
}

impl FromStr for DatabaseUrl {
    type Err = DatabaseUrlError;

    fn from_str(text: &str) -> Result<Self, DatabaseUrlError> {
        if !text.starts_with("postgres://") && !text.starts_with("postgresql://") {
            return Err(DatabaseUrlError::Scheme);
        }
        let (address, query) = text.split_once('?').unwrap_or((text, ""));
        let mut rest = url::form_urlencoded::Serializer::new(String::new());
        let mut root_certificate = None;
        let mut mode = None;
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            match name.as_ref() {
                "sslmode" => mode = Some(value),
                "sslrootcert" => root_certificate = Some(PathBuf::from(value.as_ref())),
                _ => {
                    rest.append_pair(&name, &value);
                }
            }
        }
        // In a query a plus is a space for some and a plus for others.
        let rest = rest.finish().replace('+', "%20");
        let mark = if rest.is_empty() { "" } else { "?" };
        let mut config: tokio_postgres::Config = format!("{address}{mark}{rest}")
            .parse()
            .map_err(|_| DatabaseUrlError::Malformed)?;
        let mode = match mode.as_deref() {
            None if config.get_hosts().iter().all(is_here) => SslMode::Disable,
            None | Some("require" | "verify-ca" | "verify-full") => SslMode::Require,
            Some("disable") => SslMode::Disable,
            Some(_) => return Err(DatabaseUrlError::SslMode),
        };
        config
            .ssl_mode(mode)
            .connect_timeout(CONNECT_TIMEOUT)
            .keepalives_idle(KEEPALIVE_IDLE)
            .application_name("synesis-server");
        Ok(Self {
            config: Box::new(config),
            root_certificate,
        })
    }
}

impl DatabaseUrl {
    pub(crate) fn config(&self) -> &tokio_postgres::Config {
        &self.config
    }

    pub(crate) fn wants_tls(&self) -> bool {
        self.config.get_ssl_mode() == SslMode::Require
    }

    /// The authority that the server's certificate is checked against; those of the system where
    /// none is named.
    pub(crate) fn root_certificate(&self) -> Option<&Path> {
        self.root_certificate.as_deref()
    }
}

/// Whether what is sent to a host stays on this machine.
fn is_here(host: &Host) -> bool {
    match host {
        Host::Tcp(name) => {
            name == "localhost" || name.parse().is_ok_and(|addr: IpAddr| addr.is_loopback())
        }
        #[cfg(unix)]
        Host::Unix(_) => true,
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("postgres://")?;
        for (place, host) in self.config.get_hosts().iter().enumerate() {
            if place > 0 {
                f.write_str(",")?;
            }
            match host {
                Host::Tcp(name) => f.write_str(name)?,
                #[cfg(unix)]
                Host::Unix(folder) => write!(f, "{}", folder.display())?,
            }
        }
        write!(f, "/{}", self.config.get_dbname().unwrap_or_default())
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<DatabaseUrl, DatabaseUrlError> {
        text.parse()
    }

    #[test]
    fn passwords_are_in_nothing_that_is_printed() {
        for text in [
            "postgres://ann:hunter2@db.example.org:5433/cloud",
            "postgresql://ann@db.example.org/cloud?password=hunter2",
            "postgres://ann:hunter2@/cloud?host=/run/postgresql",
        ] {
            let url = parse(text).unwrap();
            let printed = format!("{url} {url:?}");
            assert!(!printed.contains("hunter2"), "{printed}");
            assert!(printed.contains("/cloud"), "{printed}");
        }
        for text in [
            "postgres://ann:hunter2@host:port/cloud",
            "postgres://host/cloud?hunter2=1",
            "mysql://ann:hunter2@host/cloud",
            "postgres://host/cloud?sslmode=hunter2",
        ] {
            let error = parse(text).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("hunter2"));
        }
    }

    #[test]
    fn tls_is_required_wherever_the_words_leave_the_machine() {
        for (text, tls) in [
            ("postgres://localhost/cloud", false),
            ("postgres://127.0.0.1/cloud", false),
            ("postgres://ann@/cloud?host=/run/postgresql", false),
            ("postgres://db.example.org/cloud", true),
            ("postgres://10.0.0.7/cloud", true),
            ("postgres://localhost/cloud?sslmode=require", true),
            ("postgres://db.example.org/cloud?sslmode=verify-full", true),
            ("postgres://db.example.org/cloud?sslmode=disable", false),
        ] {
            assert_eq!(parse(text).unwrap().wants_tls(), tls, "{text}");
        }
        let weak = parse("postgres://db.example.org/cloud?sslmode=prefer");
        assert_eq!(weak, Err(DatabaseUrlError::SslMode));
        let named = parse("postgres://db/cloud?sslrootcert=/etc/my%20ca.pem").unwrap();
        assert_eq!(named.root_certificate(), Some(Path::new("/etc/my ca.pem")));
    }
}
