//! The built-in model: what it is for, on every engine, the same.

use synesis_core::{ChatMessage, QueryKind};
use synesis_models::{BUILTIN_GGUF, Constraint, Finish, GenRequest, ModelRef, open};

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

#[tokio::test]
async fn every_engine_gives_the_same_answers() {
    let questions = [
        "What is the capital of Peru?",
        "What is 17 + 25?",
        "Convert 3 kilometers to meters.",
        "Hello!",
        "Wer ist das? \u{20ac} \u{1f600} <s> </s>",
        "Context: Ben has the lamp. The dog sleeps.\nQuestion: Who has the lamp?",
        "Write a long poem about the sea, please.",
    ];
    for system in ["You are Logos.", "You are Pathos.", "You are Ethos."] {
        for question in questions {
            let mut answers = Vec::new();
            for choice in choices() {
                let engine = open(&ModelRef::Builtin, &options(choice)).unwrap();
                let mut request = ask(question, 60);
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
    }
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
