//! Many requests at once, large ones, and handshakes: the tunnel against quinn alone.

use std::time::Instant;

use bytes::Bytes;

use super::cloud_pair::{CloudPair, Threads};
use super::quinn_baseline::QuinnEcho;
use crate::error::MeasureError;
use crate::row::{Goal, Row};

const SMALL: Bytes = Bytes::from_static(&[0x5a; 64]);
const MIDDLE: Bytes = Bytes::from_static(&[0x5a; 4 * 1024]);
const LARGE: Bytes = Bytes::from_static(&[0x5a; 64 * 1024]);
const ROUNDS: usize = 5;
const HANDSHAKES: u32 = 100;

/// One load: how many at once, how large, how many in a round.
struct Load {
    id: &'static str,
    at_once: usize,
    payload: Bytes,
    requests: u32,
    unit: Unit,
    goal: Option<Goal>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Unit {
    PerSecond,
    MegabitsPerSecond,
}

fn loads() -> [Load; 6] {
    let per_second = |id, at_once, requests, goal| Load {
        id,
        at_once,
        payload: SMALL,
        requests,
        unit: Unit::PerSecond,
        goal,
    };
    [
        per_second("tunnel.rps.64b.x1", 1, 5_000, None),
        per_second("tunnel.rps.64b.x16", 16, 20_000, None),
        per_second(
            "tunnel.rps.64b.x64",
            64,
            20_000,
            Some(Goal::RatioAtLeast(0.6)),
        ),
        Load {
            payload: MIDDLE,
            ..per_second(
                "tunnel.rps.4k.x64",
                64,
                10_000,
                Some(Goal::RatioAtLeast(0.75)),
            )
        },
        Load {
            payload: LARGE,
            unit: Unit::MegabitsPerSecond,
            ..per_second("tunnel.bulk.64k.x1", 1, 1_000, None)
        },
        Load {
            payload: LARGE,
            unit: Unit::MegabitsPerSecond,
            ..per_second(
                "tunnel.bulk.64k.x8",
                8,
                2_000,
                Some(Goal::RatioAtLeast(0.85)),
            )
        },
    ]
}

/// Measures the loads; baseline and tunnel take turns, and the best round of each counts.
pub(super) fn rows(quick: bool) -> Result<Vec<Row>, MeasureError> {
    let echo = QuinnEcho::start()?;
    let pair = CloudPair::start(Threads::Shared)?;
    let mut rows = Vec::new();
    for load in loads() {
        let rounds = if quick { 1 } else { ROUNDS };
        let requests = if quick {
            load.requests / 10
        } else {
            load.requests
        };
        let (mut ours, mut theirs) = (0.0_f64, 0.0_f64);
        for _ in 0..rounds {
            let started = Instant::now();
            echo.load(load.at_once, requests, &load.payload)?;
            theirs = theirs.max(rate(started, requests));
            let started = Instant::now();
            pair.load(load.at_once, requests, &load.payload)?;
            ours = ours.max(rate(started, requests));
        }
        let (factor, unit) = match load.unit {
            Unit::PerSecond => (1.0, "/s"),
            // There and back.
            Unit::MegabitsPerSecond => (2.0 * 8.0 * load.payload.len() as f64 / 1e6, "Mbit/s"),
        };
        rows.push(Row {
            id: load.id.to_owned(),
            value: ours * factor,
            baseline: Some(theirs * factor),
            unit,
            goal: load.goal,
            n: None,
        });
    }
    rows.push(handshakes(&echo, &pair, quick)?);
    pair.stop();
    Ok(rows)
}

/// From the first packet to the first answer, the middle of many.
fn handshakes(echo: &QuinnEcho, pair: &CloudPair, quick: bool) -> Result<Row, MeasureError> {
    let times = if quick { HANDSHAKES / 10 } else { HANDSHAKES };
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..times {
        theirs.push(echo.handshake()?);
        ours.push(pair.handshake()?);
    }
    Ok(Row {
        id: "tunnel.handshake.p50".to_owned(),
        value: middle(&mut ours),
        baseline: Some(middle(&mut theirs)),
        unit: "us",
        goal: None,
        n: None,
    })
}

fn middle(times: &mut [u64]) -> f64 {
    times.sort_unstable();
    times
        .get(times.len() / 2)
        .map_or(0.0, |nanos| *nanos as f64 / 1e3)
}

fn rate(started: Instant, requests: u32) -> f64 {
    f64::from(requests) / started.elapsed().as_secs_f64()
}
