//! API keys of an account: made, listed, revoked, and used.

use synesis_domain::key::CreatedKey;
use synesis_domain::{
    ApiKey, Digest, KeyCommand, KeyId, KeyName, KeyRefusal, KeySecret, Scope, Scopes, Timestamp,
    UserId,
};

use crate::clock;
use crate::limits::API_KEYS_MAX;
use crate::random;
use crate::store::{Books, Store, StoreError};

/// What a key's text begins with.
pub(crate) const KEY_PREFIX: &str = "syn_key_";

/// Why a key was not made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeyError {
    #[error("an account has at most {API_KEYS_MAX} API keys; revoke one first")]
    TooMany,
    #[error(transparent)]
    Refused(KeyRefusal),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the system gives no random numbers")]
    Random(#[from] getrandom::Error),
}

/// What a new key is to be.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    pub(crate) name: KeyName,
    pub(crate) scopes: Scopes,
    pub(crate) expires_at: Option<Timestamp>,
}

/// A key, and when it was last used.
pub(crate) struct Listed {
    pub(crate) key: ApiKey,
    pub(crate) created: CreatedKey,
    pub(crate) used_at: Option<Timestamp>,
}

/// Makes a key. Its secret is in the answer and nowhere else.
pub(crate) async fn create(
    store: &Store,
    user: UserId,
    wanted: Wanted,
) -> Result<KeySecret, KeyError> {
    let secret = KeySecret::new(KeyId::from_bytes(random::uuid()?), random::bytes()?);
    let id = secret.id();
    let command = KeyCommand::Create {
        user,
        name: wanted.name,
        scopes: wanted.scopes,
        hash: secret.hash(),
        expires_at: wanted.expires_at,
    };
    let made = store
        .run(move |books| {
            let now = clock::now();
            if living(books, user, now)? >= API_KEYS_MAX {
                return Ok(Err(KeyError::TooMany));
            }
            Ok(books
                .key_command(id, now, &command)?
                .map_err(KeyError::Refused))
        })
        .await?;
    made.map(|()| secret)
}

fn living(books: &mut Books, user: UserId, now: Timestamp) -> Result<usize, StoreError> {
    let keys = books.api_keys(user)?;
    Ok(keys.iter().filter(|key| lives(key, now)).count())
}

/// Whether a key still opens anything.
pub(crate) fn lives(key: &ApiKey, now: Timestamp) -> bool {
    let ended = key
        .created()
        .and_then(|created| created.expires_at)
        .is_some_and(|end| end <= now);
    key.revoked_at().is_none() && !ended
}

/// The keys of an account, revoked ones too.
pub(crate) async fn list(store: &Store, user: UserId) -> Result<Vec<Listed>, StoreError> {
    store
        .run(move |books| {
            let mut listed = Vec::new();
            for key in books.api_keys(user)? {
                let used_at = books.key_used_at(key.id())?;
                if let Some(created) = key.created().cloned() {
                    listed.push(Listed {
                        key,
                        created,
                        used_at,
                    });
                }
            }
            Ok(listed)
        })
        .await
}

/// Revokes a key of this account. One of another account is one that does not exist.
pub(crate) async fn revoke(
    store: &Store,
    user: UserId,
    id: KeyId,
) -> Result<Result<(), KeyRefusal>, StoreError> {
    store
        .run(move |books| {
            let own = books
                .api_key(id)?
                .created()
                .is_some_and(|created| created.user == user);
            if !own {
                return Ok(Err(KeyRefusal::Unknown));
            }
            books.key_command(id, clock::now(), &KeyCommand::Revoke)
        })
        .await
}

/// Whose account a key opens for something that needs a scope; its use is noted.
pub(crate) fn open(
    books: &mut Books,
    id: KeyId,
    presented: Digest,
    needed: Scope,
    now: Timestamp,
) -> Result<Result<UserId, KeyRefusal>, StoreError> {
    let allowed = books.api_key(id)?.allow(presented, needed, now);
    if allowed.is_ok() {
        books.note_key_use(id, now)?;
    }
    Ok(allowed)
}
