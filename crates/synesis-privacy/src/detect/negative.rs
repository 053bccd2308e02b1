//! What only looks private: stand-ins, references to variables, types, and public digests.

/// Whether a value is no secret but stands for one, or says where one comes from.
pub(super) fn is_stand_in(value: &str) -> bool {
    let value = value.trim();
    let bytes = value.as_bytes();
    let Some(&first) = bytes.first() else {
        return true;
    };
    let same = |byte: &u8| *byte == first;
    if bytes.iter().all(same) && (bytes.len() >= 3 || !first.is_ascii_alphanumeric()) {
        return true;
    }
    if is_reference(bytes) {
        return true;
    }
    let lower = value.to_ascii_lowercase();
    WORDS.binary_search(&lower.as_str()).is_ok()
        || PARTS.iter().any(|part| lower.contains(part))
        || is_counting(&lower)
}

/// `${VAR}`, `$(cmd)`, `$VAR`, `{{ x }}`, `<x>`, `%VAR%`, `[x]`, `#{x}`, `@Microsoft.KeyVault(…)`.
fn is_reference(bytes: &[u8]) -> bool {
    let last = bytes.last().copied().unwrap_or(0);
    match bytes {
        [b'$', b'{' | b'(', ..] | [b'{', b'{', ..] | [b'#' | b'@', b'{', ..] | [b'{', b'%', ..] => {
            true
        }
        [b'$', rest @ ..] => {
            let name =
                |byte: &u8| byte.is_ascii_uppercase() || *byte == b'_' || byte.is_ascii_digit();
            let variable =
                |byte: &u8| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'>' | b'-' | b'.');
            !rest.is_empty() && (rest.iter().all(name) || rest.iter().all(variable))
        }
        [b'<', ..] => last == b'>',
        [b'[', ..] => last == b']',
        [b'{', ..] => last == b'}',
        [b'%', b'(', ..] => bytes.ends_with(b")s"),
        [b'%', _, ..] => last == b'%',
        [b'_', b'_', ..] => bytes.ends_with(b"__"),
        [b'*', b'*', b'*', ..]
        | [b'x' | b'X', b'x' | b'X', b'x' | b'X', b'x' | b'X', ..]
        | [b'.', b'.', b'.', ..] => true,
        _ => {
            bytes.ends_with(b"...")
                || bytes
                    .windows(4)
                    .any(|four| four == b"****" || four == b"xxxx" || four == b"XXXX")
        }
    }
}

/// `1234567890`, `abcdefgh`: a run in order from its start to its end.
fn is_counting(lower: &str) -> bool {
    lower.len() >= 10
        && lower
            .as_bytes()
            .windows(2)
            .all(|pair| pair[1] == pair[0].wrapping_add(1) || pair == b"90")
}

const PARTS: &[&str] = &[
    "your_",
    "your-",
    "your ",
    "yourkey",
    "yourtoken",
    "yoursecret",
    "yourpass",
    "example",
    "placeholder",
    "changeme",
    "change_me",
    "change-me",
    "replace_",
    "replace-",
    "replaceme",
    "insert_",
    "insert-",
    "inserthere",
    "redacted",
    "process.env",
    "os.environ",
    "getenv",
    "environ[",
    "env[",
    "secrets.",
    "vault:",
    "ssm:",
    "arn:aws:",
    "import.meta",
    "keyvault",
    "secretkeyref",
    "valuefrom",
    "dummy",
    "put_your",
    "_here",
    "-here",
    "foobar",
    "notreal",
    "not-real",
    "not_real",
    "fake-",
    "fake_",
];

/// In order, for the search.
const WORDS: &[&str] = &[
    "a",
    "abc",
    "abc123",
    "an",
    "any",
    "bar",
    "base64",
    "basic",
    "bearer",
    "bool",
    "boolean",
    "bytes",
    "changed",
    "char",
    "date",
    "default",
    "disabled",
    "empty",
    "enabled",
    "encrypted",
    "env",
    "expired",
    "false",
    "foo",
    "hidden",
    "hunter",
    "int",
    "integer",
    "invalid",
    "key",
    "masked",
    "missing",
    "n/a",
    "na",
    "nil",
    "no",
    "none",
    "not",
    "null",
    "number",
    "object",
    "off",
    "on",
    "optional",
    "param",
    "pass",
    "passwd",
    "password",
    "private",
    "prompt",
    "public",
    "pwd",
    "removed",
    "required",
    "sample",
    "secret",
    "set",
    "str",
    "string",
    "tba",
    "tbd",
    "test",
    "text",
    "the",
    "todo",
    "token",
    "true",
    "undefined",
    "unset",
    "user",
    "username",
    "value",
    "varchar",
    "weak",
    "yes",
];

/// Whether an unquoted value is code: a path of identifiers, a call, an index.
pub(super) fn is_code(value: &str, after: Option<u8>) -> bool {
    let bytes = value.as_bytes();
    let opens = value.find(['(', '[']);
    if let Some(place) = opens {
        return bytes[..place]
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_.:!&*".contains(byte));
    }
    if matches!(after, Some(b'(' | b'[')) {
        return true;
    }
    let path = bytes.iter().all(|byte| {
        byte.is_ascii_alphanumeric()
            || matches!(byte, b'_' | b'.' | b':' | b'&' | b'*' | b'>' | b'-')
    });
    let parts = value.split(['.', ':', '>']).filter(|part| !part.is_empty());
    path && value.contains(['.', ':', '>'])
        && parts.clone().count() >= 2
        && parts.into_iter().all(|part| {
            part.as_bytes()[0].is_ascii_alphabetic()
                && part.bytes().filter(u8::is_ascii_digit).count() <= 1
        })
}

/// Whether a run of characters is as mixed as a random one: a secret, not a word.
pub(super) fn is_random(value: &[u8]) -> bool {
    if value.len() < 8 {
        return false;
    }
    let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
    let upper = value
        .iter()
        .filter(|byte| byte.is_ascii_uppercase())
        .count();
    let lower = value
        .iter()
        .filter(|byte| byte.is_ascii_lowercase())
        .count();
    let classes = usize::from(digits > 0) + usize::from(upper > 0) + usize::from(lower > 0);
    let floor = if classes >= 3 { 2.8 } else { 3.0 };
    let long_word = longest_word(value);
    entropy(value) >= floor
        && (digits > 0 || (upper > 2 && lower > 2))
        && long_word * 2 <= value.len().max(12)
}

/// Whether a value is a phrase of four words or more, as generators join them: `anchor-willow-candle-tunnel`.
pub(super) fn is_passphrase(value: &str) -> bool {
    let word =
        |word: &str| (3..=12).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_lowercase());
    value.split('-').count() >= 4 && value.split('-').all(word)
}

/// Whether letters of both cases change places more often than in the names of code.
pub(super) fn is_jumbled(value: &[u8]) -> bool {
    let letters = value.iter().filter(|byte| byte.is_ascii_alphabetic());
    let changes = letters
        .clone()
        .zip(letters.skip(1))
        .filter(|(one, next)| one.is_ascii_uppercase() != next.is_ascii_uppercase())
        .count();
    changes >= 4 && longest_word(value) <= 4
}

/// The longest run of lower-case letters, in bytes: random text has short ones.
fn longest_word(value: &[u8]) -> usize {
    value
        .split(|byte| !byte.is_ascii_lowercase())
        .map(<[u8]>::len)
        .max()
        .unwrap_or(0)
}

/// Shannon entropy in bits a byte.
pub(super) fn entropy(value: &[u8]) -> f32 {
    let mut counts = [0u32; 256];
    for &byte in value {
        counts[usize::from(byte)] += 1;
    }
    let total = value.len() as f32;
    counts
        .iter()
        .filter(|&&count| count > 0)
        .map(|&count| {
            let share = count as f32 / total;
            -share * share.log2()
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_in_order() {
        assert!(WORDS.is_sorted());
    }

    #[test]
    fn stand_ins_are_not_secrets() {
        for value in [
            "${DB_PASSWORD}",
            "$TOKEN",
            "<your-key>",
            "{{ secret }}",
            "os.environ['X']",
            "xxxxxxxx",
            "****",
            "YOUR_API_KEY",
            "null",
            "%PASS%",
            "process.env.KEY",
            "changeme",
            "...",
            "[REDACTED]",
            "1234567890",
            "sk-xxxxxxxxxxxx",
        ] {
            assert!(is_stand_in(value), "{value}");
        }
        for value in [
            "hunter2",
            "S3cure!pass",
            "correct-horse",
            "$ecret99",
            "Tr0ub4dor&3",
        ] {
            assert!(!is_stand_in(value), "{value}");
        }
    }

    #[test]
    fn phrases_and_jumbles_are_told_from_names() {
        assert!(is_passphrase("anchor-willow-candle-tunnel") && is_jumbled(b"XobGDUeoEThN"));
        for name in [
            "end-to-end-encrypted",
            "client-side-only",
            "MinLengthValidator",
        ] {
            assert!(
                !is_passphrase(name) && !is_jumbled(name.as_bytes()),
                "{name}"
            );
        }
    }

    #[test]
    fn code_is_not_a_secret() {
        for value in [
            "config.password",
            "self.token",
            "get_secret(x)",
            "args['p']",
            "Secret::new",
            "row.password_hash",
        ] {
            assert!(is_code(value, None), "{value}");
        }
        for value in ["hunter2", "a8f9.k2Lq0", "sunshine", "p@ss(word"] {
            assert!(!is_code(value, None), "{value}");
        }
    }
}
