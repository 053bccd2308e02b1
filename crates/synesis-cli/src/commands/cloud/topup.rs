//! `synesis cloud topup`: credit, bought on a page of the payment provider.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use synesis_cloud::{BillingClient, CloudError, TopUpPage, TopUpState};
use synesis_domain::NanoUsd;
use synesis_wire::ErrorCode;
use synesis_wire::proto::control;
use tokio::sync::broadcast;

use super::money::{billing, nano};
use crate::args::CloudTopUp;
use crate::cloud_link::{self, CloudLink, from_cloud};
use crate::commands::Context;
use crate::error::{CliError, Context as _, ErrorKind};
use crate::ui::browser;
use crate::ui::progress::spin;

/// How often the cloud is asked whether the payment has arrived.
const POLL: Duration = Duration::from_secs(1);

pub(super) async fn run(context: &Context, args: &CloudTopUp) -> Result<(), CliError> {
    let link = cloud_link::connect(context, false).await?;
    let done = top_up(context, &link, args).await;
    link.close().await;
    done
}

async fn top_up(context: &Context, link: &CloudLink, args: &CloudTopUp) -> Result<(), CliError> {
    let billing = billing(context, link)?;
    let page = spin(
        context.ui,
        "asking for a page",
        billing.add_credits(args.cents),
    )
    .await
    .map_err(no_page)?;
    // From here on Ctrl-C is ours: whoever sees the address may press it.
    let asked = tokio::signal::ctrl_c();
    tokio::pin!(asked);
    let _ = futures::poll!(&mut asked);
    show(context, args, &page);
    if args.no_wait {
        return Ok(());
    }
    let bar = waiting_bar(context);
    let ended = tokio::select! {
        ended = ended(link, &billing, &page) => Some(ended),
        asked = asked => {
            asked.context(ErrorKind::Bug, "cannot listen for Ctrl-C")?;
            None
        }
    };
    bar.finish_and_clear();
    match ended {
        Some(Ok(credited)) => {
            credit_is_there(context, &page, credited);
            Ok(())
        }
        Some(Err(error)) => Err(error),
        None => Err(
            CliError::new(ErrorKind::Interrupted, "not waiting any longer")
                .hint(format!("the page can still be paid: {}", page.url))
                .hint("`synesis cloud balance` shows the credit once the payment has arrived"),
        ),
    }
}

/// Prints where to pay, and opens the page where there is a browser.
fn show(context: &Context, args: &CloudTopUp, page: &TopUpPage) {
    if context.ui.json {
        context.ui.value(&json!({
            "state": "open",
            "session_id": page.session_id,
            "url": page.url,
            "amount_nano_usd": nano(NanoUsd::from_whole_cents(args.cents)),
        }));
    } else {
        context.ui.line(&page.url);
    }
    let opened = !args.no_browser && browser::open(&page.url);
    context.ui.say(if opened {
        "The page opened in your browser. If it did not, open the address above yourself."
    } else {
        "Open this page in a browser, on any machine, and pay there."
    });
}

fn waiting_bar(context: &Context) -> ProgressBar {
    let bar = if context.ui.json {
        ProgressBar::hidden()
    } else {
        ProgressBar::new_spinner()
    };
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {elapsed}") {
        bar.set_style(style);
    }
    bar.set_message("waiting for the payment; Ctrl-C ends the waiting, not the payment");
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}

/// Waits until the page is paid or expires.
async fn ended(
    link: &CloudLink,
    billing: &BillingClient,
    page: &TopUpPage,
) -> Result<NanoUsd, CliError> {
    let mut controls = link.tunnel.controls();
    loop {
        match billing.top_up_state(&page.session_id).await {
            Ok(TopUpState::Credited(amount)) => return Ok(amount),
            Ok(TopUpState::Expired) => {
                return Err(CliError::user("the page expired; nothing was paid")
                    .hint("`synesis cloud topup AMOUNT` makes another one"));
            }
            Ok(TopUpState::Open) => {}
            Err(error) => {
                return Err(from_cloud(error)
                    .hint(format!("the page can still be paid: {}", page.url))
                    .hint(
                        "`synesis cloud balance` shows the credit once the payment has arrived",
                    ));
            }
        }
        tokio::select! {
            () = tokio::time::sleep(POLL) => {}
            () = balance_changed(&mut controls) => {}
        }
    }
}

/// Waits until the cloud says by itself that the balance is another.
async fn balance_changed(controls: &mut broadcast::Receiver<control::Body>) {
    loop {
        match controls.recv().await {
            Ok(control::Body::BalanceChanged(_)) => return,
            Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => {}
            Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
        }
    }
}

fn credit_is_there(context: &Context, page: &TopUpPage, credited: NanoUsd) {
    if context.ui.json {
        context.ui.value(&json!({
            "state": "credited",
            "session_id": page.session_id,
            "credited_nano_usd": nano(credited),
        }));
    }
    context.ui.say(&format!("{credited} of credit bought."));
}

fn no_page(error: CloudError) -> CliError {
    let CloudError::EscalationFailed { code, message } = &error else {
        return from_cloud(error);
    };
    match code {
        ErrorCode::Unsupported => CliError::user("this cloud takes no payments")
            .hint("a private cloud needs none: what it counts is never billed")
            .hint("an operator sets up Stripe in the server's settings, section [stripe]"),
        ErrorCode::BadRequest => CliError::user(format!("this cannot be bought: {message}")),
        _ => from_cloud(error),
    }
}
