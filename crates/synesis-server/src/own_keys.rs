//! Users' own keys for the model's provider: kept encrypted, and the engines that use them.
//!
//! A key is sealed with AES-256-GCM under a key of the data folder, with its account as context, so
//! that a row copied to another account opens nothing. It is never given back and never logged.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use synesis_domain::UserId;
use synesis_models::{Engine, EngineError, ModelRef, OpenOptions, Secret};
use zeroize::Zeroizing;

use crate::files;
use crate::random;

/// Beside the authority's key: servers that share one share the other.
const FILE: &str = "provider-keys.key";
const KEY_BYTES: usize = 32;
/// The longest key of a provider.
const PROVIDER_KEY_BYTES_MAX: usize = 512;
/// The engines kept at once; the others are opened again.
const ENGINES_MAX: usize = 1_000;

/// Why a key cannot be kept or used.
#[derive(Debug, thiserror::Error)]
pub enum OwnKeyError {
    /// The file with the key of keys cannot be read or written.
    #[error("failed to use {}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The file holds something else.
    #[error("{} holds no key of {KEY_BYTES} bytes", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// The system gives no random numbers.
    #[error("the system gives no random numbers")]
    Random,
    /// The model of this cloud is no provider's.
    #[error("the model of this cloud runs here and takes no key")]
    NoProvider,
    /// The text can be no key.
    #[error("a key has 1 to {PROVIDER_KEY_BYTES_MAX} printable characters without spaces")]
    Form,
    /// The stored key cannot be opened: it was sealed with another key of keys.
    #[error("the stored key cannot be opened")]
    Sealed,
    /// The engine could not be opened.
    #[error("the model cannot be opened with this key")]
    Engine(#[source] Box<EngineError>),
}

/// Seals and opens keys, and keeps the engines that use them.
pub(crate) struct OwnKeys {
    sealing: RandomizedNonceKey,
    model: ModelRef,
    engines: Mutex<HashMap<UserId, OwnEngine>>,
}

/// An engine that uses a key.
struct OwnEngine {
    /// The key, sealed: another one means another engine.
    sealed: Vec<u8>,
    engine: Arc<dyn Engine>,
}

impl OwnKeys {
    /// The key of keys of a data folder, made where there is none.
    pub(crate) fn open_or_create(folder: &Path, model: ModelRef) -> Result<Self, OwnKeyError> {
        let path = folder.join(FILE);
        let failed = |source| OwnKeyError::File {
            path: path.clone(),
            source,
        };
        let stored = match files::read_if_there(&path).map_err(failed)? {
            Some(stored) => Zeroizing::new(stored),
            None => {
                let made = random::bytes::<KEY_BYTES>().map_err(|_| OwnKeyError::Random)?;
                let made = Zeroizing::new(made.to_vec());
                files::write_private(&path, &made).map_err(failed)?;
                made
            }
        };
        let sealing = RandomizedNonceKey::new(&AES_256_GCM, &stored)
            .map_err(|_| OwnKeyError::Damaged { path: path.clone() })?;
        Ok(Self {
            sealing,
            model,
            engines: Mutex::default(),
        })
    }

    /// Encrypts a key for an account.
    pub(crate) fn seal(&self, user: UserId, key: &str) -> Result<Vec<u8>, OwnKeyError> {
        if !matches!(self.model, ModelRef::OpenAi { .. }) {
            return Err(OwnKeyError::NoProvider);
        }
        let printable = key.bytes().all(|byte| byte.is_ascii_graphic());
        if !(1..=PROVIDER_KEY_BYTES_MAX).contains(&key.len()) || !printable {
            return Err(OwnKeyError::Form);
        }
        let mut sealed = key.as_bytes().to_vec();
        let nonce = self
            .sealing
            .seal_in_place_append_tag(Aad::from(user.as_bytes()), &mut sealed)
            .map_err(|_| OwnKeyError::Random)?;
        let mut stored = nonce.as_ref().to_vec();
        stored.append(&mut sealed);
        Ok(stored)
    }

    fn open(&self, user: UserId, stored: &[u8]) -> Result<Zeroizing<String>, OwnKeyError> {
        let (nonce, sealed) = stored
            .split_at_checked(NONCE_LEN)
            .ok_or(OwnKeyError::Sealed)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| OwnKeyError::Sealed)?;
        let mut sealed = Zeroizing::new(sealed.to_vec());
        let opened = self
            .sealing
            .open_in_place(nonce, Aad::from(user.as_bytes()), &mut sealed)
            .map_err(|_| OwnKeyError::Sealed)?;
        let key = std::str::from_utf8(opened).map_err(|_| OwnKeyError::Sealed)?;
        Ok(Zeroizing::new(key.to_owned()))
    }

    /// The model, asked with the key of an account.
    pub(crate) fn engine(
        &self,
        user: UserId,
        stored: &[u8],
    ) -> Result<Arc<dyn Engine>, OwnKeyError> {
        let mut engines = self.engines.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = engines.get(&user)
            && own.sealed == stored
        {
            return Ok(Arc::clone(&own.engine));
        }
        let options = OpenOptions {
            api_key: Some(Secret::new(self.open(user, stored)?.as_str())),
            ..OpenOptions::default()
        };
        let engine = synesis_models::open(&self.model, &options)
            .map_err(|error| OwnKeyError::Engine(Box::new(error)))?;
        if engines.len() >= ENGINES_MAX {
            engines.clear();
        }
        engines.insert(
            user,
            OwnEngine {
                sealed: stored.to_vec(),
                engine: Arc::clone(&engine),
            },
        );
        Ok(engine)
    }

    /// Closes the engine of an account whose key was changed.
    pub(crate) fn forget(&self, user: UserId) {
        let mut engines = self.engines.lock().unwrap_or_else(PoisonError::into_inner);
        engines.remove(&user);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(folder: &Path) -> OwnKeys {
        let model = "openai:http://127.0.0.1:1/v1#m".parse().unwrap();
        OwnKeys::open_or_create(folder, model).unwrap()
    }

    #[test]
    fn a_key_is_opened_for_its_account_alone_and_lies_nowhere_in_plain() {
        let folder = tempfile::tempdir().unwrap();
        let [ann, bob] = [1, 2].map(|byte| UserId::from_bytes([byte; 16]));
        let stored = keys(folder.path()).seal(ann, "own-key-of-ann").unwrap();
        assert!(!stored.windows(7).any(|part| part == b"own-key"));
        let again = keys(folder.path());
        assert_eq!(again.open(ann, &stored).unwrap().as_str(), "own-key-of-ann");
        assert!(matches!(again.open(bob, &stored), Err(OwnKeyError::Sealed)));
        assert!(matches!(
            again.open(ann, b"short"),
            Err(OwnKeyError::Sealed)
        ));
        let twice = again.seal(ann, "own-key-of-ann").unwrap();
        assert_ne!(twice, stored, "each sealing has a nonce of its own");
    }

    #[test]
    fn what_can_be_no_key_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let keys = keys(folder.path());
        let user = UserId::from_bytes([1; 16]);
        for wrong in ["", "two words", "line\nbreak", "ü", &"k".repeat(513)] {
            assert!(
                matches!(keys.seal(user, wrong), Err(OwnKeyError::Form)),
                "{wrong:?}"
            );
        }
        let local = OwnKeys::open_or_create(folder.path(), ModelRef::Builtin).unwrap();
        assert!(matches!(
            local.seal(user, "k"),
            Err(OwnKeyError::NoProvider)
        ));
    }
}
