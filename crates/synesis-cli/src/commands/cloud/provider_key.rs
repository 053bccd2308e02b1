//! `synesis cloud provider-key`: the user's own key for the model's provider.

use std::io::{self, IsTerminal};

use serde_json::json;
use zeroize::Zeroizing;

use super::money::billing;
use crate::args::CloudProviderKey;
use crate::cloud_link::{self, from_cloud};
use crate::commands::Context;
use crate::error::{CliError, Context as _, ErrorKind};
use crate::input;
use crate::ui::progress::spin;

/// The longest key that is read; the cloud takes less.
const KEY_BYTES_MAX: usize = 4 * 1024;

pub(super) async fn run(context: &Context, args: &CloudProviderKey) -> Result<(), CliError> {
    let key = if args.forget { None } else { Some(read()?) };
    let link = cloud_link::connect(context, false).await?;
    let billing = billing(context, &link)?;
    let sent = key.map(|key| key.trim().to_owned());
    let kept = spin(
        context.ui,
        "telling the cloud",
        billing.set_provider_key(sent),
    )
    .await
    .map_err(from_cloud);
    link.close().await;
    let kept = kept?;
    if context.ui.json {
        context.ui.value(&json!({ "own_key": kept }));
    } else if kept {
        context.ui.line(
            "The cloud keeps your key, encrypted. On the tier byok your calls are made with it: \
             `synesis cloud tier` shows the tier.",
        );
    } else {
        context.ui.line("The cloud keeps no key of yours.");
    }
    Ok(())
}

fn read() -> Result<Zeroizing<String>, CliError> {
    let key = if io::stdin().is_terminal() {
        rpassword::prompt_password("Your key for the provider (not shown): ")
            .map(Zeroizing::new)
            .context(ErrorKind::User, "cannot read the key")?
    } else {
        Zeroizing::new(input::read_text(
            io::stdin().lock(),
            "stdin",
            KEY_BYTES_MAX,
        )?)
    };
    if key.trim().is_empty() {
        return Err(CliError::user("no key was given").hint(
            "paste it at the prompt or pipe it in; --forget has the cloud forget the one it keeps",
        ));
    }
    Ok(key)
}
