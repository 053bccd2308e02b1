//! One file for each command.

mod ask;
mod cloud;
mod config;
mod filter;
mod knowledge;
mod model;
mod privacy;
mod status;
mod vault;

use std::process::ExitCode;

use clap::CommandFactory;

use crate::args::{Cli, Command};
use crate::cloud_link;
use crate::error::{CliError, Context as _, ErrorKind};
use crate::home::{Home, host_name};
use crate::settings::Settings;
use crate::ui::Ui;

/// What every command has at hand.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    pub(crate) ui: Ui,
    pub(crate) home: Home,
}

impl Context {
    pub(crate) fn settings(&self) -> Result<Settings, CliError> {
        Settings::load(&self.home.settings_file())
    }

    /// Makes the folders on first use, and says so.
    pub(crate) fn initialise(&self) -> Result<bool, CliError> {
        let fresh = self.home.initialise(&host_name())?;
        if fresh {
            self.ui.say(&format!(
                "First use: this device is now \"{}\"; its data is in {}.",
                self.home.device_name().unwrap_or_default(),
                self.home.data_dir().display()
            ));
        }
        Ok(fresh)
    }
}

/// Does what the command line says.
pub(crate) fn run(cli: &Cli, ui: Ui) -> Result<ExitCode, CliError> {
    if let Command::Completions { shell } = &cli.command {
        let mut script = Vec::new();
        clap_complete::generate(*shell, &mut Cli::command(), "synesis", &mut script);
        ui.data(&String::from_utf8_lossy(&script));
        return Ok(ExitCode::SUCCESS);
    }
    let context = Context {
        ui,
        home: Home::locate(cli.home.as_deref())?,
    };
    match &cli.command {
        Command::Completions { .. } => {}
        Command::Init => init(&context)?,
        Command::Ask(args) => return block_on(ask::run(&context, args)),
        Command::Status => block_on(status::run(&context))?,
        Command::Model(command) => block_on(model::run(&context, command))?,
        Command::Knowledge(command) => knowledge::run(&context, command)?,
        Command::Privacy(command) => privacy::run(&context, command)?,
        Command::Redact(args) => return filter::redact(&context, args),
        Command::Reinflate(args) => return filter::reinflate(&context, args),
        Command::Vault(command) => vault::run(&context, command)?,
        Command::Cloud(command) => return block_on(cloud::run(&context, command)),
        Command::Config(command) => config::run(&context, command)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn init(context: &Context) -> Result<(), CliError> {
    let fresh = context.initialise()?;
    let folder = cloud_link::private_identity_dir(context)?;
    synesis_cloud::make_device_key(&folder)
        .context(ErrorKind::User, "this device's key cannot be made")?;
    let name = context.home.device_name().unwrap_or_default();
    let data = context.home.data_dir().display().to_string();
    if context.ui.json {
        let settings = context.home.settings_file().display().to_string();
        context.ui.value(&serde_json::json!({
            "initialised": fresh, "device": name, "data": data, "settings": settings,
        }));
    } else if !fresh {
        context.ui.say(&format!(
            "Already initialised: this device is \"{name}\"; its data is in {data}."
        ));
    }
    Ok(())
}

fn block_on<T>(work: impl Future<Output = Result<T, CliError>>) -> Result<T, CliError> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context(ErrorKind::User, "cannot start the threads of this process")?
        .block_on(work)
}
