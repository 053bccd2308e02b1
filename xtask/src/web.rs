//! The pages of the cloud, tried in Chromium: a real server, real mails, a real device.

use std::path::Path;

use crate::failure::Failure;
use crate::process;
use crate::tools;

/// Installs what the browser test needs, builds both programs and runs it.
pub(crate) fn run(root: &Path) -> Result<(), Failure> {
    let web = root.join("web");
    tools::node_packages(root, &web, "the pages cannot be tried")?;
    let chromium = tools::chromium(root)?;
    // As the gate of the tests built them: asked for alone, both programs would be compiled again with
    // fewer features of the same crates.
    let build = ["test", "--workspace", "--locked", "--no-run", "--quiet"];
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
