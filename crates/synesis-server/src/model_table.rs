//! The operator's model table: every name that a device can ask for goes to the one model here.

use synesis_models::Engine;
use synesis_service::{ModelRow, ModelTable, ProviderId};
use synesis_wire::limits::OUTPUT_TOKENS_MAX;
use synesis_wire::proto::CloudModel;

use crate::config::{ConfigError, ServerConfig};
use crate::price_file;

const PROVIDER: &str = "main";

pub(crate) fn of(config: &ServerConfig, engine: &dyn Engine) -> Result<ModelTable, ConfigError> {
    let info = engine.info();
    let output_tokens_max = info
        .context_tokens
        .map_or(OUTPUT_TOKENS_MAX, |context| context.min(OUTPUT_TOKENS_MAX));
    let priced_as = match &config.priced_as {
        Some(name) => name.clone(),
        None => price_file::private_cloud_name()?,
    };
    let rows = [
        CloudModel::ClaudeSonnet,
        CloudModel::ClaudeOpus,
        CloudModel::Gpt4Turbo,
        CloudModel::Auto,
    ];
    let rows = rows.map(|model| ModelRow {
        model,
        provider: ProviderId::new(PROVIDER),
        model_id: info.name.clone(),
        priced_as: priced_as.clone(),
        output_tokens_max,
    });
    ModelTable::new(rows.into()).map_err(|error| ConfigError::Value {
        setting: "model",
        problem: error.to_string(),
    })
}
