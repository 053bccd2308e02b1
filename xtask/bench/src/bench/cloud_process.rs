//! A cloud in a process of its own: one that can be killed, and whose memory and time can be read.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use synesis_cloud::{CloudTunnel, Enrolment, Identity, Trust, TunnelConfig, enrol};
use synesis_domain::DeviceName;
use synesis_server::{Server, ServerConfig, ServerState, enrolment_token_path};
use synesis_testkit::ScriptedModel;

use crate::error::{Doing, MeasureError};

/// The word on the command line that makes this program a cloud.
pub(crate) const SERVE: &str = "serve";
/// More calls than any measurement makes: limits are not what is measured.
pub(super) const CALLS_PER_SECOND: u32 = 10_000_000;
const WORDS: usize = 4_000;
const PACE: Duration = Duration::from_millis(20);
const START_TIMEOUT: Duration = Duration::from_secs(20);
const LOOK_EVERY: Duration = Duration::from_millis(1);
const DRAIN: Duration = Duration::from_secs(10);

/// A cloud on a folder.
pub(super) struct CloudProcess {
    child: Child,
    folder: PathBuf,
    addr: SocketAddr,
}

impl CloudProcess {
    /// Starts a cloud and returns once it listens.
    pub(super) fn start(folder: &Path, listen: SocketAddr) -> Result<Self, MeasureError> {
        let program = std::env::current_exe().doing("finding this program")?;
        let mut child = Command::new(program)
            .arg(SERVE)
            .arg(folder)
            .arg(listen.to_string())
            .stdin(Stdio::null())
            .spawn()
            .doing("starting the cloud's process")?;
        let started = Instant::now();
        loop {
            let state = ServerState::read(folder).ok().flatten();
            if let Some(state) = state.filter(|state| state.pid == child.id()) {
                return Ok(Self {
                    child,
                    folder: folder.to_owned(),
                    addr: state.addr,
                });
            }
            let ended = child.try_wait().doing("waiting for the cloud")?.is_some();
            if ended || started.elapsed() > START_TIMEOUT {
                drop(child.kill());
                return Err("it did not listen").doing("starting the cloud");
            }
            std::thread::sleep(LOOK_EVERY);
        }
    }

    pub(super) const fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Kills it as `kill -9` does.
    pub(super) fn kill(mut self) -> Result<(), MeasureError> {
        self.child.kill().doing("killing the cloud")?;
        self.child.wait().doing("waiting for the cloud's end")?;
        Ok(())
    }

    /// Asks it to go, and waits until it is gone.
    pub(super) fn terminate(mut self) -> Result<(), MeasureError> {
        let pid = self.child.id().to_string();
        Command::new("kill")
            .arg(pid)
            .status()
            .doing("asking the cloud to go")?;
        self.child.wait().doing("waiting for the cloud's end")?;
        Ok(())
    }

    /// What it holds in memory, in KiB.
    pub(super) fn resident_kib(&self) -> Result<f64, MeasureError> {
        let path = format!("/proc/{}/status", self.child.id());
        let status = std::fs::read_to_string(path).doing("reading the cloud's memory")?;
        status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:")?.split_whitespace().next())
            .and_then(|kib| kib.parse().ok())
            .ok_or("there is no VmRSS")
            .doing("reading the cloud's memory")
    }

    /// The time it used on processors so far, in seconds.
    pub(super) fn cpu_seconds(&self) -> Result<f64, MeasureError> {
        const TICKS_PER_SECOND: f64 = 100.0;
        let path = format!("/proc/{}/stat", self.child.id());
        let stat = std::fs::read_to_string(path).doing("reading the cloud's time")?;
        // The name in brackets may hold blanks; user and system time are the 12th and 13th after.
        let after = stat.rsplit(')').next().unwrap_or_default();
        let fields: Vec<f64> = after
            .split_whitespace()
            .skip(11)
            .take(2)
            .filter_map(|ticks| ticks.parse().ok())
            .collect();
        Ok(fields.iter().sum::<f64>() / TICKS_PER_SECOND)
    }

    /// Enrols a device in a folder.
    pub(super) async fn enrol(&self, device: &Path) -> Result<Identity, MeasureError> {
        enrolled(self.addr, &self.folder, device).await
    }
}

impl Drop for CloudProcess {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Enrols a device at a cloud whose folder is at hand.
pub(super) async fn enrolled(
    addr: SocketAddr,
    data: &Path,
    device: &Path,
) -> Result<Identity, MeasureError> {
    let read = |path| std::fs::read_to_string(path).doing("reading what the cloud made");
    let enrolment = Enrolment {
        url: format!("https://{addr}")
            .parse()
            .doing("naming the cloud")?,
        token: read(enrolment_token_path(data))?.trim().to_owned(),
        device_name: DeviceName::new("bench").doing("naming the device")?,
        trust: Trust::Authority(read(data.join("ca").join("ca.pem"))?),
    };
    enrol(device, &enrolment)
        .await
        .doing("enrolling the device")
}

/// A tunnel of an identity that leads to this address.
pub(super) fn tunnel_to(
    identity: &Identity,
    address: SocketAddr,
) -> Result<CloudTunnel, MeasureError> {
    let mut config: TunnelConfig = identity.tunnel_config();
    config.cloud_url = format!("https://{address}")
        .parse()
        .doing("naming the cloud")?;
    Ok(CloudTunnel::new(config))
}

/// The life of the process: a cloud whose model speaks slowly and for long, until SIGTERM.
pub(crate) fn serve(folder: &str, listen: &str) -> Result<(), MeasureError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .doing("starting a runtime")?;
    runtime.block_on(async {
        let words = (0..WORDS).map(|n| format!("word{n} ")).collect();
        let mut config = ServerConfig::new(folder);
        config.listen = listen.parse().doing("reading the address")?;
        config.engine = Some(Arc::new(ScriptedModel::saying(words, PACE)));
        config.calls_per_second = CALLS_PER_SECOND;
        let server = Server::start(config).await.doing("starting the cloud")?;
        let mut asked = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())
            .doing("listening for the end")?;
        asked.recv().await;
        server.shutdown(DRAIN).await;
        Ok(())
    })
}
