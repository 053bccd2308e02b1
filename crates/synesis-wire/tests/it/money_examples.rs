//! The history of an account, receipts, records, top-ups and tiers.

use synesis_wire::proto::{
    CreditInfo, HistoryRequest, HistoryResponse, ProviderKeyRequest, ProviderKeyResponse, Receipt,
    RecordRequest, RecordResponse, RecordResult, TierOffer, TierRequest, TierResponse,
    TopUpRequest, TopUpResponse, TopUpStateRequest, TopUpStateResponse, UsageRecord,
};

use crate::call_examples::REQUEST;
use crate::examples::{Example, example};

const MAY_2026_MS: i64 = 1_777_593_600_000;
const SESSION: &str = "cs_test_a1B2c3";

pub(crate) fn all() -> Vec<Example> {
    vec![
        example!(CreditInfo, full, credit()),
        example!(
            CreditInfo,
            lost_at_the_epoch,
            CreditInfo {
                expires_at: Some(0),
                ..CreditInfo::default()
            }
        ),
        example!(Receipt, full, receipt()),
        example!(HistoryRequest, full, history_request()),
        example!(HistoryResponse, full, history()),
        example!(UsageRecord, full, usage_record()),
        example!(RecordRequest, full, record_request()),
        example!(RecordResult, full, refused()),
        example!(RecordResponse, full, recorded()),
        example!(TopUpRequest, full, top_up_request()),
        example!(TopUpResponse, full, top_up()),
        example!(TopUpStateRequest, full, top_up_state_request()),
        example!(TopUpStateResponse, full, top_up_state()),
        example!(TierRequest, full, tier_request()),
        example!(TierResponse, full, tier()),
        example!(ProviderKeyRequest, full, provider_key()),
        example!(ProviderKeyResponse, full, key_kept()),
        example!(TierOffer, full, offer()),
        example!(
            TierOffer,
            of_nothing,
            TierOffer {
                monthly_limit_nano_usd: Some(0),
                ..TierOffer::default()
            }
        ),
    ]
}

pub(crate) fn credit() -> CreditInfo {
    CreditInfo {
        kind: "promo".into(),
        granted_nano_usd: 5_000_000_000,
        left_nano_usd: 4_999_999_999,
        expires_at: Some(MAY_2026_MS),
    }
}

pub(crate) fn receipt() -> Receipt {
    Receipt {
        account: vec![7; 16].into(),
        sequence: 1_234,
        head: vec![0xAB; 32].into(),
        charged_nano_usd: 12_207_000,
        credit_nano_usd: 10_000_000_000,
        at: MAY_2026_MS,
        signature: vec![1; 64].into(),
        key: vec![2; 32].into(),
    }
}

pub(crate) fn history_request() -> HistoryRequest {
    HistoryRequest { after: u64::MAX }
}

pub(crate) fn history() -> HistoryResponse {
    HistoryResponse {
        events: vec![vec![1, 2, 3].into(), vec![].into(), vec![0xFF].into()],
        more: true,
        receipt: Some(receipt()),
    }
}

fn usage_record() -> UsageRecord {
    UsageRecord {
        request_id: REQUEST.into(),
        model: "claude-sonnet".into(),
        prompt_tokens: 1_234,
        cached_prompt_tokens: 1_000,
        completion_tokens: 567,
        occurred_at: MAY_2026_MS,
    }
}

pub(crate) fn record_request() -> RecordRequest {
    RecordRequest {
        records: vec![usage_record(), UsageRecord::default()],
    }
}

fn refused() -> RecordResult {
    RecordResult {
        request_id: REQUEST.into(),
        state: "refused".into(),
        code: "unknown_model".into(),
        message: "no price is known for “x”".into(),
        cost_nano_usd: -1,
        recorded_at: MAY_2026_MS,
    }
}

pub(crate) fn recorded() -> RecordResponse {
    RecordResponse {
        results: vec![refused(), RecordResult::default()],
        receipt: Some(receipt()),
    }
}

pub(crate) fn top_up_request() -> TopUpRequest {
    TopUpRequest {
        request_id: REQUEST.into(),
        cents: 1_000,
    }
}

pub(crate) fn top_up() -> TopUpResponse {
    TopUpResponse {
        session_id: SESSION.into(),
        url: "https://pay.example.com/c/pay/cs_test_a1B2c3#x".into(),
    }
}

pub(crate) fn top_up_state_request() -> TopUpStateRequest {
    TopUpStateRequest {
        session_id: SESSION.into(),
    }
}

pub(crate) fn top_up_state() -> TopUpStateResponse {
    TopUpStateResponse {
        state: "credited".into(),
        credited_nano_usd: 10_000_000_000,
    }
}

pub(crate) fn tier_request() -> TierRequest {
    TierRequest {
        tier: "byok".into(),
        from: Some(MAY_2026_MS),
    }
}

fn offer() -> TierOffer {
    TierOffer {
        tier: "free".into(),
        rate_bp: 300,
        monthly_limit_nano_usd: Some(5_000_000_000),
    }
}

pub(crate) fn provider_key() -> ProviderKeyRequest {
    ProviderKeyRequest {
        key: "a key of the user’s own".into(),
    }
}

pub(crate) fn key_kept() -> ProviderKeyResponse {
    ProviderKeyResponse { own_key: true }
}

pub(crate) fn tier() -> TierResponse {
    TierResponse {
        tier: "managed".into(),
        rate_bp: 300,
        monthly_limit_nano_usd: Some(-1),
        next_tier: "byok".into(),
        next_from: Some(MAY_2026_MS),
        offers: vec![offer(), TierOffer::default()],
        own_key: true,
    }
}
