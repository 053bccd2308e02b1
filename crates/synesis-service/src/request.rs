//! An escalation request that was checked.

use synesis_domain::{Digest, LoraId, ProjectId, RequestId, SessionId};
use synesis_wire::limits::{
    CONSTRAINTS_MAX, CONTEXT_BYTES_MAX, HISTORY_MESSAGES_MAX, KNOWLEDGE_ITEMS_MAX,
    OUTPUT_TOKENS_DEFAULT, OUTPUT_TOKENS_MAX, QUERY_BYTES_MAX,
};
use synesis_wire::proto::{CloudModel, EscalationContext, EscalationRequest, Message};

use crate::rejection::Rejection;

/// Who said something earlier in the conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaker {
    /// The person.
    User,
    /// The assistant.
    Assistant,
}

/// Something that was said earlier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Who said it.
    pub speaker: Speaker,
    /// What was said.
    pub content: String,
}

/// A request within all limits. The user id of the message is not in it: who asks is known from
/// the certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValidRequest {
    /// The request's id; a retry has the same.
    pub request: RequestId,
    /// The conversation it belongs to, where it belongs to one.
    pub session: Option<SessionId>,
    /// The project it belongs to, where it belongs to one.
    pub project: Option<ProjectId>,
    /// The adapter that the answer is to be given with, where one is named.
    pub lora: Option<LoraId>,
    /// What is asked; never empty.
    pub query: String,
    /// How Pathos framed it.
    pub framing: Option<String>,
    /// Passages of the person's own documents.
    pub knowledge: Vec<String>,
    /// What was said before.
    pub history: Vec<Turn>,
    /// What the answer must keep to.
    pub constraints: Vec<String>,
    /// The model asked for; where none is named, [`CloudModel::Auto`].
    pub model: CloudModel,
    /// The most tokens of the answer, at least 1.
    pub max_tokens: u32,
    /// Whether the answer is wanted in chunks.
    pub stream: bool,
    /// The last chunk that arrived; 0 for none.
    pub resume_after: u64,
}

impl ValidRequest {
    /// Checks a request.
    ///
    /// # Errors
    /// The first [`Rejection`] in the order of the message's fields; sizes say their limit.
    pub fn parse(message: EscalationRequest) -> Result<Self, Rejection> {
        let request = message
            .request_id
            .parse()
            .map_err(|_| bad("request_id", "is no UUID"))?;
        let session = optional("session_id", &message.session_id)?;
        check_size("the query", message.query.len(), QUERY_BYTES_MAX, "bytes")?;
        if message.query.trim().is_empty() {
            return Err(bad("query", "is empty"));
        }
        let context = message.context.unwrap_or_default();
        check_context(&context)?;
        let history = context
            .conversation_history
            .into_iter()
            .map(turn)
            .collect::<Result<_, _>>()?;
        let model = match CloudModel::try_from(message.model) {
            Ok(CloudModel::Unspecified) => CloudModel::Auto,
            Ok(model) => model,
            Err(_) => return Err(Rejection::UnknownModel(format!("number {}", message.model))),
        };
        let max_tokens = match message.max_tokens {
            0 => OUTPUT_TOKENS_DEFAULT,
            asked => asked,
        };
        check_size(
            "max_tokens",
            max_tokens as usize,
            OUTPUT_TOKENS_MAX as usize,
            "tokens",
        )?;
        let lora = optional("lora_id", message.lora_id.as_deref().unwrap_or_default())?;
        let project = optional(
            "project_id",
            message.project_id.as_deref().unwrap_or_default(),
        )?;
        Ok(Self {
            request,
            session,
            project,
            lora,
            query: message.query,
            framing: context
                .pathos_framing
                .filter(|framing| !framing.trim().is_empty()),
            knowledge: context.local_knowledge,
            history,
            constraints: context.constraints,
            model,
            max_tokens,
            stream: message.stream,
            resume_after: message.resume_after,
        })
    }

    /// A digest of what is asked. How the answer is to be delivered is not part of it, so that a
    /// retry that resumes is the same request.
    #[must_use]
    pub fn content(&self) -> Digest {
        let name = |name: Option<&str>| name.unwrap_or_default().as_bytes().to_vec();
        let mut parts: Vec<Vec<u8>> = vec![
            b"escalation 2".to_vec(),
            name(self.session.as_ref().map(SessionId::as_str)),
            name(self.project.as_ref().map(ProjectId::as_str)),
            name(self.lora.as_ref().map(LoraId::as_str)),
            self.query.clone().into_bytes(),
            name(self.framing.as_deref()),
            (self.model as i32).to_be_bytes().to_vec(),
            self.max_tokens.to_be_bytes().to_vec(),
        ];
        for list in [&self.knowledge, &self.constraints] {
            parts.push((list.len() as u64).to_be_bytes().to_vec());
            parts.extend(list.iter().map(|item| item.clone().into_bytes()));
        }
        for turn in &self.history {
            parts.push(vec![turn.speaker as u8]);
            parts.push(turn.content.clone().into_bytes());
        }
        Digest::of_parts(parts.iter().map(Vec::as_slice))
    }
}

const fn bad(field: &'static str, problem: &'static str) -> Rejection {
    Rejection::BadField { field, problem }
}

const fn check_size(
    what: &'static str,
    size: usize,
    max: usize,
    unit: &'static str,
) -> Result<(), Rejection> {
    if size <= max {
        Ok(())
    } else {
        Err(Rejection::TooLarge {
            what,
            size,
            max,
            unit,
        })
    }
}

fn check_context(context: &EscalationContext) -> Result<(), Rejection> {
    let EscalationContext {
        pathos_framing,
        local_knowledge,
        conversation_history,
        constraints,
    } = context;
    check_size(
        "local_knowledge",
        local_knowledge.len(),
        KNOWLEDGE_ITEMS_MAX,
        "passages",
    )?;
    let turns = conversation_history.len();
    check_size(
        "conversation_history",
        turns,
        HISTORY_MESSAGES_MAX,
        "messages",
    )?;
    check_size(
        "constraints",
        constraints.len(),
        CONSTRAINTS_MAX,
        "constraints",
    )?;
    let texts = local_knowledge
        .iter()
        .chain(constraints)
        .chain(pathos_framing);
    let said = conversation_history.iter().map(|message| &message.content);
    let bytes = texts.chain(said).map(String::len).sum();
    check_size("the context", bytes, CONTEXT_BYTES_MAX, "bytes")
}

fn turn(message: Message) -> Result<Turn, Rejection> {
    let speaker = match message.role.as_str() {
        "user" => Speaker::User,
        "assistant" => Speaker::Assistant,
        _ => {
            return Err(bad(
                "conversation_history.role",
                "is neither \"user\" nor \"assistant\"",
            ));
        }
    };
    Ok(Turn {
        speaker,
        content: message.content,
    })
}

/// A name that may be left out.
fn optional<T: std::str::FromStr>(field: &'static str, text: &str) -> Result<Option<T>, Rejection> {
    if text.is_empty() {
        return Ok(None);
    }
    let name = text
        .parse()
        .map_err(|_| bad(field, "is no name of letters, digits, '.', '_', '-'"))?;
    Ok(Some(name))
}
