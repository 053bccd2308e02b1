//! The areas whose speed is measured. A new area is a module and a line in [`AREAS`].

mod cloud_pair;
mod cloud_process;
mod fleet;
mod ledger;
mod plain_ledger;
mod prewarm;
mod quinn_baseline;
mod recovery;
mod tunnel;
mod tunnel_load;

use crate::part::Part;

pub(crate) use cloud_process::{SERVE, serve};

/// Every area, in the order of GOALS.md.
pub(crate) const AREAS: &[Part] = &[
    Part {
        name: "tunnel",
        run: tunnel::run,
    },
    Part {
        name: "tunnel.load",
        run: tunnel_load::rows,
    },
    Part {
        name: "tunnel.recovery",
        run: recovery::rows,
    },
    Part {
        name: "tunnel.prewarm",
        run: prewarm::rows,
    },
    Part {
        name: "tunnel.fleet",
        run: fleet::rows,
    },
    Part {
        name: "ledger",
        run: ledger::rows,
    },
];
