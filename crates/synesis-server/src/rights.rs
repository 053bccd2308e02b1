//! What each call needs: a device may do what the key that enrolled it may do, and no more. Devices
//! that a person let in may do everything.

use synesis_domain::{DeviceId, Scope};
use synesis_wire::ErrorCode;
use synesis_wire::proto::call;

use crate::call::Fault;
use crate::hub::Link;

/// Lets a call pass that its device has the right to make.
pub(crate) fn check(link: &Link, body: &call::Body) -> Result<(), Fault> {
    match needed(body, link.claims.device) {
        Some(scope) if !link.rights.allow(scope) => Err(Fault::new(
            ErrorCode::InsufficientScope,
            format!("the key that enrolled this device lacks the scope {scope}"),
        )),
        _ => Ok(()),
    }
}

/// The scope that a call needs; none for what concerns nobody but the device itself.
fn needed(body: &call::Body, caller: DeviceId) -> Option<Scope> {
    match body {
        call::Body::Ping(_) | call::Body::Status(_) | call::Body::Renew(_) => None,
        // A device asks what became of its own calls.
        call::Body::Usage(_) => None,
        call::Body::Balance(_)
        | call::Body::Devices(_)
        | call::Body::KeyList(_)
        | call::Body::History(_)
        | call::Body::TopUpState(_) => Some(Scope::Read),
        call::Body::Tier(request) if request.tier.is_empty() => Some(Scope::Read),
        // Both spend the account's money.
        call::Body::Escalation(_) | call::Body::Record(_) => Some(Scope::Escalate),
        // Every device may leave.
        call::Body::RevokeDevice(request) if request.device_id.parse() == Ok(caller) => None,
        call::Body::RevokeDevice(_)
        | call::Body::KeyCreate(_)
        | call::Body::KeyRevoke(_)
        | call::Body::TopUp(_)
        | call::Body::ProviderKey(_)
        | call::Body::Tier(_) => Some(Scope::Admin),
    }
}
