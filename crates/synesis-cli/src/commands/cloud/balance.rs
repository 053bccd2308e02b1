//! `synesis cloud balance`.

use serde_json::{Value, json};
use synesis_cloud::{Balance, Credit, Period, ReceiptAlarm, Totals};

use super::money::{billing, calls, nano, per_cent};
use crate::cloud_link::{self, from_cloud, now};
use crate::commands::Context;
use crate::error::CliError;
use crate::ui::progress::spin;
use crate::ui::table::pairs;
use crate::ui::{BAD, date, date_time};

/// What is shown of an account.
struct Shown {
    balance: Balance,
    device: Totals,
    queued: u64,
    alarms: Vec<ReceiptAlarm>,
}

pub(super) async fn run(context: &Context) -> Result<(), CliError> {
    let link = cloud_link::connect(context, false).await?;
    let billing = billing(context, &link)?;
    let asked = spin(context.ui, "asking the cloud", async {
        billing.sync_with_cloud().await?;
        let balance = billing.get_balance().await?;
        let device = billing
            .current_usage(Period {
                from: balance.period_started,
                to: now().plus_ms(1),
            })
            .await?;
        let account = link.tunnel.config().account;
        let alarms = account.map(|account| billing.ledger().alarms(account));
        Ok(Shown {
            balance,
            device,
            queued: billing.ledger().queued_records()?,
            alarms: alarms.transpose()?.unwrap_or_default(),
        })
    });
    let shown = asked.await.map_err(from_cloud);
    link.close().await;
    let shown = shown?;
    if context.ui.json {
        context.ui.value(&to_json(&shown));
    } else {
        context.ui.line(&to_text(&shown));
        if !shown.alarms.is_empty() {
            context
                .ui
                .say("`synesis cloud audit` says more; keep this device's ledger as evidence.");
        }
    }
    Ok(())
}

/// Amounts are strings: they are larger than what a JSON number holds exactly.
fn to_json(shown: &Shown) -> Value {
    let Shown {
        balance, device, ..
    } = shown;
    json!({
        "tier": balance.tier,
        "rate_bp": balance.rate_bp,
        "charged_nano_usd": nano(balance.charged),
        "charged": balance.charged.to_string(),
        "held_nano_usd": nano(balance.held),
        "ceiling_nano_usd": nano(balance.ceiling),
        "room_nano_usd": nano(balance.room),
        "credit_nano_usd": nano(balance.credit),
        "pinned_nano_usd": nano(balance.pinned),
        "debt_nano_usd": nano(balance.debt),
        "unbilled_nano_usd": nano(balance.unbilled),
        "credits": balance.credits.iter().map(credit_json).collect::<Vec<_>>(),
        "can_top_up": balance.can_top_up,
        "calls": balance.calls,
        "tokens": { "prompt": balance.prompt_tokens, "completion": balance.completion_tokens },
        "period_started": date_time(balance.period_started),
        "device": {
            "calls": device.calls,
            "settled_nano_usd": nano(device.cost),
            "tokens": { "prompt": device.prompt_tokens, "completion": device.completion_tokens },
            "queued": shown.queued,
        },
        "alarms": shown.alarms.iter().map(alarm_json).collect::<Vec<_>>(),
    })
}

fn credit_json(credit: &Credit) -> Value {
    json!({
        "kind": credit.kind,
        "granted_nano_usd": nano(credit.granted),
        "left_nano_usd": nano(credit.left),
        "expires_at": credit.expires_at.map(date_time),
    })
}

pub(super) fn alarm_json(alarm: &ReceiptAlarm) -> Value {
    json!({
        "kind": alarm.kind.name(),
        "message": alarm.to_string(),
        "sequence": alarm.sequence,
        "earlier_sequence": alarm.earlier,
        "found_at": date_time(alarm.found_at),
    })
}

fn to_text(shown: &Shown) -> String {
    let Shown {
        balance, device, ..
    } = shown;
    let mut rows = vec![
        (
            "tier",
            format!(
                "{}, {} on top of the provider's price",
                balance.tier,
                per_cent(balance.rate_bp)
            ),
        ),
        (
            "period",
            format!("since {}", date_time(balance.period_started)),
        ),
        (
            "charged",
            format!("{} for {}", balance.charged, calls(balance.calls)),
        ),
        (
            "tokens",
            format!(
                "{} in, {} out",
                balance.prompt_tokens, balance.completion_tokens
            ),
        ),
        ("held", balance.held.to_string()),
        (
            "ceiling",
            format!("{}, {} left to spend", balance.ceiling, balance.room),
        ),
        ("credit", credit_text(balance)),
    ];
    rows.extend(
        balance
            .credits
            .iter()
            .map(|credit| ("", one_credit(credit))),
    );
    if !balance.unbilled.is_negative() && balance.unbilled.get() > 0 {
        rows.push(("unbilled", balance.unbilled.to_string()));
    }
    if balance.debt.get() > 0 {
        rows.push(("debt", debt_text(balance)));
    }
    rows.push(("this device", device_text(balance, device)));
    if shown.queued > 0 {
        rows.push(("queued", format!("{} to be recorded", calls(shown.queued))));
    }
    let mut text = pairs(rows);
    for alarm in &shown.alarms {
        text.push_str(&format!("\n{BAD}alarm:{BAD:#} {alarm}"));
    }
    text
}

fn credit_text(balance: &Balance) -> String {
    if balance.pinned.get() > 0 {
        format!(
            "{}, {} of it kept for calls that run",
            balance.credit, balance.pinned
        )
    } else {
        balance.credit.to_string()
    }
}

fn one_credit(credit: &Credit) -> String {
    let until = credit
        .expires_at
        .map_or_else(String::new, |end| format!(", until {}", date(end)));
    let kind = match credit.kind.as_str() {
        "promo" => "given",
        "paid" => "bought",
        other => other,
    };
    format!("{} left of {} {kind}{until}", credit.left, credit.granted)
}

fn debt_text(balance: &Balance) -> String {
    let way_out = if balance.can_top_up {
        "`synesis cloud topup` pays it first"
    } else {
        "ask the cloud's operator how to pay it"
    };
    format!(
        "{}: a refund or dispute took back money that was spent already; no call is answered by \
         the cloud until it is paid: {way_out}",
        balance.debt
    )
}

fn device_text(balance: &Balance, device: &Totals) -> String {
    let same = device.cost == balance.charged;
    format!(
        "{} for {}{}",
        device.cost,
        calls(device.calls),
        if same {
            ", the same to the nano-dollar"
        } else {
            ""
        }
    )
}

#[cfg(test)]
mod tests {
    use synesis_domain::NanoUsd;
    use synesis_wire::proto;

    use super::*;

    fn shown(balance: proto::BalanceResponse, device_nano: i64) -> Shown {
        Shown {
            balance: balance.into(),
            device: Totals {
                calls: 1,
                prompt_tokens: 24,
                completion_tokens: 14,
                cost: NanoUsd::new(device_nano),
            },
            queued: 0,
            alarms: Vec::new(),
        }
    }

    fn plain() -> proto::BalanceResponse {
        proto::BalanceResponse {
            tier: "managed".to_owned(),
            rate_bp: 300,
            charged_nano_usd: 12_360,
            ceiling_nano_usd: 100_000_000_000,
            room_nano_usd: 99_999_987_640,
            calls: 1,
            prompt_tokens: 24,
            completion_tokens: 14,
            unbilled_nano_usd: 12_360,
            ..proto::BalanceResponse::default()
        }
    }

    #[test]
    fn an_account_without_credit_is_shown_in_few_lines() {
        assert_eq!(
            to_text(&shown(plain(), 12_360)),
            "tier         managed, 3 % on top of the provider's price\n\
             period       since 1970-01-01T00:00:00Z\n\
             charged      $0.00001236 for 1 call\n\
             tokens       24 in, 14 out\n\
             held         $0.00\n\
             ceiling      $100.00, $99.99998764 left to spend\n\
             credit       $0.00\n\
             unbilled     $0.00001236\n\
             this device  $0.00001236 for 1 call, the same to the nano-dollar"
        );
    }

    #[test]
    fn each_credit_has_its_rest_and_its_end() {
        let credit = |kind: &str, granted, left, expires_at| proto::CreditInfo {
            kind: kind.to_owned(),
            granted_nano_usd: granted,
            left_nano_usd: left,
            expires_at,
        };
        let balance = proto::BalanceResponse {
            credit_nano_usd: 12_500_000_000,
            pinned_nano_usd: 1_000_000_000,
            credits: vec![
                credit("promo", 5_000_000_000, 2_500_000_000, Some(951_782_400_000)),
                credit("paid", 10_000_000_000, 10_000_000_000, None),
            ],
            ..plain()
        };
        let text = to_text(&shown(balance, 0));
        let lines: Vec<&str> = text.lines().skip(6).take(3).collect();
        assert_eq!(
            lines,
            [
                "credit       $12.50, $1.00 of it kept for calls that run",
                "             $2.50 left of $5.00 given, until 2000-02-29",
                "             $10.00 left of $10.00 bought",
            ]
        );
    }

    #[test]
    fn a_debt_says_what_to_do() {
        let debt = |can_top_up| {
            let balance = proto::BalanceResponse {
                debt_nano_usd: 5_000_000_000,
                can_top_up,
                ..plain()
            };
            to_text(&shown(balance, 0))
        };
        assert!(debt(true).contains("`synesis cloud topup` pays it first"));
        assert!(debt(false).contains("ask the cloud's operator how to pay it"));
        let json = to_json(&shown(plain(), 12_360));
        assert_eq!(json["charged_nano_usd"], "12360");
        assert_eq!(json["debt_nano_usd"], "0");
    }
}
