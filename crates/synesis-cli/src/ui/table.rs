//! Plain tables.

use comfy_table::{ContentArrangement, Table, presets};

/// The narrowest terminal that is believed: what runs a command in a terminal of its own, a
/// recorder or a test, often says that it has no columns at all.
const WIDTH_MIN: u16 = 20;

/// How wide a terminal is taken to be that does not say.
const WIDTH_DEFAULT: u16 = 80;

/// How wide the terminal is.
pub(crate) fn terminal_width() -> u16 {
    Table::new()
        .width()
        .filter(|width| *width >= WIDTH_MIN)
        .unwrap_or(WIDTH_DEFAULT)
}

/// A table without lines, fitted to the terminal where there is one.
fn plain() -> Table {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic);
    if table.width().is_some() {
        table.set_width(terminal_width());
    }
    table
}

/// A table with a header, without lines, fitted to the terminal.
pub(crate) fn table<const N: usize>(
    header: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    let mut table = plain();
    table.set_header(header);
    for row in rows {
        table.add_row(row);
    }
    trimmed(&mut table)
}

/// Names and values, a pair a line.
pub(crate) fn pairs<'a>(rows: impl IntoIterator<Item = (&'a str, String)>) -> String {
    let mut table = plain();
    for (name, value) in rows {
        table.add_row([name, &value]);
    }
    trimmed(&mut table)
}

/// The table without the blanks that fill its right side.
fn trimmed(table: &mut Table) -> String {
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    let lines: Vec<String> = table
        .lines()
        .map(|line| line.trim_end().to_owned())
        .collect();
    lines.join("\n")
}
