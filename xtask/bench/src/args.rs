//! What was typed: `bench [AREA]` or `eval WHAT`, with `--json` and `--quick`.

use crate::error::MeasureError;

/// One run.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Args {
    pub(crate) kind: Kind,
    /// The area or the quality; none means all of them.
    pub(crate) what: Option<String>,
    /// One JSON object a line instead of a table.
    pub(crate) json: bool,
    /// Fewer rounds: to see that it works, not how well.
    pub(crate) quick: bool,
}

/// Speeds or qualities.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Bench,
    Eval,
}

/// Reads the arguments that follow the program's name.
pub(crate) fn parse(mut args: impl Iterator<Item = String>) -> Result<Args, MeasureError> {
    let kind = match args.next().as_deref() {
        Some("bench") => Kind::Bench,
        Some("eval") => Kind::Eval,
        other => {
            let typed = other.unwrap_or("nothing");
            return Err(MeasureError::Usage(format!(
                "say `bench` or `eval`, not {typed}"
            )));
        }
    };
    let mut parsed = Args {
        kind,
        what: None,
        json: false,
        quick: false,
    };
    for arg in args {
        match arg.as_str() {
            "--json" => parsed.json = true,
            "--quick" => parsed.quick = true,
            what if !what.starts_with('-') && parsed.what.is_none() => parsed.what = Some(arg),
            _ => {
                return Err(MeasureError::Usage(format!(
                    "{arg:?} is not understood here"
                )));
            }
        }
    }
    Ok(parsed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Option<Args> {
        parse(line.split_whitespace().map(str::to_owned)).ok()
    }

    #[test]
    fn flags_may_stand_before_and_after_the_area() {
        let expected = Args {
            kind: Kind::Bench,
            what: Some("tunnel".into()),
            json: true,
            quick: true,
        };
        assert_eq!(parsed("bench --quick tunnel --json"), Some(expected));
    }

    #[test]
    fn a_second_area_or_an_unknown_flag_is_refused() {
        for line in ["", "benches", "bench tunnel ledger", "eval model --jsn"] {
            assert_eq!(parsed(line), None, "{line:?} was accepted");
        }
    }
}
