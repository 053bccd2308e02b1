//! The ledger on disk: its states, and two processes at once.

use std::process::Command;

use synesis_cloud::{LedgerError, LocalLedger, Opening, Period, Settlement};
use synesis_domain::{ModelName, NanoUsd, RequestId, Timestamp, TokenUsage};
use synesis_wire::proto::CloudModel;

use crate::world::id;

const DAY_MS: i64 = 86_400_000;
const CALLS: u64 = 40;

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn opening(request_id: RequestId) -> Opening {
    Opening {
        request_id,
        at: at(1_000),
        model: CloudModel::Auto,
        session: None,
        project: None,
        account: None,
    }
}

fn settlement(request_id: RequestId, millis: i64, model: &str, cost: i64) -> Settlement {
    Settlement {
        request_id,
        at: at(millis),
        model: ModelName::new(model).ok(),
        usage: TokenUsage::new(10, 0, 5),
        cost: NanoUsd::new(cost),
    }
}

#[test]
fn settling_twice_counts_once_and_other_figures_are_refused() {
    let ledger = LocalLedger::in_memory().unwrap();
    ledger.open_call(&opening(id(1))).unwrap();
    ledger.open_call(&opening(id(1))).unwrap();
    assert_eq!(ledger.open_calls(10).unwrap(), [(id(1), at(1_000))]);
    let settled = settlement(id(1), 2_000, "m", 700);
    ledger.settle(&settled).unwrap();
    ledger.settle(&settled).unwrap();
    let other = settlement(id(1), 2_000, "m", 701);
    assert!(matches!(
        ledger.settle(&other),
        Err(LedgerError::Conflict { .. })
    ));
    ledger.release(id(1), at(3_000)).unwrap();
    ledger.open_call(&opening(id(1))).unwrap();
    let totals = ledger.totals(Period::ALL).unwrap();
    assert_eq!((totals.calls, totals.cost.get()), (1, 700));
    assert!(ledger.open_calls(10).unwrap().is_empty());
}

#[test]
fn released_costs_nothing_and_a_late_charge_still_counts() {
    let ledger = LocalLedger::in_memory().unwrap();
    ledger.open_call(&opening(id(1))).unwrap();
    ledger.release(id(1), at(2_000)).unwrap();
    assert_eq!(ledger.totals(Period::ALL).unwrap().calls, 0);
    assert!(ledger.open_calls(10).unwrap().is_empty());
    ledger.settle(&settlement(id(1), 3_000, "m", 5)).unwrap();
    assert_eq!(ledger.totals(Period::ALL).unwrap().cost.get(), 5);
}

#[test]
fn totals_are_exact_by_period_day_and_model() {
    let ledger = LocalLedger::in_memory().unwrap();
    let rows = [
        (1, 5, "a", 1),
        (2, DAY_MS - 1, "b", 20),
        (3, DAY_MS, "a", 300),
        (4, 2 * DAY_MS, "a", i64::MAX / 2),
    ];
    for (number, millis, model, cost) in rows {
        ledger
            .settle(&settlement(id(number), millis, model, cost))
            .unwrap();
    }
    let two_days = Period::days(2, at(DAY_MS + 7));
    assert_eq!(ledger.totals(two_days).unwrap().cost.get(), 321);
    let by_day = ledger.totals_by_day(two_days).unwrap();
    let by_day: Vec<_> = by_day
        .iter()
        .map(|d| (d.day.as_str(), d.totals.cost.get()))
        .collect();
    assert_eq!(by_day, [("1970-01-01", 21), ("1970-01-02", 300)]);
    let by_model = ledger.totals_by_model(Period::ALL).unwrap();
    let by_model: Vec<_> = by_model
        .iter()
        .map(|m| (m.model.as_str(), m.totals.calls))
        .collect();
    assert_eq!(by_model, [("a", 3), ("b", 1)]);
}

#[test]
fn ledger_of_a_newer_version_and_a_file_that_is_none_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    drop(LocalLedger::open(&path).unwrap());
    rusqlite::Connection::open(&path)
        .unwrap()
        .pragma_update(None, "user_version", 99)
        .unwrap();
    assert!(matches!(
        LocalLedger::open(&path),
        Err(LedgerError::Newer {
            found: 99,
            known: 2
        })
    ));
    let text = folder.path().join("notes.txt");
    std::fs::write(&text, "x".repeat(2000)).unwrap();
    assert!(matches!(
        LocalLedger::open(&text),
        Err(LedgerError::Open { .. })
    ));
    let nowhere = folder.path().join("no/such/folder/ledger.db");
    assert!(matches!(
        LocalLedger::open(&nowhere),
        Err(LedgerError::Open { .. })
    ));
}

fn write_calls(path: &std::path::Path, first: u64) {
    let ledger = LocalLedger::open(path).unwrap();
    for number in first..first + CALLS {
        ledger.open_call(&opening(id(number))).unwrap();
        ledger
            .settle(&settlement(id(number), 2_000, "m", 1))
            .unwrap();
    }
}

/// The other process of the next test.
#[test]
#[ignore = "started by two_processes_write_one_ledger"]
fn other_process() {
    let path = std::env::var_os("SYNESIS_TEST_LEDGER").unwrap();
    write_calls(path.as_ref(), 1_000);
}

#[test]
fn two_processes_write_one_ledger() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let mut other = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "ledgers::other_process", "--ignored", "--quiet"])
        .env("SYNESIS_TEST_LEDGER", &path)
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    write_calls(&path, 1);
    assert!(other.wait().unwrap().success());
    let totals = LocalLedger::open(&path)
        .unwrap()
        .totals(Period::ALL)
        .unwrap();
    assert_eq!((totals.calls, totals.cost.get()), (2 * CALLS, 80));
}
