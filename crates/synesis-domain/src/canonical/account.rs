//! Account events as bytes.

use alloc::vec::Vec;

use super::{DecodeError, Reader, Writer};
use crate::account::{AccountEvent, Entry, HeldCall};
use crate::chain::Digest;
use crate::id::{DeviceId, RequestId, UserId};
use crate::money::BasisPoints;
use crate::price::TokenUsage;
use crate::tier::Tier;

const OPENED: u8 = 1;
const PERIOD_OPENED: u8 = 2;
const HELD: u8 = 3;
const EXTENDED: u8 = 4;
const SETTLED: u8 = 5;
const RELEASED: u8 = 6;
const EXPIRED: u8 = 7;

const TIER_FREE: u64 = 1;
const TIER_MANAGED: u64 = 2;
const TIER_BYOK: u64 = 3;

impl AccountEvent {
    /// The event's stored form.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Writer::event(match self {
            Self::Opened { .. } => OPENED,
            Self::PeriodOpened { .. } => PERIOD_OPENED,
            Self::Held { .. } => HELD,
            Self::Extended { .. } => EXTENDED,
            Self::Settled { .. } => SETTLED,
            Self::Released { .. } => RELEASED,
            Self::Expired { .. } => EXPIRED,
        });
        out.time(self.at());
        if let Some(request) = self.request() {
            out.bare(request.as_bytes());
        }
        match self {
            Self::Opened {
                user,
                tier,
                ceiling,
                ..
            } => {
                out.bare(user.as_bytes());
                write_tier(&mut out, *tier);
                out.money(*ceiling);
            }
            Self::PeriodOpened { started, .. } => out.time(*started),
            Self::Held {
                call,
                amount,
                ttl_ms,
                ..
            } => {
                out.bare(call.content.as_bytes());
                out.bare(call.device.as_bytes());
                out.text(call.model.as_str());
                out.unsigned(u64::from(call.price_version));
                out.money(*amount);
                out.unsigned(u64::from(*ttl_ms));
            }
            Self::Extended { added, ttl_ms, .. } => {
                out.money(*added);
                out.unsigned(u64::from(*ttl_ms));
            }
            Self::Settled { usage, entry, .. } => {
                for tokens in [usage.prompt(), usage.cached_prompt(), usage.completion()] {
                    out.unsigned(u64::from(tokens));
                }
                let Entry {
                    provider,
                    fee,
                    charged,
                    waived,
                    absorbed,
                } = *entry;
                for amount in [provider, fee, charged, waived, absorbed] {
                    out.money(amount);
                }
            }
            Self::Released { .. } | Self::Expired { .. } => {}
        }
        out.0
    }

    /// Reads a stored form.
    ///
    /// # Errors
    /// When the bytes are not exactly one event of an account.
    pub fn decode(stored: &[u8]) -> Result<Self, DecodeError> {
        let (kind, mut from) = Reader::event(stored)?;
        if !(OPENED..=EXPIRED).contains(&kind) {
            return Err(DecodeError::Kind(kind));
        }
        let at = from.time("at")?;
        if kind == OPENED {
            let user = UserId::from_bytes(from.bare()?);
            let tier = read_tier(&mut from)?;
            let ceiling = from.money("ceiling")?;
            return from.end(Self::Opened {
                at,
                user,
                tier,
                ceiling,
            });
        }
        if kind == PERIOD_OPENED {
            let started = from.time("started")?;
            return from.end(Self::PeriodOpened { at, started });
        }
        let request = RequestId::from_bytes(from.bare()?);
        let event = match kind {
            HELD => {
                let call = read_call(&mut from)?;
                let amount = from.money("amount")?;
                Self::Held {
                    at,
                    request,
                    call,
                    amount,
                    ttl_ms: from.small("ttl_ms")?,
                }
            }
            EXTENDED => {
                let added = from.money("added")?;
                Self::Extended {
                    at,
                    request,
                    added,
                    ttl_ms: from.small("ttl_ms")?,
                }
            }
            SETTLED => {
                let usage = read_usage(&mut from)?;
                Self::Settled {
                    at,
                    request,
                    usage,
                    entry: read_entry(&mut from)?,
                }
            }
            RELEASED => Self::Released { at, request },
            _ => Self::Expired { at, request },
        };
        from.end(event)
    }
}

fn write_tier(out: &mut Writer, tier: Tier) {
    let (kind, value) = match tier {
        Tier::Free {
            monthly_limit_cents,
        } => (TIER_FREE, monthly_limit_cents),
        Tier::Managed { markup } => (TIER_MANAGED, u32::from(markup.get())),
        Tier::Byok { licensing } => (TIER_BYOK, u32::from(licensing.get())),
    };
    out.unsigned(kind);
    out.unsigned(u64::from(value));
}

fn read_tier(from: &mut Reader<'_>) -> Result<Tier, DecodeError> {
    match from.unsigned("tier")? {
        TIER_FREE => Ok(Tier::Free {
            monthly_limit_cents: from.small("monthly_limit_cents")?,
        }),
        TIER_MANAGED => Ok(Tier::Managed {
            markup: BasisPoints::new(from.small("markup")?),
        }),
        TIER_BYOK => Ok(Tier::Byok {
            licensing: BasisPoints::new(from.small("licensing")?),
        }),
        _ => Err(DecodeError::Field("tier")),
    }
}

fn read_call(from: &mut Reader<'_>) -> Result<HeldCall, DecodeError> {
    Ok(HeldCall {
        content: Digest::from_bytes(from.bare()?),
        device: DeviceId::from_bytes(from.bare()?),
        model: from.name("model")?,
        price_version: from.small("price_version")?,
    })
}

fn read_usage(from: &mut Reader<'_>) -> Result<TokenUsage, DecodeError> {
    let prompt = from.small("prompt")?;
    let cached = from.small("cached_prompt")?;
    let usage = TokenUsage::new(prompt, cached, from.small("completion")?);
    if usage.cached_prompt() == cached {
        Ok(usage)
    } else {
        Err(DecodeError::Field("cached_prompt"))
    }
}

fn read_entry(from: &mut Reader<'_>) -> Result<Entry, DecodeError> {
    let entry = Entry {
        provider: from.money("provider")?,
        fee: from.money("fee")?,
        charged: from.money("charged")?,
        waived: from.money("waived")?,
        absorbed: from.money("absorbed")?,
    };
    if entry.is_balanced() {
        Ok(entry)
    } else {
        Err(DecodeError::Field("entry"))
    }
}
