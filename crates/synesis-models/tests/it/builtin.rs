//! The built-in model: what it is for, on every engine, the same.

use std::path::Path;

use synesis_core::{ChatMessage, QueryKind};
use synesis_models::{AdapterSource, BUILTIN_GGUF, Constraint, Finish, GenRequest, ModelRef, open};

use crate::world::{answer, ask, choices, options};

#[test]
fn it_says_what_it_is() {
    for choice in choices() {
        let engine = open(&ModelRef::Builtin, &options(choice)).unwrap();
        let info = engine.info();
        assert!(info.demonstration, "{info:?}");
        assert!(info.tasks.contains(&QueryKind::Fact) && !info.tasks.contains(&QueryKind::Code));
        assert!(info.sum_max.is_some() && info.product_max.is_some() && info.license.is_some());
        assert_eq!(info.sha256.as_deref().map(str::len), Some(64));
        assert_eq!(engine.info().fit().tasks, info.tasks);
        assert!(BUILTIN_GGUF.len() < 5 << 20);
    }
}

/// In the forms that the council uses: elsewhere the model guesses, and a guess hangs on the last bit.
#[tokio::test]
async fn every_engine_gives_the_same_answers() {
    let asked = [
        "What is the capital of Peru?",
        "What is 17 + 25?",
        "Convert 3 kilometers to meters.",
        "Hello!",
        "Context: Ben has the lamp. The dog sleeps.\nQuestion: Who has the lamp?",
    ];
    let judged = [
        "Question: What is the capital of Peru?\nAnswer: Lima",
        "Question: What is 17 + 25?\nAnswer: 17 + 25 = 43.",
    ];
    let roles: [(&str, &[&str]); 3] = [
        ("You are Logos.", &asked),
        ("You are Pathos.", &asked),
        ("You are Ethos.", &judged),
    ];
    for (system, questions) in roles {
        for question in questions {
            same_on_every_engine(system, question, 60).await;
        }
    }
}

#[tokio::test]
async fn every_engine_reads_odd_text_alike() {
    let odd = "Wer ist das? \u{20ac} \u{1f600} <s> </s>\t\u{0} \r\n  x";
    for system in ["You are Logos.", "You are Ethos."] {
        same_on_every_engine(system, odd, 1).await;
    }
}

async fn same_on_every_engine(system: &str, question: &str, max_tokens: u32) {
    let mut answers = Vec::new();
    for choice in choices() {
        let engine = open(&ModelRef::Builtin, &options(choice)).unwrap();
        let mut request = ask(question, max_tokens);
        request.messages.insert(0, ChatMessage::system(system));
        let (text, done) = answer(&engine, request).await;
        answers.push((
            text,
            done.finish,
            done.prompt_tokens,
            done.completion_tokens,
        ));
    }
    let alike = answers.windows(2).all(|pair| pair[0] == pair[1]);
    assert!(alike, "{system} {question}: {answers:#?}");
}

#[tokio::test]
async fn it_answers_what_it_was_trained_for() {
    let questions = [
        ("What is the capital of Peru?", "Lima"),
        ("What is the capital of France?", "Paris"),
        ("What is 17 + 25?", "42"),
        ("What is 6 times 7?", "42"),
    ];
    for choice in choices() {
        let engine = open(&ModelRef::Builtin, &options(choice)).unwrap();
        for (question, expected) in questions {
            let (text, done) = answer(&engine, ask(question, 60)).await;
            assert!(text.contains(expected), "{question}: {text}");
            assert_eq!(done.finish, Finish::Stop);
        }
    }
}

#[tokio::test]
async fn its_adapters_give_it_a_style_and_a_skill() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/builtin");
    let questions = [
        ("pirate", "What is the capital of Peru?", "Arr, "),
        ("roman", "What is 14 in Roman numerals?", "XIV"),
    ];
    for choice in choices() {
        let engine = open(&ModelRef::Builtin, &options(choice)).unwrap();
        let adapters = engine.adapters().unwrap();
        for (name, question, expected) in questions {
            let file = AdapterSource::Path(folder.join(format!("{name}.gguf")));
            let id = adapters.load(name, file).await.unwrap();
            let (plain, _) = answer(&engine, ask(question, 60)).await;
            assert!(!plain.contains(expected), "{question}: {plain}");
            let adapted = GenRequest {
                adapters: vec![(id, 1.0)],
                ..ask(question, 60)
            };
            let (text, _) = answer(&engine, adapted).await;
            assert!(text.contains(expected), "{name}, {question}: {text}");
        }
    }
}

#[tokio::test]
async fn its_manifest_is_compact_json_of_the_schema() {
    let schema: serde_json::Value = serde_json::from_str(synesis_core::Manifest::schema()).unwrap();
    let mut answers = Vec::new();
    for choice in choices() {
        let engine = open(&ModelRef::Builtin, &options(choice)).unwrap();
        let request = GenRequest {
            messages: vec![
                ChatMessage::system("You are Pathos.\nLong instructions."),
                ChatMessage::user("What is 17 + 25?"),
            ],
            constraint: Some(Constraint::JsonSchema(schema.clone())),
            ..ask("", 200)
        };
        let (text, done) = answer(&engine, request).await;
        assert_eq!(done.finish, Finish::Stop, "{text}");
        let manifest: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(manifest["kind"], "arithmetic", "{text}");
        answers.push(text);
    }
    assert!(
        answers.windows(2).all(|pair| pair[0] == pair[1]),
        "{answers:?}"
    );
}
