//! The knowledge base as its users see it.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::chunk::{Form, chunks};
use crate::error::{KnowledgeError, SkipReason};
use crate::limits::{HITS_MAX, SKIPPED_NAMED_MAX};
use crate::query::full_text;
use crate::store::{FORMAT, Store, Written};
use crate::walk;

/// Documents in one SQLite file.
#[derive(Debug)]
pub struct KnowledgeBase {
    path: PathBuf,
    store: Store,
}

/// What one call of `add` did.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Report {
    /// Documents that are new.
    pub added: usize,
    /// Documents whose content changed.
    pub updated: usize,
    /// Documents that are as they were.
    pub unchanged: usize,
    /// Documents that are gone, or no longer of a kind that is taken in.
    pub removed: usize,
    /// Files left out, each with its reason.
    pub skipped: Vec<Skipped>,
    /// Files left out that the list has no room for.
    pub skipped_unnamed: usize,
}

/// A file left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Skipped {
    /// The file.
    pub path: PathBuf,
    /// Why.
    #[serde(flatten)]
    pub reason: SkipReason,
}

/// A file that was taken in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Document {
    /// Its absolute path.
    pub path: PathBuf,
    /// How it was read.
    pub form: Form,
    /// Its size.
    pub bytes: u64,
    /// How many chunks it has.
    pub chunks: u64,
}

/// A chunk that was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Hit {
    /// The file, absolute.
    pub path: PathBuf,
    /// The first line, counted from 1.
    pub line_start: u32,
    /// The last line, included.
    pub line_end: u32,
    /// The headings above it, outermost first; empty where there are none.
    pub heading: String,
    /// What stands there.
    pub text: String,
    /// How well it fits; the higher the better, comparable within one search only.
    pub score: f64,
}

/// How much there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Stats {
    /// Documents.
    pub documents: u64,
    /// Chunks.
    pub chunks: u64,
    /// Their files' sizes together.
    pub bytes: u64,
}

/// What became of one file.
enum Taken {
    Added,
    Updated,
    Unchanged,
    Skipped(SkipReason),
}

impl KnowledgeBase {
    /// Opens the database at `path`, and makes it when it is not there.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, KnowledgeError> {
        let path = path.into();
        match Store::open(&path) {
            Ok((_, found)) if found > FORMAT => Err(KnowledgeError::Newer {
                path,
                found,
                known: FORMAT,
            }),
            Ok((store, _)) => Ok(Self { path, store }),
            Err(source) => Err(KnowledgeError::Store { path, source }),
        }
    }

    /// Takes in files and folders. What was taken in before is read again only when its size or
    /// time changed; under a folder, what is gone is forgotten.
    pub fn add<P: AsRef<Path>>(&mut self, paths: &[P]) -> Result<Report, KnowledgeError> {
        let mut roots = Vec::with_capacity(paths.len());
        for path in paths {
            let path = path.as_ref();
            let root =
                std::fs::canonicalize(path).map_err(|source| KnowledgeError::Unreadable {
                    path: path.to_owned(),
                    source,
                })?;
            roots.push(root);
        }
        let mut report = Report::default();
        for root in roots {
            let mut kept = HashSet::new();
            for file in walk::files(&root)? {
                match self.take(&file)? {
                    Taken::Added => report.added += 1,
                    Taken::Updated => report.updated += 1,
                    Taken::Unchanged => report.unchanged += 1,
                    Taken::Skipped(reason) => {
                        report.skip(file, reason);
                        continue;
                    }
                }
                kept.insert(file);
            }
            report.removed +=
                self.forget(|path| path.starts_with(&root) && !kept.contains(path))?;
        }
        Ok(report)
    }

    fn take(&mut self, file: &Path) -> Result<Taken, KnowledgeError> {
        let Some(path) = file.to_str() else {
            return Ok(Taken::Skipped(SkipReason::Name));
        };
        let (stamp, form) = match walk::stamp(file) {
            Ok(looked) => looked,
            Err(reason) => return Ok(Taken::Skipped(reason)),
        };
        let known = self
            .store
            .known(path)
            .map_err(|source| self.error(source))?;
        if known.as_ref().is_some_and(|known| known.stamp == stamp) {
            return Ok(Taken::Unchanged);
        }
        let text = match walk::text(file) {
            Ok(text) => text,
            Err(reason) => return Ok(Taken::Skipped(reason)),
        };
        let sha256: [u8; 32] = Sha256::digest(text.as_bytes()).into();
        if known.as_ref().is_some_and(|known| known.sha256 == sha256) {
            self.store
                .touch(path, stamp)
                .map_err(|source| self.error(source))?;
            return Ok(Taken::Unchanged);
        }
        let chunks = chunks(&text, form);
        let written = Written {
            path,
            form,
            stamp,
            sha256,
            chunks: &chunks,
        };
        self.store
            .write(&written)
            .map_err(|source| KnowledgeError::Store {
                path: self.path.clone(),
                source,
            })?;
        Ok(if known.is_some() {
            Taken::Updated
        } else {
            Taken::Added
        })
    }

    /// The chunks that fit best, at most `hits_max` of them. Anything may be typed: nothing in it
    /// is an operator, and without a word in it nothing is found.
    pub fn search(&self, typed: &str, hits_max: usize) -> Result<Vec<Hit>, KnowledgeError> {
        match full_text(typed) {
            Some(query) => self
                .store
                .search(&query, hits_max.min(HITS_MAX))
                .map_err(|source| self.error(source)),
            None => Ok(Vec::new()),
        }
    }

    /// All documents, by path.
    pub fn list(&self) -> Result<Vec<Document>, KnowledgeError> {
        self.store.documents().map_err(|source| self.error(source))
    }

    /// Forgets a file, or every file under a folder; how many that were. The files themselves
    /// stay, and need not exist any more.
    pub fn remove(&mut self, path: impl AsRef<Path>) -> Result<usize, KnowledgeError> {
        let path = path.as_ref();
        let root = std::fs::canonicalize(path)
            .or_else(|_| std::path::absolute(path))
            .map_err(|source| KnowledgeError::Unreadable {
                path: path.to_owned(),
                source,
            })?;
        self.forget(|document| document.starts_with(&root))
    }

    /// How much there is.
    pub fn stats(&self) -> Result<Stats, KnowledgeError> {
        self.store.stats().map_err(|source| self.error(source))
    }

    fn forget(&mut self, gone: impl Fn(&Path) -> bool) -> Result<usize, KnowledgeError> {
        let mut count = 0;
        for document in self.list()? {
            if gone(&document.path)
                && let Some(path) = document.path.to_str()
            {
                self.store
                    .remove(path)
                    .map_err(|source| self.error(source))?;
                count += 1;
            }
        }
        Ok(count)
    }

    fn error(&self, source: rusqlite::Error) -> KnowledgeError {
        KnowledgeError::Store {
            path: self.path.clone(),
            source,
        }
    }
}

impl Report {
    fn skip(&mut self, path: PathBuf, reason: SkipReason) {
        if self.skipped.len() < SKIPPED_NAMED_MAX {
            self.skipped.push(Skipped { path, reason });
        } else {
            self.skipped_unnamed += 1;
        }
    }
}
