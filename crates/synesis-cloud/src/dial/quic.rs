//! Dialling over QUIC.
//!
//! All addresses of the host name are tried, each a little later than the one before; the first
//! handshake that ends wins.

use std::fmt::Debug;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::sync::Arc;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use quinn::{AsyncUdpSocket, ClientConfig, Endpoint, EndpointConfig, Runtime as _, TokioRuntime};
use rustls::client::{ClientSessionMemoryCache, ClientSessionStore};
use rustls::pki_types::CertificateDer;
use synesis_transport::Connection;

use super::Dialled;
use super::socket::MovableSocket;
use crate::error::{Cause, CloudError};
use crate::limits::{ADDRESS_STAGGER, ADDRESSES_MAX, SESSIONS_KEPT_MAX};
use crate::refusal;
use crate::tunnel::TunnelConfig;

/// Where sockets come from.
pub(crate) trait Network: Debug + Send + Sync {
    /// A socket that can send to addresses like this one.
    ///
    /// # Errors
    /// What the machine says.
    fn bind(&self, like: &SocketAddr) -> std::io::Result<Arc<dyn AsyncUdpSocket>>;
}

/// The sockets of the operating system.
#[derive(Debug)]
struct Kernel;

impl Network for Kernel {
    fn bind(&self, like: &SocketAddr) -> std::io::Result<Arc<dyn AsyncUdpSocket>> {
        TokioRuntime.wrap_udp_socket(UdpSocket::bind(any_port(like))?)
    }
}

/// The sockets of one tunnel: at most one for each address family.
#[derive(Debug)]
pub(crate) struct Sockets {
    network: Arc<dyn Network>,
    v4: Option<Bound>,
    v6: Option<Bound>,
    sessions: Option<Sessions>,
}

/// An endpoint, and what it is bound to.
#[derive(Debug)]
struct Bound {
    endpoint: Endpoint,
    socket: Arc<MovableSocket>,
}

/// The TLS sessions that can be resumed. A session stands for the certificate it began with: with
/// another one all begins anew.
#[derive(Debug)]
struct Sessions {
    certificate: CertificateDer<'static>,
    store: Arc<dyn ClientSessionStore>,
}

impl Default for Sockets {
    fn default() -> Self {
        Self::on(Arc::new(Kernel))
    }
}

impl Sockets {
    /// No sockets yet, of this network.
    pub(crate) fn on(network: Arc<dyn Network>) -> Self {
        Self {
            network,
            v4: None,
            v6: None,
            sessions: None,
        }
    }

    /// Takes these away and leaves none, of the same network.
    pub(crate) fn take(&mut self) -> Self {
        let none = Self::on(Arc::clone(&self.network));
        std::mem::replace(self, none)
    }

    /// No sockets yet, of the same network.
    pub(crate) fn more(&self) -> Self {
        Self::on(Arc::clone(&self.network))
    }

    /// The sessions of this certificate.
    pub(super) fn sessions(
        &mut self,
        certificate: &CertificateDer<'static>,
    ) -> Arc<dyn ClientSessionStore> {
        let known = self.sessions.take();
        let sessions = known
            .filter(|sessions| sessions.certificate == *certificate)
            .unwrap_or_else(|| Sessions {
                certificate: certificate.clone(),
                store: Arc::new(ClientSessionMemoryCache::new(SESSIONS_KEPT_MAX)),
            });
        Arc::clone(&self.sessions.insert(sessions).store)
    }

    /// The endpoint for addresses like this one.
    fn endpoint(&mut self, remote: &SocketAddr) -> Result<Endpoint, CloudError> {
        let slot = if remote.is_ipv4() {
            &mut self.v4
        } else {
            &mut self.v6
        };
        if let Some(bound) = slot {
            return Ok(bound.endpoint.clone());
        }
        let socket = self.network.bind(remote).map_err(CloudError::system)?;
        let socket = MovableSocket::new(socket);
        let endpoint = Endpoint::new_with_abstract_socket(
            EndpointConfig::default(),
            None,
            Arc::<MovableSocket>::clone(&socket),
            Arc::new(TokioRuntime),
        )
        .map_err(CloudError::system)?;
        let bound = slot.insert(Bound { endpoint, socket });
        Ok(bound.endpoint.clone())
    }

    /// Goes on from new ports: to the network this is a new path, to the server the same peer, once
    /// something is sent.
    pub(crate) fn rebind(&self) {
        for bound in [&self.v4, &self.v6].into_iter().flatten() {
            let fresh = bound
                .endpoint
                .local_addr()
                .and_then(|local| self.network.bind(&local));
            match fresh {
                Ok(socket) => bound.socket.exchange(socket),
                Err(error) => {
                    tracing::warn!(%error, "the tunnel's socket could not be bound anew");
                }
            }
        }
    }

    /// Waits until every goodbye has left.
    pub(crate) async fn wait_idle(&self) {
        for bound in [&self.v4, &self.v6].into_iter().flatten() {
            bound.endpoint.wait_idle().await;
        }
    }
}

fn any_port(like: &SocketAddr) -> SocketAddr {
    if like.is_ipv4() {
        (Ipv4Addr::UNSPECIFIED, 0).into()
    } else {
        (Ipv6Addr::UNSPECIFIED, 0).into()
    }
}

/// Connects over QUIC and asks the first question.
pub(super) async fn dial(
    sockets: &mut Sockets,
    config: &TunnelConfig,
    client: ClientConfig,
) -> Result<Dialled, CloudError> {
    let connection = handshake(sockets, config, client).await?;
    Dialled::ask(Connection::Quic(connection), config).await
}

async fn handshake(
    sockets: &mut Sockets,
    config: &TunnelConfig,
    client: ClientConfig,
) -> Result<quinn::Connection, CloudError> {
    let (host, port) = config.authority()?;
    let addresses: Vec<_> = tokio::net::lookup_host((host.as_str(), port))
        .await
        .map_err(CloudError::closed)?
        .take(ADDRESSES_MAX)
        .collect();
    let mut attempts = FuturesUnordered::new();
    for (place, address) in (0_u32..).zip(addresses) {
        let endpoint = sockets.endpoint(&address)?;
        let (client, host) = (client.clone(), host.as_str());
        attempts.push(async move {
            tokio::time::sleep(ADDRESS_STAGGER * place).await;
            let connecting = endpoint
                .connect_with(client, address, host)
                .map_err(CloudError::closed)?;
            connecting
                .await
                .map_err(|error| refusal::of_connection(&error))
        });
    }
    let mut failure = CloudError::TunnelClosed {
        cause: Cause::words("the host name has no address"),
    };
    while let Some(attempt) = attempts.next().await {
        match attempt {
            Ok(connection) => return Ok(connection),
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_are_kept_for_a_certificate_and_forgotten_with_it() {
        let mut sockets = Sockets::default();
        let (one, two) = (CertificateDer::from(vec![1]), CertificateDer::from(vec![2]));
        let first = sockets.sessions(&one);
        assert!(Arc::ptr_eq(&first, &sockets.sessions(&one)));
        let second = sockets.sessions(&two);
        assert!(!Arc::ptr_eq(&first, &second));
        assert!(!Arc::ptr_eq(&first, &sockets.sessions(&one)));
    }
}
