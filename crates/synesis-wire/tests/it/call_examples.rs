//! Calls, their answers, and escalation.

use synesis_wire::proto::{
    Answer, Call, CallError, ChunkMetadata, CloudModel, EscalationContext, EscalationRequest,
    EscalationResponse, Message, PingRequest, PingResponse, StreamChunk, StreamEnd, StreamError,
    TokenUsage, answer, call, stream_chunk::Payload,
};

use crate::account_examples as account;
use crate::examples::{Example, example};
use crate::money_examples as money;

pub(crate) const REQUEST: &str = "8e5f2a34-16d3-4a3b-9d0e-6f7a8b9c0d1e";
const SESSION: &str = "0190a5c4-7f3e-7d1a-b1c2-d3e4f5a6b7c8";

pub(crate) fn all() -> Vec<Example> {
    let mut all = parts();
    all.extend(calls());
    all.extend(answers());
    all.extend(chunks());
    all
}

fn parts() -> Vec<Example> {
    vec![
        example!(CallError, full, call_error()),
        example!(
            CallError,
            retry_at_once,
            CallError {
                retry_after_ms: Some(0),
                ..CallError::default()
            }
        ),
        example!(PingRequest, full, ping_request()),
        example!(PingResponse, full, ping_response()),
        example!(EscalationRequest, full, escalation()),
        example!(EscalationRequest, present_but_empty, present_but_empty()),
        example!(EscalationContext, full, context()),
        example!(
            Message,
            full,
            turn("user", "Wie geht’s, 世界? 👩‍🔧\n\"\\\u{1}")
        ),
        example!(EscalationResponse, full, escalated()),
        example!(TokenUsage, full, tokens()),
        example!(
            TokenUsage,
            largest,
            TokenUsage {
                prompt: u32::MAX,
                completion: u32::MAX
            }
        ),
        example!(ChunkMetadata, full, metadata()),
        example!(StreamEnd, full, end()),
        example!(StreamError, full, broken()),
    ]
}

fn calls() -> Vec<Example> {
    use call::Body;
    let of = |body| Call {
        deadline_ms: 30_000,
        body: Some(body),
    };
    vec![
        example!(Call, ping, of(Body::Ping(ping_request()))),
        example!(
            Call,
            ping_of_nothing,
            of(Body::Ping(PingRequest::default()))
        ),
        example!(Call, escalation, of(Body::Escalation(escalation()))),
        example!(Call, short_escalation, of(Body::Escalation(short()))),
        example!(Call, balance, of(Body::Balance(account::balance_request()))),
        example!(Call, usage, of(Body::Usage(account::usage_request()))),
        example!(Call, renew, of(Body::Renew(account::renew_request()))),
        example!(Call, status, of(Body::Status(account::status_request()))),
        example!(Call, key_create, of(Body::KeyCreate(account::key_create()))),
        example!(Call, key_list, of(Body::KeyList(account::key_list()))),
        example!(Call, key_revoke, of(Body::KeyRevoke(account::key_revoke()))),
        example!(Call, devices, of(Body::Devices(account::devices_request()))),
        example!(
            Call,
            revoke_device,
            of(Body::RevokeDevice(account::revoke_device()))
        ),
        example!(Call, history, of(Body::History(money::history_request()))),
        example!(Call, record, of(Body::Record(money::record_request()))),
        example!(Call, top_up, of(Body::TopUp(money::top_up_request()))),
        example!(
            Call,
            top_up_state,
            of(Body::TopUpState(money::top_up_state_request()))
        ),
        example!(Call, tier, of(Body::Tier(money::tier_request()))),
        example!(
            Call,
            provider_key,
            of(Body::ProviderKey(money::provider_key()))
        ),
    ]
}

fn answers() -> Vec<Example> {
    use answer::Body;
    let of = |body| Answer { body: Some(body) };
    vec![
        example!(Answer, error, of(Body::Error(call_error()))),
        example!(Answer, ping, of(Body::Ping(ping_response()))),
        example!(Answer, escalation, of(Body::Escalation(escalated()))),
        example!(
            Answer,
            stream_end,
            of(Body::Chunk(chunk(Payload::End(StreamEnd {
                receipt: None,
                ..end()
            }))))
        ),
        example!(
            Answer,
            stream_end_with_receipt,
            of(Body::Chunk(chunk(Payload::End(end()))))
        ),
        example!(Answer, twenty_tokens, of(Body::Chunk(twenty_tokens()))),
        example!(Answer, balance, of(Body::Balance(account::short_balance()))),
        example!(Answer, usage, of(Body::Usage(account::usage()))),
        example!(Answer, renew, of(Body::Renew(account::renewed()))),
        example!(Answer, status, of(Body::Status(account::status()))),
        example!(
            Answer,
            key_create,
            of(Body::KeyCreate(account::key_created()))
        ),
        example!(Answer, key_list, of(Body::KeyList(account::keys()))),
        example!(
            Answer,
            key_revoke,
            of(Body::KeyRevoke(account::key_revoked()))
        ),
        example!(Answer, devices, of(Body::Devices(account::devices()))),
        example!(
            Answer,
            revoke_device,
            of(Body::RevokeDevice(account::device_revoked()))
        ),
        example!(Answer, history, of(Body::History(money::history()))),
        example!(Answer, record, of(Body::Record(money::recorded()))),
        example!(Answer, top_up, of(Body::TopUp(money::top_up()))),
        example!(
            Answer,
            top_up_state,
            of(Body::TopUpState(money::top_up_state()))
        ),
        example!(Answer, tier, of(Body::Tier(money::tier()))),
        example!(
            Answer,
            provider_key,
            of(Body::ProviderKey(money::key_kept()))
        ),
    ]
}

fn chunks() -> Vec<Example> {
    vec![
        example!(
            StreamChunk,
            content,
            chunk(Payload::Content("né 日本".into()))
        ),
        example!(
            StreamChunk,
            empty_content,
            chunk(Payload::Content(String::new()))
        ),
        example!(StreamChunk, end, chunk(Payload::End(end()))),
        example!(StreamChunk, error, chunk(Payload::Error(broken()))),
        example!(StreamChunk, metadata, chunk(Payload::Metadata(metadata()))),
    ]
}

fn chunk(payload: Payload) -> StreamChunk {
    StreamChunk {
        request_id: REQUEST.into(),
        payload: Some(payload),
        sequence: u64::MAX,
    }
}

/// Twenty tokens are about eighty characters of English.
fn twenty_tokens() -> StreamChunk {
    let text = " The account holds the price of a call before it starts and settles what it used.";
    StreamChunk {
        request_id: REQUEST.into(),
        payload: Some(Payload::Content(text.into())),
        sequence: 12,
    }
}

fn call_error() -> CallError {
    CallError {
        code: "rate_limited".into(),
        message: "too many calls at once: 64 run already".into(),
        retry_after_ms: Some(1_500),
    }
}

fn ping_request() -> PingRequest {
    PingRequest {
        payload: (0..=255).collect(),
    }
}

fn ping_response() -> PingResponse {
    PingResponse {
        payload: vec![0, 255, 0].into(),
        server_time: i64::MAX,
    }
}

fn turn(role: &str, content: &str) -> Message {
    Message {
        role: role.into(),
        content: content.into(),
    }
}

fn context() -> EscalationContext {
    EscalationContext {
        pathos_framing: Some("The person wants a decision, not a lecture.".into()),
        local_knowledge: vec![
            "notes.md:12 The lease ends in [DATE_3M8X].".into(),
            String::new(),
        ],
        conversation_history: vec![
            turn("user", "May I cancel?"),
            Message::default(),
            turn("assistant", "When was it signed?"),
        ],
        constraints: vec!["at most 200 words".into(), "auf Deutsch, mit „ß“".into()],
    }
}

fn escalation() -> EscalationRequest {
    EscalationRequest {
        request_id: REQUEST.into(),
        user_id: "user-17".into(),
        session_id: SESSION.into(),
        query: "Write to [PERSON_7Q4K] at [EMAIL_9D2F] that the lease ends.".into(),
        context: Some(context()),
        model: CloudModel::ClaudeOpus.into(),
        max_tokens: u32::MAX,
        stream: true,
        lora_id: Some("lora-tenancy".into()),
        project_id: Some("project-ß".into()),
        resume_after: u64::MAX,
    }
}

/// What is there and says nothing is not what is absent.
fn present_but_empty() -> EscalationRequest {
    EscalationRequest {
        context: Some(EscalationContext {
            pathos_framing: Some(String::new()),
            ..EscalationContext::default()
        }),
        lora_id: Some(String::new()),
        ..EscalationRequest::default()
    }
}

/// One question without context, as the first of a conversation is.
fn short() -> EscalationRequest {
    EscalationRequest {
        request_id: REQUEST.into(),
        session_id: SESSION.into(),
        query: "When may [PERSON_7Q4K] cancel a lease that was signed in March?".into(),
        model: CloudModel::Auto.into(),
        max_tokens: 1_024,
        stream: true,
        ..EscalationRequest::default()
    }
}

fn tokens() -> TokenUsage {
    TokenUsage {
        prompt: 1_234,
        completion: 567,
    }
}

fn escalated() -> EscalationResponse {
    EscalationResponse {
        request_id: REQUEST.into(),
        content: "Until the end of May — in writing.".into(),
        model_used: "claude-sonnet".into(),
        tokens_used: Some(tokens()),
        cost_cents: 2,
        latency_ms: u64::MAX,
        cost_nano_usd: 12_207_000,
        receipt: Some(money::receipt()),
    }
}

fn metadata() -> ChunkMetadata {
    ChunkMetadata {
        agent: "ethos".into(),
        phase: "verifying".into(),
    }
}

fn end() -> StreamEnd {
    StreamEnd {
        tokens_used: Some(tokens()),
        cost_cents: 2,
        total_latency_ms: 4_321,
        cost_nano_usd: 12_207_000,
        model_used: "claude-sonnet".into(),
        finish: "stop".into(),
        receipt: Some(money::receipt()),
    }
}

fn broken() -> StreamError {
    StreamError {
        code: "provider_failed".into(),
        message: "the model stopped answering".into(),
        cost_nano_usd: i64::MIN,
        tokens_used: Some(TokenUsage {
            prompt: 9,
            completion: 0,
        }),
        receipt: Some(money::receipt()),
    }
}
