//! Whether a value keeps to a schema: the part of JSON Schema that constraints here use.
//!
//! Used on what servers send, which may ignore the schema they were given. Keywords that are not
//! known here are not checked.

use serde_json::Value;

const DEPTH_MAX: usize = 32;

/// Takes the JSON out of an answer that may have a fence around it, checks it, and writes it compactly.
pub(super) fn keep_to(schema: &Value, answer: &str) -> Result<String, String> {
    let trimmed = answer.trim();
    let inner = trimmed
        .strip_prefix("```json")
        .or_else(|| trimmed.strip_prefix("```"))
        .and_then(|rest| rest.trim_end().strip_suffix("```"))
        .unwrap_or(trimmed);
    let value: Value =
        serde_json::from_str(inner.trim()).map_err(|error| format!("it is not JSON ({error})"))?;
    check(schema, &value, "the answer", 0)?;
    Ok(value.to_string())
}

fn check(schema: &Value, value: &Value, place: &str, depth: usize) -> Result<(), String> {
    if depth > DEPTH_MAX {
        return Err(format!("{place} is nested too deeply"));
    }
    if let Some(kinds) = schema.get("type") {
        let fits = match kinds {
            Value::String(kind) => is(value, kind),
            Value::Array(kinds) => kinds
                .iter()
                .filter_map(Value::as_str)
                .any(|kind| is(value, kind)),
            _ => true,
        };
        if !fits {
            return Err(format!("{place} is not of type {kinds}"));
        }
    }
    if let Some(Value::Array(allowed)) = schema.get("enum")
        && !allowed.contains(value)
    {
        return Err(format!("{place} is none of the allowed values"));
    }
    if schema.get("const").is_some_and(|only| only != value) {
        return Err(format!("{place} is not the only allowed value"));
    }
    check_bounds(schema, value, place)?;
    check_object(schema, value, place, depth)?;
    if let (Some(items), Value::Array(list)) = (schema.get("items"), value) {
        for (n, item) in list.iter().enumerate() {
            check(items, item, &format!("{place}[{n}]"), depth + 1)?;
        }
    }
    Ok(())
}

fn is(value: &Value, kind: &str) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "number" => value.is_number(),
        "integer" => {
            value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|x| x.fract() == 0.0)
        }
        _ => true,
    }
}

fn check_bounds(schema: &Value, value: &Value, place: &str) -> Result<(), String> {
    let number = |key: &str| schema.get(key).and_then(Value::as_f64);
    let count = |key: &str| schema.get(key).and_then(Value::as_u64);
    let within = |n: u64, low: &str, high: &str| {
        count(low).is_none_or(|low| n >= low) && count(high).is_none_or(|high| n <= high)
    };
    let fits = match value {
        Value::Number(n) => n.as_f64().is_none_or(|n| {
            number("minimum").is_none_or(|low| n >= low)
                && number("maximum").is_none_or(|high| n <= high)
        }),
        Value::String(text) => within(text.chars().count() as u64, "minLength", "maxLength"),
        Value::Array(list) => within(list.len() as u64, "minItems", "maxItems"),
        _ => true,
    };
    if fits {
        Ok(())
    } else {
        Err(format!("{place} is outside the allowed range"))
    }
}

fn check_object(schema: &Value, value: &Value, place: &str, depth: usize) -> Result<(), String> {
    let Value::Object(object) = value else {
        return Ok(());
    };
    for key in schema
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
    {
        if !object.contains_key(key) {
            return Err(format!("{place} lacks `{key}`"));
        }
    }
    let properties = schema.get("properties").and_then(Value::as_object);
    let closed = schema.get("additionalProperties") == Some(&Value::Bool(false));
    for (key, part) in object {
        match properties.and_then(|properties| properties.get(key)) {
            Some(inner) => check(inner, part, &format!("{place}.{key}"), depth + 1)?,
            None if closed => return Err(format!("{place} has `{key}`, which is not allowed")),
            None => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_refuses_what_breaks_it() {
        let schema = serde_json::json!({
            "type": "object", "required": ["kind", "n"], "additionalProperties": false,
            "properties": {
                "kind": {"enum": ["a", "b"]}, "n": {"type": "integer", "minimum": 0, "maximum": 100},
                "list": {"type": "array", "maxItems": 1, "items": {"type": "string", "maxLength": 2}}
            }
        });
        let expect = |answer: &str, reason: &str| match keep_to(&schema, answer) {
            Ok(text) => assert_eq!(reason, text),
            Err(error) => assert!(
                error.contains(reason) && !reason.is_empty(),
                "{answer}: {error}"
            ),
        };
        expect(
            "```json\n{\"kind\": \"a\", \"n\": 3}\n```",
            "{\"kind\":\"a\",\"n\":3}",
        );
        expect("Sure! {}", "not JSON");
        expect("[]", "not of type");
        expect("{\"n\":1}", "lacks `kind`");
        expect("{\"kind\":\"c\",\"n\":1}", "none of the allowed");
        expect("{\"kind\":\"a\",\"n\":101}", "outside");
        expect("{\"kind\":\"a\",\"n\":1.5}", "not of type");
        expect("{\"kind\":\"a\",\"n\":1,\"x\":1}", "not allowed");
        expect(
            "{\"kind\":\"a\",\"n\":1,\"list\":[\"abc\"]}",
            "list[0] is outside",
        );
        expect(
            "{\"kind\":\"a\",\"n\":1,\"list\":[\"a\",\"b\"]}",
            "list is outside",
        );
    }
}
