//! The council on the terminal: events in, lines out. Decides nothing.

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;
use synesis_core::{Agent, CouncilEvent, Decision, Manifest, Route, Source};

use super::{BOLD, DIM, GOOD, Ui, WARN};

/// How the answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Writing {
    /// While it comes.
    Streamed,
    /// When it is whole.
    Whole,
}

/// Shows the events of one council.
#[derive(Debug)]
pub(crate) struct CouncilView {
    ui: Ui,
    writing: Writing,
    spinner: Option<ProgressBar>,
    /// A line of the answer was begun and not ended.
    line_open: bool,
    /// Some of the answer that stands was written to stdout.
    written: bool,
    events: Vec<Value>,
    reason: String,
}

impl CouncilView {
    pub(crate) fn new(ui: Ui, writing: Writing) -> Self {
        Self {
            ui,
            writing,
            spinner: None,
            line_open: false,
            written: false,
            events: Vec::new(),
            reason: String::new(),
        }
    }

    /// Every event so far, for `--json`.
    pub(crate) fn take_events(&mut self) -> Vec<Value> {
        std::mem::take(&mut self.events)
    }

    /// Why the answer comes from where it comes from.
    pub(crate) fn reason(&self) -> &str {
        &self.reason
    }

    pub(crate) fn show(&mut self, event: &CouncilEvent) {
        if let CouncilEvent::Route { reason, .. } = event {
            self.reason.clone_from(reason);
        }
        if self.ui.json {
            self.show_json(event);
        } else {
            self.show_text(event);
        }
    }

    /// Says something between the events.
    pub(crate) fn remark(&mut self, label: &str, text: &str) {
        self.break_line();
        self.label(label, text);
    }

    /// Ends the line and the spinner, so that something else can be written.
    pub(crate) fn pause(&mut self) {
        self.break_line();
    }

    /// Ends what is open, after the last event or a break.
    pub(crate) fn finish(&mut self) {
        self.break_line();
    }

    /// Whether the answer already stands on stdout.
    pub(crate) fn has_written(&self) -> bool {
        self.written
    }

    fn show_json(&mut self, event: &CouncilEvent) {
        let value = serde_json::to_value(event).unwrap_or(Value::Null);
        if self.writing == Writing::Streamed {
            self.ui.value(&value);
        } else {
            self.events.push(value);
        }
    }

    fn show_text(&mut self, event: &CouncilEvent) {
        match event {
            CouncilEvent::AgentStarted { agent, .. } => self.started(*agent),
            CouncilEvent::Manifest { manifest, note, .. } => {
                self.manifest(manifest, note.as_deref())
            }
            CouncilEvent::Route {
                route: Route::Local,
                ..
            } => {}
            CouncilEvent::Route { route, reason } => {
                self.remark("Route", &format!("{}: {reason}", route.as_str()))
            }
            CouncilEvent::Text {
                agent: Agent::Logos,
                delta,
            } => self.text(delta),
            CouncilEvent::Tool {
                name,
                input,
                output,
            } => {
                self.remark("Tool", &format!("{name}: {input} → {output}"));
            }
            CouncilEvent::Retrieved { passages } => {
                for passage in passages {
                    self.remark("Source", &passage.place());
                }
            }
            CouncilEvent::Verdict {
                decision,
                feedback,
                confidence,
                verified_by,
                ..
            } => {
                self.verdict(*decision, feedback, *confidence, *verified_by);
            }
            CouncilEvent::Restarted { reason } => {
                self.remark(
                    "",
                    &format!("{WARN}The answer above is withdrawn: {reason}{WARN:#}"),
                );
                self.written = false;
            }
            CouncilEvent::Notice { message } => {
                self.remark("", &format!("{WARN}{message}{WARN:#}"))
            }
            CouncilEvent::AgentEnded { .. }
            | CouncilEvent::Text { .. }
            | CouncilEvent::RoundEnded { .. }
            | CouncilEvent::Finished { .. } => {}
        }
    }

    fn started(&mut self, agent: Agent) {
        self.break_line();
        let doing = match agent {
            Agent::Pathos => "Pathos  asks what is wanted",
            Agent::Logos => "Logos   answers",
            Agent::Ethos => "Ethos   checks",
        };
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{msg} {spinner} {elapsed}") {
            bar.set_style(style);
        }
        bar.set_message(doing);
        bar.enable_steady_tick(std::time::Duration::from_millis(120));
        self.spinner = Some(bar);
    }

    fn manifest(&mut self, manifest: &Manifest, note: Option<&str>) {
        let Manifest {
            kind,
            goal,
            confidence,
            ..
        } = manifest;
        let goal = if goal.is_empty() {
            String::new()
        } else {
            format!(": {goal}")
        };
        self.remark(
            "Pathos",
            &format!("{}{goal} {DIM}({confidence} %){DIM:#}", kind.as_str()),
        );
        if let Some(note) = note {
            self.remark("", &format!("{DIM}{note}{DIM:#}"));
        }
    }

    fn text(&mut self, delta: &str) {
        if self.writing == Writing::Whole {
            return;
        }
        if !self.line_open {
            self.stop_spinner();
            if Ui::stdout_is_terminal() {
                self.ui.murmur(&format!("{BOLD}{:<8}{BOLD:#}", "Logos"));
            }
        }
        self.ui.data(delta);
        self.line_open = true;
        self.written = true;
    }

    fn verdict(&mut self, decision: Decision, feedback: &str, confidence: u8, by: Source) {
        let (style, words) = match decision {
            Decision::Approve => (GOOD, "approves"),
            Decision::Revise => (WARN, "asks for a revision"),
            Decision::Veto => (WARN, "forbids an answer"),
        };
        let feedback = if feedback.is_empty() {
            String::new()
        } else {
            format!(": {feedback}")
        };
        let by = match by {
            Source::Model => "",
            Source::Rules => ", by rules",
            Source::ModelAndRules => ", model and rules",
        };
        self.remark(
            "Ethos",
            &format!("{style}{words}{style:#}{feedback} {DIM}({confidence} %{by}){DIM:#}"),
        );
    }

    fn label(&self, label: &str, text: &str) {
        self.ui.say(&format!("{BOLD}{label:<8}{BOLD:#}{text}"));
    }

    fn break_line(&mut self) {
        self.stop_spinner();
        if std::mem::take(&mut self.line_open) {
            self.ui.data("\n");
        }
    }

    fn stop_spinner(&mut self) {
        if let Some(bar) = self.spinner.take() {
            bar.finish_and_clear();
        }
    }
}
