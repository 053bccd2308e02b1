//! `synesis knowledge`: the documents that the council may cite.

use serde_json::json;
use synesis_knowledge::{Hit, KnowledgeBase, KnowledgeError, Report};

use crate::args::Knowledge;
use crate::commands::Context;
use crate::error::{CliError, Context as _, ErrorKind};
use crate::ui::bytes;
use crate::ui::table::{pairs, table};

/// Skipped files that are named one by one.
const SKIPPED_SHOWN_MAX: usize = 10;

pub(crate) fn run(context: &Context, command: &Knowledge) -> Result<(), CliError> {
    context.initialise()?;
    let mut base = KnowledgeBase::open(context.home.knowledge_file()).map_err(failed)?;
    match command {
        Knowledge::Add { paths } => add(context, &base.add(paths).map_err(failed)?),
        Knowledge::List => list(context, &base).map_err(failed)?,
        Knowledge::Search { query, limit } => {
            search(
                context,
                &base.search(&query.join(" "), *limit).map_err(failed)?,
            );
        }
        Knowledge::Remove { paths } => {
            let mut removed = 0;
            for path in paths {
                removed += base.remove(path).map_err(failed)?;
            }
            if context.ui.json {
                context.ui.value(&json!({ "removed": removed }));
            }
            context.ui.say(&format!(
                "{removed} files are out of the index; they stay on the disk."
            ));
        }
        Knowledge::Stats => {
            let stats = base.stats().map_err(failed)?;
            if context.ui.json {
                context.ui.value(&json!({ "documents": stats.documents, "chunks": stats.chunks, "bytes": stats.bytes }));
            } else {
                context.ui.line(&pairs([
                    ("documents", stats.documents.to_string()),
                    ("passages", stats.chunks.to_string()),
                    ("text", bytes(stats.bytes)),
                ]));
            }
        }
    }
    Ok(())
}

fn failed(error: KnowledgeError) -> CliError {
    CliError::user("the index of your documents cannot be used").because(error)
}

fn add(context: &Context, report: &Report) {
    let Report {
        added,
        updated,
        unchanged,
        removed,
        skipped,
        skipped_unnamed,
    } = report;
    let skipped_count = skipped.len() + skipped_unnamed;
    if context.ui.json {
        let skipped: Vec<_> = skipped
            .iter()
            .map(|file| json!({ "path": file.path.display().to_string(), "reason": file.reason.to_string() }))
            .collect();
        context.ui.value(&json!({
            "added": added, "updated": updated, "unchanged": unchanged, "removed": removed,
            "skipped": skipped, "skipped_unnamed": skipped_unnamed,
        }));
        return;
    }
    for file in skipped.iter().take(SKIPPED_SHOWN_MAX) {
        context
            .ui
            .say(&format!("skipped {}: {}", file.path.display(), file.reason));
    }
    if skipped_count > SKIPPED_SHOWN_MAX {
        context.ui.say(&format!(
            "… and {} more files were skipped",
            skipped_count - SKIPPED_SHOWN_MAX
        ));
    }
    context.ui.say(&format!("{added} added, {updated} updated, {unchanged} unchanged, {removed} gone, {skipped_count} skipped."));
}

fn list(context: &Context, base: &KnowledgeBase) -> Result<(), KnowledgeError> {
    let documents = base.list()?;
    if context.ui.json {
        let documents: Vec<_> = documents
            .iter()
            .map(|document| {
                json!({ "path": document.path.display().to_string(), "bytes": document.bytes, "passages": document.chunks })
            })
            .collect();
        context.ui.value(&json!(documents));
    } else if documents.is_empty() {
        context
            .ui
            .say("Nothing is indexed; `synesis knowledge add FOLDER` does it.");
    } else {
        let rows = documents.iter().map(|document| {
            [
                document.path.display().to_string(),
                bytes(document.bytes),
                document.chunks.to_string(),
            ]
        });
        context.ui.line(&table(["file", "size", "passages"], rows));
    }
    Ok(())
}

fn search(context: &Context, hits: &[Hit]) {
    if context.ui.json {
        let hits: Vec<_> = hits
            .iter()
            .map(|hit| {
                json!({
                    "path": hit.path.display().to_string(), "line_start": hit.line_start, "line_end": hit.line_end,
                    "heading": hit.heading, "text": hit.text, "score": hit.score,
                })
            })
            .collect();
        context.ui.value(&json!(hits));
        return;
    }
    if hits.is_empty() {
        context.ui.say("Nothing was found.");
    }
    for hit in hits {
        context.ui.line(&format!(
            "{}:{}-{}",
            hit.path.display(),
            hit.line_start,
            hit.line_end
        ));
        for line in hit.text.lines() {
            context.ui.line(&format!("    {line}"));
        }
    }
}

/// The passages for the council; the raw path is what it cites.
pub(crate) fn passages(
    context: &Context,
    query: &str,
    count_max: usize,
) -> Result<Vec<synesis_core::Passage>, CliError> {
    let base = KnowledgeBase::open(context.home.knowledge_file()).map_err(failed)?;
    let hits = base
        .search(query, count_max)
        .context(ErrorKind::User, "the index cannot be searched")?;
    let passage = |hit: Hit| synesis_core::Passage {
        path: hit.path.display().to_string(),
        line_start: hit.line_start,
        line_end: hit.line_end,
        text: hit.text,
    };
    Ok(hits.into_iter().map(passage).collect())
}
