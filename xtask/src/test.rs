//! `cargo xtask test`: every gate in order, until one fails.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::args::Selection;
use crate::failure::Failure;
use crate::gates::{GATES, Gate};
use crate::say;

/// Runs the chosen gates, one line for each.
pub(crate) fn run(root: &Path, selection: &Selection) -> Result<(), Failure> {
    if selection.list {
        for gate in GATES {
            say::line(format!("{:<10} {}", gate.name, gate.promise));
        }
        return Ok(());
    }
    let chosen = choose(selection)?;
    let started = Instant::now();
    let mut lines = Vec::new();
    for (done, gate) in chosen.iter().enumerate() {
        say::note(format!(
            "gate {} ({}/{}): {}",
            gate.name,
            done + 1,
            chosen.len(),
            gate.promise
        ));
        let gate_started = Instant::now();
        let result = (gate.run)(root);
        let verdict = if result.is_ok() { "ok" } else { "FAILED" };
        lines.push(format!(
            "{verdict:<6} {:<10} {}",
            gate.name,
            seconds(gate_started.elapsed())
        ));
        if let Err(failure) = result {
            summary(&lines, done, 1, started.elapsed());
            let again = format!(
                "`cargo xtask test --only {}` repeats just this gate",
                gate.name
            );
            let hint = match failure.hint_text() {
                Some(hint) => format!("{hint}; {again}"),
                None => again,
            };
            return Err(Failure::new(format!("gate {}: {failure}", gate.name)).hint(hint));
        }
    }
    summary(&lines, chosen.len(), 0, started.elapsed());
    Ok(())
}

/// The lines once more, together: what the gates printed themselves lies between them.
fn summary(lines: &[String], passed: usize, failed: usize, elapsed: Duration) {
    for line in lines {
        say::line(line);
    }
    say::line(format!("       all        {}", seconds(elapsed)));
    say::line(format!("gates: {passed} passed, {failed} failed"));
}

fn seconds(elapsed: Duration) -> String {
    format!("{:>7.1} s", elapsed.as_secs_f64())
}

fn choose(selection: &Selection) -> Result<Vec<&'static Gate>, Failure> {
    for name in selection.only.iter().chain(&selection.skip) {
        if !GATES.iter().any(|gate| gate.name == name) {
            return Err(Failure::usage(format!("no gate is called {name:?}"))
                .hint("`cargo xtask test --list` names them"));
        }
    }
    let is_chosen = |gate: &&Gate| {
        let named = |names: &[String]| names.iter().any(|name| name == gate.name);
        (selection.only.is_empty() || named(&selection.only)) && !named(&selection.skip)
    };
    Ok(GATES.iter().filter(is_chosen).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(only: &[&str], skip: &[&str]) -> Result<Vec<&'static str>, String> {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let selection = Selection {
            list: false,
            only: owned(only),
            skip: owned(skip),
        };
        choose(&selection)
            .map(|gates| gates.iter().map(|gate| gate.name).collect())
            .map_err(|failure| failure.to_string())
    }

    #[test]
    fn gates_keep_their_order_however_they_are_named() {
        assert_eq!(names(&["clippy", "fmt"], &[]), Ok(vec!["fmt", "clippy"]));
    }

    #[test]
    fn a_skipped_gate_is_left_out_even_when_it_is_named() {
        assert_eq!(names(&["fmt", "tidy"], &["fmt"]), Ok(vec!["tidy"]));
    }

    #[test]
    fn a_gate_that_does_not_exist_is_not_silently_left_out() {
        assert!(names(&["clipy"], &[]).is_err());
        assert!(names(&[], &["nextst"]).is_err());
    }
}
