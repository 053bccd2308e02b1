//! The key that signs receipts: what the ledger of an account came to, for the device to keep.

use std::io;
use std::path::{Path, PathBuf};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use synesis_domain::account::Receipt;
use synesis_wire::proto;
use zeroize::Zeroizing;

use crate::files;

/// Beside the authority's key: servers that share one share the other.
const FILE: &str = "receipts.key";

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum ReceiptKeyError {
    /// The file cannot be read or written.
    #[error("failed to use {}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The file holds something else.
    #[error("{} holds no Ed25519 key", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// The system gives no random numbers.
    #[error("the system gives no random numbers")]
    Random,
}

/// Signs receipts.
pub(crate) struct ReceiptKey(Ed25519KeyPair);

impl ReceiptKey {
    /// The key of a data folder, made where there is none. Its public half is what devices pin, so a
    /// key that is there is never replaced.
    pub(crate) fn open_or_create(folder: &Path) -> Result<Self, ReceiptKeyError> {
        let path = folder.join(FILE);
        let failed = |source| ReceiptKeyError::File {
            path: path.clone(),
            source,
        };
        let damaged = || ReceiptKeyError::Damaged { path: path.clone() };
        let stored = match files::read_if_there(&path).map_err(failed)? {
            Some(stored) => Zeroizing::new(stored),
            None => {
                let made = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new())
                    .map_err(|_| ReceiptKeyError::Random)?;
                files::write_private(&path, made.as_ref()).map_err(failed)?;
                Zeroizing::new(made.as_ref().to_vec())
            }
        };
        let pair = Ed25519KeyPair::from_pkcs8(&stored).map_err(|_| damaged())?;
        Ok(Self(pair))
    }

    /// The receipt with its signature, as it goes over the wire.
    pub(crate) fn sign(&self, receipt: &Receipt) -> proto::Receipt {
        let signature = self.0.sign(&receipt.signed_bytes());
        proto::Receipt {
            account: receipt.account.as_bytes().to_vec().into(),
            sequence: receipt.head.sequence,
            head: receipt.head.hash.as_bytes().to_vec().into(),
            charged_nano_usd: receipt.charged.get(),
            credit_nano_usd: receipt.credit.get(),
            at: receipt.at.as_millis(),
            signature: signature.as_ref().to_vec().into(),
            key: self.0.public_key().as_ref().to_vec().into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
    use synesis_domain::{ChainHead, NanoUsd, Timestamp, UserId};

    use super::*;

    #[test]
    fn a_receipt_is_signed_by_the_key_that_it_names_and_the_key_stays() {
        let folder = tempfile::tempdir().unwrap();
        let receipt = Receipt {
            account: UserId::from_bytes([7; 16]),
            head: ChainHead::EMPTY.after(b"x"),
            charged: NanoUsd::new(1),
            credit: NanoUsd::new(2),
            at: Timestamp::from_millis(3),
        };
        let first = ReceiptKey::open_or_create(folder.path()).unwrap();
        let signed = first.sign(&receipt);
        let again = ReceiptKey::open_or_create(folder.path()).unwrap();
        assert_eq!(again.sign(&receipt), signed);
        let key = UnparsedPublicKey::new(&ED25519, &signed.key);
        key.verify(&receipt.signed_bytes(), &signed.signature)
            .unwrap();
    }

    #[test]
    fn a_damaged_key_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE), b"x").unwrap();
        assert!(matches!(
            ReceiptKey::open_or_create(folder.path()),
            Err(ReceiptKeyError::Damaged { .. })
        ));
    }
}
