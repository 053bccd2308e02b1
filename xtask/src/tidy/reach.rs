//! Every source file is compiled: reached from a crate root through module declarations.

use std::collections::BTreeSet;

use super::Finding;
use super::scan::{Mention, mentions};
use crate::manifest::Manifest;
use crate::tree::Tree;

/// A source that cargo never compiles looks like code and tests, and is neither.
pub(super) fn every_source_is_compiled(tree: &Tree) -> Vec<Finding> {
    let mut reached = BTreeSet::new();
    for package in tree.packages() {
        for root in roots(tree, package) {
            walk(tree, package, &root, true, &mut reached);
        }
    }
    tree.paths()
        .filter(|path| path.ends_with(".rs") && !reached.contains(*path))
        .map(|path| {
            Finding::new(
                path,
                1,
                "never compiled",
                "declare it with `mod`, or remove it",
            )
        })
        .collect()
}

/// The files cargo starts from, by place or by name in the manifest.
fn roots(tree: &Tree, package: &str) -> BTreeSet<String> {
    let manifest = tree.text(&join(package, "Cargo.toml")).unwrap_or_default();
    let named = Manifest::parse(manifest).map(|manifest| manifest.target_paths());
    let mut roots: BTreeSet<String> = named
        .unwrap_or_default()
        .iter()
        .map(|path| join(package, path))
        .collect();
    for file in ["src/lib.rs", "src/main.rs", "build.rs"] {
        roots.insert(join(package, file));
    }
    for folder in ["src/bin/", "tests/", "benches/", "examples/"] {
        let folder = join(package, folder);
        roots.extend(
            tree.paths()
                .filter(|path| is_root_in(path, &folder))
                .map(str::to_owned),
        );
    }
    roots.retain(|root| tree.has(root));
    roots
}

/// `folder/name.rs` or `folder/name/main.rs`.
fn is_root_in(path: &str, folder: &str) -> bool {
    let Some(rest) = path.strip_prefix(folder) else {
        return false;
    };
    match rest.split_once('/') {
        None => rest.ends_with(".rs"),
        Some((_, file)) => file == "main.rs",
    }
}

/// Marks a file and all that it names. `owns_folder`: its modules stand beside it, as for a crate
/// root, a `mod.rs` and a file named by `#[path]`.
fn walk(tree: &Tree, package: &str, file: &str, owns_folder: bool, reached: &mut BTreeSet<String>) {
    let Some(text) = tree.text(file) else { return };
    if !reached.insert(file.to_owned()) {
        return;
    }
    let folder = parent(file);
    let own = if owns_folder {
        folder.to_owned()
    } else {
        file.trim_end_matches(".rs").to_owned()
    };
    for mention in mentions(text) {
        match mention {
            Mention::Module { within, name } => {
                let base = within
                    .iter()
                    .fold(own.clone(), |base, name| join(&base, name));
                walk(
                    tree,
                    package,
                    &join(&base, &format!("{name}.rs")),
                    false,
                    reached,
                );
                walk(
                    tree,
                    package,
                    &join(&base, &format!("{name}/mod.rs")),
                    true,
                    reached,
                );
            }
            Mention::Path { within, file } => {
                let base = if within.is_empty() {
                    folder.to_owned()
                } else {
                    own.clone()
                };
                let base = within.iter().fold(base, |base, name| join(&base, name));
                walk(tree, package, &join(&base, &file), true, reached);
            }
            Mention::Include { file } => walk(tree, package, &join(folder, &file), true, reached),
            Mention::Glob { glob } => {
                let glob = join(package, &glob);
                let matching: Vec<_> = tree.paths().filter(|path| matches(path, &glob)).collect();
                for path in matching {
                    walk(tree, package, path, true, reached);
                }
            }
        }
    }
}

fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Joins with `..` taken out; "" is the root.
fn join(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    // The last part keeps a trailing slash when it had one.
    for part in path.split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// One `*` within one folder.
fn matches(path: &str, glob: &str) -> bool {
    let Some((before, after)) = glob.split_once('*') else {
        return path == glob;
    };
    path.strip_prefix(before)
        .and_then(|rest| rest.strip_suffix(after))
        .is_some_and(|middle| !middle.contains('/'))
}

#[cfg(test)]
mod tests {
    use super::super::places;
    use super::*;

    const PACKAGE: (&str, &str) = ("c/Cargo.toml", "[package]\nname = \"c\"\n");

    fn unreached(files: &[(&str, &str)]) -> Vec<String> {
        let mut all = vec![PACKAGE];
        all.extend(files);
        places(every_source_is_compiled, &all)
    }

    #[test]
    fn a_file_that_no_module_declares_is_found() {
        let files = [
            ("c/src/lib.rs", "mod a; mod d;"),
            ("c/src/a.rs", "mod b;"),
            ("c/src/a/b.rs", ""),
            ("c/src/b.rs", ""),
            ("c/src/d/mod.rs", "mod e;"),
            ("c/src/d/e.rs", ""),
        ];
        assert_eq!(unreached(&files), ["c/src/b.rs:1"]);
    }

    #[test]
    fn every_kind_of_crate_root_counts() {
        let files = [
            ("c/build.rs", ""),
            ("c/src/main.rs", ""),
            ("c/src/bin/tool.rs", ""),
            ("c/src/bin/big/main.rs", "mod part;"),
            ("c/src/bin/big/part.rs", ""),
            ("c/tests/it/main.rs", "mod one;"),
            ("c/tests/it/one.rs", ""),
            ("c/tests/it/two.rs", ""),
            ("c/benches/speed.rs", ""),
            ("c/examples/show.rs", ""),
            ("loose.rs", ""),
        ];
        assert_eq!(unreached(&files), ["c/tests/it/two.rs:1", "loose.rs:1"]);
    }

    #[test]
    fn paths_includes_and_compile_fail_cases_count() {
        let files = [
            (
                "c/src/lib.rs",
                "#[path = \"unix/real.rs\"] mod a; include!(\"../made/b.rs\");",
            ),
            ("c/src/unix/real.rs", "mod beside;"),
            ("c/src/unix/beside.rs", ""),
            ("c/made/b.rs", ""),
            (
                "c/tests/it/main.rs",
                "fn f() { t.compile_fail(\"tests/ui/*.rs\"); }",
            ),
            ("c/tests/ui/case.rs", ""),
            ("c/tests/ui/deep/case.rs", ""),
        ];
        assert_eq!(unreached(&files), ["c/tests/ui/deep/case.rs:1"]);
    }

    #[test]
    fn a_target_named_in_the_manifest_counts() {
        let manifest = "[package]\nname = \"c\"\n[[bin]]\nname = \"c\"\npath = \"bin/c.rs\"\n";
        let files = [
            ("c/Cargo.toml", manifest),
            ("c/bin/c.rs", ""),
            ("c/bin/d.rs", ""),
        ];
        assert_eq!(places(every_source_is_compiled, &files), ["c/bin/d.rs:1"]);
    }
}
