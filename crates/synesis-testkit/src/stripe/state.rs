//! What the double remembers.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::{Value, json};

use super::events::Webhook;
use super::fault::{ReceivedCall, StripeFault};
use super::problem::Answer;

/// For how long keys and identifiers are remembered.
pub(super) const DAY_S: i64 = 24 * 60 * 60;

/// An answer that is given again for the same key.
pub(super) struct Remembered {
    pub(super) path: String,
    pub(super) body: Vec<u8>,
    pub(super) answer: Answer,
    pub(super) at_s: i64,
}

/// Usage that was counted.
pub(super) struct Usage {
    pub(super) identifier: String,
    pub(super) customer: String,
    pub(super) value: u64,
    pub(super) timestamp_s: i64,
    pub(super) received_s: i64,
    pub(super) cancelled: bool,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) made: u64,
    pub(super) webhook_secrets: Vec<String>,
    /// Everything that has a name, by its name.
    pub(super) objects: BTreeMap<String, Value>,
    pub(super) usage: Vec<Usage>,
    pub(super) keys: BTreeMap<String, Remembered>,
    pub(super) keys_under_way: BTreeSet<String>,
    pub(super) metered: BTreeSet<String>,
    pub(super) faults: VecDeque<StripeFault>,
    pub(super) received: Vec<ReceivedCall>,
    pub(super) webhooks: Vec<Webhook>,
}

impl State {
    /// A new name.
    pub(super) fn name(&mut self, prefix: &str) -> String {
        self.made += 1;
        format!("{prefix}_Double{:06}", self.made)
    }

    pub(super) fn keep(&mut self, object: &Value) {
        if let Some(id) = object["id"].as_str() {
            self.objects.insert(id.to_owned(), object.clone());
        }
    }

    /// An object that a test names: it must be there.
    pub(super) fn known(&self, id: &str) -> Value {
        self.objects
            .get(id)
            .unwrap_or_else(|| panic!("Stripe's double has no {id}"))
            .clone()
    }

    /// The object of that name, if it is of that kind.
    pub(super) fn find(&self, kind: &str, id: &str) -> Option<&Value> {
        self.objects
            .get(id)
            .filter(|object| object["object"] == kind)
    }

    pub(super) fn sessions_of(&self, payment: &str) -> Vec<Value> {
        self.objects
            .values()
            .filter(|object| {
                object["object"] == "checkout.session" && object["payment_intent"] == payment
            })
            .cloned()
            .collect()
    }

    pub(super) fn counted(&self, customer: &str, start_s: i64, end_s: i64) -> u64 {
        self.usage
            .iter()
            .filter(|usage| usage.customer == customer && !usage.cancelled)
            .filter(|usage| (start_s..end_s).contains(&usage.timestamp_s))
            .map(|usage| usage.value)
            .sum()
    }
}

pub(super) fn list(url: &str, data: Vec<Value>) -> Value {
    json!({"object": "list", "url": url, "has_more": false, "data": data})
}
