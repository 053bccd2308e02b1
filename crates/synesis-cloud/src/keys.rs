//! The account's API keys, over the tunnel.

use synesis_wire::proto::{
    ApiKeyInfo, KeyCreateRequest, KeyCreateResponse, KeyListRequest, KeyRevokeRequest, answer, call,
};

use crate::call::OutgoingCall;
use crate::error::CloudError;
use crate::tunnel::CloudTunnel;

/// Makes, lists and revokes API keys.
#[derive(Debug, Clone)]
pub struct KeysClient {
    tunnel: CloudTunnel,
}

impl KeysClient {
    /// Over a tunnel that is up.
    #[must_use]
    pub const fn new(tunnel: CloudTunnel) -> Self {
        Self { tunnel }
    }

    /// Makes a key. Its secret is in the answer and nowhere else.
    ///
    /// # Errors
    /// When the cloud refuses or is out of reach. It is not tried again by itself: a second try
    /// would make a second key.
    pub async fn create(&self, wanted: KeyCreateRequest) -> Result<KeyCreateResponse, CloudError> {
        match self.ask(call::Body::KeyCreate(wanted), false).await? {
            answer::Body::KeyCreate(made) => Ok(made),
            _ => Err(CloudError::Protocol(
                "a key was asked for, something else came",
            )),
        }
    }

    /// Every key of the account.
    ///
    /// # Errors
    /// When the cloud is out of reach.
    pub async fn list(&self) -> Result<Vec<ApiKeyInfo>, CloudError> {
        match self
            .ask(call::Body::KeyList(KeyListRequest {}), true)
            .await?
        {
            answer::Body::KeyList(listed) => Ok(listed.keys),
            _ => Err(CloudError::Protocol(
                "keys were asked for, something else came",
            )),
        }
    }

    /// Revokes a key for good.
    ///
    /// # Errors
    /// When there is no such key, or the cloud is out of reach.
    pub async fn revoke(&self, key_id: String) -> Result<(), CloudError> {
        let revoke = call::Body::KeyRevoke(KeyRevokeRequest { key_id });
        match self.ask(revoke, true).await? {
            answer::Body::KeyRevoke(_) => Ok(()),
            _ => Err(CloudError::Protocol(
                "a key was revoked, something else came",
            )),
        }
    }

    async fn ask(&self, body: call::Body, repeatable: bool) -> Result<answer::Body, CloudError> {
        let deadline = self.tunnel.config().request_timeout;
        let call = OutgoingCall::encode(body, deadline, repeatable)?;
        self.tunnel.request(&call).await
    }
}
