//! Which files a path stands for, and what is in them.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use ignore::WalkBuilder;

use crate::chunk::Form;
use crate::error::{KnowledgeError, SkipReason};
use crate::limits::{FILE_BYTES_MAX, FILES_MAX, FOLDER_DEPTH_MAX};

/// What tells whether a file changed, without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub(crate) bytes: u64,
    pub(crate) modified_ns: i64,
}

/// The files under a path, sorted; those that `.gitignore` and its kin name are not among them.
pub(crate) fn files(root: &Path) -> Result<Vec<PathBuf>, KnowledgeError> {
    let mut files = Vec::new();
    let walk = WalkBuilder::new(root)
        .require_git(false)
        .max_depth(Some(FOLDER_DEPTH_MAX))
        .sort_by_file_name(std::cmp::Ord::cmp)
        .build();
    // What cannot be entered is passed over: the rest is still worth having.
    for entry in walk.flatten() {
        if entry.file_type().is_some_and(|kind| kind.is_file()) {
            files.push(entry.into_path());
        }
        if files.len() > FILES_MAX {
            return Err(KnowledgeError::TooManyFiles {
                files_max: FILES_MAX,
            });
        }
    }
    Ok(files)
}

/// A file's stamp, or why it is left out unread.
pub(crate) fn stamp(path: &Path) -> Result<(Stamp, Form), SkipReason> {
    let form = Form::of(path).map_err(|extension| SkipReason::Form { extension })?;
    let metadata = std::fs::metadata(path).map_err(unreadable)?;
    let bytes = metadata.len();
    if bytes > FILE_BYTES_MAX {
        return Err(SkipReason::TooLarge {
            bytes,
            bytes_max: FILE_BYTES_MAX,
        });
    }
    let modified = metadata.modified().map_err(unreadable)?;
    let since = modified.duration_since(UNIX_EPOCH).unwrap_or_default();
    let modified_ns = i64::try_from(since.as_nanos()).unwrap_or(i64::MAX);
    Ok((Stamp { bytes, modified_ns }, form))
}

/// A file's text, or why it has none.
pub(crate) fn text(path: &Path) -> Result<String, SkipReason> {
    let file = std::fs::File::open(path).map_err(unreadable)?;
    let mut bytes = Vec::new();
    // The file may have grown since it was looked at.
    file.take(FILE_BYTES_MAX + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(SkipReason::TooLarge {
            bytes: bytes.len() as u64,
            bytes_max: FILE_BYTES_MAX,
        });
    }
    if bytes.contains(&0) {
        return Err(SkipReason::Binary);
    }
    let text = String::from_utf8(bytes).map_err(|_| SkipReason::Binary)?;
    let text = text
        .strip_prefix('\u{feff}')
        .map(str::to_owned)
        .unwrap_or(text);
    if text.trim().is_empty() {
        Err(SkipReason::Empty)
    } else {
        Ok(text)
    }
}

fn unreadable(error: std::io::Error) -> SkipReason {
    SkipReason::Unreadable {
        message: error.to_string(),
    }
}
