//! `synesis cloud login`: a person approves this device on the cloud's page, or a token or an API
//! key stands in for them.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use synesis_cloud::{CloudError, EnrolError, Identity, LoginOffer, PendingLogin, Trust};
use synesis_domain::KeySecret;
use url::Url;

use super::Enrolment;
use crate::args::CloudLogin;
use crate::cloud_link::{self, from_cloud};
use crate::commands::Context;
use crate::error::{CliError, Context as _, ErrorKind};
use crate::input;
use crate::private_cloud::PrivateCloud;
use crate::ui::browser;
use crate::ui::duration;
use crate::ui::progress::spin;

/// The longest token, key or CA file that is read.
const LOGIN_FILE_BYTES_MAX: usize = 64 * 1024;

/// The environment variable for machines without a person.
const API_KEY_VARIABLE: &str = "SYNESIS_CLOUD_API_KEY";

pub(super) async fn login(context: &Context, args: &CloudLogin) -> Result<(), CliError> {
    let url = cloud_of(context, args)?;
    let trust = trust(context, args, &url).await?;
    let credential = match given(args)? {
        Some(credential) => credential,
        None => ask_the_person(context, args, &url, &trust).await?,
    };
    let identity = cloud_link::enrol_with(context, url, credential, trust, |error| {
        distrusted(args, error)
    })
    .await?;
    let enrolment = Enrolment::of(&identity);
    if context.ui.json {
        context.ui.value(&enrolment.to_json());
    }
    context
        .ui
        .say(&format!("Enrolled: {}.", enrolment.summary()));
    Ok(())
}

/// The cloud that is meant: the one named, the last one, or the private one of this machine.
fn cloud_of(context: &Context, args: &CloudLogin) -> Result<Url, CliError> {
    if let Some(url) = &args.url {
        return Url::parse(url)
            .context(
                ErrorKind::Usage,
                format!("`{url}` is no address of a cloud"),
            )
            .map_err(|error| error.hint("it looks like https://cloud.example:4433"));
    }
    let cloud = PrivateCloud::of(&context.home);
    let folder = context.home.identity_dir();
    match Identity::open(&folder) {
        Ok(known) if !cloud_link::is_private(&cloud, &folder) => Ok(known.url().clone()),
        _ => match cloud.running() {
            Some(running) => cloud_link::url_of(&running),
            None => Err(CliError::new(ErrorKind::Usage, "which cloud is meant?")
                .hint("name it: synesis cloud login --url https://cloud.example:4433")
                .hint("or start one on this machine: synesis cloud up")),
        },
    }
}

/// By which authority the cloud is known.
async fn trust(context: &Context, args: &CloudLogin, url: &Url) -> Result<Trust, CliError> {
    if let Some(file) = &args.ca {
        let pem = input::file_or_stdin(file, LOGIN_FILE_BYTES_MAX)?;
        return Ok(Trust::Authority(pem));
    }
    if let Some(hash) = args.ca_sha256 {
        let asked = Trust::by_hash(url, hash.0);
        return spin(context.ui, "asking for the cloud's authority", asked)
            .await
            .map_err(from_cloud);
    }
    let cloud = PrivateCloud::of(&context.home);
    let here = cloud
        .running()
        .and_then(|running| cloud_link::url_of(&running).ok());
    let folder = context.home.identity_dir();
    let known = Identity::open(&folder).ok();
    let pem = if here.as_ref() == Some(url) {
        std::fs::read_to_string(cloud.ca_file()).ok()
    } else if known.is_some_and(|known| known.url() == url) {
        std::fs::read_to_string(folder.join("ca.pem")).ok()
    } else {
        None
    };
    Ok(pem.map_or(Trust::Web, Trust::WebOr))
}

/// The token or API key that was given, where one was.
fn given(args: &CloudLogin) -> Result<Option<String>, CliError> {
    if let Some(file) = &args.token_file {
        let token = input::file_or_stdin(file, LOGIN_FILE_BYTES_MAX)?;
        return Ok(Some(token.trim().to_owned()));
    }
    let key = match &args.api_key_file {
        Some(file) => input::file_or_stdin(file, LOGIN_FILE_BYTES_MAX)?,
        // A variable of its own: SYNESIS_API_KEY is the key of a model's server, and neither is the
        // other's business.
        None => match std::env::var(API_KEY_VARIABLE) {
            Ok(key) if !key.trim().is_empty() => key,
            _ => return Ok(None),
        },
    };
    let key: KeySecret = key
        .parse()
        .context(ErrorKind::User, "the API key cannot be used")
        .map_err(|error| error.hint("copy it again, or make another: synesis cloud keys create"))?;
    Ok(Some(key.to_text()))
}

/// Shows the code and waits until the person answered on the cloud's page.
async fn ask_the_person(
    context: &Context,
    args: &CloudLogin,
    url: &Url,
    trust: &Trust,
) -> Result<String, CliError> {
    let folder = cloud_link::private_identity_dir(context)?;
    let name = cloud_link::device_name(context)?;
    let begun = PendingLogin::begin(&folder, url, trust, &name);
    let mut login = spin(context.ui, "asking the cloud", begun)
        .await
        .map_err(|error| distrusted(args, error))?;
    // From here on Ctrl-C is ours: whoever sees the code may press it.
    let asked = tokio::signal::ctrl_c();
    tokio::pin!(asked);
    let _ = futures::poll!(&mut asked);
    show(context, args, login.offer(), login.time_left());
    let bar = waiting_bar(context);
    let left = login.time_left();
    let started = tokio::time::Instant::now();
    let answered = tokio::select! {
        answered = login.granted() => Some(answered),
        _ = asked => None,
        () = tick(&bar, left, started) => None,
    };
    bar.finish_and_clear();
    match answered {
        Some(Ok(grant)) => Ok(grant),
        Some(Err(error)) => Err(not_granted(error)),
        None => Err(CliError::new(
            ErrorKind::Interrupted,
            "the login was given up; nothing changed",
        )),
    }
}

/// Prints where to go, and opens the page where there is a browser.
fn show(context: &Context, args: &CloudLogin, offer: &LoginOffer, left: Duration) {
    let complete = offer
        .verification_uri_complete
        .as_ref()
        .unwrap_or(&offer.verification_uri);
    if context.ui.json {
        context.ui.value(&json!({
            "user_code": offer.user_code,
            "verification_uri": offer.verification_uri,
            "verification_uri_complete": complete,
            "expires_in": left.as_secs(),
        }));
    }
    let opened = !args.no_browser && browser::open(complete);
    let first = if opened {
        "A page opened in your browser. If it did not, open it yourself:"
    } else {
        "Open this page in a browser, on any machine:"
    };
    context.ui.talk(&format!(
        "{first}\n\n  {complete}\n\nCompare the code there with this one, then approve:\n\n  {}\n",
        offer.user_code
    ));
}

fn waiting_bar(context: &Context) -> ProgressBar {
    let bar = if context.ui.json {
        ProgressBar::hidden()
    } else {
        ProgressBar::new_spinner()
    };
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}

/// Says how much time is left, for as long as somebody looks.
async fn tick(bar: &ProgressBar, left: Duration, started: tokio::time::Instant) {
    loop {
        let left = left.saturating_sub(started.elapsed());
        let left = Duration::from_secs(left.as_secs());
        bar.set_message(format!("waiting for your answer, {} left", duration(left)));
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// An error as the user sees it; where it is about trust, with how to say whom to trust.
fn distrusted(args: &CloudLogin, error: CloudError) -> CliError {
    let about_trust = matches!(error, CloudError::AuthenticationFailed { .. });
    let mut shown = from_cloud(error);
    if about_trust && args.ca.is_none() && args.ca_sha256.is_none() {
        shown.hints.clear();
        return shown
            .hint("a cloud with a certificate of its own is named by --ca FILE or --ca-sha256 HEX")
            .hint("its operator finds both with `synesis-server ca`");
    }
    shown
}

fn not_granted(error: CloudError) -> CliError {
    let CloudError::Enrol(told) = &error else {
        return from_cloud(error);
    };
    let (kind, hint) = match told {
        EnrolError::Denied => (
            ErrorKind::Refused,
            "if that was a mistake: `synesis cloud login` asks again",
        ),
        EnrolError::Lapsed => (
            ErrorKind::User,
            "`synesis cloud login` shows a new code; it is good for ten minutes",
        ),
        EnrolError::LoginForgotten => (ErrorKind::Cloud, "`synesis cloud login` starts again"),
        _ => return from_cloud(error),
    };
    CliError::new(kind, told.to_string()).hint(hint)
}
