//! The gates: section 8 of ARCHITECTURE.md, in its order.

use std::path::Path;

use crate::failure::Failure;
use crate::process;
use crate::say;
use crate::tools;
use crate::{arrows, codegen, tidy, web};

/// One thing that must hold before a change lands.
pub(crate) struct Gate {
    pub(crate) name: &'static str,
    pub(crate) promise: &'static str,
    pub(crate) run: fn(&Path) -> Result<(), Failure>,
}

/// Every gate, cheap ones first.
pub(crate) const GATES: &[Gate] = &[
    Gate {
        name: "setup",
        promise: "the machine has what the gates need",
        run: setup,
    },
    Gate {
        name: "fmt",
        promise: "the code is formatted",
        run: fmt,
    },
    Gate {
        name: "tidy",
        promise: "files and folders are where they belong",
        run: tidy::run,
    },
    Gate {
        name: "arrows",
        promise: "crates use only what they may",
        run: arrows::run,
    },
    Gate {
        name: "clippy",
        promise: "no warning of the compiler or of clippy",
        run: clippy,
    },
    Gate {
        name: "nextest",
        promise: "every test passes",
        run: nextest,
    },
    Gate {
        name: "golden",
        promise: "Rust and TypeScript read each other's messages",
        run: golden,
    },
    Gate {
        name: "llama-cpp",
        promise: "both engines agree",
        run: llama_cpp,
    },
    Gate {
        name: "web",
        promise: "people get through the pages in a browser",
        run: web::run,
    },
    Gate {
        name: "doctest",
        promise: "examples in the documentation work",
        run: doctest,
    },
    Gate {
        name: "wasm",
        promise: "the pure crates compile for the browser and Workers",
        run: wasm,
    },
    Gate {
        name: "docs",
        promise: "the documentation builds without a warning",
        run: docs,
    },
    Gate {
        name: "deny",
        promise: "licences, bans and sources of dependencies",
        run: deny,
    },
    Gate {
        name: "codegen",
        promise: "generated code is up to date",
        run: codegen_check,
    },
];

/// The crates without I/O, as compiled for wasm.
const PURE: &[&str] = &[
    "synesis-domain",
    "synesis-wire",
    "synesis-privacy",
    "synesis-core",
    "synesis-service",
];

fn setup(root: &Path) -> Result<(), Failure> {
    tools::wasm_target(root)?;
    tools::llama_build_tools(root)?;
    tools::postgres(root);
    tools::NEXTEST.command(root).map(drop)
}

fn fmt(root: &Path) -> Result<(), Failure> {
    process::run(&mut process::cargo(root, ["fmt", "--all", "--check"]))
        .map_err(|failure| failure.hint("run `cargo fmt --all`"))
}

fn clippy(root: &Path) -> Result<(), Failure> {
    let args = [
        "clippy",
        "--workspace",
        "--all-targets",
        "--locked",
        "--",
        "-D",
        "warnings",
    ];
    process::run(&mut process::cargo(root, args))
}

fn nextest(root: &Path) -> Result<(), Failure> {
    let args = [
        "nextest",
        "run",
        "--workspace",
        "--locked",
        "--profile",
        "ci",
    ];
    process::run(tools::NEXTEST.command(root)?.args(args))
}

/// TypeScript's half; Rust's is a test of `synesis-wire`.
fn golden(root: &Path) -> Result<(), Failure> {
    let folder = root.join("proto/golden");
    tools::node_packages(root, &folder, "TypeScript cannot be tried")?;
    process::run(
        process::program(&folder, "npm")
            .args(["test", "--silent"])
            .env_remove("SYNESIS_GOLDEN"),
    )
    .map_err(|failure| {
        failure.hint("see proto/golden/golden.test.mjs for how the vectors are written anew")
    })
}

/// The whole workspace is named, so that cargo chooses the same features for everything else and
/// compiles none of it again.
fn llama_cpp(root: &Path) -> Result<(), Failure> {
    tools::llama_build_tools(root)?;
    let args = [
        "nextest",
        "run",
        "--workspace",
        "--features",
        "synesis-models/llama-cpp",
    ];
    process::run(
        tools::NEXTEST
            .command(root)?
            .args(args)
            .args(["--filterset", "package(synesis-models)"])
            .args(["--locked", "--profile", "ci"])
            .env("CMAKE_BUILD_PARALLEL_LEVEL", "2"),
    )
}

fn doctest(root: &Path) -> Result<(), Failure> {
    process::run(&mut process::cargo(
        root,
        ["test", "--workspace", "--locked", "--doc", "--quiet"],
    ))
}

fn wasm(root: &Path) -> Result<(), Failure> {
    tools::wasm_target(root)?;
    let packages = PURE.iter().flat_map(|package| ["--package", package]);
    let args = ["check", "--locked", "--lib", "--target", tools::WASM];
    process::run(&mut process::cargo(root, args.into_iter().chain(packages)))
}

fn docs(root: &Path) -> Result<(), Failure> {
    let args = ["doc", "--workspace", "--locked", "--no-deps"];
    process::run(process::cargo(root, args).env("RUSTDOCFLAGS", "-D warnings"))
}

fn deny(root: &Path) -> Result<(), Failure> {
    let check = |args: &[&str]| {
        let mut command = tools::DENY.command(root)?;
        command
            .args(["--locked", "check", "--hide-inclusion-graph"])
            .args(args);
        process::run(&mut command)
    };
    check(&["bans", "licenses", "sources"])?;
    let fetched = process::succeeds(tools::DENY.command(root)?.args(["fetch", "db"]));
    if !fetched {
        say::note("the advisory database cannot be reached from here: advisories were skipped");
        return Ok(());
    }
    check(&["--disable-fetch", "advisories"])
}

fn codegen_check(root: &Path) -> Result<(), Failure> {
    codegen::run(root, true)
}
