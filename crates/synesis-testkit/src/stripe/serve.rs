//! The double's door: HTTP on loopback, and what every request must bring.

use std::io;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, Response};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::calls::Call;
use super::fault::{ReceivedCall, StripeFault};
use super::form::Form;
use super::problem::Answer;
use super::state::{DAY_S, Remembered};
use super::{Shared, VERSION};

const BODY_BYTES_MAX: usize = 1024 * 1024;
const FORM: &str = "application/x-www-form-urlencoded";

/// Serves until its task is aborted; then every connection ends too.
pub(super) async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((stream, _)) = accepted else { continue };
                let shared = Arc::clone(&shared);
                connections.spawn(async move {
                    let service = service_fn(|request| answer(&shared, request));
                    // An error is a connection that was closed, by the other side or on purpose.
                    let _ = http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service)
                        .await;
                });
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

/// Answers, or closes the connection.
async fn answer(
    shared: &Shared,
    request: Request<hyper::body::Incoming>,
) -> io::Result<Response<Body>> {
    let (head, body) = request.into_parts();
    let body = to_bytes(Body::new(body), BODY_BYTES_MAX)
        .await
        .map_err(io::Error::other)?;
    let asked = Asked {
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        form: match head.method.as_str() {
            "POST" => Form::parse(&body),
            _ => Form::parse(head.uri.query().unwrap_or_default().as_bytes()),
        },
        body: body.to_vec(),
        key: text(&head.headers, "idempotency-key"),
        headers: head.headers,
    };
    let (number, fault) = {
        let mut state = shared.lock();
        state.received.push(asked.logged());
        (state.received.len() - 1, state.faults.pop_front())
    };
    let answer = match fault {
        None => Some(asked.process(shared).await),
        Some(StripeFault::DroppedRequest) => None,
        Some(StripeFault::DroppedReply) => {
            asked.process(shared).await;
            None
        }
        Some(StripeFault::ServerError) => Some(Answer::own_fault()),
        Some(StripeFault::LastingServerError) => {
            let answer = Answer::own_fault();
            asked.remember(shared, &answer);
            Some(answer)
        }
        Some(StripeFault::RateLimited { retry_after_s }) => {
            Some(Answer::rate_limited(retry_after_s))
        }
    };
    let answer = answer.ok_or_else(|| io::Error::other("closed on purpose"))?;
    if let Some(received) = shared.lock().received.get_mut(number) {
        received.status = Some(answer.status);
    }
    Ok(written(&answer))
}

fn written(answer: &Answer) -> Response<Body> {
    let mut response = Response::builder()
        .status(answer.status)
        .header("content-type", "application/json")
        .header("stripe-version", VERSION);
    for (name, value) in &answer.headers {
        response = response.header(*name, value);
    }
    response
        .body(Body::from(format!("{:#}", answer.body)))
        .expect("an answer of the double's own")
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    Some(headers.get(name)?.to_str().ok()?.to_owned())
}

struct Asked {
    method: String,
    path: String,
    form: Form,
    body: Vec<u8>,
    key: Option<String>,
    headers: HeaderMap,
}

impl Asked {
    fn logged(&self) -> ReceivedCall {
        ReceivedCall {
            method: self.method.clone(),
            path: self.path.clone(),
            form: self.form.pairs().to_vec(),
            body: String::from_utf8_lossy(&self.body).into_owned(),
            idempotency_key: self.key.clone(),
            status: None,
        }
    }

    /// What Stripe looks at before the call itself.
    fn refused(&self, shared: &Shared) -> Option<Answer> {
        let bearer = format!("Bearer {}", shared.secret_key);
        if text(&self.headers, "authorization").as_deref() != Some(bearer.as_str()) {
            return Some(Answer::unauthorized());
        }
        let version = text(&self.headers, "stripe-version");
        if version.as_deref() != Some(VERSION) {
            return Some(Answer::malformed(format!(
                "Invalid Stripe API version: {version:?}"
            )));
        }
        let form = text(&self.headers, "content-type").is_some_and(|kind| kind.starts_with(FORM));
        if self.method == "POST" && !self.body.is_empty() && !form {
            let message = "Invalid request: the body of a v1 call is a form.";
            return Some(Answer::malformed(message));
        }
        let long = self.key.as_ref().is_some_and(|key| key.len() > 255);
        long.then(|| Answer::malformed("Idempotency keys must be 255 characters or less."))
    }

    async fn process(&self, shared: &Shared) -> Answer {
        if let Some(refused) = self.refused(shared) {
            return refused;
        }
        let Some(call) = Call::of(&self.method, &self.path) else {
            return Answer::no_such_url(&self.method, &self.path);
        };
        let key = self.key.as_ref().filter(|_| self.method == "POST");
        if let Some(answer) = self.remembered(shared) {
            return answer;
        }
        if let Err(problem) = self.form.check(call.params()) {
            return problem;
        }
        // One call for each customer: the second of two at once is turned away.
        let metered = self
            .form
            .get("payload[stripe_customer_id]")
            .filter(|_| call == Call::Report)
            .map(str::to_owned);
        {
            let mut state = shared.lock();
            if let Some(customer) = &metered
                && !state.metered.insert(customer.clone())
            {
                return Answer::rate_limited(None);
            }
            state.keys_under_way.extend(key.cloned());
        }
        let latency = shared.latency();
        if !latency.is_zero() {
            tokio::time::sleep(latency).await;
        }
        let mut state = shared.lock();
        let answer = call.carry_out(&mut state, &self.form, shared.now_s(), &shared.base);
        if let Some(customer) = &metered {
            state.metered.remove(customer);
        }
        if let Some(key) = key {
            state.keys_under_way.remove(key);
        }
        drop(state);
        self.remember(shared, &answer);
        answer
    }

    /// What was answered to this key before.
    fn remembered(&self, shared: &Shared) -> Option<Answer> {
        let key = self.key.as_ref().filter(|_| self.method == "POST")?;
        let mut state = shared.lock();
        if state.keys_under_way.contains(key) {
            return Some(Answer::key_in_use());
        }
        let now_s = shared.now_s();
        state.keys.retain(|_, kept| now_s - kept.at_s < DAY_S);
        let kept = state.keys.get(key)?;
        if kept.path != self.path || kept.body != self.body {
            return Some(Answer::other_body());
        }
        Some(kept.answer.clone().with("idempotent-replayed", "true"))
    }

    /// Keeps what was done, failures too, for the next try with the key.
    fn remember(&self, shared: &Shared, answer: &Answer) {
        let Some(key) = self.key.clone().filter(|_| self.method == "POST") else {
            return;
        };
        let kept = Remembered {
            path: self.path.clone(),
            body: self.body.clone(),
            answer: answer.clone(),
            at_s: shared.now_s(),
        };
        shared.lock().keys.insert(key, kept);
    }
}
