//! The column of an HTML table that a heading names.

use super::View;

/// The longest row of headings, in bytes.
const HEADINGS_BYTES_MAX: usize = 600;
/// How much of the rows below is read, in bytes.
const ROWS_BYTES_MAX: usize = 16 << 10;

/// The cells below the heading that `start` is in: `<th>…</th>` over `<td>…</td>` of the same place.
pub(super) fn cells(view: &View<'_>, start: usize, end: usize, cells: &mut Vec<(usize, usize)>) {
    let floor = view
        .text
        .floor_char_boundary(start.saturating_sub(HEADINGS_BYTES_MAX));
    let Some(row) = view.text[floor..start].rfind("<tr") else {
        return;
    };
    let column = view.text[floor + row..start].matches("<th").count();
    let limit = (end + ROWS_BYTES_MAX).min(view.text.len());
    let rest = &view.text[end..view.text.floor_char_boundary(limit)];
    let rest = rest.split("</table").next().unwrap_or(rest);
    let mut at = end;
    for (place, row) in rest.split_inclusive("</tr>").enumerate() {
        let cell = row.match_indices("<td").nth(column.saturating_sub(1));
        // What is left of the row of headings comes first.
        if let Some((cell, _)) = cell.filter(|_| place > 0)
            && let Some(open) = row[cell..].find('>')
            && let Some(length) = row[cell + open + 1..].find('<')
        {
            let from = at + cell + open + 1;
            cells.push((from, from + length));
        }
        at += row.len();
    }
}
