//! Calls about the account's money: its balance, its history, calls that were made elsewhere,
//! top-ups and tiers.

use synesis_domain::account::{CreditKind, HeldCall};
use synesis_domain::{
    Account, AccountCommand, Digest, ModelName, NanoUsd, Payer, Refusal, RequestId, Tier,
    Timestamp, TokenUsage, UserId,
};
use synesis_wire::ErrorCode;
use synesis_wire::limits::RECORDS_MAX;
use synesis_wire::proto;

use crate::call::Fault;
use crate::clock;
use crate::cloud::Cloud;
use crate::hub::Link;
use crate::limits::HISTORY_BYTES_MAX;
use crate::payment::{self, NewPage, TopUpError};
use crate::store::{Books, Stage, StoreError};

/// What a device may see of its account.
pub(crate) async fn balance(cloud: &Cloud, link: &Link) -> Result<proto::BalanceResponse, Fault> {
    let user = link.claims.user;
    let (mut response, receipt) = cloud
        .store
        .run_for(user, move |books| {
            let response = balance_of(books.account(user)?);
            // The time is taken where the account is: receipts of one account are in order.
            Ok((response, books.receipt(user, clock::now())?))
        })
        .await?;
    response.receipt = Some(cloud.receipts.sign(&receipt));
    response.can_top_up = cloud.payment.is_some();
    Ok(response)
}

fn balance_of(account: &Account) -> proto::BalanceResponse {
    let period = account.period();
    proto::BalanceResponse {
        tier: account
            .terms()
            .map_or_else(String::new, |terms| terms.tier.name().to_owned()),
        charged_nano_usd: period.charged.get(),
        held_nano_usd: account.held().get(),
        ceiling_nano_usd: account.limit().get(),
        room_nano_usd: account.room().get(),
        calls: period.calls,
        prompt_tokens: period.prompt_tokens,
        completion_tokens: period.completion_tokens,
        period_started: period.started.as_millis(),
        credit_nano_usd: account.credit().get(),
        pinned_nano_usd: account.pinned_credit().get(),
        debt_nano_usd: account.debt().get(),
        unbilled_nano_usd: account.unbilled().get(),
        rate_bp: rate_of(&account.tier()),
        credits: credits_of(account),
        receipt: None,
        can_top_up: false,
    }
}

/// What is left of each credit, in the order in which they are spent.
fn credits_of(account: &Account) -> Vec<proto::CreditInfo> {
    let mut grants: Vec<_> = account.grants().collect();
    grants.sort_by_key(|(number, grant)| {
        let expires = grant.expires_at.map_or(i64::MAX, Timestamp::as_millis);
        (grant.kind == CreditKind::Paid, expires, *number)
    });
    grants
        .into_iter()
        .map(|(_, grant)| proto::CreditInfo {
            kind: match grant.kind {
                CreditKind::Paid => "paid".to_owned(),
                CreditKind::Promo => "promo".to_owned(),
            },
            granted_nano_usd: grant.granted.get(),
            left_nano_usd: grant.left.get(),
            expires_at: grant.expires_at.map(Timestamp::as_millis),
        })
        .collect()
}

/// Hundredths of a per cent on top of the provider's cost.
const fn rate_of(tier: &Tier) -> u32 {
    match tier {
        Tier::Free { .. } => 0,
        Tier::Managed { markup } => markup.get() as u32,
        Tier::Byok { licensing } => licensing.get() as u32,
    }
}

fn monthly_limit(tier: &Tier) -> Option<i64> {
    match tier {
        Tier::Free {
            monthly_limit_cents,
        } => Some(NanoUsd::from_cents(*monthly_limit_cents).get()),
        Tier::Managed { .. } | Tier::Byok { .. } => None,
    }
}

/// The next events of the account's history.
pub(crate) async fn history(
    cloud: &Cloud,
    link: &Link,
    request: proto::HistoryRequest,
) -> Result<proto::HistoryResponse, Fault> {
    let user = link.claims.user;
    let page = cloud
        .store
        .run_for(user, move |books| {
            books.history(user, request.after, HISTORY_BYTES_MAX, clock::now())
        })
        .await?;
    Ok(proto::HistoryResponse {
        events: page.events.into_iter().map(Into::into).collect(),
        more: page.more,
        receipt: Some(cloud.receipts.sign(&page.receipt)),
    })
}

/// A record that makes sense, with what it cost at the provider.
#[derive(Clone)]
struct Priced {
    request: RequestId,
    command: AccountCommand,
}

/// Charges calls that the device made by the user's own key. Each record stands for itself.
pub(crate) async fn record(
    cloud: &Cloud,
    link: &Link,
    request: proto::RecordRequest,
) -> Result<proto::RecordResponse, Fault> {
    if request.records.len() > RECORDS_MAX {
        return Err(Fault::new(
            ErrorCode::TooLarge,
            format!("at most {RECORDS_MAX} calls can be recorded at once"),
        ));
    }
    let now = clock::now();
    let priced: Vec<Result<Priced, proto::RecordResult>> = request
        .records
        .iter()
        .map(|record| {
            price(cloud, link, record, now)
                .map_err(|(code, message)| refused(record, code, message))
        })
        .collect();
    let user = link.claims.user;
    let threshold = cloud.flush_threshold();
    let (results, receipt) = cloud
        .store
        .run_for(user, move |books| {
            let results = priced
                .iter()
                .map(|priced| match priced {
                    Ok(priced) => recorded(books, user, now, priced),
                    Err(refused) => Ok(refused.clone()),
                })
                .collect::<Result<Vec<_>, StoreError>>()?;
            if let Some(threshold) = threshold {
                let _ = books.command(user, now, &AccountCommand::Flush { threshold })?;
            }
            Ok((results, books.receipt(user, clock::now())?))
        })
        .await?;
    Ok(proto::RecordResponse {
        results,
        receipt: Some(cloud.receipts.sign(&receipt)),
    })
}

fn price(
    cloud: &Cloud,
    link: &Link,
    record: &proto::UsageRecord,
    now: Timestamp,
) -> Result<Priced, (ErrorCode, String)> {
    let bad = |problem: String| (ErrorCode::BadRequest, problem);
    let request: RequestId = record
        .request_id
        .parse()
        .map_err(|error| bad(format!("the request id: {error}")))?;
    let model = ModelName::new(record.model.as_str())
        .map_err(|error| bad(format!("the model: {error}")))?;
    if record.cached_prompt_tokens > record.prompt_tokens {
        return Err(bad(
            "more of the prompt was cached than there was".to_owned()
        ));
    }
    let usage = TokenUsage::new(
        record.prompt_tokens,
        record.cached_prompt_tokens,
        record.completion_tokens,
    );
    let prices = cloud.prices();
    let row = prices
        .at(&model, now)
        .map_err(|error| (ErrorCode::UnknownModel, error.to_string()))?;
    let content = Digest::of_parts([
        b"usage record 1".as_slice(),
        model.as_str().as_bytes(),
        &usage.prompt().to_be_bytes(),
        &usage.cached_prompt().to_be_bytes(),
        &usage.completion().to_be_bytes(),
        &record.occurred_at.to_be_bytes(),
    ]);
    let command = AccountCommand::Record {
        request,
        call: HeldCall {
            content,
            device: link.claims.device,
            model,
            price_version: row.version,
            payer: Payer::User,
            guest: None,
        },
        occurred_at: Timestamp::from_millis(record.occurred_at),
        usage,
        cost: row.cost(&usage),
    };
    Ok(Priced { request, command })
}

fn recorded(
    books: &mut Books,
    user: UserId,
    now: Timestamp,
    priced: &Priced,
) -> Result<proto::RecordResult, StoreError> {
    let request_id = priced.request.to_string();
    let known = books.charge(user, priced.request)?.is_some();
    if let Err(refusal) = books.command(user, now, &priced.command)? {
        return Ok(proto::RecordResult {
            request_id,
            state: "refused".to_owned(),
            code: code_of(refusal).as_str().to_owned(),
            message: refusal.to_string(),
            ..Default::default()
        });
    }
    let charge = books.charge(user, priced.request)?;
    Ok(proto::RecordResult {
        request_id,
        state: if known { "exists" } else { "recorded" }.to_owned(),
        cost_nano_usd: charge.as_ref().map_or(0, |charge| charge.paid.get()),
        recorded_at: charge.map_or(0, |charge| charge.at.as_millis()),
        ..Default::default()
    })
}

fn code_of(refusal: Refusal) -> ErrorCode {
    match refusal {
        Refusal::OtherContent | Refusal::AlreadySettled => ErrorCode::DuplicateRequest,
        Refusal::Ceiling { .. } | Refusal::Quota { .. } | Refusal::Debt { .. } => {
            ErrorCode::CreditCeilingExceeded
        }
        _ => ErrorCode::BadRequest,
    }
}

fn refused(record: &proto::UsageRecord, code: ErrorCode, message: String) -> proto::RecordResult {
    proto::RecordResult {
        request_id: record.request_id.clone(),
        state: "refused".to_owned(),
        code: code.as_str().to_owned(),
        message,
        ..Default::default()
    }
}

/// A page on which credit can be bought.
pub(crate) async fn top_up(
    cloud: &Cloud,
    link: &Link,
    request: proto::TopUpRequest,
) -> Result<proto::TopUpResponse, Fault> {
    let id: RequestId = request
        .request_id
        .parse()
        .map_err(|error| Fault::new(ErrorCode::BadRequest, format!("the request id: {error}")))?;
    let page = payment::begin_top_up(
        cloud,
        NewPage {
            user: link.claims.user,
            request: id,
            cents: request.cents,
            account_url: cloud.address("/account"),
        },
    )
    .await
    .map_err(|error| top_up_fault(&error))?;
    Ok(proto::TopUpResponse {
        session_id: page.session.to_string(),
        url: page.url,
    })
}

fn top_up_fault(error: &TopUpError) -> Fault {
    let code = match error {
        TopUpError::NoStripe => ErrorCode::Unsupported,
        TopUpError::Amount(_) => ErrorCode::BadRequest,
        TopUpError::OtherContent => ErrorCode::DuplicateRequest,
        TopUpError::TooMany => ErrorCode::RateLimited,
        TopUpError::Store(_)
        | TopUpError::Stripe(_)
        | TopUpError::Customer(_)
        | TopUpError::Refused(_)
        | TopUpError::NoPage => {
            tracing::error!(error = %crate::error::chain(error), "there is no page for a top-up");
            ErrorCode::ProviderFailed
        }
    };
    Fault::new(code, error.to_string())
}

/// What became of a page.
pub(crate) async fn top_up_state(
    cloud: &Cloud,
    link: &Link,
    request: proto::TopUpStateRequest,
) -> Result<proto::TopUpStateResponse, Fault> {
    let session = request
        .session_id
        .parse()
        .map_err(|error| Fault::new(ErrorCode::BadRequest, format!("the session: {error}")))?;
    let found = payment::top_up_state(cloud, link.claims.user, session).await?;
    let Some((stage, credited)) = found else {
        let words = "this account has no such page for a top-up";
        return Err(Fault::new(ErrorCode::BadRequest, words));
    };
    Ok(proto::TopUpStateResponse {
        state: match stage {
            Stage::Open => "open",
            Stage::Credited => "credited",
            Stage::Unpaid => "expired",
        }
        .to_owned(),
        credited_nano_usd: credited.get(),
    })
}

/// What the account is charged by; with a name, after that was changed.
pub(crate) async fn tier(
    cloud: &Cloud,
    link: &Link,
    request: proto::TierRequest,
) -> Result<proto::TierResponse, Fault> {
    let now = clock::now();
    let user = link.claims.user;
    let command = match request.tier.as_str() {
        "" => AccountCommand::Tick,
        name => {
            let offered = cloud.settings.offers().find(|tier| tier.name() == name);
            let Some(tier) = offered else {
                let names: Vec<_> = cloud.settings.offers().map(|tier| tier.name()).collect();
                let words = format!(
                    "this cloud does not offer the tier “{name}”; it offers {}",
                    names.join(", ")
                );
                return Err(Fault::new(ErrorCode::BadRequest, words));
            };
            let from = request.from.map_or(now, Timestamp::from_millis);
            AccountCommand::SetTier { tier, from }
        }
    };
    let (account, own_key) = cloud
        .store
        .run_for(user, move |books| {
            let own_key = books.provider_key(user)?.is_some();
            Ok(match books.command(user, now, &command)? {
                Ok(account) => Ok((account.clone(), own_key)),
                Err(refusal) => Err(refusal),
            })
        })
        .await?
        .map_err(|refusal| Fault::new(ErrorCode::BadRequest, refusal.to_string()))?;
    let current = account.tier();
    let next = account.tier_changes().next();
    Ok(proto::TierResponse {
        tier: current.name().to_owned(),
        rate_bp: rate_of(&current),
        monthly_limit_nano_usd: monthly_limit(&current),
        next_tier: next.map_or_else(String::new, |(_, tier)| tier.name().to_owned()),
        next_from: next.map(|(from, _)| from.as_millis()),
        offers: cloud
            .settings
            .offers()
            .map(|tier| proto::TierOffer {
                tier: tier.name().to_owned(),
                rate_bp: rate_of(&tier),
                monthly_limit_nano_usd: monthly_limit(&tier),
            })
            .collect(),
        own_key,
    })
}

/// Keeps the user's own key for the model's provider, encrypted, or forgets it.
pub(crate) async fn provider_key(
    cloud: &Cloud,
    link: &Link,
    request: proto::ProviderKeyRequest,
) -> Result<proto::ProviderKeyResponse, Fault> {
    let user = link.claims.user;
    let key = request.key.trim();
    if key.is_empty() {
        cloud
            .store
            .run(move |books| books.drop_provider_key(user))
            .await?;
        cloud.own_keys.forget(user);
        return Ok(proto::ProviderKeyResponse { own_key: false });
    }
    let sealed = cloud
        .own_keys
        .seal(user, key)
        .map_err(|error| Fault::new(ErrorCode::BadRequest, error.to_string()))?;
    let now = clock::now();
    cloud
        .store
        .run(move |books| books.put_provider_key(user, &sealed, now))
        .await?;
    cloud.own_keys.forget(user);
    Ok(proto::ProviderKeyResponse { own_key: true })
}
