//! What the agents are told.
//!
//! The first line of each system prompt is fixed: the built-in model knows its role by it and
//! reads no further. The rest is for real models.

use crate::words::one_line;
use crate::{ChatMessage, Manifest, Passage};

const PATHOS: &str = "You are Pathos.
You are the first of three agents that answer a person's question together. You do not answer it. \
You find out what is wanted, so that Logos can answer and Ethos can check.
Write one JSON object on one line and nothing else, with exactly these keys in this order:
{\"kind\":…,\"goal\":…,\"constraints\":[…],\"expertise\":[…],\"verify\":[…],\"confidence\":…}
- kind: one of \"fact\" (can be looked up), \"arithmetic\" (a sum that can be calculated), \
\"conversion\" (units of measure), \"greeting\" (greeting, thanks, questions about the assistant), \
\"extract\" (the answer stands in the given context), \"writing\" (a text is wanted), \"code\" \
(a program is wanted or discussed), \"reasoning\" (several steps of thought), \"other\".
- goal: what the person wants to have in the end, in one short sentence.
- constraints: what the answer must keep to and the person said or clearly implied (length, \
language, form, audience). Empty when there is nothing. At most 4.
- expertise: whose knowledge it takes, such as \"mathematics\". At most 4.
- verify: what in an answer should be checked before it is given, most important first. At most 4.
- confidence: how sure you are that you understood the question, a whole number from 0 to 100.
Texts in square brackets such as [EMAIL_7Q4K] stand for private values. Copy them unchanged.";

const LOGOS: &str = "You are Logos.
You are the second of three agents that answer a person's question together. You write the answer; \
Ethos will check it before the person relies on it.
- Answer the question that was asked, at once, in the language of the question. No preamble.
- When a context is given, rely on it before anything you remember. Each passage in it begins with \
its place in brackets, such as [notes.md:3-7]; put that place after every statement you take from it.
- When the context does not hold the answer and you do not know it, say so in one sentence. \
Never invent names, numbers, quotations or sources.
- A calculator's line in the context is exact. Use its number as it is.
- Texts in square brackets such as [EMAIL_7Q4K] stand for private values. Use them unchanged where \
they are needed, and make none up.
- When feedback is given, an earlier answer of yours was found wanting: write the whole answer anew \
and mend what the feedback names. Do not mention the feedback.";

const ETHOS: &str = "You are Ethos.
You are the last of three agents that answer a person's question together. You judge an answer: \
is it true, is it safe, and does it do what was asked?
Write one JSON object on one line and nothing else, with exactly these keys in this order:
{\"verdict\":…,\"feedback\":…,\"confidence\":…}
- verdict: \"approve\" when the answer may be given as it is; \"revise\" when it is wrong, \
unsupported by the context, incomplete, or misses a constraint, and can be mended; \"veto\" only \
when any answer to this question would help to harm somebody.
- feedback: empty on approval; on a revision the one thing to mend, concretely, in one sentence; \
on a veto the reason, as it can be told to the person.
- confidence: how sure you are of the verdict, a whole number from 0 to 100.
When a context is given, the answer must agree with it, and every place cited must occur in it. \
Do not ask for revision over matters of taste. An answer that honestly says it does not know is \
approved with low confidence.";

/// The question, with the text it is about where there is one.
fn asked(question: &str, context: Option<&str>) -> String {
    match context {
        Some(context) => format!("Context: {context}\nQuestion: {question}"),
        None => question.to_owned(),
    }
}

pub(crate) fn pathos(
    history: &[ChatMessage],
    question: &str,
    context: Option<&str>,
) -> Vec<ChatMessage> {
    talk(PATHOS.to_owned(), history, asked(question, context))
}

/// What Logos is told in one round.
pub(crate) struct LogosPrompt<'a> {
    pub(crate) manifest: &'a Manifest,
    pub(crate) history: &'a [ChatMessage],
    pub(crate) question: &'a str,
    pub(crate) context: Option<&'a str>,
    pub(crate) feedback: Option<&'a str>,
}

impl LogosPrompt<'_> {
    pub(crate) fn messages(&self) -> Vec<ChatMessage> {
        let mut system = LOGOS.to_owned();
        add_line(&mut system, "The person wants", &self.manifest.goal);
        add_line(
            &mut system,
            "The answer must keep to",
            &self.manifest.constraints.join("; "),
        );
        let mut user = asked(self.question, self.context);
        if let Some(feedback) = self.feedback {
            user.push_str(&format!("\nFeedback: {}", one_line(feedback)));
        }
        talk(system, self.history, user)
    }
}

pub(crate) fn ethos(
    manifest: &Manifest,
    question: &str,
    context: Option<&str>,
    answer: &str,
) -> Vec<ChatMessage> {
    let mut system = ETHOS.to_owned();
    add_line(
        &mut system,
        "The answer must keep to",
        &manifest.constraints.join("; "),
    );
    add_line(&mut system, "Check above all", &manifest.verify.join("; "));
    let context = context
        .map(|text| format!("Context: {text}\n"))
        .unwrap_or_default();
    let user = format!("{context}Question: {question}\nAnswer: {answer}");
    talk(system, &[], user)
}

/// What the cloud is told about a question besides the question.
pub(crate) fn framing(manifest: &Manifest) -> String {
    let mut text = format!("Kind of question: {}.", manifest.kind.as_str());
    let mut add = |what: &str, value: &str| {
        if !value.is_empty() {
            text.push_str(&format!(" {what}: {}.", value.trim_end_matches('.')));
        }
    };
    add("Goal", &manifest.goal);
    add("Expertise", &manifest.expertise.join(", "));
    add("To be verified", &manifest.verify.join(", "));
    text
}

/// Passages as context, each after its place.
pub(crate) fn cited(passages: &[Passage]) -> String {
    let cited: Vec<String> = passages
        .iter()
        .map(|p| format!("[{}] {}", p.place(), one_line(&p.text)))
        .collect();
    cited.join(" ")
}

fn add_line(system: &mut String, what: &str, value: &str) {
    if !value.is_empty() {
        system.push_str(&format!(
            "\n{what}: {}.",
            one_line(value).trim_end_matches('.')
        ));
    }
}

fn talk(system: String, history: &[ChatMessage], user: String) -> Vec<ChatMessage> {
    let mut messages = Vec::with_capacity(history.len() + 2);
    messages.push(ChatMessage::system(system));
    messages.extend_from_slice(history);
    messages.push(ChatMessage::user(user));
    messages
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules;

    #[test]
    fn the_first_lines_and_user_messages_are_those_the_built_in_model_was_trained_on() {
        let manifest = rules::manifest("Who?", true);
        let logos = LogosPrompt {
            manifest: &manifest,
            history: &[],
            question: "Who?",
            context: Some("A b."),
            feedback: Some("check\nthe context"),
        };
        let all = [
            pathos(&[], "Who?", Some("A b.")),
            logos.messages(),
            ethos(&manifest, "Who?", Some("A b."), "B"),
            pathos(&[], "Who?", None),
        ];
        let shown: Vec<String> = all
            .iter()
            .map(|m| {
                format!(
                    "{} / {}",
                    m[0].content.lines().next().unwrap_or_default(),
                    m[1].content
                )
            })
            .collect();
        assert_eq!(
            shown,
            [
                "You are Pathos. / Context: A b.\nQuestion: Who?",
                "You are Logos. / Context: A b.\nQuestion: Who?\nFeedback: check the context",
                "You are Ethos. / Context: A b.\nQuestion: Who?\nAnswer: B",
                "You are Pathos. / Who?",
            ]
        );
    }
}
