//! What is shown of messages that carry a secret: all but that.

use std::fmt;

use crate::proto::{KeyCreateResponse, ProviderKeyRequest};

impl fmt::Debug for ProviderKeyRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProviderKeyRequest").finish_non_exhaustive()
    }
}

impl fmt::Debug for KeyCreateResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyCreateResponse")
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode_frame;
    use crate::proto::{Call, call};

    #[test]
    fn a_secret_is_not_shown() {
        let key = "key-of-a-provider".to_owned();
        let call = Call {
            deadline_ms: 0,
            body: Some(call::Body::ProviderKey(ProviderKeyRequest { key })),
        };
        let frame = encode_frame(&call).unwrap();
        let made = KeyCreateResponse {
            secret: "key-of-a-provider".to_owned(),
            key: None,
        };
        for shown in [
            format!("{call:?}"),
            format!("{frame:?}"),
            format!("{made:?}"),
        ] {
            assert!(!shown.contains("of-a-provider"), "{shown}");
        }
    }
}
