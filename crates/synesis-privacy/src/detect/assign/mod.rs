//! Values after a key: `password = …`, `"api_key": "…"`, `Passwort: …`, `<token>…</token>`, `the password is …`.
//!
//! The key is read to its end, then what joins it to a value, then the value; its kind comes from both.

mod joint;
mod key;
mod kind;
mod value;
mod vendor;

use super::words::{Hit, Role};
use super::{View, structure};
use joint::Joint;

/// Reads what is assigned to the key at a hit.
pub(super) fn at(view: &mut View<'_>, hit: Hit) {
    let Some(hit) = key::word(view, hit) else {
        return;
    };
    let Some(key_end) = key::end(view, hit) else {
        return;
    };
    let Some((joint, mut at)) = joint::after_key(view, hit, key_end) else {
        return;
    };
    if hit.role == Role::MnemonicKey {
        return structure::mnemonic(view, at);
    }
    // `password: str = "…"`: the type is not the value.
    if joint == Joint::Colon
        && let Some(after) = joint::past_type(view, at)
    {
        at = after;
    }
    let Some(value) = value::at(view, hit, at, joint) else {
        return;
    };
    let Some(kind) = kind::of(view, hit, joint, &value) else {
        return;
    };
    view.add(
        value.start,
        value.end,
        kind,
        "value of a secret key",
        if value.quoted { 92 } else { 85 },
    );
}
