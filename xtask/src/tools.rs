//! What the gates need beyond Rust and a C compiler: found on the machine, or installed.
//!
//! Tools written in Rust are built into `target/tools` when the machine has none. Debian's
//! packages are installed where that is possible without asking (as root); elsewhere the command
//! is told. Nothing else of the machine is changed.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::Failure;
use crate::process;
use crate::say;

/// The target of the pure crates.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// A cargo subcommand of its own binary.
pub(crate) struct Tool {
    name: &'static str,
    version: &'static str,
    install: &'static [&'static str],
    cost: &'static str,
}

/// Runs the tests. Like every tool here built without optimisation: none works for long.
pub(crate) const NEXTEST: Tool = Tool {
    name: "cargo-nextest",
    version: "0.9.143",
    install: &[
        "--debug",
        "--no-default-features",
        "--features",
        "default-no-update",
    ],
    cost: "about three minutes on two cores",
};

/// Judges the dependencies.
pub(crate) const DENY: Tool = Tool {
    name: "cargo-deny",
    version: "0.20.2",
    install: &["--debug", "--no-default-features"],
    cost: "about two minutes on two cores",
};

impl Tool {
    /// The command of the tool, built first where the machine has none.
    pub(crate) fn command(&self, root: &Path) -> Result<Command, Failure> {
        if process::succeeds(process::program(root, self.name).arg("--version")) {
            return Ok(process::program(root, self.name));
        }
        let built = root.join("target/tools/bin").join(self.name);
        if !built.is_file() {
            say::note(format!(
                "{} is not here: building it once ({})",
                self.name, self.cost
            ));
            process::run(
                process::cargo(root, ["install", self.name, "--version", self.version])
                    .args(["--locked", "--root", "target/tools"])
                    // Its own folder, which cargo removes again.
                    .env_remove("CARGO_TARGET_DIR")
                    .args(self.install),
            )?;
        }
        Ok(process::program(root, built))
    }
}

/// Makes sure that the pure crates can be compiled for wasm.
pub(crate) fn wasm_target(root: &Path) -> Result<(), Failure> {
    let sysroot = process::output(process::program(root, "rustc").args(["--print", "sysroot"]))?;
    if Path::new(sysroot.trim())
        .join("lib/rustlib")
        .join(WASM)
        .is_dir()
    {
        return Ok(());
    }
    process::run(process::program(root, "rustup").args(["target", "add", WASM]))
        .map_err(|failure| failure.hint(format!("install Rust's standard library for {WASM}")))
}

/// Makes sure that llama.cpp can be built: cmake, and libclang for its bindings.
pub(crate) fn llama_build_tools(root: &Path) -> Result<(), Failure> {
    let cmake = process::succeeds(process::program(root, "cmake").arg("--version"));
    let missing: Vec<&str> = [("cmake", cmake), ("libclang-dev", has_libclang())]
        .into_iter()
        .filter_map(|(package, present)| (!present).then_some(package))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    install(root, "llama.cpp cannot be built", &missing)
}

/// Tries to have PostgreSQL's programs here. Without them its tests say so and are skipped.
pub(crate) fn postgres(root: &Path) {
    let folders = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten();
    let here = on_path("initdb").is_some()
        || folders
            .flatten()
            .any(|version| version.path().join("bin/initdb").is_file());
    if here {
        return;
    }
    if let Err(failure) = install(root, "the tests on PostgreSQL are skipped", &["postgresql"]) {
        say::note(failure.to_string());
    }
}

/// Installs Debian's packages where that is possible without asking; elsewhere says what to do.
fn install(root: &Path, trouble: &str, missing: &[&str]) -> Result<(), Failure> {
    let by_hand = format!("apt-get install -y {}", missing.join(" "));
    let is_root =
        process::output(process::program(root, "id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    if !is_root || !process::succeeds(process::program(root, "apt-get").arg("--version")) {
        return Err(
            Failure::new(format!("{trouble} without {}", missing.join(" and "))).hint(format!(
                "on Debian: `sudo {by_hand}`; elsewhere the packages of those names"
            )),
        );
    }
    say::note(format!("installing {}", missing.join(" and ")));
    let apt = || {
        let mut apt = process::program(root, "apt-get");
        apt.env("DEBIAN_FRONTEND", "noninteractive")
            .args(["-qq", "-o", "DPkg::Lock::Timeout=300"]);
        apt
    };
    process::run(apt().arg("update"))?;
    process::run(
        apt()
            .args(["install", "-y", "--no-install-recommends"])
            .args(missing),
    )
    .map_err(|failure| failure.hint(by_hand))
}

/// A Chromium of this machine, installed first where there is none. `CHROMIUM` names another.
pub(crate) fn chromium(root: &Path) -> Result<PathBuf, Failure> {
    if let Some(chosen) = std::env::var_os("CHROMIUM") {
        return Ok(chosen.into());
    }
    let found = || {
        ["chromium", "chromium-browser", "google-chrome"]
            .iter()
            .find_map(|name| on_path(name))
    };
    if let Some(path) = found() {
        return Ok(path);
    }
    install(root, "the pages cannot be tried", &["chromium"])?;
    found().ok_or_else(|| {
        Failure::new("the pages cannot be tried without Chromium")
            .hint("install it, and name its program in CHROMIUM")
    })
}

/// Node, npm, and the packages that the lock file of a folder names, installed first where they
/// are missing.
pub(crate) fn node_packages(root: &Path, folder: &Path, trouble: &str) -> Result<(), Failure> {
    let missing: Vec<&str> = [("node", "nodejs"), ("npm", "npm")]
        .into_iter()
        .filter_map(|(program, package)| on_path(program).is_none().then_some(package))
        .collect();
    if !missing.is_empty() {
        install(root, trouble, &missing)?;
    }
    if has_packages(folder) {
        return Ok(());
    }
    process::run(process::program(folder, "npm").args(["ci", "--no-audit", "--no-fund"]))
        .map_err(|failure| failure.hint("npm needs its registry once"))
}

/// Whether what lies there is what the lock file names: npm notes what it installed.
fn has_packages(folder: &Path) -> bool {
    let changed =
        |path: &str| std::fs::metadata(folder.join(path)).and_then(|found| found.modified());
    match (
        changed("package-lock.json"),
        changed("node_modules/.package-lock.json"),
    ) {
        (Ok(wanted), Ok(installed)) => installed >= wanted,
        _ => false,
    }
}

fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|program| program.is_file())
}

/// Whether the bindings' generator will find a libclang with its headers.
fn has_libclang() -> bool {
    if std::env::var_os("LIBCLANG_PATH").is_some() {
        return true;
    }
    let mut folders: Vec<PathBuf> = [
        "/usr/lib",
        "/usr/lib64",
        "/usr/local/lib",
        "/opt/homebrew/opt/llvm/lib",
    ]
    .map(PathBuf::from)
    .to_vec();
    if let Ok(entries) = std::fs::read_dir("/usr/lib") {
        let versions = entries.flatten().map(|entry| entry.path());
        let is_llvm = |path: &PathBuf| {
            path.file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with("llvm-"))
        };
        folders.extend(versions.filter(is_llvm).map(|path| path.join("lib")));
    }
    folders.iter().any(|folder| {
        ["libclang.so", "libclang.dylib"]
            .iter()
            .any(|name| folder.join(name).exists())
    })
}
