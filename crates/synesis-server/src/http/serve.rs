//! The door itself: TLS connections, each with its bounds, until the server drains.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::{Extension, Router};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::cloud::Cloud;
use crate::crowd::Crowd;
use crate::limits::{
    HANDSHAKE_TIMEOUT, HTTPS_CONNECTION_LIFE, HTTPS_CONNECTIONS_MAX, HTTPS_REQUEST_TIMEOUT,
};

/// How long nobody is accepted after an accept failed.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Where a request came from: an extension of every request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Peer(pub(super) IpAddr);

/// Accepts connections until the server drains.
pub(crate) async fn serve(
    cloud: Arc<Cloud>,
    listener: TcpListener,
    tls: Arc<rustls::ServerConfig>,
) {
    let acceptor = TlsAcceptor::from(tls);
    let router = super::router(Arc::clone(&cloud));
    let open = Crowd::new(HTTPS_CONNECTIONS_MAX);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = cloud.draining.cancelled() => return,
        };
        let Ok((stream, from)) = accepted else {
            // Out of file descriptors, or the peer was gone at once: let others end first.
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        let router = router.clone().layer(Extension(peer(from)));
        let connection = serve_connection(Arc::clone(&cloud), acceptor.clone(), stream, router);
        let place = open.join();
        tokio::spawn(async move {
            tokio::select! {
                _ = tokio::time::timeout(HTTPS_CONNECTION_LIFE, connection) => {}
                () = place.wanted() => {}
            }
        });
    }
}

/// The same address is the same peer, whether it came over an IPv6 socket or not.
fn peer(from: SocketAddr) -> Peer {
    Peer(from.ip().to_canonical())
}

/// Serves one connection. One that is upgraded (to a WebSocket) leaves this function, and its
/// bounds, as soon as the upgrade was answered.
async fn serve_connection(
    cloud: Arc<Cloud>,
    acceptor: TlsAcceptor,
    stream: TcpStream,
    router: Router,
) {
    let _ = stream.set_nodelay(true);
    let Ok(Ok(tls)) = tokio::time::timeout(HANDSHAKE_TIMEOUT, acceptor.accept(stream)).await else {
        return;
    };
    let mut builder = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HTTPS_REQUEST_TIMEOUT);
    builder.http2().timer(TokioTimer::new());
    let served =
        builder.serve_connection_with_upgrades(TokioIo::new(tls), TowerToHyperService::new(router));
    tokio::pin!(served);
    let ended = tokio::select! {
        ended = served.as_mut() => ended,
        () = cloud.draining.cancelled() => {
            served.as_mut().graceful_shutdown();
            served.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "an HTTPS connection broke off");
    }
}
