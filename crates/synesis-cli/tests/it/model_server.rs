//! An OpenAI-compatible server whose every word waits for the test.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

/// How long a test waits before it calls something stuck.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the server tells the test.
#[derive(Debug, PartialEq)]
pub(crate) enum Seen {
    /// A question came in, with its body.
    Asked(Value),
    /// The asker hung up before the answer was whole.
    HungUp,
    /// The answer was sent whole.
    Answered,
}

/// The server, on a port of its own.
pub(crate) struct ModelServer {
    addr: SocketAddr,
    words: Sender<Option<String>>,
    seen: Mutex<Receiver<Seen>>,
}

impl ModelServer {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap();
        let (words, to_say) = channel();
        let (tell, seen) = channel();
        let to_say = Arc::new(Mutex::new(to_say));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (to_say, tell) = (Arc::clone(&to_say), tell.clone());
                std::thread::spawn(move || {
                    let _ = serve(stream.unwrap(), &to_say, &tell);
                });
            }
        });
        Self {
            addr,
            words,
            seen: Mutex::new(seen),
        }
    }

    /// How the model is named on the command line.
    pub(crate) fn model(&self) -> String {
        format!("openai:http://{}/v1#scripted", self.addr)
    }

    /// Says the next piece of the answer.
    pub(crate) fn say(&self, text: &str) {
        self.words.send(Some(text.to_owned())).unwrap();
    }

    /// Ends the answer.
    pub(crate) fn end(&self) {
        self.words.send(None).unwrap();
    }

    /// The next thing that happened.
    #[track_caller]
    pub(crate) fn saw(&self) -> Seen {
        self.seen
            .lock()
            .unwrap()
            .recv_timeout(PATIENCE)
            .expect("the model server saw nothing")
    }
}

fn serve(
    stream: TcpStream,
    to_say: &Mutex<Receiver<Option<String>>>,
    tell: &Sender<Seen>,
) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream.try_clone()?);
    loop {
        let Some((path, body)) = read_request(&mut reader)? else {
            return Ok(());
        };
        if !path.ends_with("/chat/completions") {
            answer_json(
                &stream,
                &json!({ "object": "list", "data": [{ "id": "scripted", "object": "model" }] }),
            )?;
            continue;
        }
        let asked: Value = serde_json::from_slice(&body)?;
        tell.send(Seen::Asked(asked)).ok();
        if let Err(_gone) = talk(&stream, to_say) {
            tell.send(Seen::HungUp).ok();
            return Ok(());
        }
        tell.send(Seen::Answered).ok();
    }
}

/// Sends what the test says, chunk by chunk, and notices when the asker hangs up.
fn talk(mut stream: &TcpStream, to_say: &Mutex<Receiver<Option<String>>>) -> std::io::Result<()> {
    stream.write_all(
        b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n",
    )?;
    let to_say = to_say.lock().unwrap();
    let mut tokens = 0;
    loop {
        match to_say.recv_timeout(Duration::from_millis(10)) {
            Ok(Some(text)) => {
                tokens += 1;
                event(
                    stream,
                    &json!({ "choices": [{ "index": 0, "delta": { "content": text } }] })
                        .to_string(),
                )?;
            }
            Ok(None) => break,
            Err(RecvTimeoutError::Timeout) => hung_up(stream)?,
            Err(RecvTimeoutError::Disconnected) => {
                return Err(std::io::ErrorKind::BrokenPipe.into());
            }
        }
    }
    event(
        stream,
        &json!({ "choices": [{ "index": 0, "delta": {}, "finish_reason": "stop" }] }).to_string(),
    )?;
    let usage =
        json!({ "prompt_tokens": 11, "completion_tokens": tokens, "total_tokens": 11 + tokens });
    event(
        stream,
        &json!({ "choices": [], "usage": usage }).to_string(),
    )?;
    event(stream, "[DONE]")?;
    stream.write_all(b"0\r\n\r\n")
}

fn event(mut stream: &TcpStream, data: &str) -> std::io::Result<()> {
    let text = format!("data: {data}\n\n");
    stream.write_all(format!("{:x}\r\n{text}\r\n", text.len()).as_bytes())
}

fn hung_up(stream: &TcpStream) -> std::io::Result<()> {
    stream.set_nonblocking(true)?;
    let peeked = stream.peek(&mut [0]);
    stream.set_nonblocking(false)?;
    match peeked {
        Ok(0) => Err(std::io::ErrorKind::ConnectionReset.into()),
        Err(error) if error.kind() != std::io::ErrorKind::WouldBlock => Err(error),
        _ => Ok(()),
    }
}

fn answer_json(mut stream: &TcpStream, value: &Value) -> std::io::Result<()> {
    let body = value.to_string();
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all((head + &body).as_bytes())
}

fn read_request(reader: &mut BufReader<TcpStream>) -> std::io::Result<Option<(String, Vec<u8>)>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let path = line
        .split_whitespace()
        .nth(1)
        .unwrap_or_default()
        .to_owned();
    let mut length = 0;
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        if line.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().unwrap_or(0);
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(Some((path, body)))
}
