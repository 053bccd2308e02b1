//! Texts in which every rule begins and none can end as it expects.

use proptest::prelude::*;
use synesis_privacy::{Raw, Redactor, RedactorConfig};

/// What announces a value, of every sort of rule.
const BEGINNINGS: &[&str] = &[
    "password for the ",
    "password: ",
    "passwort ist ",
    "password = '",
    "pwd=",
    "api_key: ",
    "\"secret\": \"",
    "token is ",
    "mysql -p'",
    "curl -u ",
    "sshpass -p ",
    "--password=",
    "Authorization: Bearer ",
    "Cookie: a=",
    "Set-Cookie: sid=",
    "machine h login u password ",
    "postgres://u:p@",
    "https://u:",
    "://",
    "data:\n  k: ",
    "kind: Secret\ndata:\n  a: ",
    "-----BEGIN PRIVATE KEY-----",
    "\\n-----END PRIVATE KEY-----",
    "AKIA",
    "ghp_",
    "sk-",
    "eyJ",
    "xoxb-",
    "SG.",
    "AIza",
    "Dear ",
    "Hi ",
    "Best regards,\n",
    "Mit freundlichen Grüßen\n",
    "From: ",
    "To: \"",
    "My name is ",
    "Ich heiße ",
    "Mr. ",
    "Señor ",
    "Dr. ",
    "name: ",
    "full_name=",
    "John ",
    "Maria ",
    "I live at ",
    "address: ",
    "12 High Street, ",
    "Hauptstr. 5, ",
    "rue de la ",
    "Calle Mayor ",
    "〒100-0001 ",
    "東京都",
    "P.O. Box ",
    "NY 1000",
    "Zip: ",
    "born on ",
    "geboren am ",
    "né le ",
    "DOB: ",
    "17 May ",
    "1990-",
    "05/17/",
    "+49 30 ",
    "(312) 555-",
    "tel: ",
    "IBAN ",
    "DE89 3704 ",
    "4111 1111 ",
    "cvv ",
    "SSN ",
    "536-22-",
    "192.168.",
    "fe80::",
    "00:1B:44:",
    "/home/",
    "C:\\Users\\",
    "host.internal",
    "@",
    "ann@",
    "%40",
    "&#64;",
    "\\u0040",
    "=?utf-8?",
    "YW5uLnNtaXRo",
    "0x",
    "VIN ",
    "lat: 48.",
    "passport no. ",
    "account number ",
    "sort code ",
    "BIC ",
    "BTC ",
    "1A1z",
    "bc1q",
];

/// What no rule likes to find next.
const FILLERS: &[&str] = &[
    "ö",
    "é",
    "€",
    "😀",
    "\u{200b}",
    "\u{feff}",
    "\u{ad}",
    "ａ",
    "１",
    "İ",
    "ß",
    "\t",
    " ",
    "  ",
    "\n",
    "\r\n",
    "\u{a0}",
    "'",
    "\"",
    "`",
    "\\",
    "\\n",
    "[",
    "]",
    "{",
    "}",
    "<",
    ">",
    ":",
    ";",
    ",",
    ".",
    "-",
    "_",
    "=",
    "|",
    "@",
    "/",
    "&",
    "%",
    "0",
    "7",
    "42",
    "1234",
    "a",
    "Ab",
    "xyz",
    "deadbeef",
    "is",
    " ist ",
    ": ",
    " = ",
    "Straße",
    "Köln-Mülheim",
    "of",
    "and",
    "the wifi in the house of my parents, in ",
];

fn piece() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        prop::sample::select(BEGINNINGS),
        prop::sample::select(FILLERS),
        prop::sample::select(FILLERS),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, ..ProptestConfig::default() })]

    #[test]
    fn every_rule_survives_what_follows_it(pieces in prop::collection::vec(piece(), 1..24)) {
        let text = pieces.concat();
        let found = redactor().scan(&Raw::new(text.clone())).unwrap();
        for finding in found {
            prop_assert!(text.get(finding.span.clone()).is_some_and(|value| !value.is_empty()), "{finding:?}");
        }
    }
}

#[expect(clippy::unwrap_used, reason = "a helper of tests")]
fn redactor() -> &'static Redactor {
    static REDACTOR: std::sync::LazyLock<Redactor> =
        std::sync::LazyLock::new(|| Redactor::new(&RedactorConfig::default()).unwrap());
    &REDACTOR
}

#[test]
fn texts_that_once_cut_a_character_in_two() {
    for text in [
        "password for the wifi in the house of my parents, in Köln-Mülheim-ö: abc",
        "mysql -p'\t @'",
        "mysql -p'   '",
        "mysql -p' ö\n",
    ] {
        redactor().scan(&Raw::new(text.to_owned())).unwrap();
    }
}
