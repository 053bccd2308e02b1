//! The qualities that are measured. A new one is a module and a line in [`QUALITIES`].

mod model;
mod privacy;

use crate::part::Part;

/// Every quality.
pub(crate) const QUALITIES: &[Part] = &[
    Part {
        name: "privacy",
        run: privacy::run,
    },
    Part {
        name: "model",
        run: model::run,
    },
];
