//! From an address to a connection on which the server has answered.
//!
//! QUIC is tried first. Where it has no answer after a while, or cannot be sent at all, the same
//! frames are tried over a WebSocket beside it, and what answers first is taken. A client whose
//! certificate is refused believes for one round trip that it is connected, so a dial ends with a
//! question, not with the handshake.

mod intercepted;
mod quic;
mod socket;
mod websocket;

use std::sync::Arc;
use std::time::Duration;

use futures::future::{Either, select};
use synesis_domain::Timestamp;
use synesis_transport::{Connection, Transport};
use synesis_wire::ErrorCode;
use synesis_wire::proto::{StatusResponse, answer};

use crate::call::OutgoingCall;
use crate::connection::Live;
use crate::error::{AuthCause, CloudError};
use crate::identity::{IdentityError, read_material};
use crate::limits::{FALLBACK_AFTER, FALLBACK_AGAIN_AFTER, REFUSED_PATIENCE};
use crate::refusal;
use crate::renewal::renew_over_https;
use crate::tls::{self, Material};
use crate::tunnel::{TransportChoice, TunnelConfig};

use intercepted::Intercepted;
#[cfg(test)]
pub(crate) use quic::Network;
pub(crate) use quic::Sockets;

/// A connection that is online.
#[derive(Debug)]
pub(crate) struct Dialled {
    pub(crate) live: Arc<Live>,
    pub(crate) status: Option<StatusResponse>,
}

impl Dialled {
    /// Asks the first question on a new connection.
    async fn ask(connection: Connection, config: &TunnelConfig) -> Result<Self, CloudError> {
        let live = Live::new(connection);
        let question = OutgoingCall::status(config.connect_timeout)?;
        let status = match live.open(&question).await?.only().await {
            Ok(answer::Body::Status(status)) => Some(status),
            // An older cloud does not know the question, but it answered.
            Err(CloudError::EscalationFailed {
                code: ErrorCode::Unsupported,
                ..
            }) => None,
            Ok(_) => {
                return Err(CloudError::Protocol(
                    "a status was asked for, something else came",
                ));
            }
            Err(error) => return Err(error),
        };
        Ok(Self { live, status })
    }
}

/// Dials until the server has answered or the connect timeout has passed. `last` is what carried
/// the connection before.
pub(crate) async fn dial(
    sockets: &mut Sockets,
    config: &TunnelConfig,
    last: Transport,
    now: Timestamp,
) -> Result<Dialled, CloudError> {
    let dialled = match read(config, now) {
        Ok(material) => dial_with(&material, sockets, config, last).await,
        Err(error) => Err(error),
    };
    match dialled {
        // By this device's clock or by the cloud's: it slept past the end of its certificate.
        Err(expired) if expired.is_expiry() => {
            renew(config, expired).await?;
            dial_with(&read(config, now)?, sockets, config, last).await
        }
        dialled => dialled,
    }
}

async fn dial_with(
    material: &Material,
    sockets: &mut Sockets,
    config: &TunnelConfig,
    last: Transport,
) -> Result<Dialled, CloudError> {
    let result = match config.transport {
        TransportChoice::QuicOnly => over_quic(sockets, config, material).await,
        TransportChoice::WebSocketOnly => over_websocket(config, material).await,
        TransportChoice::Auto => race(sockets, config, material, last).await,
    };
    result.map_err(|error| explained(error, config, material.not_after))
}

/// Dials in one way only, while another connection works.
pub(crate) async fn dial_over(
    transport: Transport,
    sockets: &mut Sockets,
    config: &TunnelConfig,
    now: Timestamp,
) -> Result<Dialled, CloudError> {
    let material = read(config, now)?;
    match transport {
        Transport::Quic => over_quic(sockets, config, &material).await,
        Transport::WebSocket => over_websocket(config, &material).await,
    }
}

fn read(config: &TunnelConfig, now: Timestamp) -> Result<Material, CloudError> {
    let material = read_material(&config.key_path, &config.cert_path, &config.ca_path)?;
    if material.not_after <= now {
        return Err(CloudError::AuthenticationFailed {
            cause: AuthCause::Expired {
                on: Some(material.not_after),
            },
        });
    }
    Ok(material)
}

/// Renews a certificate that has ended. Where the cloud cannot be asked, the end is what counts.
async fn renew(config: &TunnelConfig, expired: CloudError) -> Result<(), CloudError> {
    match within(config.connect_timeout, renew_over_https(config)).await {
        Err(CloudError::ConnectionFailed { .. } | CloudError::Timeout { .. }) => Err(expired),
        result => result,
    }
}

async fn over_quic(
    sockets: &mut Sockets,
    config: &TunnelConfig,
    material: &Material,
) -> Result<Dialled, CloudError> {
    let own = material.chain.first().ok_or(IdentityError::KeyMismatch)?;
    let client = tls::quic_config(material, sockets.sessions(own))?;
    within(config.connect_timeout, quic::dial(sockets, config, client)).await
}

async fn over_websocket(config: &TunnelConfig, material: &Material) -> Result<Dialled, CloudError> {
    within(config.connect_timeout, websocket::dial(config, material)).await
}

async fn within<T>(
    patience: Duration,
    dialling: impl Future<Output = Result<T, CloudError>>,
) -> Result<T, CloudError> {
    match tokio::time::timeout(patience, dialling).await {
        Ok(result) => result,
        Err(_) => Err(CloudError::Timeout {
            awaited: "answer to the connection attempt",
            after: patience,
        }),
    }
}

/// QUIC with a head start; then both, and the first answer counts.
async fn race(
    sockets: &mut Sockets,
    config: &TunnelConfig,
    material: &Material,
    last: Transport,
) -> Result<Dialled, CloudError> {
    let head_start = match last {
        Transport::Quic => FALLBACK_AFTER,
        Transport::WebSocket => FALLBACK_AGAIN_AFTER,
    };
    let quic = over_quic(sockets, config, material);
    tokio::pin!(quic);
    if let Ok(early) = tokio::time::timeout(head_start, &mut quic).await {
        return match early {
            Err(error) if may_be_the_network(&error) => instead(config, material, error).await,
            result => result,
        };
    }
    tracing::debug!("no answer over QUIC yet; trying a WebSocket beside it");
    let websocket = over_websocket(config, material);
    tokio::pin!(websocket);
    match select(quic, websocket).await {
        Either::Left((Err(error), websocket)) if may_be_the_network(&error) => {
            websocket.await.map_err(|other| worse(error, other))
        }
        Either::Left((result, _)) => result,
        Either::Right((Ok(dialled), _)) => Ok(dialled),
        Either::Right((Err(error), quic)) if is_refused(&error) => {
            match tokio::time::timeout(REFUSED_PATIENCE, quic).await {
                Ok(result) => result.map_err(|other| worse(other, error)),
                Err(_) => Err(error),
            }
        }
        Either::Right((Err(error), quic)) => quic.await.map_err(|other| worse(other, error)),
    }
}

/// QUIC failed: a WebSocket may work.
async fn instead(
    config: &TunnelConfig,
    material: &Material,
    quic: CloudError,
) -> Result<Dialled, CloudError> {
    over_websocket(config, material)
        .await
        .map_err(|websocket| worse(quic, websocket))
}

/// Whether another transport may fare better.
fn may_be_the_network(error: &CloudError) -> bool {
    !refusal::is_refusal(error)
}

/// Of two failures the one that says more: somebody else on the way, a refusal, then what is not
/// just silence.
fn worse(quic: CloudError, websocket: CloudError) -> CloudError {
    let unanswered = may_be_the_network(&quic);
    let websocket = if unanswered {
        Intercepted::instead_of(websocket)
    } else {
        websocket
    };
    let says_more = unanswered && Intercepted::is(&websocket)
        || matches!(quic, CloudError::Timeout { .. })
        || !may_be_the_network(&websocket);
    if says_more { websocket } else { quic }
}

/// What a dial that failed means where the cloud `was_there` before: whoever shows another
/// certificate over TCP now is somebody on the way.
pub(crate) fn judged(error: CloudError, config: &TunnelConfig, was_there: bool) -> CloudError {
    if was_there && config.transport == TransportChoice::WebSocketOnly {
        let error = Intercepted::instead_of(error);
        return refusal::while_dialling(error, config.cloud_url.as_str());
    }
    error
}

/// Whether nobody listens there over TCP: the cloud is not running, as far as one can tell.
fn is_refused(error: &CloudError) -> bool {
    matches!(error, CloudError::TunnelClosed { cause } if cause.is_refused())
}

fn explained(error: CloudError, config: &TunnelConfig, not_after: Timestamp) -> CloudError {
    match error {
        CloudError::AuthenticationFailed {
            cause: AuthCause::Expired { on: None },
        } => CloudError::AuthenticationFailed {
            cause: AuthCause::Expired {
                on: Some(not_after),
            },
        },
        other => refusal::while_dialling(other, config.cloud_url.as_str()),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use synesis_domain::DeviceId;

    use super::*;
    use crate::error::Cause;

    /// A failure by its name.
    fn failure(name: &str) -> CloudError {
        let refused = |cause| CloudError::AuthenticationFailed { cause };
        match name {
            "silence" => CloudError::Timeout {
                awaited: "answer",
                after: Duration::from_secs(1),
            },
            "forbidden" => CloudError::closed(std::io::Error::from_raw_os_error(1)),
            "revoked" => refused(AuthCause::Revoked),
            "other authority" => refused(AuthCause::WrongCa),
            "other name" => refused(AuthCause::WrongHost),
            "redirect" => Intercepted::Redirect.into(),
            "closed" => CloudError::TunnelClosed {
                cause: Cause::words("closed"),
            },
            other => panic!("no failure is named {other}"),
        }
    }

    #[test]
    fn of_two_failures_the_one_that_says_more_is_told() {
        // QUIC's, the WebSocket's, and which of them, or what it is taken for.
        let cases = [
            ("silence", "closed", "closed"),
            ("forbidden", "closed", "forbidden"),
            ("forbidden", "revoked", "revoked"),
            ("revoked", "closed", "revoked"),
            ("other authority", "redirect", "other authority"),
            ("silence", "redirect", "redirect"),
            ("forbidden", "redirect", "redirect"),
        ];
        for (quic, websocket, expected) in cases {
            let told = worse(failure(quic), failure(websocket));
            let expected = format!("{:?}", failure(expected));
            assert_eq!(format!("{told:?}"), expected, "{quic} and {websocket}");
        }
    }

    #[test]
    fn another_certificate_is_an_interception_only_where_quic_has_no_answer() {
        for quic in ["silence", "forbidden"] {
            for websocket in ["other authority", "other name"] {
                let told = worse(failure(quic), failure(websocket));
                assert!(Intercepted::is(&told), "{quic} and {websocket}: {told:?}");
                assert!(told.is_retryable());
            }
        }
        let told = worse(failure("other authority"), failure("other authority"));
        assert!(!Intercepted::is(&told), "the cloud itself has answered");
    }

    #[test]
    fn cloud_that_was_there_is_not_another_one_all_at_once() {
        let file = std::path::PathBuf::new;
        let mut config = TunnelConfig::new(
            "https://cloud.example".parse().unwrap(),
            DeviceId::from_bytes([7; 16]),
            file(),
            file(),
            file(),
        );
        let mut is_final = |transport, was_there| {
            config.transport = transport;
            let told = judged(failure("other authority"), &config, was_there);
            refusal::is_refusal(&told)
        };
        assert!(!is_final(TransportChoice::WebSocketOnly, true));
        assert!(is_final(TransportChoice::WebSocketOnly, false));
        // Over QUIC it is told by whom the device has reached.
        assert!(is_final(TransportChoice::Auto, true));
    }
}
