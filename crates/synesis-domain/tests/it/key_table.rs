//! What an API key may do, and how its text guards itself.

use proptest::prelude::*;
use synesis_domain::key::KeyTextError;
use synesis_domain::{
    ApiKey, Digest, KeyCommand, KeyEvent, KeyId, KeyName, KeyRefusal, KeySecret, Scope, Scopes,
    Timestamp, UserId,
};

const ANN: UserId = UserId::from_bytes([1; 16]);

fn secret(byte: u8) -> KeySecret {
    KeySecret::new(KeyId::from_bytes([byte; 16]), [byte; 32])
}

fn create(scopes: &[Scope], expires_at: Option<i64>) -> KeyCommand {
    KeyCommand::Create {
        user: ANN,
        name: KeyName::new("build machine").unwrap(),
        scopes: Scopes::new(scopes.iter().copied()).unwrap(),
        hash: secret(3).hash(),
        expires_at: expires_at.map(Timestamp::from_millis),
    }
}

/// Runs commands at the time 5, through the stored form.
fn run(commands: &[KeyCommand]) -> (ApiKey, Result<usize, KeyRefusal>) {
    let mut key = ApiKey::new(secret(3).id());
    let mut answer = Ok(0);
    for command in commands {
        answer = key
            .decide(Timestamp::from_millis(5), command)
            .map(|events| {
                for event in &events {
                    key.apply(&KeyEvent::decode(&event.encode()).unwrap());
                }
                events.len()
            });
    }
    (key, answer)
}

#[test]
fn each_command_has_its_answer() {
    use KeyCommand::Revoke;
    let write = || create(&[Scope::Write], None);
    let rows: [(&str, &[KeyCommand], Result<usize, KeyRefusal>); 7] = [
        ("create", &[write()], Ok(1)),
        ("create twice", &[write(), write()], Err(KeyRefusal::Exists)),
        (
            "create what has ended",
            &[create(&[Scope::Write], Some(5))],
            Err(KeyRefusal::EndsBeforeItBegins),
        ),
        ("revoke nothing", &[Revoke], Err(KeyRefusal::Unknown)),
        ("revoke", &[write(), Revoke], Ok(1)),
        ("revoke twice", &[write(), Revoke, Revoke], Ok(0)),
        (
            "create what is out",
            &[write(), Revoke, write()],
            Err(KeyRefusal::Exists),
        ),
    ];
    for (row, commands, expected) in rows {
        assert_eq!(run(commands).1, expected, "{row}");
    }
}

#[test]
fn a_key_opens_what_its_scopes_say_while_it_lives() {
    use Scope::{Admin, Escalate, Read, Write};
    let lives: &[KeyCommand] = &[create(&[Read, Write], Some(100))];
    let admin: &[KeyCommand] = &[create(&[Admin], None)];
    let out: &[KeyCommand] = &[create(&[Write], None), KeyCommand::Revoke];
    let right = secret(3).hash();
    let rows = [
        ("its scope", lives, right, Write, 99, Ok(ANN)),
        (
            "another scope",
            lives,
            right,
            Escalate,
            99,
            Err(KeyRefusal::Scope { needed: Escalate }),
        ),
        (
            "not an administrator",
            lives,
            right,
            Admin,
            99,
            Err(KeyRefusal::Scope { needed: Admin }),
        ),
        (
            "at its end",
            lives,
            right,
            Write,
            100,
            Err(KeyRefusal::Expired),
        ),
        (
            "admin is everything",
            admin,
            right,
            Write,
            i64::MAX,
            Ok(ANN),
        ),
        ("revoked", out, right, Write, 6, Err(KeyRefusal::Revoked)),
        (
            "a wrong secret",
            out,
            secret(4).hash(),
            Write,
            6,
            Err(KeyRefusal::Unknown),
        ),
        ("no key", &[], right, Write, 6, Err(KeyRefusal::Unknown)),
    ];
    for (row, commands, hash, needed, now, expected) in rows {
        let got = run(commands)
            .0
            .allow(hash, needed, Timestamp::from_millis(now));
        assert_eq!(got, expected, "{row}");
    }
}

#[test]
fn a_text_that_was_damaged_is_told_apart_from_another_text() {
    let text = secret(9).to_text();
    assert_eq!(text.len(), 113);
    assert_eq!(format!(" {text}\n").parse(), Ok(secret(9)));
    assert_eq!(
        "sk-ant-123".parse::<KeySecret>(),
        Err(KeyTextError::NotAKey)
    );
    assert!(!format!("{:?}", secret(9)).contains("0909090909090909090909090909090909"));
    let upper = format!("syn_key_{}", text[8..].to_uppercase());
    for wrong in ["syn_key_", "syn_key_é", &text[..112], &upper] {
        assert_eq!(
            wrong.parse::<KeySecret>(),
            Err(KeyTextError::Damaged),
            "{wrong}"
        );
    }
}

#[test]
fn scopes_are_read_and_named() {
    let scopes = Scopes::new([Scope::Escalate, Scope::Read]).unwrap();
    assert_eq!(scopes.to_string(), "read,escalate");
    assert_eq!(Scopes::new([]), None);
    assert_eq!("write".parse(), Ok(Scope::Write));
    assert!("Write".parse::<Scope>().is_err());
}

proptest! {
    #[test]
    fn a_key_reads_back_and_one_changed_character_is_seen(
        id in any::<[u8; 16]>(),
        bytes in any::<[u8; 32]>(),
        at in 8_usize..113,
    ) {
        let key = KeySecret::new(KeyId::from_bytes(id), bytes);
        let text = key.to_text();
        prop_assert_eq!(text.parse(), Ok(key));
        let mut changed = text.into_bytes();
        changed[at] = if changed[at] == b'0' { b'1' } else { b'0' };
        let changed = String::from_utf8(changed).unwrap();
        prop_assert_eq!(changed.parse::<KeySecret>(), Err(KeyTextError::Damaged));
    }

    #[test]
    fn stored_events_of_keys_have_one_form(
        at in any::<i64>(),
        user in any::<[u8; 16]>(),
        name in "[a-z][a-zé ]{0,40}",
        bits in 1_u8..16,
        hash in any::<[u8; 32]>(),
        end in any::<Option<i64>>(),
        cut in any::<prop::sample::Index>(),
    ) {
        let event = KeyEvent::Created {
            at: Timestamp::from_millis(at),
            user: UserId::from_bytes(user),
            name: KeyName::new(name).unwrap(),
            scopes: Scopes::from_bits(bits).unwrap(),
            hash: Digest::from_bytes(hash),
            expires_at: end.map(Timestamp::from_millis),
        };
        let stored = event.encode();
        prop_assert_eq!(KeyEvent::decode(&stored), Ok(event));
        prop_assert!(KeyEvent::decode(&stored[..cut.index(stored.len())]).is_err());
    }
}
