//! Signing in by a link in a mail. The first time is the sign-up.
//!
//! A link carries 256 bits, is kept as a hash, is good for fifteen minutes and once. What is
//! answered never tells whether an address is known: a mail goes out either way.

use serde::Serialize;
use synesis_domain::{EmailAddress, Timestamp, UserCode, UserId};

use crate::clock;
use crate::cloud::Cloud;
use crate::enrol::{self, EnrolError};
use crate::error::ServerError;
use crate::limits::{LINK_LIFE_MS, SESSION_LIFE_MS};
use crate::mail::{Mail, Mailer, QueueFull};
use crate::random::{self, Secret};
use crate::store::{Books, CloudPlace, MailedLink, Session, StoreError};

/// Why somebody could not be signed in.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SignInError {
    #[error(transparent)]
    Mail(#[from] QueueFull),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the account cannot be opened")]
    Account(#[source] EnrolError),
    #[error("the system gives no random numbers")]
    Random(#[from] getrandom::Error),
}

/// Mails a link. `page` is the address that the link's secret is appended to.
pub(crate) async fn mail_link(
    cloud: &Cloud,
    mailer: &Mailer,
    page: &str,
    email: EmailAddress,
    user_code: Option<UserCode>,
) -> Result<(), SignInError> {
    let secret = Secret::new("")?;
    let mail = Mail {
        to: email.clone(),
        subject: "Sign in to Synesis",
        text: letter(&format!("{page}{}", secret.text), &email),
    };
    let link = MailedLink {
        email,
        user_code,
        expires_at: clock::now().plus_ms(LINK_LIFE_MS),
    };
    let hash = secret.hash;
    cloud
        .store
        .run(move |books| books.add_link(hash, &link))
        .await?;
    Ok(mailer.send(mail)?)
}

fn letter(link: &str, email: &EmailAddress) -> String {
    let minutes = LINK_LIFE_MS / 60_000;
    format!(
        "Hello,\n\n\
         somebody, hopefully you, wants to sign in to Synesis as {email}.\n\
         Open this link and press the button:\n\n\
         {link}\n\n\
         It works once, in the next {minutes} minutes. If it was not you, do nothing:\n\
         without the link nobody gets in.\n"
    )
}

/// The link behind a secret, without spending it.
pub(crate) async fn look(cloud: &Cloud, secret: &str) -> Result<Option<MailedLink>, StoreError> {
    let hash = random::hash(secret);
    cloud
        .store
        .run(move |books| books.link(hash, clock::now()))
        .await
}

/// Somebody who has just signed in.
pub(crate) struct SignedIn {
    /// The secret of their cookie.
    pub(crate) cookie: Secret,
    pub(crate) user_code: Option<UserCode>,
}

/// Spends a link: whoever has it is signed in. `None` when it is unknown, used or too old.
pub(crate) async fn spend(cloud: &Cloud, secret: &str) -> Result<Option<SignedIn>, SignInError> {
    let hash = random::hash(secret);
    let cookie = Secret::new("")?;
    let fresh = UserId::from_bytes(random::uuid()?);
    let terms = (cloud.settings.tier, cloud.settings.ceiling);
    let session_hash = cookie.hash;
    let spent = cloud
        .store
        .run(move |books| {
            let now = clock::now();
            let Some(link) = books.link(hash, now)? else {
                return Ok(Ok(None));
            };
            books.spend_link(hash)?;
            let user = books.claim_address(&link.email, fresh, now)?;
            match enrol::open_account(books, user, terms, now) {
                Ok(()) => {}
                Err(EnrolError::Store(error)) => return Err(error),
                Err(refused) => return Ok(Err(SignInError::Account(refused))),
            }
            let session = Session {
                user,
                email: link.email,
                expires_at: now.plus_ms(SESSION_LIFE_MS),
            };
            books.add_session(session_hash, &session)?;
            Ok(Ok(Some(link.user_code)))
        })
        .await??;
    Ok(spent.map(|user_code| SignedIn { cookie, user_code }))
}

/// Sweeps what is over.
pub(crate) fn sweep(books: &mut Books, now: Timestamp) -> Result<(), StoreError> {
    books.drop_ended_sessions(now)?;
    books.drop_logins_before(now.plus_ms(-crate::limits::LAPSED_LOGIN_LIFE_MS))
}

/// An address that was tied to an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LinkedAddress {
    /// The address, as it is kept.
    pub email: String,
    /// The account that it opens from now on.
    pub user_id: String,
    /// The account that it opened before, where it was another.
    pub before: Option<String>,
}

/// Ties an address to an account, beside a running server or without one: whoever reads that
/// mailbox can sign in to it.
///
/// Without `user` it is the account of the data folder's owner, the one whose devices enrol with
/// the token file.
///
/// # Errors
/// When the folder holds no cloud, or its database cannot be written.
pub fn link_address(
    cloud: impl Into<CloudPlace>,
    email: &EmailAddress,
    user: Option<UserId>,
) -> Result<LinkedAddress, ServerError> {
    let fresh = random::uuid().map_err(|_| ServerError::Random)?;
    let linked = cloud.into().once(|books| {
        let user = match user {
            Some(user) => user,
            None => enrol::owner(books, fresh)?,
        };
        let before = books.user_of(email)?.filter(|before| *before != user);
        books.tie_address(email, user, clock::now())?;
        Ok(LinkedAddress {
            email: email.to_string(),
            user_id: user.to_string(),
            before: before.map(|before| before.to_string()),
        })
    })?;
    Ok(linked)
}
