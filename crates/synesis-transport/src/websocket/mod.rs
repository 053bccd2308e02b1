//! A connection over a WebSocket: the mux of `synesis-wire`, its wakers, and the task that moves
//! messages.

mod driver;
mod handles;
mod shared;
#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use quinn::{ConnectionError, VarInt};
use synesis_wire::CloseCode;
use synesis_wire::mux::{Direction, Side};

use crate::stream::{RecvStream, SendStream};
pub use driver::drive;
pub(crate) use handles::{WebSocketReader, WebSocketWriter};
use shared::Shared;

/// A connection over a WebSocket. Its [`drive`]r has to run. It closes when the last handle is
/// dropped.
#[derive(Debug, Clone)]
pub struct WebSocketConnection(Arc<Handle>);

#[derive(Debug)]
struct Handle(Arc<Shared>);

impl Drop for Handle {
    fn drop(&mut self) {
        self.0.close(CloseCode::NoError.as_u32(), "");
    }
}

impl WebSocketConnection {
    /// One end of a connection whose greetings are over.
    #[must_use]
    pub fn new(side: Side, remote: SocketAddr) -> Self {
        Self(Arc::new(Handle(Arc::new(Shared::new(side, remote)))))
    }

    fn shared(&self) -> &Arc<Shared> {
        &self.0.0
    }

    pub(crate) async fn open(
        &self,
        direction: Direction,
    ) -> Result<(SendStream, RecvStream), ConnectionError> {
        let id = self.shared().open(direction).await?;
        Ok(handles::pair(self.shared(), id))
    }

    pub(crate) async fn accept(
        &self,
        direction: Direction,
    ) -> Result<(SendStream, RecvStream), ConnectionError> {
        let id = self.shared().accept(direction).await?;
        Ok(handles::pair(self.shared(), id))
    }

    pub(crate) fn close(&self, code: VarInt, reason: &[u8]) {
        self.shared()
            .close(code_of(code), &String::from_utf8_lossy(reason));
    }

    pub(crate) async fn closed(&self) -> ConnectionError {
        self.shared().closed().await
    }

    pub(crate) fn close_reason(&self) -> Option<ConnectionError> {
        self.shared().lock().end()
    }

    pub(crate) fn rtt(&self) -> Duration {
        Duration::from_micros(self.shared().rtt_us.load(Ordering::Relaxed))
    }

    pub(crate) fn remote_address(&self) -> SocketAddr {
        self.shared().remote
    }

    pub(crate) fn received(&self) -> u64 {
        self.shared().received.load(Ordering::Relaxed)
    }
}

/// The codes of this protocol are small numbers; what is larger is none of them.
fn code_of(code: VarInt) -> u32 {
    u32::try_from(code.into_inner()).unwrap_or(u32::MAX)
}
