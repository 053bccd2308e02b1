//! Values after a key: `password = …`, `"api_key": "…"`, `Passwort: …`, `<token>…</token>`, `the password is …`.
//!
//! The key is read to its end, then what joins it to a value, then the value; its kind comes from both.

mod joint;
mod key;
mod kind;
mod value;
mod vendor;

use super::negative::{is_code, is_stand_in};
use super::words::{Hit, Role};
use super::{View, structure};
use crate::kind::EntityKind::Password;
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
        if hit.role == Role::PasswordKey {
            named_before(view, hit);
        }
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

/// `use SECRET as the password`: the value stands before the word.
fn named_before(view: &mut View<'_>, hit: Hit) {
    let from = hit.start.saturating_sub(100);
    let from = view
        .text
        .ceil_char_boundary(from.max(view.line_start(hit.start)));
    let before = &view.text[from..hit.start];
    let joints = [
        " as the ",
        " as my ",
        " as a ",
        " as your ",
        " as ",
        " als ",
        " comme ",
        " como ",
    ];
    let Some(head) = joints.iter().find_map(|joint| before.strip_suffix(joint)) else {
        return;
    };
    let quotes = ['"', '\'', '`'];
    let value = head.rsplit(' ').next().unwrap_or("").trim_matches(quotes);
    let telling = value.bytes().any(|byte| byte.is_ascii_digit())
        && value.bytes().any(|byte| byte.is_ascii_alphabetic());
    if value.len() >= 6 && telling && !is_stand_in(value) && !is_code(value, None) {
        let end = from + head.trim_end_matches(quotes).len();
        view.add(
            end - value.len(),
            end,
            Password,
            "value named a password",
            82,
        );
    }
}
