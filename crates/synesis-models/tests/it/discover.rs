//! Finding servers by what they answer.

use std::time::{Duration, Instant};

use synesis_models::{Place, ServerKind, discover_at};

use crate::double::{Double, Say, plain};

fn place(kind: ServerKind, double: &Double) -> Place {
    Place {
        kind,
        root: format!("http://{}", double.address).parse().unwrap(),
    }
}

#[tokio::test]
async fn servers_are_found_with_their_models_and_strangers_are_not() {
    let mut ollama = Double::start(vec![plain(
        "200 OK",
        r#"{"models":[{"name":"llama3.2:3b"},{"name":"qwen3:0.6b"}]}"#,
    )])
    .await;
    let listed =
        r#"{"object":"list","data":[{"id":"some.gguf","object":"model","owned_by":"llamacpp"}]}"#;
    let llama = Double::start(vec![plain("200 OK", listed)]).await;
    let website = Double::start(vec![plain("200 OK", "<html>hello</html>")]).await;
    let missing = Double::start(vec![plain("404 Not Found", "{}")]).await;
    let places = [
        place(ServerKind::Ollama, &ollama),
        place(ServerKind::Vllm, &llama),
        place(ServerKind::LlamaServer, &website),
        place(ServerKind::LmStudio, &missing),
    ];
    let found = discover_at(&places, Duration::from_secs(5)).await;
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!(
        (found[0].kind, found[0].models.as_slice()),
        (
            ServerKind::Ollama,
            ["llama3.2:3b".to_owned(), "qwen3:0.6b".to_owned()].as_slice()
        )
    );
    assert_eq!(
        found[1].kind,
        ServerKind::LlamaServer,
        "the server's own word counts more than the port"
    );
    assert_eq!(
        found[0].model("qwen3:0.6b").to_string(),
        format!("openai:{}#qwen3:0.6b", ollama.url())
    );
    assert!(
        ollama
            .requests
            .recv()
            .await
            .unwrap()
            .starts_with("GET /api/tags ")
    );
}

#[tokio::test]
async fn servers_that_hang_cost_one_timeout_together() {
    let doubles = [
        Double::start(vec![Say::ThenHang(Vec::new())]).await,
        Double::start(vec![Say::ThenHang(Vec::new())]).await,
    ];
    let places: Vec<Place> = doubles
        .iter()
        .map(|double| place(ServerKind::Ollama, double))
        .collect();
    let start = Instant::now();
    assert!(
        discover_at(&places, Duration::from_millis(300))
            .await
            .is_empty()
    );
    assert!(start.elapsed() < Duration::from_millis(2_000));
}
