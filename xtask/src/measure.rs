//! `bench` and `eval`: both live in `synesis-bench`, and always run in release.

use std::path::Path;

use crate::args::Measure;
use crate::failure::Failure;
use crate::process;

/// Builds the measuring binary in release and hands over.
pub(crate) fn run(root: &Path, kind: Measure, rest: &[String]) -> Result<(), Failure> {
    let kind = match kind {
        Measure::Bench => "bench",
        Measure::Eval => "eval",
    };
    let cargo = [
        "run",
        "--quiet",
        "--release",
        "--package",
        "synesis-bench",
        "--",
        kind,
    ];
    let args = cargo.into_iter().chain(rest.iter().map(String::as_str));
    process::run(&mut process::cargo(root, args))
}
