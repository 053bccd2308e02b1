//! What the cloud signs of the account: read and checked, and compared with what it signed before.
//!
//! Every receipt that arrives is kept in the ledger. What is wrong with one is an alarm: it is kept
//! too, and shown, but it never costs the answer that the receipt came with.

use std::fmt;

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use bytes::Bytes;
use synesis_domain::account::Receipt;
use synesis_domain::{ChainHead, Digest, NanoUsd, Timestamp, UserId};
use synesis_wire::proto;

use crate::billing::in_ledger;
use crate::ledger::LocalLedger;
use crate::supervisor::wall_clock;
use crate::tunnel::CloudTunnel;

/// A receipt with its signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct SignedReceipt {
    /// What is promised.
    pub receipt: Receipt,
    /// Ed25519 over [`Receipt::signed_bytes`].
    pub signature: [u8; 64],
    /// The public key of the signature.
    pub key: [u8; 32],
}

impl SignedReceipt {
    /// Reads a receipt; `None` where a field has another length than it must have.
    #[must_use]
    pub fn read(told: &proto::Receipt) -> Option<Self> {
        // The ledger counts in signed numbers; no history is as long.
        i64::try_from(told.sequence).ok()?;
        Some(Self {
            receipt: Receipt {
                account: UserId::from_bytes(told.account.as_ref().try_into().ok()?),
                head: ChainHead {
                    sequence: told.sequence,
                    hash: Digest::from_bytes(told.head.as_ref().try_into().ok()?),
                },
                charged: NanoUsd::new(told.charged_nano_usd),
                credit: NanoUsd::new(told.credit_nano_usd),
                at: Timestamp::from_millis(told.at),
            },
            signature: told.signature.as_ref().try_into().ok()?,
            key: told.key.as_ref().try_into().ok()?,
        })
    }

    /// Whether the key signed this.
    #[must_use]
    pub fn is_genuine(&self) -> bool {
        UnparsedPublicKey::new(&ED25519, self.key)
            .verify(&self.receipt.signed_bytes(), &self.signature)
            .is_ok()
    }

    pub(crate) fn to_wire(self) -> proto::Receipt {
        let Receipt {
            account,
            head,
            charged,
            credit,
            at,
        } = self.receipt;
        proto::Receipt {
            account: Bytes::copy_from_slice(account.as_bytes()),
            sequence: head.sequence,
            head: Bytes::copy_from_slice(head.hash.as_bytes()),
            charged_nano_usd: charged.get(),
            credit_nano_usd: credit.get(),
            at: at.as_millis(),
            signature: Bytes::copy_from_slice(&self.signature),
            key: Bytes::copy_from_slice(&self.key),
        }
    }
}

/// What is wrong with a receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum AlarmKind {
    /// A field has another length than it must have.
    Malformed,
    /// The signature does not fit.
    Forged,
    /// It is about another account than this device's.
    OtherAccount,
    /// Another key signed it than the first that this device saw.
    OtherKey,
    /// The history was longer before.
    WentBack,
    /// The history of this length ended otherwise before.
    Forked,
}

impl AlarmKind {
    const ALL: [Self; 6] = [
        Self::Malformed,
        Self::Forged,
        Self::OtherAccount,
        Self::OtherKey,
        Self::WentBack,
        Self::Forked,
    ];

    /// The name in the ledger and in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Forged => "forged",
            Self::OtherAccount => "other-account",
            Self::OtherKey => "other-key",
            Self::WentBack => "went-back",
            Self::Forked => "forked",
        }
    }

    pub(crate) fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// A receipt that contradicts what this device knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReceiptAlarm {
    /// What is wrong.
    pub kind: AlarmKind,
    /// How many events the history had by the receipt.
    pub sequence: u64,
    /// How many it had by the receipt that is contradicted, where one is.
    pub earlier: Option<u64>,
    /// When this device noticed.
    pub found_at: Timestamp,
}

impl fmt::Display for ReceiptAlarm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sequence = self.sequence;
        match self.kind {
            AlarmKind::Malformed => f.write_str("the cloud sent a receipt that cannot be read"),
            AlarmKind::Forged => write!(
                f,
                "the signature of the cloud's receipt over {sequence} events does not fit"
            ),
            AlarmKind::OtherAccount => {
                f.write_str("the cloud sent a receipt of another account than this device's")
            }
            AlarmKind::OtherKey => write!(
                f,
                "the cloud's receipt over {sequence} events was signed by another key than before"
            ),
            AlarmKind::WentBack => write!(
                f,
                "the cloud's history went back: receipts over {} and {sequence} events were given \
                 in the wrong order",
                self.earlier.unwrap_or(sequence)
            ),
            AlarmKind::Forked => write!(
                f,
                "the cloud gave two different receipts over the same {sequence} events"
            ),
        }
    }
}

/// Checks a receipt that came with an answer and keeps it. What is wrong is logged and kept.
pub(crate) async fn keep(tunnel: &CloudTunnel, ledger: &LocalLedger, told: Option<proto::Receipt>) {
    let Some(told) = told else { return };
    let account = tunnel.config().account;
    let kept = in_ledger(ledger, move |ledger| {
        ledger.keep_receipt(account, &told, wall_clock())
    });
    match kept.await {
        Ok(None) => {}
        Ok(Some(alarm)) => {
            tracing::warn!(%alarm, kind = alarm.kind.name(), "a receipt of the cloud is wrong");
        }
        Err(error) => tracing::warn!(?error, "the ledger did not take a receipt"),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use aws_lc_rs::rand::SystemRandom;
    use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
    use proptest::prelude::*;

    use super::*;

    pub(crate) struct Signer(Ed25519KeyPair);

    impl Signer {
        pub(crate) fn new() -> Self {
            let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
            Self(Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).unwrap())
        }

        pub(crate) fn sign(&self, receipt: Receipt) -> proto::Receipt {
            let signature = self.0.sign(&receipt.signed_bytes());
            SignedReceipt {
                receipt,
                signature: signature.as_ref().try_into().unwrap(),
                key: self.0.public_key().as_ref().try_into().unwrap(),
            }
            .to_wire()
        }
    }

    pub(crate) fn receipt(sequence: u64, at: i64) -> Receipt {
        Receipt {
            account: UserId::from_bytes([7; 16]),
            head: ChainHead {
                sequence,
                hash: Digest::of_parts([sequence.to_be_bytes().as_slice()]),
            },
            charged: NanoUsd::new(sequence.cast_signed() * 10),
            credit: NanoUsd::ZERO,
            at: Timestamp::from_millis(at),
        }
    }

    #[test]
    fn a_field_of_another_length_is_no_receipt() {
        let good = Signer::new().sign(receipt(3, 5));
        assert!(SignedReceipt::read(&good).unwrap().is_genuine());
        let short = |bytes: &Bytes| bytes.slice(1..);
        let bad = [
            proto::Receipt {
                account: short(&good.account),
                ..good.clone()
            },
            proto::Receipt {
                head: short(&good.head),
                ..good.clone()
            },
            proto::Receipt {
                signature: short(&good.signature),
                ..good.clone()
            },
            proto::Receipt {
                key: short(&good.key),
                ..good.clone()
            },
            proto::Receipt {
                sequence: u64::MAX,
                ..good.clone()
            },
            proto::Receipt::default(),
        ];
        for told in bad {
            assert_eq!(SignedReceipt::read(&told), None, "{told:?}");
        }
    }

    #[test]
    fn every_kind_of_alarm_reads_back_from_its_name() {
        for kind in AlarmKind::ALL {
            assert_eq!(AlarmKind::of_name(kind.name()), Some(kind));
        }
        assert_eq!(AlarmKind::of_name("sunspots"), None);
    }

    proptest! {
        #[test]
        fn what_is_changed_after_signing_is_not_genuine(
            sequence in 0_u64..1_000_000, at in any::<i64>(), byte in 0_usize..128, bit in 0_u8..8,
        ) {
            let told = Signer::new().sign(receipt(sequence, at));
            let read = SignedReceipt::read(&told).unwrap();
            prop_assert!(read.is_genuine());
            prop_assert_eq!(read.to_wire(), told.clone());
            let flip = |bytes: &Bytes, at: usize| {
                let mut bytes = bytes.to_vec();
                bytes[at] ^= 1 << bit;
                Bytes::from(bytes)
            };
            let changed = match byte {
                0..64 => proto::Receipt { signature: flip(&told.signature, byte), ..told },
                64..96 => proto::Receipt { head: flip(&told.head, byte - 64), ..told },
                96..112 => proto::Receipt { account: flip(&told.account, byte - 96), ..told },
                112..118 => proto::Receipt { charged_nano_usd: told.charged_nano_usd ^ 1, ..told },
                118..123 => proto::Receipt { credit_nano_usd: told.credit_nano_usd ^ 1, ..told },
                _ => proto::Receipt { sequence: told.sequence ^ 1, ..told },
            };
            prop_assert!(!SignedReceipt::read(&changed).unwrap().is_genuine());
        }
    }
}
