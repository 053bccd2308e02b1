//! Model files that were added by name: one TOML file, written whole or not at all.
//!
//! Only what exists is listed. Every change reads the file again first, so two programs that take
//! turns do not undo each other's changes.

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::gguf::{Gguf, GgufError};
use crate::limits::{REGISTER_BYTES_MAX, REGISTERED_MODELS_MAX};
use crate::model_ref::{ModelRef, OpenOptions};

const VERSION: u32 = 1;

/// Why the register could not be read or changed.
#[derive(Debug, Error)]
pub enum RegistryError {
    /// The register's file cannot be read or written.
    #[error("the list of models {} cannot be used", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The register's file is damaged.
    #[error("the list of models {} is damaged: {reason}", path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The model file is not usable.
    #[error("{} is not a usable GGUF file", path.display())]
    Model {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        source: GgufError,
    },
    /// The name is taken, not valid, or missing.
    #[error("the name `{name}` cannot be used: {reason}")]
    Name {
        /// Which name.
        name: String,
        /// Why not.
        reason: &'static str,
    },
    /// No model of that name.
    #[error("there is no model `{name}`")]
    Unknown {
        /// Which name.
        name: String,
    },
    /// The file is not the one that was added.
    #[error("{} has changed since it was added", path.display())]
    Changed {
        /// Which file.
        path: PathBuf,
    },
}

/// A model file with a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisteredModel {
    /// The name to use it by.
    pub name: String,
    /// Where the file is.
    pub path: PathBuf,
    /// Bytes of the file.
    pub size_bytes: u64,
    /// Hash of the file, lower-case hexadecimal.
    pub sha256: String,
    /// Its architecture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub architecture: Option<String>,
    /// Its licence, if the file says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub license: Option<String>,
    /// Where it came from, if the file says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

impl RegisteredModel {
    /// The model and how to open it: its hash need not be computed again.
    ///
    /// # Errors
    /// When the file is gone or has another size than when it was added.
    pub fn to_open(&self) -> Result<(ModelRef, OpenOptions), RegistryError> {
        let about = fs::metadata(&self.path).map_err(|source| RegistryError::File {
            path: self.path.clone(),
            source,
        })?;
        if about.len() != self.size_bytes {
            return Err(RegistryError::Changed {
                path: self.path.clone(),
            });
        }
        let options = OpenOptions {
            sha256: Some(self.sha256.clone()),
            license: self.license.clone(),
            ..OpenOptions::default()
        };
        Ok((ModelRef::Gguf(self.path.clone()), options))
    }
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Contents {
    version: u32,
    #[serde(default, rename = "model")]
    models: Vec<RegisteredModel>,
}

/// The register in one file, which need not exist yet.
#[derive(Clone, Debug)]
pub struct ModelRegistry {
    path: PathBuf,
}

impl ModelRegistry {
    /// The register in this file.
    #[must_use]
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// All models, by name.
    ///
    /// # Errors
    /// When the register cannot be read.
    pub fn list(&self) -> Result<Vec<RegisteredModel>, RegistryError> {
        Ok(self.read()?.models)
    }

    /// One model.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn get(&self, name: &str) -> Result<RegisteredModel, RegistryError> {
        let found = self
            .read()?
            .models
            .into_iter()
            .find(|model| model.name == name);
        found.ok_or_else(|| RegistryError::Unknown {
            name: name.to_owned(),
        })
    }

    /// Checks a model file, hashes it and gives it a name (its own file's name by default).
    ///
    /// # Errors
    /// When the file is not a usable model or the name is taken or not valid.
    pub fn add(&self, file: &Path, name: Option<&str>) -> Result<RegisteredModel, RegistryError> {
        let refuse = |source| RegistryError::Model {
            path: file.to_owned(),
            source,
        };
        let path = file.canonicalize().map_err(|source| RegistryError::File {
            path: file.to_owned(),
            source,
        })?;
        let gguf = Gguf::open(&path).map_err(refuse)?;
        if gguf
            .metadata()
            .text("general.type")
            .is_some_and(|kind| kind != "model")
        {
            return Err(refuse(GgufError::Key(
                "general.type (an adapter is not a model)".to_owned(),
            )));
        }
        let stem = || {
            path.file_stem()
                .map(|stem| stem.to_string_lossy().into_owned())
                .unwrap_or_default()
        };
        let name = name.map_or_else(stem, str::to_owned);
        check_name(&name)?;
        if self.read()?.models.iter().any(|model| model.name == name) {
            return Err(RegistryError::Name {
                name,
                reason: "it is taken",
            });
        }
        let text = |key: &str| gguf.metadata().text(key).map(str::to_owned);
        let model = RegisteredModel {
            size_bytes: gguf.len_bytes(),
            sha256: gguf.sha256().map_err(refuse)?,
            architecture: text("general.architecture"),
            license: text("general.license"),
            source: text("general.source.url").or_else(|| text("general.url")),
            name,
            path,
        };
        let added = model.clone();
        self.change(|contents| {
            if contents.models.len() >= REGISTERED_MODELS_MAX {
                return Err(RegistryError::Name {
                    name: added.name,
                    reason: "the list of models is full",
                });
            }
            contents.models.push(added);
            contents.models.sort_by(|a, b| a.name.cmp(&b.name));
            Ok(())
        })?;
        Ok(model)
    }

    /// Takes a model off the list; its file stays.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn remove(&self, name: &str) -> Result<RegisteredModel, RegistryError> {
        self.change(|contents| {
            let at = contents.models.iter().position(|model| model.name == name);
            let at = at.ok_or_else(|| RegistryError::Unknown {
                name: name.to_owned(),
            })?;
            Ok(contents.models.remove(at))
        })
    }

    fn read(&self) -> Result<Contents, RegistryError> {
        let damaged = |reason: String| RegistryError::Damaged {
            path: self.path.clone(),
            reason,
        };
        let file = match fs::File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Contents {
                    version: VERSION,
                    ..Contents::default()
                });
            }
            Err(source) => return Err(self.file(source)),
        };
        let mut text = String::new();
        file.take(REGISTER_BYTES_MAX + 1)
            .read_to_string(&mut text)
            .map_err(|source| self.file(source))?;
        if text.len() as u64 > REGISTER_BYTES_MAX {
            return Err(damaged(format!(
                "it is longer than {REGISTER_BYTES_MAX} bytes"
            )));
        }
        let contents: Contents =
            toml::from_str(&text).map_err(|error| damaged(error.message().to_owned()))?;
        if contents.version != VERSION {
            return Err(damaged(format!(
                "it has version {}, this program reads {VERSION}",
                contents.version
            )));
        }
        Ok(contents)
    }

    fn change<T>(
        &self,
        change: impl FnOnce(&mut Contents) -> Result<T, RegistryError>,
    ) -> Result<T, RegistryError> {
        let mut contents = self.read()?;
        let result = change(&mut contents)?;
        let text = toml::to_string(&contents).map_err(|error| RegistryError::Damaged {
            path: self.path.clone(),
            reason: error.to_string(),
        })?;
        self.write(text.as_bytes())
            .map_err(|source| self.file(source))?;
        Ok(result)
    }

    /// Beside the old file first, then in its place, so a crash leaves one of the two.
    fn write(&self, bytes: &[u8]) -> io::Result<()> {
        let dir = self
            .path
            .parent()
            .filter(|dir| !dir.as_os_str().is_empty())
            .unwrap_or(Path::new("."));
        fs::create_dir_all(dir)?;
        let mut file = tempfile::NamedTempFile::new_in(dir)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(&self.path).map_err(|error| error.error)?;
        Ok(())
    }

    fn file(&self, source: io::Error) -> RegistryError {
        RegistryError::File {
            path: self.path.clone(),
            source,
        }
    }
}

/// What `--model NAME` can hold without being taken for something else.
fn check_name(name: &str) -> Result<(), RegistryError> {
    let refuse = |reason| {
        Err(RegistryError::Name {
            name: name.to_owned(),
            reason,
        })
    };
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if name == "builtin" {
        return refuse("it means the built-in model");
    }
    if name.is_empty() || name.len() > 64 {
        return refuse("a name has 1 to 64 characters");
    }
    if !name.chars().all(allowed) || !name.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return refuse(
            "a name has letters, digits, `.`, `_` and `-`, and begins with a letter or digit",
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::tiny_model;

    fn world() -> (tempfile::TempDir, ModelRegistry, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("tiny.gguf");
        fs::write(&file, tiny_model("llama")).unwrap();
        let registry = ModelRegistry::at(dir.path().join("state/models.toml"));
        (dir, registry, file)
    }

    #[test]
    fn what_was_added_is_there_for_the_next_program() {
        let (_dir, registry, file) = world();
        assert_eq!(registry.list().unwrap(), []);
        let added = registry.add(&file, None).unwrap();
        assert_eq!((added.name.as_str(), added.sha256.len()), ("tiny", 64));
        let again = ModelRegistry::at(&registry.path);
        assert_eq!(again.get("tiny").unwrap(), added);
        again.remove("tiny").unwrap();
        assert_eq!(again.list().unwrap(), []);
        assert!(file.exists(), "removing a name keeps the file");
    }

    #[test]
    fn names_are_unique_and_safe() {
        let (_dir, registry, file) = world();
        registry.add(&file, Some("a")).unwrap();
        for name in ["a", "", "builtin", "gguf:x", "-x", "a b"] {
            assert!(
                matches!(
                    registry.add(&file, Some(name)),
                    Err(RegistryError::Name { .. })
                ),
                "{name}"
            );
        }
        assert!(matches!(
            registry.remove("b"),
            Err(RegistryError::Unknown { .. })
        ));
    }

    #[test]
    fn a_file_that_is_no_model_is_not_added() {
        let (dir, registry, _) = world();
        let file = dir.path().join("notes.gguf");
        fs::write(&file, "not a model").unwrap();
        assert!(matches!(
            registry.add(&file, None),
            Err(RegistryError::Model { .. })
        ));
        assert_eq!(registry.list().unwrap(), []);
    }

    #[test]
    fn a_damaged_or_newer_register_is_not_overwritten() {
        let (_dir, registry, file) = world();
        fs::create_dir_all(registry.path.parent().unwrap()).unwrap();
        for text in ["version = 2\n", "version = [", "garbage"] {
            fs::write(&registry.path, text).unwrap();
            assert!(
                matches!(
                    registry.add(&file, None),
                    Err(RegistryError::Damaged { .. })
                ),
                "{text}"
            );
            assert_eq!(fs::read_to_string(&registry.path).unwrap(), text);
        }
    }

    #[test]
    fn a_file_that_was_replaced_is_noticed() {
        let (_dir, registry, file) = world();
        let model = registry.add(&file, None).unwrap();
        model.to_open().unwrap();
        fs::write(&file, "shorter").unwrap();
        assert!(matches!(
            model.to_open(),
            Err(RegistryError::Changed { .. })
        ));
    }
}
