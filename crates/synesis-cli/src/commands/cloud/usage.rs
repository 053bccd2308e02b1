//! `synesis cloud usage`: what this device used, from its own ledger.

use serde_json::{Value, json};
use synesis_cloud::{LocalLedger, Period, Totals};
use synesis_domain::{NanoUsd, Timestamp};

use super::money::{calls, csv_line, in_cents, ledger_failed, nano, one_format, open_ledger};
use crate::args::{CloudUsage, UsageBy};
use crate::cloud_link::now;
use crate::commands::Context;
use crate::error::CliError;
use crate::ui::table::{table, terminal_width};
use crate::ui::{Ui, date, plot};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// One line: a day, a model or a project, and what it came to.
type Line = (String, Totals);

pub(super) fn run(context: &Context, args: &CloudUsage) -> Result<(), CliError> {
    one_format(context, args.csv)?;
    let ledger = open_ledger(context)?;
    let period = Period::days(args.days, now());
    let lines = lines(&ledger, args.by, period).map_err(ledger_failed)?;
    let total = ledger.totals(period).map_err(ledger_failed)?;
    let queued = ledger.queued_records().map_err(ledger_failed)?;
    if args.csv {
        csv(context, args.by, &lines);
        return Ok(());
    }
    if context.ui.json {
        context
            .ui
            .value(&to_json(args, period, &lines, &total, queued));
        return Ok(());
    }
    if Ui::stdout_is_terminal() && args.by == UsageBy::Day && total.cost > NanoUsd::ZERO {
        context.ui.line(&plotted(period, &lines));
    }
    context.ui.line(&to_text(args.by, &lines, &total));
    if queued > 0 {
        context.ui.say(&format!(
            "Not in it: {} to be recorded; `synesis cloud balance` sends them.",
            calls(queued)
        ));
    }
    Ok(())
}

fn lines(
    ledger: &LocalLedger,
    by: UsageBy,
    period: Period,
) -> Result<Vec<Line>, synesis_cloud::LedgerError> {
    Ok(match by {
        UsageBy::Day => ledger
            .totals_by_day(period)?
            .into_iter()
            .map(|day| (day.day, day.totals))
            .collect(),
        UsageBy::Model => ledger
            .totals_by_model(period)?
            .into_iter()
            .map(|model| (model.model, model.totals))
            .collect(),
        UsageBy::Project => ledger
            .totals_by_project(period)?
            .into_iter()
            .map(|project| (project.project.unwrap_or_default(), project.totals))
            .collect(),
    })
}

const fn name(by: UsageBy) -> &'static str {
    match by {
        UsageBy::Day => "day",
        UsageBy::Model => "model",
        UsageBy::Project => "project",
    }
}

fn csv(context: &Context, by: UsageBy, lines: &[Line]) {
    let header = [
        name(by),
        "calls",
        "prompt_tokens",
        "completion_tokens",
        "cost_nano_usd",
    ];
    context.ui.line(&csv_line(header));
    for (key, totals) in lines {
        context.ui.line(&csv_line([
            key.clone(),
            totals.calls.to_string(),
            totals.prompt_tokens.to_string(),
            totals.completion_tokens.to_string(),
            nano(totals.cost),
        ]));
    }
}

fn to_json(
    args: &CloudUsage,
    period: Period,
    lines: &[Line],
    total: &Totals,
    queued: u64,
) -> Value {
    let key = name(args.by);
    let lines: Vec<Value> = lines
        .iter()
        .map(|(name, totals)| {
            let mut line = sums(totals);
            // What belongs to no project has no name.
            let name = (!name.is_empty()).then_some(name);
            line[key] = json!(name);
            line
        })
        .collect();
    let mut all = sums(total);
    all["cents"] = json!(total.cost.ceil_cents());
    json!({
        "days": args.days,
        "by": key,
        "from": date(period.from),
        "lines": lines,
        "total": all,
        "queued": queued,
    })
}

fn sums(totals: &Totals) -> Value {
    json!({
        "calls": totals.calls,
        "tokens": { "prompt": totals.prompt_tokens, "completion": totals.completion_tokens },
        "cost_nano_usd": nano(totals.cost),
    })
}

fn to_text(by: UsageBy, lines: &[Line], total: &Totals) -> String {
    let row = |key: String, totals: &Totals, cost: NanoUsd| {
        [
            key,
            totals.calls.to_string(),
            totals.prompt_tokens.to_string(),
            totals.completion_tokens.to_string(),
            cost.to_string(),
        ]
    };
    let lines = lines.iter().map(|(key, totals)| {
        let key = if key.is_empty() { "(none)" } else { key };
        row(key.to_owned(), totals, totals.cost)
    });
    // The total is what a person would pay: its cents are rounded up, once.
    let last = row("total".to_owned(), total, in_cents(total.cost));
    table(
        [name(by), "calls", "tokens in", "tokens out", "cost"],
        lines.chain([last]),
    )
}

/// The costs of every day of the period, those without calls too, over an axis with its ends.
fn plotted(period: Period, lines: &[Line]) -> String {
    let first = period.from.as_millis();
    let count = (period.to.as_millis() - first) / DAY_MS;
    let days: Vec<String> = (0..count)
        .map(|day| date(Timestamp::from_millis(first + day * DAY_MS)))
        .collect();
    let values: Vec<u64> = days
        .iter()
        .map(|day| {
            let line = lines.iter().find(|(key, _)| key == day);
            line.map_or(0, |(_, totals)| {
                u64::try_from(totals.cost.get()).unwrap_or(0)
            })
        })
        .collect();
    let width = usize::from(terminal_width());
    let mut plot = plot::columns(&values, width);
    let highest = lines.iter().map(|(_, totals)| totals.cost).max();
    if let Some(highest) = highest {
        plot.insert(0, format!("up to {highest} a day"));
    }
    let ends = [days.first(), days.last()].map(|day| day.cloned().unwrap_or_default());
    plot.push(format!("{} … {}\n", ends[0], ends[1]));
    plot.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn totals(nano: i64) -> Totals {
        Totals {
            calls: 1,
            prompt_tokens: 10,
            completion_tokens: 5,
            cost: NanoUsd::new(nano),
        }
    }

    #[test]
    fn only_the_total_is_rounded_and_up() {
        let lines = [
            ("2026-05-01".to_owned(), totals(103_000_000)),
            ("2026-05-02".to_owned(), totals(103_000_001)),
        ];
        let total = Totals {
            calls: 2,
            prompt_tokens: 20,
            completion_tokens: 10,
            cost: NanoUsd::new(206_000_001),
        };
        assert_eq!(
            to_text(UsageBy::Day, &lines, &total),
            "day         calls  tokens in  tokens out  cost\n\
             2026-05-01  1      10         5           $0.103\n\
             2026-05-02  1      10         5           $0.103000001\n\
             total       2      20         10          $0.21"
        );
    }

    #[test]
    fn every_day_of_the_period_has_its_column() {
        let now = Timestamp::from_millis(3 * DAY_MS + 5);
        let lines = [
            ("1970-01-02".to_owned(), totals(500)),
            ("1970-01-04".to_owned(), totals(1_000)),
        ];
        let plot = plotted(Period::days(4, now), &lines);
        let rows: Vec<&str> = plot.lines().collect();
        assert_eq!(rows.first(), Some(&"up to $0.000001 a day"));
        assert_eq!(rows.get(1), Some(&"         ██"));
        assert_eq!(rows.get(6), Some(&"   ██    ██"));
        assert_eq!(rows.get(7), Some(&"1970-01-01 … 1970-01-04"));
    }
}
