//! A PostgreSQL of its own for a test, from the programs that the system has.
//!
//! Its files lie in a temporary folder and go with it; it listens on a socket there and nowhere
//! else. Files of a fresh instance are made once a machine and then copied, which takes a tenth of
//! the time. Where the programs are missing the test says so and is skipped.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Longer than the slowest machine needs to start.
const START_TIMEOUT: Duration = Duration::from_secs(60);
const READY_POLL: Duration = Duration::from_millis(20);
const SETTINGS: [&str; 6] = [
    "listen_addresses=",
    "fsync=off",
    "full_page_writes=off",
    "shared_buffers=16MB",
    "unix_socket_permissions=0777",
    "log_min_messages=warning",
];

/// A running PostgreSQL with one empty database. It ends with this value.
#[derive(Debug)]
pub struct ThrowawayPostgres {
    programs: Programs,
    folder: TempDir,
    server: Child,
}

impl ThrowawayPostgres {
    /// Starts an instance; `None`, with the reason on stderr, where this machine cannot.
    #[must_use]
    pub fn start() -> Option<Self> {
        match Programs::find() {
            Ok(programs) => Some(Self::start_with(programs)),
            Err(reason) => {
                let _ = writeln!(std::io::stderr(), "skipped on PostgreSQL: {reason}");
                None
            }
        }
    }

    fn start_with(programs: Programs) -> Self {
        let template = programs.template();
        let folder = tempfile::tempdir().expect("no temporary folder");
        programs.own(folder.path());
        programs.run(
            Command::new("cp")
                .arg("-R")
                .arg(template)
                .arg(data(folder.path())),
        );
        let server = programs.serve(folder.path());
        let started = Self {
            programs,
            folder,
            server,
        };
        started.wait_until_ready();
        started
    }

    /// The address of the empty database, which anybody on this machine may use.
    #[must_use]
    pub fn url(&self) -> String {
        let folder = self.folder.path().to_str().expect("an odd folder");
        let folder = folder.replace('%', "%25").replace(' ', "%20");
        format!("postgres://synesis@/postgres?host={folder}")
    }

    /// Kills the instance in the middle of whatever it does, and starts it again.
    pub fn kill_and_restart(&mut self) {
        self.kill();
        self.resume();
    }

    /// Ends the instance in the middle of whatever it does, with every connection: a kill of its first
    /// process alone would let the others answer for a while.
    pub fn kill(&mut self) {
        let mut quit = Command::new(self.programs.folder.join("pg_ctl"));
        quit.args([
            "stop",
            "--no-wait",
            "--silent",
            "--mode=immediate",
            "--pgdata",
        ])
        .arg(data(self.folder.path()))
        .current_dir("/")
        .stdout(Stdio::null())
        .stderr(Stdio::null());
        self.programs.substitute(&mut quit);
        if !quit.status().is_ok_and(|status| status.success()) {
            let _ = self.server.kill();
        }
        let _ = self.server.wait();
    }

    /// Starts a killed instance again.
    pub fn resume(&mut self) {
        self.server = self.programs.serve(self.folder.path());
        self.wait_until_ready();
    }

    fn wait_until_ready(&self) {
        let started = Instant::now();
        while !self.is_ready() {
            assert!(
                started.elapsed() < START_TIMEOUT,
                "PostgreSQL did not start: {}",
                std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
            );
            std::thread::sleep(READY_POLL);
        }
    }

    fn is_ready(&self) -> bool {
        let mut ready = Command::new(self.programs.folder.join("psql"));
        ready
            .arg("--host")
            .arg(self.folder.path())
            .args(["--username=synesis", "--dbname=postgres", "--command="])
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        ready.status().is_ok_and(|status| status.success())
    }
}

impl Drop for ThrowawayPostgres {
    fn drop(&mut self) {
        self.kill();
    }
}

fn data(folder: &Path) -> PathBuf {
    folder.join("data")
}

/// The programs, and whom they run as: never root, which they refuse.
#[derive(Debug)]
struct Programs {
    folder: PathBuf,
    version: String,
    user: Option<(u32, u32)>,
}

impl Programs {
    fn find() -> Result<Self, String> {
        if !cfg!(unix) {
            return Err("it is started on Unix only".to_owned());
        }
        let folder = folders()
            .into_iter()
            .find(|folder| {
                ["initdb", "pg_ctl", "postgres", "psql"]
                    .iter()
                    .all(|name| folder.join(name).is_file())
            })
            .ok_or("its programs are not here; Debian has them in the package postgresql")?;
        let version = Command::new(folder.join("postgres"))
            .arg("--version")
            .output()
            .map_err(|error| error.to_string())?;
        // `postgres (PostgreSQL) 15.18 (…)`
        let version = String::from_utf8_lossy(&version.stdout)
            .split_whitespace()
            .nth(2)
            .ok_or("postgres does not say its version")?
            .to_owned();
        Ok(Self {
            folder,
            version,
            user: substitute()?,
        })
    }

    /// The files of a fresh instance.
    fn template(&self) -> PathBuf {
        let (uid, _) = self.user.unwrap_or_else(own_ids);
        let name = format!("synesis-postgres-{}-{uid}", self.version);
        let template = std::env::temp_dir().join(name);
        if is_of(&template, uid) {
            return template;
        }
        let making = tempfile::tempdir().expect("no temporary folder");
        self.own(making.path());
        self.run(
            Command::new(self.folder.join("initdb"))
                .args(["--username=synesis", "--auth=trust", "--no-sync"])
                .args(["--encoding=UTF8", "--locale=C", "--pgdata"])
                .arg(data(making.path())),
        );
        // Where another test was faster its files are as good.
        let moved = std::fs::rename(data(making.path()), &template);
        assert!(
            moved.is_ok() || is_of(&template, uid),
            "{} cannot be made: {moved:?}",
            template.display()
        );
        template
    }

    fn serve(&self, folder: &Path) -> Child {
        let log = std::fs::File::create(folder.join("log")).expect("no log");
        let mut server = Command::new(self.folder.join("postgres"));
        server
            .arg("-D")
            .arg(data(folder))
            .arg("-k")
            .arg(folder)
            .args(SETTINGS.iter().flat_map(|setting| ["-c", setting]))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .current_dir(folder);
        self.substitute(&mut server);
        server.spawn().expect("PostgreSQL cannot be run")
    }

    fn run(&self, command: &mut Command) {
        command.current_dir("/");
        self.substitute(command);
        let output = command.output().expect("a program cannot be run");
        assert!(
            output.status.success(),
            "{command:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }

    #[cfg(unix)]
    fn substitute(&self, command: &mut Command) {
        use std::os::unix::process::CommandExt;
        if let Some((uid, gid)) = self.user {
            command.uid(uid).gid(gid);
        }
    }

    /// Gives a folder to whom the programs run as.
    #[cfg(unix)]
    fn own(&self, folder: &Path) {
        if let Some((uid, gid)) = self.user {
            std::os::unix::fs::chown(folder, Some(uid), Some(gid)).expect("no chown");
        }
    }

    #[cfg(not(unix))]
    fn substitute(&self, _: &mut Command) {}

    #[cfg(not(unix))]
    fn own(&self, _: &Path) {}
}

/// Where the programs may be: on the path, or where Debian keeps them, the newest first.
fn folders() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    if let Ok(versions) = std::fs::read_dir("/usr/lib/postgresql") {
        let mut found: Vec<PathBuf> = versions
            .flatten()
            .map(|version| version.path().join("bin"))
            .collect();
        found.sort();
        folders.extend(found.into_iter().rev());
    }
    folders
}

/// Whom the programs run as in place of root.
fn substitute() -> Result<Option<(u32, u32)>, String> {
    if own_ids().0 != 0 {
        return Ok(None);
    }
    let users = std::fs::read_to_string("/etc/passwd").map_err(|error| error.to_string())?;
    ["postgres", "nobody"]
        .iter()
        .find_map(|name| ids_of(&users, name))
        .map(Some)
        .ok_or_else(|| "root has no other user to run it as".to_owned())
}

fn ids_of(users: &str, name: &str) -> Option<(u32, u32)> {
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        if fields.next()? != name {
            return None;
        }
        let uid = fields.nth(1)?.parse().ok()?;
        Some((uid, fields.next()?.parse().ok()?))
    })
}

#[cfg(unix)]
fn own_ids() -> (u32, u32) {
    use std::os::unix::fs::MetadataExt;
    let probe = tempfile::tempdir().expect("no temporary folder");
    let made = std::fs::metadata(probe.path()).expect("no temporary folder");
    (made.uid(), made.gid())
}

/// Whether a folder is there, is no link, and belongs to this user.
#[cfg(unix)]
fn is_of(folder: &Path, uid: u32) -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::symlink_metadata(folder).is_ok_and(|found| found.is_dir() && found.uid() == uid)
}

#[cfg(not(unix))]
fn own_ids() -> (u32, u32) {
    (0, 0)
}

#[cfg(not(unix))]
fn is_of(folder: &Path, _: u32) -> bool {
    folder.is_dir()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_found_by_their_whole_name() {
        let users = "root:x:0:0::/root:/bin/sh\npostgres2:x:7:8:::\npostgres:x:105:110:::\n";
        assert_eq!(ids_of(users, "postgres"), Some((105, 110)));
        assert_eq!(ids_of(users, "nobody"), None);
    }
}
