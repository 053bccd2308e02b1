//! Two ends that keep the protocol lose no byte, report no error and leave nothing behind; an end
//! that hears anything else neither panics nor queues more than it may.
#![no_main]

mod mux_hostile;
mod mux_pair;

use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;

#[derive(Debug, Arbitrary)]
enum Input {
    Pair {
        goodbye: Option<bool>,
        late: Vec<mux_pair::Act>,
        acts: Vec<mux_pair::Act>,
    },
    Hostile {
        device: bool,
        acts: Vec<mux_hostile::Act>,
    },
}

fuzz_target!(|input: Input| {
    match input {
        Input::Pair {
            goodbye,
            late,
            acts,
        } => mux_pair::run(acts, goodbye, late),
        Input::Hostile { device, acts } => mux_hostile::run(device, acts),
    }
});
