//! Measures Synesis: `bench` prints speeds as ratios to a baseline of the same run, `eval` prints
//! qualities against data that nothing was trained or tuned on.
//!
//! GOALS.md names the rows and what each must reach. Times of different days are never compared,
//! and nothing is measured in a debug build: start it with `cargo xtask bench` or `cargo xtask
//! eval`, which build it in release.

mod args;
mod bench;
mod error;
mod eval;
mod part;
mod row;

use std::io::Write;
use std::process::ExitCode;

use crate::args::{Args, Kind};
use crate::error::MeasureError;
use crate::row::Row;

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            tell(&error);
            ExitCode::from(if matches!(error, MeasureError::Usage(_)) {
                2
            } else {
                1
            })
        }
    }
}

/// True when every row reached its goal.
fn run() -> Result<bool, MeasureError> {
    let mut typed = std::env::args().skip(1);
    if let (Some(bench::SERVE), Some(folder), Some(listen)) =
        (typed.next().as_deref(), typed.next(), typed.next())
    {
        return bench::serve(&folder, &listen).map(|()| true);
    }
    let args = args::parse(std::env::args().skip(1))?;
    if cfg!(debug_assertions) {
        note(
            "warning: a debug build; these figures say nothing (`cargo xtask bench` builds in release)",
        );
    }
    let parts = match args.kind {
        Kind::Bench => bench::AREAS,
        Kind::Eval => eval::QUALITIES,
    };
    let mut whole = true;
    let rows = part::run(parts, args.what.as_deref(), args.quick, |error| {
        tell(&error);
        whole = false;
    })?;
    print(&args, &rows);
    Ok(whole && rows.iter().all(|row| row.ok() != Some(false)))
}

fn print(args: &Args, rows: &[Row]) {
    let text = if args.json {
        row::json_lines(rows)
    } else {
        row::table(rows)
    };
    // A closed pipe is the reader's choice.
    drop(std::io::stdout().write_all(text.as_bytes()));
}

fn tell(error: &MeasureError) {
    note(&format!("error: {error}"));
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        note(&format!("  caused by: {cause}"));
        source = cause.source();
    }
}

fn note(text: &str) {
    drop(writeln!(std::io::stderr(), "{text}"));
}
