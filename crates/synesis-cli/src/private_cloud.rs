//! The private cloud of this machine: `synesis-server` as a process of its own.
//!
//! It is this same program, started in the background with a log file, so there is nothing else to
//! install. After a crash it takes its old port again where that is free.

use std::fs::{self, File};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use synesis_server::ServerState;
use tokio::time::Instant;

use crate::error::{CliError, Context, ErrorKind};
use crate::home::{Home, create_private_dir};

/// How long the server may take to open its database and its port.
const START_TIMEOUT: Duration = Duration::from_secs(20);
/// How long calls that run may take to end after `cloud down`.
const STOP_TIMEOUT: Duration = Duration::from_secs(40);
/// How long the server on this machine may take to accept a connection.
const ANSWER_TIMEOUT: Duration = Duration::from_millis(500);
/// How often a file is looked at while another process starts or ends.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// How much of the server's log is shown when it does not start.
const LOG_LINES_SHOWN: usize = 8;

/// A private cloud, running or not.
#[derive(Debug, Clone)]
pub(crate) struct PrivateCloud {
    dir: PathBuf,
    home_dir: PathBuf,
}

/// How the server is to be started.
#[derive(Debug, Clone, Default)]
pub(crate) struct StartOptions {
    pub(crate) listen: Option<SocketAddr>,
    pub(crate) model: Option<String>,
    pub(crate) exit_when_idle: Option<Duration>,
}

/// A running server.
#[derive(Debug, Clone)]
pub(crate) struct Running {
    pub(crate) addr: SocketAddr,
    pub(crate) pid: u32,
}

impl PrivateCloud {
    pub(crate) fn of(home: &Home) -> Self {
        Self {
            dir: home.cloud_dir(),
            home_dir: home.data_dir().to_owned(),
        }
    }

    pub(crate) fn dir(&self) -> &std::path::Path {
        &self.dir
    }

    pub(crate) fn log_file(&self) -> PathBuf {
        self.dir.join("server.log")
    }

    /// Whether a private cloud was ever started here.
    pub(crate) fn exists(&self) -> bool {
        self.ca_file().is_file()
    }

    /// The certificate of its authority.
    pub(crate) fn ca_file(&self) -> PathBuf {
        self.dir.join("ca").join("ca.pem")
    }

    /// The token with which devices of this user enrol.
    pub(crate) fn enrolment_token(&self) -> Result<String, CliError> {
        let path = synesis_server::enrolment_token_path(&self.dir);
        let token = fs::read_to_string(&path)
            .context(ErrorKind::Cloud, format!("cannot read {}", path.display()))?;
        Ok(token.trim().to_owned())
    }

    /// The server that runs now. A note left by a killed one does not count: somebody must answer.
    pub(crate) fn running(&self) -> Option<Running> {
        let state = ServerState::read(&self.dir).ok().flatten()?;
        TcpStream::connect_timeout(&state.addr, ANSWER_TIMEOUT).ok()?;
        Some(Running {
            addr: state.addr,
            pid: state.pid,
        })
    }

    /// The address of the last server here, running or not.
    fn last_addr(&self) -> Option<SocketAddr> {
        ServerState::read(&self.dir)
            .ok()
            .flatten()
            .map(|state| state.addr)
    }

    /// Starts the server in the background unless it runs, and waits until it answers.
    pub(crate) async fn start(&self, options: &StartOptions) -> Result<Running, CliError> {
        if let Some(running) = self.running() {
            return Ok(running);
        }
        create_private_dir(&self.dir).context(
            ErrorKind::User,
            format!("cannot make {}", self.dir.display()),
        )?;
        let mut child = self.spawn(options)?;
        let deadline = Instant::now() + START_TIMEOUT;
        loop {
            if let Some(running) = self.running() {
                return Ok(running);
            }
            let ended = child.try_wait().ok().flatten();
            if let Some(status) = ended {
                // Another process may have won the race for the same folder.
                if let Some(running) = self.running() {
                    return Ok(running);
                }
                return Err(self.did_not_start(&format!("it ended with {status}")));
            }
            if Instant::now() > deadline {
                let _ = child.kill();
                return Err(
                    self.did_not_start(&format!("it did not answer within {START_TIMEOUT:?}"))
                );
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Asks the server to finish and waits for it. Says whether one was running.
    pub(crate) async fn stop(&self) -> Result<bool, CliError> {
        let Some(running) = self.running() else {
            return Ok(false);
        };
        let asked = Command::new("kill").arg(running.pid.to_string()).status();
        if !asked.is_ok_and(|status| status.success()) {
            return Err(
                CliError::user(format!("cannot stop the server, process {}", running.pid))
                    .hint("stop that process by hand"),
            );
        }
        let deadline = Instant::now() + STOP_TIMEOUT;
        while self.running().is_some() {
            if Instant::now() > deadline {
                return Err(CliError::user(format!(
                    "the server, process {}, does not end",
                    running.pid
                ))
                .hint(format!("its log is {}", self.log_file().display())));
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        Ok(true)
    }

    /// The last server's address, if nobody took it since.
    fn free_last_addr(&self) -> Option<SocketAddr> {
        let addr = self.last_addr()?;
        std::net::TcpListener::bind(addr).ok()?;
        Some(addr)
    }

    fn spawn(&self, options: &StartOptions) -> Result<Child, CliError> {
        let program = std::env::current_exe()
            .context(ErrorKind::User, "cannot find this program's own file")?;
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.log_file())
            .context(
                ErrorKind::User,
                format!("cannot write {}", self.log_file().display()),
            )?;
        let errors = log
            .try_clone()
            .context(ErrorKind::User, "cannot share the server's log")?;
        let mut command = Command::new(program);
        command
            .arg("--home")
            .arg(&self.home_dir)
            .args(["cloud", "up", "--foreground"]);
        if let Some(addr) = options.listen.or_else(|| self.free_last_addr()) {
            command.args(["--listen", &addr.to_string()]);
        }
        if let Some(model) = &options.model {
            command.args(["--model", model]);
        }
        if let Some(idle) = options.exit_when_idle {
            command.args(["--exit-when-idle", &idle.as_secs().to_string()]);
        }
        command.stdin(Stdio::null()).stdout(log).stderr(errors);
        // A group of its own: Ctrl-C in this terminal is not meant for the server.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        command
            .spawn()
            .context(ErrorKind::User, "cannot start the private cloud")
    }

    fn did_not_start(&self, why: &str) -> CliError {
        let log = fs::read_to_string(self.log_file()).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        let last = lines[lines.len().saturating_sub(LOG_LINES_SHOWN)..].join("\n             ");
        let cause = if last.is_empty() {
            why.to_owned()
        } else {
            format!("{why}; its log ends with:\n             {last}")
        };
        CliError::new(ErrorKind::Cloud, "the private cloud did not start")
            .because(cause)
            .hint(format!("the whole log is {}", self.log_file().display()))
            .hint("run `synesis cloud up --foreground` to see it start")
    }
}
