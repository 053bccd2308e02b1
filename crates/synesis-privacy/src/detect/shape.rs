use super::{View, mail};
pub(super) fn read(view: &mut View<'_>, from: usize, to: usize) {
    let bytes = view.bytes;
    for at in memchr::memchr_iter(b'@', &bytes[from..to]) {
        mail::at(view, from + at);
    }
}
