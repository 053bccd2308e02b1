//! The messages of `proto/cloud.proto` by name: as types of prost, and as their description.

use std::path::PathBuf;

use prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage, MessageDescriptor, SerializeOptions};
use synesis_wire::proto;

const PACKAGE: &str = "superinstance.cloud";

/// What a type of prost does with bytes, its name left out.
#[derive(Debug)]
pub(crate) struct Codec {
    pub(crate) name: &'static str,
    /// Decodes and encodes again.
    pub(crate) again: fn(&[u8]) -> Result<Vec<u8>, prost::DecodeError>,
}

fn again<M: Message + Default>(bytes: &[u8]) -> Result<Vec<u8>, prost::DecodeError> {
    M::decode(bytes).map(|message| message.encode_to_vec())
}

macro_rules! codecs {
    ($($name:ident)*) => {
        &[$(Codec { name: stringify!($name), again: again::<proto::$name> }),*]
    };
}

/// Every message there is; a test holds this list against the description.
pub(crate) const CODECS: &[Codec] = codecs! {
    Answer ApiKeyInfo BalanceChanged BalanceRequest BalanceResponse Call CallError CertificateDue
    ChunkMetadata Control CreditInfo DeviceInfo DeviceVitals DevicesRequest DevicesResponse Drain
    EscalationContext EscalationRequest EscalationResponse Heartbeat HeartbeatAck HistoryRequest
    HistoryResponse KeyCreateRequest KeyCreateResponse KeyListRequest KeyListResponse
    KeyRevokeRequest KeyRevokeResponse LoraReady Message Notice PingRequest PingResponse
    PrewarmSignal ProviderKeyRequest ProviderKeyResponse Receipt RecordRequest RecordResponse
    RecordResult RenewRequest RenewResponse RevokeDeviceRequest RevokeDeviceResponse StatusRequest
    StatusResponse StreamChunk StreamEnd StreamError StreamFinish TierOffer TierRequest TierResponse
    TokenUsage TopUpRequest TopUpResponse TopUpStateRequest TopUpStateResponse TunnelChallenge
    TunnelClose TunnelMessage TunnelProof TunnelWelcome UsageEntry UsageRecord UsageRequest
    UsageResponse
};

/// The folder of the vectors.
pub(crate) fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../proto/golden")
}

/// The description that `cargo xtask codegen` writes beside the Rust.
pub(crate) fn descriptions() -> DescriptorPool {
    let bytes = std::fs::read(folder().join("cloud.binpb")).expect("the description is committed");
    DescriptorPool::decode(bytes.as_slice()).expect("the description is one")
}

/// The messages of the package, sorted by name.
pub(crate) fn messages(pool: &DescriptorPool) -> Vec<MessageDescriptor> {
    let mut all: Vec<_> = pool
        .all_messages()
        .filter(|message| message.package_name() == PACKAGE)
        .collect();
    all.sort_by_key(|message| message.name().to_owned());
    all
}

/// Reads bytes by the description alone, without the types of prost.
pub(crate) fn described(pool: &DescriptorPool, name: &str, bytes: &[u8]) -> DynamicMessage {
    let descriptor = pool
        .get_message_by_name(&format!("{PACKAGE}.{name}"))
        .expect("the message is described");
    DynamicMessage::decode(descriptor, bytes).expect("the bytes are such a message")
}

/// The message as JSON, as proto3 defines it, one line for each field.
pub(crate) fn json(message: &DynamicMessage) -> Vec<u8> {
    let mut serializer = serde_json::Serializer::pretty(Vec::new());
    message
        .serialize_with_options(&mut serializer, &SerializeOptions::new())
        .expect("a message is JSON");
    let mut text = serializer.into_inner();
    text.push(b'\n');
    text
}
