//! Money that comes in, is given, or goes back.

use alloc::vec::Vec;

use super::Decision;
use crate::account::{
    Account, AccountCommand, CreditKind, CreditPart, Happened, Refusal, Source, sum_of,
};
use crate::id::ExternalId;
use crate::limits::{DISPUTES_MAX, GRANTS_MAX};
use crate::money::NanoUsd;

impl Account {
    pub(super) fn decide_credit(&self, command: &AccountCommand) -> Decision {
        match command {
            AccountCommand::TopUp {
                payment,
                amount,
                expires_at,
            } => {
                if self.is_known(payment, CreditKind::Paid, *amount)? {
                    return Ok(None);
                }
                Ok(Some(Happened::ToppedUp {
                    payment: payment.clone(),
                    amount: *amount,
                    debt_paid: self.debt().min(*amount),
                    expires_at: *expires_at,
                }))
            }
            AccountCommand::GrantPromo {
                promo,
                amount,
                expires_at,
            } => {
                if self.is_known(promo, CreditKind::Promo, *amount)? {
                    return Ok(None);
                }
                Ok(Some(Happened::PromoGranted {
                    promo: promo.clone(),
                    amount: *amount,
                    expires_at: *expires_at,
                }))
            }
            AccountCommand::Refund { payment, total } => self.decide_refund(payment, *total),
            AccountCommand::WithdrawFunds {
                payment,
                dispute,
                amount,
            } => self.decide_withdraw(payment, dispute, *amount),
            AccountCommand::ReinstateFunds { payment, dispute } => {
                self.decide_reinstate(payment, dispute)
            }
            _ => Ok(None),
        }
    }

    /// Whether this was credited before. Another amount under the same id is refused, and so is
    /// what there is no place for.
    fn is_known(
        &self,
        id: &ExternalId,
        kind: CreditKind,
        amount: NanoUsd,
    ) -> Result<bool, Refusal> {
        match self.sources.get(id) {
            Some(source) if source.kind == kind && source.amount == amount => Ok(true),
            Some(_) => Err(Refusal::OtherContent),
            None if self.credits.len() >= GRANTS_MAX => Err(Refusal::TooMany { max: GRANTS_MAX }),
            None => Ok(false),
        }
    }

    fn payment(&self, payment: &ExternalId) -> Result<&Source, Refusal> {
        match self.sources.get(payment) {
            Some(source) if source.kind == CreditKind::Paid => Ok(source),
            _ => Err(Refusal::UnknownPayment),
        }
    }

    fn decide_refund(&self, payment: &ExternalId, total: NanoUsd) -> Decision {
        let source = self.payment(payment)?;
        if total <= source.refunded {
            return Ok(None);
        }
        let amount = total.saturating_sub(source.refunded);
        if amount > source.amount.saturating_sub(source.taken_back()) {
            return Err(Refusal::Amount(total));
        }
        Ok(Some(Happened::Refunded {
            payment: payment.clone(),
            amount,
            parts: self.take_back(source, amount),
        }))
    }

    fn decide_withdraw(
        &self,
        payment: &ExternalId,
        dispute: &ExternalId,
        amount: NanoUsd,
    ) -> Decision {
        let source = self.payment(payment)?;
        if let Some(known) = source.disputes.iter().find(|known| known.id == *dispute) {
            return if known.amount == amount {
                Ok(None)
            } else {
                Err(Refusal::OtherContent)
            };
        }
        if amount > source.amount.saturating_sub(source.taken_back()) {
            return Err(Refusal::Amount(amount));
        }
        if source.disputes.len() >= DISPUTES_MAX {
            return Err(Refusal::TooMany { max: DISPUTES_MAX });
        }
        Ok(Some(Happened::FundsWithdrawn {
            payment: payment.clone(),
            dispute: dispute.clone(),
            amount,
            parts: self.take_back(source, amount),
        }))
    }

    fn decide_reinstate(&self, payment: &ExternalId, dispute: &ExternalId) -> Decision {
        let source = self.payment(payment)?;
        let known = source.disputes.iter().find(|known| known.id == *dispute);
        let known = known.ok_or(Refusal::UnknownPayment)?;
        Ok(known.withdrawn.then(|| Happened::FundsReinstated {
            payment: payment.clone(),
            dispute: dispute.clone(),
            amount: known.amount,
            debt_paid: self.debt().min(known.amount),
        }))
    }

    /// The unspent credit that goes with a payment: its own first, then what else was paid.
    fn take_back(&self, source: &Source, amount: NanoUsd) -> Vec<CreditPart> {
        let mut parts = self
            .credits
            .take_where(amount, &[], |number, _| number == source.grant);
        let missing = amount.saturating_sub(sum_of(&parts));
        parts.extend(self.credits.take_where(missing, &[], |number, grant| {
            number != source.grant && grant.kind == CreditKind::Paid
        }));
        parts
    }
}
