//! What goes through the proxy and back is what it was.

use proptest::prelude::*;
use synesis_privacy::{Conversation, Escape, Raw, Redactor, RedactorConfig, Reinflater, reinflate};

use crate::{conversation, redact, redactor};

/// Pieces that are private, look like placeholders, or break words in odd places.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[ -~]{0,12}",
        1 => "\\PC{0,6}",
        1 => Just("jane.roe@example.org".to_owned()),
        1 => Just("+49 30 1234567".to_owned()),
        1 => Just(" my name is Jane Roe ".to_owned()),
        1 => Just("4111 1111 1111 1111".to_owned()),
        1 => Just("password = \"hunter2!\"".to_owned()),
        1 => "\\[?[A-Z]{2,6}[_ -]{0,2}[0-9A-Z]{4}\\]?",
        1 => Just("\n".to_owned()),
        1 => Just("\u{200b}".to_owned()),
    ]
}

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(piece(), 0..14).prop_map(|pieces| pieces.concat())
}

fn in_chunks(text: &str, cuts: &[usize], conversation: &Conversation) -> String {
    let mut reinflater = Reinflater::new(conversation);
    let mut out = String::new();
    let mut from = 0;
    let mut places: Vec<usize> = cuts.iter().map(|cut| cut % (text.len() + 1)).collect();
    places.sort_unstable();
    for mut to in places {
        while !text.is_char_boundary(to) {
            to += 1;
        }
        if to >= from {
            out.push_str(&reinflater.push(&text[from..to]));
            assert!(reinflater.held_bytes() <= 48);
            from = to;
        }
    }
    out.push_str(&reinflater.push(&text[from..]));
    out.push_str(&reinflater.finish());
    out
}

/// What models make of a placeholder.
fn edits(placeholder: &str) -> Vec<String> {
    let inside = placeholder.trim_matches(['[', ']']);
    let (label, id) = inside.split_once('_').unwrap();
    let wide: String = placeholder
        .chars()
        .map(|c| char::from_u32(u32::from(c) + 0xfee0).unwrap())
        .collect();
    let dotted = format!(
        "[{}\u{200b}{}_\u{200b}{}\u{feff}{}]",
        &label[..1],
        &label[1..],
        &id[..2],
        &id[2..]
    );
    vec![
        format!("**{placeholder}**"),
        format!("`{placeholder}`"),
        format!("\"{placeholder}\""),
        format!("{placeholder}'s"),
        format!("x{placeholder}y"),
        format!("mailto:{placeholder}"),
        placeholder.to_lowercase(),
        format!("[ {inside} ]"),
        format!("[{label} {id}]"),
        format!("[{label}-{id}]"),
        format!("\\[{label}\\_{id}\\]"),
        format!("&#91;{label}&#95;{id}&#93;"),
        format!("%5B{inside}%5D"),
        wide,
        dotted,
        format!("[correo_{id}]"),
        format!("[电话_{id}]"),
        format!("【{inside}】"),
        format!("[{label}_\n{id}]"),
        format!("[{label}\n_{id}]"),
        inside.to_owned(),
        format!("{label} {id}"),
        format!("[{label}S_{id}]"),
        format!("[{inside}s]"),
        format!("({inside})"),
        format!("{{{inside}}}"),
        format!("<{inside}>"),
        format!("[**{inside}**]"),
        format!("\\u005b{inside}\\u005d"),
        inside.to_lowercase(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn restoring_gives_back_exactly_what_was_there(texts in prop::collection::vec(text(), 1..4)) {
        let redactor = redactor();
        let mut conversation = conversation(3);
        for text in &texts {
            let redaction = redactor.redact(&Raw::new(text.clone()), &mut conversation).unwrap();
            prop_assert_eq!(&reinflate(redaction.text.as_str(), &conversation), text);
            let copy = redaction.text.as_str().to_owned();
            let twice = redactor.redact(&Raw::new(copy.clone()), &mut conversation).unwrap();
            prop_assert_eq!(&reinflate(twice.text.as_str(), &conversation), &copy);
        }
    }

    #[test]
    fn every_chunking_equals_the_whole(
        text in text(),
        edited in prop::collection::vec((0usize..30, 0usize..8), 0..6),
        cuts in prop::collection::vec(any::<usize>(), 0..40),
    ) {
        let mut conversation = conversation(4);
        let redaction = redact(&(text + " jane.roe@example.org 192.168.17.20 password: Tr0ub4dor&3 "), &mut conversation);
        let mut answer = redaction.text.as_str().to_owned();
        let placeholders: Vec<String> = redaction.findings.iter().map(|finding| finding.placeholder.to_string()).collect();
        for (edit, which) in edited {
            let all = edits(&placeholders[which % placeholders.len()]);
            answer.push_str(&all[edit % all.len()]);
            answer.push_str([" ", "", "[", "EMAIL", "x"][which % 5]);
        }
        let whole = reinflate(&answer, &conversation);
        prop_assert_eq!(in_chunks(&answer, &cuts, &conversation), whole.clone());
        let every: Vec<usize> = (0..answer.len()).collect();
        prop_assert_eq!(in_chunks(&answer, &every, &conversation), whole);
    }

    #[test]
    fn arbitrary_text_never_panics(text in any::<String>(), bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut conversation = conversation(5);
        let _ = redact(&text, &mut conversation);
        let lossy = String::from_utf8_lossy(&bytes).into_owned();
        let redaction = redact(&lossy, &mut conversation);
        prop_assert_eq!(reinflate(redaction.text.as_str(), &conversation), lossy);
    }

    #[test]
    fn json_bodies_stay_json_and_come_back(values in prop::collection::vec(text(), 1..5)) {
        let body = serde_json::to_string(&serde_json::json!({ "messages": values, "email": "a.b@example.org" })).unwrap();
        let mut conversation = conversation(6);
        let redaction = redactor().redact_json(&Raw::new(body.clone()), &mut conversation).unwrap();
        prop_assert!(serde_json::from_str::<serde_json::Value>(redaction.text.as_str()).is_ok(), "{}", redaction.text);
        prop_assert_eq!(reinflate(redaction.text.as_str(), &conversation), body);
    }
}

#[test]
fn edits_of_models_are_restored() {
    let mut conversation = conversation(7);
    for value in [
        "jane.roe@example.org",
        "+49 30 1234567",
        "password: Tr0ub4dor&3",
    ] {
        let redaction = redact(value, &mut conversation);
        let finding = &redaction.findings[0];
        let secret = &value[finding.span.clone()];
        for edit in edits(&finding.placeholder.to_string()) {
            let restored = reinflate(&format!("so {edit}, yes"), &conversation);
            assert!(restored.contains(secret), "{edit} -> {restored}");
        }
    }
}

#[test]
fn one_wrong_character_restores_nothing() {
    let mut conversation = conversation(8);
    let redaction = redact(
        "jane.roe@example.org and joe.bloggs@example.org",
        &mut conversation,
    );
    let placeholder = redaction.findings[0].placeholder.to_string();
    for place in placeholder.len() - 5..placeholder.len() - 1 {
        for other in "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
            .chars()
            .filter(|other| !placeholder[place..].starts_with(*other))
        {
            let wrong = format!(
                "{}{other}{}",
                &placeholder[..place],
                &placeholder[place + 1..]
            );
            assert_eq!(reinflate(&wrong, &conversation), wrong);
        }
    }
}

#[test]
fn values_are_not_read_again_and_unknown_ids_are_counted() {
    let mut conversation = conversation(9);
    let first = redact("jane.roe@example.org", &mut conversation)
        .text
        .into_string();
    let second = redact(&first, &mut conversation).text.into_string();
    assert_ne!(first, second);
    assert_eq!(reinflate(&second, &conversation), first);
    let mut other = Reinflater::new(&crate::conversation(10));
    assert_eq!(other.push(&first) + &other.flush(), first);
    assert_eq!(other.counts().unknown, 1);
}

#[test]
fn values_in_json_are_escaped() {
    let mut conversation = conversation(11);
    let redaction = redact("password = 'pa\"ss\\w0rd'", &mut conversation);
    let mut reinflater = Reinflater::new(&conversation).escaping(Escape::Json);
    let placeholder = redaction.findings[0].placeholder.to_string();
    let out = reinflater.push(&format!("{{\"p\": \"{placeholder}\"}}")) + &reinflater.flush();
    let value: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(value["p"], "pa\"ss\\w0rd");
}

#[test]
fn what_is_too_large_is_refused() {
    let text = "a".repeat(synesis_privacy::INPUT_BYTES_MAX + 1);
    let redactor = Redactor::new(&RedactorConfig::default()).unwrap();
    assert!(
        redactor
            .redact(&Raw::new(text), &mut conversation(1))
            .is_err()
    );
}

#[test]
fn private_numbers_in_json_become_strings() {
    let mut conversation = conversation(12);
    let body = "{\"card_number\": 4111111111111111, \"n\": 17}".to_owned();
    let redaction = redactor()
        .redact_json(&Raw::new(body), &mut conversation)
        .unwrap();
    let value: serde_json::Value = serde_json::from_str(redaction.text.as_str()).unwrap();
    assert!(
        value["card_number"].is_string() && value["n"] == 17,
        "{value}"
    );
    assert_eq!(
        reinflate(value["card_number"].as_str().unwrap(), &conversation),
        "4111111111111111"
    );
}
