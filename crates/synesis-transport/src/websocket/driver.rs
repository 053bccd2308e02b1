//! The task of a connection: messages in, messages out, signs of life.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use futures::{Sink, SinkExt, Stream, StreamExt};
use prost::Message;
use quinn::ConnectionError;
use synesis_wire::CloseCode;
use synesis_wire::limits::{IDLE_TIMEOUT_MS, KEEP_ALIVE_MS};
use synesis_wire::proto::TunnelMessage;
use tokio::time::timeout;

use super::WebSocketConnection;
use super::shared::Shared;

const IDLE: Duration = Duration::from_millis(IDLE_TIMEOUT_MS as u64);
/// How long the other end's last words are listened to.
const LAST_WORDS: Duration = Duration::from_secs(1);
const KEEP_ALIVE: Duration = Duration::from_millis(KEEP_ALIVE_MS);

/// Moves the messages of a connection until it has ended and its goodbye is sent. `socket` gives
/// and takes the payloads of binary messages.
pub fn drive<S, E>(
    connection: &WebSocketConnection,
    socket: S,
) -> impl Future<Output = ()> + use<S, E>
where
    S: Stream<Item = Result<Bytes, E>> + Sink<Bytes, Error = E>,
{
    // Not the handle: the connection ends when nobody else has one.
    run(Arc::clone(connection.shared()), socket)
}

async fn run<S, E>(shared: Arc<Shared>, socket: S)
where
    S: Stream<Item = Result<Bytes, E>> + Sink<Bytes, Error = E>,
{
    let (sink, source) = socket.split();
    let reading = read(&shared, source);
    let writing = write(&shared, sink);
    tokio::pin!(reading, writing);
    tokio::select! {
        // What was to be sent was sent before the end; or the other end takes no more, and may have
        // said why.
        () = &mut writing => {
            let _ = timeout(LAST_WORDS, reading).await;
        }
        () = &mut reading => {
            let _ = timeout(KEEP_ALIVE, writing).await;
        }
    }
    shared.lose(ConnectionError::Reset);
}

async fn read<S, E>(shared: &Arc<Shared>, mut source: S)
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
{
    loop {
        let Ok(next) = timeout(IDLE, source.next()).await else {
            return shared.lose(ConnectionError::TimedOut);
        };
        let Some(Ok(bytes)) = next else {
            return shared.lose(ConnectionError::Reset);
        };
        shared.received.fetch_add(1, Ordering::Relaxed);
        let handled = TunnelMessage::decode(bytes)
            .map_err(|_| "a message cannot be read".to_owned())
            .and_then(|message| {
                shared
                    .change(|state| state.mux.handle(message))
                    .map_err(|error| error.to_string())
            });
        if let Err(fault) = handled {
            shared.close(CloseCode::Protocol.as_u32(), &fault);
        }
        if shared.lock().end().is_some() {
            return;
        }
    }
}

async fn write<S, E>(shared: &Arc<Shared>, mut sink: S)
where
    S: Sink<Bytes, Error = E> + Unpin,
{
    shared.ping();
    loop {
        while let Some(message) = shared.change(|state| state.mux.poll_transmit()) {
            if sink.feed(message.encode_to_vec().into()).await.is_err() {
                return;
            }
        }
        if sink.flush().await.is_err() {
            return;
        }
        if shared.lock().end().is_some() {
            // The peer may have gone first.
            let _ = sink.close().await;
            return;
        }
        if timeout(KEEP_ALIVE, shared.transmit.notified())
            .await
            .is_err()
        {
            shared.ping();
        }
    }
}
