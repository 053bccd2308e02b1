//! What stands ready to answer: the local model, the cloud, the budget, and the person's wish.

use serde::Serialize;
use synesis_domain::NanoUsd;

use crate::QueryKind;

/// What the local model is good for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ModelFit {
    /// The model's name, as the person knows it.
    pub name: String,
    /// Whether it is a demonstration model: never asked outside its tasks.
    pub demonstration: bool,
    /// The kinds it was made for; empty means all.
    pub tasks: Vec<QueryKind>,
    /// The largest operand of a sum or difference it knows by heart.
    pub sum_max: u64,
    /// The largest operand of a product it knows by heart.
    pub product_max: u64,
}

impl ModelFit {
    /// A model without known limits.
    pub fn general(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            demonstration: false,
            tasks: Vec::new(),
            sum_max: u64::MAX,
            product_max: u64::MAX,
        }
    }

    /// Whether `kind` is among its tasks.
    pub fn is_made_for(&self, kind: QueryKind) -> bool {
        self.tasks.is_empty() || self.tasks.contains(&kind)
    }
}

/// Whether the cloud can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CloudState {
    /// No cloud is set up for this device.
    NotConfigured,
    /// Set up, and not known to be down.
    Available,
    /// Set up, and known to be down.
    Unreachable,
}

/// What the person asked for: `--local`, `--cloud`, or neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Demand {
    /// The council decides.
    #[default]
    Auto,
    /// Only this machine.
    Local,
    /// The cloud.
    Cloud,
}

/// Everything the routing looks at besides the question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fit {
    /// The local model.
    pub model: ModelFit,
    /// The cloud.
    pub cloud: CloudState,
    /// The person's wish.
    pub demand: Demand,
    /// What may still be spent in the cloud, where it is known.
    pub budget_left: Option<NanoUsd>,
    /// Whether there is a knowledge base to look things up in.
    pub knowledge: bool,
}

impl Fit {
    /// A local model alone: no cloud, no knowledge base, no wish.
    pub fn local(model: ModelFit) -> Self {
        Self {
            model,
            cloud: CloudState::NotConfigured,
            demand: Demand::Auto,
            budget_left: None,
            knowledge: false,
        }
    }
}
