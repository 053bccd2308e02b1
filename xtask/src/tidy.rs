//! Files and folders are where a reader looks for them, and nothing lies about.
//!
//! Each rule is a function from the tree to what it found, tested on small trees of its own. The
//! rules look at names and shapes only; what the code does is the business of the other gates.

mod content;
mod lints;
mod names;
mod reach;
mod scan;

use std::path::Path;

use crate::failure::Failure;
use crate::say;
use crate::tree::Tree;

/// Something out of place, and what mends it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Finding {
    path: String,
    line: usize,
    rule: &'static str,
    cure: String,
}

impl Finding {
    fn new(path: &str, line: usize, rule: &'static str, cure: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            line,
            rule,
            cure: cure.into(),
        }
    }
}

type Rule = fn(&Tree) -> Vec<Finding>;

const RULES: &[Rule] = &[
    reach::every_source_is_compiled,
    names::no_tests_in_the_root,
    names::no_versions_in_names,
    names::no_drawers,
    names::markdown_only_where_listed,
    lints::every_package_takes_the_lints,
    content::files_stay_short,
    content::roots_open_with_a_promise,
    content::nothing_names_a_machine,
];

/// Checks the whole checkout.
pub(crate) fn run(root: &Path) -> Result<(), Failure> {
    let tree = Tree::read(root)?;
    let mut found: Vec<Finding> = RULES.iter().flat_map(|rule| rule(&tree)).collect();
    found.sort();
    for finding in &found {
        let Finding {
            path,
            line,
            rule,
            cure,
        } = finding;
        say::note(format!("{path}:{line}: {rule}: {cure}"));
    }
    match found.len() {
        0 => Ok(()),
        1 => Err(Failure::new("one thing is out of place")),
        many => Err(Failure::new(format!("{many} things are out of place"))),
    }
}

/// What a rule says about a small tree, as `path:line`.
#[cfg(test)]
fn places(rule: Rule, files: &[(&str, &str)]) -> Vec<String> {
    let mut found = rule(&Tree::of(files));
    found.sort();
    found
        .into_iter()
        .map(|finding| format!("{}:{}", finding.path, finding.line))
        .collect()
}
