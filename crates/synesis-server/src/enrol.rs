//! Enrolment: a token and a signing request become a device with a certificate.
//!
//! Instead of a token an API key with the scope `write` will do. A token that a person's approval
//! gave is bound to one key, and enrols no other device.
//!
//! A token has 256 bits, is shown once and kept as a hash. The bootstrap token lies in the data
//! folder, readable by the owner of this machine's account only, is new at each start of the
//! server, and makes devices of the owner. Tokens from `token create` work once.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use synesis_domain::device::Certificate;
use synesis_domain::{
    AccountCommand, DeviceCommand, DeviceId, DeviceName, DeviceRefusal, KeyRefusal, KeySecret,
    NanoUsd, Refusal, Scope, Scopes, Tier, Timestamp, UserId,
};

use crate::api_keys;
use crate::ca::{Authority, CaError, SignedDevice, request_key_hash};
use crate::cloud::Cloud;
use crate::error::ServerError;
use crate::limits::DEVICE_NAME_BYTES_MAX;
use crate::random::{self, Secret};
use crate::store::{Books, CloudPlace, NewToken, StoreError, TokenUses};
use crate::{clock, files};

const TOKEN_FILE: &str = "enrolment-token";
/// What a token's text begins with.
pub(crate) const TOKEN_PREFIX: &str = "syn_";
const OWNER_SETTING: &str = "owner";
/// Longer than any server runs; the next start replaces it.
const BOOTSTRAP_LIFE: Duration = Duration::from_secs(400 * 24 * 60 * 60);

/// The file with the token that makes devices of this machine's owner.
#[must_use]
pub fn enrolment_token_path(data_dir: &Path) -> PathBuf {
    data_dir.join(TOKEN_FILE)
}

/// What a device sends to `POST /v1/enrol`.
#[derive(Deserialize)]
pub(crate) struct EnrolRequest {
    /// Where no `Authorization` header carries it.
    #[serde(default)]
    pub(crate) token: String,
    csr_pem: String,
    device_name: String,
}

/// What allows an enrolment.
pub(crate) enum Credential {
    Token([u8; 32]),
    Key(KeySecret),
}

impl Credential {
    /// Reads a token or an API key.
    pub(crate) fn read(text: &str) -> Result<Self, EnrolError> {
        if text.trim_start().starts_with(api_keys::KEY_PREFIX) {
            let key = text
                .parse()
                .map_err(|_| EnrolError::Key(KeyRefusal::Unknown))?;
            return Ok(Self::Key(key));
        }
        Ok(Self::Token(random::hash(text)))
    }
}

/// What an enrolled device gets.
#[derive(Debug, Serialize)]
pub(crate) struct Enrolled {
    certificate_pem: String,
    ca_pem: String,
    device_id: String,
    user_id: String,
    /// Unix milliseconds.
    not_after: i64,
}

impl Enrolled {
    pub(crate) fn device_id(&self) -> &str {
        &self.device_id
    }
}

/// Why a device was not enrolled.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EnrolError {
    #[error("the enrolment token is unknown, used or expired")]
    Token,
    #[error("the grant was given to a device with another key")]
    OtherKey,
    #[error("{0}")]
    Key(KeyRefusal),
    #[error("the device name cannot be used: {0}")]
    Name(synesis_domain::NameError),
    #[error(transparent)]
    Sign(#[from] CaError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the device cannot be enrolled: {0}")]
    Device(DeviceRefusal),
    #[error("the account cannot be opened: {0}")]
    Account(Refusal),
    #[error("the system gives no random numbers")]
    Random(#[from] getrandom::Error),
}

/// Enrols a device: token, device and account change together or not at all.
pub(crate) async fn enrol(
    cloud: &Cloud,
    credential: Credential,
    request: EnrolRequest,
) -> Result<Enrolled, EnrolError> {
    let name = request.device_name.trim();
    if name.len() > DEVICE_NAME_BYTES_MAX {
        return Err(EnrolError::Name(synesis_domain::NameError::TooLong));
    }
    let name = DeviceName::new(name).map_err(EnrolError::Name)?;
    let device = DeviceId::from_bytes(random::uuid()?);
    let terms = (cloud.settings.tier, cloud.settings.ceiling);
    let now = clock::now();
    let not_after = cloud.certificate_end(now);
    let authority = std::sync::Arc::clone(&cloud.authority);
    cloud
        .store
        .run(move |books| {
            let joined = Joining {
                authority: &authority,
                csr_pem: &request.csr_pem,
                device,
                name: name.clone(),
                terms,
                now,
                not_after,
            }
            .join(books, &credential);
            // The token is spent last: whoever is refused can use it again.
            match joined {
                Ok(enrolled) => Ok(Ok(enrolled)),
                Err(EnrolError::Store(error)) => Err(error),
                Err(refused) => Ok(Err(refused)),
            }
        })
        .await?
}

struct Joining<'a> {
    authority: &'a Authority,
    csr_pem: &'a str,
    device: DeviceId,
    name: DeviceName,
    terms: (Tier, NanoUsd),
    now: Timestamp,
    not_after: Timestamp,
}

impl Joining<'_> {
    fn join(self, books: &mut Books, credential: &Credential) -> Result<Enrolled, EnrolError> {
        let (user, rights) = self.allowed(books, credential)?;
        let signed = self.authority.sign_device(
            self.csr_pem,
            user,
            self.device,
            self.now,
            self.not_after,
        )?;
        let enrol = DeviceCommand::Enrol {
            user,
            name: self.name,
            certificate: certificate_of(&signed, self.not_after),
        };
        books
            .device_command(self.device, self.now, &enrol)?
            .map_err(EnrolError::Device)?;
        if let Some(rights) = rights {
            books
                .device_command(self.device, self.now, &DeviceCommand::Confine { rights })?
                .map_err(EnrolError::Device)?;
        }
        open_account(books, user, self.terms, self.now)?;
        if let Credential::Token(hash) = credential {
            books.spend_token(*hash)?;
        }
        Ok(Enrolled {
            certificate_pem: signed.certificate_pem,
            ca_pem: self.authority.certificate_pem().to_owned(),
            device_id: self.device.to_string(),
            user_id: user.to_string(),
            not_after: self.not_after.as_millis(),
        })
    }
}

impl Joining<'_> {
    /// Whose device it becomes, and what it is confined to.
    fn allowed(
        &self,
        books: &mut Books,
        credential: &Credential,
    ) -> Result<(UserId, Option<Scopes>), EnrolError> {
        match credential {
            Credential::Token(hash) => {
                let found = books
                    .find_token(*hash, self.now)?
                    .ok_or(EnrolError::Token)?;
                if let Some(key) = found.key
                    && key != request_key_hash(self.csr_pem).map_err(CaError::from)?
                {
                    return Err(EnrolError::OtherKey);
                }
                Ok((found.user, None))
            }
            Credential::Key(key) => {
                let user = api_keys::open(books, key.id(), key.hash(), Scope::Write, self.now)?
                    .map_err(EnrolError::Key)?;
                let known = books.api_key(key.id())?;
                Ok((user, known.created().map(|created| created.scopes)))
            }
        }
    }
}

/// Opens the account of a user who has none yet.
pub(crate) fn open_account(
    books: &mut Books,
    user: UserId,
    (tier, ceiling): (Tier, NanoUsd),
    now: Timestamp,
) -> Result<(), EnrolError> {
    if books.account(user)?.terms().is_none() {
        let open = AccountCommand::Open { tier, ceiling };
        books
            .command(user, now, &open)?
            .map_err(EnrolError::Account)?;
    }
    Ok(())
}

/// What the device's history keeps of a certificate.
pub(crate) fn certificate_of(signed: &SignedDevice, not_after: Timestamp) -> Certificate {
    Certificate {
        serial: signed.serial.clone(),
        not_after,
    }
}

/// Writes a new bootstrap token into the data folder. The first one names the cloud's owner.
pub(crate) fn write_bootstrap_token(books: &mut Books, data_dir: &Path) -> Result<(), ServerError> {
    let fresh = random::uuid().map_err(|_| ServerError::Random)?;
    let token = Secret::new(TOKEN_PREFIX).map_err(|_| ServerError::Random)?;
    books.once(|books| {
        let user = owner(books, fresh)?;
        books.add_token(&NewToken {
            hash: token.hash,
            user,
            uses: TokenUses::Bootstrap,
            key: None,
            expires_at: end_of(BOOTSTRAP_LIFE),
        })
    })?;
    let path = enrolment_token_path(data_dir);
    files::write_private(&path, token.text.as_bytes())
        .map_err(|source| ServerError::File { path, source })
}

/// The account of whoever owns the data folder; `fresh` becomes it where there is none yet.
pub(crate) fn owner(books: &mut Books, fresh: [u8; 16]) -> Result<UserId, StoreError> {
    let owner = books.setting(OWNER_SETTING, || fresh.to_vec())?;
    Ok(UserId::from_bytes(owner.try_into().unwrap_or(fresh)))
}

/// A token that was made for somebody else's device.
#[derive(Debug, Serialize)]
pub struct CreatedToken {
    /// The token: shown now and never again.
    pub token: String,
    /// The account that the device will belong to.
    pub user_id: String,
    /// Until when it can be used, in Unix milliseconds.
    pub expires_at: i64,
}

/// Makes a token that enrols one device, beside a running server or without one.
///
/// Without `user` the device opens an account of its own.
///
/// # Errors
/// When the data folder holds no cloud, or its database cannot be written.
pub fn create_token(
    cloud: impl Into<CloudPlace>,
    user: Option<UserId>,
    life: Duration,
) -> Result<CreatedToken, ServerError> {
    let user = match user {
        Some(user) => user,
        None => UserId::from_bytes(random::uuid().map_err(|_| ServerError::Random)?),
    };
    let token = Secret::new(TOKEN_PREFIX).map_err(|_| ServerError::Random)?;
    let expires_at = end_of(life);
    let row = NewToken {
        hash: token.hash,
        user,
        uses: TokenUses::Once,
        key: None,
        expires_at,
    };
    cloud.into().once(|books| books.add_token(&row))?;
    Ok(CreatedToken {
        token: token.text,
        user_id: user.to_string(),
        expires_at: expires_at.as_millis(),
    })
}

fn end_of(life: Duration) -> Timestamp {
    clock::now().plus_ms(i64::try_from(life.as_millis()).unwrap_or(i64::MAX))
}
