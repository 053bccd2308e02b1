//! `synesis privacy`: what would be found, and the user's own rules.

use serde_json::json;
use synesis_privacy::{INPUT_BYTES_MAX, Raw};

use crate::args::{Privacy, PrivacyRule};
use crate::commands::Context;
use crate::error::{CliError, Context as _, ErrorKind};
use crate::input;
use crate::privacy_rules::{Rule, Rules, redactor};
use crate::ui::table::table;

pub(crate) fn run(context: &Context, command: &Privacy) -> Result<(), CliError> {
    match command {
        Privacy::Scan { file } => scan(context, file),
        Privacy::Add(rule) => add(context, rule),
        Privacy::List => list(context),
        Privacy::Remove { number } => remove(context, *number),
    }
}

fn scan(context: &Context, file: &std::path::Path) -> Result<(), CliError> {
    let text = input::file_or_stdin(file, INPUT_BYTES_MAX)?;
    let found = redactor(&context.home)?
        .scan(&Raw::new(text.clone()))
        .context(ErrorKind::User, "the text cannot be scanned")?;
    if context.ui.json {
        let findings: Vec<_> = found
            .iter()
            .map(|hit| {
                json!({
                    "start": hit.span.start, "end": hit.span.end, "kind": hit.kind.name(),
                    "detector": hit.detector, "confidence": hit.confidence,
                })
            })
            .collect();
        context.ui.value(&json!({ "findings": findings }));
        return Ok(());
    }
    if found.is_empty() {
        context.ui.say("Nothing private was found.");
        return Ok(());
    }
    let rows = found.iter().map(|hit| {
        let line = text[..hit.span.start].matches('\n').count() + 1;
        [
            line.to_string(),
            hit.kind.name().to_owned(),
            text[hit.span.clone()].replace('\n', "⏎"),
            hit.detector.to_owned(),
            format!("{} %", hit.confidence),
        ]
    });
    context
        .ui
        .line(&table(["line", "kind", "value", "found by", "sure"], rows));
    Ok(())
}

fn add(context: &Context, rule: &PrivacyRule) -> Result<(), CliError> {
    let rule = match rule {
        PrivacyRule {
            value: Some(text), ..
        } => Rule::Value(text.clone()),
        PrivacyRule {
            pattern: Some(text),
            ..
        } => Rule::Pattern(text.clone()),
        PrivacyRule {
            allow: Some(text), ..
        } => Rule::Allow(text.clone()),
        PrivacyRule { .. } => {
            return Err(CliError::new(ErrorKind::Usage, "there is no rule to add"));
        }
    };
    let mut rules = Rules::load(&context.home)?;
    if rules.rules.contains(&rule) {
        context.ui.say("This rule is there already.");
        return Ok(());
    }
    rules.rules.push(rule);
    rules.save(&context.home)?;
    context
        .ui
        .say(&format!("Added as rule {}.", rules.rules.len()));
    Ok(())
}

fn list(context: &Context) -> Result<(), CliError> {
    let rules = Rules::load(&context.home)?;
    let numbered = rules.rules.iter().zip(1..);
    if context.ui.json {
        let list: Vec<_> = numbered
            .map(|(rule, number)| json!({ "number": number, "sort": rule.sort(), "text": rule.text() }))
            .collect();
        context.ui.value(&json!(list));
    } else if rules.rules.is_empty() {
        context
            .ui
            .say("No rules were added; `synesis privacy add --help` shows how.");
    } else {
        let rows = numbered.map(|(rule, number)| {
            [
                number.to_string(),
                rule.sort().to_owned(),
                rule.text().to_owned(),
            ]
        });
        context.ui.line(&table(["number", "sort", "text"], rows));
    }
    Ok(())
}

fn remove(context: &Context, number: usize) -> Result<(), CliError> {
    let mut rules = Rules::load(&context.home)?;
    if number == 0 || number > rules.rules.len() {
        return Err(CliError::user(format!("there is no rule {number}"))
            .hint("`synesis privacy list` shows the numbers"));
    }
    let rule = rules.rules.remove(number - 1);
    rules.save(&context.home)?;
    context
        .ui
        .say(&format!("Removed the {} `{}`.", rule.sort(), rule.text()));
    Ok(())
}
