//! The built-in model: what it is for, on every engine, the same.

use synesis_core::{ChatMessage, QueryKind};
use synesis_models::{BUILTIN_GGUF, Constraint, Finish, GenRequest, ModelRef, open};

use crate::world::{answer, ask, choices, options};

#[test]
fn it_says_what_it_is() {
    for choice in choices() {
        let engine = open(&ModelRef::Builtin, &options(choice)).unwrap();
        let info = engine.info();
        assert!(
            info.demonstration
                && info.tasks.contains(&QueryKind::Fact)
                && !info.tasks.contains(&QueryKind::Code),
            "{info:?}"
        );
        assert!(
            info.sum_max.is_some() && info.product_max.is_some() && info.license.is_some(),
            "{info:?}"
        );
        assert_eq!(info.sha256.as_deref().map(str::len), Some(64));
        assert!(BUILTIN_GGUF.len() < 5 << 20);
        assert_eq!(engine.info().fit().tasks, info.tasks);
    }
}

#[tokio::test]
async fn it_answers_what_it_was_trained_for_alike_on_every_engine() {
    let questions = [
        ("What is the capital of Peru?", "Lima"),
        ("What is 17 + 25?", "42"),
        ("What is 6 times 7?", "42"),
        ("What is the capital of France?", "Paris"),
        (
            "Context: The key to the shed is held by Marta. The dog sleeps.\nQuestion: Who holds the key to the shed?",
            "Marta",
        ),
    ];
    for (question, expected) in questions {
        let mut answers = Vec::new();
        for choice in choices() {
            let engine = open(&ModelRef::Builtin, &options(choice)).unwrap();
            let (text, done) = answer(&engine, ask(question, 60)).await;
            assert!(text.contains(expected), "{question}: {text}");
            assert_eq!(done.finish, Finish::Stop);
            answers.push(text);
        }
        assert!(
            answers.windows(2).all(|pair| pair[0] == pair[1]),
            "{question}: {answers:?}"
        );
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
