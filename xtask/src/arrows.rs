//! Who may use whom: section 2 of ARCHITECTURE.md as data, held against every Cargo.toml.
//!
//! An arrow that is not in the table fails. Dev-dependencies are free: tests may build a whole
//! world. What a crate does with the standard library is not seen here; the wasm gate sees some.

use std::path::Path;

use crate::failure::Failure;
use crate::manifest::{Kind, Manifest};
use crate::say;
use crate::tree::Tree;

/// What one crate may and may not use.
struct Rule {
    package: &'static str,
    /// Crates of this workspace it may use.
    may: &'static [&'static str],
    /// Groups of outside crates it must not use.
    never: &'static [&'static [&'static str]],
    /// Whether its root must say `#![no_std]`.
    no_std: bool,
}

const ASYNC: &[&str] = &[
    "async-std",
    "async-trait",
    "futures",
    "futures-util",
    "smol",
    "tokio",
    "tokio-stream",
    "tokio-util",
];
const SOCKETS: &[&str] = &[
    "axum",
    "h2",
    "hyper",
    "hyper-util",
    "mio",
    "quinn",
    "quinn-proto",
    "reqwest",
    "rustls",
    "socket2",
    "tokio-rustls",
    "tonic",
    "tower",
    "tower-http",
    "ureq",
    "worker",
];
const SQL: &[&str] = &["diesel", "postgres", "rusqlite", "sqlx", "tokio-postgres"];
const SERDE: &[&str] = &["serde", "serde_json", "serde_with"];
const CLOCKS: &[&str] = &[
    "chrono",
    "coarsetime",
    "instant",
    "jiff",
    "time",
    "web-time",
];
const CHANCE: &[&str] = &["fastrand", "getrandom", "rand"];
const ENGINES: &[&str] = &[
    "candle-core",
    "candle-nn",
    "llama-cpp-sys-2",
    "llguidance",
    "nvml-wrapper",
    "sysinfo",
    "tokenizers",
];
/// The engines without what only looks at the machine: vitals are read beside the tunnel.
const RUNNERS: &[&str] = &[
    "candle-core",
    "candle-nn",
    "llama-cpp-sys-2",
    "llguidance",
    "tokenizers",
];
const PRINTING: &[&str] = &["anstream", "clap", "comfy-table", "indicatif", "inquire"];

const RULES: &[Rule] = &[
    Rule {
        package: "synesis-domain",
        may: &[],
        never: &[
            SERDE, CLOCKS, CHANCE, ASYNC, SOCKETS, SQL, ENGINES, PRINTING,
        ],
        no_std: true,
    },
    Rule {
        package: "synesis-wire",
        may: &["synesis-domain"],
        never: &[CLOCKS, CHANCE, ASYNC, SOCKETS, SQL, ENGINES, PRINTING],
        no_std: false,
    },
    Rule {
        package: "synesis-transport",
        may: &["synesis-wire"],
        never: &[SQL, ENGINES, PRINTING],
        no_std: false,
    },
    Rule {
        package: "synesis-privacy",
        may: &[],
        never: &[ASYNC, SOCKETS, ENGINES, PRINTING],
        no_std: false,
    },
    Rule {
        package: "synesis-core",
        may: &["synesis-domain", "synesis-privacy"],
        never: &[CLOCKS, CHANCE, ASYNC, SOCKETS, SQL, ENGINES, PRINTING],
        no_std: false,
    },
    Rule {
        package: "synesis-service",
        may: &["synesis-domain", "synesis-wire", "synesis-core"],
        never: &[CLOCKS, CHANCE, ASYNC, SOCKETS, SQL, ENGINES, PRINTING],
        no_std: false,
    },
    Rule {
        package: "synesis-models",
        may: &["synesis-core"],
        never: &[&["quinn", "quinn-proto", "axum", "worker"], SQL, PRINTING],
        no_std: false,
    },
    Rule {
        package: "synesis-knowledge",
        may: &[],
        never: &[SOCKETS, PRINTING],
        no_std: false,
    },
    Rule {
        package: "synesis-cloud",
        may: &[
            "synesis-domain",
            "synesis-wire",
            "synesis-transport",
            "synesis-privacy",
        ],
        never: &[RUNNERS, PRINTING],
        no_std: false,
    },
    Rule {
        package: "synesis-cli",
        may: &[
            "synesis-domain",
            "synesis-wire",
            "synesis-privacy",
            "synesis-core",
            "synesis-models",
            "synesis-knowledge",
            "synesis-cloud",
            "synesis-server",
        ],
        never: &[SQL, &["quinn", "axum", "worker"]],
        no_std: false,
    },
    Rule {
        package: "synesis-server",
        may: &[
            "synesis-domain",
            "synesis-wire",
            "synesis-transport",
            "synesis-core",
            "synesis-service",
            "synesis-models",
        ],
        never: &[&["worker"]],
        no_std: false,
    },
    Rule {
        package: "synesis-worker",
        may: &[
            "synesis-domain",
            "synesis-wire",
            "synesis-core",
            "synesis-service",
        ],
        never: &[
            &["tokio", "quinn", "axum", "hyper", "reqwest"],
            SQL,
            ENGINES,
            PRINTING,
        ],
        no_std: false,
    },
    Rule {
        package: "synesis-testkit",
        may: &[
            "synesis-domain",
            "synesis-wire",
            "synesis-transport",
            "synesis-privacy",
            "synesis-core",
            "synesis-service",
            "synesis-models",
            "synesis-knowledge",
            "synesis-cloud",
            "synesis-server",
        ],
        never: &[],
        no_std: false,
    },
    // It judges the others, so it builds without them.
    Rule {
        package: "xtask",
        may: &[],
        never: &[ASYNC, SOCKETS, SQL, ENGINES],
        no_std: false,
    },
    // It measures the others, with the doubles of their tests where the model or the line is not what
    // is measured. It is no part of the product.
    Rule {
        package: "synesis-bench",
        may: &[
            "synesis-domain",
            "synesis-wire",
            "synesis-privacy",
            "synesis-core",
            "synesis-service",
            "synesis-models",
            "synesis-knowledge",
            "synesis-cloud",
            "synesis-server",
            "synesis-testkit",
        ],
        never: &[],
        no_std: false,
    },
];

/// Checks every package of the checkout.
pub(crate) fn run(root: &Path) -> Result<(), Failure> {
    let tree = Tree::read(root)?;
    let broken = check(&tree);
    for line in &broken {
        say::note(line);
    }
    if broken.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!("{} arrows are not in ARCHITECTURE.md, section 2", broken.len()))
        .hint("remove the dependency, or change the table in xtask/src/arrows.rs and the document with a reason"))
}

fn check(tree: &Tree) -> Vec<String> {
    let mut broken = Vec::new();
    for folder in tree.members() {
        let path = if folder.is_empty() {
            "Cargo.toml".into()
        } else {
            format!("{folder}/Cargo.toml")
        };
        let Some(text) = tree.text(&path) else {
            continue;
        };
        match Manifest::parse(text) {
            Ok(manifest) => broken.extend(check_package(tree, folder, &path, &manifest)),
            Err(error) => broken.push(format!("{path}:1: no TOML: {error}")),
        }
    }
    broken
}

fn check_package(tree: &Tree, folder: &str, path: &str, manifest: &Manifest<'_>) -> Vec<String> {
    let package = manifest.str(&["package", "name"]).unwrap_or_default();
    let Some(rule) = RULES.iter().find(|rule| rule.package == package) else {
        return vec![format!(
            "{path}:1: {package} has no row in the table of arrows"
        )];
    };
    let mut broken = Vec::new();
    for dependency in manifest.dependencies() {
        if dependency.kind == Kind::Dev {
            continue;
        }
        let name = dependency.name.as_str();
        let refused = if name.starts_with("synesis-") || name == "xtask" {
            !rule.may.contains(&name)
        } else {
            rule.never.iter().any(|group| group.contains(&name))
        };
        if refused {
            broken.push(format!(
                "{path}:{}: {package} must not use {name}",
                dependency.line
            ));
        }
    }
    let lib = format!("{folder}/src/lib.rs");
    let says_no_std = |text: &str| text.lines().any(|line| line.trim() == "#![no_std]");
    if rule.no_std && !tree.text(&lib).is_some_and(says_no_std) {
        broken.push(format!("{lib}:1: {package} must be #![no_std]"));
    }
    broken
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(package: &str, rest: &str) -> Vec<String> {
        let manifest = format!("[package]\nname = \"{package}\"\n{rest}");
        check(&Tree::of(&[
            ("crates/c/Cargo.toml", &manifest),
            ("crates/c/src/lib.rs", "//! Head.\n#![no_std]\n"),
        ]))
    }

    #[test]
    fn a_listed_arrow_passes_and_an_unlisted_one_names_its_line() {
        let both =
            "[dependencies]\nsynesis-domain.workspace = true\nsynesis-core.workspace = true\n";
        assert_eq!(broken("synesis-service", both), [""; 0]);
        let expected = ["crates/c/Cargo.toml:5: synesis-wire must not use synesis-core"];
        assert_eq!(broken("synesis-wire", both), expected);
    }

    #[test]
    fn outside_crates_that_bring_a_clock_or_a_runtime_are_refused() {
        let serde = broken("synesis-domain", "[dependencies]\nserde = \"1\"\n");
        assert_eq!(
            serde,
            ["crates/c/Cargo.toml:4: synesis-domain must not use serde"]
        );
        let optional = broken(
            "synesis-core",
            "[target.'cfg(unix)'.dependencies]\nrt = { package = \"tokio\", optional = true }\n",
        );
        assert_eq!(
            optional,
            ["crates/c/Cargo.toml:4: synesis-core must not use tokio"]
        );
    }

    #[test]
    fn the_testkit_is_for_tests_only() {
        let dev = broken(
            "synesis-cloud",
            "[dev-dependencies]\nsynesis-testkit.workspace = true\n",
        );
        assert_eq!(dev, [""; 0]);
        let normal = broken(
            "synesis-cloud",
            "[dependencies]\nsynesis-testkit.workspace = true\n",
        );
        assert_eq!(
            normal,
            ["crates/c/Cargo.toml:4: synesis-cloud must not use synesis-testkit"]
        );
    }

    #[test]
    fn a_crate_without_a_row_fails() {
        assert_eq!(
            broken("synesis-extra", ""),
            ["crates/c/Cargo.toml:1: synesis-extra has no row in the table of arrows"]
        );
    }

    #[test]
    fn the_domain_stays_without_the_standard_library() {
        let tree = Tree::of(&[
            ("d/Cargo.toml", "[package]\nname = \"synesis-domain\"\n"),
            ("d/src/lib.rs", "//! Head.\n"),
        ]);
        assert_eq!(
            check(&tree),
            ["d/src/lib.rs:1: synesis-domain must be #![no_std]"]
        );
    }
}
