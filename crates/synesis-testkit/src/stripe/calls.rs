//! What each call does.

use serde_json::{Value, json};

use super::events;
use super::form::{Form, Kind, Param, needed, optional};
use super::problem::Answer;
use super::state::{DAY_S, State, Usage, list};

/// The meter's name, and the name that its events arrive under.
pub(super) const METER_ID: &str = "mtr_test_Double";
pub(super) const METER_EVENT_NAME: &str = "synesis_cents";

const PAST_MAX_S: i64 = 35 * DAY_S;
const FUTURE_MAX_S: i64 = 5 * 60;
const UNIX_MAX: u64 = 1 << 40;
const NAME: Kind = Kind::Text(5000);

const CREATE_CUSTOMER: &[Param] = &[
    optional("email", Kind::Email),
    optional("name", Kind::Text(256)),
    optional("metadata[*]", Kind::Note),
];

const CREATE_SESSION: &[Param] = &[
    needed("mode", Kind::OneOf(&["payment"])),
    needed("line_items[#][quantity]", Kind::Int(1, 999_999)),
    needed("line_items[#][price_data][currency]", Kind::OneOf(&["usd"])),
    needed(
        "line_items[#][price_data][unit_amount]",
        Kind::Int(0, 99_999_999),
    ),
    needed(
        "line_items[#][price_data][product_data][name]",
        Kind::Text(250),
    ),
    needed("success_url", Kind::Url),
    optional("cancel_url", Kind::Url),
    optional("customer", NAME),
    optional("client_reference_id", Kind::Text(200)),
    optional("metadata[*]", Kind::Note),
    optional("payment_intent_data[metadata][*]", Kind::Note),
];

const SESSIONS: &[Param] = &[
    optional("payment_intent", NAME),
    optional("customer", NAME),
    optional("limit", Kind::Int(1, 100)),
];

const REPORT: &[Param] = &[
    needed("event_name", Kind::Text(100)),
    needed("payload[stripe_customer_id]", NAME),
    needed("payload[value]", Kind::Whole),
    optional("identifier", Kind::Text(100)),
    optional("timestamp", Kind::Int(0, UNIX_MAX)),
];

const ADJUST: &[Param] = &[
    needed("event_name", Kind::Text(100)),
    needed("type", Kind::OneOf(&["cancel"])),
    needed("cancel[identifier]", Kind::Text(100)),
];

const SUMMARIES: &[Param] = &[
    needed("customer", NAME),
    needed("start_time", Kind::Int(0, UNIX_MAX)),
    needed("end_time", Kind::Int(0, UNIX_MAX)),
    optional("limit", Kind::Int(1, 100)),
];

/// A call that the double knows, with what stands in its path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Call<'a> {
    CreateCustomer,
    CreateSession,
    Session(&'a str),
    Sessions,
    Charge(&'a str),
    Dispute(&'a str),
    Report,
    Adjust,
    Summaries(&'a str),
}

impl<'a> Call<'a> {
    pub(super) fn of(method: &str, path: &'a str) -> Option<Self> {
        let parts: Vec<&str> = path.strip_prefix("/v1/")?.split('/').collect();
        Some(match (method, &*parts) {
            ("POST", ["customers"]) => Self::CreateCustomer,
            ("POST", ["checkout", "sessions"]) => Self::CreateSession,
            ("GET", ["checkout", "sessions"]) => Self::Sessions,
            ("GET", ["checkout", "sessions", id]) => Self::Session(id),
            ("GET", ["charges", id]) => Self::Charge(id),
            ("GET", ["disputes", id]) => Self::Dispute(id),
            ("POST", ["billing", "meter_events"]) => Self::Report,
            ("POST", ["billing", "meter_event_adjustments"]) => Self::Adjust,
            ("GET", ["billing", "meters", id, "event_summaries"]) => Self::Summaries(id),
            _ => return None,
        })
    }

    /// The parameters that it takes.
    pub(super) const fn params(self) -> &'static [Param] {
        match self {
            Self::CreateCustomer => CREATE_CUSTOMER,
            Self::CreateSession => CREATE_SESSION,
            Self::Sessions => SESSIONS,
            Self::Session(_) | Self::Charge(_) | Self::Dispute(_) => &[],
            Self::Report => REPORT,
            Self::Adjust => ADJUST,
            Self::Summaries(_) => SUMMARIES,
        }
    }

    /// Does it. What it is given fits its table.
    pub(super) fn carry_out(
        self,
        state: &mut State,
        form: &Form,
        now_s: i64,
        base: &str,
    ) -> Answer {
        let found = |kind: &str, id: &str| match state.find(kind, id) {
            Some(object) => Answer::ok(object.clone()),
            None => Answer::no_such(404, kind, "id", id),
        };
        match self {
            Self::CreateCustomer => create_customer(state, form, now_s),
            Self::CreateSession => create_session(state, form, now_s, base),
            Self::Session(id) => found("checkout.session", id),
            Self::Charge(id) => found("charge", id),
            Self::Dispute(id) => found("dispute", id),
            Self::Sessions => {
                let payment = form.get("payment_intent").unwrap_or_default();
                Answer::ok(list("/v1/checkout/sessions", state.sessions_of(payment)))
            }
            Self::Report => report(state, form, now_s),
            Self::Adjust => adjust(state, form, now_s),
            Self::Summaries(meter) => summaries(state, form, meter),
        }
    }
}

fn create_customer(state: &mut State, form: &Form, now_s: i64) -> Answer {
    let customer = json!({
        "id": state.name("cus"),
        "object": "customer",
        "created": now_s,
        "email": form.get("email"),
        "name": form.get("name"),
        "livemode": false,
        "metadata": form.under("metadata"),
    });
    state.keep(&customer);
    Answer::ok(customer)
}

fn create_session(state: &mut State, form: &Form, now_s: i64, base: &str) -> Answer {
    if let Some(customer) = form.get("customer")
        && state.find("customer", customer).is_none()
    {
        return Answer::no_such(400, "customer", "customer", customer);
    }
    let item = |name: &str| form.number(&format!("line_items[0]{name}")).unwrap_or(0);
    let amount = item("[quantity]") * item("[price_data][unit_amount]");
    if amount < 50 {
        let message = "The Checkout Session's total amount must convert to at least 50 cents.";
        return Answer::invalid("amount_too_small", "line_items", message);
    }
    let id = state.name("cs_test");
    let session = json!({
        "id": id,
        "object": "checkout.session",
        "amount_subtotal": amount,
        "amount_total": amount,
        "cancel_url": form.get("cancel_url"),
        "client_reference_id": form.get("client_reference_id"),
        "created": now_s,
        "currency": form.get("line_items[0][price_data][currency]"),
        "customer": form.get("customer"),
        "expires_at": now_s + DAY_S,
        "livemode": false,
        "metadata": form.under("metadata"),
        "mode": "payment",
        "payment_intent": null,
        "payment_status": "unpaid",
        "status": "open",
        "success_url": form.get("success_url"),
        "url": format!("{base}/c/pay/{id}"),
    });
    state.keep(&session);
    // Not part of the session; the payment takes it over when somebody pays.
    let notes = form.under("payment_intent_data[metadata]");
    state
        .objects
        .insert(format!("{id} payment notes"), Value::Object(notes));
    Answer::ok(session)
}

fn no_meter(name: &str) -> Answer {
    let message = format!("No active meter found corresponding to event name '{name}'.");
    Answer::invalid("resource_missing", "event_name", message)
}

fn report(state: &mut State, form: &Form, now_s: i64) -> Answer {
    let name = form.get("event_name").unwrap_or_default();
    if name != METER_EVENT_NAME {
        return no_meter(name);
    }
    let given = form.number("timestamp").and_then(|s| i64::try_from(s).ok());
    let timestamp_s = given.unwrap_or(now_s);
    if timestamp_s < now_s - PAST_MAX_S || timestamp_s > now_s + FUTURE_MAX_S {
        let message = "The timestamp must be within the past 35 calendar days or up to 5 minutes in the future.";
        return Answer::invalid("timestamp_out_of_range", "timestamp", message);
    }
    let identifier = match form.get("identifier") {
        Some(identifier) => identifier.to_owned(),
        None => state.name("mtre"),
    };
    let lately = |usage: &&Usage| now_s - usage.received_s < DAY_S;
    if state
        .usage
        .iter()
        .filter(lately)
        .any(|usage| usage.identifier == identifier)
    {
        return Answer::seen_identifier(&identifier);
    }
    let customer = form.get("payload[stripe_customer_id]").unwrap_or_default();
    let value = form.number("payload[value]").unwrap_or(0);
    if state.find("customer", customer).is_none() {
        // Stripe takes it, and says later that it counts for nobody.
        events::meter_error(state, now_s);
    } else {
        state.usage.push(Usage {
            identifier: identifier.clone(),
            customer: customer.to_owned(),
            value,
            timestamp_s,
            received_s: now_s,
            cancelled: false,
        });
    }
    Answer::ok(json!({
        "object": "billing.meter_event",
        "created": now_s,
        "event_name": name,
        "identifier": identifier,
        "livemode": false,
        "payload": form.under("payload"),
        "timestamp": timestamp_s,
    }))
}

fn adjust(state: &mut State, form: &Form, now_s: i64) -> Answer {
    let name = form.get("event_name").unwrap_or_default();
    if name != METER_EVENT_NAME {
        return no_meter(name);
    }
    let identifier = form.get("cancel[identifier]").unwrap_or_default();
    let known = state
        .usage
        .iter_mut()
        .find(|usage| usage.identifier == identifier && now_s - usage.received_s < DAY_S);
    let Some(usage) = known else {
        return Answer::no_such(400, "meter event", "cancel[identifier]", identifier);
    };
    usage.cancelled = true;
    Answer::ok(json!({
        "object": "billing.meter_event_adjustment",
        "cancel": {"identifier": identifier},
        "event_name": name,
        "livemode": false,
        "status": "pending",
        "type": "cancel",
    }))
}

fn summaries(state: &State, form: &Form, meter: &str) -> Answer {
    if meter != METER_ID {
        return Answer::no_such(404, "billing.meter", "id", meter);
    }
    let time = |name: &str| {
        form.number(name)
            .and_then(|s| i64::try_from(s).ok())
            .unwrap_or(0)
    };
    for name in ["start_time", "end_time"] {
        if time(name) % 60 != 0 {
            let message = format!("{name} must be aligned with minute boundaries.");
            return Answer::invalid("parameter_invalid", name, message);
        }
    }
    let (start, end) = (time("start_time"), time("end_time"));
    if start >= end {
        return Answer::invalid(
            "parameter_invalid",
            "end_time",
            "end_time must be after start_time.",
        );
    }
    let sum = state.counted(form.get("customer").unwrap_or_default(), start, end);
    // Stripe writes its sums as floats. This text is read as one whatever its length.
    let value: Value = serde_json::from_str(&format!("{sum}.0")).unwrap_or_default();
    let summary = json!({
        "id": "mtrusg_test_Double",
        "object": "billing.meter_event_summary",
        "aggregated_value": value,
        "start_time": start,
        "end_time": end,
        "livemode": false,
        "meter": meter,
    });
    let url = format!("/v1/billing/meters/{meter}/event_summaries");
    Answer::ok(list(&url, vec![summary]))
}
