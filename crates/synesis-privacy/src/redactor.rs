//! The redactor: finds, unites, names and replaces.
//!
//! Findings that overlap become one, and the most sensitive names it. What a conversation has seen before is found
//! again without context. Text that already looks like one of the conversation's placeholders is replaced as well, so
//! that restoring gives back exactly what was there. Nothing is returned before the values are kept.

use std::collections::HashSet;
use std::ops::Range;

use crate::conversation::{Conversation, InternError, StoreError, learn};
use crate::detect::{self, Found};
use crate::json::{self, JsonError};
use crate::kind::EntityKind;
use crate::known::KnownSet;
use crate::limits::{INPUT_BYTES_MAX, VAULT_RETRIES_MAX};
use crate::placeholder::{Placeholder, PlaceholderId};
use crate::raw::{Raw, Redacted};
use crate::reinflate::well_formed_ids;
use crate::rules::{RedactorConfig, RuleError, UserRules};

/// A value that was found and replaced.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// Where it stood in the input, in bytes.
    pub span: Range<usize>,
    /// What it is.
    pub kind: EntityKind,
    /// What stands for it now.
    pub placeholder: Placeholder,
    /// The rule that found it.
    pub detector: &'static str,
    /// How sure the rule is, 0 to 100.
    pub confidence: u8,
}

/// A value that was found, with no conversation to name it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Detection {
    /// Where it stands in the input, in bytes.
    pub span: Range<usize>,
    /// What it is.
    pub kind: EntityKind,
    /// The rule that found it.
    pub detector: &'static str,
    /// How sure the rule is, 0 to 100.
    pub confidence: u8,
}

/// A text with placeholders, and what they stand for.
#[derive(Clone, Debug)]
pub struct Redaction {
    /// The text that may leave.
    pub text: Redacted,
    /// What was found, in the order of the text.
    pub findings: Vec<Finding>,
}

/// Why a text was not redacted. It must not be sent.
#[derive(Debug, thiserror::Error)]
pub enum RedactError {
    /// The text is larger than one call reads.
    #[error("the text has {bytes} bytes, more than the {bytes_max} that are read at once")]
    TooLarge {
        /// Its size.
        bytes: usize,
        /// The limit.
        bytes_max: usize,
    },
    /// The values could not be named or kept.
    #[error("the values found have no placeholders")]
    Intern(#[source] InternError),
    /// The vault could not be read.
    #[error("the conversation could not be read")]
    Store(#[source] StoreError),
    /// The body is not JSON.
    #[error("the body is not valid JSON")]
    Json(#[source] JsonError),
    /// Placeholders of the conversation kept appearing in the text.
    #[error("the text imitates placeholders in a way that cannot be undone")]
    Ambiguous,
}

/// Finds private values and replaces them. Make one and share it.
pub struct Redactor {
    rules: UserRules,
}

impl Redactor {
    /// Compiles the user's rules.
    ///
    /// # Errors
    /// When a rule cannot be used.
    pub fn new(config: &RedactorConfig) -> Result<Self, RuleError> {
        detect::warm_up();
        Ok(Self {
            rules: UserRules::compile(config)?,
        })
    }

    /// Replaces every private value in the text by a placeholder of the conversation.
    ///
    /// # Errors
    /// When the text is too large or its values cannot be kept. The text must then not be sent.
    pub fn redact(
        &self,
        raw: &Raw,
        conversation: &mut Conversation,
    ) -> Result<Redaction, RedactError> {
        let text = raw.expose();
        check_size(text)?;
        conversation.refresh().map_err(RedactError::Store)?;
        let found = self.find(text, Some(conversation));
        replace(text, found, &[], conversation)
    }

    /// Like `redact`, for a body that must be JSON: every string and every key is read as the text it stands for,
    /// with its key as context. The answer is valid JSON, and restoring it gives the body byte for byte, but for private
    /// numbers: they become strings.
    ///
    /// # Errors
    /// As `redact`, and when the body is not JSON.
    pub fn redact_json(
        &self,
        raw: &Raw,
        conversation: &mut Conversation,
    ) -> Result<Redaction, RedactError> {
        let text = raw.expose();
        check_size(text)?;
        conversation.refresh().map_err(RedactError::Store)?;
        let mut found = Vec::new();
        json::walk(text, |piece| {
            let hits = self.find(piece.text, Some(conversation));
            found.extend(hits.into_iter().map(|hit| piece.place(hit)));
        })
        .map_err(RedactError::Json)?;
        // The body as one text, for what only key and value together tell.
        let (strings, numbers) = json::tokens(text);
        for hit in self.find(text, Some(conversation)) {
            found.extend(json::clip(text, hit, &strings));
            found.extend(json::numbers_in(hit, &numbers));
        }
        unite(text, &mut found);
        replace(text, found, &numbers, conversation)
    }

    /// What would be redacted, for showing. Names nothing and keeps nothing.
    ///
    /// # Errors
    /// When the text is too large.
    pub fn scan(&self, raw: &Raw) -> Result<Vec<Detection>, RedactError> {
        let text = raw.expose();
        check_size(text)?;
        let detection = |hit: Found| Detection {
            span: hit.start..hit.end,
            kind: hit.kind,
            detector: hit.detector,
            confidence: hit.confidence,
        };
        Ok(self.find(text, None).into_iter().map(detection).collect())
    }

    /// Everything to replace, united and in order.
    fn find(&self, text: &str, conversation: Option<&Conversation>) -> Vec<Found> {
        let mut found = detect::find(text);
        self.rules.find(text, &mut found);
        let user = |hit: &Found| matches!(hit.kind, EntityKind::Denied | EntityKind::Custom);
        found.retain(|hit| user(hit) || !self.rules.keeps(hit.kind, &text[hit.start..hit.end]));
        if let Some(conversation) = conversation {
            again(text, &conversation.table.known, &mut found, &self.rules);
        }
        unite(text, &mut found);
        if self.echo(text, &mut found) {
            unite(text, &mut found);
        }
        found
    }

    /// Finds the other places of what was found in this text. True when there are any.
    fn echo(&self, text: &str, found: &mut Vec<Found>) -> bool {
        let mut values: HashSet<&str> = HashSet::new();
        let mut known = KnownSet::new();
        for hit in found.iter() {
            let value = &text[hit.start..hit.end];
            if values.insert(value) {
                learn(&mut known, hit.kind, value);
            }
        }
        let before = found.len();
        again(text, &known, found, &self.rules);
        found.len() > before
    }
}

/// Adds every place of a known value that no finding covers yet.
fn again(text: &str, known: &KnownSet<EntityKind>, found: &mut Vec<Found>, rules: &UserRules) {
    if known.is_empty() {
        return;
    }
    let sorted = found.len();
    known.each(text.as_bytes(), |start, end, kind| {
        let covered = found[..sorted].binary_search_by(|hit| {
            if hit.end < end {
                std::cmp::Ordering::Less
            } else if hit.start > start {
                std::cmp::Ordering::Greater
            } else {
                std::cmp::Ordering::Equal
            }
        });
        if covered.is_err()
            && text.is_char_boundary(start)
            && text.is_char_boundary(end)
            && !rules.keeps(kind, &text[start..end])
        {
            found.push(Found::new(start, end, kind, "seen before", 90));
        }
    });
}

fn check_size(text: &str) -> Result<(), RedactError> {
    if text.len() > INPUT_BYTES_MAX {
        return Err(RedactError::TooLarge {
            bytes: text.len(),
            bytes_max: INPUT_BYTES_MAX,
        });
    }
    Ok(())
}

/// Sorts the findings and makes overlapping ones one; the most sensitive kind names it.
fn unite(text: &str, found: &mut Vec<Found>) {
    found.retain(|hit| hit.start < hit.end);
    found.sort_unstable_by_key(|hit| (hit.start, hit.end));
    // In place: the findings of a large text are many.
    let mut kept = 0;
    for place in 0..found.len() {
        let mut hit = found[place];
        while !text.is_char_boundary(hit.start) {
            hit.start -= 1;
        }
        while !text.is_char_boundary(hit.end) {
            hit.end += 1;
        }
        match found[..kept].last_mut() {
            Some(last) if hit.start < last.end => {
                let rank = |hit: &Found| (hit.kind.class(), hit.confidence, hit.end - hit.start);
                if rank(&hit) > rank(last) {
                    (last.kind, last.detector, last.confidence) =
                        (hit.kind, hit.detector, hit.confidence);
                }
                last.end = last.end.max(hit.end);
            }
            _ => {
                found[kept] = hit;
                kept += 1;
            }
        }
    }
    found.truncate(kept);
}

/// Names the findings and writes the text. Gaps that would read as a placeholder are findings too.
fn replace(
    text: &str,
    mut found: Vec<Found>,
    numbers: &[(usize, usize)],
    conversation: &mut Conversation,
) -> Result<Redaction, RedactError> {
    for _ in 0..VAULT_RETRIES_MAX {
        let mut taken: Vec<PlaceholderId> = Vec::new();
        let mut literals: Vec<Found> = Vec::new();
        each_gap(text, &found, |from, gap| {
            well_formed_ids(gap, |start, end, id| {
                if conversation.table.by_id(id).is_some() {
                    literals.push(Found::new(
                        from + start,
                        from + end,
                        EntityKind::Literal,
                        "placeholder in the text",
                        100,
                    ));
                } else {
                    taken.push(id);
                }
            });
        });
        if literals.is_empty() {
            return write(text, &found, &taken, numbers, conversation);
        }
        found.extend(literals);
        unite(text, &mut found);
    }
    Err(RedactError::Ambiguous)
}

fn each_gap<'t>(text: &'t str, found: &[Found], mut gap: impl FnMut(usize, &'t str)) {
    let mut from = 0;
    for hit in found {
        gap(from, &text[from..hit.start]);
        from = hit.end;
    }
    gap(from, &text[from..]);
}

fn write(
    text: &str,
    found: &[Found],
    taken: &[PlaceholderId],
    numbers: &[(usize, usize)],
    conversation: &mut Conversation,
) -> Result<Redaction, RedactError> {
    let wanted: Vec<(EntityKind, &str)> = found
        .iter()
        .map(|hit| (hit.kind, &text[hit.start..hit.end]))
        .collect();
    let placeholders = conversation
        .intern(&wanted, taken)
        .map_err(RedactError::Intern)?;
    drop(wanted);
    let mut out = String::with_capacity(text.len() + found.len() * 4);
    let mut findings = Vec::with_capacity(found.len());
    let mut from = 0;
    for (hit, placeholder) in found.iter().zip(placeholders) {
        out.push_str(&text[from..hit.start]);
        // A number of a JSON body becomes a string.
        let quote = if numbers.binary_search(&(hit.start, hit.end)).is_ok() {
            "\""
        } else {
            ""
        };
        out.push_str(quote);
        placeholder.write_to(&mut out);
        out.push_str(quote);
        from = hit.end;
        findings.push(Finding {
            span: hit.start..hit.end,
            kind: hit.kind,
            placeholder,
            detector: hit.detector,
            confidence: hit.confidence,
        });
    }
    out.push_str(&text[from..]);
    Ok(Redaction {
        text: Redacted::by_redactor(out),
        findings,
    })
}
