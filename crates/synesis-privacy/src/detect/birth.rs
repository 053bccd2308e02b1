use super::{View, words::Topic};
pub(super) fn at(_view: &mut View<'_>, _t: Topic, _e: usize) {}
