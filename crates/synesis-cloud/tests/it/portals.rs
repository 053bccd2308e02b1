//! A captive portal: UDP is swallowed, and over TCP somebody else answers in the place of the cloud,
//! until a person has signed in. The tunnel says so, gives up nothing, and comes up by itself.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::PrivatePkcs8KeyDer;
use synesis_cloud::{
    AuthCause, CloudError, CloudTunnel, Mend, TransportChoice, TunnelConfig, TunnelState,
};
use synesis_testkit::{MockCloudServer, UdpRelay};
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use crate::world::{config, soon, until};

const REDIRECT: &str = "HTTP/1.1 302 Found\r\nlocation: http://portal.example/\r\n\
                        content-length: 0\r\nconnection: close\r\n\r\n";

/// How a portal shows itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Face {
    /// No TLS: a redirect to whoever says anything.
    Plain,
    /// A certificate of an authority that the device does not know.
    OtherAuthority,
    /// A certificate that the device would believe, for the portal's own name.
    OtherName,
    /// A certificate that the device believes, as an inspecting proxy of a company has it, and a
    /// redirect in place of the WebSocket.
    Redirect,
}

/// A portal. It closes when it is dropped.
struct Portal {
    authority_pem: String,
    accepting: JoinHandle<()>,
}

impl Drop for Portal {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Portal {
    /// Listens where TCP to a cloud would go, and gives that cloud: one whose number no other test has
    /// for TCP.
    async fn open(face: Face) -> (MockCloudServer, Self) {
        loop {
            let server = MockCloudServer::start();
            match TcpListener::bind(server.address()).await {
                Ok(listener) => return (server, Self::serve(listener, face)),
                Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::AddrInUse),
            }
        }
    }

    fn serve(listener: TcpListener, face: Face) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority_pem = params.self_signed(&key).unwrap().pem();
        let name = match face {
            Face::OtherName => "portal.example",
            _ => "127.0.0.1",
        };
        let acceptor = acceptor(&Issuer::new(params, key), name);
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    if face == Face::Plain {
                        redirect(stream).await;
                    } else if let Ok(stream) = acceptor.accept(stream).await {
                        redirect(stream).await;
                    }
                });
            }
        });
        Self {
            authority_pem,
            accepting,
        }
    }

    /// Closes, and waits until its port is free.
    async fn close(mut self) {
        self.accepting.abort();
        assert!((&mut self.accepting).await.unwrap_err().is_cancelled());
    }
}

fn acceptor(issuer: &Issuer<'_, KeyPair>, name: &str) -> TlsAcceptor {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    let certificate = params.signed_by(&key, issuer).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let tls = rustls::ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
        )
        .unwrap();
    TlsAcceptor::from(Arc::new(tls))
}

/// Redirects whatever is asked.
async fn redirect(mut stream: impl AsyncRead + AsyncWrite + Unpin) {
    let mut asked = [0; 4096];
    if stream.read(&mut asked).await.is_ok() {
        // The device may have left.
        let _ = stream.write_all(REDIRECT.as_bytes()).await;
        let _ = stream.shutdown().await;
    }
}

/// A device on a network with a portal, and a cloud behind it.
struct Cafe {
    // It keeps its address as long as it lives.
    _server: MockCloudServer,
    relay: UdpRelay,
    portal: Portal,
    tunnel: CloudTunnel,
    _folder: TempDir,
}

impl Cafe {
    async fn enter(face: Face, change: impl FnOnce(&mut TunnelConfig)) -> Self {
        let (server, portal) = Portal::open(face).await;
        let relay = UdpRelay::start(server.address()).await;
        let folder = tempfile::tempdir().unwrap();
        server.write_identity_at(folder.path(), &relay.url());
        let mut config = config(&folder);
        if matches!(face, Face::OtherName | Face::Redirect) {
            let trusted = std::fs::read_to_string(&config.ca_path).unwrap();
            std::fs::write(&config.ca_path, trusted + &portal.authority_pem).unwrap();
        }
        relay.blackhole(true);
        config.connect_timeout = Duration::from_millis(300);
        change(&mut config);
        Self {
            _server: server,
            relay,
            portal,
            tunnel: CloudTunnel::new(config),
            _folder: folder,
        }
    }
}

/// What a person is told of an error: each cause in turn.
fn told(error: &CloudError) -> String {
    let mut told = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        told.push_str(": ");
        told.push_str(&next.to_string());
        cause = next.source();
    }
    told
}

/// Meets a portal, checks what is said of it, signs in, and waits for the tunnel.
async fn met(face: Face, sign: &str) {
    let cafe = Cafe::enter(face, |_| {}).await;
    let mut events = cafe.tunnel.events();
    let error = soon("an answer", cafe.tunnel.connect()).await.unwrap_err();
    assert!(
        matches!(error, CloudError::ConnectionFailed { .. }),
        "{face:?}: {error:?}"
    );
    let words = told(&error);
    assert!(
        words.contains("the network may want a sign-in first"),
        "{words}"
    );
    assert!(words.contains(sign), "{words}");
    assert!(error.is_retryable());
    assert_eq!(error.mend(), Some(Mend::Reach));
    // Not failed: it goes on by itself, and says meanwhile why.
    until(&mut events, "reconnecting 1").await;
    until(&mut events, "reconnecting 3").await;
    let trouble = cafe.tunnel.trouble().unwrap();
    assert!(told(&trouble).contains(sign), "{trouble:?}");

    cafe.portal.close().await;
    cafe.relay.blackhole(false);
    until(&mut events, "connected").await;
    assert!(cafe.tunnel.ping("online".into()).await.is_ok());
    assert!(cafe.tunnel.trouble().is_none());
}

#[tokio::test]
async fn portal_that_speaks_no_tls_is_named_and_outlasted() {
    met(Face::Plain, "it speaks no TLS").await;
}

#[tokio::test]
async fn portal_of_another_authority_is_named_and_outlasted() {
    met(
        Face::OtherAuthority,
        "its certificate is from another authority",
    )
    .await;
}

#[tokio::test]
async fn portal_of_another_name_is_named_and_outlasted() {
    met(Face::OtherName, "its certificate is for another name").await;
}

#[tokio::test]
async fn portal_that_redirects_in_place_of_a_websocket_is_named_and_outlasted() {
    met(Face::Redirect, "it redirects to another page").await;
}

#[tokio::test]
async fn first_cloud_over_a_websocket_alone_has_to_be_the_right_one() {
    let cafe = Cafe::enter(Face::OtherAuthority, |config| {
        config.transport = TransportChoice::WebSocketOnly;
    })
    .await;
    let error = soon("an answer", cafe.tunnel.connect()).await.unwrap_err();
    let wrong_ca = CloudError::AuthenticationFailed {
        cause: AuthCause::WrongCa,
    };
    assert_eq!(format!("{error:?}"), format!("{wrong_ca:?}"));
    assert!(matches!(cafe.tunnel.state(), TunnelState::Failed { .. }));
}
