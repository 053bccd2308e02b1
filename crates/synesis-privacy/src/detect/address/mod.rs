//! Postal addresses: a street's name and a number in the order of the country, then town and code.

mod east_asian;
mod house_number;
mod labelled;
mod postcode;
mod street_first;
mod street_last;
mod town;

use super::View;
use super::words::{Hit, Role};
pub(super) use postcode::{american, british, european};

/// The longest address, in bytes.
const ADDRESS_BYTES_MAX: usize = 140;

/// Reads what a hit of the words pass announces.
pub(super) fn at(view: &mut View<'_>, hit: Hit) {
    match hit.role {
        Role::AddressKey => labelled::after_key(view, hit),
        Role::AddressBefore => labelled::in_sentence(view, hit),
        Role::StreetAfter => street_last::at(view, hit),
        _ => street_first::at(view, hit),
    }
}
