//! The pages of the cloud, tried in Chromium: a real server, real mails, a real device.

use std::path::Path;

use crate::failure::Failure;
use crate::process;
use crate::tools;

/// Installs what the browser test needs, builds both programs and runs it.
pub(crate) fn run(root: &Path) -> Result<(), Failure> {
    tools::node(root)?;
    let chromium = tools::chromium(root)?;
    let web = root.join("web");
    if !is_installed(&web) {
        process::run(process::program(&web, "npm").args(["ci", "--no-audit", "--no-fund"]))
            .map_err(|failure| failure.hint("npm needs its registry once"))?;
    }
    let build = [
        "build",
        "--locked",
        "-p",
        "synesis-cli",
        "-p",
        "synesis-server",
    ];
    process::run(&mut process::cargo(root, build))?;
    let target = match std::env::var_os("CARGO_TARGET_DIR") {
        Some(target) => root.join(target),
        None => root.join("target"),
    };
    let program = |name: &str| {
        let name = format!("{name}{}", std::env::consts::EXE_SUFFIX);
        target.join("debug").join(name)
    };
    process::run(
        process::program(&web, "npm")
            .args(["test", "--silent"])
            .env("CHROMIUM", chromium)
            .env("SYNESIS", program("synesis"))
            .env("SYNESIS_SERVER", program("synesis-server")),
    )
}

/// Whether what lies there is what the lock file names: npm notes what it installed.
fn is_installed(web: &Path) -> bool {
    let changed = |path: &str| std::fs::metadata(web.join(path)).and_then(|found| found.modified());
    match (
        changed("package-lock.json"),
        changed("node_modules/.package-lock.json"),
    ) {
        (Ok(wanted), Ok(installed)) => installed >= wanted,
        _ => false,
    }
}
