//! What the cloud signs of an account, and the device keeps.

use alloc::vec::Vec;

use super::{Account, Book};
use crate::chain::ChainHead;
use crate::id::UserId;
use crate::money::NanoUsd;
use crate::time::Timestamp;

/// Begins what is signed, so that the signature means nothing elsewhere.
const LABEL: &[u8] = b"synesis receipt 1\0";

/// A promise that the history of an account ended so at that time. Two that differ at the same
/// sequence, or one that goes back, show that the history was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Whose account.
    pub account: UserId,
    /// Where its history ended.
    pub head: ChainHead,
    /// What calls were charged beyond credit since the account began.
    pub charged: NanoUsd,
    /// What credit was left.
    pub credit: NanoUsd,
    /// When, by the cloud's clock.
    pub at: Timestamp,
}

impl Receipt {
    /// Of an account whose history ends at `head`.
    #[must_use]
    pub fn of(account: &Account, head: ChainHead, at: Timestamp) -> Self {
        Self {
            account: account.user(),
            head,
            charged: account.books().balance(Book::Receivable),
            credit: account.credit(),
            at,
        }
    }

    /// What is signed: a label and a zero byte, the account's 16 bytes, the sequence, the head's 32
    /// bytes, and the two amounts and the time. Numbers are 8 bytes, most significant first.
    #[must_use]
    pub fn signed_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(LABEL.len() + 80);
        bytes.extend_from_slice(LABEL);
        bytes.extend_from_slice(self.account.as_bytes());
        bytes.extend_from_slice(&self.head.sequence.to_be_bytes());
        bytes.extend_from_slice(self.head.hash.as_bytes());
        bytes.extend_from_slice(&self.charged.get().to_be_bytes());
        bytes.extend_from_slice(&self.credit.get().to_be_bytes());
        bytes.extend_from_slice(&self.at.as_millis().to_be_bytes());
        bytes
    }

    /// Whether this account, with its history at this head, is what was promised. Only a head of
    /// the same sequence can be compared.
    #[must_use]
    pub fn matches(&self, account: &Account, head: ChainHead) -> bool {
        *self == Self::of(account, head, self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECEIPT: Receipt = Receipt {
        account: UserId::from_bytes([7; 16]),
        head: ChainHead::EMPTY,
        charged: NanoUsd::new(1),
        credit: NanoUsd::new(2),
        at: Timestamp::from_millis(3),
    };

    #[test]
    fn every_field_is_signed() {
        let head = ChainHead::EMPTY.after(b"x");
        let others = [
            Receipt {
                account: UserId::from_bytes([8; 16]),
                ..RECEIPT
            },
            Receipt { head, ..RECEIPT },
            Receipt {
                head: ChainHead {
                    sequence: 1,
                    ..ChainHead::EMPTY
                },
                ..RECEIPT
            },
            Receipt {
                charged: NanoUsd::new(-1),
                ..RECEIPT
            },
            Receipt {
                credit: NanoUsd::new(-2),
                ..RECEIPT
            },
            Receipt {
                at: Timestamp::from_millis(4),
                ..RECEIPT
            },
        ];
        let signed = RECEIPT.signed_bytes();
        assert_eq!(signed.len(), LABEL.len() + 80);
        for other in others {
            assert_ne!(other.signed_bytes(), signed, "{other:?}");
        }
    }

    #[test]
    fn only_the_same_history_matches() {
        let account = Account::new(UserId::from_bytes([7; 16]));
        let receipt = Receipt::of(&account, ChainHead::EMPTY, Timestamp::from_millis(3));
        assert!(receipt.matches(&account, ChainHead::EMPTY));
        assert!(!receipt.matches(&account, ChainHead::EMPTY.after(b"x")));
        let other = Account::new(UserId::from_bytes([8; 16]));
        assert!(!receipt.matches(&other, ChainHead::EMPTY));
    }
}
