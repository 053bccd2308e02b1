//! The chores of the repository: `cargo xtask test` runs every gate, and each chore runs alone.
//!
//! A change that passes here passes everywhere: CI calls the same command and nothing else. This
//! binary depends on none of the crates it judges, so that it builds while they do not. What
//! measures them (`bench`, `eval`) is the package `synesis-bench`, which it starts in release.

mod args;
mod arrows;
mod codegen;
mod failure;
mod gates;
mod manifest;
mod measure;
mod process;
mod say;
mod test;
mod tidy;
mod tools;
mod tree;
mod web;

use std::process::ExitCode;

use crate::args::Chore;
use crate::failure::Failure;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            say::error(&failure);
            ExitCode::from(failure.exit)
        }
    }
}

fn run() -> Result<(), Failure> {
    let chore = args::parse(std::env::args().skip(1))?;
    let root = tree::find_root()?;
    match chore {
        Chore::Help => {
            say::line(args::USAGE);
            Ok(())
        }
        Chore::Test(selection) => test::run(&root, &selection),
        Chore::Tidy => tidy::run(&root),
        Chore::Arrows => arrows::run(&root),
        Chore::Codegen { check } => codegen::run(&root, check),
        Chore::Measure { kind, rest } => measure::run(&root, kind, &rest),
    }
}
