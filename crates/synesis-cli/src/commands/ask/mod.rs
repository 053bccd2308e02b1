//! `synesis ask`: one question, put to the council.

mod escalate;
mod host;
mod report;

use std::process::ExitCode;

use synesis_core::{CloudState, Council, CouncilConfig, Demand, Fit, Query};
use tokio::time::Instant;

use crate::args::Ask;
use crate::commands::Context;
use crate::error::{CliError, Context as _, ErrorKind};
use crate::input;
use crate::local_engine;
use crate::ui::Ui;
use crate::ui::council::{CouncilView, Writing};
use crate::ui::progress::spin;

pub(crate) async fn run(context: &Context, args: &Ask) -> Result<ExitCode, CliError> {
    let started = Instant::now();
    let ui = context.ui;
    let query = read_query(args)?;
    context.initialise()?;
    let settings = context.settings()?;

    let name = match &args.model {
        Some(name) => name.clone(),
        None => settings.model()?,
    };
    let choice = local_engine::choose(&context.home, &name).await?;
    let engine = spin(ui, "opening the model", local_engine::open_model(&choice)).await?;

    let fit = Fit {
        model: engine.info().fit(),
        cloud: cloud_state(context, args),
        demand: match (args.local, args.cloud) {
            (true, _) => Demand::Local,
            (_, true) => Demand::Cloud,
            _ => Demand::Auto,
        },
        budget_left: None,
        knowledge: context.home.knowledge_file().is_file(),
    };
    let max_tokens = args.max_tokens.map_or_else(|| settings.max_tokens(), Ok)?;
    let config = CouncilConfig {
        answer_tokens_max: max_tokens,
        ..CouncilConfig::default()
    };
    let council = Council::new(config, query.clone(), fit)
        .context(ErrorKind::Usage, "the council does not take this question")?;

    let writing = match (args.stream, args.no_stream) {
        (true, _) => Writing::Streamed,
        (_, true) => Writing::Whole,
        _ if !ui.json && Ui::stdout_is_terminal() => Writing::Streamed,
        _ => Writing::Whole,
    };
    let mut host = host::Host {
        context,
        args,
        settings: &settings,
        engine,
        choice,
        query,
        council,
        view: CouncilView::new(ui, writing),
        escalation: None,
        max_tokens,
        engine_failure: None,
    };
    let ended = host.run().await;
    report::report(host, ended, started.elapsed())
}

/// The question and the text it is about, checked before anything is made on disk.
fn read_query(args: &Ask) -> Result<Query, CliError> {
    let text = input::question(&args.question, synesis_core::limits::QUERY_BYTES_MAX)?;
    let context = match &args.context {
        Some(path) => Some(input::file_or_stdin(
            path,
            synesis_core::limits::CONTEXT_BYTES_MAX,
        )?),
        None => None,
    };
    Ok(Query {
        text,
        context,
        history: Vec::new(),
    })
}

/// Whether the cloud can be asked. `--cloud` without one starts a private one when it is needed.
fn cloud_state(context: &Context, args: &Ask) -> CloudState {
    if args.cloud || crate::commands::cloud::is_enrolled(&context.home) {
        CloudState::Available
    } else {
        CloudState::NotConfigured
    }
}
