//! What Pathos found out about a question.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::json::{ParseError, object_in, percent_of, text_of, texts_of};
use crate::limits::{MANIFEST_CHARS_MAX, MANIFEST_ITEMS_MAX};

/// What kind of question it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QueryKind {
    /// Something about the world that can be looked up.
    Fact,
    /// A sum that can be calculated.
    Arithmetic,
    /// From one unit of measure into another.
    Conversion,
    /// A greeting, thanks, or a question about the assistant itself.
    Greeting,
    /// The answer stands in a given text.
    Extract,
    /// A text is wanted.
    Writing,
    /// A program is wanted, or talked about.
    Code,
    /// Several steps of thought.
    Reasoning,
    /// None of these.
    Other,
}

impl QueryKind {
    /// Every kind, in the order of the schema.
    pub const ALL: [QueryKind; 9] = [
        QueryKind::Fact,
        QueryKind::Arithmetic,
        QueryKind::Conversion,
        QueryKind::Greeting,
        QueryKind::Extract,
        QueryKind::Writing,
        QueryKind::Code,
        QueryKind::Reasoning,
        QueryKind::Other,
    ];

    /// The name in manifests and in a model file's `synesis.tasks`.
    pub fn as_str(self) -> &'static str {
        match self {
            QueryKind::Fact => "fact",
            QueryKind::Arithmetic => "arithmetic",
            QueryKind::Conversion => "conversion",
            QueryKind::Greeting => "greeting",
            QueryKind::Extract => "extract",
            QueryKind::Writing => "writing",
            QueryKind::Code => "code",
            QueryKind::Reasoning => "reasoning",
            QueryKind::Other => "other",
        }
    }

    /// The kind of that name, whatever its case.
    pub fn from_name(name: &str) -> Option<Self> {
        let name = name.trim();
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str().eq_ignore_ascii_case(name))
    }

    /// The kind in words, for sentences such as "it was made for …".
    pub fn in_words(self) -> &'static str {
        match self {
            QueryKind::Fact => "basic facts",
            QueryKind::Arithmetic => "sums",
            QueryKind::Conversion => "unit conversions",
            QueryKind::Greeting => "greetings",
            QueryKind::Extract => "questions whose answer stands in a given text",
            QueryKind::Writing => "writing",
            QueryKind::Code => "code",
            QueryKind::Reasoning => "reasoning",
            QueryKind::Other => "open questions",
        }
    }
}

/// What is wanted, in Pathos' words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Manifest {
    /// The kind of question.
    pub kind: QueryKind,
    /// What the person wants to have in the end.
    pub goal: String,
    /// What the answer must keep to.
    pub constraints: Vec<String>,
    /// Whose knowledge it takes.
    pub expertise: Vec<String>,
    /// What Ethos should check.
    pub verify: Vec<String>,
    /// How sure Pathos is, in percent.
    pub confidence: u8,
}

impl Manifest {
    /// The JSON schema for constrained decoding: compact, keys in the order models are trained on.
    pub fn schema() -> &'static str {
        concat!(
            r#"{"type":"object","properties":{"#,
            r#""kind":{"type":"string","enum":["fact","arithmetic","conversion","greeting","extract","writing","code","reasoning","other"]},"#,
            r#""goal":{"type":"string"},"#,
            r#""constraints":{"type":"array","items":{"type":"string"},"maxItems":4},"#,
            r#""expertise":{"type":"array","items":{"type":"string"},"maxItems":4},"#,
            r#""verify":{"type":"array","items":{"type":"string"},"maxItems":4},"#,
            r#""confidence":{"type":"integer","minimum":0,"maximum":100}},"#,
            r#""required":["kind","goal","constraints","expertise","verify","confidence"],"additionalProperties":false}"#,
        )
    }

    /// Reads what Pathos wrote.
    ///
    /// `kind` and `confidence` must be there; texts are cut and lists shortened to the limits;
    /// unknown keys are ignored; text around the object is skipped.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let object = object_in(text)?;
        let kind = match object.get("kind") {
            None => return Err(ParseError::Missing("kind")),
            Some(Value::String(name)) => {
                QueryKind::from_name(name).ok_or(ParseError::Wrong("kind", "a kind of question"))?
            }
            Some(_) => return Err(ParseError::Wrong("kind", "a kind of question")),
        };
        let list = |key| texts_of(&object, key, MANIFEST_ITEMS_MAX, MANIFEST_CHARS_MAX);
        Ok(Self {
            kind,
            goal: text_of(&object, "goal", MANIFEST_CHARS_MAX)?,
            constraints: list("constraints")?,
            expertise: list("expertise")?,
            verify: list("verify")?,
            confidence: percent_of(&object, "confidence")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_is_json_and_keeps_the_trained_key_order() {
        let schema: Value = serde_json::from_str(Manifest::schema()).unwrap();
        let keys: Vec<_> = schema["properties"].as_object().unwrap().keys().collect();
        assert_eq!(
            keys,
            [
                "kind",
                "goal",
                "constraints",
                "expertise",
                "verify",
                "confidence"
            ]
        );
        let kinds: Vec<_> = schema["properties"]["kind"]["enum"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(Value::as_str)
            .collect();
        assert_eq!(kinds, QueryKind::ALL.map(QueryKind::as_str));
    }

    #[test]
    fn what_a_manifest_serialises_to_can_be_parsed() {
        let manifest = Manifest {
            kind: QueryKind::Extract,
            goal: "find the owner".into(),
            constraints: vec!["one name".into()],
            expertise: vec![],
            verify: vec!["context".into()],
            confidence: 93,
        };
        assert_eq!(
            Manifest::parse(&serde_json::to_string(&manifest).unwrap()),
            Ok(manifest)
        );
    }

    #[test]
    fn oversized_manifests_are_cut_not_refused() {
        let goal = "é".repeat(5000);
        let list = vec!["x"; 100];
        let text = serde_json::json!({"kind": "FACT", "goal": goal, "constraints": list, "verify": "one thing", "confidence": 50});
        let manifest = Manifest::parse(&text.to_string()).unwrap();
        assert_eq!(manifest.goal.chars().count(), MANIFEST_CHARS_MAX);
        assert_eq!(manifest.constraints.len(), MANIFEST_ITEMS_MAX);
        assert_eq!(manifest.verify, ["one thing"]);
    }

    #[test]
    fn a_manifest_without_kind_or_confidence_is_refused() {
        assert_eq!(
            Manifest::parse(r#"{"confidence":50}"#),
            Err(ParseError::Missing("kind"))
        );
        assert_eq!(
            Manifest::parse(r#"{"kind":"fact"}"#),
            Err(ParseError::Missing("confidence"))
        );
        assert_eq!(
            Manifest::parse(r#"{"kind":"riddle","confidence":50}"#),
            Err(ParseError::Wrong("kind", "a kind of question"))
        );
        assert!(Manifest::parse(r#"{"kind":"fact","confidence":50,"verify":[1]}"#).is_err());
    }
}
