//! Values in disguise, and what models do to placeholders.

use super::dice::{Case, Dice};
use super::secrets::base64_of;

/// Each value once in every disguise that fits it.
pub(super) fn cases(dice: &mut Dice, rounds: usize) -> Vec<Case> {
    let mut cases = Vec::new();
    for _ in 0..rounds {
        let mail = format!(
            "{}.{}@{}.com",
            dice.shape("$$$$"),
            dice.shape("$$$$$"),
            dice.shape("$$$$$$")
        );
        let token = format!(
            "gh{}_{}",
            "p",
            dice.text(
                "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
                36
            )
        );
        let ssn = format!(
            "{}-{}-{}",
            dice.range(100, 660),
            dice.range(10, 99),
            dice.range(1000, 9999)
        );
        let phone = format!("+49 171 {}", dice.shape("#######"));
        for value in [&mail, &token, &ssn, &phone] {
            for disguised in [
                invisible(value, '\u{200b}'),
                invisible(value, '\u{ad}'),
                full_width(value),
                percent(value),
                entities(value),
                escapes(value),
                base64_of(format!("value={value};").as_bytes()),
                dashes(value),
            ] {
                if disguised != *value {
                    cases.push(Case {
                        stratum: "disguised",
                        kind: "disguise",
                        text: format!("note: {disguised} (end)"),
                        values: vec![disguised],
                    });
                }
            }
        }
        let looks = mail
            .replacen('a', "\u{430}", 1)
            .replacen('o', "\u{43e}", 1)
            .replacen('e', "\u{435}", 1);
        cases.push(Case {
            stratum: "disguised",
            kind: "disguise",
            text: format!("to {looks} now"),
            values: vec![looks],
        });
        let spelled = mail.replace('@', " [at] ").replace('.', " [dot] ");
        cases.push(Case {
            stratum: "disguised",
            kind: "disguise",
            text: format!("to {spelled}."),
            values: vec![spelled],
        });
    }
    cases
}

fn invisible(value: &str, mark: char) -> String {
    let middle = value.chars().count() / 2;
    value
        .chars()
        .enumerate()
        .flat_map(|(place, c)| [Some(c), (place == middle || place == 2).then_some(mark)])
        .flatten()
        .collect()
}

fn full_width(value: &str) -> String {
    value
        .chars()
        .map(|c| {
            if c.is_ascii_graphic() {
                char::from_u32(u32::from(c) + 0xfee0).unwrap_or(c)
            } else {
                c
            }
        })
        .collect()
}

fn percent(value: &str) -> String {
    value
        .bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}

fn entities(value: &str) -> String {
    escaped(value, |c| format!("&#{};", u32::from(c)))
}

fn escapes(value: &str) -> String {
    escaped(value, |c| format!("\\u{:04x}", u32::from(c)))
}

/// Everything but letters and digits in another form.
fn escaped(value: &str, escape: impl Fn(char) -> String) -> String {
    value
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() {
                c.to_string()
            } else {
                escape(c)
            }
        })
        .collect()
}

fn dashes(value: &str) -> String {
    value.replace('-', "\u{2011}").replace(' ', "\u{a0}")
}

/// Edits of a placeholder: light, medium, heavy.
pub(super) fn edits(placeholder: &str) -> [Vec<String>; 3] {
    let inside = placeholder.trim_matches(['[', ']']);
    let (label, id) = inside.split_once('_').unwrap_or((inside, ""));
    let wide: String = full_width(placeholder);
    let light = vec![
        format!("**{placeholder}**"),
        format!("'{placeholder}'"),
        format!("{placeholder}'s"),
        format!("x{placeholder}x"),
        format!("mailto:{placeholder}"),
        format!("{{\"v\":\"{placeholder}\"}}"),
        format!("`{placeholder}`"),
        format!("({placeholder})"),
        format!("_{placeholder}_"),
        format!("<b>{placeholder}</b>"),
        format!("{placeholder}{placeholder}"),
        format!("| {placeholder} |"),
    ];
    let medium = vec![
        placeholder.to_lowercase(),
        format!("[ {label}_{id} ]"),
        format!("[{label} {id}]"),
        format!("[{label}-{id}]"),
        format!("\\[{label}\\_{id}\\]"),
        format!("[{label}\\_{id}]"),
        format!("&#91;{label}_{id}&#93;"),
        format!("%5B{label}_{id}%5D"),
        wide,
        format!("[{label}_\u{200b}{id}]"),
        format!("[{}_{id}]", titled(label)),
        format!("[correo_{id}]"),
        format!("[{label}: {id}]"),
        format!("[{label}_{}]", id.to_lowercase()),
    ];
    let heavy = vec![
        inside.to_owned(),
        format!("[{label}_\n{id}]"),
        format!("[{label}S_{id}]"),
        format!("{} {id}", titled(label)),
    ];
    [light, medium, heavy]
}

fn titled(label: &str) -> String {
    let (head, tail) = label.split_at(1);
    head.to_owned() + &tail.to_lowercase()
}
