//! The numbers in the text format of Prometheus, version 0.0.4.

use std::fmt::{Display, Write as _};

use synesis_service::Finish;
use synesis_transport::Transport;

use super::histogram::Histogram;
use super::{CallKind, DURATION_BOUNDS_MS, TRANSPORTS};
use crate::cloud::Cloud;
use crate::session::Refused;

/// Every number of a server as it is now.
pub(crate) fn page(cloud: &Cloud) -> String {
    let mut page = Page::default();
    server(&mut page, cloud);
    connections(&mut page, cloud);
    calls(&mut page, cloud);
    escalations(&mut page, cloud);
    page.0
}

fn server(page: &mut Page, cloud: &Cloud) {
    page.family("build_info", "gauge", "The version that runs.");
    page.sample("build_info", &[("version", env!("CARGO_PKG_VERSION"))], 1);
    page.family(
        "start_time_seconds",
        "gauge",
        "When the server started, in seconds since 1970.",
    );
    let started = cloud.started.as_millis();
    page.sample("start_time_seconds", &[], seconds(started.unsigned_abs()));
    page.family(
        "draining",
        "gauge",
        "1 while the server goes away and takes no calls.",
    );
    page.sample("draining", &[], u8::from(cloud.draining.is_cancelled()));
    page.family(
        "https_requests_total",
        "counter",
        "Answers over HTTPS, by the class of their status.",
    );
    let classes = ["1xx", "2xx", "3xx", "4xx", "5xx"];
    for (class, counter) in classes.into_iter().zip(&cloud.metrics.https) {
        page.sample("https_requests_total", &[("status", class)], counter.read());
    }
}

fn connections(page: &mut Page, cloud: &Cloud) {
    let metrics = &cloud.metrics;
    page.family("connections", "gauge", "Devices' connections that live.");
    for transport in TRANSPORTS {
        let live = cloud.hub.count(transport);
        page.sample("connections", &by(transport), live);
    }
    page.family(
        "connections_total",
        "counter",
        "Devices' connections that were let in.",
    );
    for (transport, counter) in TRANSPORTS.into_iter().zip(&metrics.connections) {
        page.sample("connections_total", &by(transport), counter.read());
    }
    page.family(
        "handshakes_failed_total",
        "counter",
        "QUIC handshakes that did not come to an end.",
    );
    let failed = metrics.handshakes_failed.read();
    page.sample("handshakes_failed_total", &[], failed);
    page.family(
        "connections_refused_total",
        "counter",
        "Connections that were turned away, by why.",
    );
    for (reason, counter) in Refused::REASONS.into_iter().zip(&metrics.refusals) {
        page.sample(
            "connections_refused_total",
            &[("reason", reason)],
            counter.read(),
        );
    }
}

fn calls(page: &mut Page, cloud: &Cloud) {
    let metrics = &cloud.metrics;
    page.family("calls_running", "gauge", "Calls that are worked on.");
    page.sample("calls_running", &[], cloud.calls.len());
    page.family(
        "calls_total",
        "counter",
        "Calls that were answered, by what came of them. An escalation counts here once, \
         when its answer begins or is refused.",
    );
    for (kind, outcomes) in CallKind::ALL.iter().zip(&metrics.calls) {
        // Most of these pairs never happen.
        for (outcome, count) in outcomes.read().filter(|(_, count)| *count > 0) {
            let labels = [("call", kind.name()), ("outcome", outcome)];
            page.sample("calls_total", &labels, count);
        }
    }
    page.family(
        "notices_total",
        "counter",
        "One-way notices of devices, by what came of them.",
    );
    for (notice, counter) in [
        ("heartbeat", &metrics.heartbeats),
        ("prewarm", &metrics.prewarms),
        ("refused", &metrics.notices_refused),
    ] {
        page.sample("notices_total", &[("notice", notice)], counter.read());
    }
}

fn escalations(page: &mut Page, cloud: &Cloud) {
    let metrics = &cloud.metrics;
    page.family("escalations_running", "gauge", "Answers in the making.");
    page.sample("escalations_running", &[], cloud.escalations.running());
    page.family(
        "escalations_total",
        "counter",
        "Answers that ended, by how.",
    );
    let good = [
        (Finish::Stop.as_str(), metrics.stopped.read()),
        (Finish::Length.as_str(), metrics.cut_by_length.read()),
    ];
    let failed = metrics.failures.read().filter(|(_, count)| *count > 0);
    for (outcome, count) in good.into_iter().chain(failed) {
        page.sample("escalations_total", &[("outcome", outcome)], count);
    }
    page.family("tokens_total", "counter", "Tokens that were charged.");
    for (kind, counter) in [
        ("prompt", &metrics.prompt_tokens),
        ("completion", &metrics.completion_tokens),
    ] {
        page.sample("tokens_total", &[("kind", kind)], counter.read());
    }
    page.histogram(
        "escalation_first_text_seconds",
        "From the question to the first words of its answer.",
        &metrics.until_first_text,
    );
    page.histogram(
        "escalation_seconds",
        "From the question to the end of its answer.",
        &metrics.until_ended,
    );
}

fn by(transport: Transport) -> [(&'static str, &'static str); 1] {
    [("transport", transport.name())]
}

/// Milliseconds as seconds, without rounding.
fn seconds(ms: u64) -> String {
    format!("{}.{:03}", ms / 1_000, ms % 1_000)
}

/// The text so far. Names and labels are ours: none needs to be escaped.
#[derive(Default)]
struct Page(String);

impl Page {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        // Writing to a string does not fail, here and below.
        let _ = writeln!(self.0, "# HELP synesis_{name} {help}");
        let _ = writeln!(self.0, "# TYPE synesis_{name} {kind}");
    }

    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        let _ = write!(self.0, "synesis_{name}");
        for (place, (label, of)) in labels.iter().enumerate() {
            let before = if place == 0 { '{' } else { ',' };
            let _ = write!(self.0, "{before}{label}=\"{of}\"");
        }
        let after = if labels.is_empty() { "" } else { "}" };
        let _ = writeln!(self.0, "{after} {value}");
    }

    fn histogram(
        &mut self,
        name: &str,
        help: &str,
        histogram: &Histogram<{ DURATION_BOUNDS_MS.len() }>,
    ) {
        self.family(name, "histogram", help);
        let (below, all) = histogram.cumulative();
        let bucket = format!("{name}_bucket");
        for (bound, count) in DURATION_BOUNDS_MS.into_iter().zip(below) {
            self.sample(&bucket, &[("le", seconds(bound).as_str())], count);
        }
        self.sample(&bucket, &[("le", "+Inf")], all);
        self.sample(&format!("{name}_sum"), &[], seconds(histogram.sum_ms()));
        self.sample(&format!("{name}_count"), &[], all);
    }
}
