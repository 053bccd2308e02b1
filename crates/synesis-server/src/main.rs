//! The binary `synesis-server`: a shell around the library. Data goes to stdout, the log and errors
//! go to stderr.

mod args;
mod operator;

use std::error::Error;
use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use synesis_domain::Timestamp;
use synesis_models::Secret;
use synesis_server::{CloudPlace, Server, ServerConfig, ServerError, StoreError, StripeSecrets};

use crate::args::{
    Account, Cli, Command, CreateToken, Device, Folder, LinkAddress, ListDevices, LogFormat, Price,
    ReplayOperations, RevokeDevice, Run, ShowFolder, Token,
};

/// Something that the person at the terminal can mend.
const MENDABLE: u8 = 1;
/// Our bug.
const BUG: u8 = 70;
/// How long calls that run may take to end at a shutdown.
const DRAIN: Duration = Duration::from_secs(30);

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Run(run) => serve(*run),
        Command::Token(Token::Create(create)) => create_token(&create),
        Command::Device(Device::List(list)) => list_devices(&list),
        Command::Device(Device::Revoke(revoke)) => revoke_device(&revoke),
        Command::Ca(show) => show_authority(&show),
        Command::Account(Account::Link(link)) => link_address(&link),
        Command::Account(Account::List(list)) => operator::list_accounts(&list),
        Command::Account(Account::Show(show)) => operator::show_account(&show),
        Command::Account(Account::Credit(credit)) => operator::credit_account(&credit),
        Command::Account(Account::Ceiling(set)) => operator::set_ceiling(&set),
        Command::Account(Account::Tier(set)) => operator::set_tier(&set),
        Command::Account(Account::Export(export)) => operator::export_account(&export),
        Command::Price(Price::List(list)) => operator::list_prices(&list),
        Command::Price(Price::Add(add)) => operator::add_price(&add),
        Command::Price(Price::Import(import)) => operator::import_prices(&import),
        Command::Revenue(show) => operator::revenue(&show),
        Command::Account(Account::Replay(replay)) => replay_operations(&replay),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

/// What ends the program: what went wrong, what helps, and the exit status.
struct Failure {
    error: Box<dyn Error>,
    hint: Option<String>,
    status: u8,
}

impl Failure {
    fn new(error: impl Into<Box<dyn Error>>) -> Self {
        Self {
            error: error.into(),
            hint: None,
            status: MENDABLE,
        }
    }

    fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    fn report(self) -> ExitCode {
        let mut text = format!("error: {}\n", self.error);
        let mut cause = self.error.source();
        while let Some(next) = cause {
            text.push_str(&format!("  caused by: {next}\n"));
            cause = next.source();
        }
        if let Some(hint) = self.hint {
            text.push_str(&format!("hint: {hint}\n"));
        }
        let _ = std::io::stderr().write_all(text.as_bytes());
        ExitCode::from(self.status)
    }
}

impl From<ServerError> for Failure {
    fn from(error: ServerError) -> Self {
        let status = if error.is_mendable() { MENDABLE } else { BUG };
        let hint = match &error {
            ServerError::Bind { .. } => {
                Some("choose another port with --listen; port 0 takes a free one")
            }
            ServerError::Lock(_) => {
                Some("stop the other server, or choose another folder with --data-dir")
            }
            ServerError::Store(StoreError::Absent { .. }) => Some(
                "name the data folder with --data-dir, or its database with --database-url or \
                 SYNESIS_DATABASE_URL",
            ),
            ServerError::Store(StoreError::Twin) => Some(
                "stop the other server; if its folder is a copy of this one, remove \
                 server-number from one of them",
            ),
            ServerError::Model { .. } => {
                Some("name a model with --model: builtin, gguf:PATH or openai:URL#MODEL")
            }
            _ => None,
        };
        Self {
            hint: hint.map(str::to_owned),
            status,
            ..Self::new(error)
        }
    }
}

fn print(text: &str) -> Result<(), Failure> {
    match writeln!(std::io::stdout(), "{text}") {
        // Whoever read us has seen enough.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => other.map_err(Failure::new),
    }
}

fn print_json(value: &impl serde::Serialize) -> Result<(), Failure> {
    print(&serde_json::to_string_pretty(value).map_err(Failure::new)?)
}

fn serve(run: Run) -> Result<(), Failure> {
    start_log(&run)?;
    let config = configure(run)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Failure::new)?;
    runtime.block_on(async {
        let server = Server::start(config).await?;
        tokio::select! {
            asked = stop_signal() => asked.map_err(Failure::new)?,
            () = server.stopped() => {}
        }
        tracing::info!("the server is shutting down");
        server.shutdown(DRAIN).await;
        Ok(())
    })
}

fn configure(run: Run) -> Result<ServerConfig, Failure> {
    let mut config = ServerConfig::new(&run.folder.data_dir);
    config.stripe_secrets = StripeSecrets::new(
        run.stripe_secret_key.as_deref(),
        run.stripe_webhook_secrets.as_deref(),
    )
    .map_err(ServerError::from)?;
    if let Some(file) = &run.config {
        config.apply_file(file).map_err(ServerError::from)?;
    }
    if config.stripe.is_none() && !config.stripe_secrets.is_empty() {
        return Err(
            Failure::new("there are secrets for Stripe and no settings for it")
                .hint("add the section [stripe] to the file of --config; docs/billing.md says how"),
        );
    }
    if let Some(url) = &run.folder.database_url {
        config.set_database_url(url).map_err(ServerError::from)?;
    }
    if let Some(listen) = run.listen {
        config.listen = listen;
    }
    if let Some(model) = run.model {
        config.model = model;
    }
    config.names.extend(run.names);
    config.provider_api_key = run.provider_api_key.map(Secret::new);
    config.exit_when_idle = run.exit_when_idle.or(config.exit_when_idle);
    Ok(config)
}

fn start_log(run: &Run) -> Result<(), Failure> {
    let filter = tracing_subscriber::EnvFilter::builder()
        .parse(&run.log)
        .map_err(|error| Failure::new(error).hint("use for example --log info"))?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    match run.log_format {
        LogFormat::Text => log.with_ansi(colours()).init(),
        LogFormat::Json => log.json().init(),
    }
    Ok(())
}

/// Colours only on a terminal, and not where the person wants none.
fn colours() -> bool {
    use std::io::IsTerminal;
    let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    std::io::stderr().is_terminal() && !unwanted
}

#[cfg(unix)]
async fn stop_signal() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        done = tokio::signal::ctrl_c() => done,
        _ = terminate.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn stop_signal() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}

/// This moment, by the system's clock.
fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let ms = since.map_or(0, |since| {
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    });
    Timestamp::from_millis(ms)
}

/// The cloud that a command beside the server is about.
fn place(folder: &Folder) -> Result<CloudPlace, Failure> {
    let mut config = ServerConfig::new(&folder.data_dir);
    if let Some(url) = &folder.database_url {
        config.set_database_url(url).map_err(ServerError::from)?;
    }
    Ok(CloudPlace {
        data_dir: config.data_dir,
        database_url: config.database_url,
    })
}

fn create_token(create: &CreateToken) -> Result<(), Failure> {
    let token = synesis_server::create_token(place(&create.folder)?, create.user, create.expires)?;
    if create.json {
        print_json(&token)
    } else {
        print(&token.token)
    }
}

fn list_devices(list: &ListDevices) -> Result<(), Failure> {
    let devices = synesis_server::list_devices(place(&list.folder)?).map_err(ServerError::from)?;
    if list.json {
        return print_json(&devices);
    }
    for device in devices {
        let state = if device.revoked_at.is_some() {
            "revoked"
        } else {
            "active "
        };
        print(&format!("{}  {state}  {}", device.device_id, device.name))?;
    }
    Ok(())
}

fn revoke_device(revoke: &RevokeDevice) -> Result<(), Failure> {
    synesis_server::revoke_device(place(&revoke.folder)?, revoke.device)
        .map_err(ServerError::from)?
        .map_err(|refusal| {
            Failure::new(refusal).hint("`synesis-server device list` shows the devices")
        })
}

fn link_address(link: &LinkAddress) -> Result<(), Failure> {
    let linked = synesis_server::link_address(place(&link.folder)?, &link.email, link.user)?;
    if link.json {
        return print_json(&linked);
    }
    if let Some(before) = &linked.before {
        print(&format!(
            "{} belonged to the account {before} before.",
            linked.email
        ))?;
    }
    print(&format!(
        "{} signs in to the account {}.",
        linked.email, linked.user_id
    ))
}

fn replay_operations(replay: &ReplayOperations) -> Result<(), Failure> {
    let output = std::io::BufWriter::new(std::io::stdout().lock());
    let done = if replay.file.as_os_str() == "-" {
        synesis_server::replay_accounts(std::io::stdin().lock(), output)
    } else {
        let file = std::fs::File::open(&replay.file).map_err(|error| {
            Failure::new(error).hint(format!("cannot read {}", replay.file.display()))
        })?;
        synesis_server::replay_accounts(std::io::BufReader::new(file), output)
    };
    match done {
        Ok(0) => Ok(()),
        Ok(wrong) => Err(Failure::new(format!("{wrong} lines made no sense")).hint(
            "each has an {\"error\"} in its place; docs/billing.md describes the operations",
        )),
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(Failure::new(error)),
    }
}

fn show_authority(show: &ShowFolder) -> Result<(), Failure> {
    let authority =
        synesis_server::authority_summary(&show.folder.data_dir).map_err(ServerError::from)?;
    if show.json {
        return print_json(&authority);
    }
    print(&format!("file    {}", authority.path.display()))?;
    print(&format!("sha256  {}", authority.sha256))
}
