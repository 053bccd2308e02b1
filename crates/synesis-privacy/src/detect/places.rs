use super::words::Role;
pub(super) static WORDS: &[(Role, &[&str])] = &[];
