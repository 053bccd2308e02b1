//! `synesis redact` and `synesis reinflate`: the privacy proxy as filters for other programs.
//!
//! Plain: text in, text out. With `--json`: a JSON object a line, an answer a line, in order,
//! flushed line by line. A line that cannot be answered gets `{"error"}` in its place and the exit
//! status tells at the end, so that one bad line does not hold up the others.

use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::ExitCode;

use serde::Deserialize;
use serde_json::{Value, json};
use synesis_privacy::{
    Conversation, ConversationId, INPUT_BYTES_MAX, Raw, Redaction, Redactor, Reinflater, TokenVault,
};

use crate::args::Filter;
use crate::commands::Context;
use crate::error::{CliError, Context as _, ErrorKind};
use crate::input;
use crate::privacy_rules::{conversation_id, redactor, seed, vault};

/// The conversation of plain text when none is named.
const PLAIN_CONVERSATION: &str = "default";
/// Conversations kept open at once; the one longest unused is closed first.
const OPEN_CONVERSATIONS_MAX: usize = 64;
/// The longest line of JSON: a text of the largest size, with every byte escaped.
const LINE_BYTES_MAX: usize = INPUT_BYTES_MAX * 6 + 4096;
/// Lines answered together at most, and their bytes: the values of those that wait already become durable with one
/// wait for the disk. Other processes wait as long for the vault.
const BATCH_LINES_MAX: usize = 256;
const BATCH_BYTES_MAX: usize = 1 << 20;
/// What `reinflate` reads at once from plain text.
const PIECE_BYTES: usize = 64 * 1024;

/// One line of input.
#[derive(Debug, Deserialize)]
struct Line {
    id: Value,
    text: Option<String>,
    chunks: Option<Vec<String>>,
    conversation: Option<String>,
}

impl Line {
    /// The conversation it belongs to: named, or named by its id.
    fn conversation(&self) -> String {
        match (&self.conversation, &self.id) {
            (Some(name), _) => name.clone(),
            (None, Value::String(id)) => id.clone(),
            (None, id) => id.to_string(),
        }
    }
}

pub(crate) fn redact(context: &Context, args: &Filter) -> Result<ExitCode, CliError> {
    let redactor = redactor(&context.home)?;
    let mut conversations = Conversations::open(context, args)?;
    if context.ui.json {
        return each_line(&mut conversations, |conversations, line| {
            redact_line(&redactor, conversations, line)
        });
    }
    let text = input::read_text(io::stdin().lock(), "stdin", INPUT_BYTES_MAX)?;
    let conversation =
        conversations.named(args.conversation.as_deref().unwrap_or(PLAIN_CONVERSATION))?;
    let redaction = redacted(&redactor, text, conversation)?;
    context.ui.data(redaction.text.as_str());
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn reinflate(context: &Context, args: &Filter) -> Result<ExitCode, CliError> {
    let mut conversations = Conversations::open(context, args)?;
    if context.ui.json {
        return each_line(&mut conversations, reinflate_line);
    }
    let conversation =
        conversations.named(args.conversation.as_deref().unwrap_or(PLAIN_CONVERSATION))?;
    let mut reinflater = Reinflater::new(conversation);
    let mut stdin = io::stdin().lock();
    let mut unread = Vec::new();
    loop {
        let begun = unread.len();
        let read = (&mut stdin)
            .take(PIECE_BYTES as u64)
            .read_to_end(&mut unread)
            .context(ErrorKind::User, "cannot read stdin")?;
        let whole = whole_characters(&unread, read == 0).ok_or_else(|| {
            CliError::user("stdin is no text")
                .because(format!("near byte {begun} of what was read last"))
        })?;
        let restored = reinflater.push(std::str::from_utf8(&unread[..whole]).unwrap_or_default());
        context.ui.data(&restored);
        unread.drain(..whole);
        if read == 0 {
            break;
        }
    }
    context.ui.data(&reinflater.finish());
    Ok(ExitCode::SUCCESS)
}

/// How many bytes are whole characters; `None` where the rest can never become one.
fn whole_characters(bytes: &[u8], at_end: bool) -> Option<usize> {
    match std::str::from_utf8(bytes) {
        Ok(_) => Some(bytes.len()),
        Err(error) if error.error_len().is_none() && !at_end => Some(error.valid_up_to()),
        Err(_) => None,
    }
}

fn redacted(
    redactor: &Redactor,
    text: String,
    conversation: &mut Conversation,
) -> Result<Redaction, CliError> {
    redactor.redact(&Raw::new(text), conversation).context(
        ErrorKind::User,
        "the text was not redacted, and nothing was printed",
    )
}

fn redact_line(
    redactor: &Redactor,
    conversations: &mut Conversations,
    line: Line,
) -> Result<Value, CliError> {
    let name = line.conversation();
    let text = line
        .text
        .ok_or_else(|| CliError::user("the line has no `text`"))?;
    let redaction = redacted(redactor, text, conversations.named(&name)?)?;
    let findings: Vec<_> = redaction
        .findings
        .iter()
        .map(|finding| {
            json!({
                "start": finding.span.start,
                "end": finding.span.end,
                "kind": finding.kind.name(),
                "placeholder": finding.placeholder.to_string(),
                "detector": finding.detector,
                "confidence": finding.confidence,
            })
        })
        .collect();
    Ok(json!({ "id": line.id, "text": redaction.text.as_str(), "findings": findings }))
}

fn reinflate_line(conversations: &mut Conversations, line: Line) -> Result<Value, CliError> {
    let name = line.conversation();
    let conversation = conversations.named(&name)?;
    conversation
        .refresh()
        .context(ErrorKind::User, "the vault cannot be read")?;
    let mut reinflater = Reinflater::new(conversation);
    match (line.text, line.chunks) {
        (Some(text), None) => {
            let mut restored = reinflater.push(&text);
            restored.push_str(&reinflater.finish());
            Ok(json!({ "id": line.id, "text": restored }))
        }
        (None, Some(chunks)) => {
            let mut restored: Vec<String> =
                chunks.iter().map(|chunk| reinflater.push(chunk)).collect();
            restored.push(reinflater.finish());
            Ok(json!({ "id": line.id, "chunks": restored }))
        }
        _ => Err(CliError::user(
            "the line has neither `text` nor `chunks`, or both",
        )),
    }
}

/// Answers each line of stdin with a line of stdout, those that wait already together.
fn each_line(
    conversations: &mut Conversations,
    mut answer: impl FnMut(&mut Conversations, Line) -> Result<Value, CliError>,
) -> Result<ExitCode, CliError> {
    let mut stdin = BufReader::with_capacity(PIECE_BYTES, io::stdin().lock());
    let mut stdout = io::stdout().lock();
    let (mut number, mut failed) = (0_u64, 0_u64);
    loop {
        let lines = batch(&mut stdin).context(ErrorKind::User, "cannot read stdin")?;
        if lines.is_empty() {
            break;
        }
        for (id, answered) in answers(conversations, lines, &mut answer) {
            number += 1;
            let value = answered.unwrap_or_else(|error| {
                failed += 1;
                match id {
                    Some(id) => json!({ "id": id, "error": words(&error) }),
                    None => json!({ "error": words(&error) }),
                }
            });
            let written = writeln!(stdout, "{value}").and_then(|()| stdout.flush());
            if written.is_err() {
                // The reader went away: there is nobody to answer to.
                return Ok(ExitCode::SUCCESS);
            }
        }
    }
    if failed == 0 {
        return Ok(ExitCode::SUCCESS);
    }
    crate::ui::Ui::new(true).talk(&format!(
        "error: {failed} of {number} lines were not answered; each has its error in its place"
    ));
    Ok(ErrorKind::User.into())
}

/// The answer to a line, and its id where it has one.
type Answer = (Option<Value>, Result<Value, CliError>);

/// Answers lines together. Nothing is answered before the values of all are kept.
fn answers(
    conversations: &mut Conversations,
    lines: Vec<Result<Line, CliError>>,
    answer: &mut impl FnMut(&mut Conversations, Line) -> Result<Value, CliError>,
) -> Vec<Answer> {
    let ids: Vec<Option<Value>> = lines
        .iter()
        .map(|line| line.as_ref().ok().map(|line| line.id.clone()))
        .collect();
    let vault = conversations.vault.clone();
    let all = || -> Vec<Result<Value, CliError>> {
        let lines = lines.into_iter();
        lines
            .map(|line| line.and_then(|line| answer(conversations, line)))
            .collect()
    };
    let answered = match vault {
        None => all(),
        Some(vault) => match vault.together(all) {
            Ok(answered) => answered,
            Err(error) => {
                let cause = error.to_string();
                conversations.open.clear();
                let failed =
                    || CliError::user("the vault did not keep the values").because(cause.as_str());
                ids.iter().map(|_| Err(failed())).collect()
            }
        },
    };
    ids.into_iter().zip(answered).collect()
}

/// A line, and those behind it that can be read without waiting. None at the end.
fn batch(source: &mut BufReader<impl Read>) -> io::Result<Vec<Result<Line, CliError>>> {
    let mut lines = Vec::new();
    let mut buffer = Vec::new();
    let mut bytes = 0;
    while read_line(source, &mut buffer)? {
        if !buffer.iter().all(u8::is_ascii_whitespace) {
            bytes += buffer.len();
            lines.push(parse_line(&buffer));
        }
        let waits = !source.buffer().contains(&b'\n');
        let full = lines.len() >= BATCH_LINES_MAX || bytes >= BATCH_BYTES_MAX;
        if !lines.is_empty() && (waits || full) {
            break;
        }
    }
    Ok(lines)
}

fn parse_line(bytes: &[u8]) -> Result<Line, CliError> {
    if bytes.len() > LINE_BYTES_MAX {
        return Err(CliError::user("the line is too long"));
    }
    serde_json::from_slice(bytes).context(ErrorKind::User, "the line is no JSON object with `id`")
}

/// Reads a line; what is over the limit is skipped, and one byte more than the limit tells.
fn read_line(source: &mut impl BufRead, buffer: &mut Vec<u8>) -> io::Result<bool> {
    buffer.clear();
    let limit = LINE_BYTES_MAX as u64 + 1;
    if source.take(limit).read_until(b'\n', buffer)? == 0 {
        return Ok(false);
    }
    if buffer.len() > LINE_BYTES_MAX && buffer.last() != Some(&b'\n') {
        source.skip_until(b'\n')?;
    }
    Ok(true)
}

fn words(error: &CliError) -> String {
    let mut text = error.to_string();
    for cause in error.causes() {
        text.push_str(": ");
        text.push_str(&cause);
    }
    text
}

/// Open conversations, from the vault or in memory only.
struct Conversations {
    vault: Option<TokenVault>,
    open: HashMap<String, (u64, Conversation)>,
    uses: u64,
}

impl Conversations {
    fn open(context: &Context, args: &Filter) -> Result<Self, CliError> {
        let vault = if args.ephemeral {
            None
        } else {
            context.initialise()?;
            Some(vault(&context.home)?)
        };
        Ok(Self {
            vault,
            open: HashMap::new(),
            uses: 0,
        })
    }

    fn named(&mut self, name: &str) -> Result<&mut Conversation, CliError> {
        self.uses += 1;
        // In memory nothing can be closed without being lost.
        if self.vault.is_some()
            && self.open.len() >= OPEN_CONVERSATIONS_MAX
            && !self.open.contains_key(name)
        {
            let oldest = self
                .open
                .iter()
                .min_by_key(|(_, (used, _))| *used)
                .map(|(name, _)| name.clone());
            oldest.and_then(|name| self.open.remove(&name));
        }
        let uses = self.uses;
        let (used, conversation) = match self.open.entry(name.to_owned()) {
            std::collections::hash_map::Entry::Occupied(open) => open.into_mut(),
            std::collections::hash_map::Entry::Vacant(place) => {
                let id = conversation_id(name)?;
                place.insert((uses, open_conversation(self.vault.as_ref(), id)?))
            }
        };
        *used = uses;
        Ok(conversation)
    }
}

fn open_conversation(
    vault: Option<&TokenVault>,
    id: ConversationId,
) -> Result<Conversation, CliError> {
    match vault {
        Some(vault) => vault
            .conversation(&id)
            .context(ErrorKind::User, "the vault cannot be read"),
        None => Ok(Conversation::ephemeral(id, seed()?)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_over_the_limit_are_skipped_whole() {
        let long = vec![b'a'; LINE_BYTES_MAX + 10];
        let mut input = long.clone();
        input.extend_from_slice(b"\nshort\n");
        let mut source = io::BufReader::new(&input[..]);
        let mut buffer = Vec::new();
        assert!(read_line(&mut source, &mut buffer).unwrap());
        assert!(parse_line(&buffer).is_err());
        assert!(read_line(&mut source, &mut buffer).unwrap());
        assert_eq!(buffer, b"short\n");
        assert!(!read_line(&mut source, &mut buffer).unwrap());
    }

    #[test]
    fn half_a_character_waits_for_its_rest() {
        assert_eq!(whole_characters("aé".as_bytes(), true), Some(3));
        assert_eq!(whole_characters(&"aé".as_bytes()[..2], false), Some(1));
        assert_eq!(whole_characters(&"aé".as_bytes()[..2], true), None);
        assert_eq!(whole_characters(b"a\xffb", false), None);
    }
}
