//! Whether a webhook is Stripe's, and of now.

use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use synesis_domain::Timestamp;

use super::WEBHOOK_BYTES_MAX;
use super::event::{EventError, StripeEvent, parse_event};
use super::secret::WebhookSecret;

/// In which header the signature stands.
pub const SIGNATURE_HEADER: &str = "stripe-signature";

/// How far a webhook's time may lie from ours, to either side, in seconds.
pub const TOLERANCE_SECONDS: u64 = 300;

const HEADER_BYTES_MAX: usize = 4 * 1024;
/// While a secret is exchanged there are two.
const SIGNATURES_MAX: usize = 16;
const SIGNATURE_BYTES: usize = 32;

/// Why a webhook is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The header is not of the form `t=…,v1=…`.
    #[error("the header {SIGNATURE_HEADER} is malformed")]
    Malformed,
    /// Longer than what is read.
    #[error("the webhook is longer than {WEBHOOK_BYTES_MAX} bytes")]
    TooLong,
    /// No signature fits a secret: forged, changed on its way, or signed with another secret.
    #[error("no signature fits")]
    Mismatch,
    /// Signed long ago, or it says it will be: delivered late, or sent again by somebody else.
    #[error("the webhook was signed {seconds} s away from now")]
    Stale {
        /// How far away; behind us where negative.
        seconds: i64,
    },
}

/// Why a webhook is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WebhookError {
    /// It is not believed.
    #[error("the webhook is not believed")]
    Signature(#[from] SignatureError),
    /// It is Stripe's and makes no sense.
    #[error("the webhook cannot be read")]
    Event(#[from] EventError),
}

/// Checks a webhook and reads it. `body` must be the bytes as they arrived.
///
/// # Errors
/// When it is not believed, or makes no sense.
pub fn receive(
    secrets: &[WebhookSecret],
    header: &str,
    body: &[u8],
    now: Timestamp,
) -> Result<StripeEvent, WebhookError> {
    verify(secrets, header, body, now)?;
    Ok(parse_event(body)?)
}

/// Checks that a webhook was signed with one of the secrets, and lately. All signatures in the
/// header count: while a secret is exchanged there is one for each.
///
/// # Errors
/// Why it is not believed. The time is only looked at where a signature fits.
pub fn verify(
    secrets: &[WebhookSecret],
    header: &str,
    body: &[u8],
    now: Timestamp,
) -> Result<(), SignatureError> {
    if body.len() > WEBHOOK_BYTES_MAX {
        return Err(SignatureError::TooLong);
    }
    let header = Header::parse(header)?;
    let fits = secrets.iter().any(|secret| header.fits(secret, body));
    if !fits {
        return Err(SignatureError::Mismatch);
    }
    let seconds = header
        .seconds
        .saturating_sub(now.as_millis().div_euclid(1000));
    if seconds.unsigned_abs() > TOLERANCE_SECONDS {
        return Err(SignatureError::Stale { seconds });
    }
    Ok(())
}

struct Header<'a> {
    /// As it was signed.
    time: &'a str,
    seconds: i64,
    signatures: Vec<[u8; SIGNATURE_BYTES]>,
}

impl<'a> Header<'a> {
    fn parse(text: &'a str) -> Result<Self, SignatureError> {
        if text.len() > HEADER_BYTES_MAX {
            return Err(SignatureError::Malformed);
        }
        let mut time = None;
        let mut signatures = Vec::new();
        for item in text.split(',') {
            let (name, value) = item
                .trim()
                .split_once('=')
                .ok_or(SignatureError::Malformed)?;
            match name {
                "t" if time.is_some() => return Err(SignatureError::Malformed),
                "t" => time = Some(value),
                "v1" if signatures.len() == SIGNATURES_MAX => {
                    return Err(SignatureError::Malformed);
                }
                // One that is no signature cannot fit; others may.
                "v1" => signatures.extend(hex(value)),
                // Other schemes, such as the test mode's v0, prove nothing.
                _ => {}
            }
        }
        let time = time.ok_or(SignatureError::Malformed)?;
        let digits = !time.is_empty() && time.bytes().all(|c| c.is_ascii_digit());
        let seconds = digits
            .then(|| time.parse().ok())
            .flatten()
            .ok_or(SignatureError::Malformed)?;
        Ok(Self {
            time,
            seconds,
            signatures,
        })
    }

    fn fits(&self, secret: &WebhookSecret, body: &[u8]) -> bool {
        // A key of any length is one.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
            return false;
        };
        mac.update(self.time.as_bytes());
        mac.update(b".");
        mac.update(body);
        // The comparison takes the same time wherever the first difference is.
        self.signatures
            .iter()
            .any(|signature| mac.clone().verify_slice(signature).is_ok())
    }
}

fn hex(text: &str) -> Option<[u8; SIGNATURE_BYTES]> {
    let digits = text.as_bytes();
    if digits.len() != 2 * SIGNATURE_BYTES {
        return None;
    }
    let mut bytes = [0; SIGNATURE_BYTES];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let [high, low] =
            [pair.first()?, pair.get(1)?].map(|digit| char::from(*digit).to_digit(16));
        *byte = u8::try_from(high? << 4 | low?).ok()?;
    }
    Some(bytes)
}
