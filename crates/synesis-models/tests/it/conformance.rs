//! What every embedded engine must do alike, on the same model files.

use futures::StreamExt;
use serde_json::json;
use synesis_models::{
    AdapterSource, AdapterState, Constraint, Engine, EngineError, Finish, GenEvent, GenRequest,
    Sampling,
};
use tokio_util::sync::CancellationToken;

use crate::tiny_model::{CONTEXT, adapter, model, tiny_model};
use crate::world::{File, answer, ask, choices, events, open_tiny, options};

const ARCHITECTURES: [&str; 3] = ["llama", "qwen2", "qwen3"];

#[tokio::test]
async fn engines_give_the_same_greedy_answers() {
    for architecture in ARCHITECTURES {
        let bytes = tiny_model(architecture);
        for question in [
            "abc",
            "the quick brown fox",
            "one two three four five six seven eight nine ten 1234567890",
        ] {
            let mut answers = Vec::new();
            for choice in choices() {
                let (text, done) = answer(&open_tiny(&bytes, choice), ask(question, 24)).await;
                answers.push((
                    text,
                    done.prompt_tokens,
                    done.completion_tokens,
                    done.finish,
                ));
            }
            assert!(
                answers.windows(2).all(|pair| pair[0] == pair[1]),
                "{architecture}, {question}: {answers:#?}"
            );
        }
    }
}

#[tokio::test]
async fn what_is_streamed_is_the_whole_answer() {
    for choice in choices() {
        let engine = open_tiny(&tiny_model("llama"), choice);
        let (whole, done) = answer(&engine, ask("abc", 40)).await;
        let events = events(&engine, ask("abc", 40)).await;
        let mut text = String::new();
        for event in &events[..events.len() - 1] {
            match event.as_ref().unwrap() {
                GenEvent::Text { text: piece, .. } => {
                    assert!(!piece.is_empty());
                    text.push_str(piece);
                }
                other => panic!("{other:?} before the end"),
            }
        }
        assert_eq!(text, whole);
        let Ok(GenEvent::Done(last)) = events.last().unwrap() else {
            panic!("{events:?}")
        };
        assert_eq!(
            (last.finish, last.completion_tokens),
            (done.finish, done.completion_tokens)
        );
        let probability = last.mean_probability.unwrap();
        assert!(probability > 0.0 && probability <= 1.0, "{probability}");
    }
}

#[tokio::test]
async fn a_prompt_read_before_is_not_read_again_and_changes_nothing() {
    for choice in choices() {
        let engine = open_tiny(&tiny_model("llama"), choice);
        let first = answer(&engine, ask("the same question twice", 16)).await;
        let second = answer(&engine, ask("the same question twice", 16)).await;
        assert_eq!(first.0, second.0);
        assert_eq!(first.1.cached_tokens, 0);
        assert_eq!(second.1.cached_tokens, second.1.prompt_tokens - 1);
    }
}

#[tokio::test]
async fn a_stop_string_ends_the_answer_and_is_not_shown() {
    for choice in choices() {
        let engine = open_tiny(&tiny_model("llama"), choice);
        let (whole, _) = answer(&engine, ask("abc", 40)).await;
        let characters: Vec<char> = whole.chars().collect();
        let stop: String = characters[characters.len() / 2..].iter().take(3).collect();
        let before = &whole[..whole.find(&stop).unwrap()];
        let request = GenRequest {
            stop: vec!["never there".to_owned(), stop.clone()],
            ..ask("abc", 40)
        };
        let (text, done) = answer(&engine, request).await;
        assert_eq!((text.as_str(), done.finish), (before, Finish::Stop));
    }
}

#[tokio::test]
async fn cancelling_ends_the_answer_between_tokens() {
    for choice in choices() {
        let engine = open_tiny(&tiny_model("llama"), choice);
        let cancel = CancellationToken::new();
        let mut stream = engine
            .generate(ask("abc", 200), cancel.clone())
            .await
            .unwrap();
        stream.next().await.unwrap().unwrap();
        cancel.cancel();
        let mut last = None;
        while let Some(event) = stream.next().await {
            last = Some(event.unwrap());
        }
        let Some(GenEvent::Done(done)) = last else {
            panic!("{last:?}")
        };
        assert_eq!(done.finish, Finish::Cancelled);
        assert!(
            done.completion_tokens < 200,
            "it could not run ahead of its reader that far"
        );
    }
}

#[tokio::test]
async fn a_reader_that_waits_stops_only_its_own_answer() {
    for choice in choices() {
        let engine = open_tiny(&tiny_model("llama"), choice);
        let (alone, _) = answer(&engine, ask("abc", 150)).await;
        let slow = engine
            .generate(ask("abc", 150), CancellationToken::new())
            .await
            .unwrap();
        let (other, done) = answer(&engine, ask("something else", 150)).await;
        assert!(!other.is_empty() && done.completion_tokens > 0);
        let (text, _) = synesis_models::collect(slow).await.unwrap();
        assert_eq!(text, alone);
    }
}

#[tokio::test]
async fn more_questions_than_contexts_are_all_answered_alike() {
    for choice in choices() {
        let engine = open_tiny(&tiny_model("llama"), choice);
        let (alone, _) = answer(&engine, ask("abc", 20)).await;
        let asked = (0..10).map(|_| answer(&engine, ask("abc", 20)));
        for (text, _) in futures::future::join_all(asked).await {
            assert_eq!(text, alone);
        }
    }
}

#[tokio::test]
async fn a_dropped_answer_gives_its_context_back() {
    for choice in choices() {
        let engine = open_tiny(&tiny_model("llama"), choice);
        for _ in 0..12 {
            let mut stream = engine
                .generate(ask("abc", 200), CancellationToken::new())
                .await
                .unwrap();
            stream.next().await.unwrap().unwrap();
        }
        assert!(!answer(&engine, ask("abc", 5)).await.0.is_empty());
    }
}

#[tokio::test]
async fn an_answer_outlives_the_engine_that_was_let_go() {
    for choice in choices() {
        let engine = open_tiny(&tiny_model("llama"), choice);
        let (alone, _) = answer(&engine, ask("abc", 100)).await;
        let stream = engine
            .generate(ask("abc", 100), CancellationToken::new())
            .await
            .unwrap();
        drop(engine);
        assert_eq!(synesis_models::collect(stream).await.unwrap().0, alone);
    }
}

#[tokio::test]
async fn a_schema_holds_whatever_the_model_wants() {
    let schema = json!({
        "type": "object", "additionalProperties": false, "required": ["kind", "ok", "n"],
        "properties": { "kind": {"enum": ["fact", "sum"]}, "ok": {"type": "boolean"}, "n": {"type": "integer", "minimum": 0, "maximum": 100} }
    });
    let mut answers = Vec::new();
    for choice in choices() {
        let engine = open_tiny(&tiny_model("llama"), choice);
        let request = GenRequest {
            constraint: Some(Constraint::JsonSchema(schema.clone())),
            ..ask("abc", 100)
        };
        let (text, done) = answer(&engine, request).await;
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(done.finish, Finish::Stop);
        assert_eq!(value.to_string(), text, "compact, keys in order");
        assert!(
            ["fact", "sum"].contains(&value["kind"].as_str().unwrap())
                && value["n"].as_u64().unwrap() <= 100,
            "{text}"
        );
        answers.push(text);
    }
    assert!(
        answers.windows(2).all(|pair| pair[0] == pair[1]),
        "{answers:?}"
    );
}

#[tokio::test]
async fn patterns_and_grammars_hold_and_characters_stay_whole() {
    let cases = [
        (Constraint::Regex("[0-9]{3}-(yes|no)".to_owned()), "-"),
        (
            Constraint::Regex("(\u{20ac}\u{fc}|\u{fc}\u{20ac}){2}\u{1f600}".to_owned()),
            "\u{1f600}",
        ),
        (
            Constraint::Lark(
                "start: \"The answer is \" NUMBER \".\"\nNUMBER: /[0-9]{1,3}/\n".to_owned(),
            ),
            "The answer is ",
        ),
    ];
    for choice in choices() {
        let engine = open_tiny(&tiny_model("llama"), choice);
        for (constraint, part) in &cases {
            let request = GenRequest {
                constraint: Some(constraint.clone()),
                ..ask("abc", 60)
            };
            let (text, done) = answer(&engine, request).await;
            assert_eq!(done.finish, Finish::Stop, "{text}");
            assert!(text.contains(part), "{constraint:?}: {text}");
        }
    }
}

#[tokio::test]
async fn a_constraint_that_cannot_be_is_refused_before_anything_is_generated() {
    for choice in choices() {
        let engine = open_tiny(&tiny_model("llama"), choice);
        for constraint in [
            Constraint::Regex("(".to_owned()),
            Constraint::Lark("start: missing".to_owned()),
            Constraint::JsonSchema(json!(3)),
        ] {
            let request = GenRequest {
                constraint: Some(constraint),
                ..ask("abc", 60)
            };
            let error = engine
                .generate(request, CancellationToken::new())
                .await
                .err()
                .unwrap();
            assert!(matches!(error, EngineError::Constraint { .. }), "{error}");
        }
    }
}

#[tokio::test]
async fn random_bytes_of_a_model_become_valid_text() {
    for choice in choices() {
        let engine = open_tiny(&tiny_model("llama"), choice);
        for seed in 0..5 {
            let mut request = ask("abc", 100);
            request.sampling = Sampling {
                temperature: 5.0,
                top_k: 0,
                top_p: 1.0,
                min_p: 0.0,
                seed: Some(seed),
                max_tokens: 100,
                ..Sampling::default()
            };
            let first = answer(&engine, request.clone()).await.0;
            assert_eq!(
                first,
                answer(&engine, request).await.0,
                "the same seed draws the same answer"
            );
        }
    }
}

#[tokio::test]
async fn a_prompt_that_does_not_fit_says_both_sizes() {
    for choice in choices() {
        let engine = open_tiny(&tiny_model("llama"), choice);
        let error = engine
            .generate(ask(&"x".repeat(1_000), 5), CancellationToken::new())
            .await
            .err()
            .unwrap();
        let EngineError::ContextOverflow {
            prompt_tokens,
            context_tokens,
        } = error
        else {
            panic!("{error}")
        };
        assert!(prompt_tokens > 1_000 && context_tokens == CONTEXT as usize);
    }
}

#[tokio::test]
async fn the_end_of_the_context_ends_the_answer() {
    for choice in choices() {
        let bytes = model("llama", |file| {
            file.f32("llama.attention.layer_norm_rms_epsilon", 1e-5)
        });
        let engine = File::new(&bytes)
            .open(&synesis_models::OpenOptions {
                context_tokens: Some(40),
                ..options(choice)
            })
            .unwrap();
        let (_, done) = answer(&engine, ask("abc", 1_000)).await;
        assert!(
            done.finish == Finish::Stop || done.prompt_tokens + done.completion_tokens >= 40,
            "{done:?}"
        );
        assert!(done.prompt_tokens + done.completion_tokens <= 41);
    }
}

#[tokio::test]
async fn adapters_change_the_answer_and_give_it_back() {
    for architecture in ARCHITECTURES {
        let mut changed = Vec::new();
        for choice in choices() {
            let engine = open_tiny(&tiny_model(architecture), choice);
            let adapters = engine.adapters().unwrap();
            let (base, _) = answer(&engine, ask("abc", 24)).await;
            let id = adapters
                .load(
                    "loud",
                    AdapterSource::Bytes(adapter(architecture, 4, |_| {}).into()),
                )
                .await
                .unwrap();
            assert_eq!(
                answer(&engine, ask("abc", 24)).await.0,
                base,
                "loading alone changes nothing"
            );

            let named = GenRequest {
                adapters: vec![(id, 1.0)],
                ..ask("abc", 24)
            };
            let (with, _) = answer(&engine, named.clone()).await;
            assert_ne!(with, base);
            assert_eq!(answer(&engine, ask("abc", 24)).await.0, base);

            adapters.activate(&[(id, 1.0)]).await.unwrap();
            assert_eq!(answer(&engine, ask("abc", 24)).await.0, with);
            assert_eq!(adapters.list()[0].state, AdapterState::Active);
            assert!(matches!(
                adapters.unload(id).await,
                Err(EngineError::AdapterInUse { .. })
            ));
            adapters.activate(&[]).await.unwrap();
            assert_eq!(answer(&engine, ask("abc", 24)).await.0, base);

            adapters.unload(id).await.unwrap();
            assert!(adapters.list().is_empty());
            let error = engine
                .generate(named, CancellationToken::new())
                .await
                .err()
                .unwrap();
            assert!(
                matches!(error, EngineError::AdapterUnknown { .. }),
                "{error}"
            );
            changed.push(with);
        }
        assert!(
            changed.windows(2).all(|pair| pair[0] == pair[1]),
            "{architecture}: {changed:#?}"
        );
    }
}

#[tokio::test]
async fn an_adapter_in_use_by_an_answer_is_not_unloaded() {
    for choice in choices() {
        let engine = open_tiny(&tiny_model("llama"), choice);
        let adapters = engine.adapters().unwrap();
        let id = adapters
            .load(
                "a",
                AdapterSource::Bytes(adapter("llama", 2, |_| {}).into()),
            )
            .await
            .unwrap();
        let request = GenRequest {
            adapters: vec![(id, 0.5)],
            ..ask("abc", 200)
        };
        let mut stream = engine
            .generate(request, CancellationToken::new())
            .await
            .unwrap();
        stream.next().await.unwrap().unwrap();
        assert!(matches!(
            adapters.unload(id).await,
            Err(EngineError::AdapterInUse { .. })
        ));
        while stream.next().await.is_some() {}
        adapters.unload(id).await.unwrap();
    }
}

#[tokio::test]
async fn adapters_of_another_model_are_refused_with_the_reason() {
    for choice in choices() {
        let engine = open_tiny(&tiny_model("llama"), choice);
        let load = |bytes: Vec<u8>| load(engine.as_ref(), bytes);
        let sha256 = engine.info().sha256.clone().unwrap();
        load(adapter("llama", 2, |file| {
            file.text("synesis.base_sha256", &sha256)
        }))
        .await
        .unwrap();
        let other = load(adapter("llama", 2, |file| {
            file.text("synesis.base_sha256", &"0".repeat(64))
        }))
        .await;
        assert!(
            matches!(other, Err(EngineError::AdapterBase { .. })),
            "{other:?}"
        );
        let wide = load(adapter("llama", 2, |file| {
            file.tensor("blk.0.attn_q.weight.extra", &[3], vec![0.0; 3])
        }))
        .await;
        assert!(matches!(wide, Err(EngineError::Adapter { .. })), "{wide:?}");
        for bytes in [adapter("qwen2", 2, |_| {}), tiny_model("llama")] {
            let wrong = load(bytes).await;
            assert!(
                matches!(wrong, Err(EngineError::Adapter { .. })),
                "{wrong:?}"
            );
        }
        assert!(matches!(
            load(b"GGUF".to_vec()).await,
            Err(EngineError::Malformed { .. })
        ));
    }
}

async fn load(
    engine: &dyn Engine,
    bytes: Vec<u8>,
) -> Result<synesis_models::AdapterId, EngineError> {
    engine
        .adapters()
        .unwrap()
        .load("other", AdapterSource::Bytes(bytes.into()))
        .await
}

#[tokio::test]
async fn a_request_that_makes_no_sense_is_refused() {
    for choice in choices() {
        let engine = open_tiny(&tiny_model("llama"), choice);
        for request in [
            GenRequest::default(),
            GenRequest {
                stop: vec![String::new()],
                ..ask("abc", 5)
            },
            GenRequest {
                stop: vec!["x".to_owned(); 100],
                ..ask("abc", 5)
            },
            ask("abc", 0),
        ] {
            let error = engine
                .generate(request, CancellationToken::new())
                .await
                .err()
                .unwrap();
            assert!(matches!(error, EngineError::Request { .. }), "{error}");
        }
    }
}

#[test]
fn a_damaged_model_is_refused_with_the_reason() {
    for choice in choices() {
        let cases = [
            model("llama", |file| file.u32("llama.attention.head_count", 0)),
            model("llama", |file| file.u32("llama.block_count", 3)),
            model("llama", |file| file.u32("llama.embedding_length", 64)),
            model("llama", |file| {
                file.u32("tokenizer.ggml.eos_token_id", 1_000_000)
            }),
            model("llama", |file| file.remove("tokenizer.ggml.tokens")),
            model("llama", |file| file.remove("general.architecture")),
            model("nonsense", |_| {}),
            tiny_model("llama")[..20_000].to_vec(),
        ];
        for (n, bytes) in cases.iter().enumerate() {
            let error = File::new(bytes).open(&options(choice)).err().unwrap();
            let clear = matches!(
                error,
                EngineError::Malformed { .. } | EngineError::Unsupported { .. }
            );
            assert!(clear, "case {n}: {error}");
        }
    }
}

#[tokio::test]
async fn a_question_that_waits_can_be_cancelled_while_nothing_moves() {
    for choice in choices() {
        let engine = open_tiny(&tiny_model("llama"), choice);
        let mut unread = Vec::new();
        for _ in 0..engine.info().caps.parallel_max {
            let token = CancellationToken::new();
            let stream = engine.generate(ask("abc", 200), token).await;
            unread.push(stream.unwrap());
        }
        let cancel = CancellationToken::new();
        let waits = engine
            .generate(ask("abc", 5), cancel.clone())
            .await
            .unwrap();
        let later = async {
            tokio::task::yield_now().await;
            cancel.cancel();
        };
        let (ended, ()) = tokio::join!(synesis_models::collect(waits), later);
        let (text, done) = ended.unwrap();
        assert!(done.finish == Finish::Cancelled || !text.is_empty());
    }
}
