//! What can be measured on its own: an area of speeds, or a quality.

use crate::error::MeasureError;
use crate::row::Row;

/// A group of rows that are measured together.
pub(crate) struct Part {
    pub(crate) name: &'static str,
    /// Quick: fewer rounds, to see that it works and not how well.
    pub(crate) run: fn(quick: bool) -> Result<Vec<Row>, MeasureError>,
}

/// Measures the part of that name with those below it (`tunnel` with `tunnel.load`), or all parts.
/// One that fails is handed to `failed` and does not keep the others from being measured.
pub(crate) fn run(
    parts: &[Part],
    name: Option<&str>,
    quick: bool,
    mut failed: impl FnMut(MeasureError),
) -> Result<Vec<Row>, MeasureError> {
    let below = |part: &Part, name: &str| {
        let rest = part.name.strip_prefix(name);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let chosen: Vec<&Part> = parts
        .iter()
        .filter(|part| name.is_none_or(|name| below(part, name)))
        .collect();
    if let (Some(name), true) = (name, chosen.is_empty()) {
        let known = parts
            .iter()
            .map(|part| part.name)
            .collect::<Vec<_>>()
            .join(", ");
        return Err(MeasureError::Usage(format!(
            "{name:?} cannot be measured; there is {known}"
        )));
    }
    let mut rows = Vec::new();
    for part in chosen {
        match (part.run)(quick) {
            Ok(measured) => rows.extend(measured),
            Err(error) => failed(error),
        }
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARTS: &[Part] = &[
        Part {
            name: "one",
            run: |_| Ok(vec![row("one")]),
        },
        Part {
            name: "two",
            run: |_| Ok(vec![row("two")]),
        },
        Part {
            name: "two.broken",
            run: |_| Err(MeasureError::Usage("broken".into())),
        },
    ];

    fn row(id: &str) -> Row {
        Row {
            id: id.to_owned(),
            value: 1.0,
            baseline: None,
            unit: "us",
            goal: None,
            n: None,
        }
    }

    #[test]
    fn without_a_name_every_part_is_measured() {
        let ids = |name| {
            let mut failures = 0;
            let rows = run(PARTS, name, true, |_| failures += 1).unwrap();
            assert_eq!(failures, u32::from(name != Some("one")));
            rows.into_iter().map(|row| row.id).collect::<Vec<_>>()
        };
        assert_eq!(ids(None), ["one", "two"]);
        assert_eq!(ids(Some("one")), ["one"]);
        assert_eq!(ids(Some("two")), ["two"]);
    }

    #[test]
    fn an_unknown_name_is_refused_with_the_known_ones() {
        let refused = run(PARTS, Some("three"), true, drop)
            .unwrap_err()
            .to_string();
        assert!(refused.contains("one, two"), "{refused}");
    }
}
