//! `synesis cloud statement`: a month, added up on this device from the account's history.

use std::process::ExitCode;

use serde_json::{Value, json};
use synesis_cloud::SignedStatements;
use synesis_domain::NanoUsd;
use synesis_domain::account::{Statement, StatementKind, StatementLine};

use super::money::{billing, csv_line, nano, one_format};
use crate::args::{CalendarMonth, CloudStatement};
use crate::cloud_link::{self, from_cloud};
use crate::commands::Context;
use crate::error::CliError;
use crate::ui::date_time;
use crate::ui::progress::spin;
use crate::ui::table::{pairs, table};

pub(super) async fn run(context: &Context, args: &CloudStatement) -> Result<ExitCode, CliError> {
    one_format(context, args.csv)?;
    let link = cloud_link::connect(context, false).await?;
    let billing = billing(context, &link)?;
    let month = args.month.map(CalendarMonth::start);
    let asked = spin(
        context.ui,
        "reading the account's history",
        billing.statements(month),
    );
    let signed = asked.await.map_err(from_cloud);
    link.close().await;
    let signed = signed?;
    if signed.statements.is_empty() {
        return Err(nothing(args.month));
    }
    if args.csv {
        csv(context, &signed.statements);
    } else if context.ui.json {
        context.ui.value(&to_json(&signed));
    } else {
        let texts: Vec<String> = signed.statements.iter().map(to_text).collect();
        context.ui.line(&texts.join("\n\n"));
        context.ui.line(&format!("\n{}", signature(&signed)));
    }
    if signed.fits {
        return Ok(ExitCode::SUCCESS);
    }
    context.ui.say(
        "What the cloud signed does not fit this history: `synesis cloud audit` says what differs.",
    );
    Ok(ExitCode::FAILURE)
}

fn nothing(month: Option<CalendarMonth>) -> CliError {
    let what = month.map_or_else(
        || "this account has no period yet".to_owned(),
        |month| format!("no period of this account began in {month}"),
    );
    CliError::user(what).hint("`synesis cloud statement` without a month shows the open period")
}

const COLUMNS: [&str; 17] = [
    "period",
    "at",
    "kind",
    "reference",
    "model",
    "device",
    "prompt_tokens",
    "cached_prompt_tokens",
    "completion_tokens",
    "provider_nano_usd",
    "fee_nano_usd",
    "credit_nano_usd",
    "charged_nano_usd",
    "waived_nano_usd",
    "absorbed_nano_usd",
    "amount_nano_usd",
    "debt_nano_usd",
];

fn csv(context: &Context, statements: &[Statement]) {
    context.ui.line(&csv_line(COLUMNS));
    for statement in statements {
        for line in &statement.lines {
            context.ui.line(&csv_line(cells(statement.period, line)));
        }
    }
}

fn cells(period: u32, line: &StatementLine) -> [String; 17] {
    let none = String::new;
    let (at, reference) = (date_time(line.at), line.reference.clone());
    match &line.kind {
        StatementKind::Call {
            model,
            device,
            usage,
            entry,
        } => [
            period.to_string(),
            at,
            "call".to_owned(),
            reference,
            model.clone(),
            device.clone(),
            usage.prompt().to_string(),
            usage.cached_prompt().to_string(),
            usage.completion().to_string(),
            nano(entry.provider),
            nano(entry.fee),
            nano(entry.credit),
            nano(entry.charged),
            nano(entry.waived),
            nano(entry.absorbed),
            none(),
            none(),
        ],
        StatementKind::Credit {
            reason,
            amount,
            debt,
        } => {
            let mut cells: [String; 17] = std::array::from_fn(|_| none());
            let filled = [
                (0, period.to_string()),
                (1, at),
                (2, reason.name().to_owned()),
                (3, reference),
                (15, nano(*amount)),
                (16, nano(*debt)),
            ];
            for (column, text) in filled {
                cells[column] = text;
            }
            cells
        }
    }
}

fn to_json(signed: &SignedStatements) -> Value {
    let statements: Vec<Value> = signed.statements.iter().map(statement_json).collect();
    json!({
        "statements": statements,
        "fits": signed.fits,
        "receipt": signed.receipt.map(|signed| json!({
            "sequence": signed.receipt.head.sequence,
            "head": signed.receipt.head.hash.to_string(),
            "charged_nano_usd": nano(signed.receipt.charged),
            "credit_nano_usd": nano(signed.receipt.credit),
            "at": date_time(signed.receipt.at),
            "signature": hex(&signed.signature),
            "key": hex(&signed.key),
        })),
    })
}

fn statement_json(statement: &Statement) -> Value {
    let totals = &statement.totals;
    json!({
        "account": statement.account.to_string(),
        "period": statement.period,
        "from": date_time(statement.from),
        "ended": statement.ended.map(date_time),
        "lines": statement.lines.iter().map(line_json).collect::<Vec<_>>(),
        "totals": {
            "calls": totals.calls,
            "tokens": { "prompt": totals.prompt_tokens, "completion": totals.completion_tokens },
            "provider_nano_usd": nano(totals.provider),
            "fee_nano_usd": nano(totals.fee),
            "credit_nano_usd": nano(totals.credit),
            "charged_nano_usd": nano(totals.charged),
            "waived_nano_usd": nano(totals.waived),
            "absorbed_nano_usd": nano(totals.absorbed),
        },
        "bill_cents": statement.bill_cents,
        "head": statement.head.hash.to_string(),
    })
}

fn line_json(line: &StatementLine) -> Value {
    let (at, reference) = (date_time(line.at), &line.reference);
    match &line.kind {
        StatementKind::Call {
            model,
            device,
            usage,
            entry,
        } => json!({
            "at": at,
            "kind": "call",
            "reference": reference,
            "model": model,
            "device": device,
            "tokens": {
                "prompt": usage.prompt(),
                "cached_prompt": usage.cached_prompt(),
                "completion": usage.completion(),
            },
            "provider_nano_usd": nano(entry.provider),
            "fee_nano_usd": nano(entry.fee),
            "credit_nano_usd": nano(entry.credit),
            "charged_nano_usd": nano(entry.charged),
            "waived_nano_usd": nano(entry.waived),
            "absorbed_nano_usd": nano(entry.absorbed),
        }),
        StatementKind::Credit {
            reason,
            amount,
            debt,
        } => json!({
            "at": at,
            "kind": reason.name(),
            "reference": reference,
            "amount_nano_usd": nano(*amount),
            "debt_nano_usd": nano(*debt),
        }),
    }
}

fn to_text(statement: &Statement) -> String {
    let totals = &statement.totals;
    let until = statement.ended.map_or_else(
        || "open".to_owned(),
        |ended| format!("until {}", date_time(ended)),
    );
    let bill = u64::try_from(statement.bill_cents).unwrap_or(0);
    let mut rows = vec![
        ("account", statement.account.to_string()),
        (
            "period",
            format!(
                "{}, from {}, {until}",
                statement.period,
                date_time(statement.from)
            ),
        ),
        ("calls", totals.calls.to_string()),
        (
            "tokens",
            format!(
                "{} in, {} out",
                totals.prompt_tokens, totals.completion_tokens
            ),
        ),
        ("provider", totals.provider.to_string()),
        ("fee", totals.fee.to_string()),
        ("by credit", totals.credit.to_string()),
        ("charged", totals.charged.to_string()),
    ];
    let given = [("given", totals.waived), ("absorbed", totals.absorbed)];
    rows.extend(
        given
            .into_iter()
            .filter(|(_, amount)| *amount != NanoUsd::ZERO)
            .map(|(name, amount)| (name, amount.to_string())),
    );
    rows.push((
        "bill",
        format!(
            "{}, rounded up to the cent once",
            NanoUsd::from_whole_cents(bill)
        ),
    ));
    let lines = statement.lines.iter().map(|line| match &line.kind {
        StatementKind::Call {
            model,
            usage,
            entry,
            ..
        } => [
            date_time(line.at),
            format!("{} {model}", line.reference),
            format!("{} in, {} out", usage.prompt(), usage.completion()),
            entry.credit.to_string(),
            entry.charged.to_string(),
        ],
        StatementKind::Credit { reason, amount, .. } => [
            date_time(line.at),
            format!("{} {}", line.reference, reason.name()),
            String::new(),
            amount.to_string(),
            String::new(),
        ],
    });
    let header = ["at", "what", "tokens", "credit", "charged"];
    format!("{}\n\n{}", pairs(rows), table(header, lines))
}

fn signature(signed: &SignedStatements) -> String {
    let Some(receipt) = &signed.receipt else {
        return "signed by nobody".to_owned();
    };
    let head = &receipt.receipt.head;
    pairs([
        ("events", head.sequence.to_string()),
        ("head", head.hash.to_string()),
        ("signature", hex(&receipt.signature)),
        ("by key", hex(&receipt.key)),
    ])
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
