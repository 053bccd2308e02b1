//! What was typed after `cargo xtask`.

use crate::failure::Failure;

/// Shown by `cargo xtask help`.
pub(crate) const USAGE: &str = "\
usage: cargo xtask <chore>

  test [--list] [--only GATE]... [--skip GATE]...
                        every gate, in order, until one fails
  tidy                  files and folders are where they belong
  arrows                crates use only what ARCHITECTURE.md lets them use
  codegen [--check]     write (or compare) what is made from proto/
  bench [AREA] [--json] [--quick]
                        speeds, as ratios to a baseline of the same run
  eval WHAT [--json]    qualities: privacy, model";

/// One run of this binary.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Chore {
    Help,
    Test(Selection),
    Tidy,
    Arrows,
    Codegen { check: bool },
    Measure { kind: Measure, rest: Vec<String> },
}

/// Which gates to run.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Selection {
    pub(crate) list: bool,
    pub(crate) only: Vec<String>,
    pub(crate) skip: Vec<String>,
}

/// The two ways to measure; their arguments belong to `synesis-bench`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Measure {
    Bench,
    Eval,
}

/// Reads the arguments that follow the program's name.
pub(crate) fn parse(args: impl Iterator<Item = String>) -> Result<Chore, Failure> {
    let args: Vec<String> = args.collect();
    if args.iter().any(|arg| arg == "--help" || arg == "-h") {
        return Ok(Chore::Help);
    }
    let mut args = args.into_iter().peekable();
    let Some(chore) = args.next() else {
        return Ok(Chore::Help);
    };
    match chore.as_str() {
        "help" => Ok(Chore::Help),
        "test" => Ok(Chore::Test(selection(args)?)),
        "tidy" => no_more(args, Chore::Tidy),
        "arrows" => no_more(args, Chore::Arrows),
        "codegen" => {
            let check = args.next_if(|arg| arg == "--check").is_some();
            no_more(args, Chore::Codegen { check })
        }
        "bench" => Ok(Chore::Measure {
            kind: Measure::Bench,
            rest: args.collect(),
        }),
        "eval" => Ok(Chore::Measure {
            kind: Measure::Eval,
            rest: args.collect(),
        }),
        other => Err(Failure::usage(format!("no chore is called {other:?}"))),
    }
}

fn no_more(mut args: impl Iterator<Item = String>, chore: Chore) -> Result<Chore, Failure> {
    match args.next() {
        None => Ok(chore),
        Some(extra) => Err(Failure::usage(format!("{extra:?} is not understood here"))),
    }
}

fn selection(mut args: impl Iterator<Item = String>) -> Result<Selection, Failure> {
    let mut selection = Selection::default();
    while let Some(arg) = args.next() {
        let (name, inline) = match arg.split_once('=') {
            Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
            None => (arg, None),
        };
        let names = match name.as_str() {
            "--list" => {
                selection.list = true;
                continue;
            }
            "--only" => &mut selection.only,
            "--skip" => &mut selection.skip,
            other => return Err(Failure::usage(format!("{other:?} is not understood here"))),
        };
        let value = inline
            .or_else(|| args.next())
            .ok_or_else(|| Failure::usage(format!("{name} needs the name of a gate")))?;
        names.extend(value.split(',').map(str::to_owned));
    }
    Ok(selection)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Chore, String> {
        parse(line.split_whitespace().map(str::to_owned)).map_err(|failure| failure.to_string())
    }

    #[test]
    fn gates_are_chosen_by_repeated_or_comma_separated_names() {
        let expected = Chore::Test(Selection {
            list: false,
            only: vec!["fmt".into(), "tidy".into(), "docs".into()],
            skip: vec!["deny".into()],
        });
        assert_eq!(
            parsed("test --only fmt,tidy --only docs --skip=deny"),
            Ok(expected)
        );
    }

    #[test]
    fn arguments_of_a_measurement_pass_through_untouched() {
        let expected = Chore::Measure {
            kind: Measure::Bench,
            rest: vec!["tunnel".into(), "--json".into()],
        };
        assert_eq!(parsed("bench tunnel --json"), Ok(expected));
    }

    #[test]
    fn help_is_given_wherever_it_is_asked_for() {
        for line in ["", "help", "-h", "test --help", "bench tunnel -h"] {
            assert_eq!(parsed(line), Ok(Chore::Help), "{line}");
        }
    }

    #[test]
    fn what_is_not_understood_is_named() {
        for line in [
            "testt",
            "tidy --fix",
            "codegen --chekc",
            "test --onyl fmt",
            "test --only",
        ] {
            assert!(parsed(line).is_err(), "{line} was accepted");
        }
    }
}
