//! The call that costs money: from the request to the last chunk on the caller's stream.
//!
//! A new request starts a driver; a known one is followed or replayed and never charged again.

use std::sync::Arc;

use synesis_domain::{Digest, Payer, RequestId, Tier, UserId};
use synesis_models::Engine;
use synesis_service::{
    Admission, Caller, Escalation, EscalationInput, Known, Rejection, Route, Transcript,
    ValidRequest, admit,
};
use synesis_transport::{RecvStream, SendStream, StoppedError, VarInt};
use synesis_wire::ErrorCode;
use synesis_wire::proto::{self, EscalationRequest, answer};

use crate::call::Fault;
use crate::clock;
use crate::cloud::Cloud;
use crate::drive;
use crate::error::chain;
use crate::hub::Link;
use crate::metrics::CallKind;
use crate::recovery::{self, When};
use crate::running::{Attached, Crowded, Running};
use crate::store::{AnsweredBy, Books, StoredResult};
use crate::stream::{self, CallerGone};

/// What a caller gets.
enum Source {
    /// An answer in the making.
    Live(Attached, u64),
    /// An answer that was given before.
    Past(Transcript, u64),
}

/// Serves an escalation on its stream.
pub(crate) async fn serve(
    cloud: &Arc<Cloud>,
    link: &Link,
    request: EscalationRequest,
    deadline_ms: u32,
    mut send: SendStream,
    mut recv: RecvStream,
) {
    let streamed = request.stream;
    let source = match begin(cloud, link, request, deadline_ms).await {
        Ok(source) => {
            cloud.metrics.called(CallKind::Escalation, None);
            source
        }
        Err(fault) => {
            let answer = fault.into_answer();
            cloud.metrics.answered(CallKind::Escalation, &answer);
            return stream::finish_with(&mut send, stream::framed(answer)).await;
        }
    };
    match source {
        Source::Past(transcript, after) if streamed => {
            for chunk in transcript.after(after) {
                let written = stream::write(&mut send, answer::Body::Chunk(chunk)).await;
                if written.is_err() {
                    return;
                }
            }
            stream::finish(&mut send).await;
        }
        Source::Past(transcript, _) => whole(&mut send, &transcript).await,
        Source::Live(attached, after) => {
            let gone = stream::caller_gone(&mut recv);
            let followed = if streamed {
                let following = follow(&attached, after, &mut send);
                or_gone(following, gone).await
            } else {
                let waiting = until_ended(&attached, send.stopped());
                or_gone(waiting, gone).await
            };
            match followed {
                Ok(()) if streamed => stream::finish(&mut send).await,
                Ok(()) => {
                    let transcript = attached.running().escalation().transcript().clone();
                    whole(&mut send, &transcript).await;
                }
                Err(left) => attached.leave(left),
            }
        }
    }
}

async fn or_gone(
    work: impl Future<Output = Result<(), CallerGone>>,
    gone: impl Future<Output = CallerGone>,
) -> Result<(), CallerGone> {
    tokio::select! {
        // What was written last counts, even where the caller leaves right after it.
        biased;
        done = work => done,
        gone = gone => Err(gone),
    }
}

/// Writes chunk after chunk until the last.
async fn follow(
    attached: &Attached,
    mut after: u64,
    send: &mut SendStream,
) -> Result<(), CallerGone> {
    let mut progress = attached.running().progress();
    let stopped = send.stopped();
    tokio::pin!(stopped);
    loop {
        let now = *progress.borrow_and_update();
        while after < now.last {
            for chunk in attached.running().chunks_after(after) {
                after = chunk.sequence;
                stream::write(send, answer::Body::Chunk(chunk))
                    .await
                    .map_err(|error| CallerGone::by_write(&error))?;
            }
            attached.delivered(after);
        }
        if now.ended {
            return Ok(());
        }
        tokio::select! {
            changed = progress.changed() => changed.map_err(|_| CallerGone::Left)?,
            stopped = &mut stopped => return Err(CallerGone::by_stop(stopped)),
        }
    }
}

async fn until_ended(
    attached: &Attached,
    stopped: impl Future<Output = Result<Option<VarInt>, StoppedError>>,
) -> Result<(), CallerGone> {
    let mut progress = attached.running().progress();
    tokio::pin!(stopped);
    loop {
        let now = *progress.borrow_and_update();
        attached.delivered(now.last);
        if now.ended {
            return Ok(());
        }
        tokio::select! {
            changed = progress.changed() => changed.map_err(|_| CallerGone::Left)?,
            stopped = &mut stopped => return Err(CallerGone::by_stop(stopped)),
        }
    }
}

/// The answer in one frame, to a caller that wants no chunks.
async fn whole(send: &mut SendStream, transcript: &Transcript) {
    let body = match transcript.response() {
        Some(Ok(response)) => answer::Body::Escalation(response),
        Some(Err(error)) => answer::Body::Error(error),
        None => stream::error(ErrorCode::Internal, "the answer has no end"),
    };
    stream::finish_with(send, stream::framed(body)).await;
}

/// Finds out whether a request is new, and starts it where it is.
async fn begin(
    cloud: &Arc<Cloud>,
    link: &Link,
    request: EscalationRequest,
    deadline_ms: u32,
) -> Result<Source, Fault> {
    let request = ValidRequest::parse(request)?;
    let content = request.content();
    let (user, id) = (link.claims.user, request.request);
    let caller = Caller {
        user,
        device: link.claims.device,
    };
    if let Some(lora) = &request.lora
        && !cloud.adapters.has(lora)
    {
        return Err(Rejection::UnknownAdapter(lora.to_string()).into());
    }
    if let Some(running) = cloud.escalations.find(user, id)
        && let Some(source) = known(&request, content, running)?
    {
        return Ok(source);
    }
    let route = cloud
        .models
        .route(request.model, &cloud.prices(), clock::now())?;
    let (terms, stored) = look_up(cloud, user, id).await?;
    if let Some(stored) = stored {
        let transcript = stored.into_transcript(id)?;
        if let Admission::Replay { after } = admit(&request, content, Known::Ended(&transcript))? {
            return Ok(Source::Past(transcript, after));
        }
    } else {
        admit(&request, content, Known::Nothing)?;
    }
    start(cloud, caller, request, content, route, terms, deadline_ms)
}

fn start(
    cloud: &Arc<Cloud>,
    caller: Caller,
    request: ValidRequest,
    content: Digest,
    route: Route,
    terms: Terms,
    deadline_ms: u32,
) -> Result<Source, Fault> {
    let again = request.clone();
    let (engine, payer) = terms.engine(cloud, caller.user)?;
    let input = EscalationInput {
        caller,
        request,
        route,
        tier: terms.tier,
        payer,
        deadline_ms,
    };
    let id = again.request;
    let escalation = Escalation::start(clock::now(), input);
    let running = Arc::new(Running::new(caller, id, escalation));
    // The same request may have been started by another stream in the meantime.
    if let Some(other) = cloud.escalations.add(&running)? {
        return known(&again, content, other)?.ok_or_else(|| Rejection::Internal.into());
    }
    let attached = Arc::clone(&running).attach(0);
    let driver = drive::drive(Arc::clone(cloud), running, engine);
    cloud.calls.spawn_on(driver, &cloud.work);
    Ok(Source::Live(attached, 0))
}

/// An escalation in memory, seen from where the caller stands; `None` when it ended in vain and is
/// to be started anew.
fn known(
    request: &ValidRequest,
    content: Digest,
    running: Arc<Running>,
) -> Result<Option<Source>, Rejection> {
    let admission = {
        let escalation = running.escalation();
        let transcript = escalation.transcript();
        let known = if escalation.is_ended() {
            Known::Ended(transcript)
        } else {
            Known::Running(transcript)
        };
        admit(request, content, known)?
    };
    Ok(match admission {
        Admission::Start => None,
        Admission::Attach { after } | Admission::Replay { after } => {
            Some(Source::Live(running.attach(after), after))
        }
    })
}

/// On which terms a call is served.
struct Terms {
    tier: Tier,
    /// The user's own key for the provider, encrypted; looked for on the tier that is for it.
    own_key: Option<Vec<u8>>,
}

impl Terms {
    /// The model, and who pays its provider.
    fn engine(&self, cloud: &Cloud, user: UserId) -> Result<(Arc<dyn Engine>, Payer), Fault> {
        let Some(stored) = &self.own_key else {
            return Ok((Arc::clone(&cloud.engine), Payer::Operator));
        };
        // Never by the operator's key in its place: that would be charged whole.
        let engine = cloud.own_keys.engine(user, stored).map_err(|error| {
            tracing::error!(%user, error = %chain(&error), "a user's own key cannot be used");
            let words = "your own key for the provider cannot be used; set it again";
            Fault::new(ErrorCode::ProviderFailed, words)
        })?;
        Ok((engine, Payer::User))
    }
}

async fn look_up(
    cloud: &Cloud,
    user: UserId,
    request: RequestId,
) -> Result<(Terms, Option<StoredResult>), Fault> {
    let configured = cloud.settings.tier;
    let found = move |books: &mut Books| {
        let terms = books.account(user)?.terms().copied();
        let tier = terms.map_or(configured, |terms| terms.tier);
        let stored = books.result(user, request)?;
        let server = match &stored {
            Some(stored) => books.server_of(stored)?,
            None => AnsweredBy::Nobody,
        };
        let own_key = match tier {
            Tier::Byok { .. } => books.provider_key(user)?,
            Tier::Free { .. } | Tier::Managed { .. } => None,
        };
        Ok((Terms { tier, own_key }, stored, server))
    };
    let (terms, stored, server) = cloud.store.run_for(user, found).await?;
    match server {
        AnsweredBy::Nobody => Ok((terms, stored)),
        AnsweredBy::Another => Err(elsewhere()),
        AnsweredBy::Dead => {
            let prices = cloud.prices();
            let ended = move |books: &mut Books| {
                recovery::recover(books, When::Serving, &prices, clock::now())?;
                books.result(user, request)
            };
            Ok((terms, cloud.store.run_for(user, ended).await?))
        }
    }
}

/// What is told of a request that another server of this cloud is answering.
fn elsewhere() -> Fault {
    Fault::told(proto::CallError {
        code: ErrorCode::RateLimited.as_str().to_owned(),
        message: "another server of this cloud is answering this request; ask again".to_owned(),
        retry_after_ms: Some(1_000),
    })
}

impl StoredResult {
    fn into_transcript(self, request: RequestId) -> Result<Transcript, Fault> {
        Transcript::from_chunks(request, self.content, self.transcript.chunks).map_err(|error| {
            tracing::error!(%request, %error, "a stored answer cannot be read");
            Rejection::Internal.into()
        })
    }
}

impl From<Rejection> for Fault {
    fn from(rejection: Rejection) -> Self {
        Self::told(rejection.to_call_error())
    }
}

impl From<Crowded> for Fault {
    fn from(crowded: Crowded) -> Self {
        Self::told(proto::CallError {
            code: ErrorCode::RateLimited.as_str().to_owned(),
            message: crowded.to_string(),
            retry_after_ms: Some(1_000),
        })
    }
}
