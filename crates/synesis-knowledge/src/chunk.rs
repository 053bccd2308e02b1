//! Cuts a file into chunks along its structure.
//!
//! A chunk never crosses a Markdown heading. Fenced code and paragraphs are cut only when they
//! alone are too long. Every line of the file that is not blank is in exactly one chunk, so a
//! place that is cited can be found.

use std::ops::Range;
use std::path::Path;

use serde::Serialize;

use crate::limits::{CHUNK_BYTES_MAX, CHUNK_BYTES_TARGET};

/// How a file is structured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// Headings, paragraphs, fenced code.
    Markdown,
    /// Definitions that start at the left margin.
    Code,
    /// Paragraphs.
    Text,
}

const MARKDOWN: &[&str] = &["md", "markdown", "mdx"];
const CODE: &[&str] = &[
    "rs", "py", "js", "mjs", "ts", "tsx", "jsx", "go", "c", "h", "cc", "cpp", "hpp", "cs", "java",
    "kt", "swift", "rb", "php", "pl", "lua", "sh", "bash", "zsh", "fish", "sql", "r", "jl", "hs",
    "ml", "ex", "exs", "erl", "scala", "clj", "zig", "nim", "dart", "proto", "toml", "yaml", "yml",
    "json", "ini", "css", "scss", "tf",
];
/// Forms that need a reader of their own to be worth searching.
const UNREAD: &[&str] = &[
    "html", "htm", "xhtml", "svg", "xml", "rtf", "ps", "eps", "ipynb",
];

impl Form {
    /// The form a file's name tells; none when files of that ending are not read.
    pub(crate) fn of(path: &Path) -> Result<Self, String> {
        let ending = path
            .extension()
            .and_then(|e| e.to_str())
            .unwrap_or_default()
            .to_lowercase();
        match ending.as_str() {
            e if MARKDOWN.contains(&e) => Ok(Form::Markdown),
            e if CODE.contains(&e) => Ok(Form::Code),
            e if UNREAD.contains(&e) => Err(ending),
            _ => Ok(Form::Text),
        }
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Form::Markdown => "markdown",
            Form::Code => "code",
            Form::Text => "text",
        }
    }

    pub(crate) fn from_name(name: &str) -> Self {
        match name {
            "markdown" => Form::Markdown,
            "code" => Form::Code,
            _ => Form::Text,
        }
    }
}

/// A piece of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Chunk {
    /// The first line, counted from 1.
    pub(crate) line_start: u32,
    /// The last line, included.
    pub(crate) line_end: u32,
    /// The headings above it, outermost first: `Guide > Setup`.
    pub(crate) heading: String,
    /// What stands there.
    pub(crate) text: String,
}

/// Lines that belong together, by index.
struct Block {
    lines: Range<usize>,
    heading: String,
    /// Whether it opens a section: nothing before it may be joined to it.
    opens: bool,
}

/// The chunks of a file, in order.
pub(crate) fn chunks(text: &str, form: Form) -> Vec<Chunk> {
    let lines: Vec<&str> = text.lines().collect();
    let blocks = match form {
        Form::Markdown => markdown_blocks(&lines),
        Form::Code => blocks_between(&lines, |above, below| {
            above.trim().is_empty() && starts_definition(below)
        }),
        Form::Text => blocks_between(&lines, |above, _| above.trim().is_empty()),
    };
    let mut chunks = Vec::new();
    let mut blocks = blocks.into_iter().peekable();
    while let Some(block) = blocks.next() {
        let mut range = block.lines;
        while let Some(next) = blocks.peek() {
            if next.opens || bytes(&lines[range.start..next.lines.end]) > CHUNK_BYTES_TARGET {
                break;
            }
            range.end = next.lines.end;
            blocks.next();
        }
        cut(&lines, range, &block.heading, &mut chunks);
    }
    chunks
}

fn bytes(lines: &[&str]) -> usize {
    lines.iter().map(|line| line.len() + 1).sum()
}

fn starts_definition(line: &str) -> bool {
    !line.starts_with([' ', '\t', '}', ')', ']'])
}

/// Blocks that end where `ends` says so, given two neighbouring lines; blank edges are left out.
fn blocks_between(lines: &[&str], ends: impl Fn(&str, &str) -> bool) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut start = 0;
    for at in 1..=lines.len() {
        if at == lines.len() || ends(lines[at - 1], lines[at]) {
            push(&mut blocks, lines, start..at, "", false);
            start = at;
        }
    }
    blocks
}

/// Adds a block without its blank edges, unless nothing is left.
fn push(blocks: &mut Vec<Block>, lines: &[&str], range: Range<usize>, heading: &str, opens: bool) {
    let blank = |at: &usize| lines[*at].trim().is_empty();
    let Some(first) = range.clone().find(|at| !blank(at)) else {
        return;
    };
    let Some(last) = range.rev().find(|at| !blank(at)) else {
        return;
    };
    blocks.push(Block {
        lines: first..last + 1,
        heading: heading.to_owned(),
        opens,
    });
}

fn markdown_blocks(lines: &[&str]) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut headings: Vec<(usize, String)> = Vec::new();
    let mut above = String::new();
    let mut opens = false;
    let mut start = 0;
    let mut fence: Option<&str> = None;
    for (at, line) in lines.iter().enumerate() {
        let trimmed = line.trim();
        if let Some(mark) = fence {
            if trimmed.starts_with(mark) && trimmed.trim_start_matches(&mark[..1]).is_empty() {
                fence = None;
            }
            continue;
        }
        fence = ["```", "~~~"]
            .into_iter()
            .find(|mark| trimmed.starts_with(mark));
        if let Some((level, title)) = heading(line) {
            push(&mut blocks, lines, start..at, &above, opens);
            headings.retain(|(other, _)| *other < level);
            headings.push((level, title.to_owned()));
            above = headings
                .iter()
                .map(|(_, t)| t.as_str())
                .collect::<Vec<_>>()
                .join(" > ");
            (start, opens) = (at, true);
        } else if trimmed.is_empty() {
            let ended = lines[start..at].iter().any(|l| !l.trim().is_empty());
            push(&mut blocks, lines, start..at, &above, opens);
            opens &= !ended;
            start = at + 1;
        }
    }
    push(&mut blocks, lines, start..lines.len(), &above, opens);
    blocks
}

/// The level and title of a heading line.
fn heading(line: &str) -> Option<(usize, &str)> {
    let level = line.bytes().take_while(|b| *b == b'#').count();
    let title = line.get(level..)?.strip_prefix(' ')?;
    (1..=6)
        .contains(&level)
        .then(|| (level, title.trim().trim_end_matches('#').trim()))
}

/// Adds the lines as one chunk, or as several when they are too long.
fn cut(lines: &[&str], range: Range<usize>, heading: &str, chunks: &mut Vec<Chunk>) {
    let mut start = range.start;
    let mut size = 0;
    for at in range.clone() {
        let line_bytes = lines[at].len() + 1;
        if size > 0 && size + line_bytes > CHUNK_BYTES_MAX {
            add(lines, start..at, heading, chunks);
            (start, size) = (at, 0);
        }
        size += line_bytes;
    }
    add(lines, start..range.end, heading, chunks);
}

fn add(lines: &[&str], range: Range<usize>, heading: &str, chunks: &mut Vec<Chunk>) {
    let number = |at: usize| u32::try_from(at + 1).unwrap_or(u32::MAX);
    let text = lines[range.clone()].join("\n");
    let mut rest = text.as_str();
    // Only a single line can still be too long here.
    while !rest.trim().is_empty() {
        let (piece, after) = rest.split_at(boundary(rest, CHUNK_BYTES_MAX));
        chunks.push(Chunk {
            line_start: number(range.start),
            line_end: number(range.end.saturating_sub(1)),
            heading: heading.to_owned(),
            text: piece.to_owned(),
        });
        rest = after;
    }
}

/// The last place between characters within `bytes_max`, after a space where there is one.
fn boundary(text: &str, bytes_max: usize) -> usize {
    if text.len() <= bytes_max {
        return text.len();
    }
    let mut end = bytes_max;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    match text[..end].rfind(' ') {
        Some(space) if space > end / 2 => space + 1,
        _ => end,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(text: &str, form: Form, expected: &str) {
        let shown: Vec<String> = chunks(text, form)
            .iter()
            .map(|c| {
                format!(
                    "{}-{} [{}] {}",
                    c.line_start,
                    c.line_end,
                    c.heading,
                    c.text.replace('\n', "|")
                )
            })
            .collect();
        assert_eq!(shown.join("\n"), expected);
    }

    #[test]
    fn markdown_is_cut_at_headings() {
        check(
            "intro\n\n# Guide\ntext\n\nmore\n## Setup\n\n```sh\n# not a heading\n\nrun\n```\n# Next\nend",
            Form::Markdown,
            "1-1 [] intro\n3-6 [Guide] # Guide|text||more\n7-13 [Guide > Setup] ## Setup||```sh|# not a heading||run|```\n14-15 [Next] # Next|end",
        );
    }

    #[test]
    fn paragraphs_are_joined_up_to_the_target_and_no_further() {
        check("a\n\nb\n\n\nc", Form::Text, "1-6 [] a||b|||c");
        let long = "x".repeat(CHUNK_BYTES_TARGET - 10);
        let found = chunks(&format!("{long}\n\n{long}\n\nshort"), Form::Text);
        let places: Vec<_> = found.iter().map(|c| (c.line_start, c.line_end)).collect();
        assert_eq!(places, [(1, 1), (3, 5)]);
    }

    #[test]
    fn code_is_cut_between_definitions() {
        let body = "    work();\n\n".repeat(50);
        let text = format!("fn a() {{\n{body}}}\n\nfn b() {{\n{body}}}\n");
        let found = chunks(&text, Form::Code);
        assert_eq!(found.len(), 2);
        assert!(found[1].text.starts_with("fn b()"));
    }

    #[test]
    fn one_long_line_is_cut_between_characters() {
        let found = chunks(&"ä".repeat(CHUNK_BYTES_MAX), Form::Text);
        assert_eq!(found.len(), 2);
        assert!(found.iter().all(|c| (c.line_start, c.line_end) == (1, 1)));
    }

    proptest! {
        #[test]
        fn no_line_is_lost_and_no_chunk_is_too_long(
            text in "([#`a-zé ]{0,40}\n|\n|```\n|# [a-z]{1,9}\n|[a-z ]{200,1900}\n){0,40}",
            form in prop_oneof![Just(Form::Markdown), Just(Form::Code), Just(Form::Text)],
        ) {
            let found = chunks(&text, form);
            let mut covered = 0;
            for chunk in &found {
                prop_assert!(chunk.text.len() <= CHUNK_BYTES_MAX);
                prop_assert!(chunk.line_start <= chunk.line_end && chunk.line_start >= covered);
                covered = chunk.line_end;
            }
            let squeezed = |text: &str| text.split_whitespace().collect::<String>();
            let all: String = found.iter().map(|c| c.text.as_str()).collect();
            prop_assert_eq!(squeezed(&all), squeezed(&text));
        }
    }
}
