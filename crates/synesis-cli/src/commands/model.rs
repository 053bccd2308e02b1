//! `synesis model`: which models are here, and which one answers.

use std::time::Duration;

use serde_json::json;
use synesis_models::{ModelRef, discover};

use crate::args::Model;
use crate::commands::Context;
use crate::error::{CliError, Context as _, ErrorKind};
use crate::local_engine;
use crate::ui::bytes;
use crate::ui::progress::spin;
use crate::ui::table::{pairs, table};

pub(crate) async fn run(context: &Context, command: &Model) -> Result<(), CliError> {
    match command {
        Model::List => list(context).await,
        Model::Add { path, name } => add(context, path, name.as_deref()).await,
        Model::Remove { name } => {
            local_engine::registry(&context.home)
                .remove(name)
                .context(ErrorKind::User, format!("cannot remove `{name}`"))?;
            context
                .ui
                .say(&format!("{name} is forgotten; its file stays where it is."));
            Ok(())
        }
        Model::Use { model } => {
            if model != "auto" {
                local_engine::resolve(&context.home, model)?;
            }
            context
                .settings()?
                .set(&context.home.settings_file(), "model", model)?;
            context.ui.say(&format!("Answers come from {model} now."));
            Ok(())
        }
        Model::Info { model } => info(context, model.as_deref()).await,
    }
}

async fn list(context: &Context) -> Result<(), CliError> {
    let mut rows = vec![(ModelRef::Builtin.to_string(), "built in".to_owned(), None)];
    let added = local_engine::registry(&context.home).list();
    for entry in added.context(ErrorKind::User, "cannot read the list of added models")? {
        rows.push((
            entry.name,
            entry.path.display().to_string(),
            Some(entry.size_bytes),
        ));
    }
    for server in spin(
        context.ui,
        "looking for model servers",
        discover(Duration::from_millis(500)),
    )
    .await
    {
        for name in &server.models {
            rows.push((
                server.model(name).to_string(),
                format!("{} on this machine", server.kind.name()),
                None,
            ));
        }
    }
    let in_use = context.settings()?.model()?;
    if context.ui.json {
        let models: Vec<_> = rows
            .iter()
            .map(|(name, source, size)| json!({ "model": name, "source": source, "bytes": size, "in_use": *name == in_use }))
            .collect();
        context
            .ui
            .value(&json!({ "setting": in_use, "models": models }));
        return Ok(());
    }
    let rows = rows.into_iter().map(|(name, source, size)| {
        let mark = if name == in_use { "in use" } else { "" };
        [
            name,
            source,
            size.map(bytes).unwrap_or_default(),
            mark.to_owned(),
        ]
    });
    context.ui.line(&table(["model", "from", "size", ""], rows));
    if in_use == "auto" {
        let choice = local_engine::choose(&context.home, "auto").await?;
        context.ui.say(&format!(
            "The setting is `auto`: {} answers, {}.",
            choice.model, choice.reason
        ));
    }
    Ok(())
}

async fn add(
    context: &Context,
    path: &std::path::Path,
    name: Option<&str>,
) -> Result<(), CliError> {
    context.initialise()?;
    let home = context.home.clone();
    let (file, name) = (path.to_owned(), name.map(str::to_owned));
    let work = tokio::task::spawn_blocking(move || {
        let entry = local_engine::registry(&home).add(&file, name.as_deref()).map_err(|error| {
            CliError::user(format!("cannot add {}", file.display())).because(error)
                .hint("give a GGUF file of a Llama or Qwen model; names are letters, digits, `.`, `_` and `-`")
        })?;
        Ok::<_, CliError>((entry.name, entry.size_bytes, entry.sha256))
    });
    let (name, size, sha256) = spin(context.ui, "reading the file", work)
        .await
        .context(ErrorKind::Bug, "adding the model broke off")??;
    if context.ui.json {
        context
            .ui
            .value(&json!({ "name": name, "bytes": size, "sha256": sha256 }));
    }
    context.ui.say(&format!(
        "Added {name} ({}). `synesis model use {name}` lets it answer.",
        bytes(size)
    ));
    Ok(())
}

async fn info(context: &Context, name: Option<&str>) -> Result<(), CliError> {
    let name = match name {
        Some(name) => name.to_owned(),
        None => context.settings()?.model()?,
    };
    let choice = local_engine::choose(&context.home, &name).await?;
    let engine = spin(
        context.ui,
        "opening the model",
        local_engine::open_model(&choice),
    )
    .await?;
    let info = engine.info();
    let tasks: Vec<&str> = info.tasks.iter().map(|kind| kind.in_words()).collect();
    if context.ui.json {
        context.ui.value(&json!({
            "id": info.id, "name": info.name, "engine": info.engine, "architecture": info.architecture,
            "context_tokens": info.context_tokens, "demonstration": info.demonstration, "tasks": tasks,
            "license": info.license, "sha256": info.sha256,
        }));
        return Ok(());
    }
    let unknown = || "not told".to_owned();
    context.ui.line(&pairs([
        ("id", info.id.clone()),
        ("name", info.name.clone()),
        ("engine", info.engine.to_owned()),
        (
            "architecture",
            info.architecture.clone().unwrap_or_else(unknown),
        ),
        (
            "context",
            info.context_tokens
                .map_or_else(unknown, |tokens| format!("{tokens} tokens")),
        ),
        (
            "made for",
            if tasks.is_empty() {
                "everything".to_owned()
            } else {
                tasks.join(", ")
            },
        ),
        ("licence", info.license.clone().unwrap_or_else(unknown)),
        ("sha256", info.sha256.clone().unwrap_or_else(unknown)),
    ]));
    Ok(())
}
