//! The Rust made from `proto/`: prost over protox, so that no protoc is needed. Committed, so
//! that a build needs neither.

use std::path::Path;

use crate::failure::{Failure, while_doing};
use crate::say;

/// A contract, and where its Rust stands.
const CONTRACTS: &[(&str, &str)] = &[(
    "cloud.proto",
    "crates/synesis-wire/src/generated/superinstance.cloud.rs",
)];

/// Writes what is out of date, or only says so.
pub(crate) fn run(root: &Path, check: bool) -> Result<(), Failure> {
    for (proto, target) in CONTRACTS {
        let wanted = generate(root, proto)?;
        let path = root.join(target);
        if std::fs::read_to_string(&path).is_ok_and(|found| found == wanted) {
            continue;
        }
        if check {
            return Err(
                Failure::new(format!("{target} is not what proto/{proto} makes"))
                    .hint("run `cargo xtask codegen` and commit what it writes"),
            );
        }
        write(&path, &wanted)?;
        say::line(format!("wrote {target}"));
    }
    Ok(())
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)
            .map_err(while_doing(format!("cannot make {}", folder.display())))?;
    }
    std::fs::write(path, text).map_err(while_doing(format!("cannot write {}", path.display())))
}

fn generate(root: &Path, proto: &str) -> Result<String, Failure> {
    let set = protox::compile([proto], [root.join("proto")])
        .map_err(while_doing(format!("proto/{proto}")))?;
    let modules = set.file.into_iter().map(|file| {
        (
            prost_build::Module::from_protobuf_package_name(file.package()),
            file,
        )
    });
    let generated = prost_build::Config::new()
        .bytes(["."])
        .generate(modules.collect())
        .map_err(while_doing(format!("proto/{proto}")))?;
    let mut texts = generated.into_values();
    match (texts.next(), texts.next()) {
        (Some(text), None) => Ok(text),
        _ => Err(Failure::new(format!(
            "proto/{proto} must make exactly one module"
        ))),
    }
}
