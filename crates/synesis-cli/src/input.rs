//! What comes in from outside: the question, files, stdin. Bounded, and text or a clear error.

use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::path::Path;

use crate::error::{CliError, Context, ErrorKind};

/// The question of `ask`: the words of the command line, or stdin.
pub(crate) fn question(words: &[String], bytes_max: usize) -> Result<String, CliError> {
    let from_stdin = match words {
        [] => true,
        [only] => only == "-",
        _ => false,
    };
    let text = if from_stdin {
        if words.is_empty() && io::stdin().is_terminal() {
            return Err(CliError::new(ErrorKind::Usage, "there is no question")
                .hint("for example: synesis ask \"What is 17 + 25?\""));
        }
        read_text(io::stdin().lock(), "stdin", bytes_max)?
    } else {
        let text = words.join(" ");
        if text.len() > bytes_max {
            return Err(too_long("the question", bytes_max));
        }
        text
    };
    let text = text.trim();
    if text.is_empty() {
        return Err(CliError::new(ErrorKind::Usage, "the question is empty")
            .hint("for example: synesis ask \"What is 17 + 25?\""));
    }
    Ok(text.to_owned())
}

/// A file as text; `-` is stdin.
pub(crate) fn file_or_stdin(path: &Path, bytes_max: usize) -> Result<String, CliError> {
    if path == Path::new("-") {
        return read_text(io::stdin().lock(), "stdin", bytes_max);
    }
    let name = path.display().to_string();
    let file = File::open(path).context(ErrorKind::User, format!("cannot read {name}"))?;
    read_text(file, &name, bytes_max)
}

/// Reads text up to a limit. What is over the limit, or no text, is refused whole.
pub(crate) fn read_text(
    source: impl Read,
    name: &str,
    bytes_max: usize,
) -> Result<String, CliError> {
    let mut bytes = Vec::new();
    source
        .take(bytes_max as u64 + 1)
        .read_to_end(&mut bytes)
        .context(ErrorKind::User, format!("cannot read {name}"))?;
    if bytes.len() > bytes_max {
        return Err(too_long(name, bytes_max));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        not_text(name).because(format!("byte {at} begins no character of UTF-8"))
    })?;
    match text.bytes().position(|byte| byte == 0) {
        Some(at) => Err(not_text(name).because(format!("byte {at} is zero"))),
        None => Ok(text),
    }
}

fn not_text(name: &str) -> CliError {
    CliError::user(format!("{name} is no text"))
        .hint("give text in UTF-8; convert other encodings first, for example with iconv")
}

fn too_long(name: &str, bytes_max: usize) -> CliError {
    CliError::user(format!(
        "{name} is longer than {}",
        super::ui::bytes(bytes_max as u64)
    ))
    .hint("shorten it, or index long documents with `synesis knowledge add FILE`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_over_the_limit_is_refused_whole() {
        assert!(read_text(&b"12345"[..], "stdin", 5).is_ok());
        let error = read_text(&b"123456"[..], "stdin", 5).unwrap_err();
        assert_eq!(error.to_string(), "stdin is longer than 5 B");
    }

    #[test]
    fn binary_is_refused_with_the_place() {
        let error = read_text(&b"ab\xff"[..], "stdin", 9).unwrap_err();
        assert_eq!(error.causes(), ["byte 2 begins no character of UTF-8"]);
        let error = read_text(&b"a\0b"[..], "stdin", 9).unwrap_err();
        assert_eq!(error.causes(), ["byte 1 is zero"]);
    }

    #[test]
    fn words_are_one_question() {
        let words = ["What", "is", "1+1?"].map(String::from);
        assert_eq!(question(&words, 100).unwrap(), "What is 1+1?");
        assert_eq!(
            question(&[" ".to_owned()], 100).unwrap_err().kind,
            ErrorKind::Usage
        );
    }
}
