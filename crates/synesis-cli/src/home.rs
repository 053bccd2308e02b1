//! Where this user's Synesis lives on disk, and its first start.
//!
//! One folder for settings and one for data, by the platform's rules, or a single folder named by
//! `--home` or `SYNESIS_HOME`. Everything in the data folder is readable by its owner only.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;

use crate::error::{CliError, Context, ErrorKind};

/// The file that says that this home was initialised, and for which device.
const DEVICE_FILE: &str = "device.toml";

/// The folders and files of one user.
#[derive(Debug, Clone)]
pub(crate) struct Home {
    config_dir: PathBuf,
    data_dir: PathBuf,
}

impl Home {
    /// Finds the folders; makes nothing.
    pub(crate) fn locate(home: Option<&Path>) -> Result<Self, CliError> {
        if let Some(dir) = home {
            if dir.as_os_str().is_empty() {
                return Err(
                    CliError::new(ErrorKind::Usage, "the home folder's name is empty")
                        .hint("set SYNESIS_HOME to a folder, or unset it"),
                );
            }
            let dir = std::path::absolute(dir).context(
                ErrorKind::User,
                format!("cannot use {} as home folder", dir.display()),
            )?;
            return Ok(Self {
                config_dir: dir.clone(),
                data_dir: dir,
            });
        }
        let strategy = etcetera::choose_base_strategy().map_err(|error| {
            CliError::user("cannot find your home folder")
                .because(error)
                .hint("set HOME, or name a folder with `--home DIR` or SYNESIS_HOME")
        })?;
        Ok(Self {
            config_dir: strategy.config_dir().join("synesis"),
            data_dir: strategy.data_dir().join("synesis"),
        })
    }

    pub(crate) fn settings_file(&self) -> PathBuf {
        self.config_dir.join("config.toml")
    }

    pub(crate) fn data_dir(&self) -> &Path {
        &self.data_dir
    }

    /// Key, certificate and CA of this device at its cloud.
    pub(crate) fn identity_dir(&self) -> PathBuf {
        self.data_dir.join("identity")
    }

    /// The values behind placeholders, sealed.
    pub(crate) fn vault_file(&self) -> PathBuf {
        self.data_dir.join("vault.db")
    }

    /// The vault's key, where a file keeps it.
    pub(crate) fn vault_key_file(&self) -> PathBuf {
        self.data_dir.join("vault.key")
    }

    /// The vault's key under a passphrase.
    pub(crate) fn sealed_vault_key_file(&self) -> PathBuf {
        self.data_dir.join("vault.key.sealed")
    }

    /// Under which name the keyring of the system keeps the vault's key.
    pub(crate) fn vault_key_name_file(&self) -> PathBuf {
        self.data_dir.join("vault.key.keyring")
    }

    pub(crate) fn ledger_file(&self) -> PathBuf {
        self.data_dir.join("ledger.db")
    }

    pub(crate) fn knowledge_file(&self) -> PathBuf {
        self.data_dir.join("knowledge.db")
    }

    pub(crate) fn models_dir(&self) -> PathBuf {
        self.data_dir.join("models")
    }

    /// The user's own private values, patterns and exceptions.
    pub(crate) fn privacy_rules_file(&self) -> PathBuf {
        self.config_dir.join("privacy.toml")
    }

    /// The data of the private cloud on this machine.
    pub(crate) fn cloud_dir(&self) -> PathBuf {
        self.data_dir.join("cloud")
    }

    /// Whether [`Home::initialise`] has run here.
    pub(crate) fn is_initialised(&self) -> bool {
        self.data_dir.join(DEVICE_FILE).is_file()
    }

    /// Makes the folders and names this device. Says whether anything was made.
    pub(crate) fn initialise(&self, device_name: &str) -> Result<bool, CliError> {
        if self.is_initialised() {
            return Ok(false);
        }
        for dir in [&self.config_dir, &self.data_dir] {
            create_private_dir(dir).map_err(|error| not_writable(dir, error))?;
        }
        let device = toml::to_string(&toml::toml! { version = 1 name = device_name })
            .context(ErrorKind::Bug, "cannot describe this device")?;
        let file = self.data_dir.join(DEVICE_FILE);
        write_atomically(&file, device.as_bytes()).map_err(|error| not_writable(&file, error))?;
        Ok(true)
    }

    /// The name this device shows to a cloud.
    pub(crate) fn device_name(&self) -> Option<String> {
        let text = fs::read_to_string(self.data_dir.join(DEVICE_FILE)).ok()?;
        let table: toml::Table = text.parse().ok()?;
        Some(table.get("name")?.as_str()?.to_owned())
    }
}

/// The name of this machine, or a plain word where it has none.
pub(crate) fn host_name() -> String {
    ["/proc/sys/kernel/hostname", "/etc/hostname"]
        .iter()
        .find_map(|path| fs::read_to_string(path).ok())
        .or_else(|| std::env::var("HOSTNAME").ok())
        .or_else(|| std::env::var("COMPUTERNAME").ok())
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "device".to_owned())
}

fn not_writable(path: &Path, error: io::Error) -> CliError {
    let full = error.kind() == io::ErrorKind::StorageFull;
    CliError::user(format!("cannot write {}", path.display()))
        .because(error)
        .hint(if full {
            "the disk is full: free some space, or name a folder on another disk with `--home DIR`"
        } else {
            "name a folder that you may write to with `--home DIR` or SYNESIS_HOME"
        })
}

/// Makes a folder, with its parents, that only its owner can enter.
pub(crate) fn create_private_dir(dir: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(dir)
}

/// Writes a file so that it is either the old one or the new one, whole, whatever happens.
pub(crate) fn write_atomically(path: &Path, bytes: &[u8]) -> io::Result<()> {
    use std::io::Write;
    let dir = path.parent().unwrap_or_else(|| Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(dir)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn second_initialisation_changes_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::locate(Some(&dir.path().join("new"))).unwrap();
        assert!(home.initialise("first").unwrap());
        assert!(!home.initialise("second").unwrap());
        assert_eq!(home.device_name().as_deref(), Some("first"));
    }

    #[test]
    fn empty_home_is_wrong_usage() {
        let error = Home::locate(Some(Path::new(""))).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Usage);
    }
}
