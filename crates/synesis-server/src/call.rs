//! Calls: what a stream asks is done and answered. Each stream stands for itself: whatever is wrong
//! with one is answered there, and the connection stays.

use std::sync::Arc;
use std::time::Duration;

use synesis_domain::{DeviceCommand, RequestId};
use synesis_service::Rejection;
use synesis_transport::{RecvStream, SendStream, within};
use synesis_wire::ErrorCode;
use synesis_wire::limits::{PING_BYTES_MAX, USAGE_IDS_MAX};
use synesis_wire::proto::{self, answer, call};

use crate::ca::CaError;
use crate::clock;
use crate::cloud::Cloud;
use crate::device_calls;
use crate::enrol::certificate_of;
use crate::error::chain;
use crate::escalation;
use crate::hub::Link;
use crate::key_calls;
use crate::metrics::CallKind;
use crate::money_calls;
use crate::rate::Cost;
use crate::rights;
use crate::store::{Charge, StoreError, UsageState};
use crate::stream::{self, Framed};

/// Why a call was not done: the code and the words that the caller gets.
pub(crate) struct Fault(proto::CallError);

impl Fault {
    pub(crate) fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self(proto::CallError {
            code: code.as_str().to_owned(),
            message: message.into(),
            retry_after_ms: None,
        })
    }

    pub(crate) const fn told(error: proto::CallError) -> Self {
        Self(error)
    }

    pub(crate) fn into_answer(self) -> answer::Body {
        answer::Body::Error(self.0)
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        tracing::error!(error = %chain(&error), "the database failed a call");
        let words = match error {
            StoreError::Full => "the disk of the server is full; nothing was changed",
            _ => "the database of the server failed",
        };
        Self::new(ErrorCode::Internal, words)
    }
}

/// Serves one stream from its call to its last answer.
///
/// A ping is answered here. Everything else is in boxes of its own: this future is made and copied
/// for each call, and most calls are small.
pub(crate) async fn serve(
    cloud: Arc<Cloud>,
    link: Arc<Link>,
    mut send: SendStream,
    mut recv: RecvStream,
) {
    let first = match stream::read_call(&mut recv).await {
        Ok(call) => begin(&cloud, &link, call),
        Err(fault) => {
            if let Some(code) = fault.code() {
                cloud.metrics.called(CallKind::Unreadable, Some(code));
            }
            return Box::pin(stream::refuse(&mut send, &mut recv, &fault)).await;
        }
    };
    match first {
        First::Answered(frame) => {
            stream::note_end(&mut recv);
            stream::answer_with(&mut send, frame).await;
        }
        First::Refused(frame) => Box::pin(stream::finish_with(&mut send, frame)).await,
        First::Work(call) => Box::pin(work(cloud, link, *call, send, recv)).await,
    }
}

/// What a call comes to at first sight.
enum First {
    Answered(Framed),
    Refused(Framed),
    Work(Box<proto::Call>),
}

fn begin(cloud: &Cloud, link: &Link, call: proto::Call) -> First {
    let kind = CallKind::of(call.body.as_ref());
    let framed = |answer: answer::Body| {
        cloud.metrics.answered(kind, &answer);
        stream::framed(answer)
    };
    match (admit(cloud, link, &call), call.body) {
        (Err(fault), _) => First::Refused(framed(fault.into_answer())),
        (Ok(()), Some(call::Body::Ping(ping))) => {
            let answer = pong(ping).map_or_else(Fault::into_answer, answer::Body::Ping);
            First::Answered(framed(answer))
        }
        (Ok(()), body) => First::Work(Box::new(proto::Call {
            deadline_ms: call.deadline_ms,
            body,
        })),
    }
}

/// Does what is more than a ping.
async fn work(
    cloud: Arc<Cloud>,
    link: Arc<Link>,
    call: proto::Call,
    mut send: SendStream,
    mut recv: RecvStream,
) {
    let kind = CallKind::of(call.body.as_ref());
    let deadline = stream::deadline(&call);
    let body = match call.body {
        Some(call::Body::Escalation(request)) => {
            let serving = escalation::serve(&cloud, &link, request, call.deadline_ms, send, recv);
            return serving.await;
        }
        Some(body) => body,
        // Was not admitted.
        None => return,
    };
    stream::note_end(&mut recv);
    let answer = async {
        answer_to(&cloud, &link, body)
            .await
            .unwrap_or_else(Fault::into_answer)
    };
    let answer = match deadline {
        None => answer.await,
        Some(deadline) => within(deadline, answer)
            .await
            .unwrap_or_else(|_| stream::error(ErrorCode::Deadline, "the call's deadline passed")),
    };
    cloud.metrics.answered(kind, &answer);
    stream::answer_with(&mut send, stream::framed(answer)).await;
}

/// Whether a call is done at all.
fn admit(cloud: &Cloud, link: &Link, call: &proto::Call) -> Result<(), Fault> {
    if cloud.draining.is_cancelled() {
        return Err(Fault::new(
            ErrorCode::ShuttingDown,
            "the server is shutting down",
        ));
    }
    link.allowance.take(cost(call)).map_err(too_many)?;
    let body = call.body.as_ref().ok_or_else(|| {
        Fault::new(
            ErrorCode::Unsupported,
            "this server does not know such a call",
        )
    })?;
    rights::check(link, body)
}

/// What is answered from memory costs next to nothing.
const fn cost(call: &proto::Call) -> Cost {
    match call.body {
        Some(call::Body::Ping(_) | call::Body::Status(_)) => Cost::Ping,
        _ => Cost::Call,
    }
}

fn too_many(wait: Duration) -> Fault {
    Fault::told(proto::CallError {
        code: ErrorCode::RateLimited.as_str().to_owned(),
        message: "this device asks for too much at once; it may go on in a moment".to_owned(),
        retry_after_ms: Some(u32::try_from(wait.as_millis() + 1).unwrap_or(u32::MAX)),
    })
}

async fn answer_to(cloud: &Cloud, link: &Link, body: call::Body) -> Result<answer::Body, Fault> {
    match body {
        call::Body::Balance(proto::BalanceRequest {}) => money_calls::balance(cloud, link)
            .await
            .map(answer::Body::Balance),
        call::Body::Usage(request) => usage(cloud, link, request).await.map(answer::Body::Usage),
        call::Body::Renew(request) => renew(cloud, link, request).await.map(answer::Body::Renew),
        call::Body::Status(proto::StatusRequest {}) => {
            Ok(answer::Body::Status(status(cloud, link)))
        }
        call::Body::KeyCreate(request) => key_calls::create(cloud, link, request)
            .await
            .map(answer::Body::KeyCreate),
        call::Body::KeyList(proto::KeyListRequest {}) => key_calls::list(cloud, link)
            .await
            .map(answer::Body::KeyList),
        call::Body::KeyRevoke(request) => key_calls::revoke(cloud, link, request)
            .await
            .map(answer::Body::KeyRevoke),
        call::Body::Devices(proto::DevicesRequest {}) => device_calls::list(cloud, link)
            .await
            .map(answer::Body::Devices),
        call::Body::RevokeDevice(request) => device_calls::revoke(cloud, link, request)
            .await
            .map(answer::Body::RevokeDevice),
        call::Body::History(request) => money_calls::history(cloud, link, request)
            .await
            .map(answer::Body::History),
        call::Body::Record(request) => money_calls::record(cloud, link, request)
            .await
            .map(answer::Body::Record),
        call::Body::TopUp(request) => money_calls::top_up(cloud, link, request)
            .await
            .map(answer::Body::TopUp),
        call::Body::TopUpState(request) => money_calls::top_up_state(cloud, link, request)
            .await
            .map(answer::Body::TopUpState),
        call::Body::Tier(request) => money_calls::tier(cloud, link, request)
            .await
            .map(answer::Body::Tier),
        call::Body::ProviderKey(request) => money_calls::provider_key(cloud, link, request)
            .await
            .map(answer::Body::ProviderKey),
        // Taken out before: one has a stream of its own to follow, the other is answered at once.
        call::Body::Escalation(_) | call::Body::Ping(_) => Err(Rejection::Internal.into()),
    }
}

fn pong(ping: proto::PingRequest) -> Result<proto::PingResponse, Fault> {
    if ping.payload.len() > PING_BYTES_MAX {
        return Err(Fault::new(
            ErrorCode::TooLarge,
            format!("a ping carries at most {PING_BYTES_MAX} bytes"),
        ));
    }
    Ok(proto::PingResponse {
        payload: ping.payload,
        server_time: clock::now().as_millis(),
    })
}

async fn usage(
    cloud: &Cloud,
    link: &Link,
    request: proto::UsageRequest,
) -> Result<proto::UsageResponse, Fault> {
    if request.request_ids.len() > USAGE_IDS_MAX {
        return Err(Fault::new(
            ErrorCode::TooLarge,
            format!("at most {USAGE_IDS_MAX} request ids can be asked about at once"),
        ));
    }
    let ids = request
        .request_ids
        .iter()
        .map(|id| id.parse())
        .collect::<Result<Vec<RequestId>, _>>()
        .map_err(|error| Fault::new(ErrorCode::BadRequest, error.to_string()))?;
    let user = link.claims.user;
    let entries = cloud
        .store
        .run_for(user, move |books| {
            ids.iter()
                .map(|id| Ok(usage_entry(*id, books.usage(user, *id)?)))
                .collect::<Result<Vec<_>, StoreError>>()
        })
        .await?;
    Ok(proto::UsageResponse { entries })
}

fn usage_entry(request: RequestId, state: UsageState) -> proto::UsageEntry {
    let request_id = request.to_string();
    let name = |name: &str| proto::UsageEntry {
        request_id: request_id.clone(),
        state: name.to_owned(),
        ..Default::default()
    };
    match state {
        UsageState::Unknown => name("unknown"),
        UsageState::Held => name("held"),
        UsageState::Released => name("released"),
        UsageState::Settled(Charge {
            at,
            model,
            prompt,
            completion,
            paid,
            ..
        }) => proto::UsageEntry {
            tokens_used: Some(proto::TokenUsage { prompt, completion }),
            cost_nano_usd: paid.get(),
            model_used: model,
            settled_at: at.as_millis(),
            ..name("settled")
        },
    }
}

/// A new certificate for a device that has a good one.
async fn renew(
    cloud: &Cloud,
    link: &Link,
    request: proto::RenewRequest,
) -> Result<proto::RenewResponse, Fault> {
    let now = clock::now();
    let not_after = cloud.certificate_end(now);
    let (user, device) = (link.claims.user, link.claims.device);
    let signed = cloud
        .authority
        .sign_device(&request.csr_pem, user, device, now, not_after)
        .map_err(|error| match error {
            CaError::Request(wrong) => Fault::new(ErrorCode::BadRequest, wrong.to_string()),
            other => {
                tracing::error!(error = %chain(&other), "a certificate could not be signed");
                Fault::new(ErrorCode::Internal, "the certificate could not be signed")
            }
        })?;
    let command = DeviceCommand::Renew {
        certificate: certificate_of(&signed, not_after),
    };
    cloud
        .store
        .run(move |books| books.device_command(device, now, &command))
        .await?
        .map_err(|refusal| Fault::new(ErrorCode::DeviceRevoked, refusal.to_string()))?;
    link.note_renewed();
    Ok(proto::RenewResponse {
        certificate_pem: signed.certificate_pem,
        not_after: not_after.as_millis(),
    })
}

fn status(cloud: &Cloud, link: &Link) -> proto::StatusResponse {
    proto::StatusResponse {
        server_version: env!("CARGO_PKG_VERSION").to_owned(),
        device_id: link.claims.device.to_string(),
        certificate_not_after: link.claims.not_after.as_millis(),
        models: cloud.models.names().map(str::to_owned).collect(),
    }
}
