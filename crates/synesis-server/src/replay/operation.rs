//! A line of the file: what it says, as a command.

use std::str::FromStr;

use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use synesis_domain::account::HeldCall;
use synesis_domain::limits::{CEILING_DEFAULT, FLUSH_THRESHOLD_DEFAULT, HOLD_TTL_MS};
use synesis_domain::{
    AccountCommand, BasisPoints, DeviceId, Digest, ExternalId, ExternalIdError, InviteId,
    ModelName, NameError, NanoUsd, Payer, PicoUsdPerToken, PriceError, PriceRow, PriceTable,
    Refusal, RequestId, Tier, Timestamp, TokenUsage, UnknownPrice,
};

use super::fields::{
    Call, Ceiling, Credit, Dispute, Extend, Flush, Hold, Nothing, PayerName, Price, Quota, Refund,
    Release, Reply, Stage, StripeReply, Terms, TierName, Time,
};

/// Why a line makes no sense.
#[derive(Debug, thiserror::Error)]
pub(super) enum Problem {
    #[error("the line is no operation: {0}")]
    Json(#[from] serde_json::Error),
    #[error("the line is longer than {} bytes", super::LINE_BYTES_MAX)]
    TooLong,
    #[error("there is no operation {0:?}")]
    Operation(String),
    #[error("the field {0} does not belong to this operation")]
    Foreign(&'static str),
    #[error("the field {0} is missing")]
    Missing(&'static str),
    #[error("the field {field} {problem}")]
    Field {
        field: &'static str,
        problem: &'static str,
    },
    #[error(transparent)]
    Name(#[from] NameError),
    #[error(transparent)]
    External(#[from] ExternalIdError),
    #[error(transparent)]
    Price(#[from] PriceError),
    #[error(transparent)]
    UnknownPrice(#[from] UnknownPrice),
    #[error(transparent)]
    Refused(#[from] Refusal),
}

/// A line.
pub(super) struct Line {
    pub(super) at: Option<Time>,
    pub(super) user: Option<String>,
    pub(super) operation: Operation,
}

impl Line {
    /// Reads a line. A field that its operation does not have is an error, not a remark.
    pub(super) fn parse(text: &str) -> Result<Self, Problem> {
        let mut fields: Map<String, Value> = serde_json::from_str(text)?;
        let at = fields
            .remove("at")
            .map(serde_json::from_value)
            .transpose()?;
        let user = fields
            .remove("user")
            .map(serde_json::from_value)
            .transpose()?;
        let name: String = match fields.remove("op") {
            Some(name) => serde_json::from_value(name)?,
            None => return Err(Problem::Missing("op")),
        };
        let operation = Operation::parse(&name, Value::Object(fields))?;
        Ok(Self {
            at,
            user,
            operation,
        })
    }
}

/// What a line asks for.
pub(super) enum Operation {
    Price(Price),
    Open(Terms),
    Tier(Terms),
    Ceiling(Ceiling),
    Quota(Quota),
    Usage(Call),
    Hold(Hold),
    Extend(Extend),
    Settle(Call),
    Release(Release),
    Tick,
    TopUp(Credit),
    Promo(Credit),
    Refund(Refund),
    Dispute(Dispute),
    Close,
    Flush(Flush),
    Stripe(StripeReply),
}

/// An identifier: the UUID that it is, or one drawn from the name.
pub(super) fn id<T: FromStr>(kind: &str, name: &str, make: fn([u8; 16]) -> T) -> T {
    name.parse().unwrap_or_else(|_| {
        let hash: [u8; 32] = Sha256::new()
            .chain_update(kind.as_bytes())
            .chain_update([0])
            .chain_update(name.as_bytes())
            .finalize()
            .into();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash[..16]);
        make(bytes)
    })
}

fn request(name: &str) -> RequestId {
    id("request", name, RequestId::from_bytes)
}

impl Price {
    pub(super) fn parse(&self) -> Result<PriceRow, Problem> {
        let price = |pico: u64, field| {
            PicoUsdPerToken::new(pico).ok_or(Problem::Field {
                field,
                problem: "is more than a cent a token",
            })
        };
        let valid_from = self.valid_from.as_ref().map(Time::parse).transpose()?;
        Ok(PriceRow {
            model: ModelName::new(self.model.as_str())?,
            version: self.version,
            valid_from: valid_from.unwrap_or_default(),
            prompt: price(self.prompt_pico, "prompt_pico")?,
            cached_prompt: price(
                self.cached_prompt_pico.unwrap_or(self.prompt_pico),
                "cached_prompt_pico",
            )?,
            completion: price(self.completion_pico, "completion_pico")?,
        })
    }
}

impl Terms {
    fn tier(&self) -> Tier {
        match self.tier.unwrap_or(TierName::Managed) {
            TierName::Free => Tier::Free {
                monthly_limit_cents: self.monthly_limit_cents.unwrap_or(0),
            },
            TierName::Managed => Tier::Managed {
                markup: BasisPoints::new(self.markup_bp.unwrap_or(300)),
            },
            TierName::Byok => Tier::Byok {
                licensing: BasisPoints::new(self.licensing_bp.unwrap_or(3000)),
            },
        }
    }
}

/// The version and the cost of what a call used.
struct Used {
    usage: TokenUsage,
    cost: NanoUsd,
    price_version: u32,
}

impl Call {
    fn used(&self, at: Timestamp, prices: &PriceTable) -> Result<Used, Problem> {
        let tokens = |count: Option<u32>| count.unwrap_or(0);
        let usage = TokenUsage::new(
            tokens(self.prompt),
            tokens(self.cached_prompt),
            tokens(self.completion),
        );
        if let Some(cost) = &self.cost_nano {
            let cost = cost.parse()?;
            return Ok(Used {
                usage,
                cost,
                price_version: 0,
            });
        }
        let model = self
            .model
            .as_deref()
            .ok_or(Problem::Missing("cost_nano, or model with tokens"))?;
        let row = prices.at(&ModelName::new(model)?, at)?;
        Ok(Used {
            usage,
            cost: row.cost(&usage),
            price_version: row.version,
        })
    }
}

/// What a call is, as far as the line says.
fn called(
    id_text: &str,
    content: Option<&str>,
    model: Option<&str>,
    payer: Option<PayerName>,
    guest: Option<&str>,
    price_version: u32,
) -> Result<HeldCall, Problem> {
    Ok(HeldCall {
        content: Digest::of_parts([content.unwrap_or(id_text).as_bytes()]),
        device: DeviceId::from_bytes([0; 16]),
        model: ModelName::new(model.unwrap_or("unnamed"))?,
        price_version,
        payer: match payer {
            Some(PayerName::User) => Payer::User,
            _ => Payer::Operator,
        },
        guest: guest.map(|name| id("guest", name, InviteId::from_bytes)),
    })
}

impl Operation {
    fn parse(name: &str, fields: Value) -> Result<Self, Problem> {
        use serde_json::from_value;
        Ok(match name {
            "price" => Self::Price(from_value(fields)?),
            "open" => Self::Open(from_value(fields)?),
            "tier" => Self::Tier(from_value(fields)?),
            "ceiling" => Self::Ceiling(from_value(fields)?),
            "quota" => Self::Quota(from_value(fields)?),
            "usage" => Self::Usage(from_value(fields)?),
            "hold" => Self::Hold(from_value(fields)?),
            "extend" => Self::Extend(from_value(fields)?),
            "settle" => Self::Settle(from_value(fields)?),
            "release" => Self::Release(from_value(fields)?),
            "top-up" | "topup" => Self::TopUp(from_value(fields)?),
            "promo" => Self::Promo(from_value(fields)?),
            "refund" => Self::Refund(from_value(fields)?),
            "dispute" => Self::Dispute(from_value(fields)?),
            "flush" => Self::Flush(from_value(fields)?),
            "stripe" => Self::Stripe(from_value(fields)?),
            "tick" => {
                from_value::<Nothing>(fields)?;
                Self::Tick
            }
            "close" => {
                from_value::<Nothing>(fields)?;
                Self::Close
            }
            _ => return Err(Problem::Operation(name.to_owned())),
        })
    }

    /// The command, and the request that it is about.
    pub(super) fn command(
        &self,
        at: Timestamp,
        prices: &PriceTable,
    ) -> Result<(AccountCommand, Option<RequestId>), Problem> {
        let about = match self {
            Self::Usage(call) | Self::Settle(call) => Some(request(&call.id)),
            Self::Hold(hold) => Some(request(&hold.id)),
            Self::Extend(extend) => Some(request(&extend.id)),
            Self::Release(release) => Some(request(&release.id)),
            _ => None,
        };
        let command = match self {
            Self::Usage(call) => call.usage(at, prices)?,
            Self::Settle(call) => call.settle(at, prices)?,
            Self::Hold(hold) => hold.command()?,
            Self::Extend(extend) => AccountCommand::Extend {
                request: request(&extend.id),
                total: extend.total_nano.parse()?,
                ttl_ms: extend.ttl_ms.unwrap_or(HOLD_TTL_MS),
            },
            Self::Release(release) => AccountCommand::Release {
                request: request(&release.id),
            },
            Self::TopUp(credit) => AccountCommand::TopUp {
                payment: ExternalId::new(credit.id.as_str())?,
                amount: credit.amount_nano.parse()?,
                expires_at: optional(credit.expires_at.as_ref())?,
            },
            Self::Promo(credit) => AccountCommand::GrantPromo {
                promo: ExternalId::new(credit.id.as_str())?,
                amount: credit.amount_nano.parse()?,
                expires_at: optional(credit.expires_at.as_ref())?,
            },
            Self::Refund(refund) => AccountCommand::Refund {
                payment: ExternalId::new(refund.payment.as_str())?,
                total: refund.total_nano.parse()?,
            },
            Self::Dispute(dispute) => dispute.command()?,
            _ => self.terms(at)?,
        };
        Ok((command, about))
    }

    fn terms(&self, at: Timestamp) -> Result<AccountCommand, Problem> {
        Ok(match self {
            Self::Open(Terms { from: Some(_), .. }) => return Err(Problem::Foreign("from")),
            Self::Tier(Terms {
                ceiling_nano: Some(_),
                ..
            }) => return Err(Problem::Foreign("ceiling_nano")),
            Self::Open(terms) => AccountCommand::Open {
                tier: terms.tier(),
                ceiling: match &terms.ceiling_nano {
                    Some(ceiling) => ceiling.parse()?,
                    None => CEILING_DEFAULT,
                },
            },
            Self::Tier(terms) => AccountCommand::SetTier {
                tier: terms.tier(),
                from: terms.from.as_ref().map_or(Ok(at), Time::parse)?,
            },
            Self::Ceiling(wanted) => AccountCommand::SetCeiling {
                ceiling: wanted.ceiling_nano.parse()?,
            },
            Self::Quota(quota) => AccountCommand::SetQuota {
                guest: id("guest", &quota.guest, InviteId::from_bytes),
                limit: quota.limit_nano.parse()?,
            },
            Self::Close => AccountCommand::ClosePeriod,
            Self::Flush(flush) => AccountCommand::Flush {
                threshold: match &flush.threshold_nano {
                    Some(threshold) => threshold.parse()?,
                    None => FLUSH_THRESHOLD_DEFAULT,
                },
            },
            Self::Stripe(StripeReply { flush, reply }) => match reply {
                Reply::Ok | Reply::AlreadyExists => AccountCommand::ConfirmFlush { number: *flush },
                Reply::Refused => AccountCommand::ParkFlush { number: *flush },
                // It is tried again, under the same identifier.
                Reply::Failed => AccountCommand::Tick,
            },
            _ => AccountCommand::Tick,
        })
    }

    /// The operation's name, as it is typed.
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Price(_) => "price",
            Self::Open(_) => "open",
            Self::Tier(_) => "tier",
            Self::Ceiling(_) => "ceiling",
            Self::Quota(_) => "quota",
            Self::Usage(_) => "usage",
            Self::Hold(_) => "hold",
            Self::Extend(_) => "extend",
            Self::Settle(_) => "settle",
            Self::Release(_) => "release",
            Self::Tick => "tick",
            Self::TopUp(_) => "top-up",
            Self::Promo(_) => "promo",
            Self::Refund(_) => "refund",
            Self::Dispute(_) => "dispute",
            Self::Close => "close",
            Self::Flush(_) => "flush",
            Self::Stripe(_) => "stripe",
        }
    }
}

fn optional(time: Option<&Time>) -> Result<Option<Timestamp>, Problem> {
    time.map(Time::parse).transpose()
}

impl Call {
    fn called(&self, price_version: u32) -> Result<HeldCall, Problem> {
        called(
            &self.id,
            self.content.as_deref(),
            self.model.as_deref(),
            self.payer,
            self.guest.as_deref(),
            price_version,
        )
    }

    fn usage(&self, at: Timestamp, prices: &PriceTable) -> Result<AccountCommand, Problem> {
        let used = self.used(at, prices)?;
        Ok(AccountCommand::Record {
            request: request(&self.id),
            call: self.called(used.price_version)?,
            occurred_at: optional(self.occurred_at.as_ref())?.unwrap_or(at),
            usage: used.usage,
            cost: used.cost,
        })
    }

    fn settle(&self, at: Timestamp, prices: &PriceTable) -> Result<AccountCommand, Problem> {
        let used = self.used(at, prices)?;
        Ok(AccountCommand::Settle {
            request: request(&self.id),
            usage: used.usage,
            cost: used.cost,
        })
    }
}

impl Hold {
    fn command(&self) -> Result<AccountCommand, Problem> {
        Ok(AccountCommand::Hold {
            request: request(&self.id),
            call: called(
                &self.id,
                self.content.as_deref(),
                self.model.as_deref(),
                self.payer,
                self.guest.as_deref(),
                0,
            )?,
            amount: self.amount_nano.parse()?,
            ttl_ms: self.ttl_ms.unwrap_or(HOLD_TTL_MS),
        })
    }
}

impl Dispute {
    fn command(&self) -> Result<AccountCommand, Problem> {
        let payment = ExternalId::new(self.payment.as_str())?;
        let dispute = ExternalId::new(self.id.as_str())?;
        Ok(match (self.stage, &self.amount_nano) {
            (Stage::Withdrawn, Some(amount)) => AccountCommand::WithdrawFunds {
                payment,
                dispute,
                amount: amount.parse()?,
            },
            (Stage::Withdrawn, None) => return Err(Problem::Missing("amount_nano")),
            (Stage::Reinstated, _) => AccountCommand::ReinstateFunds { payment, dispute },
        })
    }
}
