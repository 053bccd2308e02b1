//! Rules about what stands in the files.

use super::Finding;
use crate::tree::Tree;

const LINES_MAX: usize = 800;

/// A file that outgrew its idea is split.
pub(super) fn files_stay_short(tree: &Tree) -> Vec<Finding> {
    tree.iter()
        .filter(|(path, _)| path.ends_with(".rs") && !path.contains("/generated/"))
        .filter(|(_, text)| text.lines().count() > LINES_MAX)
        .map(|(path, text)| {
            let cure = format!(
                "{} lines, at most {LINES_MAX}: split it by idea",
                text.lines().count()
            );
            Finding::new(path, LINES_MAX + 1, "a long file", cure)
        })
        .collect()
}

/// A crate's first line is what it promises.
pub(super) fn roots_open_with_a_promise(tree: &Tree) -> Vec<Finding> {
    tree.iter()
        .filter(|(path, _)| path.ends_with("/lib.rs") || path.ends_with("/main.rs"))
        .filter(|(_, text)| !text.starts_with("//!"))
        .map(|(path, _)| {
            let cure = "open with `//!`: what this crate promises, and what is absent";
            Finding::new(path, 1, "no promise", cure)
        })
        .collect()
}

/// What only one machine has: its folders, and the hosts its packages come from. Written in two
/// parts, so that this file does not name them itself.
const MACHINE: &[(&str, &str)] = &[
    ("/wo", "rk/"),
    ("/ro", "ot/"),
    ("crates", ".io"),
    ("py", "pi.org"),
    ("python", "hosted.org"),
    ("npm", "js.org"),
    ("npm", "js.com"),
    ("deb.deb", "ian.org"),
    ("security.deb", "ian.org"),
];

/// A file that names a machine works only there.
pub(super) fn nothing_names_a_machine(tree: &Tree) -> Vec<Finding> {
    let names: Vec<String> = MACHINE
        .iter()
        .map(|(first, second)| format!("{first}{second}"))
        .collect();
    let mut found = Vec::new();
    // Cargo itself writes where packages come from into its lock file.
    for (path, text) in tree
        .iter()
        .filter(|(path, _)| !path.ends_with("Cargo.lock"))
    {
        for (number, line) in text.lines().enumerate() {
            for name in names.iter().filter(|name| holds(line, name)) {
                let cure = format!(
                    "{name:?} is not everywhere: take it from the settings, or leave it out"
                );
                found.push(Finding::new(
                    path,
                    number + 1,
                    "the name of a machine",
                    cure,
                ));
            }
        }
    }
    found
}

/// Whether the name stands in the line by itself, not as the end of a longer word or path.
fn holds(line: &str, name: &str) -> bool {
    line.match_indices(name).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|c| {
            c.is_alphanumeric() || "_-~}".contains(c) || (c == '.' && name.starts_with('/'))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::super::places;
    use super::*;

    #[test]
    fn a_file_past_the_bound_is_found_and_generated_code_is_not() {
        let long = "\n".repeat(801);
        let files = [
            ("c/src/a.rs", long.as_str()),
            ("c/src/b.rs", &long[1..]),
            ("c/src/generated/a.rs", &long),
        ];
        assert_eq!(places(files_stay_short, &files), ["c/src/a.rs:801"]);
    }

    #[test]
    fn a_crate_root_without_a_promise_is_found() {
        let files = [
            ("a/src/lib.rs", "//! Promises.\n"),
            ("b/src/main.rs", "fn main() {}\n"),
            ("c/src/domain.rs", "fn f() {}\n"),
        ];
        assert_eq!(
            places(roots_open_with_a_promise, &files),
            ["b/src/main.rs:1"]
        );
    }

    #[test]
    fn folders_and_hosts_of_one_machine_are_found() {
        let host = format!("a mirror of {}{}/simple\n", "py", "pi.org");
        let folder = format!("\nlet a = \"{}{}main\";\n", "/wo", "rk/");
        let part = format!("see src{}{}flow.rs\n", "/wo", "rk/");
        let files = [
            ("a.txt", host.as_str()),
            ("b.rs", &folder),
            ("c.rs", &part),
            ("Cargo.lock", &host),
        ];
        assert_eq!(
            places(nothing_names_a_machine, &files),
            ["a.txt:1", "b.rs:2"]
        );
    }
}
