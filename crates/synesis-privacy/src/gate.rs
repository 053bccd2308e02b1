//! The last gate: reads the bytes that are about to leave and stops them when a value of the conversation is inside.
//!
//! Each value is looked for as it is, JSON-escaped, percent-encoded, in base64 at every alignment, and by its digits
//! alone. A field that nobody redacted becomes an error here instead of a leak. Nothing here changes the bytes.

use crate::conversation::{Conversation, is_distinct, telling_digits};
use crate::encode::{base64_cores, json_escaped, json_escaped_ascii, percent_encoded};
use crate::json::unescaped;
use crate::known::{Edge, KnownSet};
use crate::placeholder::Placeholder;

/// A value of the conversation is in the bytes. Says which by its placeholder only.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("the value of {placeholder} is in the outgoing bytes at {offset} ({form})")]
pub struct GateViolation {
    /// What stands for the value.
    pub placeholder: Placeholder,
    /// Where it begins, in bytes.
    pub offset: usize,
    /// The form it has there.
    pub form: &'static str,
}

/// Every form of a value but its digits.
fn add_forms(
    forms: &mut KnownSet<(Placeholder, &'static str)>,
    placeholder: Placeholder,
    value: &str,
) {
    forms.add(value.as_bytes(), Edge::Word, (placeholder, "plain"));
    for form in json_forms(value) {
        forms.add(form.as_bytes(), Edge::Word, (placeholder, "JSON-escaped"));
    }
    for upper in [true, false] {
        forms.add(
            percent_encoded(value, upper).as_bytes(),
            Edge::Word,
            (placeholder, "percent-encoded"),
        );
    }
    for core in base64_cores(value.as_bytes()) {
        forms.add(core.as_bytes(), Edge::Free, (placeholder, "base64"));
    }
}

/// A value between the quotes of JSON: as it must be, in ASCII only, and with its slashes escaped too.
fn json_forms(value: &str) -> Vec<String> {
    let mut forms = vec![json_escaped(value)];
    if !value.is_ascii() {
        forms.extend([true, false].map(|upper| json_escaped_ascii(value, upper)));
    }
    if value.contains('/') {
        let slashed: Vec<String> = forms.iter().map(|form| form.replace('/', "\\/")).collect();
        forms.extend(slashed);
    }
    forms
}

/// The values of a conversation at one moment, in every form they could leave in.
pub struct LastGate {
    forms: KnownSet<(Placeholder, &'static str)>,
}

impl LastGate {
    /// Takes the values that the conversation holds now.
    #[must_use]
    pub fn new(conversation: &Conversation) -> Self {
        let mut forms = KnownSet::new();
        for entry in &conversation.table.entries {
            let (placeholder, value) = (entry.placeholder, entry.value.as_str());
            if let Some(digits) = telling_digits(placeholder.kind(), value) {
                forms.add(digits.as_bytes(), Edge::Digit, (placeholder, "digits only"));
            }
            if is_distinct(placeholder.kind(), value) {
                add_forms(&mut forms, placeholder, value);
            }
            // A value that was taken out of JSON is kept as it stood there.
            if let Some(plain) =
                unescaped(value).filter(|plain| is_distinct(placeholder.kind(), plain))
            {
                add_forms(&mut forms, placeholder, &plain);
            }
        }
        Self { forms }
    }

    /// Reads serialised bytes.
    ///
    /// # Errors
    /// When a value of the conversation is in them: do not send.
    pub fn check(&self, bytes: &[u8]) -> Result<(), GateViolation> {
        let mut first: Option<GateViolation> = None;
        self.forms.each(bytes, |offset, _, (placeholder, form)| {
            if first
                .as_ref()
                .is_none_or(|violation| offset < violation.offset)
            {
                first = Some(GateViolation {
                    placeholder,
                    offset,
                    form,
                });
            }
        });
        first.map_or(Ok(()), Err)
    }
}
