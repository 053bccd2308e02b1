//! `synesis cloud up` and `down`: the private cloud of this machine.

use std::time::Duration;

use serde_json::json;
use synesis_server::{Server, ServerConfig, ServerError};

use crate::args::CloudUp;
use crate::cloud_link;
use crate::commands::Context;
use crate::error::{CliError, Context as _, ErrorKind};
use crate::local_engine;
use crate::private_cloud::{PrivateCloud, StartOptions};
use crate::ui::progress::spin;

/// How long calls that run may take to end when the server is told to go.
const DRAIN: Duration = Duration::from_secs(30);

pub(crate) async fn up(context: &Context, args: &CloudUp) -> Result<(), CliError> {
    if args.foreground {
        return foreground(context, args).await;
    }
    let mut settings = context.settings()?;
    if let Some(model) = &args.model {
        local_engine::resolve(&context.home, model)?;
        settings.set(&context.home.settings_file(), "cloud.model", model)?;
    }
    let options = StartOptions {
        listen: (args.listen.port() != 0).then_some(args.listen),
        model: Some(settings.cloud_model()?),
        exit_when_idle: args.exit_when_idle.map(Duration::from_secs),
    };
    let (running, identity) = cloud_link::up(context, &options).await?;
    let log = PrivateCloud::of(&context.home).log_file();
    if context.ui.json {
        context.ui.value(&json!({
            "addr": running.addr.to_string(),
            "pid": running.pid,
            "device_id": identity.device_id().to_string(),
            "log": log.display().to_string(),
        }));
    }
    context.ui.say(&format!(
        "The private cloud runs at {} (process {}); its log is {}. `synesis cloud down` stops it.",
        running.addr,
        running.pid,
        log.display()
    ));
    Ok(())
}

/// Runs the server in this process until Ctrl-C, SIGTERM or idleness.
async fn foreground(context: &Context, args: &CloudUp) -> Result<(), CliError> {
    let settings = context.settings()?;
    let name = match &args.model {
        Some(model) => model.clone(),
        None => settings.cloud_model()?,
    };
    let mut config = ServerConfig::new(PrivateCloud::of(&context.home).dir());
    config.listen = args.listen;
    config.exit_when_idle = args.exit_when_idle.map(Duration::from_secs);
    config.model = local_engine::resolve(&context.home, &name)?.model;
    config.provider_api_key = local_engine::api_key();
    let server = Server::start(config).await.map_err(not_started)?;
    context.ui.say(&format!(
        "The private cloud listens at {}. Ctrl-C stops it.",
        server.addr()
    ));
    let asked = tokio::select! {
        asked = stop_signal() => { asked.context(ErrorKind::User, "cannot wait for signals")?; true }
        () = server.stopped() => false,
    };
    context.ui.say(if asked {
        "Stopping: calls that run are finished first."
    } else {
        "Nobody was connected for a while: stopping."
    });
    server.shutdown(DRAIN).await;
    Ok(())
}

pub(crate) async fn down(context: &Context) -> Result<(), CliError> {
    let stopped = spin(
        context.ui,
        "stopping the private cloud",
        PrivateCloud::of(&context.home).stop(),
    )
    .await?;
    if context.ui.json {
        context.ui.value(&json!({ "stopped": stopped }));
    }
    context.ui.say(if stopped {
        "The private cloud has stopped."
    } else {
        "No private cloud runs here."
    });
    Ok(())
}

fn not_started(error: ServerError) -> CliError {
    CliError::user("the private cloud cannot start")
        .because(error)
        .hint("`synesis cloud down` stops the one that runs; `--listen 127.0.0.1:0` takes a free port")
}

#[cfg(unix)]
async fn stop_signal() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        done = tokio::signal::ctrl_c() => done,
        _ = terminate.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn stop_signal() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}
