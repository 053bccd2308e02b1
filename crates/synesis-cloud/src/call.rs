//! One call that may leave this device: its first frame, encoded and checked.
//!
//! There is no way to make a call out of any bytes: what carries a person's words is made by
//! [`OutgoingCall::escalation`], which shows the encoded frame to the last gate first.

use std::time::Duration;

use bytes::Bytes;
use synesis_domain::DeviceId;
use synesis_privacy::LastGate;
use synesis_wire::limits::DEADLINE_MS_MAX;
use synesis_wire::proto::{
    Call, DevicesRequest, EscalationRequest, PingRequest, RenewRequest, RevokeDeviceRequest,
    StatusRequest, call,
};
use synesis_wire::{Frame, encode_frame};

use crate::error::{Cause, CloudError};

/// A call that was encoded and checked.
#[derive(Debug, Clone)]
pub struct OutgoingCall {
    frame: Frame,
    deadline: Duration,
    patience: Duration,
    repeatable: bool,
}

impl OutgoingCall {
    /// Sends these bytes there and back.
    ///
    /// # Errors
    /// [`CloudError::Frame`] when the payload is over the limit of a frame.
    pub fn ping(payload: Bytes, deadline: Duration) -> Result<Self, CloudError> {
        Self::encode(call::Body::Ping(PingRequest { payload }), deadline, true)
    }

    /// Asks what the cloud knows about this device.
    ///
    /// # Errors
    /// None in practice.
    pub fn status(deadline: Duration) -> Result<Self, CloudError> {
        Self::encode(call::Body::Status(StatusRequest {}), deadline, true)
    }

    /// Asks for the devices of the account.
    ///
    /// # Errors
    /// None in practice.
    pub fn devices(deadline: Duration) -> Result<Self, CloudError> {
        Self::encode(call::Body::Devices(DevicesRequest {}), deadline, true)
    }

    /// Puts a device of the account out.
    ///
    /// # Errors
    /// None in practice.
    pub fn revoke_device(device: DeviceId, deadline: Duration) -> Result<Self, CloudError> {
        let request = RevokeDeviceRequest {
            device_id: device.to_string(),
        };
        // A second revocation changes nothing.
        Self::encode(call::Body::RevokeDevice(request), deadline, true)
    }

    /// Asks for a new certificate.
    ///
    /// # Errors
    /// [`CloudError::Frame`] when the request is over the limit of a frame.
    pub fn renew(csr_pem: String, deadline: Duration) -> Result<Self, CloudError> {
        Self::encode(call::Body::Renew(RenewRequest { csr_pem }), deadline, false)
    }

    /// Asks the cloud's models. The gate sees the frame exactly as it would be sent.
    ///
    /// # Errors
    /// [`CloudError::EgressBlocked`] when the frame holds a private value.
    pub fn escalation(
        request: EscalationRequest,
        deadline: Duration,
        gate: &LastGate,
    ) -> Result<Self, CloudError> {
        let blocked = |violation| CloudError::EgressBlocked {
            cause: Cause::new(violation),
        };
        // Alone too: in the frame a text touches the bytes of lengths and tags, which can look
        // like letters, and the gate looks for whole words.
        for text in texts(&request) {
            gate.check(text.as_bytes()).map_err(blocked)?;
        }
        let outgoing = Self::encode(call::Body::Escalation(request), deadline, false)?;
        gate.check(outgoing.frame.as_bytes()).map_err(blocked)?;
        Ok(outgoing)
    }

    /// The bytes that will be written.
    #[must_use]
    pub fn frame(&self) -> &Frame {
        &self.frame
    }

    /// How long the call may take, as the cloud is told.
    #[must_use]
    pub fn deadline(&self) -> Duration {
        self.deadline
    }

    /// How long the caller waits for a connection, and for the answer to a request.
    pub(crate) fn patience(&self) -> Duration {
        self.patience
    }

    /// Waits less long here than the cloud is told.
    pub(crate) fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Whether the tunnel may send it again on its own after the connection was lost.
    pub(crate) fn is_repeatable(&self) -> bool {
        self.repeatable
    }

    pub(crate) fn encode(
        body: call::Body,
        deadline: Duration,
        repeatable: bool,
    ) -> Result<Self, CloudError> {
        let longest = Duration::from_millis(DEADLINE_MS_MAX.into());
        let deadline = deadline.min(longest);
        // 0 would mean: no deadline.
        let deadline_ms = u32::try_from(deadline.as_millis())
            .unwrap_or(DEADLINE_MS_MAX)
            .max(1);
        let frame = encode_frame(&Call {
            deadline_ms,
            body: Some(body),
        })?;
        Ok(Self {
            frame,
            deadline,
            patience: deadline,
            repeatable,
        })
    }
}

/// Every text of a request.
fn texts(request: &EscalationRequest) -> impl Iterator<Item = &str> {
    let context = request.context.iter().flat_map(|context| {
        let turns = &context.conversation_history;
        context
            .pathos_framing
            .iter()
            .chain(&context.local_knowledge)
            .chain(&context.constraints)
            .chain(turns.iter().map(|turn| &turn.content))
    });
    [&request.query, &request.session_id, &request.user_id]
        .into_iter()
        .chain(&request.lora_id)
        .chain(&request.project_id)
        .chain(context)
        .map(String::as_str)
}
