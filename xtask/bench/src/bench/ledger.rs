//! The ledger: events a second on disk, one at a time and many at once, on one hot account, what an
//! event takes on disk, and how fast a history is read again.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use synesis_domain::account::HeldCall;
use synesis_domain::{
    AccountCommand, DeviceId, Digest, ModelName, NanoUsd, Payer, RequestId, Tier, Timestamp,
    TokenUsage, UserId,
};
use synesis_server::{CloudPlace, Ledger};
use synesis_testkit::ThrowawayPostgres;

use super::plain_ledger;
use crate::error::{Doing, MeasureError};
use crate::row::{Goal, Row};

const USERS: u32 = 1_000;
/// Clients at once, where many are.
const CROWD: usize = 256;
const GROUP: usize = 64;
const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);
const CEILING: NanoUsd = NanoUsd::new(i64::MAX / 4);

/// What one load came to.
struct Load {
    per_second: f64,
    p99_ms: f64,
    events: u64,
}

pub(super) fn rows(quick: bool) -> Result<Vec<Row>, MeasureError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .doing("starting a runtime")?;
    let time = Duration::from_secs(if quick { 1 } else { 8 });
    let folder = tempfile::tempdir().doing("making a folder")?;
    let mut rows = Vec::new();

    let plain = plain_ledger::events_per_second(folder.path(), USERS, GROUP, time)?;
    let grouped = on_file(&runtime, folder.path(), "grouped", CROWD, USERS, time)?;
    rows.push(row(
        "ledger.eps.grouped",
        grouped.per_second,
        Some(plain),
        "1/s",
        Some(Goal::RatioAtLeast(0.4)),
    ));
    rows.push(row(
        "ledger.eps.grouped.floor",
        grouped.per_second,
        None,
        "1/s",
        Some(Goal::ValueAtLeast(10_000.0)),
    ));
    rows.push(row("ledger.p99.grouped", grouped.p99_ms, None, "ms", None));

    let plain = plain_ledger::events_per_second(folder.path(), USERS, 1, time)?;
    let single = on_file(&runtime, folder.path(), "single", 1, USERS, time)?;
    rows.push(row(
        "ledger.eps.single",
        single.per_second,
        Some(plain),
        "1/s",
        Some(Goal::RatioAtLeast(0.6)),
    ));
    rows.push(row(
        "ledger.eps.single.floor",
        single.per_second,
        None,
        "1/s",
        Some(Goal::ValueAtLeast(2_000.0)),
    ));
    rows.push(row("ledger.p99.single", single.p99_ms, None, "ms", None));

    let hot = on_file(&runtime, folder.path(), "hot", CROWD, 1, time)?;
    rows.push(row(
        "ledger.eps.hot",
        hot.per_second,
        Some(grouped.per_second),
        "1/s",
        None,
    ));
    rows.push(row("ledger.p99.hot", hot.p99_ms, None, "ms", None));
    rows.push(row(
        "ledger.bytes",
        bytes_an_event(folder.path(), "grouped", grouped.events)?,
        None,
        "B/event",
        None,
    ));

    let events = if quick { 20_000 } else { 1_000_000 };
    rows.push(row(
        "ledger.replay",
        replay(&runtime, folder.path(), events)?,
        None,
        "1/s",
        None,
    ));
    rows.extend(on_postgres(&runtime, time)?);
    Ok(rows)
}

fn row(id: &str, value: f64, baseline: Option<f64>, unit: &'static str, goal: Option<Goal>) -> Row {
    Row {
        id: id.to_owned(),
        value,
        baseline,
        unit,
        goal,
        n: None,
    }
}

fn place(folder: &Path, name: &str) -> Result<CloudPlace, MeasureError> {
    let data_dir = folder.join(name);
    std::fs::create_dir_all(&data_dir).doing("making a folder")?;
    Ok(CloudPlace::from(data_dir.as_path()))
}

fn on_file(
    runtime: &tokio::runtime::Runtime,
    folder: &Path,
    name: &str,
    clients: usize,
    users: u32,
    time: Duration,
) -> Result<Load, MeasureError> {
    let ledger = Ledger::open(place(folder, name)?, 1).doing("opening the ledger")?;
    let (load, ledger) = runtime.block_on(load(ledger, clients, users, time))?;
    ledger.close();
    Ok(load)
}

/// The database's file, its log written back, by the events in it.
fn bytes_an_event(folder: &Path, name: &str, events: u64) -> Result<f64, MeasureError> {
    let file = folder.join(name).join("cloud.db");
    let bytes = std::fs::metadata(file)
        .doing("looking at the database")?
        .len();
    Ok(bytes as f64 / events.max(1) as f64)
}

/// One server's writers on a database of their own, where this machine has PostgreSQL.
fn on_postgres(
    runtime: &tokio::runtime::Runtime,
    time: Duration,
) -> Result<Vec<Row>, MeasureError> {
    let mut rows = Vec::new();
    for writers in [1, 16] {
        let Some(postgres) = ThrowawayPostgres::start() else {
            return Ok(rows);
        };
        let cloud = CloudPlace {
            data_dir: std::path::PathBuf::new(),
            database_url: Some(postgres.url().parse().doing("reading the address")?),
        };
        let ledger = Ledger::open(cloud, writers).doing("opening the ledger")?;
        let (load, ledger) = runtime.block_on(load(ledger, CROWD, USERS, time))?;
        ledger.close();
        rows.push(row(
            &format!("ledger.eps.postgres.{writers}"),
            load.per_second,
            None,
            "1/s",
            None,
        ));
        rows.push(row(
            &format!("ledger.p99.postgres.{writers}"),
            load.p99_ms,
            None,
            "ms",
            None,
        ));
    }
    Ok(rows)
}

/// Holds and settles, again and again, by so many clients at once.
async fn load(
    ledger: Ledger,
    clients: usize,
    users: u32,
    time: Duration,
) -> Result<(Load, Ledger), MeasureError> {
    let ledger = Arc::new(ledger);
    for number in 0..users {
        let open = AccountCommand::Open {
            tier: Tier::MANAGED,
            ceiling: CEILING,
        };
        put(&ledger, user(number), open).await?;
    }
    let stop = Arc::new(AtomicBool::new(false));
    let next = Arc::new(AtomicU64::new(0));
    let started = Instant::now();
    let mut tasks = Vec::new();
    for _ in 0..clients {
        let (ledger, stop, next) = (Arc::clone(&ledger), Arc::clone(&stop), Arc::clone(&next));
        let model = model()?;
        tasks.push(tokio::spawn(async move {
            let mut took = Histogram::<u64>::new(3).doing("making a histogram")?;
            while !stop.load(Ordering::Relaxed) {
                let call = next.fetch_add(1, Ordering::Relaxed);
                let of =
                    user(u32::try_from(call.wrapping_mul(7919) % u64::from(users)).unwrap_or(0));
                for command in [hold(&model, call), settle(call)] {
                    let begun = Instant::now();
                    put(&ledger, of, command).await?;
                    took.record(u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX))
                        .doing("noting a time")?;
                }
            }
            Ok::<_, MeasureError>(took)
        }));
    }
    tokio::time::sleep(time).await;
    stop.store(true, Ordering::Relaxed);
    let mut all = Histogram::<u64>::new(3).doing("making a histogram")?;
    for task in tasks {
        let took = task.await.doing("waiting for a client")??;
        all.add(took).doing("adding up")?;
    }
    let load = Load {
        per_second: all.len() as f64 / started.elapsed().as_secs_f64(),
        p99_ms: all.value_at_quantile(0.99) as f64 / 1e3,
        events: all.len(),
    };
    let ledger = Arc::into_inner(ledger)
        .ok_or("a client still has it")
        .doing("closing the ledger")?;
    Ok((load, ledger))
}

/// Events a second that are read back, their chain checked, from ten accounts.
fn replay(
    runtime: &tokio::runtime::Runtime,
    folder: &Path,
    events: u32,
) -> Result<f64, MeasureError> {
    const ACCOUNTS: u32 = 10;
    /// Of each account, so that commits are full.
    const CLIENTS: u32 = 20;
    let written = Ledger::open(place(folder, "replay")?, 1).doing("opening the ledger")?;
    let written = Arc::new(written);
    runtime.block_on(async {
        let mut tasks = Vec::new();
        for number in 0..ACCOUNTS {
            let open = AccountCommand::Open {
                tier: Tier::MANAGED,
                ceiling: CEILING,
            };
            put(&written, user(number), open).await?;
            for client in 0..CLIENTS {
                let ledger = Arc::clone(&written);
                let model = model()?;
                tasks.push(tokio::spawn(async move {
                    let calls = u64::from(events / ACCOUNTS / CLIENTS / 2);
                    let first = u64::from(client) * calls;
                    for call in first..first + calls {
                        put(&ledger, user(number), hold(&model, call)).await?;
                        put(&ledger, user(number), settle(call)).await?;
                    }
                    Ok::<_, MeasureError>(())
                }));
            }
        }
        for task in tasks {
            task.await.doing("waiting for a client")??;
        }
        Ok::<_, MeasureError>(())
    })?;
    let written = Arc::into_inner(written)
        .ok_or("a client still has it")
        .doing("closing the ledger")?;
    written.close();
    let ledger = Ledger::open(place(folder, "replay")?, 1).doing("opening the ledger")?;
    let started = Instant::now();
    let mut read = 0;
    runtime.block_on(async {
        for number in 0..ACCOUNTS {
            let receipt = ledger
                .receipt(user(number), NOW)
                .await
                .doing("reading back")?;
            read += receipt.head.sequence;
        }
        Ok::<_, MeasureError>(())
    })?;
    let took = started.elapsed();
    ledger.close();
    Ok(read as f64 / took.as_secs_f64())
}

async fn put(ledger: &Ledger, user: UserId, command: AccountCommand) -> Result<(), MeasureError> {
    ledger
        .command(user, NOW, command)
        .await
        .doing("writing to the ledger")?
        .doing("asking an account")
}

fn model() -> Result<ModelName, MeasureError> {
    ModelName::new("claude-sonnet").doing("naming a model")
}

fn user(number: u32) -> UserId {
    let mut bytes = [7; 16];
    bytes[..4].copy_from_slice(&number.to_be_bytes());
    UserId::from_bytes(bytes)
}

fn request(call: u64) -> RequestId {
    let mut bytes = [9; 16];
    bytes[..8].copy_from_slice(&call.to_be_bytes());
    RequestId::from_bytes(bytes)
}

fn hold(model: &ModelName, call: u64) -> AccountCommand {
    AccountCommand::Hold {
        request: request(call),
        call: HeldCall {
            content: Digest::of_parts([call.to_be_bytes().as_slice()]),
            device: DeviceId::from_bytes([3; 16]),
            model: model.clone(),
            price_version: 1,
            payer: Payer::Operator,
            guest: None,
        },
        amount: NanoUsd::new(50_000),
        ttl_ms: 900_000,
    }
}

fn settle(call: u64) -> AccountCommand {
    AccountCommand::Settle {
        request: request(call),
        usage: TokenUsage::new(1_000, 200, 300),
        cost: NanoUsd::new(12_207),
    }
}
