//! The proxy from outside: what is found, what is kept, what comes back.

#[cfg(test)]
mod detection;
#[cfg(test)]
mod forms;
#[cfg(test)]
mod gate;
mod odd_text;
#[cfg(test)]
mod round_trip;
#[cfg(test)]
mod tokens;
#[cfg(test)]
#[cfg(feature = "vault")]
mod vault;
#[cfg(test)]
mod walls;

#[cfg(test)]
use synesis_privacy::{Conversation, ConversationId, Raw, Redaction, Redactor, RedactorConfig};

#[cfg(test)]
fn conversation(seed: u8) -> Conversation {
    Conversation::ephemeral(ConversationId::new("test").unwrap(), [seed; 32])
}

#[cfg(test)]
fn redactor() -> Redactor {
    Redactor::new(&RedactorConfig::default()).unwrap()
}

#[cfg(test)]
fn redact(text: &str, conversation: &mut Conversation) -> Redaction {
    redactor()
        .redact(&Raw::new(text.to_owned()), conversation)
        .unwrap()
}

/// The cases (text before, value, text after) whose value is not found whole, or with more than belongs to it.
#[cfg(test)]
fn missed(cases: &[(&str, &[&str], &str)]) -> Vec<String> {
    let mut wrong = Vec::new();
    for (before, value, after) in cases {
        let value = value.concat();
        let text = format!("{before}{value}{after}");
        let redaction = redact(&text, &mut conversation(1));
        let span = before.len()..before.len() + value.len();
        let hit = value.is_empty()
            || redaction
                .findings
                .iter()
                .any(|f| f.span.start <= span.start && f.span.end >= span.end);
        let wide = redaction
            .findings
            .iter()
            .any(|f| f.span.end > span.end + 2 && f.span.start < span.end);
        if !hit || wide {
            wrong.push(format!("{text:?} -> {}", redaction.text));
        }
    }
    wrong
}

/// The texts that did not stay as they are.
#[cfg(test)]
fn altered(texts: &[&str]) -> Vec<String> {
    texts
        .iter()
        .filter_map(|text| {
            let redacted = redact(text, &mut conversation(2)).text.into_string();
            (redacted != *text).then(|| format!("{text:?} -> {redacted}"))
        })
        .collect()
}
