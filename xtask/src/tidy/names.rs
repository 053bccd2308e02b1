//! Rules about what files are called and where they stand.

use super::Finding;
use crate::tree::Tree;

/// Cargo compiles nothing in a `tests/` folder beside a virtual manifest.
pub(super) fn no_tests_in_the_root(tree: &Tree) -> Vec<Finding> {
    tree.paths()
        .filter(|path| path.starts_with("tests/"))
        .map(|path| {
            Finding::new(
                path,
                1,
                "tests in the root",
                "move it into the tests/it of its crate: here it never runs",
            )
        })
        .collect()
}

/// History belongs to git.
pub(super) fn no_versions_in_names(tree: &Tree) -> Vec<Finding> {
    tree.paths()
        .filter(|path| path.split('/').any(is_versioned))
        .map(|path| {
            Finding::new(
                path,
                1,
                "a version in a name",
                "replace the old file: git keeps what it was",
            )
        })
        .collect()
}

fn is_versioned(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name).to_ascii_lowercase();
    let Some((_, last)) = stem.rsplit_once(['_', '-']) else {
        return false;
    };
    let number = last.strip_prefix('v').unwrap_or_default();
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    is_number || ["new", "old", "fixed", "backup", "copy"].contains(&last)
}

/// A file is one idea; a drawer is none.
pub(super) fn no_drawers(tree: &Tree) -> Vec<Finding> {
    const DRAWERS: [&str; 6] = ["helper", "helpers", "misc", "types", "util", "utils"];
    tree.paths()
        .filter(|path| path.ends_with(".rs"))
        .filter(|path| {
            path.trim_end_matches(".rs")
                .split('/')
                .any(|name| DRAWERS.contains(&name))
        })
        .map(|path| {
            Finding::new(
                path,
                1,
                "a drawer",
                "name the file for the one idea that it holds",
            )
        })
        .collect()
}

/// Prose has listed places, so that no report is left lying about.
pub(super) fn markdown_only_where_listed(tree: &Tree) -> Vec<Finding> {
    const LISTED: [&str; 5] = [
        "README.md",
        "ARCHITECTURE.md",
        "CHANGELOG.md",
        "SECURITY.md",
        "models/builtin/README.md",
    ];
    let in_docs = |path: &str| {
        path.strip_prefix("docs/")
            .is_some_and(|name| !name.contains('/'))
    };
    tree.paths()
        .filter(|path| path.to_ascii_lowercase().ends_with(".md"))
        .filter(|path| !LISTED.contains(path) && !in_docs(path))
        .map(|path| {
            Finding::new(
                path,
                1,
                "Markdown not listed",
                "say it in docs/, or in a module's own comment",
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::places;
    use super::*;

    #[test]
    fn tests_beside_the_root_manifest_are_found() {
        let files = [("tests/a.rs", ""), ("crates/c/tests/it/main.rs", "")];
        assert_eq!(places(no_tests_in_the_root, &files), ["tests/a.rs:1"]);
    }

    #[test]
    fn names_that_carry_their_history_are_found() {
        let files = [
            ("a/vault_fixed.rs", ""),
            ("a/vault_v2.rs", ""),
            ("a/page-old.html", ""),
            ("a_new/x.rs", ""),
            ("a/renew.rs", ""),
            ("a/threshold.rs", ""),
            ("a/ipv6.rs", ""),
        ];
        let expected = [
            "a/page-old.html:1",
            "a/vault_fixed.rs:1",
            "a/vault_v2.rs:1",
            "a_new/x.rs:1",
        ];
        assert_eq!(places(no_versions_in_names, &files), expected);
    }

    #[test]
    fn drawers_are_found_as_files_and_as_folders() {
        let files = [
            ("c/src/utils.rs", ""),
            ("c/src/helpers/a.rs", ""),
            ("c/src/money.rs", ""),
        ];
        assert_eq!(
            places(no_drawers, &files),
            ["c/src/helpers/a.rs:1", "c/src/utils.rs:1"]
        );
    }

    #[test]
    fn markdown_outside_the_list_is_found() {
        let files = [
            ("README.md", ""),
            ("docs/privacy.md", ""),
            ("docs/reports/one.md", ""),
            ("SUMMARY.md", ""),
            ("crates/c/README.md", ""),
        ];
        let expected = [
            "SUMMARY.md:1",
            "crates/c/README.md:1",
            "docs/reports/one.md:1",
        ];
        assert_eq!(places(markdown_only_where_listed, &files), expected);
    }
}
