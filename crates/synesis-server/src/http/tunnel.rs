//! The WebSocket of the tunnel: for devices whose network drops UDP. After the greetings it is a
//! connection like any other.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::Extension;
use axum::extract::State;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::{Sink, SinkExt, Stream, StreamExt};
use prost::Message as _;
use synesis_transport::{Connection, WebSocketConnection, drive};
use synesis_wire::ErrorCode;
use synesis_wire::limits::TUNNEL_MESSAGE_BYTES_MAX;
use synesis_wire::mux::Side;
use synesis_wire::proto::tunnel_message::Body;
use synesis_wire::proto::{TunnelChallenge, TunnelClose, TunnelMessage, TunnelWelcome};
use synesis_wire::websocket::{NONCE_BYTES, SUBPROTOCOL};

use super::Shared;
use super::problem::problem;
use super::serve::Peer;
use crate::cloud::Cloud;
use crate::hub::Link;
use crate::limits::HANDSHAKE_TIMEOUT;
use crate::session::{self, LetIn, Refused};

/// `GET /v1/tunnel`.
pub(super) async fn open(
    State(shared): State<Shared>,
    Extension(peer): Extension<Peer>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade.protocols([SUBPROTOCOL]),
        Err(rejection) => return rejection.into_response(),
    };
    if shared.cloud.draining.is_cancelled() {
        return problem(
            StatusCode::SERVICE_UNAVAILABLE,
            ErrorCode::ShuttingDown.as_str(),
            "the server is shutting down",
        );
    }
    if upgrade.selected_protocol().is_none() {
        return problem(
            StatusCode::UPGRADE_REQUIRED,
            ErrorCode::Unsupported.as_str(),
            &format!("this server speaks the subprotocol {SUBPROTOCOL}; update the device"),
        );
    }
    let cloud = Arc::clone(&shared.cloud);
    upgrade
        .max_message_size(TUNNEL_MESSAGE_BYTES_MAX)
        .max_frame_size(TUNNEL_MESSAGE_BYTES_MAX)
        .on_upgrade(move |socket| serve(cloud, Messages(socket), SocketAddr::new(peer.0, 0)))
}

async fn serve(cloud: Arc<Cloud>, mut socket: Messages, remote: SocketAddr) {
    let greeted = tokio::time::timeout(HANDSHAKE_TIMEOUT, greet(&cloud, &mut socket)).await;
    let let_in = match greeted {
        Ok(Some(Ok(let_in))) => let_in,
        Ok(Some(Err(refusal))) => {
            tracing::info!(%refusal, "a WebSocket was refused");
            let goodbye = Body::Close(TunnelClose {
                code: refusal.code().as_u32(),
                reason: refusal.to_string(),
            });
            let _ = socket.say(goodbye).await;
            let _ = socket.close().await;
            return;
        }
        // It went away, or took too long.
        Ok(None) | Err(_) => return,
    };
    let connection = WebSocketConnection::new(Side::Cloud, remote);
    cloud.websockets.spawn(drive(&connection, socket));
    let link = Arc::new(Link::new(
        Connection::WebSocket(connection),
        let_in,
        &cloud.rates,
    ));
    session::serve(cloud, link).await;
}

/// Finds out who is there. `None`: it went away.
async fn greet(cloud: &Cloud, socket: &mut Messages) -> Option<Result<LetIn, Refused>> {
    let mut nonce = [0_u8; NONCE_BYTES];
    getrandom::fill(&mut nonce).ok()?;
    let challenge = TunnelChallenge {
        nonce: Bytes::copy_from_slice(&nonce),
    };
    socket.say(Body::Challenge(challenge)).await.ok()?;
    let told = TunnelMessage::decode(socket.next().await?.ok()?).ok()?;
    let Some(Body::Proof(proof)) = told.body else {
        return None;
    };
    let claims = match cloud.proofs.check(&proof, &nonce) {
        Ok(claims) => claims,
        Err(error) => return Some(Err(Refused::Proof(error))),
    };
    let let_in = match session::let_in(cloud, claims).await {
        Ok(let_in) => let_in,
        Err(refusal) => return Some(Err(refusal)),
    };
    socket.say(Body::Welcome(TunnelWelcome {})).await.ok()?;
    Some(Ok(let_in))
}

/// The payloads of the binary messages of a WebSocket.
struct Messages(WebSocket);

impl Messages {
    async fn say(&mut self, body: Body) -> Result<(), axum::Error> {
        let message = TunnelMessage {
            stream: 0,
            body: Some(body),
        };
        self.send(message.encode_to_vec().into()).await
    }
}

impl Stream for Messages {
    type Item = Result<Bytes, axum::Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            match ready!(self.0.poll_next_unpin(context)) {
                Some(Ok(Message::Binary(bytes))) => return Poll::Ready(Some(Ok(bytes))),
                Some(Ok(Message::Close(_))) | None => return Poll::Ready(None),
                // Pings are answered by the library.
                Some(Ok(_)) => {}
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
            }
        }
    }
}

impl Sink<Bytes> for Messages {
    type Error = axum::Error;

    fn poll_ready(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Result<(), Self::Error>> {
        self.0.poll_ready_unpin(context)
    }

    fn start_send(mut self: Pin<&mut Self>, bytes: Bytes) -> Result<(), Self::Error> {
        self.0.start_send_unpin(Message::Binary(bytes))
    }

    fn poll_flush(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Result<(), Self::Error>> {
        self.0.poll_flush_unpin(context)
    }

    fn poll_close(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Result<(), Self::Error>> {
        self.0.poll_close_unpin(context)
    }
}
