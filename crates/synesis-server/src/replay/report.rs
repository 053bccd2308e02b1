//! What a replay writes. Amounts are nano-dollars in quotes: JSON numbers hold no more than 2^53.

use serde_json::{Map, Value, json};
use synesis_domain::account::{Book, Entry, Happened, RequestState, flush_identifier};
use synesis_domain::{NanoUsd, Refusal, RequestId};

use super::ledger::{Done, Ledger, entry_of};
use super::operation::Line;

fn nano(amount: NanoUsd) -> Value {
    amount.get().to_string().into()
}

/// The line that answers an operation.
pub(super) fn outcome(
    line: &Line,
    user: &str,
    ledger: &Ledger,
    request: &Option<RequestId>,
    done: Done,
) -> Value {
    let mut out = Map::new();
    out.insert("op".into(), line.operation.name().into());
    out.insert("user".into(), user.into());
    let word = match &done {
        Done::Events(_) => "ok",
        Done::Exists => "exists",
        Done::Refused(_) => "refused",
    };
    out.insert("outcome".into(), word.into());
    match &done {
        Done::Events(events) => {
            if let Some(entry) = entry_of(events) {
                out.insert("entry".into(), entry_json(entry));
            }
            let queued: Vec<Value> = events
                .iter()
                .filter_map(|event| match event.what {
                    Happened::FlushQueued {
                        number,
                        period,
                        cents,
                    } => Some(json!({
                        "flush": number,
                        "period": period,
                        "cents": cents,
                        "identifier": flush_identifier(ledger.account.user(), period, number),
                    })),
                    _ => None,
                })
                .collect();
            if !queued.is_empty() {
                out.insert("queued".into(), queued.into());
            }
            out.insert("events".into(), events.len().into());
        }
        Done::Exists => {
            let state = request.as_ref().map(|id| ledger.account.request(id));
            if let Some(RequestState::Settled(settlement)) = state {
                out.insert("entry".into(), entry_json(&settlement.entry));
            }
        }
        Done::Refused(refusal) => refused(*refusal, &mut out),
    }
    out.insert("state".into(), state(ledger));
    Value::Object(out)
}

fn refused(refusal: Refusal, out: &mut Map<String, Value>) {
    out.insert("refusal".into(), refusal.code().into());
    match refusal {
        Refusal::Ceiling { excess, room } | Refusal::Quota { excess, room } => {
            out.insert("excess_nano".into(), nano(excess));
            out.insert("room_nano".into(), nano(room));
        }
        Refusal::Debt { owed } => {
            out.insert("owed_nano".into(), nano(owed));
        }
        _ => {}
    }
}

fn entry_json(entry: &Entry) -> Value {
    json!({
        "provider_nano": nano(entry.provider),
        "fee_nano": nano(entry.fee),
        "due_nano": nano(entry.due()),
        "credit_nano": nano(entry.credit),
        "charged_nano": nano(entry.charged),
        "waived_nano": nano(entry.waived),
        "absorbed_nano": nano(entry.absorbed),
    })
}

fn state(ledger: &Ledger) -> Value {
    let account = &ledger.account;
    json!({
        "charged_nano": nano(account.period().charged),
        "held_nano": nano(account.held()),
        "credit_nano": nano(account.credit()),
        "pinned_nano": nano(account.pinned_credit()),
        "debt_nano": nano(account.debt()),
        "room_nano": nano(account.room()),
        "events": ledger.head.sequence,
    })
}

/// The last lines of a user: balances, bills and the head of the chain.
pub(super) fn summary(user: &str, ledger: &Ledger) -> Vec<Value> {
    let account = &ledger.account;
    let books: Map<String, Value> = Book::ALL
        .into_iter()
        .map(|book| {
            (
                format!("{}_nano", book.name()),
                nano(account.books().balance(book)),
            )
        })
        .collect();
    let period = account.period();
    let mut lines = vec![json!({ "balance": {
        "user": user,
        "tier": account.tier().name(),
        "books": books,
        "credit_nano": nano(account.credit()),
        "pinned_nano": nano(account.pinned_credit()),
        "held_nano": nano(account.held()),
        "debt_nano": nano(account.debt()),
        "room_nano": nano(account.room()),
        "unbilled_nano": nano(account.unbilled()),
        "queued_cents": account.queued_cents(),
        "sent_cents": account.sent_cents(),
    }})];
    lines.extend(ledger.bills.iter().map(|bill| {
        json!({ "bill": {
            "user": user,
            "period": bill.period,
            "started": bill.started.as_millis(),
            "ended": bill.ended.as_millis(),
            "charged_nano": nano(bill.charged),
            "credit_nano": nano(bill.credit),
            "waived_nano": nano(bill.waived),
            "absorbed_nano": nano(bill.absorbed),
            "calls": bill.calls,
            "cents": bill.cents,
        }})
    }));
    lines.push(json!({ "bill": {
        "user": user,
        "period": period.number,
        "started": period.started.as_millis(),
        "ended": null,
        "charged_nano": nano(period.charged),
        "credit_nano": nano(period.credit),
        "waived_nano": nano(period.waived),
        "absorbed_nano": nano(period.absorbed),
        "calls": period.calls,
        "cents": period.charged.ceil_cents(),
    }}));
    lines.push(json!({ "chain": {
        "user": user,
        "user_id": account.user().to_string(),
        "events": ledger.head.sequence,
        "head": ledger.head.hash.to_string(),
    }}));
    lines
}
