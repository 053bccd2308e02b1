//! Under way.
use super::{View, words::Hit};
pub(super) fn at(_view: &mut View<'_>, _hit: Hit) {}
