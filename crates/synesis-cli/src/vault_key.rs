//! Where the key of the vault is kept: in the keyring of the system, under a passphrase, or in a file.
//!
//! Exactly one of three files says which. A new vault uses the keyring where somebody is logged in
//! to a desktop, and a file that only its owner can read elsewhere; `synesis vault key` moves it.

use std::fs;
use std::io::{self, IsTerminal, Write as _};
use std::path::{Path, PathBuf};

use synesis_privacy::VaultKey;
use zeroize::Zeroizing;

use crate::error::{CliError, Context, ErrorKind};
use crate::home::{Home, write_atomically};
use crate::keyring::Keyring;

/// The passphrase, for programs that cannot type.
pub(crate) const PASSPHRASE_VARIABLE: &str = "SYNESIS_VAULT_PASSPHRASE";

const FAILED: &str = "cannot get the key of the vault";

/// Where a key is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum KeyPlace {
    /// In the keyring of the system.
    Keyring,
    /// In a file, under a passphrase that is asked for, or taken from SYNESIS_VAULT_PASSPHRASE.
    Passphrase,
    /// In a file that only you can read.
    File,
}

impl KeyPlace {
    const ALL: [Self; 3] = [Self::Keyring, Self::Passphrase, Self::File];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Keyring => "keyring",
            Self::Passphrase => "passphrase",
            Self::File => "file",
        }
    }

    fn file(self, home: &Home) -> PathBuf {
        match self {
            Self::Keyring => home.vault_key_name_file(),
            Self::Passphrase => home.sealed_vault_key_file(),
            Self::File => home.vault_key_file(),
        }
    }

    /// Where this vault's key is, if it has one.
    pub(crate) fn of(home: &Home) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|place| place.file(home).exists())
    }
}

/// The key of this device's vault; a new vault gets a new key.
pub(crate) fn open(home: &Home, keyring: &dyn Keyring) -> Result<VaultKey, CliError> {
    match KeyPlace::of(home) {
        Some(place) => read(home, keyring, place),
        None => {
            if keyring.is_at_hand() {
                let key = VaultKey::generate().context(ErrorKind::User, FAILED)?;
                if put_into_keyring(home, keyring, &key, Writing::New).is_ok() {
                    // Of two processes that make a key at once, one wins.
                    return read(home, keyring, KeyPlace::Keyring);
                }
            }
            VaultKey::from_file_or_create(&home.vault_key_file()).context(ErrorKind::User, FAILED)
        }
    }
}

/// Keeps the key elsewhere from now on. The vault itself stays as it is.
pub(crate) fn move_to(home: &Home, keyring: &dyn Keyring, place: KeyPlace) -> Result<(), CliError> {
    let key = open(home, keyring)?;
    let before = KeyPlace::of(home);
    let name_before = fs::read_to_string(home.vault_key_name_file()).ok();
    let failed = |file: &Path| format!("cannot write {}", file.display());
    let file = place.file(home);
    match place {
        KeyPlace::Keyring => put_into_keyring(home, keyring, &key, Writing::Over)?,
        KeyPlace::Passphrase => {
            let sealed = key
                .seal(&new_passphrase()?)
                .context(ErrorKind::User, "cannot seal the key")?;
            write_atomically(&file, &sealed).context(ErrorKind::User, failed(&file))?;
        }
        KeyPlace::File => {
            write_atomically(&file, key.to_bytes().as_slice())
                .context(ErrorKind::User, failed(&file))?;
        }
    }
    // The new place must open before the old one goes.
    read(home, keyring, place)?;
    if let Some(before) = before.filter(|before| *before != place) {
        let file = before.file(home);
        fs::remove_file(&file)
            .context(ErrorKind::User, format!("cannot remove {}", file.display()))?;
    }
    if let (Some(name), Some(KeyPlace::Keyring)) = (name_before, before) {
        // What stays behind opens nothing that the new place does not.
        let _ = keyring.delete(name.trim());
    }
    Ok(())
}

fn read(home: &Home, keyring: &dyn Keyring, place: KeyPlace) -> Result<VaultKey, CliError> {
    let file = place.file(home);
    let unreadable = || format!("cannot read {}", file.display());
    match place {
        KeyPlace::File => VaultKey::from_file_or_create(&file).context(ErrorKind::User, FAILED),
        KeyPlace::Passphrase => {
            let sealed = fs::read(&file).context(ErrorKind::User, unreadable())?;
            VaultKey::unseal(&sealed, &passphrase()?).context(ErrorKind::User, FAILED)
        }
        KeyPlace::Keyring => {
            let name = fs::read_to_string(&file).context(ErrorKind::User, unreadable())?;
            let secret = keyring
                .get(name.trim())
                .map(Zeroizing::new)
                .context(ErrorKind::User, FAILED)
                .map_err(|error| {
                    error.hint(
                        "it is in the keyring of the system as `synesis`: log in to the desktop and unlock it; \
                         `synesis vault key passphrase` in such a session keeps it elsewhere",
                    )
                })?;
            let bytes: [u8; 32] = secret.as_slice().try_into().map_err(|_| {
                CliError::user(FAILED).because(format!(
                    "the keyring holds {} bytes instead of 32",
                    secret.len()
                ))
            })?;
            Ok(VaultKey::from_bytes(bytes))
        }
    }
}

/// Whether another process may have written the name first.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Writing {
    New,
    Over,
}

/// Puts the key under a fresh name, then writes that name down.
fn put_into_keyring(
    home: &Home,
    keyring: &dyn Keyring,
    key: &VaultKey,
    writing: Writing,
) -> Result<(), CliError> {
    let failed = "the keyring of the system cannot be used";
    let mut random = [0_u8; 8];
    getrandom::fill(&mut random).context(ErrorKind::User, "the system gives no randomness")?;
    let name = format!("vault key {:016x}", u64::from_be_bytes(random));
    keyring
        .put(&name, key.to_bytes().as_slice())
        .context(ErrorKind::User, failed)
        .map_err(|error| error.hint("`synesis vault key passphrase` needs no keyring"))?;
    let file = home.vault_key_name_file();
    let written = match writing {
        Writing::Over => write_atomically(&file, name.as_bytes()),
        Writing::New => write_if_absent(&file, name.as_bytes()),
    };
    if written.is_err() {
        let _ = keyring.delete(&name);
    }
    match written {
        Err(error) if writing == Writing::New && error.kind() == io::ErrorKind::AlreadyExists => {
            Ok(())
        }
        written => written.context(ErrorKind::User, format!("cannot write {}", file.display())),
    }
}

fn write_if_absent(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let dir = path.parent().unwrap_or_else(|| Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(dir)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist_noclobber(path)?;
    Ok(())
}

fn passphrase() -> Result<Zeroizing<String>, CliError> {
    if let Ok(text) = std::env::var(PASSPHRASE_VARIABLE) {
        return Ok(Zeroizing::new(text));
    }
    ask_for("Passphrase of the vault: ")
}

fn new_passphrase() -> Result<Zeroizing<String>, CliError> {
    let text = match std::env::var(PASSPHRASE_VARIABLE) {
        Ok(text) => Zeroizing::new(text),
        Err(_) => {
            let text = ask_for("New passphrase: ")?;
            if ask_for("Once more: ")? != text {
                return Err(CliError::user("the two passphrases differ")
                    .hint("nothing was changed; try again"));
            }
            text
        }
    };
    if text.is_empty() {
        return Err(CliError::user("an empty passphrase protects nothing"));
    }
    Ok(text)
}

fn ask_for(prompt: &str) -> Result<Zeroizing<String>, CliError> {
    if !io::stderr().is_terminal() {
        return Err(
            CliError::user("the vault needs its passphrase").hint(format!(
                "set {PASSPHRASE_VARIABLE}, or run this in a terminal"
            )),
        );
    }
    rpassword::prompt_password(prompt)
        .map(Zeroizing::new)
        .context(ErrorKind::User, "cannot read the passphrase")
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::collections::HashMap;
    use std::error::Error;

    use super::*;

    /// A keyring in memory, which a person may have locked.
    #[derive(Default)]
    struct Memory {
        secrets: RefCell<HashMap<String, Vec<u8>>>,
        locked: RefCell<bool>,
    }

    impl Keyring for Memory {
        fn is_at_hand(&self) -> bool {
            true
        }

        fn put(&self, name: &str, secret: &[u8]) -> Result<(), Box<dyn Error + Send + Sync>> {
            if *self.locked.borrow() {
                return Err("locked".into());
            }
            self.secrets
                .borrow_mut()
                .insert(name.to_owned(), secret.to_vec());
            Ok(())
        }

        fn get(&self, name: &str) -> Result<Vec<u8>, Box<dyn Error + Send + Sync>> {
            if *self.locked.borrow() {
                return Err("locked".into());
            }
            let secrets = self.secrets.borrow();
            secrets.get(name).cloned().ok_or_else(|| "no entry".into())
        }

        fn delete(&self, name: &str) -> Result<(), Box<dyn Error + Send + Sync>> {
            self.secrets.borrow_mut().remove(name);
            Ok(())
        }
    }

    fn home() -> (tempfile::TempDir, Home) {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::locate(Some(&dir.path().join("home"))).unwrap();
        home.initialise("test").unwrap();
        (dir, home)
    }

    fn bytes(key: &VaultKey) -> [u8; 32] {
        *key.to_bytes()
    }

    #[test]
    fn a_new_key_goes_into_the_keyring_and_is_found_there() {
        let (_dir, home) = home();
        let keyring = Memory::default();
        let key = open(&home, &keyring).unwrap();
        assert_eq!(KeyPlace::of(&home), Some(KeyPlace::Keyring));
        assert!(!home.vault_key_file().exists());
        assert_eq!(bytes(&open(&home, &keyring).unwrap()), bytes(&key));
        assert_eq!(keyring.secrets.borrow().len(), 1);
    }

    #[test]
    fn a_locked_keyring_never_makes_a_second_key() {
        let (_dir, home) = home();
        let keyring = Memory::default();
        open(&home, &keyring).unwrap();
        *keyring.locked.borrow_mut() = true;
        let error = open(&home, &keyring).unwrap_err();
        assert!(error.hints.iter().any(|hint| hint.contains("unlock")));
        assert!(!home.vault_key_file().exists());
    }

    #[test]
    fn without_a_usable_keyring_a_file_keeps_the_key() {
        let (_dir, home) = home();
        let keyring = Memory::default();
        *keyring.locked.borrow_mut() = true;
        let key = open(&home, &keyring).unwrap();
        assert_eq!(KeyPlace::of(&home), Some(KeyPlace::File));
        assert_eq!(bytes(&open(&home, &keyring).unwrap()), bytes(&key));
    }

    #[test]
    fn a_moved_key_is_the_same_key_and_nothing_stays_behind() {
        let (_dir, home) = home();
        let keyring = Memory::default();
        let key = open(&home, &keyring).unwrap();
        move_to(&home, &keyring, KeyPlace::File).unwrap();
        assert_eq!(KeyPlace::of(&home), Some(KeyPlace::File));
        assert!(keyring.secrets.borrow().is_empty());
        assert_eq!(bytes(&open(&home, &keyring).unwrap()), bytes(&key));
        move_to(&home, &keyring, KeyPlace::Keyring).unwrap();
        assert!(!home.vault_key_file().exists());
        assert_eq!(bytes(&open(&home, &keyring).unwrap()), bytes(&key));
    }
}
