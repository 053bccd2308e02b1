//! Keeping money back: before the call, and slice by slice while the answer grows.

use synesis_domain::account::HeldCall;
use synesis_domain::limits::HOLD_TTL_MS;
use synesis_domain::{AccountCommand, NanoUsd, Refusal, Timestamp};

use super::{
    AccountFailure, AccountReply, Action, Ask, Escalation, Finish, Outcome, ProviderCall, State,
};
use crate::limits::{HOLD_TRIES_MAX, SLICE_LEFT_TOKENS_MIN, SLICE_TOKENS};
use crate::rejection::Rejection;

type Reply = Result<AccountReply, AccountFailure>;

impl Escalation {
    pub(super) fn ask_first_hold(&mut self) {
        self.ask_hold(self.max_tokens.min(SLICE_TOKENS), 1);
    }

    fn ask_hold(&mut self, tokens: u32, tries: u8) {
        let call = HeldCall {
            content: self.content,
            device: self.caller.device,
            model: self.route.price.model.clone(),
            price_version: self.route.price.version,
            payer: self.payer,
            guest: None,
        };
        let (request, amount) = (self.request, self.total(tokens));
        self.ask(
            Ask::Hold { tokens, tries },
            AccountCommand::Hold {
                request,
                call,
                amount,
                ttl_ms: HOLD_TTL_MS,
            },
        );
    }

    pub(super) fn ask_extend(&mut self, tokens: u32, last: bool) {
        let (request, total) = (self.request, self.total(tokens));
        self.ask(
            Ask::Extend { last },
            AccountCommand::Extend {
                request,
                total,
                ttl_ms: HOLD_TTL_MS,
            },
        );
    }

    pub(super) fn ask(&mut self, ask: Ask, command: AccountCommand) {
        self.asked.push_back(ask);
        self.actions.push_back(Action::Account(command));
    }

    /// Asks for the next slice where little of the last is left.
    pub(super) fn ask_next_slice(&mut self) {
        let left = self.covered.saturating_sub(self.generated);
        let enough = left >= SLICE_LEFT_TOKENS_MIN || self.covered >= self.max_tokens;
        if enough || self.stop_at.is_some() || !self.asked.is_empty() {
            return;
        }
        let next = self
            .generated
            .max(self.covered)
            .saturating_add(SLICE_TOKENS);
        self.ask_extend(next.min(self.max_tokens), false);
    }

    pub(super) fn hold_answered(&mut self, now: Timestamp, tokens: u32, tries: u8, reply: Reply) {
        let stopped = match &mut self.state {
            State::Holding { stopped } => stopped.take(),
            _ => return,
        };
        match (reply, stopped) {
            (Ok(AccountReply::Held { .. }), Some(outcome)) => self.release(outcome),
            (Ok(AccountReply::Held { amount, room }), None) => self.call(now, amount, room),
            (Err(AccountFailure::Refused(Refusal::Ceiling { room, .. })), None) => {
                self.hold_less(now, room, tokens, tries);
            }
            (Err(AccountFailure::Refused(refusal)), stopped) => {
                self.end_unheld(now, stopped.unwrap_or(Err(refusal.into())));
            }
            (Err(AccountFailure::Unavailable) | Ok(_), stopped) => {
                self.end_unheld(now, stopped.unwrap_or(Err(Rejection::Internal)));
            }
        }
    }

    /// Tries again with what the room pays for, which may have shrunk again until then.
    fn hold_less(&mut self, now: Timestamp, room: NanoUsd, tokens: u32, tries: u8) {
        match self.fits(room) {
            Some(fits) if fits > 0 && tries < HOLD_TRIES_MAX => {
                self.ask_hold(fits.min(tokens), tries + 1);
            }
            _ => self.end_unheld(now, Err(Rejection::CreditCeiling { room })),
        }
    }

    /// Money is held: calls the provider, for no more tokens than hold and room can pay.
    fn call(&mut self, now: Timestamp, amount: NanoUsd, room: NanoUsd) {
        let payable = self.fits(amount.saturating_add(room)).unwrap_or(0);
        if payable == 0 {
            return self.release(Err(Rejection::CreditCeiling { room }));
        }
        if payable < self.max_tokens {
            self.max_tokens = payable;
            self.ceiling = Some(room);
        }
        self.set_held(now, amount);
        self.state = State::Streaming;
        self.actions.push_back(Action::CallProvider(ProviderCall {
            provider: self.route.provider.clone(),
            model_id: self.route.model_id.clone(),
            lora: self.lora.clone(),
            messages: std::mem::take(&mut self.messages),
            max_tokens: self.max_tokens,
        }));
        self.ask_next_slice();
    }

    pub(super) fn extend_answered(&mut self, now: Timestamp, last: bool, reply: Reply) {
        if !matches!(self.state, State::Streaming) {
            return;
        }
        match reply {
            Ok(AccountReply::Held { amount, .. }) => {
                self.set_held(now, amount);
                self.ask_next_slice();
            }
            Err(AccountFailure::Refused(Refusal::Ceiling { room, .. })) => {
                self.ceiling = Some(room);
                let payable = self.fits(self.held.saturating_add(room)).unwrap_or(0);
                if payable > self.covered && !last {
                    self.stop_at = Some(payable);
                    self.ask_extend(payable, true);
                } else {
                    self.stop_at = Some(self.covered);
                }
            }
            Ok(_) | Err(_) => return self.stop(Err(Rejection::Internal)),
        }
        if self
            .stop_at
            .is_some_and(|stop_at| self.generated >= stop_at)
        {
            self.stop(self.at_ceiling());
        }
    }

    fn set_held(&mut self, now: Timestamp, amount: NanoUsd) {
        self.held = amount;
        self.covered = self.fits(amount).unwrap_or(0);
        self.renewed_at = now;
    }

    /// The end of a stream for which no more can be held.
    pub(super) fn at_ceiling(&self) -> Outcome {
        Err(Rejection::CreditCeiling {
            room: self.ceiling.unwrap_or(NanoUsd::ZERO),
        })
    }

    /// The end of a stream that wrote all it may: the ceiling's doing where that lowered it.
    pub(super) fn at_length(&self) -> Outcome {
        if self.ceiling.is_some() {
            self.at_ceiling()
        } else {
            Ok(Finish::Length)
        }
    }

    /// What the prompt, by its upper estimate, and these output tokens come to.
    fn total(&self, completion: u32) -> NanoUsd {
        self.tier.due(
            &self.route.price,
            self.payer,
            self.estimate.upper,
            completion,
        )
    }

    fn fits(&self, available: NanoUsd) -> Option<u32> {
        self.tier.completion_that_fits(
            &self.route.price,
            self.payer,
            self.estimate.upper,
            available,
        )
    }
}
