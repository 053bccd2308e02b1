//! Every package is held to the same lints.

use toml::de::DeValue;

use super::Finding;
use crate::manifest::Manifest;
use crate::tree::Tree;

/// The one package with an unsafe module (the bindings of llama.cpp): it repeats the table of the
/// workspace, with `unsafe_code = "deny"` in place of "forbid", which no module could lift, and may
/// add lints but allow none.
const OWN_TABLE: &str = "synesis-models";

/// `[lints] workspace = true`, or the same table written out where that is allowed.
pub(super) fn every_package_takes_the_lints(tree: &Tree) -> Vec<Finding> {
    const RULE: &str = "lints of its own";
    let shared = tree
        .text("Cargo.toml")
        .and_then(|text| Manifest::parse(text).ok());
    let shared = shared
        .as_ref()
        .map(|root| entries(root, &["workspace", "lints"]))
        .unwrap_or_default();
    let mut found = Vec::new();
    for folder in tree.members().filter(|folder| !folder.is_empty()) {
        let path = format!("{folder}/Cargo.toml");
        let Some(text) = tree.text(&path) else {
            continue;
        };
        let manifest = match Manifest::parse(text) {
            Ok(manifest) => manifest,
            Err(error) => {
                found.push(Finding::new(&path, 1, "no TOML", error));
                continue;
            }
        };
        if manifest
            .get(&["lints", "workspace"])
            .and_then(DeValue::as_bool)
            == Some(true)
        {
            continue;
        }
        let line = manifest.line_of("lints");
        if manifest.str(&["package", "name"]) != Some(OWN_TABLE) {
            found.push(Finding::new(
                &path,
                line,
                RULE,
                "write `[lints]` and `workspace = true`",
            ));
            continue;
        }
        if let Some(cure) = difference(&shared, &entries(&manifest, &["lints"])) {
            found.push(Finding::new(&path, line, RULE, cure));
        }
    }
    found
}

/// Every lint under a key, as `tool::lint` with its level.
fn entries(manifest: &Manifest<'_>, path: &[&str]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let tools = manifest.get(path).and_then(DeValue::as_table);
    for (tool, lints) in tools.into_iter().flatten() {
        for (lint, level) in lints.get_ref().as_table().into_iter().flatten() {
            found.push((
                format!("{}::{}", tool.get_ref(), lint.get_ref()),
                level_of(level.get_ref()),
            ));
        }
    }
    found.sort();
    found
}

/// A level, however it is written: "warn", or { level = "warn", priority = -1 }.
fn level_of(value: &DeValue<'_>) -> String {
    match value.as_table() {
        None => value.as_str().unwrap_or_default().to_owned(),
        Some(table) => {
            let mut fields: Vec<String> = table
                .iter()
                .map(|(key, value)| format!("{}={:?}", key.get_ref(), value.get_ref()))
                .collect();
            fields.sort();
            fields.join(",")
        }
    }
}

fn difference(shared: &[(String, String)], own: &[(String, String)]) -> Option<String> {
    let expected = |(lint, level): &(String, String)| {
        let level = if lint == "rust::unsafe_code" {
            "deny"
        } else {
            level
        };
        (lint.clone(), level.to_owned())
    };
    let shared: Vec<_> = shared.iter().map(expected).collect();
    if let Some((lint, level)) = shared.iter().find(|entry| !own.contains(entry)) {
        return Some(format!(
            "{lint} must be {level:?}, as in the root Cargo.toml"
        ));
    }
    let (lint, _) = own.iter().find(|(_, level)| level.contains("allow"))?;
    Some(format!("{lint} is allowed nowhere else"))
}

#[cfg(test)]
mod tests {
    use super::super::places;
    use super::*;

    const ROOT: &str = "[workspace]\n[workspace.lints.rust]\nunsafe_code = \"forbid\"\n\
                        [workspace.lints.clippy]\nunwrap_used = \"warn\"\n";

    fn found(name: &str, lints: &str) -> Vec<String> {
        let manifest = format!("[package]\nname = \"{name}\"\n{lints}");
        places(
            every_package_takes_the_lints,
            &[("Cargo.toml", ROOT), ("c/Cargo.toml", &manifest)],
        )
    }

    #[test]
    fn a_package_without_the_workspace_lints_is_found() {
        assert_eq!(found("a", "[lints]\nworkspace = true\n"), [""; 0]);
        assert_eq!(found("a", ""), ["c/Cargo.toml:1"]);
        assert_eq!(
            found("a", "[lints]\nworkspace = false\n"),
            ["c/Cargo.toml:3"]
        );
    }

    #[test]
    fn the_package_with_an_unsafe_module_may_relax_only_that_lint() {
        let own = |unsafe_code: &str, unwrap: &str| {
            let table = format!(
                "[lints.rust]\nunsafe_code = {unsafe_code:?}\n[lints.clippy]\nunwrap_used = {unwrap:?}\n"
            );
            found(OWN_TABLE, &table)
        };
        assert_eq!(own("deny", "warn"), [""; 0]);
        assert_eq!(own("allow", "warn").len(), 1);
        assert_eq!(own("deny", "allow").len(), 1);
    }

    #[test]
    fn the_package_with_an_unsafe_module_may_add_lints_but_allow_none() {
        let own = |dead_code: &str| {
            let table = format!(
                "[lints.rust]\nunsafe_code = \"deny\"\ndead_code = {dead_code:?}\n\
                 [lints.clippy]\nunwrap_used = \"warn\"\n"
            );
            found(OWN_TABLE, &table)
        };
        assert_eq!(own("deny"), [""; 0]);
        assert_eq!(own("allow").len(), 1);
    }
}
