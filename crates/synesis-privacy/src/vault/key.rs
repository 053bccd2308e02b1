//! The key of a vault: 32 bytes from whoever keeps them, a passphrase, or a file that only its owner can read.

use std::fmt;
use std::fs;
use std::io::{Read as _, Write as _};
use std::path::Path;

use chacha20poly1305::aead::Aead as _;
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

/// OWASP's figure for PBKDF2-HMAC-SHA256.
const PASSPHRASE_ROUNDS: u32 = 600_000;

const SALT_BYTES: usize = 16;
const NONCE_BYTES: usize = 24;
/// What a key sealed with a passphrase begins with; the digit is its version.
const SEALED_MAGIC: &[u8; 8] = b"SYNVKEY1";

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
    /// The sealed key is cut short, or was written by something else.
    #[error("this is no key sealed with a passphrase")]
    NotSealed,
    /// The passphrase is not the one the key was sealed with, or the sealed key was changed.
    #[error("the passphrase does not open the key")]
    WrongPassphrase,
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

    /// The bytes, for whatever keeps them: the keyring of the system.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        self.0.clone()
    }

    /// The key under a passphrase: salt, nonce and ciphertext, safe to keep in a file.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn seal(&self, passphrase: &str) -> Result<Vec<u8>, KeyError> {
        let mut fresh = [0u8; SALT_BYTES + NONCE_BYTES];
        getrandom::fill(&mut fresh).map_err(|_| KeyError::Random)?;
        let (salt, nonce) = fresh.split_at(SALT_BYTES);
        let sealed = under(passphrase, salt)
            .encrypt(XNonce::from_slice(nonce), self.0.as_slice())
            .map_err(|_| KeyError::Random)?;
        Ok([SEALED_MAGIC.as_slice(), &fresh, &sealed].concat())
    }

    /// The key that [`seal`](Self::seal) put under this passphrase.
    ///
    /// # Errors
    /// [`KeyError::WrongPassphrase`], or [`KeyError::NotSealed`] for bytes that are something else.
    pub fn unseal(sealed: &[u8], passphrase: &str) -> Result<Self, KeyError> {
        let parts = sealed
            .strip_prefix(SEALED_MAGIC.as_slice())
            .and_then(|rest| {
                let (salt, rest) = rest.split_at_checked(SALT_BYTES)?;
                let (nonce, sealed) = rest.split_at_checked(NONCE_BYTES)?;
                Some((salt, nonce, sealed))
            });
        let (salt, nonce, sealed) = parts.ok_or(KeyError::NotSealed)?;
        let opened = under(passphrase, salt)
            .decrypt(XNonce::from_slice(nonce), sealed)
            .map(Zeroizing::new)
            .map_err(|_| KeyError::WrongPassphrase)?;
        let bytes: [u8; 32] = opened
            .as_slice()
            .try_into()
            .map_err(|_| KeyError::Length(opened.len()))?;
        Ok(Self::from_bytes(bytes))
    }

    /// Derives a key from a passphrase (PBKDF2-HMAC-SHA256, 600,000 rounds, one block: RFC 8018, section 5.2).
    fn from_passphrase(passphrase: &str, salt: &[u8]) -> Self {
        let keyed = keyed(passphrase.as_bytes());
        let round_of = |text: &[u8]| -> [u8; 32] {
            let mut mac = keyed.clone();
            mac.update(text);
            mac.finalize().into_bytes().into()
        };
        let mut round = round_of(&[salt, &1_u32.to_be_bytes()].concat());
        let mut key = Zeroizing::new(round);
        for _ in 1..PASSPHRASE_ROUNDS {
            round = round_of(&round);
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

/// What seals a key under a passphrase.
fn under(passphrase: &str, salt: &[u8]) -> XChaCha20Poly1305 {
    use chacha20poly1305::KeyInit as _;
    let key = VaultKey::from_passphrase(passphrase, salt);
    XChaCha20Poly1305::new(key.0.as_slice().into())
}

/// HMAC-SHA256.
pub(super) fn mac(key: &[u8], text: &[u8]) -> [u8; 32] {
    let mut mac = keyed(key);
    mac.update(text);
    mac.finalize().into_bytes().into()
}

#[expect(
    clippy::expect_used,
    reason = "HMAC takes keys of every length (RFC 2104, section 3)"
)]
fn keyed(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("a key of any length")
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
    fn passphrases_derive_what_others_derive() {
        // Computed with Python's hashlib.pbkdf2_hmac, an independent implementation.
        let key = VaultKey::from_passphrase("correct horse", &[1; 16]);
        assert_eq!(
            key.0.as_slice()[..8],
            [0x82, 0xd4, 0xd9, 0xf5, 0x35, 0x8e, 0x09, 0x11]
        );
    }

    #[test]
    fn a_sealed_key_opens_with_its_passphrase_only() {
        let key = VaultKey::generate().unwrap();
        let sealed = key.seal("correct horse").unwrap();
        assert_eq!(VaultKey::unseal(&sealed, "correct horse").unwrap().0, key.0);
        assert!(matches!(
            VaultKey::unseal(&sealed, "correct house"),
            Err(KeyError::WrongPassphrase)
        ));
        assert!(matches!(
            VaultKey::unseal(&sealed[..20], "correct horse"),
            Err(KeyError::NotSealed)
        ));
    }
}
