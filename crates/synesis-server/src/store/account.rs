//! Accounts: load, decide, append, apply.

use synesis_domain::account::{Entry, Happened, Receipt, RequestState};
use synesis_domain::{
    Account, AccountCommand, AccountEvent, ChainHead, Digest, ExternalId, ModelName, NanoUsd,
    Refusal, RequestId, Timestamp, TokenUsage, UserId,
};

use super::sql::values;
use super::{Books, StoreError, event};
use crate::limits::ACCOUNTS_CACHED_MAX;

/// An account in memory.
pub(super) struct Cached {
    account: Account,
    /// Where its history was when it was last read or appended to.
    head: ChainHead,
    /// The look at the log in which that was its end.
    look: u64,
}

/// What a settled request cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Charge {
    pub(crate) at: Timestamp,
    pub(crate) model: String,
    pub(crate) prompt: u32,
    pub(crate) completion: u32,
    /// What the user pays, out of credit or later.
    pub(crate) paid: NanoUsd,
    /// The digest of what was asked.
    content: Option<Digest>,
}

/// The next events of a history, and where it ends.
pub(crate) struct HistoryPage {
    /// Canonical bytes, in order.
    pub(crate) events: Vec<Vec<u8>>,
    pub(crate) more: bool,
    pub(crate) receipt: Receipt,
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum UsageState {
    Unknown,
    Held,
    Released,
    Settled(Charge),
}

impl Books {
    /// The account of a user, as its history made it.
    pub(crate) fn account(&mut self, user: UserId) -> Result<&Account, StoreError> {
        Ok(&self.load(user)?.account)
    }

    /// Does what a command asks: the events are appended and applied, or the refusal is given.
    /// Either way the account as it stands then comes with it.
    pub(crate) fn command(
        &mut self,
        user: UserId,
        now: Timestamp,
        command: &AccountCommand,
    ) -> Result<Result<&Account, Refusal>, StoreError> {
        self.load(user)?;
        if let Some(answer) = self.known_for_ever(user, command)? {
            return answer.map_or_else(|refusal| Ok(Err(refusal)), |()| self.account(user).map(Ok));
        }
        self.touched.push(user);
        let cached = self.accounts.get_mut(&user).ok_or(StoreError::Closed)?;
        let events = match cached.account.decide(now, command) {
            Ok(events) => events,
            Err(refusal) => return Ok(Err(refusal)),
        };
        cached.head = event::append(&mut self.sql, user.as_bytes(), cached.head, &events)?;
        for event in &events {
            if let Some(cached) = self.accounts.get_mut(&user) {
                cached.account.apply(event);
            }
            self.note(user, event)?;
        }
        Ok(Ok(self.account(user)?))
    }

    /// The account forgets what ended a day ago, and payments in time. What was ever charged or
    /// credited is not charged or credited again: `Ok` where the same was done before.
    fn known_for_ever(
        &mut self,
        user: UserId,
        command: &AccountCommand,
    ) -> Result<Option<Result<(), Refusal>>, StoreError> {
        let same = |same: bool| Some(same.then_some(()).ok_or(Refusal::OtherContent));
        Ok(match command {
            AccountCommand::Hold { request, .. } => self
                .charge(user, *request)?
                .map(|_| Err(Refusal::AlreadySettled)),
            AccountCommand::Record { request, call, .. } => {
                if !matches!(self.account(user)?.request(request), RequestState::Unknown) {
                    return Ok(None);
                }
                self.charge(user, *request)?
                    .and_then(|charge| same(charge.content == Some(call.content)))
            }
            AccountCommand::TopUp {
                payment: source,
                amount,
                ..
            }
            | AccountCommand::GrantPromo {
                promo: source,
                amount,
                ..
            } => {
                if self.account(user)?.source(source).is_some() {
                    return Ok(None);
                }
                self.credited(user, source)?
                    .and_then(|credited| same(credited == *amount))
            }
            _ => None,
        })
    }

    /// Keeps beside the log what has to be found without it.
    fn note(&mut self, user: UserId, event: &AccountEvent) -> Result<(), StoreError> {
        match &event.what {
            Happened::Settled {
                request,
                usage,
                entry,
                ..
            } => {
                let content = self.account(user)?.call(request).map(|call| call.content);
                let model = match self.account(user)?.request(request) {
                    RequestState::Settled(settlement) => Some(settlement.model.clone()),
                    _ => None,
                };
                let Some(model) = model else {
                    return Ok(());
                };
                self.note_charge(user, *request, event.at, &model, *usage, entry, content)
            }
            Happened::Recorded {
                request,
                call,
                usage,
                entry,
                ..
            } => {
                let content = Some(call.content);
                self.note_charge(
                    user,
                    *request,
                    event.at,
                    &call.model,
                    *usage,
                    entry,
                    content,
                )
            }
            Happened::ToppedUp {
                payment: source,
                amount,
                ..
            }
            | Happened::PromoGranted {
                promo: source,
                amount,
                ..
            } => self.note_credit(user, source, *amount),
            Happened::FlushQueued { number, cents, .. } => {
                self.queue_flush(user, *number, *cents, event.at)
            }
            Happened::FlushSent { number } => self.flush_ended(user, *number, 1),
            Happened::FlushParked { number } => self.flush_ended(user, *number, 2),
            _ => Ok(()),
        }
    }

    /// Where the history of an account ends, and what it came to.
    pub(crate) fn receipt(&mut self, user: UserId, now: Timestamp) -> Result<Receipt, StoreError> {
        let cached = self.load(user)?;
        Ok(Receipt::of(&cached.account, cached.head, now))
    }

    /// The events after the one with the number `after`, as many as have room in `bytes_max`.
    pub(crate) fn history(
        &mut self,
        user: UserId,
        after: u64,
        bytes_max: usize,
        now: Timestamp,
    ) -> Result<HistoryPage, StoreError> {
        let receipt = self.receipt(user, now)?;
        let events = event::page(&mut self.sql, user.as_bytes(), after, bytes_max)?;
        let last = after.saturating_add(events.len() as u64);
        Ok(HistoryPage {
            more: last < receipt.head.sequence && !events.is_empty(),
            events,
            receipt,
        })
    }

    /// What became of a request of this user, however long ago.
    pub(crate) fn usage(
        &mut self,
        user: UserId,
        request: RequestId,
    ) -> Result<UsageState, StoreError> {
        if let Some(charge) = self.charge(user, request)? {
            return Ok(UsageState::Settled(charge));
        }
        Ok(match self.account(user)?.request(&request) {
            RequestState::Held(_) => UsageState::Held,
            RequestState::Released | RequestState::Expired => UsageState::Released,
            RequestState::Settled(_) | RequestState::Unknown => UsageState::Unknown,
        })
    }

    /// What a request was charged, if it was.
    pub(crate) fn charge(
        &mut self,
        user: UserId,
        request: RequestId,
    ) -> Result<Option<Charge>, StoreError> {
        self.sql.one(
            "SELECT at, model, prompt, completion, charged, content FROM settled
             WHERE user = ?1 AND request = ?2",
            values![user.as_bytes(), request.as_bytes()],
            |row| {
                Ok(Charge {
                    at: Timestamp::from_millis(row.get(0)?),
                    model: row.get(1)?,
                    prompt: row.get(2)?,
                    completion: row.get(3)?,
                    paid: NanoUsd::new(row.get(4)?),
                    content: row.get::<Option<[u8; 32]>>(5)?.map(Digest::from_bytes),
                })
            },
        )
    }

    /// Every user that has an account.
    pub(crate) fn users(&mut self) -> Result<Vec<UserId>, StoreError> {
        use super::event::Stored;
        self.sql.all(
            "SELECT stream FROM events WHERE kind = ?1 AND version = 1",
            values![AccountEvent::KIND],
            |row| row.get(0).map(UserId::from_bytes),
        )
    }

    /// Brings an account in memory to the end of its history: all of it where it is not there yet,
    /// else what others may have appended.
    fn load(&mut self, user: UserId) -> Result<&Cached, StoreError> {
        if !self.accounts.contains_key(&user) && self.accounts.len() >= ACCOUNTS_CACHED_MAX {
            self.accounts.clear();
        }
        let cached = self.accounts.entry(user).or_insert_with(|| Cached {
            account: Account::new(user),
            head: ChainHead::EMPTY,
            look: 0,
        });
        if cached.look != self.look {
            let account = &mut cached.account;
            let read = event::replay(
                &mut self.sql,
                user.as_bytes(),
                cached.head,
                |event: &AccountEvent| account.apply(event),
            );
            match read {
                Ok(head) => (cached.head, cached.look) = (head, self.look),
                Err(error) => {
                    self.accounts.remove(&user);
                    return Err(error);
                }
            }
        }
        self.accounts.get(&user).ok_or(StoreError::Closed)
    }

    #[expect(clippy::too_many_arguments, reason = "the columns of one row")]
    fn note_charge(
        &mut self,
        user: UserId,
        request: RequestId,
        at: Timestamp,
        model: &ModelName,
        usage: TokenUsage,
        entry: &Entry,
        content: Option<Digest>,
    ) -> Result<(), StoreError> {
        let content = content.as_ref().map(Digest::as_bytes);
        self.sql.execute(
            "INSERT INTO settled (user, request, at, model, prompt, completion, charged, content)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            values![
                user.as_bytes(),
                request.as_bytes(),
                at.as_millis(),
                model.as_str(),
                usage.prompt(),
                usage.completion(),
                entry.paid().get(),
                content,
            ],
        )?;
        Ok(())
    }

    /// What a payment or a promotion was credited with, however long ago.
    fn credited(
        &mut self,
        user: UserId,
        source: &ExternalId,
    ) -> Result<Option<NanoUsd>, StoreError> {
        self.sql.one(
            "SELECT amount FROM credited WHERE user = ?1 AND source = ?2",
            values![user.as_bytes(), source.as_str()],
            |row| row.get(0).map(NanoUsd::new),
        )
    }

    fn note_credit(
        &mut self,
        user: UserId,
        source: &ExternalId,
        amount: NanoUsd,
    ) -> Result<(), StoreError> {
        self.sql.execute(
            "INSERT INTO credited (user, source, amount) VALUES (?1, ?2, ?3)",
            values![user.as_bytes(), source.as_str(), amount.get()],
        )?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use synesis_domain::account::HeldCall;
    use synesis_domain::{DeviceId, Digest, ModelName, Payer, Tier, TokenUsage};

    use super::*;
    use crate::store::testing::{World, on_both};

    on_both!(
        an_account_is_the_same_after_it_is_read_back,
        a_request_repeated_after_years_is_not_held_again,
        a_changed_history_is_noticed,
        an_account_forgets_what_was_undone
    );

    const USER: UserId = UserId::from_bytes([1; 16]);
    const REQUEST: RequestId = RequestId::from_bytes([2; 16]);
    const DAY_MS: i64 = 24 * 60 * 60 * 1000;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millis(1_800_000_000_000 + ms)
    }

    fn open_account(books: &mut Books) {
        let open = AccountCommand::Open {
            tier: Tier::MANAGED,
            ceiling: NanoUsd::from_cents(100),
        };
        books.command(USER, at(0), &open).unwrap().unwrap();
    }

    fn hold() -> AccountCommand {
        AccountCommand::Hold {
            request: REQUEST,
            call: HeldCall {
                content: Digest::of_parts([b"q".as_slice()]),
                device: DeviceId::from_bytes([3; 16]),
                model: ModelName::new("demo").unwrap(),
                price_version: 1,
                payer: Payer::Operator,
                guest: None,
            },
            amount: NanoUsd::new(500),
            ttl_ms: 60_000,
        }
    }

    fn settle() -> AccountCommand {
        AccountCommand::Settle {
            request: REQUEST,
            usage: TokenUsage::new(10, 0, 5),
            cost: NanoUsd::new(100),
        }
    }

    fn an_account_is_the_same_after_it_is_read_back(world: &World) {
        let mut books = world.open();
        let before = books
            .once(|books| {
                open_account(books);
                books.command(USER, at(1), &hold())?.unwrap();
                Ok(books.command(USER, at(2), &settle())?.unwrap().clone())
            })
            .unwrap();
        drop(books);
        let mut books = world.open();
        let after = books.once(|books| books.account(USER).cloned()).unwrap();
        assert_eq!(after, before);
        assert_eq!(before.period().charged, NanoUsd::new(103));
    }

    fn a_request_repeated_after_years_is_not_held_again(world: &World) {
        let mut books = world.open();
        books
            .once(|books| {
                open_account(books);
                books.command(USER, at(1), &hold())?.unwrap();
                books.command(USER, at(2), &settle())?.unwrap();
                let later = books.command(USER, at(900 * DAY_MS), &hold())?;
                assert_eq!(later.unwrap_err(), Refusal::AlreadySettled);
                let usage = books.usage(USER, REQUEST)?;
                assert!(
                    matches!(usage, UsageState::Settled(Charge { paid, .. }) if paid == NanoUsd::new(103))
                );
                Ok(())
            })
            .unwrap();
    }

    fn a_changed_history_is_noticed(world: &World) {
        let mut books = world.open();
        books
            .once(|books| {
                open_account(books);
                books.command(USER, at(1), &hold())?.unwrap();
                Ok(())
            })
            .unwrap();
        books
            .once(|books| {
                books.sql.execute(
                    "UPDATE events SET body = (SELECT body FROM events WHERE version = 2)
                     WHERE version = 1",
                    &[],
                )
            })
            .unwrap();
        drop(books);
        let forged = world.open().once(|books| books.account(USER).cloned());
        assert!(matches!(forged, Err(StoreError::Forged { .. })));
    }

    fn an_account_forgets_what_was_undone(world: &World) {
        let mut books = world.open();
        books
            .once(|books| {
                open_account(books);
                Ok(())
            })
            .unwrap();
        let undone = books.once(|books| {
            books.command(USER, at(1), &hold())?.unwrap();
            Err::<(), _>(StoreError::Closed)
        });
        assert!(undone.is_err());
        let account = books.once(|books| books.account(USER).cloned()).unwrap();
        assert_eq!(account.held(), NanoUsd::ZERO);
    }
}
