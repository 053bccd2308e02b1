//! Starting other programs: their output is the user's to see, their exit is ours to judge.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::failure::{Failure, while_doing};

/// Cargo itself, in the root of the repository: the one that started this binary.
pub(crate) fn cargo<S: AsRef<OsStr>>(root: &Path, args: impl IntoIterator<Item = S>) -> Command {
    let mut command = program(
        root,
        std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()),
    );
    command.args(args);
    command
}

/// A program in the root of the repository.
pub(crate) fn program(root: &Path, name: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(name);
    command.current_dir(root).stdin(Stdio::null());
    command
}

/// Runs to the end; anything but success is a failure that quotes the command.
pub(crate) fn run(command: &mut Command) -> Result<(), Failure> {
    let line = quoted(command);
    let status = command
        .status()
        .map_err(while_doing(format!("cannot start `{line}`")))?;
    if status.success() {
        return Ok(());
    }
    let end = match status.code() {
        Some(code) => format!("exit code {code}"),
        None => "a signal".to_owned(),
    };
    Err(Failure::new(format!("`{line}` ended with {end}")))
}

/// Runs silently; true when the program exists and succeeds.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Runs silently to the end and gives back what was written on stdout.
pub(crate) fn output(command: &mut Command) -> Result<String, Failure> {
    let line = quoted(command);
    let output = command
        .output()
        .map_err(while_doing(format!("cannot start `{line}`")))?;
    if !output.status.success() {
        let talk = String::from_utf8_lossy(&output.stderr);
        return Err(Failure::new(format!("`{line}` failed: {}", talk.trim())));
    }
    String::from_utf8(output.stdout).map_err(while_doing(format!("`{line}` wrote no UTF-8")))
}

/// The command as it would be typed: variables of its own, short program name, arguments.
fn quoted(command: &Command) -> String {
    let variables = command
        .get_envs()
        .filter_map(|(name, value)| Some((name, value?)))
        .map(|(name, value)| format!("{}={}", name.display(), shell(&value.to_string_lossy())));
    let name = Path::new(command.get_program())
        .file_name()
        .unwrap_or(command.get_program());
    let args = command.get_args().map(|arg| shell(&arg.to_string_lossy()));
    variables
        .chain(std::iter::once(name.to_string_lossy().into_owned()))
        .chain(args)
        .collect::<Vec<_>>()
        .join(" ")
}

fn shell(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,+@".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{word}'")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_command_is_quoted_so_that_it_can_be_typed_again() {
        let mut command = Command::new("some/where/tool");
        command
            .args(["doc", "--no-deps", "two words"])
            .env("RUSTDOCFLAGS", "-D warnings");
        assert_eq!(
            quoted(&command),
            "RUSTDOCFLAGS='-D warnings' tool doc --no-deps 'two words'"
        );
    }
}
