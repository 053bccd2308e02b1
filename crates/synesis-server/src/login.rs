//! Logins of devices: the codes, and what a device that polls is given.
//!
//! The device's code has 256 bits and is kept as a hash; the person's has eight letters and lives
//! for ten minutes. An approved device gets a token that enrols the key it asked with, and no other.

use synesis_domain::limits::{LOGIN_INTERVAL_MS, LOGIN_LIFE_MS};
use synesis_domain::login::LoginRequest;
use synesis_domain::{
    DeviceName, Digest, LoginCommand, LoginEvent, LoginRefusal, Place, UserCode, UserId,
};
use synesis_service::{DeviceAuthorization, GrantError, GrantedToken};

use crate::clock;
use crate::cloud::Cloud;
use crate::limits::{GRANT_LIFE_MS, LOGINS_MAX};
use crate::random::{self, Secret};
use crate::store::{Books, LoginCode, NewToken, StoreError, TokenUses};

/// How many codes are tried before a login is refused: of 25 thousand million, few are taken.
const CODE_TRIES: usize = 4;

/// Why a login was not begun, or cannot be looked at.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LoginError {
    #[error("too many devices wait to be let in")]
    Full,
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the system gives no random numbers")]
    Random(#[from] getrandom::Error),
}

/// Begins a login for the device with this key.
pub(crate) async fn begin(
    cloud: &Cloud,
    key: Digest,
    name: DeviceName,
    place: Place,
    page: String,
) -> Result<DeviceAuthorization, LoginError> {
    let device_code = Secret::new("")?;
    let mut codes = [UserCode::from_number(0); CODE_TRIES];
    for code in &mut codes {
        *code = UserCode::from_number(u64::from_le_bytes(random::bytes()?));
    }
    let ask = LoginCommand::Ask { key, name, place };
    let hash = device_code.hash;
    let begun = cloud
        .store
        .run(move |books| {
            if books.logins()? >= LOGINS_MAX {
                return Ok(None);
            }
            for code in codes {
                if books.ask_login(hash, code, clock::now(), &ask)?.is_ok() {
                    return Ok(Some(code));
                }
            }
            Ok(None)
        })
        .await?;
    let code = begun.ok_or(LoginError::Full)?;
    Ok(DeviceAuthorization::new(
        device_code.text,
        code,
        page,
        LOGIN_LIFE_MS,
        LOGIN_INTERVAL_MS,
    ))
}

/// What a device that polls is answered.
pub(crate) async fn poll(
    cloud: &Cloud,
    device_code: &str,
) -> Result<Result<GrantedToken, GrantError>, LoginError> {
    let code = LoginCode::Device(random::hash(device_code));
    let grant = Secret::new(crate::enrol::TOKEN_PREFIX)?;
    let hash = grant.hash;
    let polled = cloud
        .store
        .run(move |books| give(books, code, hash))
        .await?;
    Ok(match polled {
        Ok(()) => Ok(GrantedToken::new(grant.text, GRANT_LIFE_MS)),
        Err(error) => Err(error),
    })
}

/// Polls, and keeps the grant where there is one to give.
fn give(
    books: &mut Books,
    code: LoginCode,
    hash: [u8; 32],
) -> Result<Result<(), GrantError>, StoreError> {
    let now = clock::now();
    let events = match books.login_command(code, now, &LoginCommand::Poll)? {
        Ok(events) => events,
        Err(refusal) => return Ok(Err(refusal.into())),
    };
    for event in &events {
        if let Some(error) = GrantError::of_poll(event) {
            return Ok(Err(error));
        }
        let key = books.login(code)?.request().map(|request| request.key);
        if let LoginEvent::Redeemed { user } = event {
            books.add_token(&NewToken {
                hash,
                user: *user,
                uses: TokenUses::Once,
                key,
                expires_at: now.plus_ms(GRANT_LIFE_MS),
            })?;
        }
    }
    Ok(Ok(()))
}

/// What the person who has this code is about to answer.
pub(crate) async fn look(
    cloud: &Cloud,
    code: UserCode,
) -> Result<Result<LoginRequest, LoginRefusal>, StoreError> {
    cloud
        .store
        .run(move |books| {
            let login = books.login(LoginCode::User(code))?;
            // Whoever may not deny it any more may not approve it either.
            Ok(login
                .decide(clock::now(), &LoginCommand::Deny)
                .and_then(|events| match login.request() {
                    Some(request) if !events.is_empty() => Ok(request.clone()),
                    Some(_) => Err(LoginRefusal::Denied),
                    None => Err(LoginRefusal::Unknown),
                }))
        })
        .await
}

/// A person's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    Approve,
    Deny,
}

/// Takes a person's answer, and gives what the device asked with.
pub(crate) async fn answer(
    cloud: &Cloud,
    user: UserId,
    code: UserCode,
    answer: Answer,
) -> Result<Result<LoginRequest, LoginRefusal>, StoreError> {
    let command = match answer {
        Answer::Approve => LoginCommand::Approve { user },
        Answer::Deny => LoginCommand::Deny,
    };
    cloud
        .store
        .run(move |books| {
            let code = LoginCode::User(code);
            let answered = books.login_command(code, clock::now(), &command)?;
            let request = books.login(code)?.request().cloned();
            Ok(answered.and_then(|_| request.ok_or(LoginRefusal::Unknown)))
        })
        .await
}
