//! One connection of a device, from the look-up to the goodbye, whatever carries it.
//!
//! Every stream is a call or a notice of its own. A connection is looked up whether its TLS session
//! is new or resumed, and ends when its certificate does.

use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use synesis_domain::{Scopes, Timestamp};
use synesis_service::{AuthRefusal, Claims, authenticate};
use synesis_transport::{Connection, ConnectionError};
use synesis_wire::{CloseCode, proto};

use crate::cloud::Cloud;
use crate::error::chain;
use crate::hub::{Link, close};
use crate::limits::{CERTIFICATE_DUE_PERCENT, DRAIN_RETRY_AFTER_MS};
use crate::proof::ProofError;
use crate::store::StoreError;
use crate::{call, clock, notice};

/// Why a connection is closed at once.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refused {
    #[error("the client certificate names no device")]
    NoDevice,
    #[error(transparent)]
    Proof(#[from] ProofError),
    #[error(transparent)]
    Auth(#[from] AuthRefusal),
    #[error("the server has too many connections")]
    Full,
    #[error("the server could not look the device up")]
    Store(#[from] StoreError),
}

impl Refused {
    /// Every reason, as it is counted.
    pub(crate) const REASONS: [&'static str; 8] = [
        "no_certificate",
        "bad_proof",
        "expired",
        "not_yet_valid",
        "revoked",
        "unknown_device",
        "server_full",
        "store_failed",
    ];

    /// Its name among [`Self::REASONS`].
    pub(crate) const fn reason(&self) -> &'static str {
        match self {
            Self::NoDevice => "no_certificate",
            Self::Proof(_) => "bad_proof",
            Self::Auth(AuthRefusal::Expired) => "expired",
            Self::Auth(AuthRefusal::NotYetValid) => "not_yet_valid",
            Self::Auth(AuthRefusal::Revoked) => "revoked",
            Self::Auth(AuthRefusal::Unknown) => "unknown_device",
            Self::Full => "server_full",
            Self::Store(_) => "store_failed",
        }
    }

    pub(crate) const fn code(&self) -> CloseCode {
        match self {
            Self::NoDevice | Self::Proof(_) => CloseCode::Unauthenticated,
            // Told apart from an unknown device: this one can renew.
            Self::Auth(AuthRefusal::Expired) => CloseCode::CertificateExpired,
            Self::Auth(refusal) => refusal.close_code(),
            Self::Full => CloseCode::RateLimited,
            Self::Store(_) => CloseCode::Internal,
        }
    }
}

/// A device that was looked up.
pub(crate) struct LetIn {
    pub(crate) claims: Claims,
    pub(crate) rights: Scopes,
}

/// Looks up the device that a certificate claims.
pub(crate) async fn let_in(cloud: &Cloud, claims: Option<Claims>) -> Result<LetIn, Refused> {
    let let_in = look_up(cloud, claims).await;
    if let Err(refusal) = &let_in {
        cloud.metrics.refused(refusal);
    }
    let_in
}

async fn look_up(cloud: &Cloud, claims: Option<Claims>) -> Result<LetIn, Refused> {
    let claims = claims.ok_or(Refused::NoDevice)?;
    let rights = check(cloud, claims.clone()).await?;
    Ok(LetIn { claims, rights })
}

async fn check(cloud: &Cloud, claims: Claims) -> Result<Scopes, Refused> {
    let rights = cloud
        .store
        .run(move |books| {
            let device = books.device(claims.device)?;
            Ok(authenticate(&claims, &device, clock::now()).map(|_| device.rights()))
        })
        .await??;
    Ok(rights)
}

/// Turns a connection away, and waits until it is gone.
pub(crate) async fn refuse(connection: &Connection, refusal: &Refused) {
    tracing::info!(%refusal, "a connection was refused");
    close(connection, refusal.code(), &refusal.to_string());
    connection.closed().await;
}

/// Serves a connection that was let in, until it ends.
pub(crate) async fn serve(cloud: Arc<Cloud>, link: Arc<Link>) {
    let Some(_listed) = cloud.hub.list(&link) else {
        cloud.metrics.refused(&Refused::Full);
        return refuse(&link.connection, &Refused::Full).await;
    };
    let transport = link.connection.transport();
    cloud.metrics.connected(transport);
    tracing::debug!(device = %link.claims.device, %transport, "a device connected");
    tokio::spawn(notice::serve_all(Arc::clone(&cloud), Arc::clone(&link)));
    let accepting = accept(&cloud, &link);
    tokio::pin!(accepting);
    let draining = cloud.draining.cancelled();
    tokio::pin!(draining);
    let expiry = tokio::time::sleep(time_until(link.claims.not_after));
    tokio::pin!(expiry);
    let due = tokio::time::sleep(time_until(renewal_due(&link.claims)));
    tokio::pin!(due);
    let (mut told, mut reminded) = (false, false);
    loop {
        tokio::select! {
            error = &mut accepting => {
                tracing::debug!(device = %link.claims.device, %error, "a device left");
                return;
            }
            () = &mut expiry => {
                close_expired(&link);
                link.connection.closed().await;
                return;
            }
            () = &mut due, if !reminded => {
                reminded = true;
                tokio::spawn(remind(Arc::clone(&link)));
            }
            () = &mut draining, if !told => {
                told = true;
                tokio::spawn(say_drain(Arc::clone(&link)));
            }
        }
    }
}

/// Starts every call of a connection until it ends, and says how. Streams often come many at once:
/// only after the last of them is anything else looked at.
async fn accept(cloud: &Arc<Cloud>, link: &Arc<Link>) -> ConnectionError {
    loop {
        match link.connection.accept_bi().await {
            Ok((send, recv)) => {
                let call = call::serve(Arc::clone(cloud), Arc::clone(link), send, recv);
                let mut call = Box::pin(cloud.calls.track_future(call));
                // What came whole and is answered from memory is done by now; only what has to wait
                // for something gets a task.
                if (&mut call).now_or_never().is_none() {
                    tokio::spawn(call);
                }
            }
            Err(error) => return error,
        }
    }
}

/// When a device that renews by itself should have done so (SPEC section 3).
fn renewal_due(claims: &Claims) -> Timestamp {
    let life = claims.not_after.since(claims.not_before).max(0);
    claims
        .not_before
        .plus_ms(life / 100 * CERTIFICATE_DUE_PERCENT)
}

/// Tells a device that its certificate is to be renewed, unless it did.
async fn remind(link: Arc<Link>) {
    if !link.was_renewed() {
        let due = proto::CertificateDue {
            not_after: link.claims.not_after.as_millis(),
        };
        link.tell(proto::control::Body::CertificateDue(due)).await;
    }
}

fn close_expired(link: &Link) {
    if link.was_renewed() {
        link.close(
            CloseCode::GoingAway,
            "the certificate of this connection has expired; come back with the new one",
        );
    } else {
        let refusal = Refused::from(AuthRefusal::Expired);
        link.close(refusal.code(), &refusal.to_string());
    }
}

fn time_until(end: Timestamp) -> Duration {
    Duration::from_millis(u64::try_from(end.since(clock::now())).unwrap_or(0))
}

/// Tells a device that the server goes away, and when to come back.
async fn say_drain(link: Arc<Link>) {
    let drain = proto::Drain {
        retry_after_ms: DRAIN_RETRY_AFTER_MS,
        window_ms: DRAIN_RETRY_AFTER_MS,
    };
    link.tell(proto::control::Body::Drain(drain)).await;
}

/// Looks every live connection up again and closes those whose device is out.
pub(crate) async fn recheck(cloud: &Cloud) {
    for link in cloud.hub.all() {
        match check(cloud, link.claims.clone()).await {
            Ok(_) => {}
            Err(Refused::Store(error)) => {
                tracing::error!(error = %chain(&error), "a device could not be looked up");
                return;
            }
            Err(refusal) => {
                tracing::info!(device = %link.claims.device, %refusal, "a connection was ended");
                link.close(refusal.code(), &refusal.to_string());
            }
        }
    }
}
