//! Frames: a varint with the length, then that many bytes of one protobuf message.
//!
//! The decoder is fed with whatever a stream delivers and gives back whole messages. A length is
//! checked against the limit before a byte is stored for it, so a peer cannot make this side
//! allocate more than the limit. After an error the decoder stays in that error: a stream whose
//! framing is lost cannot be trusted again.

use std::fmt;

use bytes::{Buf, Bytes, BytesMut};
use prost::Message;

use crate::limits::FRAME_BYTES_MAX;

/// The longest varint of a length up to 2^32 - 1.
const LENGTH_BYTES_MAX: usize = 5;

/// One encoded frame, length included, whose size was checked.
///
/// Only [`encode_frame`] makes one, so what is written to a stream is always within the limit.
#[derive(Clone, PartialEq, Eq)]
pub struct Frame(Bytes);

/// Its content may be somebody's words or a secret.
impl fmt::Debug for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Frame({} bytes)", self.0.len())
    }
}

impl Frame {
    /// The bytes to write, length prefix included.
    #[must_use]
    pub fn as_bytes(&self) -> &Bytes {
        &self.0
    }

    /// The bytes to write, length prefix included.
    #[must_use]
    pub fn into_bytes(self) -> Bytes {
        self.0
    }
}

/// Encodes a message as one frame.
///
/// # Errors
/// [`FrameError::TooLarge`] when the message is over [`FRAME_BYTES_MAX`].
pub fn encode_frame(message: &impl Message) -> Result<Frame, FrameError> {
    let length = message.encoded_len();
    if length > FRAME_BYTES_MAX {
        return Err(FrameError::TooLarge {
            length: length as u64,
            bytes_max: FRAME_BYTES_MAX,
        });
    }
    Ok(Frame(message.encode_length_delimited_to_vec().into()))
}

/// What is wrong with a frame.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// The length prefix names more than the limit.
    #[error("a frame of {length} bytes is over the limit of {bytes_max}")]
    TooLarge {
        /// What the frame's prefix says.
        length: u64,
        /// The limit of this stream.
        bytes_max: usize,
    },
    /// The length prefix is no varint of at most five bytes.
    #[error("the length of a frame cannot be read")]
    BadLength,
    /// The frame's bytes are no such message.
    #[error("a frame does not hold the message that is expected here")]
    BadMessage,
    /// The stream ended inside a frame.
    #[error("the stream ended inside a frame")]
    Truncated,
}

/// Turns the bytes of one stream into messages.
#[derive(Debug)]
pub struct FrameDecoder {
    buffer: BytesMut,
    bytes_max: usize,
    failed: Option<FrameError>,
}

impl Default for FrameDecoder {
    fn default() -> Self {
        Self::new(FRAME_BYTES_MAX)
    }
}

impl FrameDecoder {
    /// A decoder that refuses frames over `bytes_max` (at most [`FRAME_BYTES_MAX`]).
    #[must_use]
    pub fn new(bytes_max: usize) -> Self {
        Self {
            buffer: BytesMut::new(),
            bytes_max: bytes_max.min(FRAME_BYTES_MAX),
            failed: None,
        }
    }

    /// Takes the next bytes of the stream.
    ///
    /// The caller polls until `None` after each push, so the buffer holds at most one unfinished
    /// frame and what one read delivered.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.failed.is_none() {
            self.buffer.extend_from_slice(bytes);
        }
    }

    /// The next whole message, or `None` until more bytes come.
    ///
    /// # Errors
    /// The first error of the stream, again and again.
    pub fn poll<M: Message + Default>(&mut self) -> Result<Option<M>, FrameError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        let result = self.next();
        self.noted(result)
    }

    /// Takes the next bytes of the stream and gives the next whole message, as [`push`](Self::push)
    /// and [`poll`](Self::poll) do. A frame that comes whole, as most do, is read where it lies; what
    /// the message keeps of it is copied, so that it holds nothing else in memory.
    ///
    /// # Errors
    /// As for `poll`.
    pub fn take<M: Message + Default>(&mut self, bytes: &[u8]) -> Result<Option<M>, FrameError> {
        if self.failed.is_some() || !self.buffer.is_empty() {
            self.push(bytes);
            return self.poll();
        }
        let result = self.read_whole(bytes);
        self.noted(result)
    }

    fn noted<M>(&mut self, result: Result<M, FrameError>) -> Result<M, FrameError> {
        if let Err(error) = &result {
            self.failed = Some(error.clone());
            self.buffer = BytesMut::new();
        }
        result
    }

    /// To be called when the stream has ended.
    ///
    /// # Errors
    /// [`FrameError::Truncated`] when bytes of an unfinished frame are left.
    pub fn finish(&self) -> Result<(), FrameError> {
        match &self.failed {
            Some(error) => Err(error.clone()),
            None if self.buffer.is_empty() => Ok(()),
            None => Err(FrameError::Truncated),
        }
    }

    /// The bytes of an unfinished frame that wait here: never more than the limit and its prefix.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        self.buffer.len()
    }

    /// Reads the frame at the start of these bytes, and holds what is not of it.
    fn read_whole<M: Message + Default>(&mut self, bytes: &[u8]) -> Result<Option<M>, FrameError> {
        let Some((prefix, length)) = self.frame_at(bytes)? else {
            self.buffer.extend_from_slice(bytes);
            return Ok(None);
        };
        let end = prefix + length;
        match (bytes.get(prefix..end), bytes.get(end..)) {
            (Some(body), Some(rest)) => {
                self.buffer.extend_from_slice(rest);
                decode(body).map(Some)
            }
            _ => {
                self.buffer.reserve(end);
                self.buffer.extend_from_slice(bytes);
                Ok(None)
            }
        }
    }

    /// How long the prefix of the frame at the start of these bytes is, and the frame; `None` while
    /// that cannot be known.
    fn frame_at(&self, bytes: &[u8]) -> Result<Option<(usize, usize)>, FrameError> {
        let Some((length, prefix)) = read_length(bytes)? else {
            return Ok(None);
        };
        match usize::try_from(length) {
            Ok(fits) if fits <= self.bytes_max => Ok(Some((prefix, fits))),
            _ => Err(FrameError::TooLarge {
                length,
                bytes_max: self.bytes_max,
            }),
        }
    }

    fn next<M: Message + Default>(&mut self) -> Result<Option<M>, FrameError> {
        let Some((prefix, length)) = self.frame_at(&self.buffer)? else {
            return Ok(None);
        };
        if self.buffer.len() < prefix + length {
            self.buffer.reserve(prefix + length - self.buffer.len());
            return Ok(None);
        }
        self.buffer.advance(prefix);
        let body = self.buffer.split_to(length).freeze();
        decode(body).map(Some)
    }
}

fn decode<M: Message + Default>(body: impl Buf) -> Result<M, FrameError> {
    M::decode(body).map_err(|_| FrameError::BadMessage)
}

/// The varint at the start of `bytes` and how many bytes it takes, or `None` when it goes on.
fn read_length(bytes: &[u8]) -> Result<Option<(u64, usize)>, FrameError> {
    let mut length = 0_u64;
    for (index, byte) in bytes.iter().take(LENGTH_BYTES_MAX).enumerate() {
        length |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Ok(Some((length, index + 1)));
        }
    }
    if bytes.len() < LENGTH_BYTES_MAX {
        Ok(None)
    } else {
        Err(FrameError::BadLength)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::{PingRequest, StreamChunk, stream_chunk::Payload};
    use proptest::prelude::*;

    fn chunk(sequence: u64, text: &str) -> StreamChunk {
        StreamChunk {
            request_id: "8e5f2a34-16d3-4a3b-9d0e-6f7a8b9c0d1e".into(),
            payload: Some(Payload::Content(text.into())),
            sequence,
        }
    }

    #[test]
    fn frame_over_the_limit_is_not_encoded() {
        let message = PingRequest {
            payload: vec![0; FRAME_BYTES_MAX + 1].into(),
        };
        assert!(matches!(
            encode_frame(&message),
            Err(FrameError::TooLarge { .. })
        ));
    }

    #[test]
    fn length_over_the_limit_is_refused_before_its_bytes_come() {
        let mut decoder = FrameDecoder::new(1000);
        decoder.push(&[0xe9, 0x07]);
        let expected = FrameError::TooLarge {
            length: 1001,
            bytes_max: 1000,
        };
        assert_eq!(decoder.poll::<PingRequest>(), Err(expected.clone()));
        decoder.push(&[0]);
        assert_eq!(decoder.poll::<PingRequest>(), Err(expected.clone()));
        assert_eq!(decoder.finish(), Err(expected));
    }

    #[test]
    fn length_that_never_ends_is_refused() {
        let mut decoder = FrameDecoder::default();
        decoder.push(&[0xff; 4]);
        assert_eq!(decoder.poll::<PingRequest>(), Ok(None));
        decoder.push(&[0xff]);
        assert_eq!(decoder.poll::<PingRequest>(), Err(FrameError::BadLength));
    }

    #[test]
    fn stream_that_ends_inside_a_frame_is_truncated() {
        let mut decoder = FrameDecoder::default();
        decoder.push(&[5, 1]);
        assert_eq!(decoder.poll::<PingRequest>(), Ok(None));
        assert_eq!(decoder.finish(), Err(FrameError::Truncated));
    }

    proptest! {
        #[test]
        fn any_cut_of_a_stream_gives_the_same_messages(
            texts in proptest::collection::vec(".{0,40}", 0..12),
            cuts in proptest::collection::vec(1_usize..30, 1..40),
        ) {
            let sent: Vec<_> = (1..).zip(&texts).map(|(n, text)| chunk(n, text)).collect();
            let mut bytes = Vec::new();
            for message in &sent {
                bytes.extend_from_slice(encode_frame(message).unwrap().as_bytes());
            }
            for whole in [false, true] {
                let mut decoder = FrameDecoder::default();
                let mut received = Vec::new();
                let mut rest = bytes.as_slice();
                for cut in cuts.iter().cycle() {
                    if rest.is_empty() {
                        break;
                    }
                    let (now, later) = rest.split_at((*cut).min(rest.len()));
                    if whole {
                        received.extend(decoder.take::<StreamChunk>(now).unwrap());
                    } else {
                        decoder.push(now);
                    }
                    while let Some(message) = decoder.poll::<StreamChunk>().unwrap() {
                        received.push(message);
                    }
                    rest = later;
                }
                prop_assert_eq!(decoder.finish(), Ok(()));
                prop_assert_eq!(&received, &sent);
            }
        }

        #[test]
        fn taking_is_pushing_and_polling(
            bytes in proptest::collection::vec(any::<u8>(), 0..400),
            cut in 1_usize..60,
        ) {
            let (mut one, mut other) = (FrameDecoder::new(128), FrameDecoder::new(128));
            for piece in bytes.chunks(cut) {
                let taken = one.take::<StreamChunk>(piece);
                other.push(piece);
                prop_assert_eq!(&taken, &other.poll::<StreamChunk>());
                prop_assert_eq!(one.held_bytes(), other.held_bytes());
                prop_assert_eq!(one.finish(), other.finish());
            }
        }

        #[test]
        fn no_bytes_make_the_decoder_panic_or_hold_more_than_its_limit(
            bytes in proptest::collection::vec(any::<u8>(), 0..400),
        ) {
            let mut decoder = FrameDecoder::new(128);
            for piece in bytes.chunks(7) {
                decoder.push(piece);
                while let Ok(Some(_)) = decoder.poll::<StreamChunk>() {}
                prop_assert!(decoder.held_bytes() <= 128 + LENGTH_BYTES_MAX + 7);
            }
        }
    }
}
