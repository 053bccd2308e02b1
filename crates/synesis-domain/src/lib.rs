//! The rules of Synesis: what a token costs, what an account may spend, which device may connect.
//!
//! Promises: every decision is a pure function of a state, a command and the time it is told;
//! every change is an event that can be stored, chained and replayed to the same state.
//!
//! Absent: clocks, randomness, floats, hash maps, serde, async, storage and the network. Nothing
//! here knows how a message looks on the wire or who hosts the cloud.
#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod account;
mod canonical;
mod chain;
pub mod device;
mod email;
mod id;
pub mod key;
pub mod limits;
pub mod login;
mod money;
mod price;
mod tier;
mod time;

pub use account::{Account, AccountCommand, AccountEvent, Refusal};
pub use canonical::DecodeError;
pub use chain::{ChainHead, Digest};
pub use device::{Device, DeviceCommand, DeviceEvent, DeviceRefusal};
pub use email::{EmailAddress, EmailError};
pub use id::{
    DeviceId, DeviceName, EventId, ExternalId, ExternalIdError, IdError, InviteId, KeyId, KeyName,
    LoraId, ModelName, NameError, Place, ProjectId, RequestId, SessionId, UserId,
};
pub use key::{ApiKey, KeyCommand, KeyEvent, KeyRefusal, KeySecret, Scope, Scopes};
pub use login::{DeviceLogin, LoginCommand, LoginEvent, LoginRefusal, UserCode};
pub use money::{BasisPoints, MoneyError, NanoUsd, PicoUsdPerToken};
pub use price::{PriceError, PriceRow, PriceTable, TokenUsage, UnknownPrice};
pub use tier::{Line, Payer, Tier};
pub use time::Timestamp;
