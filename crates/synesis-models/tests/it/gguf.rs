//! Hostile model files: refused with a reason, never a crash, never much memory.

use std::sync::LazyLock;

use proptest::prelude::*;
use synesis_models::gguf::{Gguf, GgufError};

use crate::tiny_model::{GgufWriter, tiny_model};

static GOOD: LazyLock<Vec<u8>> = LazyLock::new(|| tiny_model("llama"));

fn read(bytes: &[u8]) -> Result<Gguf, GgufError> {
    Gguf::from_shared(bytes.into())
}

fn head(tensors: u64, entries: u64, rest: &[u8]) -> Vec<u8> {
    let mut bytes = b"GGUF\x03\0\0\0".to_vec();
    bytes.extend(tensors.to_le_bytes());
    bytes.extend(entries.to_le_bytes());
    bytes.extend(rest);
    bytes
}

fn entry(kind: u32, value: &[u8]) -> Vec<u8> {
    let mut bytes = 1_u64.to_le_bytes().to_vec();
    bytes.push(b'k');
    bytes.extend(kind.to_le_bytes());
    bytes.extend(value);
    bytes
}

fn tensor(dimensions: &[u64], kind: u32, place: u64) -> Vec<u8> {
    let mut bytes = 1_u64.to_le_bytes().to_vec();
    bytes.push(b't');
    bytes.extend(u32::try_from(dimensions.len()).unwrap().to_le_bytes());
    bytes.extend(dimensions.iter().flat_map(|n| n.to_le_bytes()));
    bytes.extend(kind.to_le_bytes());
    bytes.extend(place.to_le_bytes());
    bytes
}

#[test]
fn a_good_file_is_read() {
    let gguf = read(&tiny_model("llama")).unwrap();
    assert_eq!(gguf.metadata().text("general.name"), Some("tiny"));
    let embedding = gguf.tensor("token_embd.weight").unwrap();
    assert_eq!(
        gguf.data(embedding).unwrap().len() as u64,
        embedding.len_bytes
    );
    assert_eq!(gguf.sha256().unwrap().len(), 64);
}

#[test]
fn each_lie_is_refused_with_its_reason() {
    let array =
        |kind: u32, len: u64| [kind.to_le_bytes().to_vec(), len.to_le_bytes().to_vec()].concat();
    let nested = [array(9, 1), array(9, 1), array(9, 1), array(4, 0)].concat();
    let cases = [
        ("empty", Vec::new(), "does not begin"),
        ("no magic", b"GGML\x03\0\0\0".to_vec(), "does not begin"),
        ("version", b"GGUF\x09\0\0\0".to_vec(), "version 9"),
        ("tensors", head(u64::MAX, 0, &[]), "number of tensors"),
        ("entries", head(0, u64::MAX, &[]), "number of entries"),
        ("missing entry", head(0, 1, &[]), "ends inside"),
        ("long key", head(0, 1, &u64::MAX.to_le_bytes()), "a key is"),
        (
            "key beyond the end",
            head(0, 1, &1_000_u64.to_le_bytes()),
            "ends inside",
        ),
        ("value type", head(0, 1, &entry(99, &[])), "value type 99"),
        ("truth", head(0, 1, &entry(7, &[2])), "truth value is 2"),
        (
            "long array",
            head(0, 1, &entry(9, &array(4, u64::MAX))),
            "length of an array",
        ),
        (
            "short array",
            head(0, 1, &entry(9, &array(4, 1_000_000))),
            "ends inside",
        ),
        (
            "deep array",
            head(0, 1, &entry(9, &nested)),
            "depth of an array",
        ),
        (
            "twice",
            head(0, 2, &[entry(7, &[1]), entry(7, &[1])].concat()),
            "twice",
        ),
    ];
    refused(&cases);
}

#[test]
fn a_tensor_that_cannot_be_is_refused_with_its_reason() {
    let cases = [
        (
            "dimensions",
            head(1, 0, &tensor(&[1; 9], 0, 0)),
            "number of dimensions",
        ),
        ("zero", head(1, 0, &tensor(&[0], 0, 0)), "zero or too large"),
        (
            "overflow",
            head(1, 0, &tensor(&[1 << 40, 1 << 40], 0, 0)),
            "zero or too large",
        ),
        (
            "bytes overflow",
            head(1, 0, &tensor(&[1 << 62], 0, 0)),
            "too large",
        ),
        ("block", head(1, 0, &tensor(&[33], 8, 0)), "whole blocks"),
        (
            "format",
            head(1, 0, &tensor(&[32], 4, 0)),
            "number format 4",
        ),
        (
            "unaligned",
            head(1, 0, &tensor(&[32], 0, 7)),
            "not a multiple",
        ),
        (
            "outside",
            head(1, 0, &tensor(&[32], 0, 0)),
            "beyond the end",
        ),
        (
            "far outside",
            head(1, 0, &tensor(&[32], 0, u64::MAX - 31)),
            "beyond the end",
        ),
    ];
    refused(&cases);
}

fn refused(cases: &[(&str, Vec<u8>, &str)]) {
    for (name, bytes, reason) in cases {
        let error = read(bytes).expect_err(name).to_string();
        assert!(error.contains(reason), "{name}: {error}");
    }
}

#[test]
fn alignment_is_a_power_of_two_or_refused() {
    for alignment in [0, 3, 48, 1 << 20] {
        let mut file = GgufWriter::default();
        file.u32("general.alignment", alignment);
        assert!(read(&file.finish()).is_err(), "{alignment}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn random_bytes_never_crash(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = read(&head(1, 1, &bytes));
        let _ = read(&bytes);
    }

    #[test]
    fn a_file_with_a_few_wrong_bytes_never_crashes(changes in proptest::collection::vec((0_usize..16_000, any::<u8>()), 1..6), end in 0_usize..200_000) {
        let mut bytes = GOOD.clone();
        for (at, byte) in changes {
            bytes[at] = byte;
        }
        bytes.truncate(end.max(30));
        if let Ok(gguf) = read(&bytes) {
            for tensor in gguf.tensors() {
                prop_assert_eq!(gguf.data(tensor).unwrap().len() as u64, tensor.len_bytes);
            }
        }
    }
}
