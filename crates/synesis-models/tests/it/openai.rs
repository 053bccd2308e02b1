//! The HTTP engine against servers that behave, and servers that do not.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use serde_json::{Value, json};
use synesis_core::ChatMessage;
use synesis_models::{
    Constraint, Engine, EngineError, Finish, GenDone, GenEvent, GenRequest, OpenOptions, Sampling,
    Secret, collect, open,
};
use tokio_util::sync::CancellationToken;

use crate::double::{Double, Say, chunked, plain, stream_head};
use crate::world::ask;

const HELLO: &str = concat!(
    ": comment\r\n\r\n",
    "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\r\n\r\n",
    "data: {\"choices\":[{\"delta\":{\"content\":\"Grüße, \"},\"logprobs\":{\"content\":[{\"logprob\":-0.5}]}}]}\n\n",
    "data: {\"choices\":[{\"delta\":{\"content\":\"€ 5\"},\"finish_reason\":null}]}\n\n",
    "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n",
    "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":11,\"completion_tokens\":7,\"prompt_tokens_details\":{\"cached_tokens\":3}}}\n\n",
    "data: [DONE]\n\n",
);

fn engine(url: &str, change: impl FnOnce(&mut OpenOptions)) -> Arc<dyn Engine> {
    let mut options = OpenOptions::default();
    change(&mut options);
    open(
        &format!("openai:{url}#some/model:7b").parse().unwrap(),
        &options,
    )
    .unwrap()
}

async fn outcome(
    engine: &Arc<dyn Engine>,
    request: GenRequest,
) -> Result<(String, GenDone), EngineError> {
    collect(engine.generate(request, CancellationToken::new()).await?).await
}

fn body(request: &str) -> Value {
    serde_json::from_str(request.split_once("\r\n\r\n").unwrap().1).unwrap()
}

fn content(text: &str) -> String {
    format!(
        "data: {}\n\n",
        json!({ "choices": [{ "delta": { "content": text } }] })
    )
}

#[tokio::test]
async fn a_stream_cut_anywhere_gives_text_and_figures() {
    let whole = [stream_head(), HELLO.as_bytes().to_vec()].concat();
    for size in [1, 2, 7, 64, whole.len()] {
        let double = Double::start(vec![Say::Parts(
            whole.chunks(size).map(<[u8]>::to_vec).collect(),
        )])
        .await;
        let (text, done) = outcome(&engine(&double.url(), |_| {}), ask("hi", 50))
            .await
            .unwrap();
        assert_eq!(text, "Grüße, € 5");
        assert_eq!(
            (
                done.finish,
                done.prompt_tokens,
                done.cached_tokens,
                done.completion_tokens
            ),
            (Finish::Stop, 11, 3, 7)
        );
        assert!((done.mean_probability.unwrap() - (-0.5_f32).exp()).abs() < 1e-6);
    }
}

#[tokio::test]
async fn the_request_says_what_was_asked() {
    let mut double = Double::start(vec![chunked(&[HELLO], true)]).await;
    let engine = engine(&double.url(), |options| {
        options.api_key = Some(Secret::new("sk-secret"))
    });
    let request = GenRequest {
        messages: vec![ChatMessage::system("S"), ChatMessage::user("U")],
        sampling: Sampling {
            temperature: 0.5,
            seed: Some(9),
            max_tokens: 12,
            ..Sampling::default()
        },
        stop: vec!["END".to_owned()],
        ..GenRequest::default()
    };
    outcome(&engine, request).await.unwrap();
    let request = double.requests.recv().await.unwrap();
    assert!(
        request.starts_with("POST /v1/chat/completions HTTP/1.1"),
        "{request}"
    );
    assert!(
        request
            .to_ascii_lowercase()
            .contains("authorization: bearer sk-secret")
    );
    let body = body(&request);
    assert_eq!(body["model"], "some/model:7b");
    assert_eq!(
        body["messages"],
        json!([{ "role": "system", "content": "S" }, { "role": "user", "content": "U" }])
    );
    assert_eq!(
        (&body["stream"], &body["stream_options"]["include_usage"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(
        (
            &body["max_tokens"],
            &body["seed"],
            &body["temperature"],
            &body["stop"]
        ),
        (&json!(12), &json!(9), &json!(0.5), &json!(["END"]))
    );
    assert!(!format!("{engine:?}").contains("sk-secret"));
}

#[tokio::test]
async fn a_stream_that_breaks_off_is_an_error_after_its_text() {
    for script in [
        chunked(&[&content("half")], false),
        chunked(&[&content("half")], true),
        chunked(&[&content("half"), "data: {\"choi"], true),
    ] {
        let double = Double::start(vec![script]).await;
        let engine = engine(&double.url(), |_| {});
        let events: Vec<_> = engine
            .generate(ask("hi", 50), CancellationToken::new())
            .await
            .unwrap()
            .collect()
            .await;
        assert!(matches!(&events[0], Ok(GenEvent::Text { text, .. }) if text == "half"));
        assert!(
            matches!(&events[1], Err(EngineError::Cut { .. })),
            "{events:?}"
        );
        assert_eq!(events.len(), 2);
    }
}

#[tokio::test]
async fn a_server_that_says_it_is_done_needs_no_closing_mark() {
    let parts = [
        content("ok"),
        "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"length\"}]}\n\n".to_owned(),
    ];
    let double = Double::start(vec![chunked(&[&parts.concat()], true)]).await;
    let (text, done) = outcome(&engine(&double.url(), |_| {}), ask("hi", 50))
        .await
        .unwrap();
    assert_eq!((text.as_str(), done.finish), ("ok", Finish::Length));
}

#[tokio::test]
async fn a_server_that_does_not_stream_is_understood() {
    let answer = json!({ "choices": [{ "message": { "content": "whole" }, "finish_reason": "stop" }], "usage": { "prompt_tokens": 1, "completion_tokens": 2 } });
    let double = Double::start(vec![plain("200 OK", &answer.to_string())]).await;
    let (text, done) = outcome(&engine(&double.url(), |_| {}), ask("hi", 50))
        .await
        .unwrap();
    assert_eq!((text.as_str(), done.completion_tokens), ("whole", 2));
}

#[tokio::test]
async fn refusals_carry_the_servers_words_and_never_the_key() {
    let cases = [
        (
            "401 Unauthorized",
            r#"{"error":{"message":"bad key sk-secret"}}"#,
            "bad key ***",
            "API key",
        ),
        (
            "404 Not Found",
            r#"{"error":"model 'x' not found"}"#,
            "model 'x' not found",
            "name",
        ),
        (
            "429 Too Many Requests",
            r#"{"message":"slow down\u001b[2J"}"#,
            "slow down",
            "limit",
        ),
        (
            "500 Internal Server Error",
            "<html>oops</html>",
            "Internal Server Error",
            "log",
        ),
        (
            "503 Service Unavailable",
            "plain words",
            "plain words",
            "log",
        ),
        ("302 Found", "", "Found", "log"),
    ];
    for (status, body, words, hint) in cases {
        let double = Double::start(vec![plain(status, body)]).await;
        let engine = engine(&double.url(), |options| {
            options.api_key = Some(Secret::new("sk-secret"))
        });
        let error = outcome(&engine, ask("hi", 50)).await.unwrap_err();
        let text = error.to_string();
        assert!(
            text.contains(&status[..3]) && text.contains(words),
            "{text}"
        );
        assert!(
            !text.contains("sk-secret") && !text.contains('\u{1b}'),
            "{text}"
        );
        assert!(error.hint().contains(hint), "{status}: {}", error.hint());
    }
}

#[tokio::test]
async fn nobody_listening_says_which_url_and_what_to_start() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    drop(listener);
    let error = outcome(&engine(&url, |_| {}), ask("hi", 50))
        .await
        .unwrap_err();
    assert!(
        matches!(error, EngineError::Unreachable { .. }),
        "{error:?}"
    );
    assert!(
        error.to_string().contains(&url) && error.hint().contains("start"),
        "{error} {}",
        error.hint()
    );
}

#[tokio::test]
async fn an_error_inside_the_stream_ends_it() {
    let double = Double::start(vec![chunked(
        &[
            &content("a"),
            "data: {\"error\":{\"message\":\"out of memory\"}}\n\n",
            "data: [DONE]\n\n",
        ],
        true,
    )])
    .await;
    let error = outcome(&engine(&double.url(), |_| {}), ask("hi", 50))
        .await
        .unwrap_err();
    assert!(error.to_string().contains("out of memory"), "{error}");
}

#[tokio::test]
async fn nonsense_is_an_error_that_says_so() {
    let double = Double::start(vec![chunked(&["data: hello\n\n"], true)]).await;
    let error = outcome(&engine(&double.url(), |_| {}), ask("hi", 50))
        .await
        .unwrap_err();
    assert!(matches!(error, EngineError::Protocol { .. }), "{error}");
}

#[tokio::test]
async fn a_silent_server_is_given_up() {
    let silent = Say::ThenHang([stream_head(), content("a").into_bytes()].concat());
    let double = Double::start(vec![silent]).await;
    let error = outcome(
        &engine(&double.url(), |options| {
            options.idle_timeout = Duration::from_millis(200)
        }),
        ask("hi", 50),
    )
    .await
    .unwrap_err();
    assert!(matches!(error, EngineError::Silent { .. }), "{error}");
}

#[tokio::test]
async fn cancelling_and_dropping_close_the_connection() {
    let hang = Say::ThenHang([stream_head(), content("a").into_bytes()].concat());
    let mut double = Double::start(vec![hang]).await;
    let engine = engine(&double.url(), |_| {});
    let cancel = CancellationToken::new();
    let mut stream = engine
        .generate(ask("hi", 50), cancel.clone())
        .await
        .unwrap();
    stream.next().await.unwrap().unwrap();
    cancel.cancel();
    let Some(Ok(GenEvent::Done(done))) = stream.next().await else {
        panic!()
    };
    assert_eq!(done.finish, Finish::Cancelled);
    assert!(stream.next().await.is_none());
    double.left.recv().await.unwrap();

    let mut stream = engine
        .generate(ask("hi", 50), CancellationToken::new())
        .await
        .unwrap();
    stream.next().await.unwrap().unwrap();
    drop(stream);
    double.left.recv().await.unwrap();
}

#[tokio::test]
async fn cancelling_before_the_answer_begins_closes_the_connection() {
    let mut double = Double::start(vec![Say::ThenHang(Vec::new())]).await;
    let engine = engine(&double.url(), |_| {});
    let cancel = CancellationToken::new();
    let asked = engine.generate(ask("hi", 50), cancel.clone());
    let watch = async {
        double.requests.recv().await.unwrap();
        cancel.cancel();
    };
    let (stream, ()) = tokio::join!(asked, watch);
    let (_, done) = collect(stream.unwrap()).await.unwrap();
    assert_eq!(done.finish, Finish::Cancelled);
    double.left.recv().await.unwrap();
}

#[tokio::test]
async fn a_stop_string_the_server_ignores_still_holds() {
    let double = Double::start(vec![chunked(
        &[&content("one E"), &content("ND two"), "data: [DONE]\n\n"],
        true,
    )])
    .await;
    let request = GenRequest {
        stop: vec!["END".to_owned()],
        ..ask("hi", 50)
    };
    let (text, done) = outcome(&engine(&double.url(), |_| {}), request)
        .await
        .unwrap();
    assert_eq!((text.as_str(), done.finish), ("one ", Finish::Stop));
}

fn with_schema() -> GenRequest {
    let schema = json!({ "type": "object", "required": ["n"], "properties": { "n": { "type": "integer" } } });
    GenRequest {
        constraint: Some(Constraint::JsonSchema(schema)),
        ..ask("hi", 50)
    }
}

#[tokio::test]
async fn a_schema_goes_to_the_server_and_the_answer_is_checked() {
    let mut double = Double::start(vec![chunked(
        &[&content("{\"n\":"), &content(" 3 }"), "data: [DONE]\n\n"],
        true,
    )])
    .await;
    let (text, _) = outcome(&engine(&double.url(), |_| {}), with_schema())
        .await
        .unwrap();
    assert_eq!(text, "{\"n\":3}");
    let body = body(&double.requests.recv().await.unwrap());
    assert_eq!(
        body["response_format"]["json_schema"]["schema"]["required"],
        json!(["n"])
    );
}

#[tokio::test]
async fn a_server_without_schemas_is_asked_once_more_in_words() {
    let refusal = plain(
        "400 Bad Request",
        r#"{"error":{"message":"unknown field response_format"}}"#,
    );
    let good = chunked(
        &[&content("```json\n{\"n\": 4}\n```"), "data: [DONE]\n\n"],
        true,
    );
    let mut double = Double::start(vec![refusal.clone(), good]).await;
    let (text, _) = outcome(&engine(&double.url(), |_| {}), with_schema())
        .await
        .unwrap();
    assert_eq!(text, "{\"n\":4}");
    double.requests.recv().await.unwrap();
    let body = body(&double.requests.recv().await.unwrap());
    assert!(
        body.get("response_format").is_none()
            && body["messages"][0]["content"]
                .as_str()
                .unwrap()
                .contains("\"required\"")
    );

    let double = Double::start(vec![refusal]).await;
    let error = outcome(&engine(&double.url(), |_| {}), with_schema())
        .await
        .unwrap_err();
    assert!(
        matches!(error, EngineError::Refused { status: 400, .. }),
        "no third request: {error}"
    );
}

#[tokio::test]
async fn an_answer_that_breaks_the_schema_is_an_error() {
    let double = Double::start(vec![chunked(
        &[&content("{\"n\":\"three\"}"), "data: [DONE]\n\n"],
        true,
    )])
    .await;
    let error = outcome(&engine(&double.url(), |_| {}), with_schema())
        .await
        .unwrap_err();
    assert!(
        matches!(error, EngineError::SchemaIgnored { .. }),
        "{error}"
    );
}

#[tokio::test]
async fn what_a_server_cannot_do_is_refused_before_it_is_asked() {
    let engine = engine("http://127.0.0.1:9/v1", |_| {});
    let request = GenRequest {
        constraint: Some(Constraint::Regex("a".to_owned())),
        ..ask("hi", 50)
    };
    assert!(matches!(
        outcome(&engine, request).await,
        Err(EngineError::Unsupported { .. })
    ));
    assert!(matches!(
        outcome(&engine, GenRequest::default()).await,
        Err(EngineError::Request { .. })
    ));
}
