//! Dialling over a WebSocket: for networks that drop UDP.
//!
//! TLS 1.3 to the port of the cloud, the server's certificate checked as over QUIC. Which device
//! this is, is proven inside: the cloud sends a nonce, the device signs it with the key of its
//! certificate. So the path also works where something else ends TLS before the cloud.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures::{Sink, SinkExt, Stream, StreamExt};
use prost::Message as _;
use rustls::SignatureScheme;
use rustls::pki_types::ServerName;
use synesis_transport::{Connection, WebSocketConnection, drive};
use synesis_wire::limits::TUNNEL_MESSAGE_BYTES_MAX;
use synesis_wire::mux::Side;
use synesis_wire::proto::tunnel_message::Body;
use synesis_wire::proto::{TunnelClose, TunnelMessage, TunnelProof};
use synesis_wire::websocket::{NONCE_BYTES, PATH, SUBPROTOCOL, proof_text};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::http::header::SEC_WEBSOCKET_PROTOCOL;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{self, Message};

use super::{Dialled, Intercepted};
use crate::error::{AuthCause, Cause, CloudError};
use crate::identity::IdentityError;
use crate::refusal;
use crate::tls::{self, Material};
use crate::tunnel::TunnelConfig;

/// Connects over a WebSocket and asks the first question.
pub(super) async fn dial(
    config: &TunnelConfig,
    material: &Material,
) -> Result<Dialled, CloudError> {
    let (host, port) = config.authority()?;
    let tcp = TcpStream::connect((host.as_str(), port))
        .await
        .map_err(CloudError::closed)?;
    let remote = tcp.peer_addr().map_err(CloudError::closed)?;
    tcp.set_nodelay(true).map_err(CloudError::closed)?;
    let name = ServerName::try_from(host)
        .map_err(|_| IdentityError::BadUrl(config.cloud_url.to_string()))?;
    let stream = TlsConnector::from(Arc::new(tls::websocket_config(
        material,
        config.web_certificate,
    )?))
    .connect(name, tcp)
    .await
    .map_err(refused_by_tls)?;
    let mut socket = Messages(upgrade(config, stream).await?);
    prove(&mut socket, material).await?;
    let connection = WebSocketConnection::new(Side::Device, remote);
    tokio::spawn(drive(&connection, socket));
    Dialled::ask(Connection::WebSocket(connection), config).await
}

async fn upgrade(
    config: &TunnelConfig,
    stream: TlsStream<TcpStream>,
) -> Result<WebSocketStream<TlsStream<TcpStream>>, CloudError> {
    let bad_url = || IdentityError::BadUrl(config.cloud_url.to_string());
    let mut url = config.cloud_url.join(PATH).map_err(|_| bad_url())?;
    url.set_scheme("wss").map_err(|()| bad_url())?;
    let mut request = url
        .as_str()
        .into_client_request()
        .map_err(CloudError::closed)?;
    request.headers_mut().insert(
        SEC_WEBSOCKET_PROTOCOL,
        HeaderValue::from_static(SUBPROTOCOL),
    );
    let limits = WebSocketConfig::default()
        .max_message_size(Some(TUNNEL_MESSAGE_BYTES_MAX))
        .max_frame_size(Some(TUNNEL_MESSAGE_BYTES_MAX));
    let (socket, _) = tokio_tungstenite::client_async_with_config(request, stream, Some(limits))
        .await
        .map_err(not_upgraded)?;
    Ok(socket)
}

/// What an answer to the upgrade means that is none.
fn not_upgraded(error: tungstenite::Error) -> CloudError {
    use tungstenite::error::ProtocolError::SecWebSocketSubProtocolError;
    match &error {
        tungstenite::Error::Protocol(SecWebSocketSubProtocolError(_)) => CloudError::Version {
            ours: refusal::VERSION,
        },
        tungstenite::Error::Http(answer) => match answer.status().as_u16() {
            426 => CloudError::Version {
                ours: refusal::VERSION,
            },
            429 => CloudError::RateLimited { retry_after: None },
            // A redirect, or RFC 6585 in so many words: the cloud answers neither.
            300..=399 | 511 => Intercepted::Redirect.into(),
            status => CloudError::TunnelClosed {
                cause: Cause::words(match status {
                    404 => "there is no cloud behind this address (HTTP 404)",
                    503 => "the cloud is shutting down (HTTP 503)",
                    _ => "the cloud did not open a WebSocket",
                }),
            },
        },
        _ => CloudError::closed(error),
    }
}

/// Waits for the nonce, signs it, and waits to be let in.
async fn prove(socket: &mut Messages, material: &Material) -> Result<(), CloudError> {
    let nonce = match next(socket).await? {
        Body::Challenge(challenge) if challenge.nonce.len() == NONCE_BYTES => challenge.nonce,
        other => return Err(out_of_turn(other)),
    };
    let proof = TunnelMessage {
        stream: 0,
        body: Some(Body::Proof(TunnelProof {
            certificate_chain: material
                .chain
                .iter()
                .map(|certificate| Bytes::copy_from_slice(certificate))
                .collect(),
            signature: sign(material, &proof_text(&nonce))?.into(),
        })),
    };
    socket
        .send(proof.encode_to_vec().into())
        .await
        .map_err(CloudError::closed)?;
    match next(socket).await? {
        Body::Welcome(_) => Ok(()),
        other => Err(out_of_turn(other)),
    }
}

fn sign(material: &Material, text: &[u8]) -> Result<Vec<u8>, CloudError> {
    let unusable = |error| IdentityError::Unusable(Cause::new(error));
    let key = rustls::crypto::aws_lc_rs::sign::any_ecdsa_type(&material.key).map_err(unusable)?;
    let signer = key
        .choose_scheme(&[SignatureScheme::ECDSA_NISTP256_SHA256])
        .ok_or(IdentityError::KeyMismatch)?;
    Ok(signer.sign(text).map_err(unusable)?)
}

async fn next(socket: &mut Messages) -> Result<Body, CloudError> {
    let bytes = match socket.next().await {
        Some(Ok(bytes)) => bytes,
        Some(Err(error)) => return Err(CloudError::closed(error)),
        None => {
            return Err(CloudError::TunnelClosed {
                cause: Cause::words("the cloud closed the WebSocket before it let this device in"),
            });
        }
    };
    TunnelMessage::decode(bytes)
        .ok()
        .and_then(|message| message.body)
        .ok_or(CloudError::Protocol("its greeting cannot be read"))
}

fn out_of_turn(body: Body) -> CloudError {
    match body {
        Body::Close(TunnelClose { code, reason }) => refusal::of_goodbye(code, reason),
        _ => CloudError::Protocol("it greets in another way"),
    }
}

/// What a failed TLS handshake means.
fn refused_by_tls(error: std::io::Error) -> CloudError {
    let found = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match found {
        Some(rustls::Error::InvalidCertificate(wrong)) => CloudError::AuthenticationFailed {
            cause: AuthCause::of_server(wrong),
        },
        Some(rustls::Error::InvalidMessage(_)) => Intercepted::NoTls.into(),
        _ => CloudError::closed(error),
    }
}

/// The payloads of the binary messages of a WebSocket.
struct Messages(WebSocketStream<TlsStream<TcpStream>>);

impl Stream for Messages {
    type Item = Result<Bytes, tungstenite::Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            match std::task::ready!(self.0.poll_next_unpin(context)) {
                Some(Ok(Message::Binary(bytes))) => return Poll::Ready(Some(Ok(bytes))),
                Some(Ok(Message::Close(_))) | None => return Poll::Ready(None),
                // Pings of a proxy on the way are answered by the library.
                Some(Ok(_)) => {}
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
            }
        }
    }
}

impl Sink<Bytes> for Messages {
    type Error = tungstenite::Error;

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
