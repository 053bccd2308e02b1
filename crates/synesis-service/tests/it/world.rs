//! A host in memory: a real account, and a provider that says what the test says.
//!
//! Prices are round: a prompt token is 1 nano-dollar, a token of the answer 10, and the tier adds
//! nothing. The question `hi` is held as 24 prompt tokens and, uncounted, charged as 13.

use synesis_domain::account::HeldCall;
use synesis_domain::limits::HOLD_TTL_MS;
use synesis_domain::{
    Account, AccountCommand, BasisPoints, DeviceId, Digest, ModelName, NanoUsd, Payer,
    PicoUsdPerToken, PriceRow, Refusal, RequestId, Tier, Timestamp, TokenUsage, UserId,
};
use synesis_service::{
    AccountFailure, AccountReply, Action, Caller, Escalation, EscalationInput, Finish,
    ProviderCall, ProviderFailure, ProviderId, Record, Route, StopReason, ValidRequest,
};
use synesis_wire::proto::stream_chunk::Payload;
use synesis_wire::proto::{EscalationRequest, StreamChunk};

pub(crate) const ID: &str = "0190a6b2-8f6e-7c3a-9d15-3b1f0a2c4e6d";
pub(crate) const TIER: Tier = Tier::Managed {
    markup: BasisPoints::new(0),
};
pub(crate) const PROMPT_HELD: i64 = 24;
pub(crate) const PROMPT_USUAL: i64 = 13;
pub(crate) const TOKEN: i64 = 10;

pub(crate) fn message(max_tokens: u32) -> EscalationRequest {
    EscalationRequest {
        request_id: ID.into(),
        query: "hi".into(),
        max_tokens,
        stream: true,
        ..EscalationRequest::default()
    }
}

pub(crate) fn price() -> PriceRow {
    PriceRow {
        model: ModelName::new("test").unwrap(),
        version: 3,
        valid_from: Timestamp::default(),
        prompt: PicoUsdPerToken::new(1000).unwrap(),
        cached_prompt: PicoUsdPerToken::new(100).unwrap(),
        completion: PicoUsdPerToken::new(10_000).unwrap(),
    }
}

/// Something that happens to an escalation.
pub(crate) type Act = fn(&mut Run, &mut Host);

/// The account and the time.
pub(crate) struct Host {
    pub(crate) account: Account,
    pub(crate) now: Timestamp,
    /// Whether the account's store fails.
    pub(crate) down: bool,
    pub(crate) settlements: usize,
}

/// One escalation and all that came of it.
pub(crate) struct Run {
    pub(crate) escalation: Escalation,
    pub(crate) sent: Vec<StreamChunk>,
    pub(crate) call: Option<ProviderCall>,
    pub(crate) stopped: bool,
    pub(crate) record: Option<Record>,
}

impl Host {
    pub(crate) fn new(ceiling: i64) -> Self {
        let account = Account::new(UserId::from_bytes([1; 16]));
        let now = Timestamp::from_millis(1_767_225_600_000);
        let mut host = Self {
            account,
            now,
            down: false,
            settlements: 0,
        };
        let ceiling = NanoUsd::new(ceiling);
        host.put(&AccountCommand::Open {
            tier: TIER,
            ceiling,
        })
        .unwrap();
        host
    }

    pub(crate) fn put(&mut self, command: &AccountCommand) -> Result<(), AccountFailure> {
        if self.down {
            return Err(AccountFailure::Unavailable);
        }
        let events = self
            .account
            .decide(self.now, command)
            .map_err(AccountFailure::Refused)?;
        events.iter().for_each(|event| self.account.apply(event));
        if matches!(command, AccountCommand::Settle { .. }) && !events.is_empty() {
            self.settlements += 1;
        }
        Ok(())
    }

    /// Another call of the same account holds money, or lets it go.
    pub(crate) fn other_call_holds(&mut self, amount: i64) -> Result<(), AccountFailure> {
        let call = HeldCall {
            content: Digest::of_parts([]),
            device: DeviceId::from_bytes([8; 16]),
            model: ModelName::new("test").unwrap(),
            price_version: 3,
            payer: Payer::Operator,
            guest: None,
        };
        let (amount, ttl_ms) = (NanoUsd::new(amount), HOLD_TTL_MS);
        self.put(&AccountCommand::Hold {
            request: OTHER,
            call,
            amount,
            ttl_ms,
        })
    }

    pub(crate) fn other_call_ends(&mut self) -> Result<(), AccountFailure> {
        self.put(&AccountCommand::Release { request: OTHER })
    }

    pub(crate) fn start(&mut self, message: EscalationRequest) -> Run {
        let mut run = self.start_unpolled(message);
        run.pump(self);
        run
    }

    pub(crate) fn start_unpolled(&mut self, message: EscalationRequest) -> Run {
        let input = EscalationInput {
            caller: Caller {
                user: self.account.user(),
                device: DeviceId::from_bytes([7; 16]),
            },
            request: ValidRequest::parse(message).unwrap(),
            route: Route {
                provider: ProviderId::new("script"),
                model_id: "script-1".into(),
                price: price(),
                output_tokens_max: 4096,
            },
            tier: TIER,
            payer: Payer::Operator,
            deadline_ms: 0,
        };
        let escalation = Escalation::start(self.now, input);
        Run {
            escalation,
            sent: Vec::new(),
            call: None,
            stopped: false,
            record: None,
        }
    }

    pub(crate) fn charged(&self) -> i64 {
        self.account.period().charged.get()
    }

    pub(crate) fn held(&self) -> i64 {
        self.account.held().get()
    }
}

const OTHER: RequestId = RequestId::from_bytes([9; 16]);

impl Run {
    /// Does what the escalation says until it waits.
    pub(crate) fn pump(&mut self, host: &mut Host) {
        while let Some(action) = self.escalation.poll() {
            assert!(
                self.record.is_none(),
                "nothing comes after the end: {action:?}"
            );
            match action {
                Action::Account(command) => {
                    let request = ID.parse().unwrap();
                    let reply = host
                        .put(&command)
                        .map(|()| AccountReply::of(&host.account, &request));
                    self.escalation.handle_account(host.now, reply);
                }
                Action::CallProvider(call) => {
                    assert!(
                        self.call.replace(call).is_none(),
                        "the provider is called once"
                    );
                }
                Action::Send(chunk) => self.sent.push(chunk),
                Action::StopProvider => {
                    assert!(
                        self.call.is_some() && !self.stopped,
                        "only what runs is stopped"
                    );
                    self.stopped = true;
                }
                Action::Done(record) => self.record = Some(*record),
            }
        }
    }

    pub(crate) fn delta(&mut self, host: &mut Host, text: &str, tokens: u32) {
        self.escalation.handle_delta(host.now, text, tokens);
        self.pump(host);
    }

    /// So many deltas of one token each, as long as the provider is not stopped.
    pub(crate) fn tokens(&mut self, host: &mut Host, count: usize) -> usize {
        let mut said = 0;
        while said < count && !self.stopped {
            self.delta(host, "x", 1);
            said += 1;
        }
        said
    }

    pub(crate) fn end(&mut self, host: &mut Host, usage: Option<TokenUsage>, finish: Finish) {
        self.escalation.handle_provider_end(usage, finish);
        self.pump(host);
    }

    pub(crate) fn fail(&mut self, host: &mut Host) {
        self.escalation
            .handle_provider_failed(ProviderFailure::Failed("no such model".into()));
        self.pump(host);
    }

    pub(crate) fn stop(&mut self, host: &mut Host, reason: StopReason) {
        self.escalation.handle_stop(reason);
        self.pump(host);
    }

    pub(crate) fn wait(&mut self, host: &mut Host, millis: i64) {
        host.now = host.now.plus_ms(millis);
        self.escalation.handle_tick(host.now);
        self.pump(host);
    }

    pub(crate) fn text(&self) -> String {
        let texts = self.sent.iter().filter_map(|chunk| match &chunk.payload {
            Some(Payload::Content(text)) => Some(text.as_str()),
            _ => None,
        });
        texts.collect()
    }

    /// How it ended and what that says was charged: `stop 86`, `provider_failed 0`.
    pub(crate) fn ending(&self) -> String {
        match self.sent.last().and_then(|chunk| chunk.payload.as_ref()) {
            Some(Payload::End(end)) => format!("{} {}", end.finish, end.cost_nano_usd),
            Some(Payload::Error(error)) => format!("{} {}", error.code, error.cost_nano_usd),
            other => format!("not ended: {other:?}"),
        }
    }

    pub(crate) fn max_tokens(&self) -> Option<u32> {
        self.call.as_ref().map(|call| call.max_tokens)
    }
}

pub(crate) fn is_ceiling(answer: Result<(), AccountFailure>) -> bool {
    matches!(
        answer,
        Err(AccountFailure::Refused(Refusal::Ceiling { .. }))
    )
}
