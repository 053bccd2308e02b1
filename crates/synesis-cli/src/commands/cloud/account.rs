//! `synesis cloud status` and `balance`.

use serde_json::json;
use synesis_cloud::{
    Balance, BillingClient, LocalLedger, Period, Totals, Transport, TransportChoice, TunnelState,
};
use synesis_domain::{NanoUsd, Timestamp};

use crate::cloud_link::{self, from_cloud, now};
use crate::commands::Context;
use crate::error::{CliError, Context as _, ErrorKind};
use crate::ui::progress::spin;
use crate::ui::table::pairs;
use crate::ui::{self, date_time};

pub(crate) async fn status(context: &Context) -> Result<(), CliError> {
    let link = cloud_link::connect(context, false).await?;
    let told = link.tunnel.status().await.map_err(from_cloud)?;
    let rtt = link.tunnel.rtt();
    let transport = link.tunnel.transport();
    let fell_back = transport == Some(Transport::WebSocket)
        && link.tunnel.config().transport == TransportChoice::Auto;
    let since = match link.tunnel.state() {
        TunnelState::Connected { since } => Some(date_time(since)),
        _ => None,
    };
    let not_after = date_time(Timestamp::from_millis(told.certificate_not_after));
    let url = link.tunnel.config().cloud_url.to_string();
    if context.ui.json {
        context.ui.value(&json!({
            "state": "connected",
            "since": since,
            "transport": transport.map(Transport::name),
            "udp_blocked": fell_back,
            "url": url,
            "private": link.private,
            "line": link.tunnel.metrics().line.and_then(|line| line.quic).map(|quic| json!({
                "bytes_sent": quic.bytes_sent,
                "bytes_received": quic.bytes_received,
                "packets_lost": quic.packets_lost,
                "congestion_window": quic.congestion_window,
                "mtu": quic.mtu,
            })),
            "rtt_us": rtt.map(|rtt| u64::try_from(rtt.as_micros()).unwrap_or(u64::MAX)),
            "device_id": told.device_id,
            "server_version": told.server_version,
            "certificate": { "not_after": not_after },
            "models": told.models,
        }));
    } else {
        context.ui.line(&pairs([
            (
                "cloud",
                url + if link.private {
                    " (private, on this machine)"
                } else {
                    ""
                },
            ),
            (
                "state",
                since.map_or_else(
                    || "connected".to_owned(),
                    |since| format!("connected since {since}"),
                ),
            ),
            ("transport", transport_text(transport, fell_back).to_owned()),
            (
                "round trip",
                rtt.map_or_else(
                    || "unknown".to_owned(),
                    |rtt| format!("{} µs", rtt.as_micros()),
                ),
            ),
            ("device", told.device_id),
            ("certificate", format!("until {not_after}")),
            ("server", told.server_version),
            ("models", told.models.join(", ")),
        ]));
    }
    link.close().await;
    Ok(())
}

fn transport_text(transport: Option<Transport>, fell_back: bool) -> &'static str {
    match transport {
        Some(Transport::WebSocket) if fell_back => {
            "WebSocket, TLS 1.3: UDP seems to be blocked on this network; QUIC is tried again"
        }
        Some(Transport::WebSocket) => "WebSocket, TLS 1.3 (setting cloud.transport)",
        _ => "QUIC, TLS 1.3, both ends by certificate",
    }
}

pub(crate) async fn balance(context: &Context) -> Result<(), CliError> {
    let ledger = open_ledger(context)?;
    let link = cloud_link::connect(context, false).await?;
    let billing = BillingClient::new(link.tunnel.clone(), ledger);
    let (balance, device) = spin(context.ui, "asking the cloud", async {
        billing.sync_with_cloud().await?;
        let balance = billing.get_balance().await?;
        let period = Period {
            from: balance.period_started,
            to: now().plus_ms(1),
        };
        let device = billing.current_usage(period).await?;
        Ok((balance, device))
    })
    .await
    .map_err(from_cloud)?;
    link.close().await;
    if context.ui.json {
        context.ui.value(&balance_json(&balance, &device));
    } else {
        context.ui.line(&balance_text(&balance, &device));
    }
    Ok(())
}

/// Amounts are strings: they are larger than what a JSON number holds exactly.
fn balance_json(balance: &Balance, device: &Totals) -> serde_json::Value {
    let nano = |amount: NanoUsd| amount.get().to_string();
    json!({
        "tier": balance.tier,
        "charged_nano_usd": nano(balance.charged),
        "charged": balance.charged.to_string(),
        "held_nano_usd": nano(balance.held),
        "ceiling_nano_usd": nano(balance.ceiling),
        "room_nano_usd": nano(balance.room),
        "calls": balance.calls,
        "tokens": { "prompt": balance.prompt_tokens, "completion": balance.completion_tokens },
        "period_started": date_time(balance.period_started),
        "device": {
            "calls": device.calls,
            "settled_nano_usd": nano(device.cost),
            "tokens": { "prompt": device.prompt_tokens, "completion": device.completion_tokens },
        },
    })
}

fn balance_text(balance: &Balance, device: &Totals) -> String {
    let mut rows = vec![
        ("tier", balance.tier.clone()),
        (
            "period",
            format!("since {}", date_time(balance.period_started)),
        ),
        (
            "charged",
            format!("{} for {}", balance.charged, calls(balance.calls)),
        ),
        (
            "tokens",
            format!(
                "{} in, {} out",
                balance.prompt_tokens, balance.completion_tokens
            ),
        ),
        ("held", balance.held.to_string()),
        (
            "ceiling",
            format!("{}, {} left", balance.ceiling, balance.room),
        ),
    ];
    let same = device.cost == balance.charged;
    rows.push((
        "this device",
        format!(
            "{} for {}{}",
            device.cost,
            calls(device.calls),
            if same {
                ", the same to the nano-dollar"
            } else {
                ""
            }
        ),
    ));
    ui::table::pairs(rows)
}

fn calls(count: u64) -> String {
    if count == 1 {
        "1 call".to_owned()
    } else {
        format!("{count} calls")
    }
}

/// The record of what this device asked the cloud for.
pub(crate) fn open_ledger(context: &Context) -> Result<LocalLedger, CliError> {
    LocalLedger::open(&context.home.ledger_file())
        .context(ErrorKind::User, "cannot open this device's ledger")
        .map_err(|error| {
            error.hint("nothing was sent; free some disk space or check the folder's rights")
        })
}
