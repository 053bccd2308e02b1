//! A server that says exactly what a test wrote down, on a real socket.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

/// What the server does with one connection.
#[derive(Clone)]
pub(crate) enum Say {
    /// These bytes, each part in its own packet, then the end.
    Parts(Vec<Vec<u8>>),
    /// These bytes, then nothing, until the other side goes away.
    ThenHang(Vec<u8>),
}

/// A running double. It stops when dropped.
pub(crate) struct Double {
    pub(crate) address: SocketAddr,
    /// Every request that came, head and body.
    pub(crate) requests: mpsc::UnboundedReceiver<String>,
    /// Told when a client went away from a hanging answer.
    pub(crate) left: mpsc::UnboundedReceiver<()>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Double {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Double {
    /// One script per connection, the last one for all that follow.
    pub(crate) async fn start(scripts: Vec<Say>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (request_sender, requests) = mpsc::unbounded_channel();
        let (left_sender, left) = mpsc::unbounded_channel();
        let task = tokio::spawn(async move {
            let mut scripts = scripts.into_iter();
            let mut script = scripts.next().unwrap();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(serve(
                    stream,
                    script.clone(),
                    request_sender.clone(),
                    left_sender.clone(),
                ));
                script = scripts.next().unwrap_or(script);
            }
        });
        Self {
            address,
            requests,
            left,
            task,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/v1", self.address)
    }
}

async fn serve(
    mut stream: TcpStream,
    script: Say,
    requests: mpsc::UnboundedSender<String>,
    left: mpsc::UnboundedSender<()>,
) {
    stream.set_nodelay(true).unwrap();
    requests.send(read_request(&mut stream).await).unwrap();
    match script {
        Say::Parts(parts) => {
            for part in parts {
                if stream.write_all(&part).await.is_err() {
                    return;
                }
                stream.flush().await.unwrap();
                tokio::task::yield_now().await;
            }
            let _ = stream.shutdown().await;
        }
        Say::ThenHang(bytes) => {
            stream.write_all(&bytes).await.unwrap();
            let mut rest = [0; 64];
            while !matches!(stream.read(&mut rest).await, Ok(0) | Err(_)) {}
            let _ = left.send(());
        }
    }
}

async fn read_request(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut part = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some(end) = text.find("\r\n\r\n") {
            let length = text.lines().find_map(|line| {
                line.to_ascii_lowercase()
                    .strip_prefix("content-length:")
                    .map(|n| n.trim().parse::<usize>().unwrap())
            });
            if bytes.len() >= end + 4 + length.unwrap_or(0) {
                return text;
            }
        }
        let read = tokio::time::timeout(Duration::from_secs(10), stream.read(&mut part))
            .await
            .unwrap()
            .unwrap();
        assert!(read > 0, "the client closed inside its request");
        bytes.extend_from_slice(&part[..read]);
    }
}

/// A whole answer with a body of known length.
pub(crate) fn plain(status: &str, body: &str) -> Say {
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    Say::Parts(vec![(head + body).into_bytes()])
}

/// The head of an event stream that ends with the connection.
pub(crate) fn stream_head() -> Vec<u8> {
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n".to_vec()
}

/// The same, chunked, so that a missing end shows.
pub(crate) fn chunked(parts: &[&str], ended: bool) -> Say {
    let mut all = vec![
        b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
            .to_vec(),
    ];
    all.extend(
        parts
            .iter()
            .map(|part| format!("{:x}\r\n{part}\r\n", part.len()).into_bytes()),
    );
    if ended {
        all.push(b"0\r\n\r\n".to_vec());
    }
    Say::Parts(all)
}
