use crate::detect::Found;
pub(crate) fn find(_text: &str, _found: &mut Vec<Found>) {}
