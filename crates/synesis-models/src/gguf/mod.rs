//! GGUF files: the head (metadata and tensor list), read and checked before an engine sees it.
//!
//! A file from a stranger is hostile until it was read here: every count, length, offset and
//! product is bounded, and a tensor that does not lie inside the file is refused. Nothing here
//! knows what the tensors mean.

mod metadata;
mod reader;
mod tensor;

use std::fs::File;
use std::io::{BufReader, Cursor, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest, Sha256};
use thiserror::Error;

pub use metadata::{Metadata, Value};
pub use tensor::{TensorInfo, TensorKind};

/// What is wrong with a GGUF file.
#[derive(Debug, Error)]
pub enum GgufError {
    /// Not GGUF at all.
    #[error("it does not begin with `GGUF`")]
    Magic,
    /// A version that is not known.
    #[error("version {0} of the format is not known")]
    Version(u32),
    /// The file ends too early.
    #[error("it ends inside {0}")]
    Truncated(&'static str),
    /// A bound was passed.
    #[error("{what} is {found}, at most {max} are allowed")]
    TooMany {
        /// What was counted.
        what: &'static str,
        /// How many there are.
        found: u64,
        /// How many may be.
        max: u64,
    },
    /// A name or key is not UTF-8.
    #[error("{0} is not UTF-8")]
    Text(&'static str),
    /// A value type that is not known.
    #[error("value type {0} is not known")]
    ValueType(u32),
    /// A truth value that is neither.
    #[error("a truth value is {0}")]
    Bool(u8),
    /// Twice the same name.
    #[error("`{0}` is there twice")]
    Twice(String),
    /// A tensor that cannot be right.
    #[error("tensor `{name}`: {reason}")]
    Tensor {
        /// Its name.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A key that must be there is not, or has another type.
    #[error("the key `{0}` is missing or of another type")]
    Key(String),
    /// A value outside what can be.
    #[error("`{key}` is {value}, which cannot be")]
    Range {
        /// Which key.
        key: String,
        /// Its value.
        value: String,
    },
    /// The system failed to read.
    #[error("it cannot be read")]
    Io(#[source] std::io::Error),
}

/// Where the bytes are.
#[derive(Clone)]
enum Bytes {
    Static(&'static [u8]),
    Shared(Arc<[u8]>),
    File {
        path: PathBuf,
        file: Arc<Mutex<File>>,
    },
}

/// A checked GGUF file. Tensor data is read when asked for.
#[derive(Clone)]
pub struct Gguf {
    bytes: Bytes,
    len: u64,
    metadata: Metadata,
    tensors: Vec<TensorInfo>,
}

impl std::fmt::Debug for Gguf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Gguf({} bytes, {} tensors)",
            self.len,
            self.tensors.len()
        )
    }
}

impl Gguf {
    /// Reads the head of a file in the program itself.
    ///
    /// # Errors
    /// When the file is not valid.
    pub fn from_static(bytes: &'static [u8]) -> Result<Self, GgufError> {
        Self::read_head(Bytes::Static(bytes), bytes.len() as u64, Cursor::new(bytes))
    }

    /// Reads the head of a file in memory.
    ///
    /// # Errors
    /// When the file is not valid.
    pub fn from_shared(bytes: Arc<[u8]>) -> Result<Self, GgufError> {
        let len = bytes.len() as u64;
        Self::read_head(Bytes::Shared(Arc::clone(&bytes)), len, Cursor::new(bytes))
    }

    /// Reads the head of a file on disk.
    ///
    /// # Errors
    /// When the file cannot be read or is not valid.
    pub fn open(path: &Path) -> Result<Self, GgufError> {
        let file = File::open(path).map_err(GgufError::Io)?;
        let about = file.metadata().map_err(GgufError::Io)?;
        if !about.is_file() {
            return Err(GgufError::Io(std::io::Error::other(
                "it is not a regular file",
            )));
        }
        let again = file.try_clone().map_err(GgufError::Io)?;
        let bytes = Bytes::File {
            path: path.to_owned(),
            file: Arc::new(Mutex::new(file)),
        };
        Self::read_head(bytes, about.len(), BufReader::with_capacity(1 << 16, again))
    }

    fn read_head(bytes: Bytes, len: u64, source: impl Read) -> Result<Self, GgufError> {
        let (metadata, tensors) = reader::head(source, len)?;
        Ok(Self {
            bytes,
            len,
            metadata,
            tensors,
        })
    }

    /// The metadata.
    #[must_use]
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// All tensors, in the file's order.
    #[must_use]
    pub fn tensors(&self) -> &[TensorInfo] {
        &self.tensors
    }

    /// One tensor by name.
    #[must_use]
    pub fn tensor(&self, name: &str) -> Option<&TensorInfo> {
        self.tensors.iter().find(|tensor| tensor.name == name)
    }

    /// Bytes of the whole file.
    #[must_use]
    pub fn len_bytes(&self) -> u64 {
        self.len
    }

    /// The file's path, if it is on disk.
    pub(crate) fn path(&self) -> Option<&Path> {
        match &self.bytes {
            Bytes::File { path, .. } => Some(path),
            Bytes::Static(_) | Bytes::Shared(_) => None,
        }
    }

    /// The whole file, if it is in memory.
    #[cfg(feature = "llama-cpp")]
    pub(crate) fn in_memory(&self) -> Option<&[u8]> {
        match &self.bytes {
            Bytes::Static(bytes) => Some(bytes),
            Bytes::Shared(bytes) => Some(bytes),
            Bytes::File { .. } => None,
        }
    }

    /// The bytes of one tensor.
    ///
    /// # Errors
    /// When the file cannot be read any more.
    pub fn data(&self, tensor: &TensorInfo) -> Result<Vec<u8>, GgufError> {
        let len =
            usize::try_from(tensor.len_bytes).map_err(|_| GgufError::Truncated("a tensor"))?;
        match &self.bytes {
            Bytes::Static(bytes) => slice(bytes, tensor.offset, len).map(<[u8]>::to_vec),
            Bytes::Shared(bytes) => slice(bytes, tensor.offset, len).map(<[u8]>::to_vec),
            Bytes::File { file, .. } => {
                let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
                file.seek(SeekFrom::Start(tensor.offset))
                    .map_err(GgufError::Io)?;
                let mut data = vec![0; len];
                file.read_exact(&mut data).map_err(GgufError::Io)?;
                Ok(data)
            }
        }
    }

    /// The SHA-256 of the whole file, lower-case hexadecimal.
    ///
    /// # Errors
    /// When the file cannot be read any more.
    pub fn sha256(&self) -> Result<String, GgufError> {
        let mut hash = Sha256::new();
        match &self.bytes {
            Bytes::Static(bytes) => hash.update(bytes),
            Bytes::Shared(bytes) => hash.update(bytes),
            Bytes::File { file, .. } => {
                let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
                file.seek(SeekFrom::Start(0)).map_err(GgufError::Io)?;
                hash_all(&mut file, &mut hash)?;
            }
        }
        Ok(hex(&hash.finalize()))
    }
}

fn slice(bytes: &[u8], offset: u64, len: usize) -> Result<&[u8], GgufError> {
    usize::try_from(offset)
        .ok()
        .and_then(|start| bytes.get(start..start.checked_add(len)?))
        .ok_or(GgufError::Truncated("a tensor"))
}

fn hash_all(file: &mut File, hash: &mut Sha256) -> Result<(), GgufError> {
    let mut buffer = vec![0; 1 << 18];
    loop {
        match file.read(&mut buffer).map_err(GgufError::Io)? {
            0 => return Ok(()),
            n => hash.update(&buffer[..n]),
        }
    }
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}
