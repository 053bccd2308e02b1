//! Names and words of the WebSocket transport, shared by both ends.

/// Where a cloud offers it.
pub const PATH: &str = "/v1/tunnel";

/// The subprotocol of version 1 (RFC 6455, section 1.9). A breaking change gets a new name.
pub const SUBPROTOCOL: &str = "synesis.v1";

/// The bytes of a nonce.
pub const NONCE_BYTES: usize = 32;

const PROOF_CONTEXT: &[u8] = b"synesis websocket 1\0";

/// What a device signs to prove that it holds the key of its certificate.
#[must_use]
pub fn proof_text(nonce: &[u8]) -> Vec<u8> {
    [PROOF_CONTEXT, nonce].concat()
}
