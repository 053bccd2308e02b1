//! A spinner for what takes longer than half a second.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::Ui;

/// How long something may take before the spinner shows.
const SHOW_AFTER: Duration = Duration::from_millis(500);

/// Runs a future under a spinner with that label. Nothing is drawn unless stderr is a terminal.
pub(crate) async fn spin<F: Future>(ui: Ui, label: &str, work: F) -> F::Output {
    tokio::pin!(work);
    tokio::select! {
        done = &mut work => return done,
        () = tokio::time::sleep(SHOW_AFTER) => {}
    }
    let bar = if ui.json {
        ProgressBar::hidden()
    } else {
        ProgressBar::new_spinner()
    };
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {elapsed}") {
        bar.set_style(style);
    }
    bar.set_message(label.to_owned());
    bar.enable_steady_tick(Duration::from_millis(100));
    let done = work.await;
    bar.finish_and_clear();
    done
}
