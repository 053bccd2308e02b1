//! Mail: really sent over SMTP, or laid into a folder where no server is set.
//!
//! A mail waits in a bounded queue and is tried a few times; nobody who caused it waits for it, so
//! nothing can be learned from how long an answer takes. Addresses do not go into the log.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use lettre::message::{Mailbox, header::ContentType};
use lettre::transport::smtp::AsyncSmtpTransportBuilder;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use synesis_domain::EmailAddress;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::error::chain;
use crate::limits::{MAIL_QUEUE_MAX, MAIL_TIMEOUT, OUTBOX_MAILS_MAX};
use crate::{clock, files};

/// The folder for mails that no server takes.
const OUTBOX: &str = "outbox";
const OUTBOX_FROM: &str = "Synesis <synesis@localhost>";
/// How long is waited after each try that failed; the last one is given up.
const WAITS: [Duration; 3] = [
    Duration::from_secs(2),
    Duration::from_secs(15),
    Duration::from_secs(60),
];

/// The mail server of the operator. `Debug` does not show its password.
#[derive(Clone)]
pub struct SmtpSettings {
    builder: AsyncSmtpTransportBuilder,
    from: Mailbox,
}

impl std::fmt::Debug for SmtpSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SmtpSettings")
            .field("from", &self.from.to_string())
            .finish_non_exhaustive()
    }
}

/// Why mail settings cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SmtpSettingsError {
    /// The address of the server is none.
    #[error("smtp_url is not of the form smtps://USER:PASSWORD@HOST:PORT")]
    Url,
    /// The sender is none.
    #[error("from is not of the form Synesis <synesis@example.org>")]
    From,
}

impl SmtpSettings {
    /// Reads `smtps://USER:PASSWORD@HOST:PORT` (TLS from the start), or `smtp://…` with
    /// `?tls=required` (STARTTLS), `?tls=opportunistic`, or without (no TLS at all).
    ///
    /// # Errors
    /// Which of the two makes no sense. The text is not repeated: it may hold a password.
    pub fn new(smtp_url: &str, from: &str) -> Result<Self, SmtpSettingsError> {
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(smtp_url)
            .map_err(|_| SmtpSettingsError::Url)?
            .timeout(Some(MAIL_TIMEOUT));
        let from = from.parse().map_err(|_| SmtpSettingsError::From)?;
        Ok(Self { builder, from })
    }
}

/// A mail that is to be sent.
#[derive(Clone)]
pub(crate) struct Mail {
    pub(crate) to: EmailAddress,
    pub(crate) subject: &'static str,
    pub(crate) text: String,
}

/// The queue has no room, or its sender has ended.
#[derive(Debug, thiserror::Error)]
#[error("too many mails wait to be sent")]
pub(crate) struct QueueFull;

/// Takes mails that are to be sent.
#[derive(Clone)]
pub(crate) struct Mailer {
    queue: mpsc::Sender<Mail>,
}

impl Mailer {
    /// Starts sending, on the runtime it is called on, until the server drains.
    pub(crate) fn start(
        smtp: Option<&SmtpSettings>,
        data_dir: &Path,
        draining: CancellationToken,
    ) -> Self {
        let post = match smtp {
            Some(smtp) => Post::Smtp {
                transport: Arc::new(smtp.builder.clone().build()),
                from: smtp.from.clone(),
            },
            None => {
                let folder = data_dir.join(OUTBOX);
                tracing::info!(folder = %folder.display(), "no mail server is set: mails go into a folder");
                Post::Outbox(folder)
            }
        };
        let (queue, mails) = mpsc::channel(MAIL_QUEUE_MAX);
        tokio::spawn(async move {
            tokio::select! {
                () = send_all(post, mails) => {}
                () = draining.cancelled() => {}
            }
        });
        Self { queue }
    }

    /// Queues a mail.
    pub(crate) fn send(&self, mail: Mail) -> Result<(), QueueFull> {
        self.queue.try_send(mail).map_err(|_| QueueFull)
    }
}

enum Post {
    Smtp {
        transport: Arc<AsyncSmtpTransport<Tokio1Executor>>,
        from: Mailbox,
    },
    Outbox(PathBuf),
}

/// Why a mail was not sent.
#[derive(Debug, thiserror::Error)]
enum MailError {
    #[error("the mail cannot be written")]
    Message(#[from] lettre::error::Error),
    #[error("the address cannot be written to")]
    Address(#[from] lettre::address::AddressError),
    #[error("the mail server did not take the mail")]
    Smtp(#[from] lettre::transport::smtp::Error),
    #[error("the mail cannot be laid into the outbox")]
    Outbox(#[from] std::io::Error),
}

async fn send_all(post: Post, mut mails: mpsc::Receiver<Mail>) {
    while let Some(mail) = mails.recv().await {
        let domain = mail.to.domain().to_owned();
        for wait in WAITS.into_iter().map(Some).chain([None]) {
            let Err(error) = post.send(&mail).await else {
                tracing::info!(domain, "a mail was sent");
                break;
            };
            let last = wait.is_none() || error.is_final();
            tracing::warn!(domain, error = %chain(&error), last, "a mail was not sent");
            match wait.filter(|_| !last) {
                Some(wait) => tokio::time::sleep(wait).await,
                None => break,
            }
        }
    }
}

impl MailError {
    /// Whether another try would bring the same.
    fn is_final(&self) -> bool {
        match self {
            Self::Smtp(error) => error.is_permanent(),
            Self::Message(_) | Self::Address(_) => true,
            Self::Outbox(_) => false,
        }
    }
}

impl Post {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        match self {
            Self::Smtp { transport, from } => {
                transport.send(written(mail, from.clone())?).await?;
            }
            Self::Outbox(folder) => {
                let from = OUTBOX_FROM.parse()?;
                lay(folder, &written(mail, from)?.formatted())?;
            }
        }
        Ok(())
    }
}

fn written(mail: &Mail, from: Mailbox) -> Result<Message, MailError> {
    Ok(Message::builder()
        .from(from)
        .to(mail.to.as_str().parse()?)
        .subject(mail.subject)
        .date_now()
        .message_id(None)
        .header(ContentType::TEXT_PLAIN)
        .body(mail.text.clone())?)
}

/// Lays a mail into the folder, which only the owner of this machine's account can read. Of many,
/// the newest are kept.
fn lay(folder: &Path, mail: &[u8]) -> std::io::Result<()> {
    files::create_private_dir(folder)?;
    let mut known: Vec<PathBuf> = std::fs::read_dir(folder)?
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "eml"))
        .collect();
    known.sort();
    let too_many = (known.len() + 1).saturating_sub(OUTBOX_MAILS_MAX);
    for old in known.iter().take(too_many) {
        std::fs::remove_file(old)?;
    }
    let now = clock::now().as_millis();
    let free = (0..).map(|nth| folder.join(format!("{now:015}-{nth:03}.eml")));
    let path = free.into_iter().find(|path| !path.exists());
    files::write_private(&path.unwrap_or_else(|| folder.join("last.eml")), mail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_make_no_sense_are_named_without_their_password() {
        let from = "Synesis <synesis@example.org>";
        let wrong = SmtpSettings::new("ftp://ann:secret@example.org", from).unwrap_err();
        assert_eq!(wrong, SmtpSettingsError::Url);
        assert!(!wrong.to_string().contains("secret"));
        let url = "smtps://ann:secret@example.org:465";
        assert_eq!(
            SmtpSettings::new(url, "nobody").unwrap_err(),
            SmtpSettingsError::From
        );
        let settings = SmtpSettings::new(url, from).unwrap();
        assert!(!format!("{settings:?}").contains("secret"));
    }

    #[test]
    fn the_outbox_is_private_and_bounded() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("outbox");
        for _ in 0..OUTBOX_MAILS_MAX + 5 {
            lay(&folder, b"mail").unwrap();
        }
        assert_eq!(
            std::fs::read_dir(&folder).unwrap().count(),
            OUTBOX_MAILS_MAX
        );
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(&folder).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o700);
            let mail = std::fs::read_dir(&folder).unwrap().next().unwrap().unwrap();
            assert_eq!(mail.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        }
    }
}
