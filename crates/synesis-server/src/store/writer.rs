//! The writers: threads that commit work in groups. SQLite has one, PostgreSQL several.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Instant;

use synesis_domain::UserId;
use tokio::sync::{mpsc, oneshot};

use super::sql::Watch;
use super::{Books, Place, StoreError};
use crate::limits::{STORE_GROUP_MAX, STORE_GROUP_TIME, STORE_QUEUE_MAX, STORE_TRIES_MAX};

/// The handle to the writers. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Store {
    queues: Arc<[mpsc::Sender<Box<dyn Piece>>]>,
    next: Arc<AtomicUsize>,
    failing: Arc<AtomicBool>,
    /// What other servers told, where there can be any.
    told: Option<Arc<AtomicI64>>,
}

/// The threads of the store.
pub(crate) struct Writers {
    threads: Vec<JoinHandle<()>>,
    watch: Option<Watch>,
}

impl Writers {
    /// Waits until all is written. The writers end when the last handle to the store is dropped.
    pub(crate) fn join(self) {
        for writer in self.threads {
            let _ = writer.join();
        }
        if let Some(watch) = self.watch {
            watch.end();
        }
    }
}

impl Store {
    /// Opens the database, brings it to this version, and starts the writers: `writers` of them
    /// where the database takes more than one.
    pub(crate) fn open(place: &Place, writers: usize) -> Result<(Self, Writers), StoreError> {
        let failing = Arc::new(AtomicBool::new(false));
        let (watch, writers) = match place {
            Place::File(_) => (None, 1),
            Place::Postgres { url, server } => (Some(Watch::start(url, *server)?), writers.max(1)),
        };
        let mut queues = Vec::new();
        let mut threads = Vec::new();
        for _ in 0..writers {
            let (jobs, queue) = mpsc::channel(STORE_QUEUE_MAX);
            let writer = Writer {
                books: Books::open(place)?,
                queue,
                again: Vec::new(),
                failing: Arc::clone(&failing),
            };
            let thread = std::thread::Builder::new()
                .name("synesis-store".into())
                .spawn(move || writer.run())
                .map_err(StoreError::Thread)?;
            queues.push(jobs);
            threads.push(thread);
        }
        let store = Self {
            queues: queues.into(),
            next: Arc::new(AtomicUsize::new(0)),
            failing,
            told: watch.as_ref().map(Watch::changes),
        };
        Ok((store, Writers { threads, watch }))
    }

    /// A number that changes when another process may have put a device out.
    pub(crate) async fn foreign_changes(&self) -> Result<i64, StoreError> {
        match &self.told {
            Some(told) => Ok(told.load(Ordering::Relaxed)),
            None => self.run(Books::version).await,
        }
    }

    /// Whether the database takes writes. After a failed commit it is tried.
    pub(crate) async fn check(&self) -> Result<(), StoreError> {
        if self.failing.load(Ordering::Relaxed) {
            self.run(Books::probe).await?;
        }
        Ok(())
    }

    /// Runs work in a transaction and gives its answer once it is on disk.
    ///
    /// Where somebody else changed the same at the same time the work is undone and done again.
    pub(crate) async fn run<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnMut(&mut Books) -> Result<T, StoreError> + Send + 'static,
    {
        let turn = self.next.fetch_add(1, Ordering::Relaxed);
        self.run_on(turn, work).await
    }

    /// Runs work on the account of a user, like [`Store::run`]. All work on one account goes
    /// through one queue, so that it does not get in its own way.
    pub(crate) async fn run_for<T, F>(&self, user: UserId, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnMut(&mut Books) -> Result<T, StoreError> + Send + 'static,
    {
        let place = user.as_bytes().iter().fold(0_usize, |sum, byte| {
            sum.wrapping_mul(31).wrapping_add(usize::from(*byte))
        });
        self.run_on(place, work).await
    }

    async fn run_on<T, F>(&self, turn: usize, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnMut(&mut Books) -> Result<T, StoreError> + Send + 'static,
    {
        let queue = turn
            .checked_rem(self.queues.len())
            .and_then(|place| self.queues.get(place))
            .ok_or(StoreError::Closed)?;
        let (answer, answered) = oneshot::channel();
        let asked = Asked {
            work,
            done: Err(StoreError::Closed),
            tries: 0,
            answer,
        };
        queue
            .send(Box::new(asked))
            .await
            .map_err(|_| StoreError::Closed)?;
        answered.await.map_err(|_| StoreError::Closed)?
    }
}

/// A piece of work that waits for its commit.
trait Piece: Send {
    /// Does the work in the open transaction, and says whether it is to be done again in the next.
    fn attempt(&mut self, books: &mut Books) -> bool;
    /// Tells whoever asked what came of it.
    fn answer(self: Box<Self>, committed: Result<(), StoreError>);
}

struct Asked<T, F> {
    work: F,
    done: Result<T, StoreError>,
    tries: u32,
    answer: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F> Piece for Asked<T, F>
where
    T: Send,
    F: FnMut(&mut Books) -> Result<T, StoreError> + Send,
{
    fn attempt(&mut self, books: &mut Books) -> bool {
        self.tries += 1;
        self.done = books.piece(&mut self.work);
        matches!(self.done, Err(StoreError::Conflict)) && self.tries < STORE_TRIES_MAX
    }

    fn answer(self: Box<Self>, committed: Result<(), StoreError>) {
        let _ = self.answer.send(committed.and(self.done));
    }
}

struct Writer {
    books: Books,
    queue: mpsc::Receiver<Box<dyn Piece>>,
    /// What met with a conflict: it goes first in the next transaction, which sees what the other
    /// committed and holds no lock that the other waits for.
    again: Vec<Box<dyn Piece>>,
    failing: Arc<AtomicBool>,
}

impl Writer {
    fn run(mut self) {
        loop {
            let mut group = std::mem::take(&mut self.again);
            if group.is_empty() {
                match self.queue.blocking_recv() {
                    Some(first) => group.push(first),
                    None => return,
                }
            }
            let committed = self.commit_group(group);
            self.failing.store(!committed, Ordering::Relaxed);
        }
    }

    /// Runs what waits as one transaction, and says whether it was committed.
    fn commit_group(&mut self, first: Vec<Box<dyn Piece>>) -> bool {
        let began = self.books.begin();
        let started = Instant::now();
        let mut done = Vec::with_capacity(first.len());
        for piece in first {
            self.attempt(piece, &mut done);
        }
        while self.again.is_empty()
            && done.len() < STORE_GROUP_MAX
            && started.elapsed() < STORE_GROUP_TIME
        {
            let Ok(next) = self.queue.try_recv() else {
                break;
            };
            self.attempt(next, &mut done);
        }
        let committed = began.and_then(|()| self.books.commit());
        if let Err(error) = &committed {
            tracing::error!(error = %crate::error::chain(error), "the database did not commit");
        }
        for piece in done {
            piece.answer(match &committed {
                Ok(()) => Ok(()),
                Err(error) => Err(error.again()),
            });
        }
        committed.is_ok()
    }

    fn attempt(&mut self, mut piece: Box<dyn Piece>, done: &mut Vec<Box<dyn Piece>>) {
        if piece.attempt(&mut self.books) {
            self.again.push(piece);
        } else {
            done.push(piece);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{World, on_both};

    on_both!(work_that_fails_undoes_only_itself);

    fn block_on<T>(work: impl Future<Output = T>) -> T {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        runtime.build().unwrap().block_on(work)
    }

    fn count(books: &mut Books) -> Result<i64, StoreError> {
        let count = books.sql.one("SELECT count(*) FROM settings", &[], |row| {
            row.get::<i64>(0)
        })?;
        Ok(count.unwrap())
    }

    fn work_that_fails_undoes_only_itself(world: &World) {
        let (store, writers) = Store::open(&world.place(), 1).unwrap();
        block_on(async {
            let good = store.run(|books| books.setting("a", || vec![1]));
            let bad = store.run(|books| {
                books.setting("b", || vec![2])?;
                Err::<(), _>(StoreError::Closed)
            });
            let after = store.run(|books| books.setting("c", || vec![3]));
            let (good, bad, after) = tokio::join!(good, bad, after);
            assert_eq!((good.unwrap(), after.unwrap()), (vec![1], vec![3]));
            assert!(bad.is_err());
            assert_eq!(store.run(count).await.unwrap(), 2);
        });
        drop(store);
        writers.join();
    }

    #[test]
    fn a_full_disk_is_said_and_ends_when_there_is_room_again() {
        let world = World::sqlite();
        let (store, _writers) = Store::open(&world.place(), 1).unwrap();
        let set_pages = |pages: u32| {
            let sql = format!("PRAGMA max_page_count = {pages}");
            store.run(move |books| Ok(books.sql.sqlite().query_row(&sql, [], |_| Ok(()))?))
        };
        let fill = || store.run(|books| books.setting("big", || vec![0; 1 << 20]));
        block_on(async {
            set_pages(1).await.unwrap();
            let full = fill().await;
            assert!(matches!(full, Err(StoreError::Full)), "{full:?}");
            set_pages(1 << 20).await.unwrap();
            fill().await.unwrap();
        });
    }
}
