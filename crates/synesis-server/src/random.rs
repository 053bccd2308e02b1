//! Randomness from the system, and secrets made of it.

use sha2::{Digest as _, Sha256};

/// A new UUID of version 4.
pub(crate) fn uuid() -> Result<[u8; 16], getrandom::Error> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes)?;
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    Ok(bytes)
}

/// A secret of 256 bits, and the hash under which it is kept.
#[derive(Clone)]
pub(crate) struct Secret {
    /// In hexadecimal, behind the prefix that it was made with.
    pub(crate) text: String,
    /// The SHA-256 of the text.
    pub(crate) hash: [u8; 32],
}

impl Secret {
    /// A new secret whose text begins with `prefix`.
    pub(crate) fn new(prefix: &str) -> Result<Self, getrandom::Error> {
        let mut text = String::from(prefix);
        for byte in bytes::<32>()? {
            text.push_str(&format!("{byte:02x}"));
        }
        let hash = hash(&text);
        Ok(Self { text, hash })
    }
}

/// Random bytes.
pub(crate) fn bytes<const N: usize>() -> Result<[u8; N], getrandom::Error> {
    let mut bytes = [0_u8; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

/// The hash under which a secret's text is kept.
pub(crate) fn hash(text: &str) -> [u8; 32] {
    Sha256::digest(text.trim().as_bytes()).into()
}
