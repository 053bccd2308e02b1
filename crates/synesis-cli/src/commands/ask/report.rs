//! The end of `ask`: the answer on stdout, how it came about on stderr, and the exit status.

use std::process::ExitCode;
use std::time::Duration;

use serde_json::{Value, json};
use synesis_core::{Answer, Outcome, RefusedBecause};

use super::escalate::Escalated;
use super::host::{Ended, Host};
use crate::error::{CliError, ErrorKind};
use crate::ui::{self, DIM, WARN};

/// Shows how it ended. An interrupted or broken question shows what there is before its error.
pub(super) fn report(
    mut host: Host<'_>,
    ended: Result<Ended, CliError>,
    elapsed: Duration,
) -> Result<ExitCode, CliError> {
    host.show_events();
    host.view.finish();
    match ended? {
        Ended::Interrupted => Err(CliError::new(ErrorKind::Interrupted, "interrupted")),
        Ended::Finished(outcome) => {
            if host.context.ui.json {
                as_json(&mut host, &outcome, elapsed);
            } else {
                as_text(&host, &outcome, elapsed);
            }
            let failure = host.escalation.and_then(|escalated| escalated.failure);
            status(outcome, failure.or(host.engine_failure))
        }
    }
}

fn as_text(host: &Host<'_>, outcome: &Outcome, elapsed: Duration) {
    let ui = host.context.ui;
    let shown = match outcome {
        Outcome::Answered(answer) | Outcome::DoesNotKnow { answer, .. } => {
            Some(answer.text.as_str())
        }
        Outcome::Cut { partial, .. } if !partial.is_empty() => Some(partial.as_str()),
        _ => None,
    };
    if let Some(text) = shown
        && !host.view.has_written()
    {
        ui.line(text);
    }
    if let Outcome::OutsideTasks { notice } = outcome {
        ui.line(notice);
    } else if let Some(notice) = outcome
        .notice()
        .filter(|_| !matches!(outcome, Outcome::Cut { .. }))
    {
        ui.say(&format!("{WARN}{notice}{WARN:#}"));
    }
    if let Some(answer) = outcome.answer() {
        ui.say(&format!("{DIM}{}{DIM:#}", summary(host, answer, elapsed)));
        if host.args.explain {
            explain(host, answer);
        }
    }
    if let Some(escalated) = &host.escalation {
        ui.say(&format!("{DIM}{}{DIM:#}", escalated.summary()));
    }
}

/// One line: how sure, where, by which model, how long.
fn summary(host: &Host<'_>, answer: &Answer, elapsed: Duration) -> String {
    let by = match host
        .escalation
        .as_ref()
        .and_then(|escalated| escalated.model.as_deref())
    {
        Some(model) if answer.route == synesis_core::Route::Cloud => model.to_owned(),
        _ => {
            let info = host.engine.info();
            format!("{} ({})", info.id, info.engine)
        }
    };
    format!(
        "confidence {} % · {}: {} · {by} · {}",
        answer.confidence,
        answer.route.as_str(),
        host.view.reason(),
        ui::duration(elapsed),
    )
}

fn explain(host: &Host<'_>, answer: &Answer) {
    let ui = host.context.ui;
    let percent =
        |score: Option<u8>| score.map_or_else(|| "no say".to_owned(), |score| format!("{score} %"));
    ui.say(&format!(
        "model     {}, {}",
        host.choice.model, host.choice.reason
    ));
    ui.say(&format!(
        "scores    Pathos {} (weight 20), Logos {} (40), Ethos {} (40); agreement from 85 %",
        percent(answer.scores.pathos),
        percent(answer.scores.logos),
        percent(answer.scores.ethos)
    ));
    let arbiter = if answer.arbiter {
        ", then the arbiter chose"
    } else {
        ""
    };
    ui.say(&format!("rounds    {}{arbiter}", answer.rounds));
}

fn as_json(host: &mut Host<'_>, outcome: &Outcome, elapsed: Duration) {
    let info = host.engine.info();
    let answer = outcome.answer();
    let text = match outcome {
        Outcome::Answered(answer) | Outcome::DoesNotKnow { answer, .. } => {
            Some(answer.text.clone())
        }
        Outcome::Cut { partial, .. } => Some(partial.clone()),
        _ => None,
    };
    let message = if text.is_none() {
        Some(outcome.text())
    } else {
        outcome.notice()
    };
    let mut value = json!({
        "ending": outcome.ending(),
        "answer": text,
        "notice": message,
        "confidence": answer.map(|answer| answer.confidence),
        "route": answer.map(|answer| answer.route),
        "reason": host.view.reason(),
        "rounds": answer.map(|answer| answer.rounds),
        "arbiter": answer.map(|answer| answer.arbiter),
        "scores": answer.map(|answer| answer.scores),
        "sources": answer.map(|answer| &answer.sources),
        "model": info.id,
        "engine": info.engine,
        "elapsed_ms": u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX),
        "cloud": host.escalation.as_ref().map(Escalated::to_json),
    });
    let events = host.view.take_events();
    if !events.is_empty()
        && let Some(object) = value.as_object_mut()
    {
        object.insert("events".to_owned(), Value::Array(events));
    }
    host.context.ui.value(&value);
}

fn status(outcome: Outcome, failure: Option<CliError>) -> Result<ExitCode, CliError> {
    match outcome {
        Outcome::Answered(_) | Outcome::DoesNotKnow { .. } | Outcome::OutsideTasks { .. } => {
            Ok(ExitCode::SUCCESS)
        }
        Outcome::Vetoed { feedback } => Err(CliError::new(
            ErrorKind::Refused,
            "Ethos forbids an answer to this question",
        )
        .because(feedback)),
        Outcome::Cut { message, .. } => Err(failure.unwrap_or_else(|| {
            CliError::new(ErrorKind::Cloud, "the answer broke off").because(message)
        })),
        Outcome::Refused { because, reason } => Err(failure.unwrap_or_else(|| match because {
            RefusedBecause::Budget => CliError::new(ErrorKind::Refused, reason),
            RefusedBecause::NoCloud | RefusedBecause::CloudUnreachable => {
                CliError::new(ErrorKind::Cloud, reason)
            }
        })),
        Outcome::Failed { message } => {
            Err(failure
                .unwrap_or_else(|| CliError::user("the model gave no answer").because(message)))
        }
    }
}
