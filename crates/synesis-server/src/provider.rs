//! The model behind escalations: an engine of `synesis-models`, heard as a provider.
//!
//! Dropping a [`ProviderStream`] stops the model at once. What an engine says about a failure goes
//! to the log; callers hear it without the operator's addresses.

use std::sync::Arc;

use futures::{StreamExt, TryStreamExt, stream};
use synesis_domain::TokenUsage;
use synesis_models::{
    Engine, EngineError, Finish as EngineFinish, GenDone, GenEvent, GenRequest, GenStream, Sampling,
};
use synesis_service::{Finish, ProviderCall, ProviderFailure};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::adapters::AdapterPool;
use crate::error::chain;
use crate::limits::PROVIDER_SILENCE_MAX;

/// Something a provider did.
pub(crate) enum ProviderEvent {
    Delta {
        text: String,
        tokens: u32,
    },
    /// It came to its end. No usage: it did not count.
    Ended {
        usage: Option<TokenUsage>,
        finish: Finish,
    },
    Failed(ProviderFailure),
}

/// One answer of a provider.
pub(crate) struct ProviderStream {
    events: GenStream,
    _stop: DropGuard,
}

impl ProviderStream {
    /// Calls the model. It begins to work when the stream is first read.
    pub(crate) fn start(
        engine: &Arc<dyn Engine>,
        adapters: &Arc<AdapterPool>,
        call: ProviderCall,
    ) -> Self {
        let (engine, adapters) = (Arc::clone(engine), Arc::clone(adapters));
        let cancel = CancellationToken::new();
        let stop = cancel.clone().drop_guard();
        let mut request = GenRequest {
            messages: call.messages,
            sampling: Sampling {
                max_tokens: call.max_tokens,
                ..Sampling::default()
            },
            ..GenRequest::default()
        };
        let begun = async move {
            if let Some(lora) = &call.lora {
                request.adapters = vec![(adapters.load(lora).await?, 1.0)];
            }
            engine.generate(request, cancel).await
        };
        let events = stream::once(begun).try_flatten().boxed();
        Self {
            events,
            _stop: stop,
        }
    }

    /// What the provider does next. Safe to be dropped and called again.
    pub(crate) async fn next(&mut self) -> ProviderEvent {
        loop {
            let event = match tokio::time::timeout(PROVIDER_SILENCE_MAX, self.events.next()).await {
                Err(_) => return ProviderEvent::Failed(ProviderFailure::Timeout),
                Ok(None) => {
                    let words = "it ended its answer without saying so".to_owned();
                    return ProviderEvent::Failed(ProviderFailure::Failed(words));
                }
                Ok(Some(event)) => event,
            };
            match event {
                Ok(GenEvent::Prefill { .. }) => {}
                Ok(GenEvent::Text { text, tokens }) => {
                    return ProviderEvent::Delta { text, tokens };
                }
                Ok(GenEvent::Done(done)) => return ended(&done),
                Err(error) => {
                    tracing::warn!(error = %chain(&error), "the provider failed");
                    return ProviderEvent::Failed(failure(&error));
                }
            }
        }
    }
}

fn ended(done: &GenDone) -> ProviderEvent {
    // A prompt is never empty: an engine that counts none was told nothing by its server.
    let counted = done.prompt_tokens > 0;
    ProviderEvent::Ended {
        usage: counted.then(|| {
            TokenUsage::new(
                done.prompt_tokens,
                done.cached_tokens,
                done.completion_tokens,
            )
        }),
        finish: match done.finish {
            EngineFinish::Stop => Finish::Stop,
            EngineFinish::Length => Finish::Length,
            EngineFinish::Cancelled => Finish::Cancelled,
        },
    }
}

fn failure(error: &EngineError) -> ProviderFailure {
    let words = match error {
        EngineError::Busy { .. } => {
            return ProviderFailure::Busy {
                retry_after_ms: None,
            };
        }
        EngineError::Silent { .. } => return ProviderFailure::Timeout,
        EngineError::Unreachable { .. } => "its server cannot be reached".to_owned(),
        EngineError::Refused { status, .. } => format!("its server answered {status}"),
        EngineError::Protocol { .. } | EngineError::Cut { .. } => {
            "its server's answer broke off or made no sense".to_owned()
        }
        // These say what is wrong with the question.
        EngineError::ContextOverflow { .. }
        | EngineError::Request { .. }
        | EngineError::Template { .. } => error.to_string(),
        _ => "its engine failed".to_owned(),
    };
    ProviderFailure::Failed(words)
}
