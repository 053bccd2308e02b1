//! However a stream is cut: the same messages and the same error, and never more held than a frame.
#![no_main]

use libfuzzer_sys::fuzz_target;
use prost::Message;
use synesis_wire::FrameDecoder;
use synesis_wire::proto::{Answer, Call, Control, Notice};

/// The longest length prefix.
const PREFIX_BYTES_MAX: usize = 5;

fuzz_target!(|input: (u8, u16, Vec<u8>, Vec<u8>)| {
    let (kind, bytes_max, cuts, stream) = input;
    match kind % 4 {
        0 => check::<Call>(bytes_max.into(), &cuts, &stream),
        1 => check::<Answer>(bytes_max.into(), &cuts, &stream),
        2 => check::<Notice>(bytes_max.into(), &cuts, &stream),
        _ => check::<Control>(bytes_max.into(), &cuts, &stream),
    }
});

fn check<M: Message + Default>(bytes_max: usize, cuts: &[u8], stream: &[u8]) {
    let whole = decode::<M>(bytes_max, [stream]);
    let mut pieces = Vec::new();
    let mut rest = stream;
    for cut in cuts {
        let (now, later) = rest.split_at(usize::from(*cut).min(rest.len()));
        pieces.push(now);
        rest = later;
    }
    pieces.push(rest);
    assert_eq!(decode::<M>(bytes_max, pieces), whole);
    assert_eq!(decode::<M>(bytes_max, stream.chunks(1)), whole);
    // As bytes: a NaN in a message is not equal to itself.
    for bytes in &whole.0 {
        let again = M::decode(bytes.as_slice()).expect("what was encoded is decoded");
        assert_eq!(&again.encode_to_vec(), bytes);
    }
}

/// The messages, encoded again, and how the stream ended.
fn decode<'s, M: Message + Default>(
    bytes_max: usize,
    pieces: impl IntoIterator<Item = &'s [u8]>,
) -> (Vec<Vec<u8>>, String) {
    let mut decoder = FrameDecoder::new(bytes_max);
    let mut messages = Vec::new();
    for piece in pieces {
        decoder.push(piece);
        while let Ok(Some(message)) = decoder.poll::<M>() {
            messages.push(message.encode_to_vec());
        }
        assert!(decoder.held_bytes() < PREFIX_BYTES_MAX + bytes_max);
    }
    (messages, format!("{:?}", decoder.finish()))
}
