//! What the account costs: sums, a chart of days, and a way to buy credit.

use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use minijinja::{Value, context};
use serde::Deserialize;
use synesis_domain::{Account, NanoUsd, RequestId, Timestamp, UserId};

use super::super::Shared;
use super::account::overview;
use super::visitor::{Visitor, go_to};
use crate::clock;
use crate::date::utc;
use crate::payment::{self, NewPage, TopUpError};
use crate::random;
use crate::store::{Books, Stage, StoreError, UsageRow};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// How many days the chart shows.
const DAYS: i64 = 30;
/// The chart's own units.
const WIDTH: i64 = 720;
const HEIGHT: i64 = 160;
const GAP: i64 = 4;

/// What the page shows of an account's money.
pub(super) struct Money {
    account: Account,
    rows: Vec<UsageRow>,
    can_top_up: bool,
    now: Timestamp,
}

impl Money {
    pub(super) async fn load(shared: &Shared, user: UserId) -> Result<Self, StoreError> {
        let now = clock::now();
        let from = now.plus_ms(-(DAYS - 1) * DAY_MS);
        let read = move |books: &mut Books| {
            let account = books.account(user)?.clone();
            Ok((account, books.usage_by_day(user, from)?))
        };
        let (account, rows) = shared.cloud.store.run_for(user, read).await?;
        Ok(Self {
            account,
            rows,
            can_top_up: shared.cloud.payment.is_some(),
            now,
        })
    }

    pub(super) fn values(&self) -> Value {
        let account = &self.account;
        let period = account.period();
        let some = |amount: NanoUsd| (amount > NanoUsd::ZERO).then(|| amount.to_string());
        context! {
            opened => account.terms().is_some(),
            tier => account.tier().name(),
            charged => period.charged.to_string(),
            calls => period.calls,
            since => utc(period.started),
            held => some(account.held()),
            credit => account.credit().to_string(),
            debt => some(account.debt()),
            ceiling => account.limit().to_string(),
            room => account.room().to_string(),
            can_top_up => self.can_top_up,
            days => self.bars(),
            total => self.total().to_string(),
            models => self.models(),
            width => WIDTH,
            height => HEIGHT,
        }
    }

    fn total(&self) -> NanoUsd {
        let sum = self.rows.iter().map(|row| i128::from(row.paid)).sum();
        nano(sum)
    }

    /// A bar a day, oldest first; the highest is as high as the chart.
    fn bars(&self) -> Vec<Value> {
        let today = self.now.as_millis().div_euclid(DAY_MS);
        let paid = |day: i64| -> i128 {
            let rows = self.rows.iter().filter(|row| row.day == day);
            rows.map(|row| i128::from(row.paid)).sum()
        };
        let most = (0..DAYS).map(|back| paid(today - back)).max().unwrap_or(0);
        let step = WIDTH / DAYS;
        (0..DAYS)
            .map(|place| {
                let day = today - (DAYS - 1) + place;
                let paid = paid(day);
                let height = bar_height(paid, most);
                let at = Timestamp::from_millis(day.saturating_mul(DAY_MS));
                context! {
                    x => place * step,
                    y => HEIGHT - height,
                    width => step - GAP,
                    height,
                    day => utc(at).chars().take("2026-05-01".len()).collect::<String>(),
                    paid => nano(paid).to_string(),
                }
            })
            .collect()
    }

    /// What each model came to, the dearest first.
    fn models(&self) -> Vec<Value> {
        let mut models: std::collections::BTreeMap<&str, (u64, u64, u64, i128)> =
            std::collections::BTreeMap::new();
        for row in &self.rows {
            let sums = models.entry(&row.model).or_default();
            sums.0 += row.calls;
            sums.1 += row.prompt;
            sums.2 += row.completion;
            sums.3 += i128::from(row.paid);
        }
        let mut sorted: Vec<_> = models.into_iter().collect();
        sorted.sort_by_key(|(model, sums)| (std::cmp::Reverse(sums.3), *model));
        sorted
            .into_iter()
            .map(|(model, (calls, prompt, completion, paid))| {
                context! { model, calls, prompt, completion, paid => nano(paid).to_string() }
            })
            .collect()
    }
}

fn nano(sum: i128) -> NanoUsd {
    let bounded = sum.clamp(i64::MIN.into(), i64::MAX.into());
    NanoUsd::new(i64::try_from(bounded).unwrap_or(i64::MAX))
}

/// How high a bar is; whatever was paid can be seen.
fn bar_height(paid: i128, most: i128) -> i64 {
    if paid <= 0 || most <= 0 {
        return 0;
    }
    let height = paid * i128::from(HEIGHT) / most;
    i64::try_from(height).unwrap_or(HEIGHT).clamp(2, HEIGHT)
}

#[derive(Deserialize)]
pub(super) struct TopUpForm {
    form_token: String,
    amount: String,
}

/// Makes a page at Stripe, and shows the way there.
pub(super) async fn top_up(
    State(shared): State<Shared>,
    visitor: Visitor,
    Form(form): Form<TopUpForm>,
) -> Response {
    if let Some(refused) = visitor.refuse_post(&shared, &form.form_token) {
        return refused;
    }
    let Ok(session) = visitor.signed_in() else {
        return go_to("/sign-in");
    };
    let made = match cents(&form.amount) {
        Some(cents) => page(&shared, session.user, cents).await,
        None => {
            let problem = "That is no amount. It looks like 10 or 12.50.".to_owned();
            return overview(&shared, &visitor, session, Some(problem)).await;
        }
    };
    match made {
        Ok((url, amount)) => {
            let values = context! {
                form_token => visitor.form_token(),
                account => session.email.as_str(),
                url,
                amount,
            };
            visitor.remember(shared.web.page("pay.html", StatusCode::OK, values))
        }
        Err(TopUpError::Store(error)) => shared.web.broken(&error),
        Err(error) => {
            tracing::warn!(error = %crate::error::chain(&error), "there is no page for a top-up");
            let problem = format!("No page to pay on could be made: {error}.");
            overview(&shared, &visitor, session, Some(problem)).await
        }
    }
}

/// Whole cents, more than none.
fn cents(text: &str) -> Option<u64> {
    let amount: NanoUsd = text.trim().parse().ok()?;
    let cents = amount.floor_cents();
    (cents > 0 && NanoUsd::from_whole_cents(cents) == amount).then_some(cents)
}

async fn page(shared: &Shared, user: UserId, cents: u64) -> Result<(String, String), TopUpError> {
    let request = random::uuid().map_err(|_| TopUpError::NoPage)?;
    let cloud = &shared.cloud;
    let new = NewPage {
        user,
        request: RequestId::from_bytes(request),
        cents,
        account_url: cloud.address("/account"),
    };
    let page = payment::begin_top_up(cloud, new).await?;
    Ok((page.url, NanoUsd::from_whole_cents(cents).to_string()))
}

/// What somebody is told who comes back from Stripe. That they come back proves nothing.
pub(super) async fn welcome_back(
    shared: &Shared,
    user: UserId,
    session: &str,
) -> Result<Option<String>, StoreError> {
    let Ok(session) = session.parse() else {
        return Ok(None);
    };
    let found = payment::top_up_state(&shared.cloud, user, session).await?;
    Ok(found.map(|(stage, credited)| match stage {
        Stage::Credited => format!("Thank you: {credited} were credited."),
        Stage::Open => "Thank you. The credit appears here as soon as Stripe says that the \
                        payment has arrived, mostly within a minute."
            .to_owned(),
        Stage::Unpaid => "That page was not paid; nothing was charged.".to_owned(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_paid_can_be_seen_and_nothing_is_higher_than_the_chart() {
        assert_eq!(bar_height(0, 100), 0);
        assert_eq!(bar_height(1, 1_000_000_000_000), 2);
        assert_eq!(bar_height(50, 100), HEIGHT / 2);
        assert_eq!(bar_height(i64::MAX.into(), i64::MAX.into()), HEIGHT);
        assert_eq!(bar_height(-5, 100), 0);
    }

    #[test]
    fn an_amount_is_whole_cents() {
        assert_eq!(cents("10"), Some(1_000));
        assert_eq!(cents(" $12.50 "), Some(1_250));
        for wrong in ["", "0", "-1", "0.001", "ten", "1e3"] {
            assert_eq!(cents(wrong), None, "{wrong}");
        }
    }
}
