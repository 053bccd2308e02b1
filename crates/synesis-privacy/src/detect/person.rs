//! Under way.
use super::{View, words::Hit};
pub(super) fn at(_view: &mut View<'_>, _hit: Hit) {}
pub(crate) fn name_parts(_name: &str) -> Vec<&str> {
    Vec::new()
}
