//! One server to a data folder: a locked file, and `server.json` which says where it listens.
//!
//! The lock is the operating system's and ends with the process, however it ends. `server.json` is
//! only a note for others: it may be stale after a kill, the lock never is.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::files;

const LOCK_FILE: &str = "server.lock";
const STATE_FILE: &str = "server.json";

/// What `server.json` in the data folder says about the running server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerState {
    /// The process id of the server.
    pub pid: u32,
    /// The address of QUIC (UDP) and HTTPS (TCP).
    pub addr: SocketAddr,
    /// The version of the server.
    pub version: String,
}

impl ServerState {
    /// Reads the note of the server that uses this data folder, or `None` when there is none.
    ///
    /// # Errors
    /// When the file cannot be read or is no such note.
    pub fn read(data_dir: &Path) -> io::Result<Option<Self>> {
        files::read_if_there(&data_dir.join(STATE_FILE))?
            .map(|content| serde_json::from_slice(&content).map_err(io::Error::from))
            .transpose()
    }
}

/// Why a data folder could not be taken.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process has it.
    #[error("another server uses the data folder {}{}", data_dir.display(), holder(*pid))]
    Taken {
        /// The folder.
        data_dir: PathBuf,
        /// The other server's process id, where it is known.
        pid: Option<u32>,
    },
    /// The folder or a file in it cannot be used.
    #[error("failed to lock the data folder {}", data_dir.display())]
    Io {
        /// The folder.
        data_dir: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
}

fn holder(pid: Option<u32>) -> String {
    pid.map_or_else(String::new, |pid| format!(" (process {pid})"))
}

/// The data folder, held as long as this value lives.
#[derive(Debug)]
pub(crate) struct DataFolder {
    path: PathBuf,
    _lock: File,
}

impl DataFolder {
    /// Makes the folder where it is missing, and takes it.
    pub(crate) fn take(path: &Path) -> Result<Self, LockError> {
        let failed = |source| LockError::Io {
            data_dir: path.to_owned(),
            source,
        };
        files::create_private_dir(path).map_err(failed)?;
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path.join(LOCK_FILE))
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(LockError::Taken {
                    data_dir: path.to_owned(),
                    pid: read_pid(&mut file),
                });
            }
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        note_pid(&mut file).map_err(failed)?;
        Ok(Self {
            path: path.to_owned(),
            _lock: file,
        })
    }

    /// Tells others where the server listens.
    pub(crate) fn announce(&self, addr: SocketAddr) -> io::Result<()> {
        let state = ServerState {
            pid: std::process::id(),
            addr,
            version: env!("CARGO_PKG_VERSION").to_owned(),
        };
        let content = serde_json::to_vec_pretty(&state)?;
        files::write_private(&self.path.join(STATE_FILE), &content)
    }

    /// Takes the note back: nobody listens there any more.
    pub(crate) fn withdraw(&self) {
        let _ = std::fs::remove_file(self.path.join(STATE_FILE));
    }
}

fn read_pid(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.take(16).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

fn note_pid(file: &mut File) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{}", std::process::id())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_server_on_the_folder_is_refused_until_the_first_is_gone() {
        let dir = tempfile::tempdir().unwrap();
        let first = DataFolder::take(dir.path()).unwrap();
        let refused = DataFolder::take(dir.path()).unwrap_err();
        assert!(
            matches!(refused, LockError::Taken { pid: Some(pid), .. } if pid == std::process::id())
        );
        drop(first);
        DataFolder::take(dir.path()).unwrap();
    }

    #[test]
    fn the_note_is_gone_when_it_is_withdrawn() {
        let dir = tempfile::tempdir().unwrap();
        let folder = DataFolder::take(dir.path()).unwrap();
        folder.announce("127.0.0.1:4433".parse().unwrap()).unwrap();
        let state = ServerState::read(dir.path()).unwrap().unwrap();
        assert_eq!(state.addr.port(), 4433);
        folder.withdraw();
        assert_eq!(ServerState::read(dir.path()).unwrap(), None);
    }
}
