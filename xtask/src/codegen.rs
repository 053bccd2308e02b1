//! What is made from `proto/`: Rust by prost over protox, so that no protoc is needed, and the
//! contract's description, by which TypeScript reads it. Committed, so that a build needs neither.

use std::path::Path;

use crate::failure::{Failure, while_doing};
use crate::say;

/// A contract, where its Rust stands, and where its description.
struct Contract {
    proto: &'static str,
    rust: &'static str,
    description: &'static str,
}

const CONTRACTS: &[Contract] = &[Contract {
    proto: "cloud.proto",
    rust: "crates/synesis-wire/src/generated/superinstance.cloud.rs",
    description: "proto/golden/cloud.binpb",
}];

/// Messages that carry a secret: what is logged of them is written by hand, without it.
const SECRETS: &[&str] = &[
    ".superinstance.cloud.ProviderKeyRequest",
    ".superinstance.cloud.KeyCreateResponse",
];

/// Writes what is out of date, or only says so.
pub(crate) fn run(root: &Path, check: bool) -> Result<(), Failure> {
    for contract in CONTRACTS {
        let proto = contract.proto;
        let made = [
            (contract.rust, generate(root, proto)?.into_bytes()),
            (contract.description, describe(root, proto)?),
        ];
        for (target, wanted) in made {
            let path = root.join(target);
            if std::fs::read(&path).is_ok_and(|found| found == wanted) {
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
    }
    Ok(())
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)
            .map_err(while_doing(format!("cannot make {}", folder.display())))?;
    }
    std::fs::write(path, bytes).map_err(while_doing(format!("cannot write {}", path.display())))
}

/// The contract as a `FileDescriptorSet`, without comments.
fn describe(root: &Path, proto: &str) -> Result<Vec<u8>, Failure> {
    let mut compiler = protox::Compiler::new([root.join("proto")])
        .map_err(while_doing(format!("proto/{proto}")))?;
    compiler
        .include_imports(true)
        .open_file(proto)
        .map_err(while_doing(format!("proto/{proto}")))?;
    Ok(compiler.encode_file_descriptor_set())
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
        .skip_debug(SECRETS)
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
