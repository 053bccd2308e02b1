//! `MockEnrolment`: the HTTPS side of a cloud, as far as enrolling goes. Real TLS, one answer a
//! connection.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;

use rustls::{ServerConnection, StreamOwned};
use serde_json::{Value, json};

use crate::authority::Authority;
use crate::mock::{DEVICE, USER};

/// An enrolment page that takes one token, any number of times.
pub struct MockEnrolment {
    address: SocketAddr,
    authority: Arc<Authority>,
}

impl MockEnrolment {
    /// Starts one with an authority of its own. It ends with the test.
    #[must_use]
    pub fn start(token: &'static str) -> Self {
        let authority = Arc::new(Authority::new());
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("a bound socket");
        let tls = Arc::new(server_config(&authority));
        let signer = Arc::clone(&authority);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let connection = ServerConnection::new(Arc::clone(&tls)).expect("TLS");
                // A client that does not trust this authority ends the handshake.
                let _ = answer(StreamOwned::new(connection, stream), &signer, token);
            }
        });
        Self { address, authority }
    }

    /// The address for devices.
    #[must_use]
    pub fn url(&self) -> String {
        format!("https://{}", self.address)
    }

    /// The authority of this cloud.
    #[must_use]
    pub fn authority(&self) -> &Authority {
        &self.authority
    }
}

fn server_config(authority: &Authority) -> rustls::ServerConfig {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let (certificate, key) = authority.server();
    rustls::ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .expect("TLS 1.3")
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .expect("the server's certificate")
}

fn answer(
    mut stream: StreamOwned<ServerConnection, TcpStream>,
    authority: &Authority,
    token: &str,
) -> std::io::Result<()> {
    let request = read_body(&mut stream)?;
    let (status, body) = match request.get("csr_pem").and_then(Value::as_str) {
        Some(csr) if request.get("token") == Some(&json!(token)) => {
            let (certificate_pem, not_after) = authority.sign(csr);
            let enrolled = json!({
                "certificate_pem": certificate_pem,
                "ca_pem": authority.certificate_pem(),
                "device_id": DEVICE.to_string(),
                "user_id": USER.to_string(),
                "not_after": not_after.as_millis(),
            });
            ("200 OK", enrolled)
        }
        Some(_) => ("401 Unauthorized", json!({"message": "no such token"})),
        None => ("400 Bad Request", json!({"message": "no signing request"})),
    };
    let body = body.to_string();
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )?;
    stream.conn.send_close_notify();
    stream.flush()
}

/// The JSON of a request whose headers name its length.
fn read_body(stream: &mut impl Read) -> std::io::Result<Value> {
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let length = stream.read(&mut piece)?;
        if length == 0 {
            return Ok(Value::Null);
        }
        bytes.extend_from_slice(piece.get(..length).unwrap_or_default());
        let text = String::from_utf8_lossy(&bytes);
        if let Some((_, body)) = text.split_once("\r\n\r\n")
            && let Ok(value) = serde_json::from_str(body)
        {
            return Ok(value);
        }
    }
}
