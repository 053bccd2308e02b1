//! The areas whose speed is measured. A new area is a module and a line in [`AREAS`].

mod cloud_pair;
mod quinn_baseline;
mod tunnel;

use crate::part::Part;

/// Every area, in the order of GOALS.md.
pub(crate) const AREAS: &[Part] = &[Part {
    name: "tunnel",
    run: tunnel::run,
}];
