//! The vectors in `proto/golden`: `vectors` and `newer` are written here and read by TypeScript,
//! `from-es` is written by TypeScript and read here.
//!
//! `SYNESIS_GOLDEN=write cargo test -p synesis-wire --test it` writes those of Rust anew, and
//! `SYNESIS_GOLDEN=write node --test` in `proto/golden` those of TypeScript. Bytes that stood in a
//! release must not change: a peer out there writes and reads them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use prost_reflect::{DynamicMessage, FieldDescriptor, ReflectMessage};

use crate::contract::{CODECS, described, descriptions, folder, json, messages};
use crate::examples;

const HOW: &str = "if the contract was meant to grow, write the vectors anew with \
     `SYNESIS_GOLDEN=write cargo test -p synesis-wire --test it`";

/// Holds the files of a folder, or writes them where that was asked for.
pub(crate) fn hold(folder: &Path, wanted: &BTreeMap<String, Vec<u8>>) {
    if std::env::var_os("SYNESIS_GOLDEN").is_some_and(|mode| mode == "write") {
        let _ = std::fs::remove_dir_all(folder);
        std::fs::create_dir_all(folder).expect("the folder can be made");
        for (name, bytes) in wanted {
            std::fs::write(folder.join(name), bytes).expect("a vector can be written");
        }
    }
    let found = read(folder);
    let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(names(&found), names(wanted), "the files; {HOW}");
    for (name, bytes) in wanted {
        assert_eq!(
            found[name].escape_ascii().to_string(),
            bytes.escape_ascii().to_string(),
            "{name}: left what stands there, right what Rust writes; {HOW}"
        );
    }
}

/// The files of a folder.
fn read(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    std::fs::read_dir(folder)
        .expect("the folder of the vectors is there")
        .map(|entry| {
            let path = entry.expect("the folder can be listed").path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let bytes = std::fs::read(&path).expect("a vector can be read");
            (name.into_owned(), bytes)
        })
        .collect()
}

/// The two files of a message: its bytes, and what they say.
pub(crate) fn pair(name: &str, bytes: &[u8], says: &DynamicMessage) -> [(String, Vec<u8>); 2] {
    [
        (format!("{name}.bin"), bytes.to_vec()),
        (format!("{name}.json"), json(says)),
    ]
}

#[test]
fn every_message_of_the_contract_is_listed() {
    let described: Vec<String> = messages(&descriptions())
        .iter()
        .map(|message| message.name().to_owned())
        .collect();
    let listed: Vec<&str> = CODECS.iter().map(|codec| codec.name).collect();
    assert_eq!(
        listed, described,
        "left the list in contract.rs, right the contract"
    );
}

#[test]
fn vectors_are_what_rust_writes() {
    let pool = descriptions();
    let wanted = examples::all()
        .iter()
        .flat_map(|example| {
            let says = described(&pool, example.message, &example.bytes);
            pair(&example.file(), &example.bytes, &says)
        })
        .collect();
    hold(&folder().join("vectors"), &wanted);
}

#[test]
fn every_field_says_something_in_some_vector() {
    let pool = descriptions();
    let examples = examples::all();
    let says = |message: &DynamicMessage, field: &FieldDescriptor| {
        message.has_field(field)
            && (field.is_list() || !message.get_field(field).is_default(&field.kind()))
    };
    let mut silent = Vec::new();
    for message in messages(&pool) {
        let values: Vec<_> = examples
            .iter()
            .filter(|example| example.message == message.name())
            .map(|example| described(&pool, example.message, &example.bytes))
            .collect();
        for field in message.fields() {
            // An arm without fields says all it can by being there.
            let speaks = match field.kind().as_message() {
                Some(inner) if inner.fields().len() == 0 => {
                    values.iter().any(|v| v.has_field(&field))
                }
                _ => values.iter().any(|value| says(value, &field)),
            };
            if !speaks {
                silent.push(field.full_name().to_owned());
            }
        }
    }
    assert_eq!(silent, [""; 0], "add them to an example");
}

#[test]
fn what_typescript_wrote_is_read_and_written_alike() {
    let pool = descriptions();
    let files = read(&folder().join("from-es"));
    let mut seen = BTreeSet::new();
    for (file, bytes) in &files {
        let Some(name) = file.strip_suffix(".bin") else {
            continue;
        };
        let message = name.split('.').next().unwrap();
        let codec = CODECS.iter().find(|codec| codec.name == message);
        let again = (codec
            .unwrap_or_else(|| panic!("{file}: no such message"))
            .again)(bytes);
        assert_eq!(again.as_ref(), Ok(bytes), "{file}");
        let read = described(&pool, message, bytes);
        let meant = DynamicMessage::deserialize(
            read.descriptor(),
            &mut serde_json::Deserializer::from_slice(&files[&format!("{name}.json")]),
        );
        let text = |message| String::from_utf8(json(message)).unwrap();
        let meant = meant.unwrap();
        assert!(
            meant == read,
            "{file}: its JSON says {}its bytes {}",
            text(&meant),
            text(&read)
        );
        seen.insert(message);
    }
    let all: BTreeSet<_> = CODECS.iter().map(|codec| codec.name).collect();
    assert_eq!(
        seen, all,
        "run `SYNESIS_GOLDEN=write node --test` in proto/golden"
    );
}
