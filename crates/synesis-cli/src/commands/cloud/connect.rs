//! `synesis cloud connect`: keeps the tunnel up until Ctrl-C, with heartbeats and renewals, and
//! tells what becomes of it.

use serde_json::json;
use synesis_cloud::{CloudError, PrewarmTarget, SyncService, TunnelEvents, TunnelState};
use synesis_wire::proto::{LoraReady, control};
use tokio::sync::broadcast;

use super::money::billing;
use crate::args::CloudConnect;
use crate::cloud_link::{self, CloudLink, from_cloud, now};
use crate::commands::Context;
use crate::error::{CliError, Context as _, ErrorKind};
use crate::ui::{date_time, duration};

pub(crate) async fn run(context: &Context, args: &CloudConnect) -> Result<(), CliError> {
    let target = args.project.clone().map(|project| PrewarmTarget {
        project,
        lora: args.lora.clone(),
    });
    let mut link = cloud_link::stay_connected(context).await?;
    let mut events = link.tunnel.events();
    link.start_heartbeats(context, target);
    let sync = SyncService::start(billing(context, &link)?);
    told(context, &link, &TunnelState::Connected { since: now() });
    let ended = tokio::select! {
        ended = follow(context, &link, &mut events) => ended,
        asked = tokio::signal::ctrl_c() => {
            asked.context(ErrorKind::Bug, "cannot listen for Ctrl-C")
        }
    };
    let metrics = link.heartbeats();
    let synced = sync.stop().await;
    link.close().await;
    if let (true, Some(metrics)) = (context.ui.json, &metrics) {
        context.ui.value(&json!({
            "at": date_time(now()),
            "state": "disconnected",
            "heartbeats": {
                "sent": metrics.sent,
                "acknowledged": metrics.acknowledged,
                "failed": metrics.failed,
            },
            "ledger": {
                "synced": synced.done,
                "failed": synced.failed,
                "settled": synced.settled,
                "recorded": synced.recorded,
                "refused": synced.refused,
            },
        }));
    }
    if let Some(metrics) = metrics {
        context.ui.say(&format!(
            "Heartbeats: {} sent, {} acknowledged{}.",
            metrics.sent,
            metrics.acknowledged,
            metrics.last.map_or_else(String::new, |last| format!(
                ", the last after {}",
                duration(last.round_trip)
            ))
        ));
    }
    if synced.recorded + synced.refused > 0 {
        context.ui.say(&format!(
            "Queued calls: {} recorded, {} refused.",
            synced.recorded, synced.refused
        ));
    }
    ended
}

/// Tells each change of the state, until the tunnel gives up.
async fn follow(
    context: &Context,
    link: &CloudLink,
    events: &mut TunnelEvents,
) -> Result<(), CliError> {
    let mut controls = link.tunnel.controls();
    loop {
        tokio::select! {
            state = events.next() => match state {
                Some(TunnelState::Failed { error }) => {
                    told(context, link, &TunnelState::Failed { error: error.clone() });
                    return Err(from_cloud(error));
                }
                Some(state) => told(context, link, &state),
                None => return Err(from_cloud(CloudError::Cancelled)),
            },
            ready = adapter_ready(&mut controls) => tell_ready(context, &ready),
        }
    }
}

/// Waits until the cloud says that an adapter is loaded that this device announced.
async fn adapter_ready(controls: &mut broadcast::Receiver<control::Body>) -> LoraReady {
    loop {
        match controls.recv().await {
            Ok(control::Body::LoraReady(ready)) => return ready,
            Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => {}
            // The tunnel is gone: its states say so.
            Err(broadcast::error::RecvError::Closed) => return std::future::pending().await,
        }
    }
}

fn tell_ready(context: &Context, ready: &LoraReady) {
    if context.ui.json {
        context.ui.value(&json!({
            "at": date_time(now()),
            "adapter_ready": ready.lora_id,
            "load_ms": ready.load_ms,
        }));
        return;
    }
    context.ui.line(&format!(
        "{}  the adapter {} is ready (loaded in {} ms)",
        date_time(now()),
        ready.lora_id,
        ready.load_ms
    ));
}

fn told(context: &Context, link: &CloudLink, state: &TunnelState) {
    let transport = link.tunnel.transport();
    let reason = match state {
        TunnelState::Reconnecting { .. } => link.tunnel.trouble().map(|error| root(&error)),
        _ => None,
    };
    if context.ui.json {
        let (name, attempt) = match state {
            TunnelState::Disconnected => ("disconnected", None),
            TunnelState::Connecting => ("connecting", None),
            TunnelState::Connected { .. } => ("connected", None),
            TunnelState::Reconnecting { attempt } => ("reconnecting", Some(*attempt)),
            TunnelState::Failed { .. } => ("failed", None),
        };
        context.ui.value(&json!({
            "at": date_time(now()),
            "state": name,
            "attempt": attempt,
            "transport": transport.map(synesis_cloud::Transport::name),
            "reason": reason,
        }));
        return;
    }
    let words = match state {
        TunnelState::Connected { .. } => format!(
            "connected to {} over {}",
            link.tunnel.config().cloud_url,
            transport.map_or("nothing", cloud_link::transport_words)
        ),
        TunnelState::Reconnecting { attempt } => {
            let reason = reason.unwrap_or_else(|| "the connection was lost".to_owned());
            format!("not connected: {reason}; attempt {attempt}")
        }
        TunnelState::Connecting => "connecting".to_owned(),
        TunnelState::Disconnected => "disconnected".to_owned(),
        TunnelState::Failed { .. } => "given up".to_owned(),
    };
    context.ui.line(&format!("{}  {words}", date_time(now())));
}

/// What an error comes down to.
fn root(error: &dyn std::error::Error) -> String {
    let mut last = error;
    while let Some(source) = last.source() {
        last = source;
    }
    last.to_string()
}
