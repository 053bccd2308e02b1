//! `synesis cloud`: start one, enrol, see the account.

mod audit;
mod balance;
mod connect;
mod devices;
mod keys;
mod login;
mod money;
mod provider_key;
mod record;
mod statement;
mod status;
mod tier;
mod topup;
mod up;
mod usage;

use std::process::ExitCode;

use serde_json::json;
use synesis_cloud::Identity;

use crate::args::Cloud;
use crate::cloud_link::{self, from_cloud, now};
use crate::commands::Context;
use crate::error::CliError;
use crate::home::Home;
use crate::ui::date_time;

pub(crate) async fn run(context: &Context, command: &Cloud) -> Result<ExitCode, CliError> {
    context.initialise()?;
    match command {
        Cloud::Up(args) => up::up(context, args).await?,
        Cloud::Down => up::down(context).await?,
        Cloud::Login(args) => login::login(context, args).await?,
        Cloud::Keys(command) => keys::run(context, command).await?,
        Cloud::Devices(command) => devices::run(context, command).await?,
        Cloud::Connect(args) => connect::run(context, args).await?,
        Cloud::Logout => logout(context).await?,
        Cloud::Status => status::status(context).await?,
        Cloud::Balance => balance::run(context).await?,
        Cloud::Usage(args) => usage::run(context, args)?,
        Cloud::TopUp(args) => topup::run(context, args).await?,
        Cloud::Tier(args) => tier::run(context, args).await?,
        Cloud::ProviderKey(args) => provider_key::run(context, args).await?,
        Cloud::Audit(_) => return audit::run(context).await,
        Cloud::Statement(args) => return statement::run(context, args).await,
        Cloud::Record(args) => record::run(context, args).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn logout(context: &Context) -> Result<(), CliError> {
    if let Ok(identity) = Identity::open(&context.home.identity_dir()) {
        revoke_at_cloud(context, &identity).await;
    }
    Identity::forget(&context.home.identity_dir()).map_err(|error| from_cloud(error.into()))?;
    context
        .ui
        .say("This device forgot its cloud. Its key stays, for the next enrolment.");
    Ok(())
}

/// Has the cloud put this device out. Where the cloud cannot be asked, the person hears what is
/// left to do.
async fn revoke_at_cloud(context: &Context, identity: &Identity) {
    let device = identity.device_id();
    let revoked = async {
        let link = cloud_link::connect(context, false).await?;
        let revoked = link.tunnel.revoke_device(device).await.map_err(from_cloud);
        link.close().await;
        revoked
    };
    match revoked.await {
        Ok(_) => context
            .ui
            .say(&format!("The cloud has revoked device {device}.")),
        Err(error) => context.ui.say(&format!(
            "Note: the cloud was not told ({error}). The certificate ends {}; until then \
             `synesis cloud devices revoke {device}` on another device puts this one out.",
            date_time(identity.not_after())
        )),
    }
}

/// Where this device is enrolled, as far as its files say.
#[derive(Debug)]
pub(crate) struct Enrolment {
    url: String,
    device_id: String,
    not_after: String,
    expired: bool,
}

impl Enrolment {
    fn of(identity: &Identity) -> Self {
        Self {
            url: identity.url().to_string(),
            device_id: identity.device_id().to_string(),
            not_after: date_time(identity.not_after()),
            expired: identity.check(now()).is_err(),
        }
    }

    pub(crate) fn summary(&self) -> String {
        let end = if self.expired { "ended" } else { "ends" };
        format!(
            "{} as device {}, certificate {end} {}",
            self.url, self.device_id, self.not_after
        )
    }

    pub(crate) fn to_json(&self) -> serde_json::Value {
        json!({
            "url": self.url,
            "device_id": self.device_id,
            "certificate": { "not_after": self.not_after, "expired": self.expired },
        })
    }
}

/// The enrolment of this home, if there is a usable one.
pub(crate) fn enrolment(home: &Home) -> Option<Enrolment> {
    Identity::open(&home.identity_dir())
        .ok()
        .map(|identity| Enrolment::of(&identity))
}

pub(crate) fn is_enrolled(home: &Home) -> bool {
    Identity::open(&home.identity_dir()).is_ok()
}
