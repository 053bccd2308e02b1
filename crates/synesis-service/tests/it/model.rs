//! What stands behind a model's name.

use synesis_domain::{ModelName, PriceTable, Timestamp};
use synesis_service::{ModelRow, ModelTable, ModelTableError, ProviderId, Rejection};
use synesis_wire::proto::CloudModel;

use crate::world::price;

fn row(model: CloudModel, priced_as: &str) -> ModelRow {
    ModelRow {
        model,
        provider: ProviderId::new("p"),
        model_id: "id".into(),
        priced_as: ModelName::new(priced_as).unwrap(),
        output_tokens_max: 100,
    }
}

#[test]
fn a_name_without_a_row_or_a_price_is_refused_and_never_free() {
    let table = ModelTable::new(vec![
        row(CloudModel::Auto, "test"),
        row(CloudModel::ClaudeOpus, "unpriced"),
    ])
    .unwrap();
    let prices = PriceTable::new(vec![price()]).unwrap();
    let now = Timestamp::default();
    let route = |model| {
        table
            .route(model, &prices, now)
            .map(|route| route.price.version)
    };
    assert_eq!(route(CloudModel::Auto), Ok(3));
    assert_eq!(
        route(CloudModel::ClaudeOpus),
        Err(Rejection::UnknownModel("Claude Opus".into()))
    );
    assert_eq!(
        route(CloudModel::Gpt4Turbo),
        Err(Rejection::UnknownModel("GPT-4 Turbo".into()))
    );
    assert_eq!(table.names().collect::<Vec<_>>(), ["Claude Opus", "Auto"]);
}

#[test]
fn a_table_names_each_model_once() {
    let twice = vec![row(CloudModel::Auto, "test"), row(CloudModel::Auto, "test")];
    assert_eq!(ModelTable::new(twice), Err(ModelTableError::Twice("Auto")));
    let nameless = vec![row(CloudModel::Unspecified, "test")];
    assert_eq!(ModelTable::new(nameless), Err(ModelTableError::Unspecified));
}
