use super::{
    View,
    words::{Hit, Topic},
};
pub(super) fn at_mark(_view: &mut View<'_>, _t: Topic, _e: Hit) {}
