//! The account, its devices and keys, certificates and status.

use synesis_wire::proto::{
    ApiKeyInfo, BalanceRequest, BalanceResponse, DeviceInfo, DevicesRequest, DevicesResponse,
    KeyCreateRequest, KeyCreateResponse, KeyListRequest, KeyListResponse, KeyRevokeRequest,
    KeyRevokeResponse, RenewRequest, RenewResponse, RevokeDeviceRequest, RevokeDeviceResponse,
    StatusRequest, StatusResponse, TokenUsage, UsageEntry, UsageRequest, UsageResponse,
};

use crate::call_examples::REQUEST;
use crate::examples::{Example, example};
use crate::money_examples as money;
use crate::tunnel_examples::{DEVICE, vitals};

const MARCH_2026_MS: i64 = 1_772_323_200_000;

pub(crate) fn all() -> Vec<Example> {
    vec![
        example!(BalanceResponse, full, balance()),
        example!(BalanceResponse, overdrawn, overdrawn()),
        example!(UsageRequest, full, usage_request()),
        example!(UsageResponse, full, usage()),
        example!(UsageEntry, full, entry()),
        example!(RenewRequest, full, renew_request()),
        example!(RenewResponse, full, renewed()),
        example!(StatusResponse, full, status()),
        example!(DevicesResponse, full, devices()),
        example!(DeviceInfo, full, device()),
        example!(DeviceInfo, before_the_epoch, before_the_epoch()),
        example!(RevokeDeviceRequest, full, revoke_device()),
        example!(RevokeDeviceResponse, full, device_revoked()),
        example!(KeyCreateRequest, full, key_create()),
        example!(
            KeyCreateRequest,
            ended_before_it_began,
            KeyCreateRequest {
                expires_at: Some(0),
                ..KeyCreateRequest::default()
            }
        ),
        example!(KeyCreateResponse, full, key_created()),
        example!(KeyListResponse, full, keys()),
        example!(KeyRevokeRequest, full, key_revoke()),
        example!(ApiKeyInfo, full, key()),
    ]
}

pub(crate) fn balance_request() -> BalanceRequest {
    BalanceRequest {}
}

pub(crate) fn balance() -> BalanceResponse {
    BalanceResponse {
        tier: "managed".into(),
        charged_nano_usd: 12_207_000,
        held_nano_usd: 3_000_000_000,
        ceiling_nano_usd: 50_000_000_000,
        room_nano_usd: 46_987_793_000,
        calls: 42,
        prompt_tokens: 51_234,
        completion_tokens: 20_567,
        period_started: MARCH_2026_MS,
        credit_nano_usd: 10_000_000_000,
        pinned_nano_usd: 3_000_000_000,
        debt_nano_usd: 1,
        unbilled_nano_usd: 12_207_000,
        rate_bp: 300,
        credits: vec![money::credit()],
        receipt: Some(money::receipt()),
        can_top_up: true,
    }
}

/// What a cloud without credits and receipts says.
pub(crate) fn short_balance() -> BalanceResponse {
    BalanceResponse {
        credit_nano_usd: 0,
        pinned_nano_usd: 0,
        debt_nano_usd: 0,
        unbilled_nano_usd: 0,
        rate_bp: 0,
        credits: Vec::new(),
        receipt: None,
        can_top_up: false,
        ..balance()
    }
}

/// The ends of what the numbers can say.
fn overdrawn() -> BalanceResponse {
    BalanceResponse {
        tier: "free".into(),
        charged_nano_usd: i64::MAX,
        held_nano_usd: -1,
        ceiling_nano_usd: 0,
        room_nano_usd: i64::MIN,
        calls: u64::MAX,
        prompt_tokens: 9_007_199_254_740_993,
        completion_tokens: 1,
        period_started: i64::MIN,
        rate_bp: u32::MAX,
        ..BalanceResponse::default()
    }
}

pub(crate) fn usage_request() -> UsageRequest {
    UsageRequest {
        request_ids: vec![REQUEST.into(), String::new(), "ünknown".into()],
    }
}

fn entry() -> UsageEntry {
    UsageEntry {
        request_id: REQUEST.into(),
        state: "settled".into(),
        tokens_used: Some(TokenUsage {
            prompt: 1_234,
            completion: 567,
        }),
        cost_nano_usd: -5,
        model_used: "claude-sonnet".into(),
        settled_at: MARCH_2026_MS,
    }
}

pub(crate) fn usage() -> UsageResponse {
    UsageResponse {
        entries: vec![entry(), UsageEntry::default()],
    }
}

pub(crate) fn renew_request() -> RenewRequest {
    RenewRequest {
        csr_pem: "-----BEGIN CERTIFICATE REQUEST-----\nAAEC\n-----END CERTIFICATE REQUEST-----\n"
            .into(),
    }
}

pub(crate) fn renewed() -> RenewResponse {
    RenewResponse {
        certificate_pem: "-----BEGIN CERTIFICATE-----\r\nAAEC\r\n-----END CERTIFICATE-----\r\n"
            .into(),
        not_after: MARCH_2026_MS,
    }
}

pub(crate) fn status_request() -> StatusRequest {
    StatusRequest {}
}

pub(crate) fn status() -> StatusResponse {
    StatusResponse {
        server_version: "0.1.0".into(),
        device_id: DEVICE.into(),
        certificate_not_after: MARCH_2026_MS,
        models: vec!["claude-sonnet".into(), "claude-opus".into()],
    }
}

pub(crate) fn devices_request() -> DevicesRequest {
    DevicesRequest {}
}

fn device() -> DeviceInfo {
    DeviceInfo {
        device_id: DEVICE.into(),
        name: "Zoë’s laptop".into(),
        enrolled_at: MARCH_2026_MS,
        revoked_at: Some(MARCH_2026_MS + 1),
        online: true,
        transport: "websocket".into(),
        last_heartbeat: Some(MARCH_2026_MS + 2),
        vitals: Some(vitals()),
        certificate_not_after: MARCH_2026_MS + 3,
    }
}

fn before_the_epoch() -> DeviceInfo {
    DeviceInfo {
        enrolled_at: -1,
        revoked_at: Some(0),
        last_heartbeat: Some(i64::MIN),
        ..DeviceInfo::default()
    }
}

pub(crate) fn devices() -> DevicesResponse {
    DevicesResponse {
        devices: vec![device(), DeviceInfo::default(), before_the_epoch()],
    }
}

pub(crate) fn revoke_device() -> RevokeDeviceRequest {
    RevokeDeviceRequest {
        device_id: DEVICE.into(),
    }
}

pub(crate) fn device_revoked() -> RevokeDeviceResponse {
    RevokeDeviceResponse {
        connections_closed: 128,
    }
}

pub(crate) fn key_create() -> KeyCreateRequest {
    KeyCreateRequest {
        name: "build farm".into(),
        scopes: vec!["read".into(), "escalate".into()],
        expires_at: Some(MARCH_2026_MS),
    }
}

fn key() -> ApiKeyInfo {
    ApiKeyInfo {
        key_id: "key-5d1f".into(),
        name: "build farm".into(),
        scopes: vec!["read".into(), "escalate".into()],
        created_at: MARCH_2026_MS,
        expires_at: Some(MARCH_2026_MS + 1),
        last_used_at: Some(MARCH_2026_MS + 2),
        revoked_at: Some(MARCH_2026_MS + 3),
    }
}

pub(crate) fn key_created() -> KeyCreateResponse {
    KeyCreateResponse {
        secret: "an example, not a secret".into(),
        key: Some(key()),
    }
}

pub(crate) fn key_list() -> KeyListRequest {
    KeyListRequest {}
}

pub(crate) fn keys() -> KeyListResponse {
    KeyListResponse {
        keys: vec![key(), ApiKeyInfo::default()],
    }
}

pub(crate) fn key_revoke() -> KeyRevokeRequest {
    KeyRevokeRequest {
        key_id: "key-5d1f".into(),
    }
}

pub(crate) fn key_revoked() -> KeyRevokeResponse {
    KeyRevokeResponse {}
}
