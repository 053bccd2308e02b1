//! The vault keeps, shares, forgets, and refuses.

use std::time::{Duration, SystemTime};

use rusqlite::Connection;
use synesis_privacy::{ConversationId, Raw, TokenVault, VaultError, VaultKey, reinflate};

use crate::redactor;

fn id(name: &str) -> ConversationId {
    ConversationId::new(name).unwrap()
}

fn key() -> VaultKey {
    VaultKey::from_bytes([9; 32])
}

fn redact(text: &str, vault: &TokenVault, name: &str) -> String {
    let mut conversation = vault.conversation(&id(name)).unwrap();
    redactor()
        .redact(&Raw::new(text.to_owned()), &mut conversation)
        .unwrap()
        .text
        .into_string()
}

#[test]
fn a_conversation_is_there_after_a_restart_and_sealed_on_disk() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vault.db");
    let text = "write to jane@roe.example";
    let redacted = redact(text, &TokenVault::open(&path, key()).unwrap(), "a");
    let vault = TokenVault::open(&path, key()).unwrap();
    assert_eq!(
        reinflate(&redacted, &vault.conversation(&id("a")).unwrap()),
        text
    );
    assert_eq!(redact(text, &vault, "a"), redacted);
    assert_ne!(redact(text, &vault, "b"), redacted);
    assert_eq!(vault.conversations().unwrap().len(), 2);
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(8).any(|window| window == b"jane@roe"));
    }
}

#[test]
fn two_connections_agree_on_every_placeholder() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vault.db");
    let texts: Vec<String> = (0..60)
        .map(|n| {
            format!(
                "user{}@roe.example and user{}@roe.example",
                n % 20,
                (n * 7) % 20
            )
        })
        .collect();
    let work = |_: usize| {
        let vault = TokenVault::open(&path, key()).unwrap();
        let mut conversation = vault.conversation(&id("shared")).unwrap();
        let redactor = redactor();
        texts
            .iter()
            .map(|text| {
                redactor
                    .redact(&Raw::new(text.clone()), &mut conversation)
                    .unwrap()
                    .text
                    .into_string()
            })
            .collect::<Vec<_>>()
    };
    let answers: Vec<Vec<String>> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..3).map(|n| scope.spawn(move || work(n))).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0], answers[2]);
    let conversation = TokenVault::open(&path, key())
        .unwrap()
        .conversation(&id("shared"))
        .unwrap();
    assert_eq!(conversation.len(), 20);
}

#[test]
fn what_is_forgotten_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let vault = TokenVault::open(&folder.path().join("vault.db"), key()).unwrap();
    let redacted = redact("jane@roe.example", &vault, "a");
    redact("joe@roe.example", &vault, "b");
    assert_eq!(vault.forget(&id("a")).unwrap(), 1);
    assert_eq!(
        reinflate(&redacted, &vault.conversation(&id("a")).unwrap()),
        redacted
    );
    assert_eq!(vault.expire(Duration::from_secs(3600)).unwrap(), 0);
    assert_eq!(
        vault
            .forget_unused_since(SystemTime::now() + Duration::from_secs(1))
            .unwrap(),
        1
    );
    assert_eq!(vault.count().unwrap(), 0);
}

#[test]
fn another_key_and_changed_rows_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vault.db");
    let vault = TokenVault::open(&path, key()).unwrap();
    redact("jane@roe.example 10.20.30.40", &vault, "a");
    assert!(matches!(
        TokenVault::open(&path, VaultKey::from_bytes([8; 32])),
        Err(VaultError::WrongKey)
    ));
    let connection = Connection::open(&path).unwrap();
    // Two sealed values change places: each is genuine, but not where it stands.
    connection
        .execute_batch(
            "CREATE TEMP TABLE t AS SELECT number, sealed FROM value;
             UPDATE value SET sealed = (SELECT sealed FROM t WHERE t.number != value.number LIMIT 1);",
        )
        .unwrap();
    assert!(matches!(
        vault.conversation(&id("a")),
        Err(VaultError::Tampered)
    ));
}

#[test]
fn what_is_redacted_together_is_kept_together() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vault.db");
    let vault = TokenVault::open(&path, key()).unwrap();
    let other = TokenVault::open(&path, key()).unwrap();
    let redacted = vault
        .together(|| {
            let first = redact("write to jane@roe.example", &vault, "a");
            assert_eq!(other.count().unwrap(), 0, "kept before its batch ended");
            [first, redact("call +49 30 1234567", &vault, "b")]
        })
        .unwrap();
    assert_eq!(other.count().unwrap(), 2);
    assert_eq!(
        reinflate(&redacted[0], &other.conversation(&id("a")).unwrap()),
        "write to jane@roe.example"
    );
    assert_eq!(
        redact("call +49 30 1234567", &other, "b"),
        redacted[1],
        "the other process disagrees"
    );
}

#[test]
fn a_batch_that_is_cut_keeps_nothing_and_blocks_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vault.db");
    let vault = TokenVault::open(&path, key()).unwrap();
    let cut = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        vault.together(|| {
            redact("write to jane@roe.example", &vault, "a");
            panic!("cut");
        })
    }));
    assert!(cut.is_err());
    assert_eq!(vault.count().unwrap(), 0);
    redact("write to jane@roe.example", &vault, "a");
    let other = TokenVault::open(&path, key()).unwrap();
    assert_eq!(other.count().unwrap(), 1);
}

#[test]
fn threads_beside_a_batch_wait_until_it_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let vault = TokenVault::open(&folder.path().join("vault.db"), key()).unwrap();
    let (begun, begins) = std::sync::mpsc::channel();
    std::thread::scope(|scope| {
        let beside = vault.clone();
        scope.spawn(move || {
            begins.recv().unwrap();
            assert_eq!(beside.count().unwrap(), 1, "read in the middle of a batch");
        });
        vault
            .together(|| {
                redact("write to jane@roe.example", &vault, "a");
                begun.send(()).unwrap();
                std::thread::sleep(Duration::from_millis(50));
            })
            .unwrap();
    });
}
