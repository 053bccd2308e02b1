//! Enrolment: a token and a signing request become a device with a certificate.
//!
//! A token has 256 bits, is shown once and kept as a hash. The bootstrap token lies in the data
//! folder, readable by the owner of this machine's account only, is new at each start of the
//! server, and makes devices of the owner. Tokens from `token create` work once.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use synesis_domain::device::Certificate;
use synesis_domain::{
    AccountCommand, DeviceCommand, DeviceId, DeviceName, DeviceRefusal, NanoUsd, Refusal, Tier,
    Timestamp, UserId,
};

use crate::ca::{Authority, CaError, SignedDevice};
use crate::cloud::Cloud;
use crate::error::ServerError;
use crate::limits::DEVICE_NAME_BYTES_MAX;
use crate::store::{Books, NewToken, StoreError, TokenUses};
use crate::{clock, files, random};

const TOKEN_FILE: &str = "enrolment-token";
const TOKEN_PREFIX: &str = "syn_";
const TOKEN_BYTES: usize = 32;
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
    token: String,
    csr_pem: String,
    device_name: String,
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
pub(crate) async fn enrol(cloud: &Cloud, request: EnrolRequest) -> Result<Enrolled, EnrolError> {
    let name = request.device_name.trim();
    if name.len() > DEVICE_NAME_BYTES_MAX {
        return Err(EnrolError::Name(synesis_domain::NameError::TooLong));
    }
    let name = DeviceName::new(name).map_err(EnrolError::Name)?;
    let hash = token_hash(&request.token);
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
                name,
                terms,
                now,
                not_after,
            }
            .join(books, hash);
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
    fn join(self, books: &mut Books, hash: [u8; 32]) -> Result<Enrolled, EnrolError> {
        let user = books.find_token(hash, self.now)?.ok_or(EnrolError::Token)?;
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
        if books.account(user)?.terms().is_none() {
            let (tier, ceiling) = self.terms;
            let open = AccountCommand::Open { tier, ceiling };
            books
                .command(user, self.now, &open)?
                .map_err(EnrolError::Account)?;
        }
        books.spend_token(hash)?;
        Ok(Enrolled {
            certificate_pem: signed.certificate_pem,
            ca_pem: self.authority.certificate_pem().to_owned(),
            device_id: self.device.to_string(),
            user_id: user.to_string(),
            not_after: self.not_after.as_millis(),
        })
    }
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
    let (token, hash) = new_token()?;
    books.once(|books| {
        let owner = books.setting(OWNER_SETTING, || fresh.to_vec())?;
        books.add_token(&NewToken {
            hash,
            user: UserId::from_bytes(owner.try_into().unwrap_or(fresh)),
            uses: TokenUses::Bootstrap,
            expires_at: end_of(BOOTSTRAP_LIFE),
        })
    })?;
    let path = enrolment_token_path(data_dir);
    files::write_private(&path, token.as_bytes())
        .map_err(|source| ServerError::File { path, source })
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
    data_dir: &Path,
    user: Option<UserId>,
    life: Duration,
) -> Result<CreatedToken, ServerError> {
    let mut books = Books::open_existing(&data_dir.join(crate::cloud::DATABASE_FILE))?;
    let user = match user {
        Some(user) => user,
        None => UserId::from_bytes(random::uuid().map_err(|_| ServerError::Random)?),
    };
    let (token, hash) = new_token()?;
    let expires_at = end_of(life);
    let row = NewToken {
        hash,
        user,
        uses: TokenUses::Once,
        expires_at,
    };
    books.once(|books| books.add_token(&row))?;
    Ok(CreatedToken {
        token,
        user_id: user.to_string(),
        expires_at: expires_at.as_millis(),
    })
}

fn end_of(life: Duration) -> Timestamp {
    clock::now().plus_ms(i64::try_from(life.as_millis()).unwrap_or(i64::MAX))
}

fn new_token() -> Result<(String, [u8; 32]), ServerError> {
    let mut bytes = [0_u8; TOKEN_BYTES];
    getrandom::fill(&mut bytes).map_err(|_| ServerError::Random)?;
    let mut token = String::from(TOKEN_PREFIX);
    for byte in bytes {
        token.push_str(&format!("{byte:02x}"));
    }
    let hash = token_hash(&token);
    Ok((token, hash))
}

fn token_hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.trim().as_bytes()).into()
}
