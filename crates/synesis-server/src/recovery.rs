//! What a server does first: it ends the calls that its predecessor could not.
//!
//! A hold whose server died is settled by what was recorded as generated, which is at most one
//! slice of output less than what the caller saw: what nobody recorded is the operator's loss and
//! never charged on a guess. Where nothing was recorded the hold is released, and the request may
//! be asked anew. Either way the account has no open hold when the first device connects.
//!
//! Servers that share a database end the calls of those that died, and leave alone those of the
//! living.

use synesis_domain::account::RequestState;
use synesis_domain::{
    AccountCommand, NanoUsd, PriceTable, RequestId, Timestamp, TokenUsage, UserId,
};
use synesis_service::Rejection;
use synesis_wire::proto::stream_chunk::Payload;
use synesis_wire::proto::{self, StreamChunk, StreamEnd, StreamError};

use crate::store::{Books, Charge, StoreError, StoredResult};

/// How many calls were ended, and how.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Recovered {
    pub(crate) settled: usize,
    pub(crate) released: usize,
}

/// When the calls of the dead are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    /// Before this server takes calls: what was begun under its number is its predecessor's.
    Starting,
    /// While it takes calls: only other servers can have died.
    Serving,
}

/// Ends every call whose server has died.
pub(crate) fn recover(
    books: &mut Books,
    when: When,
    prices: &PriceTable,
    now: Timestamp,
) -> Result<Recovered, StoreError> {
    let mut done = Recovered::default();
    for result in books.unfinished_results(when == When::Starting)? {
        let (user, request) = (result.user, result.request);
        if settle(books, prices, now, &result)? {
            done.settled += 1;
        } else if release(books, user, request, now)? {
            done.released += 1;
        }
        match books.charge(user, request)? {
            Some(charge) => keep(books, now, result, &charge)?,
            None => books.drop_result(user, request)?,
        }
    }
    // Where others may be at work a hold without an answer is theirs, or ends by itself in time.
    if when == When::Starting && books.is_alone() {
        for user in books.users()? {
            done.released += release_all(books, user, now)?;
        }
    }
    Ok(done)
}

/// Settles a call by what was recorded; `false` where nothing was, or it was settled before.
fn settle(
    books: &mut Books,
    prices: &PriceTable,
    now: Timestamp,
    result: &StoredResult,
) -> Result<bool, StoreError> {
    let recorded = &result.transcript;
    if recorded.completion_tokens == 0 {
        return Ok(false);
    }
    let account = books.account(result.user)?;
    let RequestState::Held(hold) = account.request(&result.request) else {
        return Ok(false);
    };
    // Where the operator took the prices of the hold away nothing is charged.
    let Some(price) = prices.version(&hold.call.model, hold.call.price_version) else {
        return Ok(false);
    };
    let usage = TokenUsage::new(recorded.prompt_tokens, 0, recorded.completion_tokens);
    let settle = AccountCommand::Settle {
        request: result.request,
        usage,
        cost: price.cost(&usage),
    };
    Ok(books.command(result.user, now, &settle)?.is_ok())
}

fn release_all(books: &mut Books, user: UserId, now: Timestamp) -> Result<usize, StoreError> {
    let held: Vec<RequestId> = books.account(user)?.holds().map(|(id, _)| *id).collect();
    for request in &held {
        release(books, user, *request, now)?;
    }
    Ok(held.len())
}

/// Releases what a dead call held; `false` where it held nothing.
fn release(
    books: &mut Books,
    user: UserId,
    request: RequestId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let RequestState::Held(_) = books.account(user)?.request(&request) else {
        return Ok(false);
    };
    let released = books.command(user, now, &AccountCommand::Release { request })?;
    if let Err(refusal) = &released {
        tracing::warn!(%request, %refusal, "a hold of a dead call was not released");
    }
    Ok(released.is_ok())
}

/// Gives a charged answer its end, so that a retry gets it without a second charge.
fn keep(
    books: &mut Books,
    now: Timestamp,
    mut result: StoredResult,
    charge: &Charge,
) -> Result<(), StoreError> {
    let whole = result.transcript.whole;
    let chunks = &mut result.transcript.chunks;
    let request_id = result.request.to_string();
    let last = if whole {
        Payload::End(end(charge))
    } else {
        Payload::Error(broken_off(charge))
    };
    chunks.push(StreamChunk {
        request_id,
        sequence: chunks.len() as u64 + 1,
        payload: Some(last),
    });
    books.put_result(
        result.user,
        result.request,
        result.content,
        now,
        true,
        &result.transcript,
    )
}

fn tokens(charge: &Charge) -> proto::TokenUsage {
    proto::TokenUsage {
        prompt: charge.prompt,
        completion: charge.completion,
    }
}

fn cents(amount: NanoUsd) -> u32 {
    u32::try_from(amount.ceil_cents()).unwrap_or(u32::MAX)
}

fn end(charge: &Charge) -> StreamEnd {
    StreamEnd {
        tokens_used: Some(tokens(charge)),
        cost_cents: cents(charge.paid),
        total_latency_ms: 0,
        cost_nano_usd: charge.paid.get(),
        model_used: charge.model.clone(),
        finish: synesis_service::Finish::Stop.as_str().to_owned(),
        receipt: None,
    }
}

fn broken_off(charge: &Charge) -> StreamError {
    let why = Rejection::ShuttingDown;
    StreamError {
        code: why.code().as_str().to_owned(),
        message: "the server stopped in the middle of this answer".to_owned(),
        cost_nano_usd: charge.paid.get(),
        tokens_used: Some(tokens(charge)),
        receipt: None,
    }
}
