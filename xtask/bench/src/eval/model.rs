//! How often the built-in model is right on phrasings that it was never trained on.
//!
//! The held-out rows are asked greedily, through the engine that answers people. An answer counts
//! when it is the expected text; a manifest or a verdict, which the engine holds to its schema,
//! counts when it comes to the same kind or the same decision.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;
use synesis_core::{ChatMessage, Manifest, Verdict};
use synesis_models::{
    AdapterId, AdapterSource, Constraint, Engine, GenRequest, ModelRef, OpenOptions, Sampling,
    collect, open,
};
use tokio_util::sync::CancellationToken;

use crate::error::{Doing, MeasureError};
use crate::row::{Goal, Row};

/// From the root of the repository, where `cargo xtask` starts this program.
const FOLDER: &str = "models/builtin";
const QUICK_ROWS_PER_TASK: usize = 20;
const ANSWER_TOKENS_MAX: u32 = 96;
const RIGHT_PERCENT: Goal = Goal::ValueAtLeast(95.0);
const RIGHT_PERCENT_EXTRACT: Goal = Goal::ValueAtLeast(85.0);

/// One held-out question.
#[derive(Debug, Deserialize)]
struct Question {
    task: String,
    messages: Vec<ChatMessage>,
    expect: String,
    adapter: Option<String>,
}

#[derive(Debug, Default)]
struct Score {
    asked: usize,
    right: usize,
}

/// Asks every held-out question, or the first few of each task.
pub(super) fn run(quick: bool) -> Result<Vec<Row>, MeasureError> {
    let questions = read(&Path::new(FOLDER).join("eval/heldout.jsonl"))?;
    let rows_max = if quick {
        QUICK_ROWS_PER_TASK
    } else {
        usize::MAX
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .doing("starting a runtime")?;
    let engine =
        open(&ModelRef::Builtin, &OpenOptions::default()).doing("opening the built-in model")?;
    let scores = runtime.block_on(ask_all(&engine, &questions, rows_max))?;
    Ok(scores
        .into_iter()
        .map(|(task, score)| row(task, &score))
        .collect())
}

fn read(path: &Path) -> Result<Vec<Question>, MeasureError> {
    let text = std::fs::read_to_string(path).doing("reading models/builtin/eval/heldout.jsonl")?;
    text.lines()
        .map(|line| serde_json::from_str(line).doing("reading a held-out question"))
        .collect()
}

fn row(task: &str, score: &Score) -> Row {
    Row {
        id: format!("model.{task}"),
        value: 100.0 * score.right as f64 / score.asked as f64,
        baseline: None,
        unit: "%",
        goal: goal_of(task),
        n: Some(score.asked),
    }
}

/// What the model was made for has a goal. What it should leave alone, and its adapters, are shown without.
fn goal_of(task: &str) -> Option<Goal> {
    match task {
        "extract" => Some(RIGHT_PERCENT_EXTRACT),
        "capital" | "fact" | "conversion" | "arithmetic" | "calculator" | "greeting"
        | "manifest" | "verdict" => Some(RIGHT_PERCENT),
        _ => None,
    }
}

async fn ask_all<'q>(
    engine: &Arc<dyn Engine>,
    questions: &'q [Question],
    rows_max: usize,
) -> Result<BTreeMap<&'q str, Score>, MeasureError> {
    let mut scores: BTreeMap<&str, Score> = BTreeMap::new();
    // All of them before the first question: a missing file is said at once.
    let mut adapters: BTreeMap<&str, AdapterId> = BTreeMap::new();
    for name in questions
        .iter()
        .filter_map(|question| question.adapter.as_deref())
    {
        if !adapters.contains_key(name) {
            adapters.insert(name, load(engine, name).await?);
        }
    }
    for question in questions {
        let score = scores.entry(&question.task).or_default();
        if score.asked == rows_max {
            continue;
        }
        let adapter = question
            .adapter
            .as_deref()
            .and_then(|name| adapters.get(name))
            .copied();
        let said = ask(engine, question, adapter).await?;
        score.asked += 1;
        score.right += usize::from(is_right(&question.task, &said, &question.expect));
    }
    Ok(scores)
}

async fn load(engine: &Arc<dyn Engine>, name: &str) -> Result<AdapterId, MeasureError> {
    let adapters = engine
        .adapters()
        .ok_or("this engine takes no adapters")
        .doing("loading an adapter")?;
    let file = Path::new(FOLDER).join(format!("{name}.gguf"));
    adapters
        .load(name, AdapterSource::Path(file))
        .await
        .doing("loading an adapter")
}

async fn ask(
    engine: &Arc<dyn Engine>,
    question: &Question,
    adapter: Option<AdapterId>,
) -> Result<String, MeasureError> {
    let request = GenRequest {
        messages: question.messages.clone(),
        sampling: Sampling {
            temperature: 0.0,
            max_tokens: ANSWER_TOKENS_MAX,
            ..Sampling::default()
        },
        stop: Vec::new(),
        constraint: constraint(&question.task)?,
        adapters: adapter.map(|id| (id, 1.0)).into_iter().collect(),
    };
    let stream = engine
        .generate(request, CancellationToken::new())
        .await
        .doing("asking the model")?;
    let (said, _) = collect(stream).await.doing("asking the model")?;
    Ok(said)
}

/// The form in which a task is answered: a task's name may go on after it.
fn form(task: &str) -> &str {
    task.split_once('_').map_or(task, |(form, _)| form)
}

fn constraint(task: &str) -> Result<Option<Constraint>, MeasureError> {
    let schema = match form(task) {
        "manifest" => Manifest::schema(),
        "verdict" => Verdict::schema(),
        _ => return Ok(None),
    };
    serde_json::from_str(schema)
        .map(|schema| Some(Constraint::JsonSchema(schema)))
        .doing("reading a schema")
}

fn is_right(task: &str, said: &str, expected: &str) -> bool {
    match form(task) {
        "manifest" => same_field(said, expected, "kind"),
        "verdict" => same_field(said, expected, "verdict"),
        _ => said.trim() == expected.trim(),
    }
}

fn same_field(said: &str, expected: &str, field: &str) -> bool {
    let value = |text: &str| {
        let object: serde_json::Value = serde_json::from_str(text).ok()?;
        object.get(field).cloned()
    };
    value(said).is_some_and(|said| value(expected) == Some(said))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_must_be_equal_and_manifests_only_agree() {
        let table = [
            ("fact", "Paris.", " Paris.\n", true),
            ("fact", "paris.", "Paris.", false),
            (
                "manifest",
                r#"{"kind":"fact","goal":"a"}"#,
                r#"{"kind":"fact","goal":"b"}"#,
                true,
            ),
            (
                "manifest",
                r#"{"kind":"code"}"#,
                r#"{"kind":"fact"}"#,
                false,
            ),
            ("manifest", "{}", "{}", false),
            ("manifest", r#"{"kind":"fact""#, r#"{"kind":"fact"}"#, false),
            (
                "verdict",
                r#"{"verdict":"veto"}"#,
                r#"{"verdict":"veto"}"#,
                true,
            ),
        ];
        for (task, said, expected, right) in table {
            assert_eq!(
                is_right(task, said, expected),
                right,
                "{task}: {said} for {expected}"
            );
        }
    }

    #[test]
    fn only_the_councils_formats_are_constrained() {
        assert!(constraint("manifest").unwrap().is_some());
        assert!(constraint("verdict").unwrap().is_some());
        assert!(constraint("capital").unwrap().is_none());
    }
}
