//! The way to the cloud: which identity, which address, and a tunnel that is up.
//!
//! The private cloud of this machine is started when it is needed and enrols this device by itself;
//! any other cloud has to be logged in to.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use synesis_cloud::{
    CloudError, CloudTunnel, DefaultVitalsCollector, Enrolment, HeartbeatMetrics, HeartbeatService,
    Identity, PrewarmTarget, Transport, Trust, enrol,
};
use synesis_domain::{DeviceName, Timestamp};
use synesis_wire::ErrorCode;
use url::Url;

use crate::commands::Context;
use crate::error::{CliError, Context as _, ErrorKind};
use crate::private_cloud::{PrivateCloud, Running, StartOptions};
use crate::ui::progress::spin;

/// Attempts to reach the cloud before a command says that it cannot.
const CONNECT_ATTEMPTS_MAX: u32 = 3;

/// How long a private cloud that was started for one question waits for the next.
const IDLE_AFTER: Duration = Duration::from_secs(15 * 60);

/// How long a call that runs may take to end when the command ends.
const GOODBYE: Duration = Duration::from_millis(300);

/// A tunnel that is up.
#[derive(Debug)]
pub(crate) struct CloudLink {
    pub(crate) tunnel: CloudTunnel,
    /// Whether the cloud is the private one of this machine.
    pub(crate) private: bool,
    heartbeats: Option<HeartbeatService>,
}

impl CloudLink {
    /// Tells the cloud from now on that this device is there.
    pub(crate) fn start_heartbeats(&mut self, context: &Context, target: Option<PrewarmTarget>) {
        let activity = self.tunnel.activity().clone();
        let collector = DefaultVitalsCollector::new(context.home.data_dir(), activity);
        self.heartbeats = Some(HeartbeatService::start(
            self.tunnel.clone(),
            collector,
            target,
        ));
    }

    /// What became of the heartbeats.
    pub(crate) fn heartbeats(&self) -> Option<HeartbeatMetrics> {
        self.heartbeats.as_ref().map(HeartbeatService::metrics)
    }

    /// Says goodbye, so that the server need not wait for a silence.
    pub(crate) async fn close(self) {
        if let Some(heartbeats) = self.heartbeats {
            heartbeats.stop().await;
        }
        self.tunnel.disconnect(GOODBYE).await;
    }
}

/// Connects to the cloud of this device. Without one: starts a private one if `may_start`.
pub(crate) async fn connect(context: &Context, may_start: bool) -> Result<CloudLink, CliError> {
    dial(context, may_start, Some(CONNECT_ATTEMPTS_MAX)).await
}

/// Connects to the cloud of this device where it answers at the first attempt.
pub(crate) async fn try_once(context: &Context) -> Result<CloudLink, CliError> {
    dial(context, false, Some(1)).await
}

/// Connects for good: the tunnel comes back whatever happens.
pub(crate) async fn stay_connected(context: &Context) -> Result<CloudLink, CliError> {
    dial(context, false, None).await
}

/// What carries a connection, in words.
pub(crate) fn transport_words(transport: Transport) -> &'static str {
    match transport {
        Transport::Quic => "QUIC",
        Transport::WebSocket => "a WebSocket",
    }
}

async fn dial(
    context: &Context,
    may_start: bool,
    attempts_max: Option<u32>,
) -> Result<CloudLink, CliError> {
    let cloud = PrivateCloud::of(&context.home);
    let folder = context.home.identity_dir();
    let known = match Identity::open(&folder) {
        Ok(identity) => Some(identity),
        Err(error) if error.is_missing() => None,
        Err(error) => {
            return Err(CliError::new(ErrorKind::Cloud, "this device's identity cannot be used")
                .because(error)
                .hint("enrol anew with `synesis cloud login`, or `synesis cloud up` for the private cloud"));
        }
    };
    let private = match &known {
        Some(_) => is_private(&cloud, &folder),
        None if may_start => true,
        None => return Err(not_enrolled()),
    };
    let (identity, url) = match (private, known) {
        (true, known) => {
            let running = ensure_running(context, &cloud).await?;
            let url = url_of(&running)?;
            (enrolled_here(context, &cloud, known, &url).await?, url)
        }
        (false, Some(identity)) => {
            let url = identity.url().clone();
            (identity, url)
        }
        (false, None) => return Err(not_enrolled()),
    };
    let mut config = identity.tunnel_config();
    config.cloud_url = url;
    config.max_reconnect_attempts = attempts_max;
    let settings = context.settings()?;
    config.transport = settings.cloud_transport()?;
    config.heartbeat_interval = settings.cloud_heartbeat()?;
    let tunnel = CloudTunnel::new(config);
    spin(context.ui, "connecting to the cloud", tunnel.connect())
        .await
        .map_err(from_cloud)?;
    Ok(CloudLink {
        tunnel,
        private,
        heartbeats: None,
    })
}

/// Starts the private cloud and enrols this device there.
pub(crate) async fn up(
    context: &Context,
    options: &StartOptions,
) -> Result<(Running, Identity), CliError> {
    let cloud = PrivateCloud::of(&context.home);
    let running = spin(
        context.ui,
        "starting the private cloud",
        cloud.start(options),
    )
    .await?;
    let folder = context.home.identity_dir();
    let known = Identity::open(&folder)
        .ok()
        .filter(|_| is_private(&cloud, &folder));
    let url = url_of(&running)?;
    let identity = enrolled_here(context, &cloud, known, &url).await?;
    Ok((running, identity))
}

async fn ensure_running(context: &Context, cloud: &PrivateCloud) -> Result<Running, CliError> {
    if let Some(running) = cloud.running() {
        return Ok(running);
    }
    context.ui.say(if cloud.exists() {
        "Starting the private cloud of this machine again (`synesis cloud up` keeps it running)."
    } else {
        "No cloud is configured: starting a private cloud on this machine (`synesis cloud up` does the same for good)."
    });
    let model = context.settings()?.cloud_model()?;
    let options = StartOptions {
        model: Some(model),
        exit_when_idle: Some(IDLE_AFTER),
        ..StartOptions::default()
    };
    spin(
        context.ui,
        "starting the private cloud",
        cloud.start(&options),
    )
    .await
}

/// The identity at the private cloud; made where there is none.
async fn enrolled_here(
    context: &Context,
    cloud: &PrivateCloud,
    known: Option<Identity>,
    url: &Url,
) -> Result<Identity, CliError> {
    // One whose certificate has ended is renewed by the tunnel.
    if let Some(identity) = known {
        return Ok(identity);
    }
    let ca = cloud.ca_file();
    let ca_pem = std::fs::read_to_string(&ca)
        .context(ErrorKind::Cloud, format!("cannot read {}", ca.display()))?;
    let identity = enrol_with(
        context,
        url.clone(),
        cloud.enrolment_token()?,
        Trust::Authority(ca_pem),
        from_cloud,
    )
    .await?;
    context.ui.say(&format!(
        "This device is enrolled there as {}.",
        identity.device_id()
    ));
    Ok(identity)
}

/// What this device is called where its name is shown.
pub(crate) fn device_name(context: &Context) -> Result<DeviceName, CliError> {
    let name = context.home.device_name().unwrap_or_default();
    DeviceName::new(&name)
        .or_else(|_| DeviceName::new("device"))
        .context(ErrorKind::Bug, "this device's name cannot be sent")
}

/// The folder of this device's identity, made where there is none.
pub(crate) fn private_identity_dir(context: &Context) -> Result<PathBuf, CliError> {
    let folder = context.home.identity_dir();
    crate::home::create_private_dir(&folder)
        .context(ErrorKind::User, format!("cannot make {}", folder.display()))?;
    Ok(folder)
}

/// Has a cloud sign this device's key. What allows it is a token, a grant or an API key; what went
/// wrong is put into `words`.
pub(crate) async fn enrol_with(
    context: &Context,
    url: Url,
    token: String,
    trust: Trust,
    words: impl FnOnce(CloudError) -> CliError,
) -> Result<Identity, CliError> {
    let device_name = device_name(context)?;
    let folder = private_identity_dir(context)?;
    let enrolment = Enrolment {
        url,
        token,
        device_name,
        trust,
    };
    spin(
        context.ui,
        "enrolling this device",
        enrol(&folder, &enrolment),
    )
    .await
    .map_err(words)
}

/// Whether this device's authority is that of the private cloud.
pub(crate) fn is_private(cloud: &PrivateCloud, identity_dir: &std::path::Path) -> bool {
    let ours = std::fs::read(cloud.ca_file());
    let trusted = std::fs::read(identity_dir.join("ca.pem"));
    matches!((ours, trusted), (Ok(ours), Ok(trusted)) if ours == trusted)
}

pub(crate) fn url_of(running: &Running) -> Result<Url, CliError> {
    Url::parse(&format!("https://{}", running.addr))
        .context(ErrorKind::Bug, "the server's address is no URL")
}

pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

fn not_enrolled() -> CliError {
    CliError::new(ErrorKind::Cloud, "this device is not enrolled at a cloud")
        .hint("`synesis cloud up` starts a private cloud on this machine")
        .hint("`synesis cloud login --url URL` enrols at another one")
}

/// A cloud error as the user sees it, with what mends it.
pub(crate) fn from_cloud(error: CloudError) -> CliError {
    let kind = match &error {
        CloudError::CeilingExceeded { .. } | CloudError::EgressBlocked { .. } => ErrorKind::Refused,
        CloudError::Cancelled => ErrorKind::Interrupted,
        CloudError::EscalationFailed {
            code: ErrorCode::BadRequest | ErrorCode::TooLarge,
            ..
        }
        | CloudError::TooLarge { .. }
        | CloudError::Ledger(_)
        | CloudError::System { .. } => ErrorKind::User,
        _ => ErrorKind::Cloud,
    };
    let hint = error.mend().map(|mend| mend.to_string());
    let mut shown = CliError::new(kind, error.to_string());
    if let Some(source) = std::error::Error::source(&error) {
        shown = shown.because(chain(source));
    }
    match hint {
        Some(hint) => shown.hint(hint),
        None => shown,
    }
}

/// An error and its causes as errors of their own, so that the printer can walk them.
fn chain(error: &(dyn std::error::Error + 'static)) -> Link {
    Link {
        text: error.to_string(),
        source: error.source().map(|source| Box::new(chain(source))),
    }
}

#[derive(Debug)]
struct Link {
    text: String,
    source: Option<Box<Link>>,
}

impl std::fmt::Display for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Link {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|link| link as _)
    }
}
