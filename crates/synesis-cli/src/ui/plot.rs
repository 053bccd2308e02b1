//! A small plot: columns of block characters.

/// Eighths of a row.
const BLOCKS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Rows of a plot, without its axis.
const HEIGHT: u64 = 6;

/// The widest column of one value.
const COLUMN_MAX: usize = 3;

/// Draws values as columns side by side, at most `width` characters wide. Where there are more
/// values than columns fit, neighbours share one. What is more than nothing is seen.
pub(crate) fn columns(values: &[u64], width: usize) -> Vec<String> {
    if values.is_empty() || width == 0 {
        return Vec::new();
    }
    let shared = values.len().div_ceil(width);
    let sums: Vec<u64> = values
        .chunks(shared)
        .map(|chunk| {
            chunk
                .iter()
                .fold(0, |sum: u64, value| sum.saturating_add(*value))
        })
        .collect();
    let column = (width / sums.len()).clamp(1, COLUMN_MAX);
    let top = sums.iter().copied().max().unwrap_or(0).max(1);
    let eighths: Vec<u64> = sums
        .iter()
        .map(|sum| {
            let scaled = u128::from(*sum) * u128::from(HEIGHT * 8) / u128::from(top);
            let scaled = u64::try_from(scaled).unwrap_or(HEIGHT * 8);
            if *sum > 0 { scaled.max(1) } else { 0 }
        })
        .collect();
    (0..HEIGHT)
        .rev()
        .map(|row| {
            let line: String = eighths
                .iter()
                .map(|filled| bar(filled.saturating_sub(row * 8).min(8), column))
                .collect();
            line.trim_end().to_owned()
        })
        .collect()
}

/// One column in one row; columns that are wide enough leave a gap.
fn bar(eighths: u64, width: usize) -> String {
    let block = usize::try_from(eighths)
        .ok()
        .and_then(|eighths| BLOCKS.get(eighths))
        .copied()
        .unwrap_or(' ');
    let filled = width.saturating_sub(usize::from(width > 1));
    let mut bar: String = std::iter::repeat_n(block, filled).collect();
    bar.extend(std::iter::repeat_n(' ', width - filled));
    bar
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_value_fills_its_column_and_the_smallest_is_seen() {
        let plot = columns(&[0, 1, 500, 1_000], 4);
        assert_eq!(plot, ["   █", "   █", "   █", "  ██", "  ██", " ▁██"]);
    }

    #[test]
    fn a_plot_is_never_wider_than_it_may_be() {
        for count in [1, 7, 30, 31, 365, 3_660] {
            let values: Vec<u64> = (0..count).collect();
            for width in [1, 20, 80, 200] {
                let plot = columns(&values, width);
                assert_eq!(plot.len(), 6);
                let widest = plot.iter().map(|line| line.chars().count()).max();
                assert!(widest <= Some(width), "{count} values in {width}");
            }
        }
    }

    #[test]
    fn neighbours_share_a_column_where_there_is_no_room() {
        let one_each = columns(&[3, 3, 3, 3], 4);
        let two_each = columns(&[1, 2, 3, 0, 2, 1, 0, 3], 4);
        assert_eq!(one_each, two_each);
        assert!(columns(&[], 80).is_empty());
        assert!(columns(&[1], 0).is_empty());
        assert_eq!(columns(&[0, 0], 2), ["", "", "", "", "", ""]);
    }
}
