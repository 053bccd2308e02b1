//! A user of their own: an empty home, no environment, and every process gone at the end.

use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// The home of one user.
pub(crate) struct World {
    home: tempfile::TempDir,
}

/// What a command left behind.
pub(crate) struct Ran {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) code: Option<i32>,
}

impl Ran {
    fn of(output: &Output) -> Self {
        Self {
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            code: output.status.code(),
        }
    }

    /// The whole result in one text, for messages and snapshots.
    pub(crate) fn all(&self) -> String {
        format!(
            "exit: {:?}\n--- stdout\n{}--- stderr\n{}",
            self.code, self.stdout, self.stderr
        )
    }

    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        assert_eq!(self.code, Some(0), "{}", self.all());
        self
    }

    #[track_caller]
    pub(crate) fn failed(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}", self.all());
        self
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}\n{}", self.all()))
    }
}

impl World {
    pub(crate) fn new() -> Self {
        Self {
            home: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// The command with nothing of the developer's environment in it.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_synesis"));
        command.env_clear();
        for name in ["PATH", "TMPDIR", "LLVM_PROFILE_FILE"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        command
            .env("SYNESIS_HOME", self.home())
            .env("SYNESIS_MODEL", "builtin");
        command
            .args(args)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        Ran::of(&self.command(args).output().unwrap())
    }

    pub(crate) fn run_with_stdin(&self, args: &[&str], stdin: &[u8]) -> Ran {
        finish_with_stdin(&mut self.command(args), stdin)
    }

    pub(crate) fn start(&self, args: &[&str]) -> Child {
        self.command(args).spawn().unwrap()
    }

    /// What the private cloud wrote about itself, if it did.
    fn cloud_state(&self) -> Option<Value> {
        let state = std::fs::read(self.file("cloud/server.json")).ok()?;
        serde_json::from_slice(&state).ok()
    }

    /// The process id of the private cloud, if it wrote one.
    pub(crate) fn cloud_pid(&self) -> Option<u32> {
        u32::try_from(self.cloud_state()?["pid"].as_u64()?).ok()
    }

    /// Kills the private cloud without a word, and waits until nobody answers in its place: a signal
    /// is sent before it is felt.
    pub(crate) fn kill_cloud(&self) {
        let Some(pid) = self.cloud_pid() else { return };
        signal(pid, "KILL");
        let addr = self.cloud_state().and_then(|state| {
            let addr: Option<SocketAddr> = state["addr"].as_str()?.parse().ok();
            addr
        });
        let deadline = Instant::now() + Duration::from_secs(5);
        let is_alive = || {
            let answers = addr.is_some_and(|addr| TcpStream::connect(addr).is_ok());
            answers && self.cloud_pid() == Some(pid)
        };
        while is_alive() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.kill_cloud();
    }
}

/// Runs a command to its end with this on its stdin.
pub(crate) fn finish_with_stdin(command: &mut Command, stdin: &[u8]) -> Ran {
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    let mut pipe = child.stdin.take().unwrap();
    let bytes = stdin.to_vec();
    let writer = std::thread::spawn(move || {
        // The program may end before it has read all: that is its right.
        let _ = pipe.write_all(&bytes);
    });
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    Ran::of(&output)
}

/// Ends a child that was started and gives what it printed.
pub(crate) fn finish(child: Child) -> Ran {
    Ran::of(&child.wait_with_output().unwrap())
}

pub(crate) fn signal(pid: u32, name: &str) {
    let _ = Command::new("kill")
        .args([&format!("-{name}"), &pid.to_string()])
        .stderr(Stdio::null())
        .status();
}
