//! The `synesis` command line.
//!
//! What was typed ([`args`]) becomes what is meant ([`settings`]), a command does it with the
//! libraries, and [`ui`] shows it. No rule of Synesis lives here: the council decides in
//! `synesis-core`, money in `synesis-domain`, what may leave the device in `synesis-privacy`.

mod args;
mod cloud_link;
mod commands;
mod error;
mod home;
mod input;
mod keyring;
mod local_engine;
mod privacy_rules;
mod private_cloud;
mod settings;
mod ui;
mod vault_key;

use std::process::ExitCode;

use clap::Parser;

use crate::args::Cli;
use crate::ui::Ui;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() {
                ExitCode::from(2)
            } else {
                ExitCode::SUCCESS
            };
        }
    };
    let ui = Ui::new(cli.json);
    log_to_stderr(cli.verbose);
    match commands::run(&cli, ui) {
        Ok(code) => code,
        Err(error) => {
            ui.error(&error);
            error.kind.into()
        }
    }
}

/// Logs go to stderr; they carry no content of questions, answers or secrets.
fn log_to_stderr(verbose: u8) {
    let default = match verbose {
        0 => "error",
        1 => "info,quinn=warn,rustls=warn",
        _ => "debug",
    };
    let filter = tracing_subscriber::EnvFilter::try_from_env("SYNESIS_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(default));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
}
