//! Several servers on one PostgreSQL: what each must see of the others, and what no crash may lose.

use synesis_domain::account::HeldCall;
use synesis_domain::{
    AccountCommand, DeviceId, Digest, ModelName, NanoUsd, Payer, Refusal, RequestId, Tier,
    Timestamp, TokenUsage, UserId,
};

use super::testing::World;
use super::{AnsweredBy, Books, NewToken, Store, StoreError, StoredTranscript, TokenUses};
use crate::recovery::{Recovered, When, recover};

const USER: UserId = UserId::from_bytes([1; 16]);
const WRITERS: usize = 4;

fn now() -> Timestamp {
    Timestamp::from_millis(1_800_000_000_000)
}

fn open(ceiling: NanoUsd) -> AccountCommand {
    let tier = Tier::MANAGED;
    AccountCommand::Open { tier, ceiling }
}

fn hold(request: u8, amount: i64) -> AccountCommand {
    AccountCommand::Hold {
        request: RequestId::from_bytes([request; 16]),
        call: HeldCall {
            content: Digest::of_parts([b"q".as_slice()]),
            device: DeviceId::from_bytes([3; 16]),
            model: ModelName::new("demo").unwrap(),
            price_version: 1,
            payer: Payer::Operator,
            guest: None,
        },
        amount: NanoUsd::new(amount),
        ttl_ms: 60_000,
    }
}

fn command(books: &mut Books, command: &AccountCommand) -> Result<Option<Refusal>, StoreError> {
    Ok(books.command(USER, now(), command)?.err())
}

fn held(books: &mut Books) -> Result<NanoUsd, StoreError> {
    Ok(books.account(USER)?.held())
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(work)
}

#[test]
fn a_server_sees_what_another_did_to_an_account_it_remembers() {
    let Some(world) = World::postgres() else {
        return;
    };
    let (mut ours, mut theirs) = (world.open(), world.open());
    ours.once(|books| command(books, &open(NanoUsd::new(100))))
        .unwrap();
    assert_eq!(theirs.once(held).unwrap(), NanoUsd::ZERO);
    ours.once(|books| command(books, &hold(1, 60))).unwrap();
    assert_eq!(theirs.once(held).unwrap(), NanoUsd::new(60));
    let refused = theirs.once(|books| command(books, &hold(2, 60))).unwrap();
    assert!(
        matches!(refused, Some(Refusal::Ceiling { .. })),
        "{refused:?}"
    );
}

#[test]
fn servers_that_hold_at_once_never_pass_the_ceiling_together() {
    const CALLS: u8 = 40;
    let Some(world) = World::postgres() else {
        return;
    };
    let stores: Vec<_> = (1..=2)
        .map(|server| Store::open(&world.place_of(server), WRITERS).unwrap())
        .collect();
    let outcomes = block_on(async {
        let opening = |books: &mut Books| command(books, &open(NanoUsd::new(250)));
        stores[0].0.run_for(USER, opening).await.unwrap();
        let calls = (0..CALLS).map(|call| {
            let store = stores[usize::from(call % 2)].0.clone();
            // Also past the account's own queue.
            tokio::spawn(async move {
                let holding = move |books: &mut Books| command(books, &hold(call, 10));
                if call % 3 == 0 {
                    store.run(holding).await
                } else {
                    store.run_for(USER, holding).await
                }
            })
        });
        futures::future::join_all(calls).await
    });
    let refusals = outcomes
        .into_iter()
        .map(|outcome| outcome.unwrap().unwrap())
        .filter(Option::is_some)
        .count();
    assert_eq!(refusals, usize::from(CALLS) - 25);
    assert_eq!(world.open().once(held).unwrap(), NanoUsd::new(250));
    for (store, writers) in stores {
        drop(store);
        writers.join();
    }
}

#[test]
fn a_token_that_two_servers_are_shown_at_once_opens_once() {
    const TOKENS: u8 = 8;
    let Some(world) = World::postgres() else {
        return;
    };
    let add = |books: &mut Books| {
        (0..TOKENS).try_for_each(|token| {
            books.add_token(&NewToken {
                hash: [token; 32],
                user: USER,
                uses: TokenUses::Once,
                key: None,
                expires_at: now().plus_ms(1),
            })
        })
    };
    world.open().once(add).unwrap();
    let redeem = |mut books: Books| {
        let redeem = |books: &mut Books, token: u8| {
            let found = books.find_token([token; 32], now())?;
            books.spend_token([token; 32])?;
            Ok(u32::from(found.is_some()))
        };
        (0..TOKENS)
            .map(|token| books.once(|books| redeem(books, token)).unwrap())
            .sum::<u32>()
    };
    let servers = [world.open(), world.open()];
    let opened = std::thread::scope(|scope| {
        let redeeming = servers.map(|books| scope.spawn(move || redeem(books)));
        redeeming.map(|server| server.join().unwrap())
    });
    assert_eq!(opened.iter().sum::<u32>(), u32::from(TOKENS));
}

#[test]
fn work_fails_while_the_database_is_away_and_goes_on_when_it_is_back() {
    let Some(mut world) = World::postgres() else {
        return;
    };
    let (store, writers) = Store::open(&world.place(), 2).unwrap();
    let postgres = world.postgres.as_mut().unwrap();
    block_on(async {
        let opening = |books: &mut Books| command(books, &open(NanoUsd::new(100)));
        store.run_for(USER, opening).await.unwrap();
        let before = store.foreign_changes().await.unwrap();
        postgres.kill();
        let holding = |books: &mut Books| command(books, &hold(1, 10));
        assert!(store.run_for(USER, holding).await.is_err());
        // The failure is noted after it is answered.
        let patience = std::time::Instant::now();
        while store.check().await.is_ok() {
            assert!(patience.elapsed().as_secs() < 20, "nobody noticed");
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        postgres.resume();
        let patience = std::time::Instant::now();
        while store.run_for(USER, held).await.is_err() {
            assert!(patience.elapsed().as_secs() < 20, "it did not come back");
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        // What was reported as failed was not done behind anybody's back.
        assert_eq!(store.run_for(USER, held).await.unwrap(), NanoUsd::ZERO);
        assert_eq!(store.run_for(USER, holding).await.unwrap(), None);
        // Whatever was told in the meantime is looked for.
        while store.foreign_changes().await.unwrap() == before {
            assert!(patience.elapsed().as_secs() < 20, "nobody listens");
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    });
    drop(store);
    writers.join();
}

#[test]
fn two_servers_of_one_number_are_refused() {
    let Some(world) = World::postgres() else {
        return;
    };
    let (store, writers) = Store::open(&world.place_of(7), 1).unwrap();
    let twin = Store::open(&world.place_of(7), 1).map(|_| ());
    assert!(matches!(twin, Err(StoreError::Twin)), "{twin:?}");
    drop(store);
    writers.join();
    // The number is free once its server is gone.
    let (store, writers) = Store::open(&world.place_of(7), 1).unwrap();
    drop(store);
    writers.join();
}

#[test]
fn calls_of_the_living_are_left_alone_and_those_of_the_dead_are_ended() {
    let Some(world) = World::postgres() else {
        return;
    };
    let request = RequestId::from_bytes([1; 16]);
    let (store, writers) = Store::open(&world.place_of(1), 1).unwrap();
    let answering = move |books: &mut Books| {
        command(books, &open(NanoUsd::new(100)))?;
        command(books, &hold(1, 60))?;
        let content = Digest::of_parts([b"q".as_slice()]);
        books.put_result(
            USER,
            request,
            content,
            now(),
            false,
            &StoredTranscript::default(),
        )
    };
    block_on(store.run_for(USER, answering)).unwrap();
    let prices = synesis_domain::PriceTable::new(Vec::new()).unwrap();
    let mut own = Books::open(&world.place_of(1)).unwrap();
    let swept = own.once(|books| recover(books, When::Serving, &prices, now()));
    assert_eq!(
        swept.unwrap(),
        Recovered::default(),
        "its own call, which runs"
    );
    let mut other = Books::open(&world.place_of(2)).unwrap();
    let mut sweep = || {
        other
            .once(|books| {
                let stored = books.result(USER, request)?;
                let by = stored.map(|stored| books.server_of(&stored)).transpose()?;
                let recovered = recover(books, When::Serving, &prices, now())?;
                Ok((by, recovered.released, held(books)?.get()))
            })
            .unwrap()
    };
    assert_eq!(sweep(), (Some(AnsweredBy::Another), 0, 60));
    drop(store);
    writers.join();
    // Its connections end after it: until the database has noticed, it counts as alive.
    let patience = std::time::Instant::now();
    let swept = loop {
        let swept = sweep();
        if swept.0 != Some(AnsweredBy::Another) || patience.elapsed().as_secs() > 20 {
            break swept;
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
    };
    assert_eq!(swept, (Some(AnsweredBy::Dead), 1, 0));
    assert_eq!(sweep(), (None, 0, 0));
}

#[test]
fn a_settled_call_is_in_the_books_of_both() {
    let Some(world) = World::postgres() else {
        return;
    };
    let (mut ours, mut theirs) = (world.open(), world.open());
    ours.once(|books| {
        command(books, &open(NanoUsd::new(1_000)))?;
        command(books, &hold(1, 500))
    })
    .unwrap();
    let settle = AccountCommand::Settle {
        request: RequestId::from_bytes([1; 16]),
        usage: TokenUsage::new(10, 0, 5),
        cost: NanoUsd::new(100),
    };
    assert_eq!(theirs.once(|books| command(books, &settle)).unwrap(), None);
    let again = ours.once(|books| command(books, &hold(1, 500))).unwrap();
    assert_eq!(again, Some(Refusal::AlreadySettled));
}
