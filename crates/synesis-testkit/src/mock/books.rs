//! The mock's ledger: a real account with a real history, signed by a key of its own, and the lies
//! that a test may want told.

use std::collections::{BTreeMap, VecDeque};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use bytes::Bytes;
use synesis_domain::account::{HeldCall, History, Receipt};
use synesis_domain::limits::CEILING_DEFAULT;
use synesis_domain::{
    Account, AccountCommand, BasisPoints, Digest, ExternalId, ModelName, NanoUsd, Payer, RequestId,
    Tier, Timestamp, TokenUsage,
};
use synesis_wire::ErrorCode;
use synesis_wire::proto;

use super::{DEVICE, USER};
use crate::script::NANO_PER_TOKEN;

/// Events of one page of the history: few, so that tests see more than one.
const PAGE_EVENTS: usize = 4;

/// When the mock's clock begins: 2023-11-14. Every event takes a second.
const BEGINNING_MS: i64 = 1_700_000_000_000;

const MODEL: &str = "mock-1";

/// What the mock says wrongly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lie {
    /// It changes what it has signed.
    Forge,
    /// It signs with another key.
    OtherKey,
    /// It signs about another account.
    OtherAccount,
    /// It sends receipts that nobody can read.
    Malformed,
    /// It answers for none of the calls that it was told to record.
    Forget,
}

/// The account of the mock's only user.
pub(crate) struct Books {
    account: Account,
    stored: Vec<Vec<u8>>,
    history: History,
    clock_ms: i64,
    key: Ed25519KeyPair,
    other_key: Ed25519KeyPair,
    pub(crate) lies: Vec<Lie>,
    /// The models of the price table.
    pub(crate) models: Vec<String>,
    /// What was paid per page; none while it is open.
    pages: BTreeMap<String, PageState>,
    /// Requests for a page, and their sessions.
    asked: BTreeMap<String, String>,
    pub(crate) takes_payments: bool,
    pub(crate) record_batches: VecDeque<usize>,
}

#[derive(Debug, Clone, Copy)]
enum PageState {
    Open(NanoUsd),
    Credited(NanoUsd),
    Expired,
}

impl std::fmt::Debug for Books {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Books")
            .field("events", &self.stored.len())
            .finish_non_exhaustive()
    }
}

impl Books {
    pub(crate) fn new() -> Self {
        let mut books = Self {
            account: Account::new(USER),
            stored: Vec::new(),
            history: History::new(USER),
            clock_ms: BEGINNING_MS,
            key: new_key(),
            other_key: new_key(),
            lies: Vec::new(),
            models: vec![MODEL.to_owned()],
            pages: BTreeMap::new(),
            asked: BTreeMap::new(),
            takes_payments: true,
            record_batches: VecDeque::new(),
        };
        books.must(&AccountCommand::Open {
            tier: tier("managed").expect("an offered tier"),
            ceiling: CEILING_DEFAULT,
        });
        books
    }

    pub(crate) fn account(&self) -> &Account {
        &self.account
    }

    /// Lets time pass.
    pub(crate) fn wait(&mut self, ms: i64) {
        self.clock_ms += ms;
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.clock_ms)
    }

    fn command(&mut self, command: &AccountCommand) -> Result<(), synesis_domain::Refusal> {
        self.clock_ms += 1_000;
        for event in self.account.decide(self.now(), command)? {
            self.account.apply(&event);
            let stored = event.encode();
            self.history
                .push(&stored)
                .expect("an event that was made here");
            self.stored.push(stored);
        }
        Ok(())
    }

    fn must(&mut self, command: &AccountCommand) {
        self.command(command)
            .expect("a command that is not refused");
    }

    /// Charges a call of the mock's device, once.
    pub(crate) fn charge(&mut self, request_id: &str, usage: TokenUsage, cost: NanoUsd) {
        let request = request_id.parse().expect("a request id");
        let call = call(
            ModelName::new(MODEL).expect("a name"),
            usage,
            Payer::Operator,
        );
        self.must(&AccountCommand::Hold {
            request,
            call,
            amount: cost,
            ttl_ms: 60_000,
        });
        self.must(&AccountCommand::Settle {
            request,
            usage,
            cost,
        });
    }

    /// Loses the last events, as a database does that was restored from an old backup.
    pub(crate) fn lose_events(&mut self, count: usize) {
        let left = self.stored.len().saturating_sub(count);
        let stored: Vec<_> = self.stored.drain(..left).collect();
        self.account = Account::new(USER);
        self.history = History::new(USER);
        for bytes in &stored {
            let step = self
                .history
                .push(bytes)
                .expect("an event that was made here");
            self.account.apply(&step.event);
        }
        self.stored = stored;
    }

    pub(crate) fn receipt(&self) -> proto::Receipt {
        let mut receipt = Receipt::of(&self.account, self.history.head(), self.now());
        if self.lies.contains(&Lie::OtherAccount) {
            receipt.account = synesis_domain::UserId::from_bytes([0x99; 16]);
        }
        let key = if self.lies.contains(&Lie::OtherKey) {
            &self.other_key
        } else {
            &self.key
        };
        let signature = key.sign(&receipt.signed_bytes());
        let forged = i64::from(self.lies.contains(&Lie::Forge));
        let account = if self.lies.contains(&Lie::Malformed) {
            Bytes::new()
        } else {
            Bytes::copy_from_slice(receipt.account.as_bytes())
        };
        proto::Receipt {
            account,
            sequence: receipt.head.sequence,
            head: Bytes::copy_from_slice(receipt.head.hash.as_bytes()),
            charged_nano_usd: receipt.charged.get() + forged,
            credit_nano_usd: receipt.credit.get(),
            at: receipt.at.as_millis(),
            signature: Bytes::copy_from_slice(signature.as_ref()),
            key: Bytes::copy_from_slice(key.public_key().as_ref()),
        }
    }

    pub(crate) fn history(&self, after: u64) -> proto::HistoryResponse {
        let after = usize::try_from(after).expect("a short history");
        let rest = self.stored.get(after..).unwrap_or_default();
        let events = rest.iter().take(PAGE_EVENTS);
        proto::HistoryResponse {
            events: events
                .map(|stored| Bytes::copy_from_slice(stored))
                .collect(),
            more: rest.len() > PAGE_EVENTS,
            receipt: Some(self.receipt()),
        }
    }

    /// Charges the fee of calls that were made elsewhere, each by itself.
    pub(crate) fn record(&mut self, records: &[proto::UsageRecord]) -> proto::RecordResponse {
        self.record_batches.push_back(records.len());
        let results = records.iter().map(|record| self.record_one(record));
        let mut results: Vec<_> = results.collect();
        if self.lies.contains(&Lie::Forget) {
            results.clear();
        }
        proto::RecordResponse {
            results,
            receipt: Some(self.receipt()),
        }
    }

    fn record_one(&mut self, record: &proto::UsageRecord) -> proto::RecordResult {
        let refused = |code: ErrorCode, message: String| proto::RecordResult {
            request_id: record.request_id.clone(),
            state: "refused".to_owned(),
            code: code.as_str().to_owned(),
            message,
            ..proto::RecordResult::default()
        };
        if !self.models.contains(&record.model) {
            let words = format!("no price for the model {}", record.model);
            return refused(ErrorCode::UnknownModel, words);
        }
        let usage = TokenUsage::new(
            record.prompt_tokens,
            record.cached_prompt_tokens,
            record.completion_tokens,
        );
        let tokens = i64::from(usage.prompt()) + i64::from(usage.completion());
        let request: RequestId = record.request_id.parse().expect("a request id");
        let model = ModelName::new(record.model.as_str()).expect("a name");
        let before = self.stored.len();
        let done = self.command(&AccountCommand::Record {
            request,
            call: call(model, usage, Payer::User),
            occurred_at: Timestamp::from_millis(record.occurred_at),
            usage,
            cost: NanoUsd::new(tokens * NANO_PER_TOKEN),
        });
        if let Err(refusal) = done {
            return refused(ErrorCode::DuplicateRequest, refusal.to_string());
        }
        let state = if self.stored.len() == before {
            "exists"
        } else {
            "recorded"
        };
        let synesis_domain::account::RequestState::Settled(settled) =
            self.account.request(&request)
        else {
            panic!("a call that was recorded is settled");
        };
        proto::RecordResult {
            request_id: record.request_id.clone(),
            state: state.to_owned(),
            cost_nano_usd: settled.entry.paid().get(),
            recorded_at: settled.at.as_millis(),
            ..proto::RecordResult::default()
        }
    }

    /// A page, the same for the same request; none where the mock takes no payments.
    pub(crate) fn top_up(&mut self, asked: &proto::TopUpRequest) -> Option<proto::TopUpResponse> {
        if !self.takes_payments {
            return None;
        }
        let count = self.pages.len() + 1;
        let session = self
            .asked
            .entry(asked.request_id.clone())
            .or_insert_with(|| format!("cs_mock_{count}"))
            .clone();
        let amount = NanoUsd::from_whole_cents(asked.cents);
        self.pages
            .entry(session.clone())
            .or_insert(PageState::Open(amount));
        Some(proto::TopUpResponse {
            url: format!("https://pay.example/{session}"),
            session_id: session,
        })
    }

    /// Pays the pages that are open; without `paid` they expire.
    pub(crate) fn end_pages(&mut self, paid: bool) {
        for (session, state) in std::mem::take(&mut self.pages) {
            let after = match state {
                PageState::Open(amount) if paid => {
                    self.must(&AccountCommand::TopUp {
                        payment: ExternalId::new(session.as_str()).expect("an id"),
                        amount,
                        expires_at: None,
                    });
                    PageState::Credited(amount)
                }
                PageState::Open(_) => PageState::Expired,
                ended => ended,
            };
            self.pages.insert(session, after);
        }
    }

    pub(crate) fn top_up_state(&self, session: &str) -> Option<proto::TopUpStateResponse> {
        let (state, credited) = match self.pages.get(session)? {
            PageState::Open(_) => ("open", NanoUsd::ZERO),
            PageState::Credited(amount) => ("credited", *amount),
            PageState::Expired => ("expired", NanoUsd::ZERO),
        };
        Some(proto::TopUpStateResponse {
            state: state.to_owned(),
            credited_nano_usd: credited.get(),
        })
    }

    /// The terms, after they were changed where the request names some that are offered.
    pub(crate) fn tier(&mut self, asked: &proto::TierRequest) -> Option<proto::TierResponse> {
        if !asked.tier.is_empty() {
            let from = asked.from.map_or(self.now(), Timestamp::from_millis);
            let tier = tier(&asked.tier)?;
            self.must(&AccountCommand::SetTier { tier, from });
        }
        let next = self.account.tier_changes().next();
        Some(proto::TierResponse {
            tier: self.account.tier().name().to_owned(),
            rate_bp: rate(&self.account.tier()),
            monthly_limit_nano_usd: None,
            own_key: false,
            next_tier: next.map_or_else(String::new, |(_, tier)| tier.name().to_owned()),
            next_from: next.map(|(from, _)| from.as_millis()),
            offers: ["managed", "byok"]
                .into_iter()
                .filter_map(tier)
                .map(|tier| proto::TierOffer {
                    tier: tier.name().to_owned(),
                    rate_bp: rate(&tier),
                    monthly_limit_nano_usd: None,
                })
                .collect(),
        })
    }
}

fn new_key() -> Ed25519KeyPair {
    let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).expect("randomness");
    Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).expect("a key that was made here")
}

fn call(model: ModelName, usage: TokenUsage, payer: Payer) -> HeldCall {
    let content = Digest::of_parts([
        model.as_str().as_bytes(),
        &usage.prompt().to_be_bytes(),
        &usage.cached_prompt().to_be_bytes(),
        &usage.completion().to_be_bytes(),
    ]);
    HeldCall {
        content,
        device: DEVICE,
        model,
        price_version: 1,
        payer,
        guest: None,
    }
}

/// What the mock offers: `managed` adds nothing, so that a call costs what its tokens do.
fn tier(name: &str) -> Option<Tier> {
    match name {
        "managed" => Some(Tier::Managed {
            markup: BasisPoints::new(0),
        }),
        "byok" => Some(Tier::Byok {
            licensing: BasisPoints::new(3_000),
        }),
        _ => None,
    }
}

fn rate(tier: &Tier) -> u32 {
    match tier {
        Tier::Free { .. } => 0,
        Tier::Managed { markup: rate } | Tier::Byok { licensing: rate } => rate.get().into(),
    }
}
