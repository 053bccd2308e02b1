//! `synesis cloud tier`: what the account is charged by.

use serde_json::{Value, json};
use synesis_cloud::{CloudError, Terms};
use synesis_domain::NanoUsd;
use synesis_wire::ErrorCode;

use super::money::{billing, nano, per_cent};
use crate::args::CloudTier;
use crate::cloud_link::{self, from_cloud};
use crate::commands::Context;
use crate::error::CliError;
use crate::ui::progress::spin;
use crate::ui::table::{pairs, table};
use crate::ui::{date, date_time};

pub(super) async fn run(context: &Context, args: &CloudTier) -> Result<(), CliError> {
    let link = cloud_link::connect(context, false).await?;
    let billing = billing(context, &link)?;
    let asked = async {
        match &args.name {
            Some(name) => billing.set_tier(name.clone(), args.from).await,
            None => billing.tier().await,
        }
    };
    let terms = spin(context.ui, "asking the cloud", asked)
        .await
        .map_err(refused);
    link.close().await;
    let terms = terms?;
    if context.ui.json {
        context.ui.value(&to_json(&terms));
        return Ok(());
    }
    context.ui.line(&to_text(&terms));
    match (&args.name, &terms.next) {
        (None, _) => {}
        (Some(_), Some(next)) => context.ui.say(&format!(
            "From {} on calls are charged on {}; what was before stays as it was.",
            date(next.from),
            next.tier
        )),
        (Some(_), None) => context.ui.say(&format!(
            "From now on calls are charged on {}; those that run end on the terms they began with.",
            terms.tier
        )),
    }
    Ok(())
}

fn to_json(terms: &Terms) -> Value {
    let limit = |limit: Option<NanoUsd>| limit.map(nano);
    let offers: Vec<Value> = terms
        .offers
        .iter()
        .map(|offer| {
            json!({
                "tier": offer.tier,
                "rate_bp": offer.rate_bp,
                "monthly_limit_nano_usd": limit(offer.monthly_limit),
            })
        })
        .collect();
    json!({
        "tier": terms.tier,
        "rate_bp": terms.rate_bp,
        "monthly_limit_nano_usd": limit(terms.monthly_limit),
        "next": terms.next.as_ref().map(|next| json!({
            "tier": next.tier,
            "from": date_time(next.from),
        })),
        "own_key": terms.own_key,
        "offers": offers,
    })
}

fn to_text(terms: &Terms) -> String {
    let mut rows = vec![(
        "tier",
        format!(
            "{}: {}",
            terms.tier,
            words(&terms.tier, terms.rate_bp, terms.monthly_limit)
        ),
    )];
    if let Some(next) = &terms.next {
        rows.push(("next", format!("{} from {} on", next.tier, date(next.from))));
    }
    if terms.own_key {
        rows.push((
            "own key",
            "kept by the cloud: the provider bills you for what it serves".to_owned(),
        ));
    }
    let now = pairs(rows);
    if terms.offers.is_empty() {
        return now;
    }
    let offers = terms.offers.iter().map(|offer| {
        let words = words(&offer.tier, offer.rate_bp, offer.monthly_limit);
        [offer.tier.clone(), words]
    });
    format!("{now}\n\n{}", table(["offered", "terms"], offers))
}

/// What a tier means. The cloud names the tiers; of one that is not known here only the numbers can
/// be said.
fn words(tier: &str, rate_bp: u32, limit: Option<NanoUsd>) -> String {
    let rate = per_cent(rate_bp);
    let limit = limit.map_or_else(String::new, |limit| format!(", up to {limit} a month"));
    match tier {
        "free" => format!("nothing is charged{limit}"),
        "byok" => format!(
            "{rate} of the provider's price for calls by your own key, and the price with {rate} \
             for others{limit}"
        ),
        _ => format!("the provider's price and {rate}{limit}"),
    }
}

fn refused(error: CloudError) -> CliError {
    match &error {
        CloudError::EscalationFailed {
            code: ErrorCode::BadRequest,
            message,
        } => CliError::user(format!("the tier was not changed: {message}"))
            .hint("`synesis cloud tier` shows what this cloud offers"),
        _ => from_cloud(error),
    }
}
