//! Accounts replayed from a file of operations: for audits, and for what would happen if.
//!
//! Each line is an operation with its own time and ids (docs/billing.md), put to the same aggregate
//! that the server asks; nothing is stored and nobody is told. What the aggregate asks of its host
//! is done here in memory: every request and every payment is known for ever.

mod fields;
mod ledger;
mod operation;
mod report;

use std::collections::BTreeMap;
use std::io::{BufRead, Write};

use serde_json::{Value, json};
use synesis_domain::{AccountCommand, PriceRow, PriceTable, Timestamp, UserId};

use ledger::Ledger;
use operation::{Line, Operation, Problem};

/// The longest line that is read, in bytes.
const LINE_BYTES_MAX: usize = 64 * 1024;

/// Everything that a replay knows.
struct Replay {
    rows: Vec<PriceRow>,
    prices: PriceTable,
    /// By the name in the file, in the order of their first operation.
    ledgers: Vec<(String, Ledger)>,
    by_name: BTreeMap<String, usize>,
    last_at: Timestamp,
}

/// Replays operations and writes what came of each, then balances, bills and chain heads. Gives the
/// number of lines that made no sense; the others were done.
///
/// # Errors
/// When reading or writing fails.
pub fn replay_accounts(mut input: impl BufRead, mut output: impl Write) -> std::io::Result<u64> {
    let mut replay = Replay {
        rows: Vec::new(),
        prices: PriceTable::default(),
        ledgers: Vec::new(),
        by_name: BTreeMap::new(),
        last_at: Timestamp::default(),
    };
    let mut wrong = 0;
    let mut number = 0_u64;
    let mut line = Vec::new();
    while read_line(&mut input, &mut line)? {
        number += 1;
        let text = String::from_utf8_lossy(&line);
        if text.trim().is_empty() {
            continue;
        }
        let mut outcome = match replay.perform(text.trim()) {
            Ok(outcome) => outcome,
            Err(problem) => {
                wrong += 1;
                json!({ "error": problem.to_string() })
            }
        };
        if let Some(outcome) = outcome.as_object_mut() {
            outcome.shift_insert(0, "line".to_owned(), number.into());
        }
        writeln!(output, "{outcome}")?;
    }
    for (name, ledger) in &replay.ledgers {
        for line in report::summary(name, ledger) {
            writeln!(output, "{line}")?;
        }
    }
    output.flush()?;
    Ok(wrong)
}

/// Reads a line without its end; one that is too long is read to its end and cut.
fn read_line(input: &mut impl BufRead, line: &mut Vec<u8>) -> std::io::Result<bool> {
    line.clear();
    let mut some = false;
    loop {
        let piece = input.fill_buf()?;
        if piece.is_empty() {
            return Ok(some);
        }
        some = true;
        let end = piece.iter().position(|byte| *byte == b'\n');
        let part = end.map_or(piece, |end| &piece[..end]);
        let room = (LINE_BYTES_MAX + 1).saturating_sub(line.len());
        line.extend_from_slice(&part[..part.len().min(room)]);
        let read = end.map_or(piece.len(), |end| end + 1);
        input.consume(read);
        if end.is_some() {
            return Ok(true);
        }
    }
}

impl Replay {
    fn perform(&mut self, text: &str) -> Result<Value, Problem> {
        if text.len() > LINE_BYTES_MAX {
            return Err(Problem::TooLong);
        }
        let line = Line::parse(text)?;
        let at = match &line.at {
            Some(at) => at.parse()?,
            None => self.last_at,
        };
        self.last_at = self.last_at.max(at);
        if let Operation::Price(row) = &line.operation {
            self.add_price(row.parse()?)?;
            return Ok(json!({ "op": "price", "outcome": "ok" }));
        }
        let user = line.user.as_deref().ok_or(Problem::Missing("user"))?;
        let (command, names) = line.operation.command(at, &self.prices)?;
        let ledger = self.ledger(user, at, &command)?;
        let done = ledger.put(at, &command);
        Ok(report::outcome(&line, user, ledger, &names, done))
    }

    fn add_price(&mut self, row: PriceRow) -> Result<(), Problem> {
        if self.rows.contains(&row) {
            return Ok(());
        }
        let mut rows = self.rows.clone();
        rows.push(row);
        self.prices = PriceTable::new(rows.clone())?;
        self.rows = rows;
        Ok(())
    }

    /// The ledger of a user. Whoever was not opened before is opened on the usual terms.
    fn ledger(
        &mut self,
        user: &str,
        at: Timestamp,
        command: &AccountCommand,
    ) -> Result<&mut Ledger, Problem> {
        let place = match self.by_name.get(user) {
            Some(place) => *place,
            None => {
                let id: UserId = operation::id("user", user, UserId::from_bytes);
                self.ledgers.push((user.to_owned(), Ledger::new(id)));
                self.by_name.insert(user.to_owned(), self.ledgers.len() - 1);
                self.ledgers.len() - 1
            }
        };
        let (_, ledger) = &mut self.ledgers[place];
        if !ledger.is_open() && !matches!(command, AccountCommand::Open { .. }) {
            ledger.open(at)?;
        }
        Ok(ledger)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(input: &str) -> (Vec<Value>, u64) {
        let mut output = Vec::new();
        let wrong = replay_accounts(input.as_bytes(), &mut output).unwrap();
        let lines = String::from_utf8(output).unwrap();
        let values = lines
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        (values, wrong)
    }

    #[test]
    fn ten_cents_at_three_per_cent_are_103_million_nano_dollars_and_ten_of_them_cost_103_cents() {
        let mut input = String::new();
        for number in 0..10 {
            input.push_str(&format!(
                "{{\"op\":\"usage\",\"at\":1767225600000,\"user\":\"ann\",\"id\":\"u{number}\",\
                 \"cost_nano\":\"100000000\"}}\n"
            ));
        }
        input.push_str(
            "{\"op\":\"usage\",\"user\":\"ann\",\"id\":\"u1\",\"cost_nano\":100000000}\n",
        );
        input.push_str("{\"op\":\"close\",\"at\":\"2026-01-02T00:00:00Z\",\"user\":\"ann\"}\n");
        let (lines, wrong) = run(&input);
        assert_eq!(wrong, 0);
        assert_eq!(lines[0]["entry"]["charged_nano"], "103000000");
        assert_eq!(lines[10]["outcome"], "exists");
        assert_eq!(lines[11]["outcome"], "ok");
        let bill = lines.iter().find(|line| !line["bill"].is_null()).unwrap();
        assert_eq!(bill["bill"]["cents"], 103, "{bill}");
    }

    #[test]
    fn a_refusal_has_its_code_and_what_is_left() {
        let (lines, _) = run(
            "{\"op\":\"open\",\"at\":1767225600000,\"user\":\"b\",\"tier\":\"managed\",\"markup_bp\":0,\
             \"ceiling_nano\":100}\n\
             {\"op\":\"hold\",\"user\":\"b\",\"id\":\"x\",\"amount_nano\":60}\n\
             {\"op\":\"hold\",\"user\":\"b\",\"id\":\"y\",\"amount_nano\":60}\n\
             {\"op\":\"settle\",\"user\":\"b\",\"id\":\"x\",\"cost_nano\":55}\n",
        );
        assert_eq!(lines[2]["outcome"], "refused");
        assert_eq!(lines[2]["refusal"], "credit_ceiling_exceeded");
        assert_eq!(lines[2]["room_nano"], "40");
        assert_eq!(lines[3]["state"]["charged_nano"], "55");
    }

    #[test]
    fn a_line_that_makes_no_sense_is_named_and_the_rest_goes_on() {
        let (lines, wrong) = run(
            "{\"op\":\"usage\",\"user\":\"a\",\"at\":1,\"id\":\"x\",\"cost\":5}\n\
             not json\n\
             {\"op\":\"promo\",\"user\":\"a\",\"at\":1,\"id\":\"p\",\"amount_nano\":5}\n\
             {\"op\":\"usage\",\"user\":\"a\",\"id\":\"x\",\"model\":\"m\",\"prompt\":1,\"completion\":1}\n",
        );
        assert_eq!(wrong, 3);
        assert!(lines[0]["error"].as_str().unwrap().contains("cost"));
        assert_eq!(lines[2]["outcome"], "ok");
        assert!(lines[3]["error"].as_str().unwrap().contains("has no price"));
    }

    #[test]
    fn a_field_of_another_operation_is_not_left_unheard() {
        let (lines, wrong) = run(
            "{\"op\":\"open\",\"user\":\"a\",\"tier\":\"managed\",\"from\":5}\n\
             {\"op\":\"tier\",\"user\":\"a\",\"tier\":\"managed\",\"ceiling_nano\":5}\n",
        );
        assert_eq!(wrong, 2);
        assert!(lines[0]["error"].as_str().unwrap().contains("from"));
        assert!(lines[1]["error"].as_str().unwrap().contains("ceiling_nano"));
    }

    #[test]
    fn tokens_are_priced_by_the_row_of_their_time() {
        let (lines, wrong) = run(
            "{\"op\":\"price\",\"model\":\"m\",\"version\":1,\"prompt_pico\":3000000,\
             \"cached_prompt_pico\":300000,\"completion_pico\":15000000}\n\
             {\"op\":\"usage\",\"at\":\"2026-01-01T00:00:00Z\",\"user\":\"a\",\"id\":\"x\",\"model\":\"m\",\
             \"prompt\":1000,\"cached_prompt\":500,\"completion\":10}\n",
        );
        assert_eq!(wrong, 0, "{lines:?}");
        assert_eq!(lines[1]["entry"]["provider_nano"], "1800000");
        assert_eq!(lines[1]["entry"]["fee_nano"], "54000");
    }
}
