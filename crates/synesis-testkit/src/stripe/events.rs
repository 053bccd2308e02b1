//! What the double tells by webhooks, and how it signs them.

use aws_lc_rs::hmac;
use serde_json::{Value, json};

use super::calls::METER_ID;
use super::state::State;

/// An event that Stripe delivers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// The same in every delivery.
    pub id: String,
    /// Its type.
    pub kind: String,
    /// What is posted.
    pub body: String,
}

/// How a delivery is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebhookSignature {
    /// As it should be; with the old and the new secret while one is exchanged.
    Good,
    /// With the oldest secret alone.
    OldSecret,
    /// Rightly, so many seconds ago; in the future where negative.
    Aged(i64),
    /// With a secret that somebody made up.
    Forged,
}

/// Makes a webhook of an object as it is now.
pub(super) fn tell(state: &mut State, kind: &str, object: &Value, now_s: i64) {
    let id = state.name("evt");
    let body = json!({
        "id": id,
        "object": "event",
        "api_version": super::VERSION,
        "created": now_s,
        "data": {"object": object},
        "livemode": false,
        "pending_webhooks": 1,
        "request": {"id": null, "idempotency_key": null},
        "type": kind,
    });
    push(state, id, kind, &body);
}

/// A thin event: it names a meter, and its time is a date.
pub(super) fn meter_error(state: &mut State, now_s: i64) {
    let kind = "v1.billing.meter.error_report_triggered";
    let id = state.name("evt_test");
    let body = json!({
        "id": id,
        "object": "v2.core.event",
        "context": null,
        "created": date(now_s),
        "livemode": false,
        "reason": null,
        "related_object": {
            "id": METER_ID,
            "type": "billing.meter",
            "url": format!("/v1/billing/meters/{METER_ID}"),
        },
        "type": kind,
    });
    push(state, id, kind, &body);
}

fn push(state: &mut State, id: String, kind: &str, body: &Value) {
    state.webhooks.push(Webhook {
        id,
        kind: kind.to_owned(),
        // Stripe's bodies are indented, and it is those bytes that are signed.
        body: format!("{body:#}"),
    });
}

/// The header of a delivery.
pub(super) fn signed(
    secrets: &[String],
    body: &str,
    now_s: i64,
    signature: WebhookSignature,
) -> String {
    let forged = ["whsec_made_up".to_owned()];
    let (secrets, at_s) = match signature {
        WebhookSignature::Good => (secrets, now_s),
        WebhookSignature::OldSecret => (secrets.get(..1).unwrap_or_default(), now_s),
        WebhookSignature::Aged(seconds) => (secrets, now_s - seconds),
        WebhookSignature::Forged => (&forged[..], now_s),
    };
    let mut header = format!("t={at_s}");
    for secret in secrets {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        let tag = hmac::sign(&key, format!("{at_s}.{body}").as_bytes());
        header.push_str(",v1=");
        for byte in tag.as_ref() {
            header.push_str(&format!("{byte:02x}"));
        }
    }
    // What Stripe adds in test mode; it proves nothing.
    header.push_str(",v0=6ffbb59b2300aae63f272406069a9788598b792a944a07aba816edb039989a39");
    header
}

/// A date of RFC 3339, counted day by day: slow and plain.
fn date(seconds: i64) -> String {
    let mut days = seconds.div_euclid(86_400);
    let of_day = seconds.rem_euclid(86_400);
    let (mut year, mut month) = (1970, 0);
    let leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    while days >= 365 + i64::from(leap(year)) {
        days -= 365 + i64::from(leap(year));
        year += 1;
    }
    for length in [
        31,
        28 + i64::from(leap(year)),
        31,
        30,
        31,
        30,
        31,
        31,
        30,
        31,
        30,
        31,
    ] {
        month += 1;
        if days < length {
            break;
        }
        days -= length;
    }
    let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    format!(
        "{year}-{month:02}-{:02}T{hour:02}:{minute:02}:{second:02}.000Z",
        days + 1
    )
}

#[cfg(test)]
mod tests {
    #[test]
    fn dates_are_right_around_leap_days() {
        assert_eq!(super::date(951_868_799), "2000-02-29T23:59:59.000Z");
        assert_eq!(super::date(1_795_852_051), "2026-11-28T07:47:31.000Z");
        assert_eq!(super::date(0), "1970-01-01T00:00:00.000Z");
    }
}
