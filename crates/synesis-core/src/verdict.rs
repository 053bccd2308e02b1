//! What Ethos thinks of an answer.

use serde::Serialize;
use serde_json::Value;

use crate::json::{ParseError, object_in, percent_of, text_of};
use crate::limits::FEEDBACK_CHARS_MAX;

/// What shall happen to an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// It may be given.
    Approve,
    /// It is to be written again.
    Revise,
    /// It must not be given, nor any other to this question.
    Veto,
}

impl Decision {
    const ALL: [Decision; 3] = [Decision::Approve, Decision::Revise, Decision::Veto];

    /// The name in verdicts and events.
    pub fn as_str(self) -> &'static str {
        match self {
            Decision::Approve => "approve",
            Decision::Revise => "revise",
            Decision::Veto => "veto",
        }
    }
}

/// Ethos' judgement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// What shall happen to the answer.
    #[serde(rename = "verdict")]
    pub decision: Decision,
    /// What to do better, or why not at all.
    pub feedback: String,
    /// How sure Ethos is of the decision, in percent.
    pub confidence: u8,
}

impl Verdict {
    /// The JSON schema for constrained decoding: compact, keys in the order models are trained on.
    pub fn schema() -> &'static str {
        concat!(
            r#"{"type":"object","properties":{"#,
            r#""verdict":{"type":"string","enum":["approve","revise","veto"]},"#,
            r#""feedback":{"type":"string"},"#,
            r#""confidence":{"type":"integer","minimum":0,"maximum":100}},"#,
            r#""required":["verdict","feedback","confidence"],"additionalProperties":false}"#,
        )
    }

    /// Reads what Ethos wrote; the same tolerance as [`crate::Manifest::parse`].
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let object = object_in(text)?;
        let wrong = ParseError::Wrong("verdict", "approve, revise or veto");
        let decision = match object.get("verdict") {
            None => return Err(ParseError::Missing("verdict")),
            Some(Value::String(name)) => Decision::ALL
                .into_iter()
                .find(|d| d.as_str().eq_ignore_ascii_case(name.trim()))
                .ok_or(wrong)?,
            Some(_) => return Err(wrong),
        };
        Ok(Self {
            decision,
            feedback: text_of(&object, "feedback", FEEDBACK_CHARS_MAX)?,
            confidence: percent_of(&object, "confidence")?,
        })
    }

    /// Ethos' score of the answer, in percent: its confidence where it approves, at most half
    /// where it wants a revision (the surer of that, the less), nothing on a veto.
    pub fn score(&self) -> u8 {
        match self.decision {
            Decision::Approve => self.confidence,
            Decision::Revise => 100u8.saturating_sub(self.confidence) / 2,
            Decision::Veto => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_is_json_and_keeps_the_trained_key_order() {
        let schema: Value = serde_json::from_str(Verdict::schema()).unwrap();
        let keys: Vec<_> = schema["properties"].as_object().unwrap().keys().collect();
        assert_eq!(keys, ["verdict", "feedback", "confidence"]);
    }

    #[test]
    fn verdicts_are_read_strictly_inside_the_object() {
        let verdict = Verdict::parse(
            "```json\n{\"verdict\":\"Approve\",\"feedback\":\"\",\"confidence\":97}\n```",
        )
        .unwrap();
        assert_eq!((verdict.decision, verdict.score()), (Decision::Approve, 97));
        assert!(Verdict::parse(r#"{"verdict":"maybe","confidence":97}"#).is_err());
        assert!(Verdict::parse(r#"{"verdict":true,"confidence":97}"#).is_err());
        assert!(Verdict::parse("approve").is_err());
    }

    #[test]
    fn a_sure_revision_scores_less_than_an_unsure_one() {
        let revise = |confidence| {
            Verdict {
                decision: Decision::Revise,
                feedback: String::new(),
                confidence,
            }
            .score()
        };
        assert!(revise(90) < revise(20));
        assert!(revise(0) <= 50);
    }
}
