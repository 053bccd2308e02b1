//! The tunnel against quinn alone, and what the whole way to a cloud's model adds.

use hdrhistogram::Histogram;

use super::cloud_pair::{CloudPair, Threads};
use super::quinn_baseline::{QuinnEcho, histogram};
use crate::error::MeasureError;
use crate::row::{Goal, Row};

/// Baseline and tunnel take turns, so that what else the machine does hits all of them.
const ROUNDS: u32 = 20;
const REQUESTS_PER_ROUND: u32 = 500;
const ESCALATIONS_PER_ROUND: u32 = 20;
const QUICK_ROUNDS: u32 = 2;

/// Measures every row of the area.
pub(super) fn run(quick: bool) -> Result<Vec<Row>, MeasureError> {
    let echo = QuinnEcho::start()?;
    let own = CloudPair::start(Threads::Own)?;
    let shared = CloudPair::start(Threads::Shared)?;
    let mut times = Times::new()?;
    // The first round warms up; its figures are thrown away.
    times.round(&echo, &own, &shared)?;
    times = Times::new()?;
    for _ in 0..if quick { QUICK_ROUNDS } else { ROUNDS } {
        times.round(&echo, &own, &shared)?;
    }
    own.stop();
    shared.stop();
    Ok(times.rows())
}

struct Times {
    echo: Histogram<u64>,
    own: Histogram<u64>,
    shared: Histogram<u64>,
    first_words: Histogram<u64>,
}

impl Times {
    fn new() -> Result<Self, MeasureError> {
        Ok(Self {
            echo: histogram()?,
            own: histogram()?,
            shared: histogram()?,
            first_words: histogram()?,
        })
    }

    fn round(
        &mut self,
        echo: &QuinnEcho,
        own: &CloudPair,
        shared: &CloudPair,
    ) -> Result<(), MeasureError> {
        echo.ask(REQUESTS_PER_ROUND, &mut self.echo)?;
        own.ask(REQUESTS_PER_ROUND, &mut self.own)?;
        shared.ask(REQUESTS_PER_ROUND, &mut self.shared)?;
        shared.escalate(ESCALATIONS_PER_ROUND, &mut self.first_words)
    }

    fn rows(&self) -> Vec<Row> {
        let micros =
            |times: &Histogram<u64>, quantile| times.value_at_quantile(quantile) as f64 / 1e3;
        let beside_echo = |id: &str, times, quantile, goal| Row {
            id: id.to_owned(),
            value: micros(times, quantile),
            baseline: Some(micros(&self.echo, quantile)),
            unit: "us",
            goal,
            n: None,
        };
        let added = |id: &str, quantile, goal| Row {
            id: id.to_owned(),
            value: micros(&self.first_words, quantile) / 1e3,
            baseline: None,
            unit: "ms",
            goal,
            n: None,
        };
        vec![
            beside_echo(
                "tunnel.rr64.p50",
                &self.shared,
                0.5,
                Some(Goal::RatioAtMost(1.5)),
            ),
            beside_echo(
                "tunnel.rr64.p99",
                &self.shared,
                0.99,
                Some(Goal::RatioAtMost(2.0)),
            ),
            beside_echo("tunnel.rr64.own_thread.p50", &self.own, 0.5, None),
            beside_echo("tunnel.rr64.own_thread.p99", &self.own, 0.99, None),
            added("tunnel.ttft.p50", 0.5, Some(Goal::ValueAtMost(2.0))),
            added("tunnel.ttft.p99", 0.99, None),
        ]
    }
}
