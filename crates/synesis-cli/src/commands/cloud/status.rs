//! `synesis cloud status`.

use serde_json::json;
use synesis_cloud::{Transport, TransportChoice, TunnelState};
use synesis_domain::Timestamp;

use crate::cloud_link::{self, from_cloud};
use crate::commands::Context;
use crate::error::CliError;
use crate::ui::date_time;
use crate::ui::table::pairs;

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
