//! Events as bytes: the one form in which they are chained and stored.
//!
//! The first byte is the version of the form, the second the kind of event, the rest its fields
//! in a fixed order: numbers as LEB128 (signed ones zigzagged before), texts with their length in
//! front, identifiers and digests bare. Every event has exactly one form: numbers that are longer
//! than needed and bytes after the last field are refused, so what decodes encodes to the same
//! bytes. A later version gets another first byte; this one is read for ever.

mod account;
mod device;
mod key;

use alloc::string::String;
use alloc::vec::Vec;

use thiserror::Error;

use crate::limits::NAME_CHARS_MAX;
use crate::money::NanoUsd;
use crate::time::Timestamp;

const VERSION: u8 = 1;

/// A name of the longest kind, in bytes.
const NAME_BYTES_MAX: usize = NAME_CHARS_MAX * 4;

/// Why bytes are no stored event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum DecodeError {
    /// They end too early.
    #[error("the stored event ends too early")]
    Truncated,
    /// They go on after the last field.
    #[error("the stored event has bytes after its last field")]
    Trailing,
    /// A version that this program does not know.
    #[error("the stored event has the unknown version {0}")]
    Version(u8),
    /// A kind of event that does not belong to this history.
    #[error("the stored event has the unknown kind {0}")]
    Kind(u8),
    /// A field holds what it cannot.
    #[error("the stored event's field {0} is malformed")]
    Field(&'static str),
}

struct Writer(Vec<u8>);

impl Writer {
    fn event(kind: u8) -> Self {
        Self(Vec::from([VERSION, kind]))
    }

    fn unsigned(&mut self, mut value: u64) {
        while let Ok(low) = u8::try_from(value & 0x7f) {
            value >>= 7;
            if value == 0 {
                self.0.push(low);
                return;
            }
            self.0.push(low | 0x80);
        }
    }

    fn signed(&mut self, value: i64) {
        self.unsigned(((value << 1) ^ (value >> 63)).cast_unsigned());
    }

    fn time(&mut self, at: Timestamp) {
        self.signed(at.as_millis());
    }

    fn money(&mut self, amount: NanoUsd) {
        self.signed(amount.get());
    }

    fn optional_time(&mut self, at: Option<Timestamp>) {
        self.unsigned(u64::from(at.is_some()));
        if let Some(at) = at {
            self.time(at);
        }
    }

    fn text(&mut self, text: &str) {
        self.unsigned(text.len() as u64);
        self.bare(text.as_bytes());
    }

    fn bare(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// Reads the version, and gives the kind.
    fn event(stored: &'a [u8]) -> Result<(u8, Self), DecodeError> {
        match stored {
            [VERSION, kind, rest @ ..] => Ok((*kind, Self(rest))),
            [VERSION] | [] => Err(DecodeError::Truncated),
            [version, ..] => Err(DecodeError::Version(*version)),
        }
    }

    fn end<T>(self, value: T) -> Result<T, DecodeError> {
        if self.0.is_empty() {
            Ok(value)
        } else {
            Err(DecodeError::Trailing)
        }
    }

    fn byte(&mut self) -> Result<u8, DecodeError> {
        let (first, rest) = self.0.split_first().ok_or(DecodeError::Truncated)?;
        self.0 = rest;
        Ok(*first)
    }

    fn unsigned(&mut self, field: &'static str) -> Result<u64, DecodeError> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let low = u64::from(byte & 0x7f);
            let fits = (low << shift) >> shift == low;
            let needed = byte != 0 || shift == 0;
            if !fits || !needed {
                return Err(DecodeError::Field(field));
            }
            value |= low << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(DecodeError::Field(field))
    }

    fn small<T: TryFrom<u64>>(&mut self, field: &'static str) -> Result<T, DecodeError> {
        T::try_from(self.unsigned(field)?).map_err(|_| DecodeError::Field(field))
    }

    fn signed(&mut self, field: &'static str) -> Result<i64, DecodeError> {
        let value = self.unsigned(field)?;
        Ok((value >> 1).cast_signed() ^ -((value & 1).cast_signed()))
    }

    fn time(&mut self, field: &'static str) -> Result<Timestamp, DecodeError> {
        self.signed(field).map(Timestamp::from_millis)
    }

    fn flag(&mut self, field: &'static str) -> Result<bool, DecodeError> {
        match self.unsigned(field)? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(DecodeError::Field(field)),
        }
    }

    fn optional_time(&mut self, field: &'static str) -> Result<Option<Timestamp>, DecodeError> {
        if self.flag(field)? {
            self.time(field).map(Some)
        } else {
            Ok(None)
        }
    }

    fn money(&mut self, field: &'static str) -> Result<NanoUsd, DecodeError> {
        self.signed(field).map(NanoUsd::new)
    }

    /// Bytes with their length in front, at most `max` of them.
    fn counted(&mut self, max: usize, field: &'static str) -> Result<&'a [u8], DecodeError> {
        let length: usize = self.small(field)?;
        if length > max {
            return Err(DecodeError::Field(field));
        }
        let (bytes, rest) = self
            .0
            .split_at_checked(length)
            .ok_or(DecodeError::Truncated)?;
        self.0 = rest;
        Ok(bytes)
    }

    fn text(&mut self, field: &'static str) -> Result<String, DecodeError> {
        let bytes = self.counted(NAME_BYTES_MAX, field)?;
        core::str::from_utf8(bytes)
            .map(String::from)
            .map_err(|_| DecodeError::Field(field))
    }

    fn name<T: core::str::FromStr>(&mut self, field: &'static str) -> Result<T, DecodeError> {
        self.text(field)?
            .parse()
            .map_err(|_| DecodeError::Field(field))
    }

    fn bare<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let (bytes, rest) = self.0.split_first_chunk().ok_or(DecodeError::Truncated)?;
        self.0 = rest;
        Ok(*bytes)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_number_has_one_form() {
        let read = |bytes: &[u8]| Reader(bytes).unsigned("n");
        assert_eq!(read(&[0]), Ok(0));
        assert_eq!(read(&[0x80, 1]), Ok(128));
        assert_eq!(
            read(&[0x80, 0]),
            Err(DecodeError::Field("n")),
            "longer than needed"
        );
        assert_eq!(read(&[0x80]), Err(DecodeError::Truncated));
        let mut largest = [0xff; 10];
        largest[9] = 1;
        assert_eq!(read(&largest), Ok(u64::MAX));
        largest[9] = 2;
        assert_eq!(
            read(&largest),
            Err(DecodeError::Field("n")),
            "more than 64 bits"
        );
    }

    proptest! {
        #[test]
        fn numbers_read_back(value in any::<i64>()) {
            let mut out = Writer(Vec::new());
            out.signed(value);
            let mut reader = Reader(&out.0);
            prop_assert_eq!(reader.signed("n"), Ok(value));
            prop_assert_eq!(reader.end(()), Ok(()));
        }
    }
}
