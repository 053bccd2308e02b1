//! From an address to a connection on which the server has answered.
//!
//! All addresses of the host name are tried, each a little later than the one before; the first
//! handshake that ends wins. A client whose certificate is refused believes for one round trip
//! that it is connected, so the dial ends with a question, not with the handshake.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use quinn::{ClientConfig, Connection, Endpoint};
use synesis_domain::Timestamp;
use synesis_wire::ErrorCode;
use synesis_wire::proto::{StatusResponse, answer};

use crate::call::OutgoingCall;
use crate::connection::Live;
use crate::error::{AuthCause, Cause, CloudError};
use crate::identity::read_material;
use crate::limits::{ADDRESS_STAGGER, ADDRESSES_MAX};
use crate::tunnel::TunnelConfig;
use crate::{refusal, tls};

/// The sockets of one tunnel: at most one for each address family.
#[derive(Debug, Default)]
pub(crate) struct Sockets {
    v4: Option<Endpoint>,
    v6: Option<Endpoint>,
}

impl Sockets {
    /// The endpoint for addresses like this one.
    fn endpoint(&mut self, remote: &SocketAddr) -> Result<Endpoint, CloudError> {
        let slot = if remote.is_ipv4() {
            &mut self.v4
        } else {
            &mut self.v6
        };
        if let Some(endpoint) = slot {
            return Ok(endpoint.clone());
        }
        let endpoint = Endpoint::client(any_port(remote)).map_err(CloudError::system)?;
        *slot = Some(endpoint.clone());
        Ok(endpoint)
    }

    /// Goes on from new ports: to the network this is a new path, to the server the same peer.
    pub(crate) fn rebind(&self) {
        for endpoint in [&self.v4, &self.v6].into_iter().flatten() {
            let rebound = endpoint
                .local_addr()
                .and_then(|local| std::net::UdpSocket::bind(any_port(&local)))
                .and_then(|socket| endpoint.rebind(socket));
            if let Err(error) = rebound {
                tracing::warn!(%error, "the tunnel's socket could not be bound anew");
            }
        }
    }

    /// Waits until every goodbye has left.
    pub(crate) async fn wait_idle(&self) {
        for endpoint in [&self.v4, &self.v6].into_iter().flatten() {
            endpoint.wait_idle().await;
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

/// Dials until the server has answered or the connect timeout has passed.
pub(crate) async fn dial(
    sockets: &mut Sockets,
    config: &TunnelConfig,
    now: Timestamp,
) -> Result<(Arc<Live>, Option<StatusResponse>), CloudError> {
    let material = read_material(&config.key_path, &config.cert_path, &config.ca_path)?;
    let not_after = material.not_after;
    let client = tls::client_config(material, now)?;
    let answered = async {
        let connection = handshake(sockets, config, client).await?;
        let live = Live::new(connection);
        let status = first_answer(&live, config).await?;
        Ok((live, status))
    };
    let result = match tokio::time::timeout(config.connect_timeout, answered).await {
        Ok(result) => result,
        Err(_) => Err(CloudError::Timeout {
            awaited: "answer to the connection attempt",
            after: config.connect_timeout,
        }),
    };
    result.map_err(|error| match error {
        CloudError::AuthenticationFailed {
            cause: AuthCause::Expired { on: None },
        } => CloudError::AuthenticationFailed {
            cause: AuthCause::Expired {
                on: Some(not_after),
            },
        },
        other => refusal::while_dialling(other, config.cloud_url.as_str()),
    })
}

async fn handshake(
    sockets: &mut Sockets,
    config: &TunnelConfig,
    client: ClientConfig,
) -> Result<Connection, CloudError> {
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

async fn first_answer(
    live: &Arc<Live>,
    config: &TunnelConfig,
) -> Result<Option<StatusResponse>, CloudError> {
    let question = OutgoingCall::status(config.connect_timeout)?;
    let mut answers = live.open(&question).await?;
    match answers.next().await {
        Some(Ok(answer::Body::Status(status))) => Ok(Some(status)),
        // An older cloud does not know the question, but it answered.
        Some(Err(CloudError::EscalationFailed {
            code: ErrorCode::Unsupported,
            ..
        })) => Ok(None),
        Some(Ok(_)) => Err(CloudError::Protocol(
            "a status was asked for, something else came",
        )),
        Some(Err(error)) => Err(error),
        None => Err(CloudError::Protocol("the stream ended without an answer")),
    }
}
