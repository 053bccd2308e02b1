//! A figure beside its baseline and its goal, and how figures are printed.

/// One figure.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    /// As in GOALS.md; several figures of one row are told apart after a dot.
    pub(crate) id: String,
    pub(crate) value: f64,
    /// The same thing done by the yardstick, in the same run.
    pub(crate) baseline: Option<f64>,
    pub(crate) unit: &'static str,
    pub(crate) goal: Option<Goal>,
    /// How many cases the figure stands on, where it is a share of cases.
    pub(crate) n: Option<usize>,
}

/// What a figure must reach. Part of a row's id says of what; a goal is about the ratio where
/// there is a baseline in the sentence, else about the value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Goal {
    RatioAtMost(f64),
    RatioAtLeast(f64),
    ValueAtMost(f64),
    ValueAtLeast(f64),
}

impl Row {
    /// The value as a multiple of the baseline.
    pub(crate) fn ratio(&self) -> Option<f64> {
        self.baseline
            .filter(|baseline| *baseline != 0.0)
            .map(|baseline| self.value / baseline)
    }

    /// Whether the goal is reached; none without a goal.
    pub(crate) fn ok(&self) -> Option<bool> {
        let reached = match self.goal? {
            Goal::RatioAtMost(bound) => self.ratio()? <= bound,
            Goal::RatioAtLeast(bound) => self.ratio()? >= bound,
            Goal::ValueAtMost(bound) => self.value <= bound,
            Goal::ValueAtLeast(bound) => self.value >= bound,
        };
        Some(reached)
    }
}

impl Goal {
    fn text(self, unit: &str) -> String {
        match self {
            Goal::RatioAtMost(bound) => format!("<= {bound} x"),
            Goal::RatioAtLeast(bound) => format!(">= {bound} x"),
            Goal::ValueAtMost(bound) => format!("<= {bound} {unit}"),
            Goal::ValueAtLeast(bound) => format!(">= {bound} {unit}"),
        }
    }
}

/// One JSON object a line.
pub(crate) fn json_lines(rows: &[Row]) -> String {
    let mut text = String::new();
    for row in rows {
        let mut object = serde_json::json!({
            "id": row.id,
            "value": rounded(row.value),
            "baseline": row.baseline.map(rounded),
            "ratio": row.ratio().map(rounded),
            "unit": row.unit,
            "goal": row.goal.map(|goal| goal.text(row.unit)),
            "ok": row.ok(),
        });
        if let Some(n) = row.n {
            object["n"] = n.into();
        }
        text.push_str(&object.to_string());
        text.push('\n');
    }
    text
}

/// Columns for a person.
pub(crate) fn table(rows: &[Row]) -> String {
    let mut cells = vec![
        [
            "id", "value", "baseline", "ratio", "unit", "n", "goal", "ok",
        ]
        .map(str::to_owned),
    ];
    for row in rows {
        let number = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), short);
        cells.push([
            row.id.clone(),
            short(row.value),
            number(row.baseline),
            number(row.ratio()),
            row.unit.to_owned(),
            row.n.map_or_else(|| "-".to_owned(), |n| n.to_string()),
            row.goal
                .map_or_else(|| "-".to_owned(), |goal| goal.text(row.unit)),
            match row.ok() {
                Some(true) => "ok",
                Some(false) => "MISSED",
                None => "-",
            }
            .to_owned(),
        ]);
    }
    let width = |column: usize| cells.iter().map(|line| line[column].chars().count()).max();
    let widths: Vec<usize> = (0..8).filter_map(width).collect();
    let mut text = String::new();
    for line in &cells {
        let mut printed = String::new();
        for (column, (cell, width)) in line.iter().zip(&widths).enumerate() {
            let pad = " ".repeat(width - cell.chars().count());
            let is_number = (1..=3).contains(&column) || column == 5;
            let (before, after) = if is_number {
                (pad.as_str(), "")
            } else {
                ("", pad.as_str())
            };
            printed.extend([before, cell, after, "  "]);
        }
        text.push_str(printed.trim_end());
        text.push('\n');
    }
    text
}

/// Three digits after the point are enough to compare.
fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

fn short(value: f64) -> String {
    if value.abs() >= 100.0 {
        format!("{value:.0}")
    } else {
        format!("{value:.2}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(value: f64, baseline: Option<f64>, goal: Option<Goal>) -> Row {
        Row {
            id: "tunnel.rr64.p50".into(),
            value,
            baseline,
            unit: "us",
            goal,
            n: None,
        }
    }

    #[test]
    fn goals_look_at_the_ratio_or_at_the_value() {
        let table = [
            (
                row(140.0, Some(100.0), Some(Goal::RatioAtMost(1.5))),
                Some(true),
            ),
            (
                row(160.0, Some(100.0), Some(Goal::RatioAtMost(1.5))),
                Some(false),
            ),
            (row(2.1, None, Some(Goal::ValueAtMost(2.0))), Some(false)),
            (row(95.0, None, Some(Goal::ValueAtLeast(95.0))), Some(true)),
            (row(1.0, Some(1.0), None), None),
            (row(1.0, None, Some(Goal::RatioAtMost(1.0))), None),
        ];
        for (row, expected) in table {
            assert_eq!(row.ok(), expected, "{row:?}");
        }
    }

    #[test]
    fn json_has_every_field_in_order_and_null_for_what_is_not_there() {
        let rows = [
            row(140.0, Some(100.0), Some(Goal::RatioAtMost(1.5))),
            row(1.0, None, None),
        ];
        let expected = concat!(
            r#"{"id":"tunnel.rr64.p50","value":140.0,"baseline":100.0,"ratio":1.4,"unit":"us","goal":"<= 1.5 x","ok":true}"#,
            "\n",
            r#"{"id":"tunnel.rr64.p50","value":1.0,"baseline":null,"ratio":null,"unit":"us","goal":null,"ok":null}"#,
            "\n",
        );
        assert_eq!(json_lines(&rows), expected);
    }

    #[test]
    fn a_share_of_cases_says_of_how_many() {
        let counted = Row {
            n: Some(300),
            ..row(1.0, None, None)
        };
        assert!(json_lines(&[counted]).trim_end().ends_with(r#","n":300}"#));
    }

    #[test]
    fn the_table_lines_up_and_shouts_only_what_missed() {
        let rows = [
            row(140.0, Some(100.0), Some(Goal::RatioAtMost(1.5))),
            Row {
                n: Some(300),
                ..row(2.25, None, Some(Goal::ValueAtMost(2.0)))
            },
        ];
        let expected = "\
id               value  baseline  ratio  unit    n  goal      ok
tunnel.rr64.p50    140       100   1.40  us      -  <= 1.5 x  ok
tunnel.rr64.p50   2.25         -      -  us    300  <= 2 us   MISSED
";
        assert_eq!(table(&rows), expected);
    }
}
