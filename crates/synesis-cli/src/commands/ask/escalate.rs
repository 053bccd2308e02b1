//! The cloud's part of `ask`: redact, show, send, and put the values back as the answer streams in.

use serde_json::{Value, json};
use synesis_cloud::{
    BillingClient, Egress, Ended, Escalation, EscalationClient, EscalationConfig, LocalLedger,
    StreamChunk,
};
use synesis_core::{CloudEnd, CloudFailure, Escalate, Passage};
use synesis_domain::{NanoUsd, TokenUsage};
use synesis_privacy::{Conversation, LastGate, Raw, Redacted, Redactor, Reinflater};
use tokio_util::sync::CancellationToken;

use super::host::{Host, out_of_turn};
use crate::cloud_link::{self, CloudLink, from_cloud};
use crate::error::{CliError, Context as _, ErrorKind};
use crate::privacy_rules::{conversation_id, redactor, vault};
use crate::ui::{BOLD, DIM};

/// What went to the cloud for one question, and what came of it.
#[derive(Debug)]
pub(super) struct Escalated {
    pub(super) model: Option<String>,
    request_id: String,
    egress: Option<Value>,
    replaced: usize,
    usage: TokenUsage,
    cost: NanoUsd,
    /// Why there is no whole answer, for the exit status.
    pub(super) failure: Option<CliError>,
}

impl Escalated {
    /// One line: tokens, cost, what stayed here.
    pub(super) fn summary(&self) -> String {
        let values = match self.replaced {
            0 => "no private value was in it".to_owned(),
            1 => "1 private value stayed here".to_owned(),
            values => format!("{values} private values stayed here"),
        };
        let (prompt, completion) = (self.usage.prompt(), self.usage.completion());
        format!(
            "cloud: {prompt} + {completion} tokens · {} · {values} · request {}",
            self.cost, self.request_id
        )
    }

    pub(super) fn to_json(&self) -> Value {
        json!({
            "request_id": self.request_id,
            "model": self.model,
            "tokens": { "prompt": self.usage.prompt(), "completion": self.usage.completion() },
            "cost_nano_usd": self.cost.get().to_string(),
            "cost": self.cost.to_string(),
            "private_values": self.replaced,
            "egress": self.egress,
        })
    }
}

/// Asks the cloud and tells the council what came. An error here is ours; the cloud's go to the council.
pub(super) async fn escalate(
    host: &mut Host<'_>,
    step: Escalate,
    cancel: &CancellationToken,
) -> Result<(), CliError> {
    let prepared = tokio::select! {
        prepared = prepare(host, step) => prepared,
        () = cancel.cancelled() => return Ok(()),
    };
    match prepared {
        Ok((link, call)) => {
            let told = listen(host, call, cancel).await;
            link.close().await;
            told
        }
        // What stays on the device by the user's own doing is no cloud failure to work around.
        Err(error)
            if matches!(
                error.kind,
                ErrorKind::Refused | ErrorKind::Usage | ErrorKind::Bug
            ) =>
        {
            Err(error)
        }
        Err(error) => failed(host, error, String::new()),
    }
}

/// Everything that is needed to send one escalation.
struct Call {
    client: EscalationClient,
    escalation: Escalation,
    gate: LastGate,
    conversation: Conversation,
}

async fn prepare(host: &mut Host<'_>, step: Escalate) -> Result<(CloudLink, Call), CliError> {
    let context = host.context;
    let redactor = redactor(&context.home)?;
    let request_id = Escalation::new_id().map_err(from_cloud)?;
    let mut conversation = vault(&context.home)?
        .conversation(&conversation_id(&request_id.to_string())?)
        .context(ErrorKind::User, "the vault cannot be read")?;
    let mut redaction = Redaction {
        redactor: &redactor,
        conversation: &mut conversation,
    };
    let mut escalation = Escalation::new(request_id, redaction.of(&host.query.text)?);
    if !step.framing.is_empty() {
        escalation.framing = Some(redaction.of(&step.framing)?);
    }
    if let Some(text) = &host.query.context {
        escalation.knowledge.push(redaction.of(text)?);
    }
    for passage in &step.knowledge {
        escalation.knowledge.push(redaction.of(&cited(passage))?);
    }
    for constraint in &step.constraints {
        escalation.constraints.push(redaction.of(constraint)?);
    }
    escalation.max_tokens = Some(host.max_tokens);
    escalation.project.clone_from(&host.args.project);
    escalation.lora.clone_from(&host.args.lora);
    let gate = LastGate::new(&conversation);

    let ledger = LocalLedger::open(&context.home.ledger_file()).context(
        ErrorKind::User,
        "cannot open this device's ledger; nothing was sent",
    )?;
    host.view.pause();
    let mut link = cloud_link::connect(context, true).await?;
    link.start_heartbeats(context, None);
    settle_open_calls(&link, &ledger).await;
    let mut config = EscalationConfig::default();
    config.timeout = host.settings.cloud_timeout()?;
    let client = EscalationClient::new(link.tunnel.clone(), ledger, config);
    let egress = client.egress(&escalation, &gate).map_err(from_cloud)?;
    host.escalation = Some(Escalated {
        model: None,
        request_id: request_id.to_string(),
        egress: host.args.show_egress.then(|| egress_json(&egress)),
        replaced: conversation.len(),
        usage: TokenUsage::default(),
        cost: NanoUsd::ZERO,
        failure: None,
    });
    if host.args.show_egress && !context.ui.json {
        show_egress(host, &egress);
    }
    Ok((
        link,
        Call {
            client,
            escalation,
            gate,
            conversation,
        },
    ))
}

/// Learns what became of calls that broke off earlier. What cannot be learnt now is asked again later.
async fn settle_open_calls(link: &CloudLink, ledger: &LocalLedger) {
    let billing = BillingClient::new(link.tunnel.clone(), ledger.clone());
    if let Err(error) = billing.sync_with_cloud().await {
        tracing::warn!(%error, "calls that broke off earlier are still open in the ledger");
    }
}

/// Turns raw text into text that may leave, in one conversation.
struct Redaction<'a> {
    redactor: &'a Redactor,
    conversation: &'a mut Conversation,
}

impl Redaction<'_> {
    fn of(&mut self, text: &str) -> Result<Redacted, CliError> {
        self.redactor
            .redact(&Raw::new(text.to_owned()), self.conversation)
            .map(|redaction| redaction.text)
            .context(
                ErrorKind::Refused,
                "private values could not be replaced; nothing was sent",
            )
    }
}

async fn listen(
    host: &mut Host<'_>,
    call: Call,
    cancel: &CancellationToken,
) -> Result<(), CliError> {
    let Call {
        client,
        escalation,
        gate,
        conversation,
    } = call;
    let mut reinflater = Reinflater::new(&conversation);
    let mut partial = String::new();
    let mut stream = match client.escalate_streaming(&escalation, gate).await {
        Ok(stream) => stream,
        Err(error) => return failed(host, from_cloud(error), partial),
    };
    loop {
        let chunk = tokio::select! {
            chunk = stream.next() => chunk,
            () = cancel.cancelled() => {
                // Dropping the stream stops the model; the ledger asks for the charge later.
                stream.cancel();
                return hear(host, &reinflater.finish(), &mut partial);
            }
        };
        match chunk {
            Some(StreamChunk::Content(text)) => hear(host, &reinflater.push(&text), &mut partial)?,
            Some(StreamChunk::Metadata { .. }) => {}
            Some(StreamChunk::End(end)) => {
                hear(host, &reinflater.finish(), &mut partial)?;
                return ended(host, end);
            }
            Some(StreamChunk::Error(failure)) => {
                hear(host, &reinflater.finish(), &mut partial)?;
                if let Some(escalated) = &mut host.escalation {
                    (escalated.usage, escalated.cost) = (failure.usage, failure.cost);
                }
                return failed(host, from_cloud(failure.error), partial);
            }
            None => {
                let error = CliError::new(ErrorKind::Bug, "the answer ended without an end");
                return failed(host, error, partial);
            }
        }
    }
}

fn hear(host: &mut Host<'_>, text: &str, partial: &mut String) -> Result<(), CliError> {
    if text.is_empty() {
        return Ok(());
    }
    partial.push_str(text);
    host.hear(text)
}

fn ended(host: &mut Host<'_>, end: Ended) -> Result<(), CliError> {
    if let Some(escalated) = &mut host.escalation {
        (escalated.usage, escalated.cost) = (end.usage, end.cost);
        escalated.model = Some(end.model.clone());
    }
    let told = CloudEnd {
        model: end.model,
        prompt_tokens: end.usage.prompt(),
        completion_tokens: end.usage.completion(),
        cost: end.cost,
    };
    host.council.handle_cloud_ended(told).map_err(out_of_turn)
}

fn failed(host: &mut Host<'_>, error: CliError, partial: String) -> Result<(), CliError> {
    let mut message = error.to_string();
    if let Some(cause) = error.causes().last() {
        message = format!("{message}: {cause}");
    }
    let escalated = host.escalation.get_or_insert_with(|| Escalated {
        model: None,
        request_id: "none".to_owned(),
        egress: None,
        replaced: 0,
        usage: TokenUsage::default(),
        cost: NanoUsd::ZERO,
        failure: None,
    });
    escalated.failure = Some(error);
    host.council
        .handle_cloud_failed(CloudFailure { message, partial })
        .map_err(out_of_turn)
}

/// A passage with its place, so that the answer can cite it.
fn cited(passage: &Passage) -> String {
    format!("[{}] {}", passage.place(), passage.text)
}

/// The frame that leaves, field by field, with its size.
fn egress_json(egress: &Egress) -> Value {
    let request = &egress.request;
    let context = request.context.as_ref();
    json!({
        "bytes": egress.frame.len(),
        "request_id": request.request_id,
        "session_id": request.session_id,
        "query": request.query,
        "pathos_framing": context.and_then(|context| context.pathos_framing.as_deref()),
        "local_knowledge": context.map(|context| &context.local_knowledge),
        "constraints": context.map(|context| &context.constraints),
        "model": request.model().as_str_name(),
        "max_tokens": request.max_tokens,
        "stream": request.stream,
    })
}

fn show_egress(host: &mut Host<'_>, egress: &Egress) {
    let ui = host.context.ui;
    host.view.pause();
    ui.say(&format!(
        "{BOLD}{:<8}{BOLD:#}{} bytes leave this device, and nothing else:",
        "Egress",
        egress.frame.len()
    ));
    if let Value::Object(fields) = egress_json(egress) {
        for (name, value) in fields
            .iter()
            .filter(|(name, value)| name.as_str() != "bytes" && !is_empty(value))
        {
            let text = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            ui.say(&format!("        {DIM}{name}{DIM:#} {text}"));
        }
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}
