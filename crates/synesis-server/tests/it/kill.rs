//! The real binary is ended in the middle of an answer: by `kill -9`, and what the next start makes of
//! it, and by SIGTERM, which lets the answer end.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::response::IntoResponse;
use axum::routing::post;
use futures::StreamExt;
use synesis_server::{ServerState, enrolment_token_path};
use synesis_wire::proto::stream_chunk::Payload;
use synesis_wire::proto::{PingRequest, answer, call};
use tokio::sync::mpsc;

use crate::backend::{Backend, on_both};
use crate::client::{Device, REQUEST, ask, assert_same, balance, escalate, escalation, usage};

/// A model's server that says what the test says.
#[derive(Clone)]
struct Upstream {
    calls: mpsc::UnboundedSender<mpsc::UnboundedSender<String>>,
}

async fn complete(State(upstream): State<Upstream>) -> impl IntoResponse {
    let (say, said) = mpsc::unbounded_channel::<String>();
    upstream.calls.send(say).unwrap();
    let events = futures::stream::unfold(said, |mut said| async {
        let line = said.recv().await?;
        let event = Bytes::from(format!("data: {line}\n\n"));
        Some((Ok::<_, std::io::Error>(event), said))
    });
    let body = Body::from_stream(events.boxed());
    ([("content-type", "text/event-stream")], body)
}

struct Model {
    url: String,
    calls: mpsc::UnboundedReceiver<mpsc::UnboundedSender<String>>,
}

impl Model {
    async fn start() -> Self {
        let (sender, calls) = mpsc::unbounded_channel();
        let router = axum::Router::new()
            .route("/v1/chat/completions", post(complete))
            .with_state(Upstream { calls: sender });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!(
            "openai:http://{}/v1#scripted",
            listener.local_addr().unwrap()
        );
        tokio::spawn(axum::serve(listener, router).into_future());
        Self { url, calls }
    }

    async fn called(&mut self) -> mpsc::UnboundedSender<String> {
        let call = tokio::time::timeout(crate::client::PATIENCE, self.calls.recv());
        call.await.expect("the model was not called").unwrap()
    }
}

fn word(text: &str) -> String {
    serde_json::json!({
        "object": "chat.completion.chunk",
        "choices": [{"index": 0, "delta": {"content": text}, "finish_reason": null}],
    })
    .to_string()
}

fn last() -> String {
    serde_json::json!({
        "object": "chat.completion.chunk",
        "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 7, "completion_tokens": 1, "total_tokens": 8},
    })
    .to_string()
}

/// The server as a process of its own.
pub(crate) struct Process(Child);

impl Process {
    pub(crate) fn start(data_dir: &Path, model: &str, backend: &Backend) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_synesis-server"))
            .args([
                "run",
                "--listen",
                "127.0.0.1:0",
                "--model",
                model,
                "--data-dir",
            ])
            .arg(data_dir)
            .env_remove("SYNESIS_LOG")
            .env_remove("SYNESIS_DATABASE_URL")
            .envs(backend.url().map(|url| ("SYNESIS_DATABASE_URL", url)))
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
        let listens = log
            .by_ref()
            .map_while(Result::ok)
            .any(|line| line.contains("the server listens"));
        assert!(listens, "the server did not start");
        // The rest of the log is read away, so that the pipe never fills.
        std::thread::spawn(move || log.for_each(drop));
        Self(child)
    }

    /// Asks it to end, as a service manager does.
    #[cfg(unix)]
    fn terminate(&self) {
        let asked = Command::new("kill")
            .args(["-TERM", &self.0.id().to_string()])
            .status();
        assert!(asked.unwrap().success());
    }

    /// Its exit status, once it has ended by itself.
    #[cfg(unix)]
    async fn ended(mut self) -> std::process::ExitStatus {
        let waiting = async {
            loop {
                if let Some(status) = self.0.try_wait().unwrap() {
                    return status;
                }
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(crate::client::PATIENCE, waiting)
            .await
            .expect("the server did not end")
    }

    pub(crate) fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub(crate) async fn enrol(data_dir: &Path) -> Device {
    let addr = ServerState::read(data_dir).unwrap().unwrap().addr;
    let token = std::fs::read_to_string(enrolment_token_path(data_dir)).unwrap();
    Device::enrol(addr, data_dir, &token).await.unwrap()
}

pub(crate) fn again(device: Device, data_dir: &Path) -> Device {
    device.at(ServerState::read(data_dir).unwrap().unwrap().addr)
}

async fn a_killed_server_charges_what_it_recorded_once_and_holds_nothing(backend: Backend) {
    const WORDS: usize = 200;
    let dir = tempfile::tempdir().unwrap();
    let mut model = Model::start().await;
    let process = Process::start(dir.path(), &model.url, &backend);
    let device = enrol(dir.path()).await;
    let connection = device.connect().await.unwrap();
    let mut stream = escalate(&connection, escalation(REQUEST, "q")).await;
    let say = model.called().await;
    let mut seen = String::new();
    for number in 0..WORDS {
        say.send(word(&format!(" {number}"))).unwrap();
        match stream.chunk().await.payload {
            Some(Payload::Content(text)) => seen.push_str(&text),
            other => panic!("no word: {other:?}"),
        }
    }
    process.kill();
    let _process = Process::start(dir.path(), &model.url, &backend);
    let connection = again(device, dir.path()).connect().await.unwrap();
    let after = balance(&connection).await;
    assert_eq!((after.held_nano_usd, after.calls), (0, 1));
    assert!(after.charged_nano_usd > 0);
    assert!(
        (1..=WORDS as u64).contains(&after.completion_tokens),
        "{after:?}"
    );
    assert_eq!(usage(&connection, REQUEST).await.state, "settled");
    // The retry gets what was recorded and paid, and is told that it broke off.
    let (text, last) = escalate(&connection, escalation(REQUEST, "q"))
        .await
        .rest()
        .await;
    assert!(!text.is_empty() && seen.starts_with(&text), "{text}");
    assert!(matches!(last, Payload::Error(error) if error.code == "shutting_down"));
    assert_same(&balance(&connection).await, &after);
    assert!(
        model.calls.try_recv().is_err(),
        "the model was called again"
    );
}

async fn a_call_of_which_nothing_was_recorded_is_free_and_can_be_asked_anew(backend: Backend) {
    let dir = tempfile::tempdir().unwrap();
    let mut model = Model::start().await;
    let process = Process::start(dir.path(), &model.url, &backend);
    let device = enrol(dir.path()).await;
    let connection = device.connect().await.unwrap();
    let mut stream = escalate(&connection, escalation(REQUEST, "q")).await;
    let say = model.called().await;
    say.send(word("lost")).unwrap();
    stream.chunk().await;
    process.kill();
    let _process = Process::start(dir.path(), &model.url, &backend);
    let connection = again(device, dir.path()).connect().await.unwrap();
    let after = balance(&connection).await;
    assert_eq!((after.held_nano_usd, after.charged_nano_usd), (0, 0));
    assert_eq!(usage(&connection, REQUEST).await.state, "released");
    let mut stream = escalate(&connection, escalation(REQUEST, "q")).await;
    let say = model.called().await;
    say.send(word("found")).unwrap();
    say.send(last()).unwrap();
    say.send("[DONE]".to_owned()).unwrap();
    drop(say);
    let (text, _) = stream.rest().await;
    assert_eq!(text, "found");
    assert_eq!(balance(&connection).await.calls, 1);
}

#[cfg(unix)]
#[tokio::test]
async fn a_terminated_server_lets_the_answer_end_and_takes_no_new_call() {
    let dir = tempfile::tempdir().unwrap();
    let mut model = Model::start().await;
    let process = Process::start(dir.path(), &model.url, &Backend::SQLITE);
    let device = enrol(dir.path()).await;
    let connection = device.connect().await.unwrap();
    let mut stream = escalate(&connection, escalation(REQUEST, "q")).await;
    let say = model.called().await;
    say.send(word("before ")).unwrap();
    stream.chunk().await;
    process.terminate();
    // It says so before anything ends.
    let announced = connection.accept_uni();
    tokio::time::timeout(crate::client::PATIENCE, announced)
        .await
        .expect("the drain was not announced")
        .unwrap();
    let refused = ask(&connection, call::Body::Ping(PingRequest::default())).await;
    assert!(matches!(refused, answer::Body::Error(error) if error.code == "shutting_down"));
    say.send(word("after")).unwrap();
    say.send(last()).unwrap();
    say.send("[DONE]".to_owned()).unwrap();
    drop(say);
    let (text, end) = stream.rest().await;
    assert_eq!(text, "after");
    assert!(matches!(end, Payload::End(_)), "{end:?}");
    assert!(process.ended().await.success());
    // What was answered is charged, once, and the answer is kept.
    let _process = Process::start(dir.path(), &model.url, &Backend::SQLITE);
    let connection = again(device, dir.path()).connect().await.unwrap();
    let (text, _) = escalate(&connection, escalation(REQUEST, "q"))
        .await
        .rest()
        .await;
    assert_eq!(text, "before after");
    assert_eq!(balance(&connection).await.calls, 1);
}

#[test]
fn wrong_use_and_missing_folders_have_their_exit_status() {
    let dir = tempfile::tempdir().unwrap();
    let run = |args: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_synesis-server"))
            .args(args)
            .env("SYNESIS_DATA_DIR", dir.path().join("none"))
            .output()
            .unwrap();
        let text = String::from_utf8(output.stderr).unwrap();
        (output.status.code(), text)
    };
    assert_eq!(run(&["run", "--listen", "nowhere"]).0, Some(2));
    let (status, text) = run(&["token", "create"]);
    assert_eq!(status, Some(1));
    assert!(text.starts_with("error: "), "{text}");
    assert!(text.contains("there is no cloud here"), "{text}");
    let (status, text) = run(&["run", "--config", "missing.toml"]);
    assert_eq!(status, Some(1));
    assert!(text.contains("missing.toml"), "{text}");
}

on_both!(
    a_killed_server_charges_what_it_recorded_once_and_holds_nothing,
    a_call_of_which_nothing_was_recorded_is_free_and_can_be_asked_anew
);
