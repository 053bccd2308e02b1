//! Words that name a field in the text of a form: in a file of translations they are values, and private to nobody.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::words::Role;
use super::{lexicon, names};

/// The words of a label, at most.
const WORDS_MAX: usize = 4;

/// What the keys of names and secrets are called, in small letters, without the marks after them.
static FIELDS: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let naming = |role: &Role| {
        matches!(
            role,
            Role::PasswordKey | Role::SecretKey | Role::NameKey | Role::UserKey
        )
    };
    lexicon::WORDS
        .iter()
        .chain(names::WORDS)
        .filter(|(role, _)| naming(role))
        .flat_map(|(_, words)| *words)
        .map(|word| {
            let bare = |c: char| !c.is_alphanumeric();
            word.trim_matches(bare).to_lowercase()
        })
        .filter(|word| word.chars().count() >= 2)
        .collect()
});

/// Whether a value says what to put into a field: `Passwort`, `Wachtwoord vergeten?`, `姓名`.
pub(super) fn is_label(value: &str) -> bool {
    let lettered =
        |c: char| c.is_alphabetic() || matches!(c, ' ' | '\'' | '’' | '-' | '?' | ':' | '…' | '*');
    if value.len() > 64 || !value.chars().all(lettered) {
        return false;
    }
    let lower = value.to_lowercase();
    let lower = lower.trim_matches(|c: char| !c.is_alphabetic());
    FIELDS.contains(lower)
        || lower.contains(' ')
            && lower.split(' ').count() <= WORDS_MAX
            && lower
                .split(' ')
                .any(|word| word.len() >= 5 && FIELDS.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn translated_labels_are_told_from_passwords() {
        for label in [
            "Passwort",
            "Mot de passe",
            "Wachtwoord vergeten?",
            "姓名",
            "Пароль",
            "Token",
        ] {
            assert!(is_label(label), "{label}");
        }
        for value in ["Passwort1", "hunter", "correct horse", "王伟", "sunshine"] {
            assert!(!is_label(value), "{value}");
        }
    }
}
