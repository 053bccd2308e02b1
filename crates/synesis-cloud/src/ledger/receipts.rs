//! What the cloud signed: the last receipts, the key of the first, and what was wrong.

use prost::Message as _;
use rusqlite::{OptionalExtension, Row, Transaction, TransactionBehavior, named_params, params};
use synesis_domain::account::Receipt;
use synesis_domain::{ChainHead, Digest, NanoUsd, Timestamp, UserId};
use synesis_wire::proto;

use super::{LedgerError, LocalLedger};
use crate::limits::{ALARMS_MAX, RECEIPT_SLACK_MS, RECEIPTS_MAX};
use crate::receipt::{AlarmKind, ReceiptAlarm, SignedReceipt};

/// What is wrong with a receipt, and the one that it contradicts.
struct Wrong {
    kind: AlarmKind,
    earlier: Option<SignedReceipt>,
}

impl Wrong {
    const fn alone(kind: AlarmKind) -> Self {
        Self {
            kind,
            earlier: None,
        }
    }
}

impl LocalLedger {
    /// Checks a receipt against all that were kept, and keeps it. The first receipt of an account
    /// pins the key of its signature. Gives the alarm, where there is one; that is kept too.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub fn keep_receipt(
        &self,
        account: Option<UserId>,
        told: &proto::Receipt,
        now: Timestamp,
    ) -> Result<Option<ReceiptAlarm>, LedgerError> {
        let read = SignedReceipt::read(told);
        let genuine = read.filter(SignedReceipt::is_genuine);
        let account = account
            .or(read.map(|read| read.receipt.account))
            .unwrap_or(UserId::from_bytes([0; 16]));
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let wrong = match (read, genuine) {
            (None, _) => Some(Wrong::alone(AlarmKind::Malformed)),
            (Some(_), None) => Some(Wrong::alone(AlarmKind::Forged)),
            (_, Some(read)) if read.receipt.account != account => {
                Some(Wrong::alone(AlarmKind::OtherAccount))
            }
            (_, Some(read)) if pinned_key(&transaction, &read)? != read.key => {
                Some(Wrong::alone(AlarmKind::OtherKey))
            }
            (_, Some(read)) => {
                let wrong = contradicted(&transaction, &read.receipt)?;
                keep(&transaction, &read)?;
                wrong
            }
        };
        let alarm = match wrong {
            None => None,
            Some(wrong) => Some(alarm(&transaction, account, told, &wrong, now)?),
        };
        transaction.commit()?;
        Ok(alarm)
    }

    /// The receipts of an account that are kept, from the shortest history to the longest.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn receipts(&self, account: UserId) -> Result<Vec<SignedReceipt>, LedgerError> {
        let connection = self.lock();
        let mut statement = connection.prepare_cached(&format!(
            "SELECT {RECEIPT} FROM receipts WHERE account = ?1 ORDER BY sequence, at"
        ))?;
        let rows = statement.query_map([account.to_string()], signed)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// What was wrong with receipts of an account, oldest first.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn alarms(&self, account: UserId) -> Result<Vec<ReceiptAlarm>, LedgerError> {
        let connection = self.lock();
        let mut statement = connection.prepare_cached(
            "SELECT kind, sequence, found_at, earlier FROM alarms WHERE account = ?1
             ORDER BY number",
        )?;
        let mut rows = statement.query([account.to_string()])?;
        let mut alarms = Vec::new();
        while let Some(row) = rows.next()? {
            let kind: String = row.get(0)?;
            let earlier: Option<Vec<u8>> = row.get(3)?;
            let earlier = earlier
                .map(|bytes| proto::Receipt::decode(bytes.as_slice()))
                .transpose()
                .map_err(|_| LedgerError::Damaged("a receipt in an alarm is none"))?;
            alarms.push(ReceiptAlarm {
                kind: AlarmKind::of_name(&kind)
                    .ok_or(LedgerError::Damaged("an alarm is of no kind"))?,
                sequence: row.get::<_, i64>(1)?.cast_unsigned(),
                found_at: Timestamp::from_millis(row.get(2)?),
                earlier: earlier.map(|receipt| receipt.sequence),
            });
        }
        Ok(alarms)
    }
}

/// The key that signs for this account: that of the first receipt.
fn pinned_key(
    transaction: &Transaction<'_>,
    read: &SignedReceipt,
) -> Result<[u8; 32], LedgerError> {
    let account = read.receipt.account.to_string();
    transaction.execute(
        "INSERT INTO receipt_keys (account, key) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
        params![account, read.key],
    )?;
    Ok(transaction.query_row(
        "SELECT key FROM receipt_keys WHERE account = ?1",
        [account],
        |row| row.get(0),
    )?)
}

/// The kept receipt that cannot be true together with this one.
///
/// Of two receipts the later one covers the longer history. Times count from a few seconds of
/// difference on: answers that were under way at once may be signed in another order, and a cloud
/// of several servers has several clocks.
fn contradicted(
    transaction: &Transaction<'_>,
    new: &Receipt,
) -> Result<Option<Wrong>, LedgerError> {
    let sql = format!(
        "SELECT {RECEIPT} FROM receipts WHERE account = :account AND (
           sequence = :sequence AND (head <> :head OR charged_nano_usd <> :charged
             OR credit_nano_usd <> :credit)
           OR sequence > :sequence AND at < :before
           OR sequence < :sequence AND at > :after)
         ORDER BY sequence <> :sequence, sequence DESC LIMIT 1"
    );
    let at = new.at.as_millis();
    let found = transaction
        .prepare_cached(&sql)?
        .query_row(
            named_params! {
                ":account": new.account.to_string(),
                ":sequence": new.head.sequence.cast_signed(),
                ":head": new.head.hash.as_bytes(),
                ":charged": new.charged.get(),
                ":credit": new.credit.get(),
                ":before": at.saturating_sub(RECEIPT_SLACK_MS),
                ":after": at.saturating_add(RECEIPT_SLACK_MS),
            },
            signed,
        )
        .optional()?;
    Ok(found.map(|earlier| Wrong {
        kind: if earlier.receipt.head.sequence == new.head.sequence {
            AlarmKind::Forked
        } else {
            AlarmKind::WentBack
        },
        earlier: Some(earlier),
    }))
}

fn keep(transaction: &Transaction<'_>, read: &SignedReceipt) -> Result<(), LedgerError> {
    let Receipt {
        account,
        head,
        charged,
        credit,
        at,
    } = read.receipt;
    transaction
        .prepare_cached(
            "INSERT INTO receipts (account, sequence, head, charged_nano_usd, credit_nano_usd, at,
               signature, key)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            account.to_string(),
            head.sequence.cast_signed(),
            head.hash.as_bytes(),
            charged.get(),
            credit.get(),
            at.as_millis(),
            read.signature,
            read.key,
        ])?;
    transaction
        .prepare_cached(
            "DELETE FROM receipts WHERE number <= (SELECT MAX(number) FROM receipts) - ?1",
        )?
        .execute([RECEIPTS_MAX])?;
    Ok(())
}

/// Keeps an alarm with its evidence. The same again is not kept again, and neither is what comes
/// after so many that nobody would read it.
fn alarm(
    transaction: &Transaction<'_>,
    account: UserId,
    told: &proto::Receipt,
    wrong: &Wrong,
    now: Timestamp,
) -> Result<ReceiptAlarm, LedgerError> {
    let earlier = wrong.earlier.map(SignedReceipt::to_wire);
    // One that is too large for the column says so by its evidence.
    let sequence = i64::try_from(told.sequence).unwrap_or(i64::MAX);
    transaction.execute(
        "INSERT INTO alarms (account, kind, sequence, found_at, receipt, earlier)
         SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE (SELECT COUNT(*) FROM alarms) < ?7
         ON CONFLICT DO NOTHING",
        params![
            account.to_string(),
            wrong.kind.name(),
            sequence,
            now.as_millis(),
            told.encode_to_vec(),
            earlier.as_ref().map(prost::Message::encode_to_vec),
            ALARMS_MAX,
        ],
    )?;
    Ok(ReceiptAlarm {
        kind: wrong.kind,
        sequence: told.sequence,
        earlier: earlier.map(|receipt| receipt.sequence),
        found_at: now,
    })
}

const RECEIPT: &str =
    "account, sequence, head, charged_nano_usd, credit_nano_usd, at, signature, key";

/// The columns of [`RECEIPT`].
fn signed(row: &Row<'_>) -> rusqlite::Result<SignedReceipt> {
    let account: String = row.get(0)?;
    let account = account.parse().map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, Box::new(error))
    })?;
    Ok(SignedReceipt {
        receipt: Receipt {
            account,
            head: ChainHead {
                sequence: row.get::<_, i64>(1)?.cast_unsigned(),
                hash: Digest::from_bytes(row.get(2)?),
            },
            charged: NanoUsd::new(row.get(3)?),
            credit: NanoUsd::new(row.get(4)?),
            at: Timestamp::from_millis(row.get(5)?),
        },
        signature: row.get(6)?,
        key: row.get(7)?,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::receipt::tests::{Signer, receipt};

    const NOW: Timestamp = Timestamp::from_millis(1);

    fn account() -> Option<UserId> {
        Some(UserId::from_bytes([7; 16]))
    }

    struct Device {
        ledger: LocalLedger,
        signer: Signer,
    }

    impl Device {
        fn new() -> Self {
            Self {
                ledger: LocalLedger::in_memory().unwrap(),
                signer: Signer::new(),
            }
        }

        fn keep(&self, told: &proto::Receipt) -> Option<AlarmKind> {
            let alarm = self.ledger.keep_receipt(account(), told, NOW).unwrap();
            alarm.map(|alarm| alarm.kind)
        }

        fn take(&self, receipt: Receipt) -> Option<AlarmKind> {
            self.keep(&self.signer.sign(receipt))
        }

        fn kept(&self) -> usize {
            self.ledger.receipts(account().unwrap()).unwrap().len()
        }
    }

    #[test]
    fn honest_receipts_are_kept_and_raise_nothing() {
        let device = Device::new();
        for (sequence, at) in [(0, 0), (1, 100), (1, 200), (5, 10_000), (6, 20_000)] {
            assert_eq!(device.take(receipt(sequence, at)), None);
            assert_eq!(device.take(receipt(sequence, at)), None);
        }
        assert_eq!(device.kept(), 5);
        assert!(device.ledger.alarms(account().unwrap()).unwrap().is_empty());
    }

    #[test]
    fn forged_foreign_and_unreadable_receipts_are_alarms_and_not_believed() {
        let device = Device::new();
        assert_eq!(device.take(receipt(1, 100)), None);
        let mut changed = device.signer.sign(receipt(2, 200));
        changed.charged_nano_usd += 1;
        let other_account = Receipt {
            account: UserId::from_bytes([8; 16]),
            ..receipt(2, 200)
        };
        let other_key = Signer::new().sign(receipt(2, 200));
        let cases = [
            (proto::Receipt::default(), AlarmKind::Malformed),
            (changed, AlarmKind::Forged),
            (device.signer.sign(other_account), AlarmKind::OtherAccount),
            (other_key, AlarmKind::OtherKey),
        ];
        for (told, kind) in &cases {
            assert_eq!(device.keep(told), Some(*kind));
            assert_eq!(device.keep(told), Some(*kind));
        }
        assert_eq!(device.kept(), 1);
        let alarms = device.ledger.alarms(account().unwrap()).unwrap();
        let kinds: Vec<_> = alarms.iter().map(|alarm| alarm.kind).collect();
        assert_eq!(kinds, cases.map(|(_, kind)| kind));
        assert_eq!(
            device.take(receipt(2, 200)),
            None,
            "the pinned key still counts"
        );
    }

    #[test]
    fn history_that_goes_back_or_forks_is_an_alarm_that_names_both_receipts() {
        let device = Device::new();
        let day = 86_400_000;
        assert_eq!(device.take(receipt(10, day)), None);
        assert_eq!(device.take(receipt(9, 2 * day)), Some(AlarmKind::WentBack));
        assert_eq!(device.take(receipt(11, 0)), Some(AlarmKind::WentBack));
        let other_head = Receipt {
            head: ChainHead {
                hash: Digest::from_bytes([1; 32]),
                ..receipt(10, day).head
            },
            ..receipt(10, day)
        };
        assert_eq!(device.take(other_head), Some(AlarmKind::Forked));
        let alarms = device.ledger.alarms(account().unwrap()).unwrap();
        let pairs: Vec<_> = alarms
            .iter()
            .map(|alarm| (alarm.sequence, alarm.earlier))
            .collect();
        assert_eq!(pairs, [(9, Some(10)), (11, Some(10)), (10, Some(10))]);
        let other_sum = Receipt {
            charged: NanoUsd::new(1),
            ..receipt(20, 3 * day)
        };
        assert_eq!(device.take(receipt(20, 3 * day)), None);
        assert_eq!(device.take(other_sum), Some(AlarmKind::Forked));
    }

    #[test]
    fn answers_that_cross_on_their_way_are_no_alarm() {
        let device = Device::new();
        assert_eq!(device.take(receipt(5, 1_000)), None);
        assert_eq!(device.take(receipt(4, 1_900)), None);
        assert_eq!(device.take(receipt(6, 500)), None);
    }

    #[test]
    fn only_the_last_receipts_and_the_first_alarms_are_kept() {
        let device = Device::new();
        let count = u64::try_from(RECEIPTS_MAX).unwrap() + 10;
        let signed = SignedReceipt::read(&device.signer.sign(receipt(0, 0))).unwrap();
        let mut connection = device.ledger.lock();
        let transaction = connection.transaction().unwrap();
        for sequence in 0..count {
            let receipt = receipt(sequence, 0);
            keep(&transaction, &SignedReceipt { receipt, ..signed }).unwrap();
        }
        transaction.commit().unwrap();
        drop(connection);
        let kept = device.ledger.receipts(account().unwrap()).unwrap();
        assert_eq!(kept.len(), usize::try_from(RECEIPTS_MAX).unwrap());
        assert_eq!(kept[0].receipt.head.sequence, 10);
        for sequence in 0..2 * u64::try_from(ALARMS_MAX).unwrap() {
            let told = proto::Receipt {
                sequence,
                ..proto::Receipt::default()
            };
            assert_eq!(device.keep(&told), Some(AlarmKind::Malformed));
        }
        let alarms = device.ledger.alarms(account().unwrap()).unwrap();
        assert_eq!(alarms.len(), usize::try_from(ALARMS_MAX).unwrap());
    }

    proptest! {
        /// Whoever changes the past is noticed, whichever of two receipts comes first.
        #[test]
        fn two_receipts_agree_exactly_where_the_longer_one_is_not_the_older(
            a in 0_u64..50, b in 0_u64..50, at_a in 0_i64..1_000, at_b in 0_i64..1_000,
        ) {
            let minute = 60_000;
            let device = Device::new();
            device.take(receipt(a, at_a * minute));
            let alarm = device.take(receipt(b, at_b * minute));
            let backwards = (a < b && at_a > at_b) || (a > b && at_a < at_b);
            prop_assert_eq!(alarm, backwards.then_some(AlarmKind::WentBack));
        }
    }
}
