//! What the user sees: data on stdout, talk on stderr, both readable without colour.

pub(crate) mod browser;
pub(crate) mod council;
pub(crate) mod plot;
pub(crate) mod progress;
pub(crate) mod table;

use std::io::{self, IsTerminal, Write};

use anstyle::{AnsiColor, Style};

use crate::error::CliError;

pub(crate) const DIM: Style = Style::new().dimmed();
pub(crate) const BOLD: Style = Style::new().bold();
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
pub(crate) const WARN: Style = AnsiColor::Yellow.on_default();
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();

/// The two streams of the process.
///
/// A reader that went away (`| head`) ends the output quietly; it is no error of ours.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ui {
    pub(crate) json: bool,
}

impl Ui {
    pub(crate) fn new(json: bool) -> Self {
        Self { json }
    }

    pub(crate) fn stdout_is_terminal() -> bool {
        io::stdout().is_terminal()
    }

    /// Writes data, as it is.
    pub(crate) fn data(self, text: &str) {
        let mut stdout = anstream::stdout().lock();
        let _ = stdout
            .write_all(text.as_bytes())
            .and_then(|()| stdout.flush());
    }

    /// Writes a line of data.
    pub(crate) fn line(self, text: &str) {
        self.data(&format!("{text}\n"));
    }

    /// Writes one JSON value as a line of data.
    pub(crate) fn value(self, value: &serde_json::Value) {
        self.line(&value.to_string());
    }

    /// Says something to the person; not with `--json`.
    pub(crate) fn say(self, text: &str) {
        if !self.json {
            self.talk(text);
        }
    }

    /// Says something to the person, with `--json` too: stderr is never data.
    pub(crate) fn talk(self, text: &str) {
        let mut stderr = anstream::stderr().lock();
        let _ = writeln!(stderr, "{text}");
    }

    /// Writes to stderr without a line end.
    pub(crate) fn murmur(self, text: &str) {
        let mut stderr = anstream::stderr().lock();
        let _ = stderr
            .write_all(text.as_bytes())
            .and_then(|()| stderr.flush());
    }

    /// Prints an error: words on stderr, and with `--json` the same as data on stdout.
    pub(crate) fn error(self, error: &CliError) {
        if self.json {
            self.value(&error.to_json());
        }
        self.talk(&format!("{BAD}error:{BAD:#} {error}"));
        for cause in error.causes() {
            self.talk(&format!("  caused by: {cause}"));
        }
        for hint in &error.hints {
            self.talk(&format!("{GOOD}hint:{GOOD:#} {hint}"));
        }
    }
}

/// A span of time, as a person would say it.
pub(crate) fn duration(time: std::time::Duration) -> String {
    let ms = time.as_millis();
    match ms {
        0..=999 => format!("{ms} ms"),
        1_000..=59_999 => format!("{}.{} s", ms / 1000, ms % 1000 / 100),
        _ => format!("{} min {} s", ms / 60_000, ms / 1000 % 60),
    }
}

/// How long ago something was.
pub(crate) fn ago(at: synesis_domain::Timestamp, now: synesis_domain::Timestamp) -> String {
    let seconds = now.since(at).max(0) / 1000;
    match seconds {
        0..=1 => "just now".to_owned(),
        2..=119 => format!("{seconds} s ago"),
        120..=7_199 => format!("{} min ago", seconds / 60),
        7_200..=172_799 => format!("{} h ago", seconds / 3_600),
        _ => format!("{} days ago", seconds / 86_400),
    }
}

/// A moment, in UTC, as RFC 3339 writes it.
pub(crate) fn date_time(at: synesis_domain::Timestamp) -> String {
    let seconds = at.as_millis().div_euclid(1000);
    time::OffsetDateTime::from_unix_timestamp(seconds)
        .ok()
        .and_then(|moment| {
            moment
                .format(&time::format_description::well_known::Rfc3339)
                .ok()
        })
        .unwrap_or_else(|| format!("{seconds} s since 1970"))
}

/// The day of a moment, in UTC.
pub(crate) fn date(at: synesis_domain::Timestamp) -> String {
    date_time(at).chars().take_while(|c| *c != 'T').collect()
}

/// A size in bytes, as a person would say it.
pub(crate) fn bytes(count: u64) -> String {
    const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
    let mut unit = 0;
    let mut tenths = count.saturating_mul(10);
    while tenths >= 10_240 && unit + 1 < UNITS.len() {
        tenths /= 1024;
        unit += 1;
    }
    if unit == 0 {
        format!("{count} B")
    } else {
        format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn numbers_read_as_a_person_says_them() {
        assert_eq!(duration(Duration::from_millis(41)), "41 ms");
        assert_eq!(duration(Duration::from_millis(1_950)), "1.9 s");
        assert_eq!(duration(Duration::from_secs(75)), "1 min 15 s");
        assert_eq!(bytes(1023), "1023 B");
        assert_eq!(bytes(1536), "1.5 KiB");
        assert_eq!(bytes(24 << 30), "24.0 GiB");
    }

    #[test]
    fn moments_read_as_the_calendar_has_them() {
        let at = |ms| date_time(synesis_domain::Timestamp::from_millis(ms));
        assert_eq!(at(0), "1970-01-01T00:00:00Z");
        assert_eq!(at(951_782_400_000), "2000-02-29T00:00:00Z");
        assert_eq!(at(1_795_362_389_000), "2026-11-22T15:46:29Z");
        assert_eq!(at(-1_000), "1969-12-31T23:59:59Z");
    }
}
