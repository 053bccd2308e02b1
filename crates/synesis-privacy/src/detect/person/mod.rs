//! Names of people, by what stands around them: keys, titles, salutations, signatures, mail headers, and by common
//! first names before a surname.

mod brand;
mod given;
mod header;
mod honorific;
mod introduction;
mod key;
mod letter;
mod name;
mod script;

use std::collections::HashSet;
use std::sync::LazyLock;

use super::View;
use super::first_names::{FIRST_NAMES, NOT_NAMES};
use super::words::{Hit, Role};
pub(super) use given::capital;
use name::PARTICLES;
use script::is_east_asian;

static FIRST: LazyLock<HashSet<&str>> = LazyLock::new(|| FIRST_NAMES.iter().copied().collect());
static NOT: LazyLock<HashSet<&str>> = LazyLock::new(|| NOT_NAMES.iter().copied().collect());

/// Reads what a hit of the words pass announces.
pub(super) fn at(view: &mut View<'_>, hit: Hit) {
    let first = view.text[hit.start..].chars().next();
    let touching = view.before(hit.start).is_some_and(|byte| {
        byte.is_ascii_alphanumeric()
            || byte >= 0x80 && first.is_some_and(|c| c.is_alphabetic() && !is_east_asian(c))
    });
    match hit.role {
        Role::NameAfter => honorific::at(view, hit),
        _ if touching && hit.role != Role::NameKey => {}
        Role::NameKey => key::at(view, hit),
        Role::NameBefore => {
            if view.bytes[hit.start..hit.end].ends_with(b": ") {
                header::at(view, hit);
            }
            introduction::in_sentence(view, hit);
        }
        Role::Title => introduction::by_title(view, hit),
        Role::Salutation => letter::salutation(view, hit),
        Role::Closing => letter::closing(view, hit),
        _ => header::at(view, hit),
    }
}

/// Whether a text begins with a common first name.
pub(super) fn is_known_name(text: &str) -> bool {
    text.split([' ', ',']).any(|word| FIRST.contains(word))
}

/// The place after the titles of the list that stand at `start`, each looked for once, in the order of the list.
fn past_titles(view: &View<'_>, start: usize, titles: &[&str]) -> usize {
    titles.iter().fold(start, |at, title| {
        if view.text[at..].starts_with(title) {
            at + title.len()
        } else {
            at
        }
    })
}

/// The parts of a name that are looked for alone.
pub(crate) fn name_parts(name: &str) -> Vec<&str> {
    let parts: Vec<&str> = name
        .split([' ', ','])
        .filter(|part| {
            let bare = part.trim_end_matches('.');
            bare.chars().count() >= 3
                && bare.chars().next().is_some_and(char::is_uppercase)
                && !NOT.contains(bare)
                && !PARTICLES.contains(&bare)
        })
        .collect();
    if parts.len() > 1 { parts } else { Vec::new() }
}
