//! The key of a vault: 32 bytes from whoever keeps them, a passphrase, or a file that only its owner can read.

use std::fmt;
use std::fs;
use std::io::{Read as _, Write as _};
use std::path::Path;

use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

/// OWASP's figure for PBKDF2-HMAC-SHA256.
const PASSPHRASE_ROUNDS: u32 = 600_000;

/// The key that seals the rows of a vault. It is wiped when dropped and never shown.
pub struct VaultKey(Zeroizing<[u8; 32]>);

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The key file could not be read or made.
    #[error("the key file could not be read or made")]
    File(#[source] std::io::Error),
    /// The key file does not hold 32 bytes.
    #[error("the key file holds {0} bytes instead of 32")]
    Length(usize),
    /// Others than its owner may read the key file.
    #[error("the key file may be read by others (mode {0:o}, wanted 600)")]
    Exposed(u32),
    /// The operating system gave no randomness.
    #[error("the system gave no random bytes")]
    Random,
}

impl VaultKey {
    /// A key that something else keeps, such as the keyring of the system.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// A new random key.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn generate() -> Result<Self, KeyError> {
        let mut bytes = Zeroizing::new([0u8; 32]);
        getrandom::fill(bytes.as_mut_slice()).map_err(|_| KeyError::Random)?;
        Ok(Self(bytes))
    }

    /// Derives a key from a passphrase (PBKDF2-HMAC-SHA256, 600,000 rounds). The salt is not secret; keep it.
    #[must_use]
    pub fn from_passphrase(passphrase: &str, salt: &[u8; 16]) -> Self {
        let mut block = Zeroizing::new([0u8; 36]);
        block[..16].copy_from_slice(salt);
        block[19] = 1;
        let mut round = mac(passphrase.as_bytes(), &block[..20]);
        let mut key = Zeroizing::new(round);
        for _ in 1..PASSPHRASE_ROUNDS {
            round = mac(passphrase.as_bytes(), &round);
            key.iter_mut()
                .zip(round)
                .for_each(|(sum, byte)| *sum ^= byte);
        }
        Self(key)
    }

    /// Reads the key in `path`, or makes one there that only the owner can read.
    ///
    /// # Errors
    /// When the file cannot be used, has another length, or may be read by others.
    pub fn from_file_or_create(path: &Path) -> Result<Self, KeyError> {
        match Self::from_file(path) {
            Err(KeyError::File(error)) if error.kind() == std::io::ErrorKind::NotFound => {}
            answer => return answer,
        }
        let key = Self::generate()?;
        // Written beside and linked into place, so that of two processes one wins and both read a whole key.
        let beside = path.with_extension(format!("new{}", std::process::id()));
        write_private(&beside, key.0.as_slice()).map_err(KeyError::File)?;
        let linked = fs::hard_link(&beside, path);
        fs::remove_file(&beside).map_err(KeyError::File)?;
        match linked {
            Ok(()) => Ok(key),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                Self::from_file(path)
            }
            Err(error) => Err(KeyError::File(error)),
        }
    }

    fn from_file(path: &Path) -> Result<Self, KeyError> {
        let file = fs::File::open(path).map_err(KeyError::File)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = file
                .metadata()
                .map_err(KeyError::File)?
                .permissions()
                .mode()
                & 0o777;
            if mode & 0o077 != 0 {
                return Err(KeyError::Exposed(mode));
            }
        }
        let mut bytes = Zeroizing::new(Vec::with_capacity(33));
        (&file)
            .take(33)
            .read_to_end(&mut bytes)
            .map_err(KeyError::File)?;
        let bytes: [u8; 32] = bytes
            .as_slice()
            .try_into()
            .map_err(|_| KeyError::Length(bytes.len()))?;
        Ok(Self::from_bytes(bytes))
    }

    /// A key for one purpose.
    pub(super) fn derive(&self, purpose: &str) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(mac(self.0.as_slice(), purpose.as_bytes()))
    }
}

impl fmt::Debug for VaultKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VaultKey")
    }
}

fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// HMAC-SHA256.
pub(super) fn mac(key: &[u8], text: &[u8]) -> [u8; 32] {
    // Hmac takes keys of every length; the zero answer of the impossible branch would only fail to open rows.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        return [0; 32];
    };
    mac.update(text);
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_file_is_made_once_and_private() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("vault.key");
        let first = VaultKey::from_file_or_create(&path).unwrap();
        let second = VaultKey::from_file_or_create(&path).unwrap();
        assert_eq!(first.0, second.0);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(
                fs::metadata(&path).unwrap().permissions().mode() & 0o777,
                0o600
            );
            fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
            assert!(matches!(
                VaultKey::from_file_or_create(&path),
                Err(KeyError::Exposed(0o644))
            ));
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_passphrase_gives_the_same_key_again_and_another_with_another_salt() {
        let key = VaultKey::from_passphrase("correct horse", &[1; 16]);
        assert_eq!(
            key.0,
            VaultKey::from_passphrase("correct horse", &[1; 16]).0
        );
        assert_ne!(
            key.0,
            VaultKey::from_passphrase("correct horse", &[2; 16]).0
        );
    }
}
