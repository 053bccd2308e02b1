//! The tunnel against quinn alone.

use super::quinn_baseline::{QuinnEcho, histogram};
use crate::error::MeasureError;
use crate::row::Row;

/// Baseline and tunnel take turns, so that what else the machine does hits both.
const ROUNDS: u32 = 20;
const REQUESTS_PER_ROUND: u32 = 500;
const WARM_UP_REQUESTS: u32 = 500;

/// Measures every row of the area.
pub(super) fn run(quick: bool) -> Result<Vec<Row>, MeasureError> {
    let echo = QuinnEcho::start()?;
    let mut raw = histogram()?;
    echo.ask(WARM_UP_REQUESTS, &mut raw)?;
    raw.reset();
    for _ in 0..if quick { 2 } else { ROUNDS } {
        echo.ask(REQUESTS_PER_ROUND, &mut raw)?;
    }
    let micros = |quantile: f64| raw.value_at_quantile(quantile) as f64 / 1000.0;
    let row = |figure: &str, quantile| Row {
        id: format!("tunnel.quinn64.{figure}"),
        value: micros(quantile),
        baseline: None,
        unit: "us",
        goal: None,
    };
    Ok(vec![row("p50", 0.5), row("p99", 0.99)])
}
