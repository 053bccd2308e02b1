//! What a cloud earned, month by month, from the histories of its accounts.

use std::collections::BTreeMap;

use serde::Serialize;
use synesis_domain::account::{Book, Entry, Happened, History};
use synesis_domain::{AccountEvent, NanoUsd, Timestamp};

use crate::accounts::{AccountError, NanoText};
use crate::clock;
use crate::date;
use crate::limits::HISTORY_BYTES_MAX;
use crate::store::{Books, CloudPlace};

/// The sums of one month (UTC) over all accounts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MonthOfRevenue {
    /// As `2026-05`.
    pub month: String,
    /// Calls that were charged or given.
    pub calls: u64,
    /// What the providers took of the operator.
    pub provider_nano: NanoText,
    /// What the tiers added.
    pub fee_nano: NanoText,
    /// What users paid for calls, out of credit or later.
    pub paid_nano: NanoText,
    /// What free tiers and promotions gave away.
    pub given_nano: NanoText,
    /// What lay beyond ceilings: the operator's loss.
    pub absorbed_nano: NanoText,
    /// Payments less what went back.
    pub cash_nano: NanoText,
    /// Credit that expired.
    pub breakage_nano: NanoText,
    /// The bills of the periods that ended in the month, in cents.
    pub billed_cents: u64,
}

#[derive(Default)]
struct Sums {
    calls: u64,
    provider: i128,
    fee: i128,
    paid: i128,
    given: i128,
    absorbed: i128,
    cash: i128,
    breakage: i128,
    billed_cents: u64,
}

impl Sums {
    fn add(&mut self, event: &AccountEvent) {
        for leg in event.legs() {
            let amount = i128::from(leg.amount.get());
            match leg.book {
                Book::Promo => self.given += amount,
                Book::Absorbed => self.absorbed += amount,
                Book::Cash => self.cash += amount,
                Book::Breakage => self.breakage -= amount,
                Book::Receivable | Book::Debt | Book::Credit | Book::Revenue => {}
            }
        }
        match &event.what {
            Happened::Settled { entry, .. } | Happened::Recorded { entry, .. } => self.call(entry),
            Happened::PeriodClosed { bill_cents, .. } => {
                self.billed_cents = self.billed_cents.saturating_add(*bill_cents);
            }
            _ => {}
        }
    }

    fn call(&mut self, entry: &Entry) {
        self.calls += 1;
        // Of a call that the user's own key served the provider bills the user.
        self.provider += i128::from(entry.due().get()) - i128::from(entry.fee.get());
        self.fee += i128::from(entry.fee.get());
        self.paid += i128::from(entry.paid().get());
    }

    fn month(self, month: String) -> MonthOfRevenue {
        let nano = |sum: i128| {
            let bounded = sum.clamp(i64::MIN.into(), i64::MAX.into());
            NanoText(NanoUsd::new(i64::try_from(bounded).unwrap_or(i64::MAX)))
        };
        MonthOfRevenue {
            month,
            calls: self.calls,
            provider_nano: nano(self.provider),
            fee_nano: nano(self.fee),
            paid_nano: nano(self.paid),
            given_nano: nano(self.given),
            absorbed_nano: nano(self.absorbed),
            cash_nano: nano(self.cash),
            breakage_nano: nano(self.breakage),
            billed_cents: self.billed_cents,
        }
    }
}

/// The months in which anything moved, oldest first.
///
/// # Errors
/// When the folder holds no cloud, or its database cannot be read.
pub fn revenue(cloud: impl Into<CloudPlace>) -> Result<Vec<MonthOfRevenue>, AccountError> {
    cloud.into().with(sum_up)?
}

fn sum_up(books: &mut Books) -> Result<Vec<MonthOfRevenue>, AccountError> {
    let mut months: BTreeMap<i64, Sums> = BTreeMap::new();
    for user in books.once(|books| books.users())? {
        let mut history = History::new(user);
        loop {
            let after = history.head().sequence;
            let page =
                books.once(|books| books.history(user, after, HISTORY_BYTES_MAX, clock::now()))?;
            for stored in &page.events {
                let step = history.push(stored).map_err(|_| AccountError::Damaged {
                    sequence: history.head().sequence + 1,
                })?;
                let month = month_of(&step.event);
                months
                    .entry(month.as_millis())
                    .or_default()
                    .add(&step.event);
            }
            if !page.more {
                break;
            }
        }
    }
    Ok(months
        .into_iter()
        .filter(|(_, sums)| {
            sums.calls > 0 || sums.cash != 0 || sums.billed_cents > 0 || sums.given != 0
        })
        .map(|(start, sums)| {
            let day = date::utc(Timestamp::from_millis(start));
            sums.month(day.chars().take("2026-05".len()).collect())
        })
        .collect())
}

/// A bill belongs to the month that it is of, which ended as the event says.
fn month_of(event: &AccountEvent) -> Timestamp {
    match &event.what {
        Happened::PeriodClosed { ended, .. } => ended.plus_ms(-1).month_start(),
        _ => event.at.month_start(),
    }
}
