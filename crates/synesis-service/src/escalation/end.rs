//! Settling or releasing, and the last chunk.

use synesis_domain::account::Entry;
use synesis_domain::{AccountCommand, Timestamp, TokenUsage};
use synesis_wire::proto::stream_chunk::Payload;
use synesis_wire::proto::{self, StreamEnd, StreamError};

use super::{
    AccountFailure, AccountReply, Action, Ask, Escalation, Finish, Outcome, Record, State,
};
use crate::rejection::Rejection;

/// What came of a call that is paid for.
pub(super) struct Charge {
    usage: TokenUsage,
    entry: Entry,
    receipt: Option<Box<proto::Receipt>>,
}

impl Escalation {
    /// The provider is done with: settles what was used, or releases where there is nothing.
    pub(super) fn conclude(&mut self, outcome: Outcome, usage: Option<TokenUsage>) {
        let whole = matches!(outcome, Ok(Finish::Stop | Finish::Length));
        if self.generated == 0 && !self.transcript.has_text() && !whole {
            return self.release(outcome);
        }
        let usage = usage.unwrap_or_else(|| self.counted());
        let cost = self.route.price.cost(&usage);
        let command = AccountCommand::Settle {
            request: self.request,
            usage,
            cost,
        };
        self.state = State::Ending(outcome);
        self.ask(Ask::Settle(command.clone(), usage), command);
    }

    pub(super) fn release(&mut self, outcome: Outcome) {
        self.state = State::Ending(outcome);
        self.ask(
            Ask::Release,
            AccountCommand::Release {
                request: self.request,
            },
        );
    }

    /// What was used, where the provider did not say so at the end.
    fn counted(&self) -> TokenUsage {
        match self.reported {
            Some(so_far) => TokenUsage::new(
                so_far.prompt(),
                so_far.cached_prompt(),
                so_far.completion().max(self.generated),
            ),
            None => TokenUsage::new(self.estimate.usual, 0, self.generated),
        }
    }

    pub(super) fn settle_answered(
        &mut self,
        now: Timestamp,
        command: AccountCommand,
        usage: TokenUsage,
        reply: Result<AccountReply, AccountFailure>,
    ) {
        if let Ok(AccountReply::Settled {
            settlement,
            receipt,
        }) = reply
        {
            let charge = Charge {
                usage,
                entry: settlement.entry,
                receipt,
            };
            return self.finish(now, Some(charge), None);
        }
        self.state = State::Ending(Err(Rejection::Internal));
        self.finish(now, None, Some(command));
    }

    /// Ends before anything was held.
    pub(super) fn end_unheld(&mut self, now: Timestamp, outcome: Outcome) {
        self.state = State::Ending(outcome);
        self.finish(now, None, None);
    }

    pub(super) fn finish(
        &mut self,
        now: Timestamp,
        charge: Option<Charge>,
        unsettled: Option<AccountCommand>,
    ) {
        let State::Ending(outcome) = std::mem::replace(&mut self.state, State::Ended) else {
            return;
        };
        let (usage, entry) = (
            charge.as_ref().map(|charge| charge.usage),
            charge.as_ref().map(|charge| charge.entry),
        );
        self.send(self.last_payload(now, &outcome, charge));
        self.actions.push_back(Action::Done(Box::new(Record {
            request: self.request,
            caller: self.caller,
            provider: self.route.provider.clone(),
            model_id: self.route.model_id.clone(),
            usage,
            entry,
            outcome,
            started: self.started,
            first_text_at: self.first_text_at,
            ended: now,
            unsettled,
        })));
    }

    fn last_payload(&self, now: Timestamp, outcome: &Outcome, charge: Option<Charge>) -> Payload {
        let (usage, paid, receipt) = charge.map_or_else(Default::default, |charge| {
            let receipt = charge.receipt.map(|receipt| *receipt);
            (charge.usage, charge.entry.paid(), receipt)
        });
        let tokens_used = Some(proto::TokenUsage {
            prompt: usage.prompt(),
            completion: usage.completion(),
        });
        match outcome {
            Ok(finish) => Payload::End(StreamEnd {
                tokens_used,
                cost_cents: u32::try_from(paid.ceil_cents()).unwrap_or(u32::MAX),
                total_latency_ms: u64::try_from(now.since(self.started)).unwrap_or(0),
                cost_nano_usd: paid.get(),
                model_used: self.route.model_id.clone(),
                finish: finish.as_str().into(),
                receipt,
            }),
            Err(rejection) => Payload::Error(StreamError {
                code: rejection.code().as_str().into(),
                message: rejection.to_string(),
                cost_nano_usd: paid.get(),
                tokens_used,
                receipt,
            }),
        }
    }
}
