//! One call at the mock: read, recorded, answered by the script.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use quinn::{Connection, ReadError, RecvStream, SendStream};
use synesis_wire::proto::{
    Answer, BalanceResponse, Call, CallError, ChunkMetadata, CreditInfo, EscalationRequest,
    EscalationResponse, PingResponse, Receipt, StatusResponse, StreamChunk, StreamEnd, StreamError,
    UsageEntry, UsageResponse, answer, call, stream_chunk,
};
use synesis_wire::{CloseCode, ErrorCode, FrameDecoder, encode_frame};

use crate::script::{BillingEvent, Held, Plan, Stage, tokens};

const MODEL: &str = "mock-1";

/// Serves one stream.
pub(super) async fn serve(
    connection: Connection,
    mut send: SendStream,
    mut recv: RecvStream,
    stage: Arc<Stage>,
) {
    let Some(call) = read_call(&mut recv, &stage).await else {
        return;
    };
    let body = match call.body {
        Some(call::Body::Ping(ping)) => answer::Body::Ping(PingResponse {
            payload: ping.payload,
            server_time: 0,
        }),
        Some(call::Body::Status(_)) => answer::Body::Status(StatusResponse {
            server_version: "mock".to_owned(),
            device_id: super::DEVICE.to_string(),
            certificate_not_after: 0,
            models: vec!["auto".to_owned()],
        }),
        Some(call::Body::Balance(_)) => answer::Body::Balance(balance(&stage)),
        Some(call::Body::Usage(asked)) => {
            let entries = asked.request_ids.iter().map(|id| usage_of(&stage, id));
            answer::Body::Usage(UsageResponse {
                entries: entries.collect(),
            })
        }
        Some(call::Body::History(asked)) => {
            answer::Body::History(stage.book().books.history(asked.after))
        }
        Some(call::Body::Record(sent)) => {
            answer::Body::Record(stage.book().books.record(&sent.records))
        }
        Some(call::Body::TopUp(asked)) => {
            let page = stage.book().books.top_up(&asked);
            page.map_or_else(
                || refusal(ErrorCode::Unsupported, None),
                answer::Body::TopUp,
            )
        }
        Some(call::Body::TopUpState(asked)) => {
            let state = stage.book().books.top_up_state(&asked.session_id);
            state.map_or_else(
                || refusal(ErrorCode::BadRequest, None),
                answer::Body::TopUpState,
            )
        }
        Some(call::Body::Tier(asked)) => {
            let terms = stage.book().books.tier(&asked);
            terms.map_or_else(|| refusal(ErrorCode::BadRequest, None), answer::Body::Tier)
        }
        Some(call::Body::Escalation(request)) => {
            escalation(connection, send, recv, stage, request).await;
            return;
        }
        _ => refusal(ErrorCode::Unsupported, None),
    };
    write(&mut send, body).await;
    // Fails only when the caller is gone.
    let _ = send.finish();
}

async fn read_call(recv: &mut RecvStream, stage: &Stage) -> Option<Call> {
    let mut decoder = FrameDecoder::default();
    loop {
        let chunk = recv.read_chunk(64 * 1024, true).await.ok()??;
        stage.book().bytes.extend_from_slice(&chunk.bytes);
        decoder.push(&chunk.bytes);
        if let Some(call) = decoder.poll().expect("a well-formed call") {
            return Some(call);
        }
    }
}

fn balance(stage: &Stage) -> BalanceResponse {
    let book = stage.book();
    let account = book.books.account();
    let period = account.period();
    let credits = account.grants().map(|(_, grant)| CreditInfo {
        kind: grant.kind.name().to_owned(),
        granted_nano_usd: grant.granted.get(),
        left_nano_usd: grant.left.get(),
        expires_at: None,
    });
    BalanceResponse {
        tier: account.tier().name().to_owned(),
        charged_nano_usd: period.charged.get(),
        held_nano_usd: account.held().get(),
        ceiling_nano_usd: account.limit().get(),
        room_nano_usd: account.room().get(),
        calls: period.calls,
        prompt_tokens: period.prompt_tokens,
        completion_tokens: period.completion_tokens,
        period_started: period.started.as_millis(),
        credit_nano_usd: account.credit().get(),
        pinned_nano_usd: account.pinned_credit().get(),
        debt_nano_usd: account.debt().get(),
        unbilled_nano_usd: period.charged.get(),
        rate_bp: 0,
        credits: credits.collect(),
        receipt: Some(book.books.receipt()),
        can_top_up: book.books.takes_payments,
    }
}

fn usage_of(stage: &Stage, request_id: &str) -> UsageEntry {
    let book = stage.book();
    let entry = |state: &str| UsageEntry {
        request_id: request_id.to_owned(),
        state: state.to_owned(),
        ..UsageEntry::default()
    };
    match book.charges.get(request_id) {
        Some(event) => UsageEntry {
            tokens_used: Some(tokens(event)),
            cost_nano_usd: event.cost.get(),
            model_used: MODEL.to_owned(),
            settled_at: 1_700_000_000_000,
            ..entry("settled")
        },
        None if book.open.iter().any(|open| open == request_id) => entry("held"),
        None => entry("unknown"),
    }
}

/// One escalation on its way.
struct Telling {
    connection: Connection,
    send: SendStream,
    stage: Arc<Stage>,
    request: EscalationRequest,
    plan: Plan,
}

/// Why an answer was not told to its end.
struct Stopped;

async fn escalation(
    connection: Connection,
    send: SendStream,
    mut recv: RecvStream,
    stage: Arc<Stage>,
    request: EscalationRequest,
) {
    let (pieces, plan, held) = {
        let mut book = stage.book();
        book.requests.push(request.clone());
        book.open.push(request.request_id.clone());
        let plan = book.plans.pop_front().unwrap_or(Plan::Answer);
        (book.pieces.clone(), plan, book.holds.pop_front())
    };
    let request_id = request.request_id.clone();
    let mut telling = Telling {
        connection,
        send,
        stage: Arc::clone(&stage),
        request,
        plan,
    };
    let cancelled = tokio::select! {
        () = telling.run(&pieces, held) => false,
        cancelled = caller_cancelled(&mut recv) => cancelled,
    };
    if cancelled {
        stage.settle(&request_id, 0);
        stage.cancelled.send_modify(|list| list.push(request_id));
    }
}

/// Ends when the caller resets its half of the stream; one that only finished it is still there.
async fn caller_cancelled(recv: &mut RecvStream) -> bool {
    loop {
        match recv.read_chunk(1024, true).await {
            Ok(Some(_)) => {}
            Ok(None) => std::future::pending().await,
            Err(ReadError::Reset(code)) => {
                return CloseCode::from_u64(code.into_inner()) == Some(CloseCode::Cancelled);
            }
            Err(_) => return false,
        }
    }
}

impl Telling {
    async fn run(&mut self, pieces: &[String], held: Option<Held>) {
        match self.plan.clone() {
            Plan::Silence => std::future::pending().await,
            Plan::Refuse {
                code,
                retry_after_ms,
            } => {
                self.stage
                    .book()
                    .open
                    .retain(|id| *id != self.request.request_id);
                write(&mut self.send, refusal(code, retry_after_ms)).await;
            }
            Plan::Reset { after: 0, code } if !self.request.stream => {
                let _ = self.send.reset(code.as_u32().into());
                return;
            }
            Plan::Disconnect { after: 0 } if !self.request.stream => {
                self.connection
                    .close(CloseCode::GoingAway.as_u32().into(), b"");
                return;
            }
            _ if !self.request.stream => {
                let event = self.stage.settle(&self.request.request_id, pieces.len());
                let receipt = self.stage.book().books.receipt();
                let answer = answer::Body::Escalation(whole(&event, pieces, receipt));
                write(&mut self.send, answer).await;
            }
            _ => {
                // A caller that is gone has its own part of the test.
                if self.stream(pieces, held).await.is_err() {
                    return;
                }
            }
        }
        let _ = self.send.finish();
    }

    /// Chunk 1 says who speaks, 2 and on are the pieces, the last is the end.
    async fn stream(&mut self, pieces: &[String], mut held: Option<Held>) -> Result<(), Stopped> {
        self.chunk(
            1,
            stream_chunk::Payload::Metadata(ChunkMetadata {
                agent: "logos".to_owned(),
                phase: "responding".to_owned(),
            }),
        )
        .await?;
        for (count, piece) in pieces.iter().enumerate() {
            self.pause(&mut held, count).await;
            self.break_off(count).await?;
            let sequence = count as u64 + 2;
            self.chunk(sequence, stream_chunk::Payload::Content(piece.clone()))
                .await?;
        }
        self.pause(&mut held, pieces.len()).await;
        self.break_off(pieces.len()).await?;
        let event = self.stage.settle(&self.request.request_id, pieces.len());
        let end = stream_chunk::Payload::End(StreamEnd {
            tokens_used: Some(tokens(&event)),
            cost_nano_usd: event.cost.get(),
            model_used: MODEL.to_owned(),
            finish: "stop".to_owned(),
            receipt: Some(self.stage.book().books.receipt()),
            ..StreamEnd::default()
        });
        self.chunk(pieces.len() as u64 + 2, end).await
    }

    async fn pause(&self, held: &mut Option<Held>, count: usize) {
        if let Some(hold) = held.take_if(|hold| hold.after == count) {
            // The test may have dropped either end.
            let _ = hold.reached.send(());
            let _ = hold.released.await;
        }
    }

    /// Does what the plan says before the piece with this number.
    async fn break_off(&mut self, count: usize) -> Result<(), Stopped> {
        match self.plan {
            Plan::Reset { after, code } if after == count => {
                let _ = self.send.reset(code.as_u32().into());
                Err(Stopped)
            }
            Plan::Disconnect { after } if after == count => {
                self.connection
                    .close(CloseCode::GoingAway.as_u32().into(), b"");
                Err(Stopped)
            }
            Plan::Finish { after } if after == count => {
                let _ = self.send.finish();
                Err(Stopped)
            }
            Plan::Fail { after, code } if after == count => {
                let event = self.stage.settle(&self.request.request_id, count);
                let error = stream_chunk::Payload::Error(StreamError {
                    code: code.as_str().to_owned(),
                    message: "as planned".to_owned(),
                    cost_nano_usd: event.cost.get(),
                    tokens_used: Some(tokens(&event)),
                    receipt: Some(self.stage.book().books.receipt()),
                });
                self.chunk(count as u64 + 2, error).await?;
                let _ = self.send.finish();
                Err(Stopped)
            }
            _ => Ok(()),
        }
    }

    async fn chunk(
        &mut self,
        sequence: u64,
        payload: stream_chunk::Payload,
    ) -> Result<(), Stopped> {
        let left_out = self.plan == Plan::Skip { sequence };
        if sequence <= self.request.resume_after || left_out {
            return Ok(());
        }
        let is_text = matches!(payload, stream_chunk::Payload::Content(_));
        let chunk = StreamChunk {
            request_id: self.request.request_id.clone(),
            payload: Some(payload),
            sequence,
        };
        let times = if self.plan == Plan::Repeat { 2 } else { 1 };
        for _ in 0..times {
            self.write_or_say_blocked(answer::Body::Chunk(chunk.clone()))
                .await?;
        }
        if is_text {
            self.stage.written.send_modify(|count| *count += 1);
        }
        Ok(())
    }

    async fn write_or_say_blocked(&mut self, body: answer::Body) -> Result<(), Stopped> {
        let frame = encode_frame(&Answer { body: Some(body) }).expect("a frame within the limit");
        let mut written = pin!(self.send.write_chunk(frame.into_bytes()));
        let stage = Arc::clone(&self.stage);
        poll_fn(|context| {
            let poll = written.as_mut().poll(context);
            stage.blocked.send_replace(poll.is_pending());
            match poll {
                Poll::Ready(result) => Poll::Ready(result.map_err(|_| Stopped)),
                Poll::Pending => Poll::Pending,
            }
        })
        .await
    }
}

fn whole(event: &BillingEvent, pieces: &[String], receipt: Receipt) -> EscalationResponse {
    EscalationResponse {
        request_id: event.request_id.clone(),
        content: pieces.concat(),
        model_used: MODEL.to_owned(),
        tokens_used: Some(tokens(event)),
        cost_nano_usd: event.cost.get(),
        receipt: Some(receipt),
        ..EscalationResponse::default()
    }
}

fn refusal(code: ErrorCode, retry_after_ms: Option<u32>) -> answer::Body {
    answer::Body::Error(CallError {
        code: code.as_str().to_owned(),
        message: "as planned".to_owned(),
        retry_after_ms,
    })
}

async fn write(send: &mut SendStream, body: answer::Body) {
    let frame = encode_frame(&Answer { body: Some(body) }).expect("a frame within the limit");
    // A caller that is gone has its own part of the test.
    let _ = send.write_chunk(frame.into_bytes()).await;
}
