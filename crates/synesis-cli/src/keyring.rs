//! The keyring of the system: Secret Service on Linux, Keychain on macOS, Credential Manager on Windows.

use std::error::Error;

/// The name under which everything of ours is listed in the keyring.
const SERVICE: &str = "synesis";

type Failure = Box<dyn Error + Send + Sync>;

/// Secrets by name.
pub(crate) trait Keyring {
    /// Whether a secret can be put in without asking a person who is not there.
    fn is_at_hand(&self) -> bool;

    fn put(&self, name: &str, secret: &[u8]) -> Result<(), Failure>;

    fn get(&self, name: &str) -> Result<Vec<u8>, Failure>;

    fn delete(&self, name: &str) -> Result<(), Failure>;
}

/// The keyring of the person who is logged in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SystemKeyring;

impl SystemKeyring {
    fn entry(name: &str) -> Result<keyring_core::Entry, Failure> {
        if keyring_core::get_default_store().is_none() {
            keyring_core::set_default_store(open_store()?);
        }
        Ok(keyring_core::Entry::new(SERVICE, name)?)
    }
}

impl Keyring for SystemKeyring {
    fn is_at_hand(&self) -> bool {
        // A locked keyring opens a window: without a desktop there is nobody to type into it.
        let desktop = ["DISPLAY", "WAYLAND_DISPLAY"];
        !cfg!(target_os = "linux")
            || desktop
                .into_iter()
                .any(|name| std::env::var_os(name).is_some())
    }

    fn put(&self, name: &str, secret: &[u8]) -> Result<(), Failure> {
        Ok(Self::entry(name)?.set_secret(secret)?)
    }

    fn get(&self, name: &str) -> Result<Vec<u8>, Failure> {
        Ok(Self::entry(name)?.get_secret()?)
    }

    fn delete(&self, name: &str) -> Result<(), Failure> {
        Ok(Self::entry(name)?.delete_credential()?)
    }
}

#[cfg(target_os = "linux")]
fn open_store() -> Result<std::sync::Arc<keyring_core::CredentialStore>, Failure> {
    Ok(dbus_secret_service_keyring_store::Store::new()?)
}

#[cfg(target_os = "macos")]
fn open_store() -> Result<std::sync::Arc<keyring_core::CredentialStore>, Failure> {
    Ok(apple_native_keyring_store::keychain::Store::new()?)
}

#[cfg(windows)]
fn open_store() -> Result<std::sync::Arc<keyring_core::CredentialStore>, Failure> {
    Ok(windows_native_keyring_store::Store::new()?)
}

#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
fn open_store() -> Result<std::sync::Arc<keyring_core::CredentialStore>, Failure> {
    Err("this system has no keyring that Synesis knows".into())
}
