//! `synesis cloud audit`: the cloud's ledger, checked on this device.

use std::process::ExitCode;

use serde_json::{Value, json};
use synesis_cloud::{AuditReport, CallSum, Finding};

use super::balance::alarm_json;
use super::money::{billing, calls, nano};
use crate::cloud_link::{self, from_cloud};
use crate::commands::Context;
use crate::error::CliError;
use crate::ui::progress::spin;
use crate::ui::table::pairs;
use crate::ui::{BAD, GOOD};

pub(super) async fn run(context: &Context) -> Result<ExitCode, CliError> {
    let link = cloud_link::connect(context, false).await?;
    let billing = billing(context, &link)?;
    let audited = spin(context.ui, "reading the account's history", async {
        billing.sync_with_cloud().await?;
        billing.audit().await
    })
    .await
    .map_err(from_cloud);
    link.close().await;
    let report = audited?;
    if context.ui.json {
        context.ui.value(&to_json(&report));
    } else {
        context.ui.line(&to_text(&report));
    }
    if report.is_clean() {
        return Ok(ExitCode::SUCCESS);
    }
    context.ui.say(&format!(
        "Keep {} as evidence and show this to the cloud's operator.",
        context.home.ledger_file().display()
    ));
    Ok(ExitCode::FAILURE)
}

fn to_json(report: &AuditReport) -> Value {
    let sum = |sum: &CallSum| json!({ "calls": sum.calls, "cost_nano_usd": nano(sum.cost) });
    json!({
        "clean": report.is_clean(),
        "account": report.account.to_string(),
        "events": report.head.sequence,
        "head": report.head.hash.to_string(),
        "receipts": report.receipts,
        "device": {
            "here": sum(&report.here),
            "cloud": sum(&report.there),
            "open": report.open,
            "queued": report.queued,
            "unattributed": sum(&report.unattributed),
        },
        "other_devices": sum(&report.others),
        "findings_total": report.findings.total(),
        "findings": report.findings.named().iter().map(finding).collect::<Vec<_>>(),
    })
}

fn finding(finding: &Finding) -> Value {
    let mut value = json!({ "finding": finding.name(), "message": finding.to_string() });
    match finding {
        Finding::Alarm(alarm) => value["alarm"] = alarm_json(alarm),
        Finding::ChargedAgain { request, cost } | Finding::MissingHere { request, cost } => {
            value["request_id"] = json!(request.to_string());
            value["cloud_nano_usd"] = json!(nano(*cost));
        }
        Finding::MissingThere { request, cost } => {
            value["request_id"] = json!(request.to_string());
            value["device_nano_usd"] = json!(nano(*cost));
        }
        Finding::AmountDiffers {
            request,
            here,
            there,
        } => {
            value["request_id"] = json!(request.to_string());
            value["device_nano_usd"] = json!(nano(*here));
            value["cloud_nano_usd"] = json!(nano(*there));
        }
        _ => {}
    }
    value
}

fn to_text(report: &AuditReport) -> String {
    let sum = |sum: &CallSum| format!("{} for {}", sum.cost, calls(sum.calls));
    let mut rows = vec![
        ("account", report.account.to_string()),
        (
            "history",
            format!(
                "{} events, computed again on this device",
                report.head.sequence
            ),
        ),
        ("head", report.head.hash.to_string()),
        (
            "receipts",
            format!("{} kept ones compared with it", report.receipts),
        ),
        ("this device", sum(&report.here)),
        ("in the cloud", sum(&report.there)),
    ];
    if report.others.calls > 0 {
        rows.push(("other devices", sum(&report.others)));
    }
    if report.open > 0 {
        rows.push(("still open", calls(report.open)));
    }
    if report.queued > 0 {
        rows.push(("queued", format!("{} to be recorded", calls(report.queued))));
    }
    if report.unattributed.calls > 0 {
        rows.push((
            "not compared",
            format!(
                "{}, written by an earlier version, maybe for another account",
                sum(&report.unattributed)
            ),
        ));
    }
    let mut text = pairs(rows);
    if report.is_clean() {
        text.push_str(&format!(
            "\n{GOOD}Everything fits, to the nano-dollar.{GOOD:#}"
        ));
        return text;
    }
    for finding in report.findings.named() {
        text.push_str(&format!("\n{BAD}differs:{BAD:#} {finding}"));
    }
    let named = u64::try_from(report.findings.named().len()).unwrap_or(u64::MAX);
    let more = report.findings.total().saturating_sub(named);
    if more > 0 {
        text.push_str(&format!("\n… and {more} more"));
    }
    text
}
