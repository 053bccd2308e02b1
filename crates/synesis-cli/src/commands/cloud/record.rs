//! `synesis cloud record`: a call that a program made with the user's own key.

use serde_json::json;
use synesis_cloud::{Escalation, LedgerError, LocalLedger, RecordState, UsageRecord};
use synesis_domain::{RequestId, TokenUsage};
use synesis_wire::ErrorCode;

use super::money::{ledger_failed, nano, open_ledger};
use crate::args::CloudRecord;
use crate::cloud_link::{self, from_cloud, now};
use crate::commands::Context;
use crate::error::{CliError, ErrorKind};
use crate::ui::progress::spin;

pub(super) async fn run(context: &Context, args: &CloudRecord) -> Result<(), CliError> {
    if args.cached > args.prompt {
        return Err(CliError::new(
            ErrorKind::Usage,
            "more of the prompt was cached than there was: --cached is part of --prompt",
        ));
    }
    let ledger = open_ledger(context)?;
    let request_id = match args.id {
        Some(id) => id,
        None => Escalation::new_id().map_err(from_cloud)?,
    };
    let record = UsageRecord {
        request_id,
        model: args.model.clone(),
        usage: TokenUsage::new(args.prompt, args.cached, args.completion),
        occurred_at: now(),
        session: None,
        project: args.project.clone(),
    };
    let mut state = ledger.queue_record(&record).map_err(not_queued)?;
    let mut why = None;
    if state == RecordState::Queued {
        match send(context, &ledger).await {
            Ok(()) => state = stands(&ledger, request_id)?,
            Err(error) => why = Some(error),
        }
    }
    tell(context, request_id, &state, why.as_ref());
    match state {
        RecordState::Refused { code, message } => Err(refused(&code, &message)),
        RecordState::Queued | RecordState::Recorded { .. } => Ok(()),
    }
}

/// Sends the queue, where the cloud can be reached at once.
async fn send(context: &Context, ledger: &LocalLedger) -> Result<(), CliError> {
    let link = cloud_link::try_once(context).await?;
    let billing = synesis_cloud::BillingClient::new(link.tunnel.clone(), ledger.clone());
    let sent = spin(context.ui, "recording the call", billing.sync_with_cloud()).await;
    link.close().await;
    sent.map(|_| ()).map_err(from_cloud)
}

fn stands(ledger: &LocalLedger, request_id: RequestId) -> Result<RecordState, CliError> {
    let known = ledger.record(request_id).map_err(ledger_failed)?;
    Ok(known.map_or(RecordState::Queued, |known| known.state))
}

fn tell(context: &Context, id: RequestId, state: &RecordState, why: Option<&CliError>) {
    let (name, cost) = match state {
        RecordState::Queued => ("queued", None),
        RecordState::Recorded { cost, .. } => ("recorded", Some(*cost)),
        RecordState::Refused { .. } => ("refused", None),
    };
    if context.ui.json {
        // A refusal is told by its error.
        if !matches!(state, RecordState::Refused { .. }) {
            context.ui.value(&json!({
                "request_id": id.to_string(),
                "state": name,
                "cost_nano_usd": cost.map(nano),
                "reason": why.map(ToString::to_string),
            }));
        }
        return;
    }
    match state {
        RecordState::Queued => {
            context.ui.line(&format!("queued as {id}"));
            let why = why.map_or_else(
                || "the cloud gave no answer for it".to_owned(),
                ToString::to_string,
            );
            context.ui.say(&format!(
                "Not sent yet: {why}. `synesis cloud balance` and `synesis cloud connect` send it."
            ));
        }
        RecordState::Recorded { cost, .. } => {
            context.ui.line(&format!("recorded for {cost} as {id}"));
        }
        RecordState::Refused { .. } => {}
    }
}

fn not_queued(error: LedgerError) -> CliError {
    match &error {
        LedgerError::OtherContent { request_id } => CliError::user(format!(
            "the id {request_id} stands for another call already; nothing was counted"
        ))
        .hint("leave --id out for a new call"),
        _ => CliError::user("the call could not be written to this device's ledger").because(error),
    }
}

fn refused(code: &str, message: &str) -> CliError {
    let kind = match code.parse() {
        Ok(ErrorCode::CreditCeilingExceeded) => ErrorKind::Refused,
        _ => ErrorKind::User,
    };
    let error = CliError::new(kind, format!("the cloud does not take it: {message}"));
    match code.parse() {
        Ok(ErrorCode::UnknownModel) => {
            error.hint("`synesis cloud status` shows the models that the cloud has prices of")
        }
        Ok(ErrorCode::CreditCeilingExceeded) => error
            .hint("`synesis cloud balance` shows what is left; record it again by a new id then"),
        _ => error,
    }
}
