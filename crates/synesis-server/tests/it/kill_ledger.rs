//! The real binary is killed in the middle of writing, again and again: what was acknowledged is
//! there, once, and nothing that nobody sent.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use quinn::Connection;
use synesis_domain::account::{Happened, History};
use synesis_domain::{RequestId, UserId};
use synesis_wire::proto::{self, answer, call};
use tokio::sync::watch;

use crate::backend::Backend;
use crate::client::{PATIENCE, Stream, ask, balance};
use crate::kill::{Process, again, enrol};

const CLIENTS: u32 = 4;
const BATCH: u32 = 5;

/// What was sent and what of it was acknowledged, by all clients in all rounds.
#[derive(Default)]
struct Told {
    sent: BTreeSet<String>,
    acknowledged: BTreeMap<String, i64>,
}

fn request(round: u32, client: u32, number: u32) -> String {
    let mut bytes = [0_u8; 16];
    bytes[..4].copy_from_slice(&round.to_be_bytes());
    bytes[4..8].copy_from_slice(&client.to_be_bytes());
    bytes[8..12].copy_from_slice(&number.to_be_bytes());
    RequestId::from_bytes(bytes).to_string()
}

/// Records calls until the server is gone.
async fn write(
    connection: Connection,
    round: u32,
    client: u32,
    told: Arc<Mutex<Told>>,
    answers: Arc<watch::Sender<u32>>,
) {
    for batch in 0.. {
        let records: Vec<_> = (0..BATCH)
            .map(|place| proto::UsageRecord {
                request_id: request(round, client, batch * BATCH + place),
                model: "private-cloud".to_owned(),
                prompt_tokens: 1_000 + place,
                cached_prompt_tokens: 0,
                completion_tokens: batch,
                occurred_at: 1,
            })
            .collect();
        let ids = records.iter().map(|record| record.request_id.clone());
        told.lock().unwrap().sent.extend(ids);
        let body = call::Body::Record(proto::RecordRequest { records });
        let mut stream = Stream::open(&connection, body).await;
        let Some(answer::Body::Record(recorded)) = stream.next().await else {
            return;
        };
        let mut told = told.lock().unwrap();
        for result in recorded.results {
            assert_eq!(result.state, "recorded", "{result:?}");
            let before = told
                .acknowledged
                .insert(result.request_id, result.cost_nano_usd);
            assert_eq!(before, None);
        }
        answers.send_modify(|count| *count += 1);
    }
}

/// The whole history of the account, its chain computed anew.
async fn recorded(connection: &Connection) -> BTreeMap<String, i64> {
    let mut history: Option<History> = None;
    let mut found = BTreeMap::new();
    loop {
        let after = history
            .as_ref()
            .map_or(0, |history| history.head().sequence);
        let body = call::Body::History(proto::HistoryRequest { after });
        let answer::Body::History(page) = ask(connection, body).await else {
            panic!("no history");
        };
        let receipt = page.receipt.unwrap();
        let user = UserId::from_bytes(receipt.account.as_ref().try_into().unwrap());
        let history = history.get_or_insert_with(|| History::new(user));
        for stored in &page.events {
            if let Happened::Recorded { request, entry, .. } =
                history.push(stored).unwrap().event.what
            {
                let before = found.insert(request.to_string(), entry.paid().get());
                assert_eq!(before, None, "{request} was recorded twice");
            }
        }
        if !page.more {
            assert_eq!(history.head().sequence, receipt.sequence);
            assert_eq!(
                history.head().hash.as_bytes().as_slice(),
                receipt.head.as_ref()
            );
            return found;
        }
    }
}

async fn check(connection: &Connection, told: &Told) {
    let found = recorded(connection).await;
    for (request, cost) in &told.acknowledged {
        assert_eq!(
            found.get(request),
            Some(cost),
            "{request} was lost or changed"
        );
    }
    for request in found.keys() {
        assert!(told.sent.contains(request), "{request} was invented");
    }
    let balance = balance(connection).await;
    assert_eq!(balance.charged_nano_usd, found.values().sum::<i64>());
    assert_eq!(balance.calls, found.len() as u64);
}

async fn killed_again_and_again(backend: Backend, rounds: u32) {
    let dir = tempfile::tempdir().unwrap();
    let mut process = Process::start(dir.path(), "builtin", &backend);
    let mut device = enrol(dir.path()).await;
    let told = Arc::new(Mutex::new(Told::default()));
    for round in 0..rounds {
        let connection = device.connect().await.unwrap();
        let (answers, mut count) = watch::channel(0);
        let answers = Arc::new(answers);
        let writers: Vec<_> = (0..CLIENTS)
            .map(|client| {
                let told = Arc::clone(&told);
                let answers = Arc::clone(&answers);
                tokio::spawn(write(connection.clone(), round, client, told, answers))
            })
            .collect();
        // Each round is killed at another place.
        let enough = count.wait_for(|count| *count > round % 7);
        tokio::time::timeout(PATIENCE, enough)
            .await
            .unwrap()
            .unwrap();
        process.kill();
        for writer in writers {
            writer.abort();
            if let Err(error) = writer.await {
                assert!(error.is_cancelled(), "{error}");
            }
        }
        process = Process::start(dir.path(), "builtin", &backend);
        device = again(device, dir.path());
    }
    let connection = device.connect().await.unwrap();
    let told = std::mem::take(&mut *told.lock().unwrap());
    check(&connection, &told).await;
}

#[tokio::test]
async fn a_server_killed_fifty_times_lost_and_invented_nothing() {
    killed_again_and_again(Backend::SQLITE, 50).await;
}

#[tokio::test]
async fn a_server_on_postgres_killed_ten_times_lost_and_invented_nothing() {
    if let Some(backend) = Backend::postgres() {
        killed_again_and_again(backend, 10).await;
    }
}
