//! What billing keeps beside the accounts: Stripe's names, pages for top-ups, webhooks that wait, and
//! when which report is sent next.

use synesis_domain::{RequestId, Timestamp, UserId};
use synesis_service::stripe::{CheckoutSessionId, EventId, PaymentIntentId, StripeCustomerId};

use super::sql::{Row, values};
use super::{Books, StoreError};

/// Where a page for a top-up stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    Open,
    Credited,
    Unpaid,
}

impl Stage {
    const fn number(self) -> i64 {
        match self {
            Self::Open => 0,
            Self::Credited => 1,
            Self::Unpaid => 2,
        }
    }
}

/// A page on which somebody wanted to buy credit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredTopUp {
    pub(crate) session: CheckoutSessionId,
    pub(crate) user: UserId,
    pub(crate) request: RequestId,
    pub(crate) cents: u64,
    pub(crate) url: String,
    pub(crate) stage: Stage,
}

/// A webhook that was taken and is not done with.
#[derive(Debug, Clone)]
pub(crate) struct InboxEvent {
    pub(crate) event: EventId,
    pub(crate) body: Vec<u8>,
    pub(crate) tries: u32,
}

/// A report that is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DueFlush {
    pub(crate) user: UserId,
    pub(crate) number: u32,
    pub(crate) first_sent_at: Option<Timestamp>,
}

/// What a user's calls of a day came to on one model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UsageRow {
    /// Days since 1970, UTC.
    pub(crate) day: i64,
    pub(crate) model: String,
    pub(crate) calls: u64,
    pub(crate) prompt: u64,
    pub(crate) completion: u64,
    /// What the user pays, in nano-dollars.
    pub(crate) paid: i64,
}

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

impl Books {
    /// Under which name Stripe knows an account.
    pub(crate) fn customer(
        &mut self,
        user: UserId,
    ) -> Result<Option<StripeCustomerId>, StoreError> {
        let found = self.sql.one(
            "SELECT customer FROM customers WHERE user = ?1",
            values![user.as_bytes()],
            |row| row.get::<String>(0),
        )?;
        Ok(found.and_then(|name| name.parse().ok()))
    }

    /// Notes Stripe's name of an account; one that is known stays.
    pub(crate) fn put_customer(
        &mut self,
        user: UserId,
        customer: &StripeCustomerId,
    ) -> Result<(), StoreError> {
        self.sql.execute(
            "INSERT INTO customers (user, customer) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
            values![user.as_bytes(), customer.as_str()],
        )?;
        Ok(())
    }

    /// Every account that Stripe knows.
    pub(crate) fn customers(&mut self) -> Result<Vec<(UserId, StripeCustomerId)>, StoreError> {
        let rows = self
            .sql
            .all("SELECT user, customer FROM customers", &[], |row| {
                Ok((UserId::from_bytes(row.get(0)?), row.get::<String>(1)?))
            })?;
        let known = rows.into_iter();
        Ok(known
            .filter_map(|(user, name)| Some((user, name.parse().ok()?)))
            .collect())
    }

    /// The user's own key for the model's provider, encrypted.
    pub(crate) fn provider_key(&mut self, user: UserId) -> Result<Option<Vec<u8>>, StoreError> {
        self.sql.one(
            "SELECT sealed FROM provider_keys WHERE user = ?1",
            values![user.as_bytes()],
            |row| row.get(0),
        )
    }

    /// Keeps a key in place of the one before.
    pub(crate) fn put_provider_key(
        &mut self,
        user: UserId,
        sealed: &[u8],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.sql.execute(
            "INSERT INTO provider_keys (user, sealed, set_at) VALUES (?1, ?2, ?3)
             ON CONFLICT (user) DO UPDATE SET sealed = excluded.sealed, set_at = excluded.set_at",
            values![user.as_bytes(), sealed, now.as_millis()],
        )?;
        Ok(())
    }

    /// Forgets a key.
    pub(crate) fn drop_provider_key(&mut self, user: UserId) -> Result<(), StoreError> {
        self.sql.execute(
            "DELETE FROM provider_keys WHERE user = ?1",
            values![user.as_bytes()],
        )?;
        Ok(())
    }

    /// Notes a page for a top-up; one that is known stays.
    pub(crate) fn put_top_up(
        &mut self,
        top_up: &StoredTopUp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.sql.execute(
            "INSERT INTO top_ups (session, user, request, cents, url, made_at, stage)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING",
            values![
                top_up.session.as_str(),
                top_up.user.as_bytes(),
                top_up.request.as_bytes(),
                i64::try_from(top_up.cents).unwrap_or(i64::MAX),
                top_up.url.as_str(),
                now.as_millis(),
                top_up.stage.number(),
            ],
        )?;
        Ok(())
    }

    /// The page that was made for this request of a user.
    pub(crate) fn top_up_of(
        &mut self,
        user: UserId,
        request: RequestId,
    ) -> Result<Option<StoredTopUp>, StoreError> {
        let found = self.sql.one(
            "SELECT session, user, request, cents, url, stage FROM top_ups
             WHERE user = ?1 AND request = ?2",
            values![user.as_bytes(), request.as_bytes()],
            top_up,
        )?;
        Ok(found.flatten())
    }

    /// A page, by Stripe's name of it.
    pub(crate) fn top_up(
        &mut self,
        session: &CheckoutSessionId,
    ) -> Result<Option<StoredTopUp>, StoreError> {
        let found = self.sql.one(
            "SELECT session, user, request, cents, url, stage FROM top_ups WHERE session = ?1",
            values![session.as_str()],
            top_up,
        )?;
        Ok(found.flatten())
    }

    /// The page that a payment was made on.
    pub(crate) fn top_up_of_payment(
        &mut self,
        payment: &PaymentIntentId,
    ) -> Result<Option<StoredTopUp>, StoreError> {
        let found = self.sql.one(
            "SELECT session, user, request, cents, url, stage FROM top_ups WHERE payment = ?1",
            values![payment.as_str()],
            top_up,
        )?;
        Ok(found.flatten())
    }

    /// The pages of a user that can still be paid, made after this moment.
    pub(crate) fn open_top_ups(
        &mut self,
        user: UserId,
        after: Timestamp,
    ) -> Result<usize, StoreError> {
        let found = self.sql.one(
            "SELECT count(*) FROM top_ups WHERE user = ?1 AND stage = 0 AND made_at > ?2",
            values![user.as_bytes(), after.as_millis()],
            |row| row.get::<i64>(0),
        )?;
        Ok(usize::try_from(found.unwrap_or(0)).unwrap_or(usize::MAX))
    }

    /// Notes that a page was paid, by which payment.
    pub(crate) fn top_up_paid(
        &mut self,
        session: &CheckoutSessionId,
        payment: &PaymentIntentId,
    ) -> Result<(), StoreError> {
        self.sql.execute(
            "UPDATE top_ups SET stage = 1, payment = ?2 WHERE session = ?1",
            values![session.as_str(), payment.as_str()],
        )?;
        Ok(())
    }

    /// Notes that nobody paid on a page. One that was paid stays paid.
    pub(crate) fn top_up_unpaid(&mut self, session: &CheckoutSessionId) -> Result<(), StoreError> {
        self.sql.execute(
            "UPDATE top_ups SET stage = 2 WHERE session = ?1 AND stage = 0",
            values![session.as_str()],
        )?;
        Ok(())
    }

    /// Takes a webhook; `false` where it was taken before.
    pub(crate) fn receive_webhook(
        &mut self,
        event: &EventId,
        body: &[u8],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let added = self.sql.execute(
            "INSERT INTO inbox (event, received_at, body, tries, due_at)
             VALUES (?1, ?2, ?3, 0, ?2) ON CONFLICT DO NOTHING",
            values![event.as_str(), now.as_millis(), body],
        )?;
        Ok(added == 1)
    }

    /// The webhooks that are due, oldest first.
    pub(crate) fn due_webhooks(&mut self, now: Timestamp) -> Result<Vec<InboxEvent>, StoreError> {
        let rows = self.sql.all(
            "SELECT event, body, tries FROM inbox WHERE body IS NOT NULL AND due_at <= ?1
             ORDER BY received_at LIMIT 100",
            values![now.as_millis()],
            |row| {
                Ok((
                    row.get::<String>(0)?,
                    row.get::<Vec<u8>>(1)?,
                    row.get::<u32>(2)?,
                ))
            },
        )?;
        let read = rows.into_iter().filter_map(|(event, body, tries)| {
            let event = event.parse().ok()?;
            Some(InboxEvent { event, body, tries })
        });
        Ok(read.collect())
    }

    /// Forgets what a webhook said, and never that it was taken.
    pub(crate) fn webhook_done(&mut self, event: &EventId) -> Result<(), StoreError> {
        self.sql.execute(
            "UPDATE inbox SET body = NULL WHERE event = ?1",
            values![event.as_str()],
        )?;
        Ok(())
    }

    /// Leaves a webhook for later.
    pub(crate) fn webhook_later(
        &mut self,
        event: &EventId,
        due: Timestamp,
    ) -> Result<(), StoreError> {
        self.sql.execute(
            "UPDATE inbox SET tries = tries + 1, due_at = ?2 WHERE event = ?1",
            values![event.as_str(), due.as_millis()],
        )?;
        Ok(())
    }

    pub(super) fn queue_flush(
        &mut self,
        user: UserId,
        number: u32,
        cents: u64,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.sql.execute(
            "INSERT INTO outbox (user, number, cents, queued_at, stage, due_at)
             VALUES (?1, ?2, ?3, ?4, 0, ?4)",
            values![
                user.as_bytes(),
                number,
                i64::try_from(cents).unwrap_or(i64::MAX),
                now.as_millis()
            ],
        )?;
        Ok(())
    }

    pub(super) fn flush_ended(
        &mut self,
        user: UserId,
        number: u32,
        stage: u32,
    ) -> Result<(), StoreError> {
        self.sql.execute(
            "UPDATE outbox SET stage = ?3 WHERE user = ?1 AND number = ?2",
            values![user.as_bytes(), number, stage],
        )?;
        Ok(())
    }

    /// The first report of each account that is due: of one account one at a time, in order.
    pub(crate) fn due_flushes(&mut self, now: Timestamp) -> Result<Vec<DueFlush>, StoreError> {
        self.sql.all(
            "SELECT user, number, first_sent_at FROM outbox AS o
             WHERE stage = 0 AND due_at <= ?1 AND number =
                 (SELECT min(number) FROM outbox AS i WHERE i.user = o.user AND stage = 0)
             ORDER BY due_at LIMIT 100",
            values![now.as_millis()],
            |row| {
                Ok(DueFlush {
                    user: UserId::from_bytes(row.get(0)?),
                    number: row.get(1)?,
                    first_sent_at: row.get::<Option<i64>>(2)?.map(Timestamp::from_millis),
                })
            },
        )
    }

    /// Notes a try before it is made, and when the next one is due if nothing comes of it. `false`
    /// where another server makes one, or the report is no longer queued.
    pub(crate) fn begin_flush(
        &mut self,
        flush: DueFlush,
        now: Timestamp,
        again_at: Timestamp,
    ) -> Result<bool, StoreError> {
        let begun = self.sql.execute(
            "UPDATE outbox SET first_sent_at = COALESCE(first_sent_at, ?3), due_at = ?4
             WHERE user = ?1 AND number = ?2 AND stage = 0 AND due_at <= ?3",
            values![
                flush.user.as_bytes(),
                flush.number,
                now.as_millis(),
                again_at.as_millis()
            ],
        )?;
        Ok(begun == 1)
    }

    /// Begins the count of unanswered time anew: Stripe's sums say that it has nothing.
    pub(crate) fn restart_flush(&mut self, flush: DueFlush) -> Result<(), StoreError> {
        self.sql.execute(
            "UPDATE outbox SET first_sent_at = NULL, due_at = 0 WHERE user = ?1 AND number = ?2",
            values![flush.user.as_bytes(), flush.number],
        )?;
        Ok(())
    }

    /// The cents that Stripe has of what was queued for a user from one moment up to another, that
    /// one included.
    pub(crate) fn sent_cents(
        &mut self,
        user: UserId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<u64, StoreError> {
        let sum = self.sql.one(
            "SELECT CAST(COALESCE(sum(cents), 0) AS INTEGER) FROM outbox
             WHERE user = ?1 AND stage = 1 AND queued_at >= ?2 AND queued_at <= ?3",
            values![user.as_bytes(), from.as_millis(), to.as_millis()],
            |row| row.get::<i64>(0),
        )?;
        Ok(u64::try_from(sum.unwrap_or(0)).unwrap_or(0))
    }

    /// The pages that were made since a moment and not given up.
    pub(crate) fn top_ups_since(
        &mut self,
        from: Timestamp,
    ) -> Result<Vec<StoredTopUp>, StoreError> {
        let rows = self.sql.all(
            "SELECT session, user, request, cents, url, stage FROM top_ups
             WHERE made_at >= ?1 AND stage <> 2",
            values![from.as_millis()],
            top_up,
        )?;
        Ok(rows.into_iter().flatten().collect())
    }

    /// Lets one server do something once in so many milliseconds: `true` for that one.
    pub(crate) fn take_turn(
        &mut self,
        name: &str,
        now: Timestamp,
        every_ms: i64,
    ) -> Result<bool, StoreError> {
        let due = now.plus_ms(every_ms).as_millis();
        let taken = self.sql.execute(
            "INSERT INTO turns (name, due_at) VALUES (?1, ?2)
             ON CONFLICT (name) DO UPDATE SET due_at = excluded.due_at WHERE turns.due_at <= ?3",
            values![name, due, now.as_millis()],
        )?;
        Ok(taken == 1)
    }

    /// What a user's calls came to from a moment on, by day and model.
    pub(crate) fn usage_by_day(
        &mut self,
        user: UserId,
        from: Timestamp,
    ) -> Result<Vec<UsageRow>, StoreError> {
        self.sql.all(
            "SELECT at / 86400000 AS day, model, count(*), CAST(sum(prompt) AS INTEGER),
                 CAST(sum(completion) AS INTEGER), CAST(sum(charged) AS INTEGER)
             FROM settled WHERE user = ?1 AND at >= ?2 GROUP BY 1, 2 ORDER BY 1, 2",
            values![
                user.as_bytes(),
                from.as_millis().div_euclid(DAY_MS).saturating_mul(DAY_MS)
            ],
            |row| {
                Ok(UsageRow {
                    day: row.get(0)?,
                    model: row.get(1)?,
                    calls: count(row, 2)?,
                    prompt: count(row, 3)?,
                    completion: count(row, 4)?,
                    paid: row.get(5)?,
                })
            },
        )
    }
}

fn count(row: &Row<'_>, column: usize) -> Result<u64, StoreError> {
    Ok(u64::try_from(row.get::<i64>(column)?).unwrap_or(0))
}

fn top_up(row: &Row<'_>) -> Result<Option<StoredTopUp>, StoreError> {
    let session: String = row.get(0)?;
    Ok(Some(StoredTopUp {
        session: match session.parse() {
            Ok(session) => session,
            Err(_) => return Ok(None),
        },
        user: UserId::from_bytes(row.get(1)?),
        request: RequestId::from_bytes(row.get(2)?),
        cents: count(row, 3)?,
        url: row.get(4)?,
        stage: match row.get::<i64>(5)? {
            1 => Stage::Credited,
            2 => Stage::Unpaid,
            _ => Stage::Open,
        },
    }))
}
