//! The device's certificate renews itself: over the tunnel at 70 % of its life, over HTTPS where
//! the device slept past its end.
//!
//! The new certificate replaces the old one's file whole. The proof for both ways is a signing
//! request by the key that the old certificate is for.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use synesis_domain::Timestamp;
use synesis_wire::proto::answer;
use tokio::sync::{Notify, mpsc};
use tokio::time::{Instant, sleep_until};

use crate::call::OutgoingCall;
use crate::connection::Live;
use crate::enrol::signing_request;
use crate::error::{AuthCause, CloudError};
use crate::https::Https;
use crate::identity::{self, CertificateLife};
use crate::limits::{RENEWAL_RETRY_MAX, RENEWAL_RETRY_MIN};
use crate::policy::share;
use crate::supervisor::{random, wall_clock};
use crate::trust::Trust;
use crate::tunnel::TunnelConfig;

/// The part of a certificate's life after which it is renewed, in percent (SPEC section 3).
const RENEW_AT_PERCENT: i64 = 70;

/// The least wait after a renewal, as a part of what the new certificate has left: a cloud that
/// backdates without measure is not asked again and again.
const PAUSE_PART: u32 = 4;

/// How long from `now` until a certificate is to be renewed. `random` spreads a fleet over a
/// twentieth of its life.
fn renew_in(life: CertificateLife, now: Timestamp, random: u64) -> Duration {
    let whole = life.not_after.since(life.not_before).max(0);
    let at = life.not_before.plus_ms(whole / 100 * RENEW_AT_PERCENT);
    let wait = Duration::from_millis(u64::try_from(at.since(now)).unwrap_or(0));
    let spread = Duration::from_millis(u64::try_from(whole / 20).unwrap_or(0));
    wait + share(spread, random)
}

fn left(life: CertificateLife, now: Timestamp) -> Duration {
    Duration::from_millis(u64::try_from(life.not_after.since(now)).unwrap_or(0))
}

/// Renews the certificate whenever it is time or the cloud says that it is `due`, as long as the
/// connection lives, and tells `renewed` each time.
pub(crate) async fn keep_certificate(
    config: Arc<TunnelConfig>,
    live: Arc<Live>,
    due: Arc<Notify>,
    renewed: mpsc::Sender<()>,
) {
    let mut retry = RENEWAL_RETRY_MIN;
    let mut pause = Duration::ZERO;
    loop {
        let Ok(life) = identity::certificate_life(&config.cert_path) else {
            // Whoever took the file away wants no renewal.
            return;
        };
        let wait = renew_in(life, wall_clock(), random()).max(pause);
        tokio::select! {
            () = sleep_until(Instant::now() + wait) => {}
            () = due.notified(), if pause.is_zero() => {}
        }
        match renew_over_tunnel(&config, &live).await {
            Ok(()) => {
                tracing::info!("this device's certificate was renewed");
                retry = RENEWAL_RETRY_MIN;
                pause = identity::certificate_life(&config.cert_path)
                    .map_or(RENEWAL_RETRY_MAX, |life| {
                        left(life, wall_clock()) / PAUSE_PART
                    });
                if renewed.send(()).await.is_err() {
                    return;
                }
            }
            Err(error) if error.is_retryable() => {
                tracing::warn!(?error, "this device's certificate was not renewed yet");
                sleep_until(Instant::now() + retry).await;
                retry = (retry * 2).min(RENEWAL_RETRY_MAX);
            }
            Err(error) => {
                tracing::error!(?error, "this device's certificate is not renewed");
                return;
            }
        }
    }
}

async fn renew_over_tunnel(config: &TunnelConfig, live: &Arc<Live>) -> Result<(), CloudError> {
    let csr_pem = request_by(&config.key_path)?;
    let call = OutgoingCall::renew(csr_pem, config.request_timeout)?;
    let asked = async {
        let mut answers = live.open(&call).await?;
        // A renewal is not urgent, but it must not wait on a line that is dead.
        live.worried.notify_one();
        answers.only().await
    };
    let answer = tokio::time::timeout(config.request_timeout, asked)
        .await
        .map_err(|_| CloudError::Timeout {
            awaited: "new certificate",
            after: config.request_timeout,
        })??;
    let answer::Body::Renew(renewed) = answer else {
        return Err(CloudError::Protocol(
            "a certificate was asked for, something else came",
        ));
    };
    Ok(identity::replace_certificate(
        &config.cert_path,
        &config.key_path,
        &renewed.certificate_pem,
    )?)
}

#[derive(Serialize)]
struct Request<'a> {
    certificate_pem: &'a str,
    csr_pem: &'a str,
}

#[derive(Deserialize)]
struct Renewed {
    certificate_pem: String,
}

/// Has the cloud sign a new certificate for a device whose old one has ended.
///
/// # Errors
/// The cloud's refusal, or what stood in the way.
pub(crate) async fn renew_over_https(config: &TunnelConfig) -> Result<(), CloudError> {
    let ca_pem = identity::read_text(&config.ca_path)?;
    let certificate_pem = identity::read_text(&config.cert_path)?;
    let csr_pem = request_by(&config.key_path)?;
    let trust = if config.web_certificate {
        Trust::WebOr(ca_pem)
    } else {
        Trust::Authority(ca_pem)
    };
    let https = Https::with(&config.cloud_url, &trust)?;
    let request = Request {
        certificate_pem: &certificate_pem,
        csr_pem: &csr_pem,
    };
    let answer = https.post("/v1/renew", &request).await?;
    if matches!(answer.status.as_u16(), 401 | 403) {
        let cause = match answer.code().as_deref() {
            Some("device_revoked") => AuthCause::Revoked,
            _ => AuthCause::UnknownDevice,
        };
        return Err(CloudError::AuthenticationFailed { cause });
    }
    if !answer.status.is_success() {
        return Err(answer.refusal().into());
    }
    let renewed: Renewed = answer.json().map_err(CloudError::from)?;
    identity::replace_certificate(
        &config.cert_path,
        &config.key_path,
        &renewed.certificate_pem,
    )?;
    tracing::info!("this device's certificate had ended and was renewed");
    Ok(())
}

fn request_by(key_path: &Path) -> Result<String, CloudError> {
    let key = identity::key_pair(key_path)?;
    Ok(signing_request(&key)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millis(ms)
    }

    #[test]
    fn renewal_is_due_at_seventy_percent_and_at_once_after_that() {
        let life = CertificateLife {
            not_before: at(1_000),
            not_after: at(101_000),
        };
        let rows = [
            (1_000, 0, 70_000),
            (1_000, u64::MAX, 74_999),
            (61_000, 0, 10_000),
            (71_000, 0, 0),
            (99_000, 0, 0),
            (200_000, 0, 0),
        ];
        for (now, random, expected) in rows {
            let wait = renew_in(life, at(now), random).as_millis();
            assert_eq!(wait, expected, "at {now}");
        }
    }
}
