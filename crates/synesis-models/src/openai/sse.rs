//! Server-sent events, from bytes cut anywhere.

use crate::limits::{SSE_EVENT_BYTES_MAX, SSE_LINE_BYTES_MAX};

/// Reads the `data` of events; names, ids, retry times and comments are passed over.
#[derive(Default)]
pub(super) struct SseParser {
    line: Vec<u8>,
    data: Vec<u8>,
    has_data: bool,
    after_return: bool,
    begun: bool,
}

/// A line or an event is longer than allowed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooLong;

impl SseParser {
    /// Takes bytes as they come, appends the data of events that became complete.
    pub(super) fn push(&mut self, bytes: &[u8], events: &mut Vec<Vec<u8>>) -> Result<(), TooLong> {
        for &byte in bytes {
            let after_return = std::mem::replace(&mut self.after_return, byte == b'\r');
            match byte {
                b'\n' if after_return => {}
                b'\n' | b'\r' => self.end_line(events)?,
                _ if self.line.len() == SSE_LINE_BYTES_MAX => return Err(TooLong),
                _ => self.line.push(byte),
            }
        }
        Ok(())
    }

    fn end_line(&mut self, events: &mut Vec<Vec<u8>>) -> Result<(), TooLong> {
        let mut line = std::mem::take(&mut self.line);
        if !std::mem::replace(&mut self.begun, true) && line.starts_with(b"\xef\xbb\xbf") {
            line.drain(..3);
        }
        if line.is_empty() {
            if std::mem::take(&mut self.has_data) {
                events.push(std::mem::take(&mut self.data));
            }
            return Ok(());
        }
        let Some(value) = value_of_data(&line) else {
            return Ok(());
        };
        if self.data.len() + value.len() >= SSE_EVENT_BYTES_MAX {
            return Err(TooLong);
        }
        if std::mem::replace(&mut self.has_data, true) {
            self.data.push(b'\n');
        }
        self.data.extend_from_slice(value);
        Ok(())
    }
}

fn value_of_data(line: &[u8]) -> Option<&[u8]> {
    let rest = line.strip_prefix(b"data")?;
    if rest.is_empty() {
        return Some(rest);
    }
    let value = rest.strip_prefix(b":")?;
    Some(value.strip_prefix(b" ").unwrap_or(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(parts: &[&[u8]]) -> Vec<String> {
        let mut parser = SseParser::default();
        let mut events = Vec::new();
        for part in parts {
            parser.push(part, &mut events).unwrap();
        }
        events
            .into_iter()
            .map(|event| String::from_utf8(event).unwrap())
            .collect()
    }

    #[test]
    fn all_three_line_ends_comments_and_other_fields_are_understood() {
        let stream = b"\xef\xbb\xbf: hello\r\ndata: a\r\n\r\nevent: x\rdata:b\rdata: c\r\rid: 1\ndata\n\n\n\ndatax: no\n\n";
        assert_eq!(events(&[stream]), ["a", "b\nc", ""]);
    }

    #[test]
    fn an_event_without_its_blank_line_is_not_one() {
        assert!(events(&[b"data: cut\n"]).is_empty());
    }

    #[test]
    fn an_endless_line_is_refused() {
        let mut parser = SseParser::default();
        let part = vec![b'x'; SSE_LINE_BYTES_MAX];
        parser.push(&part, &mut Vec::new()).unwrap();
        assert_eq!(parser.push(b"x", &mut Vec::new()), Err(TooLong));
    }

    proptest::proptest! {
        #[test]
        fn where_the_bytes_are_cut_changes_nothing(at in proptest::collection::vec(0_usize..64, 0..8)) {
            let stream = "data: {\"a\":\"ü€\"}\r\n\r\n: c\n\ndata: x\r\rdata: [DONE]\n\n".as_bytes();
            let mut at: Vec<usize> = at.into_iter().map(|n| n.min(stream.len())).chain([0, stream.len()]).collect();
            at.sort_unstable();
            let parts: Vec<&[u8]> = at.windows(2).map(|pair| &stream[pair[0]..pair[1]]).collect();
            proptest::prop_assert_eq!(events(&parts), ["{\"a\":\"ü€\"}", "x", "[DONE]"]);
        }
    }
}
