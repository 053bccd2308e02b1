//! `MockCloudServer`: a real QUIC endpoint with a scripted cloud behind it.

pub(crate) mod books;
mod call;
mod endpoint;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;

use synesis_domain::{DeviceId, NanoUsd, TokenUsage, UserId};
use synesis_wire::CloseCode;
use synesis_wire::proto::{Control, Drain, EscalationRequest, control};
use tokio::sync::{oneshot, watch};

use self::books::Lie;

use crate::authority::{Authority, Validity, write_identity};
use crate::script::{BillingEvent, Held, Hold, Plan, Stage};

pub(crate) const USER: UserId = UserId::from_bytes([0x11; 16]);
pub(crate) const DEVICE: DeviceId = DeviceId::from_bytes([0x22; 16]);

/// How a running mock ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// Closes its connections and waits until that has left.
    Goodbye,
    /// Drops everything where it stands.
    Killed,
}

/// A cloud for tests of the device's side.
pub struct MockCloudServer {
    authority: Arc<Authority>,
    keys: endpoint::Keys,
    alpn: Vec<u8>,
    address: SocketAddr,
    stage: Arc<Stage>,
    running: Option<(oneshot::Sender<Ending>, JoinHandle<()>)>,
}

impl MockCloudServer {
    /// A cloud whose answers are one piece of text.
    #[must_use]
    pub fn start() -> Self {
        Self::start_streaming(&["The answer of the mock cloud."])
    }

    /// A cloud whose answers are these pieces of text.
    #[must_use]
    pub fn start_streaming(pieces: &[&str]) -> Self {
        Self::start_speaking(synesis_wire::ALPN, pieces)
    }

    /// A cloud that speaks another version of the protocol.
    #[must_use]
    pub fn start_speaking(alpn: &[u8], pieces: &[&str]) -> Self {
        let pieces = pieces.iter().map(|piece| (*piece).to_owned()).collect();
        let mut server = Self {
            authority: Arc::new(Authority::new()),
            keys: endpoint::Keys::new(),
            alpn: alpn.to_vec(),
            address: ([127, 0, 0, 1], 0).into(),
            stage: Arc::new(Stage::new(pieces)),
            running: None,
        };
        server.run();
        server
    }

    fn run(&mut self) {
        let parts = endpoint::Parts::bind(self.address, &self.authority, self.keys, &self.alpn);
        self.address = parts.address();
        let (end, ended) = oneshot::channel();
        let stage = Arc::clone(&self.stage);
        let thread = std::thread::spawn(move || endpoint::run(parts, stage, ended));
        self.running = Some((end, thread));
    }

    fn end(&mut self, ending: Ending) {
        if let Some((end, thread)) = self.running.take() {
            // The thread has ended already if it failed; joining tells.
            let _ = end.send(ending);
            thread.join().expect("the mock cloud did not fail");
            self.stage.book().connections.clear();
        }
    }

    /// Ends without a word, as a crash does. What was received stays known.
    pub fn kill(&mut self) {
        self.end(Ending::Killed);
    }

    /// Says goodbye to everybody and ends.
    pub fn shutdown(&mut self) {
        self.end(Ending::Goodbye);
    }

    /// Starts again on the same port with the same keys.
    pub fn restart(&mut self) {
        self.end(Ending::Killed);
        self.run();
    }

    /// The address for clients.
    #[must_use]
    pub fn url(&self) -> String {
        format!("https://127.0.0.1:{}", self.address.port())
    }

    /// The socket it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The authority that signed this cloud's certificate and those of its devices.
    #[must_use]
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// Writes the identity of a good device into a folder.
    pub fn write_identity(&self, folder: &Path) {
        self.write_identity_at(folder, &self.url());
    }

    /// Writes the identity of a good device that reaches this cloud at another address.
    pub fn write_identity_at(&self, folder: &Path, url: &str) {
        let certificate = self.authority.client(USER, DEVICE, Validity::Now);
        let ca = self.authority.certificate_pem();
        write_identity(folder, url, &certificate, ca, (USER, DEVICE));
    }

    /// Writes an identity whose certificate has ended.
    pub fn write_expired_identity(&self, folder: &Path) {
        let certificate = self.authority.client(USER, DEVICE, Validity::Past);
        let ca = self.authority.certificate_pem();
        write_identity(folder, &self.url(), &certificate, ca, (USER, DEVICE));
    }

    /// Writes an identity that another cloud signed, and that trusts this one.
    pub fn write_foreign_identity(&self, folder: &Path) {
        let certificate = Authority::new().client(USER, DEVICE, Validity::Now);
        let ca = self.authority.certificate_pem();
        write_identity(folder, &self.url(), &certificate, ca, (USER, DEVICE));
    }

    /// Writes an identity that this cloud signed, and that trusts another one.
    pub fn write_distrusting_identity(&self, folder: &Path) {
        let certificate = self.authority.client(USER, DEVICE, Validity::Now);
        let other = Authority::new();
        let ca = other.certificate_pem();
        write_identity(folder, &self.url(), &certificate, ca, (USER, DEVICE));
    }

    /// What to do with the next escalation that has no plan yet.
    pub fn plan(&self, plan: Plan) {
        self.stage.book().plans.push_back(plan);
    }

    /// Holds the next answer back after so many pieces of text.
    #[must_use]
    pub fn hold_after(&self, pieces: usize) -> Hold {
        let (reached, reached_out) = oneshot::channel();
        let (release, released) = oneshot::channel();
        self.stage.book().holds.push_back(Held {
            after: pieces,
            reached,
            released,
        });
        Hold {
            reached: Some(reached_out),
            release: Some(release),
        }
    }

    /// Closes every connection with this code, now and as soon as one is made.
    pub fn turn_away(&self, code: CloseCode) {
        self.stage.book().turned_away = Some(code);
        self.disconnect_client(code);
    }

    /// Closes the connections that are open.
    pub fn disconnect_client(&self, code: CloseCode) {
        for connection in self.stage.book().connections.drain(..) {
            connection.close(code.as_u32().into(), b"");
        }
    }

    /// Tells every device that the cloud goes away.
    pub async fn drain(&self, retry_after_ms: u32) {
        let drain = Control {
            body: Some(control::Body::Drain(Drain {
                retry_after_ms,
                window_ms: 0,
            })),
        };
        let connections: Vec<_> = self.stage.book().connections.drain(..).collect();
        for connection in connections {
            let mut stream = connection.open_uni().await.expect("a control stream");
            let frame = synesis_wire::encode_frame(&drain).expect("a small frame");
            stream
                .write_chunk(frame.into_bytes())
                .await
                .expect("a control frame");
            stream.finish().expect("the end of a control stream");
            // The device closes, once its calls have ended.
            tokio::spawn(async move { connection.closed().await });
        }
    }

    /// The escalations that arrived, retries included.
    #[must_use]
    pub fn received_requests(&self) -> Vec<EscalationRequest> {
        self.stage.book().requests.clone()
    }

    /// The questions that arrived, retries included.
    #[must_use]
    pub fn received_queries(&self) -> Vec<String> {
        let book = self.stage.book();
        book.requests
            .iter()
            .map(|request| request.query.clone())
            .collect()
    }

    /// Every byte of every stream that arrived, in order of arrival.
    #[must_use]
    pub fn received_bytes(&self) -> Vec<u8> {
        self.stage.book().bytes.clone()
    }

    /// What was charged, once for each request id.
    #[must_use]
    pub fn billing_events(&self) -> Vec<BillingEvent> {
        self.stage.book().charges.values().cloned().collect()
    }

    /// Says something wrong from now on.
    pub fn lie(&self, lie: Lie) {
        self.stage.book().books.lies.push(lie);
    }

    /// Tells the truth again.
    pub fn be_honest(&self) {
        self.stage.book().books.lies.clear();
    }

    /// Loses the last events of the account's history.
    pub fn lose_events(&self, count: usize) {
        self.stage.book().books.lose_events(count);
    }

    /// Lets time pass by the mock's clock, which stands still between events.
    pub fn wait(&self, ms: i64) {
        self.stage.book().books.wait(ms);
    }

    /// Charges the device for a call that it never made.
    pub fn charge_for_nothing(&self, request_id: &str, cost: NanoUsd) {
        let usage = TokenUsage::new(1, 0, 1);
        self.stage.book().books.charge(request_id, usage, cost);
    }

    /// Adds a model to the price table.
    pub fn know_model(&self, model: &str) {
        self.stage.book().books.models.push(model.to_owned());
    }

    /// How many records each message had that arrived.
    #[must_use]
    pub fn record_batches(&self) -> Vec<usize> {
        self.stage
            .book()
            .books
            .record_batches
            .iter()
            .copied()
            .collect()
    }

    /// Takes no payments from now on.
    pub fn refuse_payments(&self) {
        self.stage.book().books.takes_payments = false;
    }

    /// Somebody pays on every page that is open.
    pub fn pay_pages(&self) {
        self.stage.book().books.end_pages(true);
    }

    /// Every page that is open expires.
    pub fn expire_pages(&self) {
        self.stage.book().books.end_pages(false);
    }

    /// Connections made so far.
    #[must_use]
    pub fn connections_made(&self) -> usize {
        *self.stage.connected.borrow()
    }

    /// Pieces of text written so far, over all streams.
    #[must_use]
    pub fn pieces_written(&self) -> usize {
        *self.stage.written.borrow()
    }

    /// Waits until a caller has cancelled an escalation, and tells which.
    pub async fn cancelled(&self) -> String {
        let mut cancelled = self.stage.cancelled.subscribe();
        let list = wait(&mut cancelled, |list| !list.is_empty()).await;
        list.last().cloned().unwrap_or_default()
    }

    /// Waits until a slow reader has stopped the mock in the middle of writing.
    pub async fn blocked(&self) {
        wait(&mut self.stage.blocked.subscribe(), |blocked| *blocked).await;
    }

    /// Waits until so many notices have arrived.
    pub async fn noticed(&self, count: usize) {
        wait(&mut self.stage.notices.subscribe(), |seen| *seen >= count).await;
    }
}

impl Drop for MockCloudServer {
    fn drop(&mut self) {
        if let Some((end, _)) = self.running.take() {
            // Not joined: a failing test should not hang on its double.
            let _ = end.send(Ending::Killed);
        }
    }
}

async fn wait<T: Clone>(seen: &mut watch::Receiver<T>, is: impl FnMut(&T) -> bool) -> T {
    seen.wait_for(is)
        .await
        .expect("the mock cloud is there")
        .clone()
}
