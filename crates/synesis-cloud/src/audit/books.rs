//! This device's calls against the cloud's, in a temporary database.

use rusqlite::{Connection, Row, params};
use synesis_domain::account::{Happened, HistoryStep};
use synesis_domain::{DeviceId, NanoUsd, RequestId, UserId};

use super::{CallSum, Finding, Findings};
use crate::ledger::{CallState, LedgerError, LocalLedger};

const TABLES: &str = "
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE here (
  request BLOB PRIMARY KEY, cost INTEGER NOT NULL, attributed INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE there (
  request BLOB PRIMARY KEY, cost INTEGER NOT NULL, own INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
";

/// A charge in the cloud's history.
pub(super) struct CloudCall {
    pub(super) request: RequestId,
    pub(super) cost: NanoUsd,
    /// None of a guest's call, which no device of the account has made.
    pub(super) device: Option<DeviceId>,
}

impl CloudCall {
    /// The charge that an event is, if it is one.
    pub(super) fn of(step: &HistoryStep) -> Option<Self> {
        let (Happened::Settled { request, entry, .. } | Happened::Recorded { request, entry, .. }) =
            &step.event.what
        else {
            return None;
        };
        let call = step.call.as_ref().filter(|call| call.guest.is_none());
        Some(Self {
            request: *request,
            cost: entry.paid(),
            device: call.map(|call| call.device),
        })
    }
}

/// What the comparison came to.
#[derive(Debug, Default)]
pub(super) struct Compared {
    pub(super) here: CallSum,
    pub(super) there: CallSum,
    pub(super) others: CallSum,
    pub(super) open: u64,
    pub(super) unattributed: CallSum,
}

/// The calls of both sides. The file of the database is nameless and gone with it.
pub(super) struct CallBooks(Connection);

impl CallBooks {
    /// With the calls of the account that are settled in this ledger now.
    pub(super) fn of_ledger(
        ledger: &LocalLedger,
        account: Option<UserId>,
    ) -> Result<Self, LedgerError> {
        let mut connection = Connection::open("")?;
        connection.execute_batch(TABLES)?;
        let transaction = connection.transaction()?;
        {
            let mut insert =
                transaction.prepare("INSERT OR IGNORE INTO here VALUES (?1, ?2, ?3)")?;
            ledger.settled_calls(account, |request, cost, attributed| {
                insert.execute(params![request.as_bytes(), cost.get(), attributed])?;
                Ok(())
            })?;
        }
        transaction.commit()?;
        Ok(Self(connection))
    }

    /// Takes in a charge of the cloud.
    pub(super) fn note(
        &mut self,
        call: &CloudCall,
        own: bool,
        findings: &mut Findings,
    ) -> Result<(), LedgerError> {
        let added = self
            .0
            .prepare_cached("INSERT OR IGNORE INTO there VALUES (?1, ?2, ?3)")?
            .execute(params![call.request.as_bytes(), call.cost.get(), own])?;
        if added == 0 {
            findings.push(Finding::ChargedAgain {
                request: call.request,
                cost: call.cost,
            });
        }
        Ok(())
    }

    /// Compares both sides to the nano-dollar. Where the history was not read to its end, calls
    /// that are not in it say nothing.
    pub(super) fn compare(
        self,
        ledger: &LocalLedger,
        whole: bool,
        findings: &mut Findings,
    ) -> Result<Compared, LedgerError> {
        let mut compared = Compared::default();
        self.each(
            "SELECT here.request, here.cost, here.attributed, there.cost
             FROM here LEFT JOIN there USING (request) ORDER BY request",
            |request, here, attributed, there| {
                match there {
                    None if !attributed => {
                        compared.unattributed.add(here);
                        return Ok(());
                    }
                    None if whole => findings.push(Finding::MissingThere {
                        request,
                        cost: here,
                    }),
                    Some(there) if there != here => findings.push(Finding::AmountDiffers {
                        request,
                        here,
                        there,
                    }),
                    _ => {}
                }
                compared.here.add(here);
                Ok(())
            },
        )?;
        self.each(
            "SELECT there.request, there.cost, there.own, here.cost
             FROM there LEFT JOIN here USING (request) ORDER BY request",
            |request, there, own, here| {
                // What this device made under an earlier id of its own is its own too.
                if !own && here.is_none() {
                    compared.others.add(there);
                    return Ok(());
                }
                compared.there.add(there);
                if here.is_some() {
                    return Ok(());
                }
                // It may have been settled here while the history was read.
                match ledger.call_state(request)? {
                    Some(CallState::Settled(here)) if here == there => compared.here.add(here),
                    Some(CallState::Settled(here)) => {
                        compared.here.add(here);
                        findings.push(Finding::AmountDiffers {
                            request,
                            here,
                            there,
                        });
                    }
                    Some(CallState::Open) => compared.open += 1,
                    Some(CallState::Released) if there == NanoUsd::ZERO => {}
                    Some(CallState::Released) | None => findings.push(Finding::MissingHere {
                        request,
                        cost: there,
                    }),
                }
                Ok(())
            },
        )?;
        Ok(compared)
    }

    /// Every row of a comparison: the call, its cost on one side, a mark, its cost on the other.
    fn each(
        &self,
        sql: &str,
        mut visit: impl FnMut(RequestId, NanoUsd, bool, Option<NanoUsd>) -> Result<(), LedgerError>,
    ) -> Result<(), LedgerError> {
        let mut statement = self.0.prepare(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (request, cost, mark, other) = compared_row(row)?;
            visit(request, cost, mark, other)?;
        }
        Ok(())
    }
}

fn compared_row(row: &Row<'_>) -> rusqlite::Result<(RequestId, NanoUsd, bool, Option<NanoUsd>)> {
    let other: Option<i64> = row.get(3)?;
    Ok((
        RequestId::from_bytes(row.get(0)?),
        NanoUsd::new(row.get(1)?),
        row.get(2)?,
        other.map(NanoUsd::new),
    ))
}

#[cfg(test)]
mod tests {
    use synesis_domain::{Timestamp, TokenUsage};
    use synesis_wire::proto::CloudModel;

    use super::*;
    use crate::ledger::{Opening, Settlement};

    const ACCOUNT: UserId = UserId::from_bytes([1; 16]);
    const OTHER: UserId = UserId::from_bytes([2; 16]);

    fn id(number: u8) -> RequestId {
        RequestId::from_bytes([number; 16])
    }

    fn open(ledger: &LocalLedger, number: u8, account: Option<UserId>) {
        let opening = Opening {
            request_id: id(number),
            at: Timestamp::from_millis(1),
            model: CloudModel::Auto,
            session: None,
            project: None,
            account,
        };
        ledger.open_call(&opening).unwrap();
    }

    fn settle(ledger: &LocalLedger, number: u8, nano: i64) {
        let settlement = Settlement {
            request_id: id(number),
            at: Timestamp::from_millis(2),
            model: None,
            usage: TokenUsage::new(1, 0, 1),
            cost: NanoUsd::new(nano),
        };
        ledger.settle(&settlement).unwrap();
    }

    fn charge(number: u8, nano: i64) -> CloudCall {
        CloudCall {
            request: id(number),
            cost: NanoUsd::new(nano),
            device: None,
        }
    }

    #[test]
    fn every_way_to_differ_is_named_and_nothing_else() {
        let ledger = LocalLedger::in_memory().unwrap();
        let mine = Some(ACCOUNT);
        for (number, account, nano) in [
            (1, mine, 10),        // the same on both sides
            (2, mine, 20),        // another amount in the cloud
            (3, mine, 30),        // not in the cloud
            (4, None, 40),        // written by version 1, not in the cloud
            (5, Some(OTHER), 50), // of another account
        ] {
            open(&ledger, number, account);
            settle(&ledger, number, nano);
        }
        let mut books = CallBooks::of_ledger(&ledger, mine).unwrap();
        let mut findings = Findings::default();
        let mut note = |number, nano, own| {
            let call = charge(number, nano);
            books.note(&call, own, &mut findings).unwrap();
        };
        note(1, 10, true);
        note(2, 21, false); // made under an earlier id of this device
        note(6, 60, true); // settled here while the history was read
        note(7, 70, true); // still open here
        note(8, 80, true); // unknown here
        note(9, 90, false); // of another device
        note(1, 10, true); // charged again
        open(&ledger, 6, mine);
        settle(&ledger, 6, 60);
        open(&ledger, 7, mine);
        let compared = books.compare(&ledger, true, &mut findings).unwrap();
        let sum = |calls, nano| CallSum {
            calls,
            cost: NanoUsd::new(nano),
        };
        assert_eq!(compared.here, sum(4, 10 + 20 + 30 + 60));
        assert_eq!(compared.there, sum(5, 10 + 21 + 60 + 70 + 80));
        assert_eq!(compared.others, sum(1, 90));
        assert_eq!(compared.unattributed, sum(1, 40));
        assert_eq!(compared.open, 1);
        let amount = NanoUsd::new;
        assert_eq!(
            findings.named(),
            [
                Finding::ChargedAgain {
                    request: id(1),
                    cost: amount(10)
                },
                Finding::AmountDiffers {
                    request: id(2),
                    here: amount(20),
                    there: amount(21)
                },
                Finding::MissingThere {
                    request: id(3),
                    cost: amount(30)
                },
                Finding::MissingHere {
                    request: id(8),
                    cost: amount(80)
                },
            ]
        );
    }

    #[test]
    fn a_history_that_was_read_in_part_makes_no_call_missing() {
        let ledger = LocalLedger::in_memory().unwrap();
        open(&ledger, 1, Some(ACCOUNT));
        settle(&ledger, 1, 10);
        let books = CallBooks::of_ledger(&ledger, Some(ACCOUNT)).unwrap();
        let mut findings = Findings::default();
        books.compare(&ledger, false, &mut findings).unwrap();
        assert_eq!(findings.total(), 0);
    }
}
