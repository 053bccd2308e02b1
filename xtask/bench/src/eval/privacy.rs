//! `eval privacy`: what leaks, what is redacted without need, what comes back, and how fast.
//!
//! Every run makes its own texts from shapes; none of them was used to write a rule. A value leaks when it, or half of
//! it, still stands in the redacted text. The figures of GOALS.md are measured on other sets than these.

mod dice;
mod disguise;
mod documents;
mod negatives;
mod numbers;
mod people;
mod secrets;

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::Instant;

use dice::{Case, Dice};
use synesis_privacy::{Conversation, ConversationId, Raw, Redactor, RedactorConfig, reinflate};

use crate::error::{Doing as _, MeasureError};
use crate::row::{Goal, Row};

const SEED: u64 = 0x5EED_0003;
const MIXED_BYTES: usize = 16 << 20;
const PROMPTS: usize = 2000;

/// Measures every stratum.
pub(super) fn run(quick: bool) -> Result<Vec<Row>, MeasureError> {
    let rounds = if quick { 2 } else { 12 };
    let mut dice = Dice::new(SEED);
    let redactor = Redactor::new(&RedactorConfig::default()).doing("making a redactor")?;
    let mut cases = people::cases(&mut dice, rounds);
    cases.extend(secrets::self_identifying(&mut dice, rounds));
    cases.extend(secrets::by_context(&mut dice, rounds));
    cases.extend(disguise::cases(&mut dice, rounds));
    cases.extend(negatives::cases(&mut dice, rounds));
    let mut tally: BTreeMap<&'static str, Tally> = BTreeMap::new();
    let mut kinds: BTreeMap<String, Tally> = BTreeMap::new();
    let mut wrong_round_trips = 0;
    for (number, case) in cases.iter().enumerate() {
        let mut conversation = conversation(number as u64)?;
        let redaction = redactor
            .redact(&Raw::new(case.text.clone()), &mut conversation)
            .doing("redacting a case")?;
        let redacted = redaction.text.as_str();
        wrong_round_trips += usize::from(reinflate(redacted, &conversation) != case.text);
        let bad = match case.values.as_slice() {
            [] => redacted != case.text,
            values => values.iter().any(|value| leaks(redacted, value)),
        };
        tally.entry(case.stratum).or_default().add(bad);
        kinds
            .entry(format!("{}/{}", case.stratum, case.kind))
            .or_default()
            .add(bad);
        if bad && std::env::var_os("SYNESIS_EVAL_SHOW").is_some() {
            drop(std::io::Write::write_all(
                &mut std::io::stderr(),
                format!("{}: {:?} -> {redacted:?}\n", case.stratum, case.text).as_bytes(),
            ));
        }
    }
    let mut rows = strata(&tally, &kinds);
    rows.push(row(
        "privacy.round_trip",
        100.0 - 100.0 * wrong_round_trips as f64 / cases.len() as f64,
        "%",
        Some(Goal::ValueAtLeast(100.0)),
        Some(cases.len()),
    ));
    rows.extend(restored(&redactor)?);
    rows.extend(speed(&redactor, &mut dice, &cases, quick)?);
    Ok(rows)
}

#[derive(Default)]
struct Tally {
    all: usize,
    bad: usize,
}

impl Tally {
    fn add(&mut self, bad: bool) {
        self.all += 1;
        self.bad += usize::from(bad);
    }

    fn percent(&self) -> f64 {
        100.0 * self.bad as f64 / self.all as f64
    }
}

/// The value, or one of its halves of at least five characters, still stands there.
fn leaks(redacted: &str, value: &str) -> bool {
    let letters: Vec<char> = value.chars().collect();
    let (first, second) = letters.split_at(letters.len() / 2);
    let half =
        |part: &[char]| part.len() >= 5 && redacted.contains(&part.iter().collect::<String>());
    redacted.contains(value) || half(first) || half(second)
}

fn strata(tally: &BTreeMap<&'static str, Tally>, kinds: &BTreeMap<String, Tally>) -> Vec<Row> {
    let goal = |stratum: &str| {
        Some(Goal::ValueAtMost(match stratum {
            "pii" | "over" => 3.0,
            "secrets.self" => 1.0,
            "secrets.context" => 12.0,
            "disguised" => 20.0,
            "birth" => 8.0,
            "address" => 50.0,
            "person" => 45.0,
            _ => return None,
        }))
    };
    let name = |stratum: &str| match stratum {
        "over" => "privacy.over".to_owned(),
        other => format!("privacy.leak.{other}"),
    };
    let whole = tally.iter().map(|(stratum, tally)| {
        row(
            &name(stratum),
            tally.percent(),
            "%",
            goal(stratum),
            Some(tally.all),
        )
    });
    let parts = kinds.iter().map(|(kind, tally)| {
        row(
            &format!("privacy.{}", kind.replace('/', ".").replace(' ', "_")),
            tally.percent(),
            "%",
            None,
            Some(tally.all),
        )
    });
    whole.chain(parts).collect()
}

/// How many edits of each level are restored, and how often a wrong value is.
fn restored(redactor: &Redactor) -> Result<Vec<Row>, MeasureError> {
    let mut levels = [(0usize, 0usize); 3];
    let mut wrong = 0;
    for seed in 0..40 {
        let mut conversation = conversation(seed)?;
        let text = "jane@roe.example and joe@bloggs.example, 10.20.30.40, +49 171 1234567, password: Zx81-qqv";
        let redaction = redactor
            .redact(&Raw::new(text.to_owned()), &mut conversation)
            .doing("redacting")?;
        let values: Vec<&str> = redaction
            .findings
            .iter()
            .map(|finding| &text[finding.span.clone()])
            .collect();
        for (finding, value) in redaction.findings.iter().zip(&values) {
            for (level, edits) in disguise::edits(&finding.placeholder.to_string())
                .into_iter()
                .enumerate()
            {
                for edit in edits {
                    let restored = reinflate(&format!("so {edit}, and"), &conversation);
                    levels[level].0 += 1;
                    levels[level].1 += usize::from(restored.contains(value));
                    wrong += usize::from(
                        values
                            .iter()
                            .any(|other| other != value && restored.contains(other)),
                    );
                }
            }
        }
    }
    let names = [("light", 100.0), ("medium", 99.0), ("heavy", 75.0)];
    let mut rows: Vec<Row> = names
        .iter()
        .zip(levels)
        .map(|((name, goal), (all, good))| {
            row(
                &format!("privacy.restore.{name}"),
                100.0 * good as f64 / all as f64,
                "%",
                Some(Goal::ValueAtLeast(*goal)),
                Some(all),
            )
        })
        .collect();
    rows.push(row(
        "privacy.restore.wrong",
        wrong as f64,
        "values",
        Some(Goal::ValueAtMost(0.0)),
        None,
    ));
    Ok(rows)
}

fn speed(
    redactor: &Redactor,
    dice: &mut Dice,
    cases: &[Case],
    quick: bool,
) -> Result<Vec<Row>, MeasureError> {
    let text = documents::mixed(
        dice,
        cases,
        if quick { MIXED_BYTES / 8 } else { MIXED_BYTES },
    );
    let mut fastest = f64::MAX;
    let mut restore = f64::MAX;
    for round in 0..3 {
        let mut conversation = conversation(round)?;
        let raw = Raw::new(text.clone());
        let started = Instant::now();
        let redaction = redactor
            .redact(&raw, &mut conversation)
            .doing("redacting the documents")?;
        fastest = fastest.min(started.elapsed().as_secs_f64());
        let started = Instant::now();
        black_box(reinflate(redaction.text.as_str(), &conversation));
        restore = restore.min(started.elapsed().as_secs_f64());
    }
    let prompt = "Please rewrite this mail to jane.roe@example.org in a friendlier tone. We met on Monday and talked about the new plan; she wants the numbers by Friday, and I promised to send them together with notes.";
    let mut conversation = conversation(77)?;
    let mut times: Vec<f64> = Vec::with_capacity(PROMPTS);
    for _ in 0..PROMPTS {
        let raw = Raw::new(prompt.to_owned());
        let started = Instant::now();
        black_box(
            redactor
                .redact(&raw, &mut conversation)
                .doing("redacting a prompt")?,
        );
        times.push(started.elapsed().as_secs_f64() * 1e6);
    }
    times.sort_by(f64::total_cmp);
    let megabytes = text.len() as f64 / 1e6;
    Ok(vec![
        row(
            "privacy.mbs",
            megabytes / fastest,
            "MB/s",
            Some(Goal::ValueAtLeast(40.0)),
            None,
        ),
        row(
            "privacy.restore_mbs",
            megabytes / restore,
            "MB/s",
            Some(Goal::ValueAtLeast(300.0)),
            None,
        ),
        row(
            "privacy.prompt",
            times[PROMPTS / 2],
            "us",
            Some(Goal::ValueAtMost(20.0)),
            None,
        ),
    ])
}

fn conversation(seed: u64) -> Result<Conversation, MeasureError> {
    let mut bytes = [7u8; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    Ok(Conversation::ephemeral(
        ConversationId::new("eval").doing("naming a conversation")?,
        bytes,
    ))
}

fn row(id: &str, value: f64, unit: &'static str, goal: Option<Goal>, n: Option<usize>) -> Row {
    Row {
        id: id.to_owned(),
        value,
        baseline: None,
        unit,
        goal,
        n,
    }
}
