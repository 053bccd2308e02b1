//! What the provider's model is told.
//!
//! The cloud's model answers in Logos' place, in the same form in which the council on a device
//! asks Logos, so that a small model trained on that form understands it too.

use synesis_core::ChatMessage;

use crate::request::{Speaker, ValidRequest};

/// The first line of every system message: whose part the model takes.
const ROLE: &str = "You are Logos.";

/// The messages for a request: the framing and the constraints as instructions, what was said
/// before, and the question with the knowledge in front of it.
#[must_use]
pub fn messages(request: &ValidRequest) -> Vec<ChatMessage> {
    let mut messages = vec![ChatMessage::system(instructions(request))];
    messages.extend(request.history.iter().map(|turn| match turn.speaker {
        Speaker::User => ChatMessage::user(turn.content.as_str()),
        Speaker::Assistant => ChatMessage::assistant(turn.content.as_str()),
    }));
    messages.push(ChatMessage::user(question(request)));
    messages
}

fn instructions(request: &ValidRequest) -> String {
    let mut text = String::from(ROLE);
    if let Some(framing) = &request.framing {
        text.push('\n');
        text.push_str(framing);
    }
    if !request.constraints.is_empty() {
        text.push_str("\nKeep to this:");
    }
    for constraint in &request.constraints {
        text.push_str("\n- ");
        text.push_str(constraint);
    }
    text
}

fn question(request: &ValidRequest) -> String {
    let words = request
        .knowledge
        .iter()
        .flat_map(|passage| passage.split_whitespace());
    let context = words.collect::<Vec<_>>().join(" ");
    if context.is_empty() {
        return request.query.clone();
    }
    format!("Context: {context}\nQuestion: {}", request.query)
}

#[cfg(test)]
mod tests {
    use synesis_wire::proto::{EscalationContext, EscalationRequest, Message};

    use super::*;

    fn prompt(query: &str, context: EscalationContext) -> Vec<String> {
        let request = ValidRequest::parse(EscalationRequest {
            request_id: "0190a6b2-8f6e-7c3a-9d15-3b1f0a2c4e6d".into(),
            query: query.into(),
            context: Some(context),
            ..EscalationRequest::default()
        });
        let said = messages(&request.unwrap());
        said.iter()
            .map(|message| format!("{}: {}", message.role.as_str(), message.content))
            .collect()
    }

    #[test]
    fn a_bare_question_stays_bare() {
        let expected = ["system: You are Logos.", "user: What is 2 + 2?"];
        assert_eq!(
            prompt("What is 2 + 2?", EscalationContext::default()),
            expected
        );
    }

    #[test]
    fn context_stands_in_one_line_before_the_question() {
        let message = |role: &str, content: &str| Message {
            role: role.into(),
            content: content.into(),
        };
        let context = EscalationContext {
            pathos_framing: Some("A fact is wanted.".into()),
            local_knowledge: vec!["The hall\nopens at 9.".into(), "It closes at 5.".into()],
            conversation_history: vec![message("user", "Hi"), message("assistant", "Hello.")],
            constraints: vec!["one sentence".into(), "in English".into()],
        };
        let expected = [
            "system: You are Logos.\nA fact is wanted.\nKeep to this:\n- one sentence\n- in English",
            "user: Hi",
            "assistant: Hello.",
            "user: Context: The hall opens at 9. It closes at 5.\nQuestion: When does it open?",
        ];
        assert_eq!(prompt("When does it open?", context), expected);
    }
}
