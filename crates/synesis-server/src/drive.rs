//! The driver of one escalation: does what the state machine says and tells it what came of it.
//!
//! Every command to the account is stored together with the chunks so far and what they used, so
//! that after a kill the request can be settled by what was recorded (`recovery.rs`), and a retry
//! of a settled request finds its whole answer.

use std::sync::Arc;
use std::time::Duration;

use synesis_domain::{AccountCommand, Timestamp, TokenUsage, UserId};
use synesis_models::Engine;
use synesis_service::{
    AccountFailure, AccountReply, Action, Finish, PromptEstimate, Record, StopReason, Transcript,
};
use synesis_wire::proto::BalanceChanged;
use tokio::time::Instant;

use crate::clock;
use crate::cloud::Cloud;
use crate::error::chain;
use crate::limits::{FINISHED_IN_MEMORY, UNSETTLED_RETRY};
use crate::provider::{ProviderEvent, ProviderStream};
use crate::running::Running;
use crate::store::{StoreError, StoredTranscript};

/// Drives an escalation to its end and keeps it readable for a while after.
pub(crate) async fn drive(cloud: Arc<Cloud>, running: Arc<Running>, engine: Arc<dyn Engine>) {
    let mut driver = Driver {
        cloud: &cloud,
        running: &running,
        engine,
        provider: None,
        used: TokenUsage::default(),
        stopped: false,
        whole: false,
    };
    while !driver.act().await {
        driver.wait().await;
    }
    let forgetting = Arc::clone(&cloud);
    tokio::spawn(async move {
        tokio::time::sleep(FINISHED_IN_MEMORY).await;
        forgetting.escalations.forget(&running);
    });
}

struct Driver<'a> {
    cloud: &'a Arc<Cloud>,
    running: &'a Arc<Running>,
    /// The model, with the key of whoever pays its provider.
    engine: Arc<dyn Engine>,
    provider: Option<ProviderStream>,
    /// What was used so far, as far as this side counts.
    used: TokenUsage,
    stopped: bool,
    /// The provider came to its end.
    whole: bool,
}

impl Driver<'_> {
    /// Does all that is to do now, and says whether that was the end.
    async fn act(&mut self) -> bool {
        loop {
            let action = self.running.escalation().poll();
            match action {
                None => {
                    self.running.publish();
                    return false;
                }
                Some(Action::Account(command)) => {
                    self.running.publish();
                    let reply = self.account(command).await;
                    self.running
                        .escalation()
                        .handle_account(clock::now(), reply);
                }
                Some(Action::CallProvider(call)) => {
                    let prompt = PromptEstimate::of(&call.messages).usual;
                    self.used = TokenUsage::new(prompt, 0, 0);
                    self.provider = Some(ProviderStream::start(
                        &self.engine,
                        &self.cloud.adapters,
                        call,
                    ));
                }
                // Readers take the chunks from the transcript.
                Some(Action::Send(_)) => {}
                Some(Action::StopProvider) => self.provider = None,
                Some(Action::Done(record)) => {
                    self.provider = None;
                    self.finish(*record).await;
                    self.running.publish();
                    return true;
                }
            }
        }
    }

    /// Waits for the next thing that happens, and tells it.
    async fn wait(&mut self) {
        let mut readers = self.running.readers();
        let seen = readers.borrow_and_update().clone();
        let last = self.running.escalation().transcript().last_sequence();
        let orphaned = seen.orphaned().filter(|_| !self.stopped);
        if let Some(reason) = seen.stop().filter(|_| !self.stopped) {
            return self.stop(reason);
        }
        let grace = self.cloud.settings.reconnect_grace;
        let tick = self.running.escalation().timeout().map(until);
        tokio::select! {
            event = next(self.provider.as_mut()), if seen.keep_up(last) => self.hear(event),
            changed = readers.changed() => {
                // The sender lives in `running`, so there is always a next change.
                let _ = changed;
            }
            () = maybe_sleep(orphaned.map(|since| since + grace)) => {
                tracing::info!(request = %self.running.request, "nobody came back for an answer");
                self.stop(StopReason::Cancelled);
            }
            () = maybe_sleep(tick) => self.running.escalation().handle_tick(clock::now()),
        }
    }

    fn stop(&mut self, reason: StopReason) {
        self.stopped = true;
        self.running.escalation().handle_stop(reason);
    }

    fn hear(&mut self, event: ProviderEvent) {
        let mut escalation = self.running.escalation();
        match event {
            ProviderEvent::Delta { text, tokens } => {
                let completion = self.used.completion().saturating_add(tokens);
                self.used = TokenUsage::new(self.used.prompt(), 0, completion);
                escalation.handle_delta(clock::now(), &text, tokens);
            }
            ProviderEvent::Ended { usage, finish } => {
                self.provider = None;
                self.whole = finish == Finish::Stop;
                escalation.handle_provider_end(usage, finish);
            }
            ProviderEvent::Failed(failure) => {
                self.provider = None;
                escalation.handle_provider_failed(failure);
            }
        }
    }

    /// Puts a command to the account, with the chunks so far beside it.
    async fn account(&mut self, command: AccountCommand) -> Result<AccountReply, AccountFailure> {
        let (user, request) = (self.running.caller.user, self.running.request);
        let (content, mut transcript) = self.so_far();
        transcript.whole = matches!(command, AccountCommand::Settle { .. }) && self.whole;
        let threshold = self.cloud.flush_threshold();
        let replied = self
            .cloud
            .store
            .run_for(user, move |books| {
                let now = clock::now();
                let reply = match books.command(user, now, &command)? {
                    Ok(account) => AccountReply::of(account, &request),
                    Err(refusal) => return Ok(Err(AccountFailure::Refused(refusal))),
                };
                let settled = matches!(reply, AccountReply::Settled { .. });
                if settled && let Some(threshold) = threshold {
                    let _ = books.command(user, now, &AccountCommand::Flush { threshold })?;
                }
                let receipt = settled.then(|| books.receipt(user, now)).transpose()?;
                if matches!(command, AccountCommand::Release { .. }) {
                    books.drop_result(user, request)?;
                } else {
                    books.put_result(user, request, content, now, false, &transcript)?;
                }
                Ok(Ok((reply, receipt)))
            })
            .await;
        if let Some(payment) = &self.cloud.payment {
            payment.wake();
        }
        // Signed once it is on disk, and away from the thread that writes.
        let replied = replied.map(|replied| {
            replied.map(|(reply, receipt)| match receipt {
                Some(receipt) => reply.with_receipt(|| self.cloud.receipts.sign(&receipt)),
                None => reply,
            })
        });
        replied.unwrap_or_else(|error| {
            tracing::error!(%request, error = %chain(&error), "the account could not be changed");
            Err(AccountFailure::Unavailable)
        })
    }

    fn so_far(&self) -> (synesis_domain::Digest, StoredTranscript) {
        let escalation = self.running.escalation();
        let transcript = escalation.transcript();
        let stored = StoredTranscript {
            chunks: transcript.after(0).collect(),
            prompt_tokens: self.used.prompt(),
            completion_tokens: self.used.completion(),
            whole: false,
        };
        (transcript.content(), stored)
    }

    /// Keeps the whole answer for a day. What could not be settled is tried again.
    async fn finish(&mut self, record: Record) {
        log(&record);
        self.cloud.metrics.ended(&record);
        let (user, request) = (self.running.caller.user, self.running.request);
        if let Some(command) = record.unsettled {
            let cloud = Arc::clone(self.cloud);
            tokio::spawn(settle_late(cloud, user, command));
            return;
        }
        if record.entry.is_some() {
            tell_balance(self.cloud, user).await;
        }
        if Transcript::is_fruitless(self.running.escalation().transcript()) {
            return;
        }
        let (content, transcript) = self.so_far();
        let kept = self
            .cloud
            .store
            .run_for(user, move |books| {
                books.put_result(user, request, content, clock::now(), true, &transcript)
            })
            .await;
        if let Err(error) = kept {
            tracing::error!(%request, error = %chain(&error), "an answer could not be kept");
        }
    }
}

/// The account's devices hear what is left.
pub(crate) async fn tell_balance(cloud: &Cloud, user: UserId) {
    let read = cloud
        .store
        .run(move |books| {
            let account = books.account(user)?;
            Ok(BalanceChanged {
                charged_nano_usd: account.period().charged.get(),
                room_nano_usd: account.room().get(),
            })
        })
        .await;
    match read {
        Ok(changed) => cloud.hub.tell_balance(user, changed),
        Err(error) => tracing::warn!(error = %chain(&error), "a balance was not told"),
    }
}

/// The books could not be written at the end of a call: tries until they can.
async fn settle_late(cloud: Arc<Cloud>, user: UserId, command: AccountCommand) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(UNSETTLED_RETRY) => {}
            // The next start settles by what was recorded.
            () = cloud.draining.cancelled() => return,
        }
        let again = command.clone();
        let settled: Result<bool, StoreError> = cloud
            .store
            .run_for(user, move |books| {
                Ok(books.command(user, clock::now(), &again)?.is_ok())
            })
            .await;
        match settled {
            Ok(settled) => {
                tracing::info!(settled, "a call was settled late");
                return;
            }
            Err(error) => tracing::error!(error = %chain(&error), "a call is still not settled"),
        }
    }
}

/// What an operator may know of a call: never its words.
fn log(record: &Record) {
    let outcome = match &record.outcome {
        Ok(finish) => finish.as_str(),
        Err(rejection) => rejection.code().as_str(),
    };
    let usage = record.usage.unwrap_or_default();
    tracing::info!(
        request = %record.request,
        user = %record.caller.user,
        model = record.model_id,
        outcome,
        prompt_tokens = usage.prompt(),
        completion_tokens = usage.completion(),
        paid = record.entry.map_or(0, |entry| entry.paid().get()),
        ms = record.ended.since(record.started),
        "a call ended"
    );
}

async fn next(provider: Option<&mut ProviderStream>) -> ProviderEvent {
    match provider {
        Some(provider) => provider.next().await,
        None => std::future::pending().await,
    }
}

async fn maybe_sleep(until: Option<Instant>) {
    match until {
        Some(until) => tokio::time::sleep_until(until).await,
        None => std::future::pending().await,
    }
}

fn until(at: Timestamp) -> Instant {
    let ms = u64::try_from(at.since(clock::now())).unwrap_or(0);
    Instant::now() + Duration::from_millis(ms)
}
