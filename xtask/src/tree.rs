//! The files of the repository, as git sees them: tracked, or new and not ignored.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::failure::{Failure, while_doing};
use crate::process;

/// The folder above the current one that holds this binary's sources.
pub(crate) fn find_root() -> Result<PathBuf, Failure> {
    let here = std::env::current_dir().map_err(while_doing("cannot read the current folder"))?;
    here.ancestors()
        .find(|folder| folder.join("xtask/Cargo.toml").is_file())
        .map(Path::to_path_buf)
        .ok_or_else(|| Failure::new("this is not a checkout of Synesis"))
}

/// Paths from the root, with forward slashes, and what stands in the files. Files that are not
/// text are listed with no content.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    files: BTreeMap<String, String>,
}

impl Tree {
    /// Reads the whole checkout.
    pub(crate) fn read(root: &Path) -> Result<Self, Failure> {
        let listed = process::output(process::program(root, "git").args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ]))?;
        let mut files = BTreeMap::new();
        for path in listed.split('\0').filter(|path| !path.is_empty()) {
            match std::fs::read(root.join(path)) {
                Ok(bytes) => {
                    files.insert(
                        path.to_owned(),
                        String::from_utf8(bytes).unwrap_or_default(),
                    );
                }
                // Tracked, but deleted in the work tree.
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(Failure::new(format!("cannot read {path}: {error}"))),
            }
        }
        Ok(Self { files })
    }

    /// Every path, sorted.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// Every path with its text, sorted.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// The text of one file.
    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(String::as_str)
    }

    /// Whether the file is there.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.files.contains_key(path)
    }

    /// The folders that hold a package, from the root ("" is the root itself).
    pub(crate) fn packages(&self) -> impl Iterator<Item = &str> {
        self.iter().filter_map(|(path, text)| {
            let folder = path.strip_suffix("Cargo.toml")?;
            let is_package = text.lines().any(|line| line.trim() == "[package]");
            is_package.then(|| folder.trim_end_matches('/'))
        })
    }

    /// The packages of this workspace: without those that are a workspace of their own, as the
    /// fuzz targets, which need another compiler.
    pub(crate) fn members(&self) -> impl Iterator<Item = &str> {
        self.packages().filter(|folder| {
            let manifest = self.text(&format!("{folder}/Cargo.toml"));
            !manifest.is_some_and(|text| text.lines().any(|line| line.trim() == "[workspace]"))
        })
    }

    #[cfg(test)]
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let files = files
            .iter()
            .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()));
        Self {
            files: files.collect(),
        }
    }
}
