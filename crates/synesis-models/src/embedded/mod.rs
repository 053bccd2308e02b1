//! Models inside this process: what both embedded engines share.
//!
//! One thread owns the model, its contexts and its adapters. Requests go to it over a channel,
//! events come back over a bounded one; a reader that stops reading stops its own answer only.

mod backend;
mod command;
mod open;
mod sequence;
mod slots;
mod stream;
mod worker;

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use futures::StreamExt;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

pub(crate) use backend::Backend;
pub(crate) use open::{Source, open};

use crate::adapter::{AdapterId, AdapterInfo, AdapterSource, Adapters};
use crate::engine::{Engine, GenRequest, GenStream};
use crate::error::EngineError;
use crate::gguf::Gguf;
use crate::info::ModelInfo;
use crate::limits::{
    ADAPTER_BYTES_MAX, EVENTS_BEHIND_MAX, REQUESTS_QUEUED_MAX, STOP_BYTES_MAX, STOP_STRINGS_MAX,
};
use crate::template::ChatTemplate;
use crate::tokenizer::Tokenizer;
use command::{Command, Handle, Job};
use stream::EventStream;

/// A model on a thread of its own.
pub(crate) struct Embedded {
    info: ModelInfo,
    file: Gguf,
    tokenizer: Arc<Tokenizer>,
    template: ChatTemplate,
    context_tokens: usize,
    handle: Arc<Handle>,
}

impl std::fmt::Debug for Embedded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Embedded({} on {})", self.info.id, self.info.engine)
    }
}

impl Embedded {
    /// Sends a command and waits for its answer.
    async fn ask<T>(
        &self,
        command: impl FnOnce(oneshot::Sender<T>) -> Command,
    ) -> Result<T, EngineError> {
        let (reply, answer) = oneshot::channel();
        self.handle.send(command(reply))?;
        answer.await.map_err(|_| EngineError::Closed)
    }

    fn prompt(&self, request: &GenRequest) -> Result<Vec<u32>, EngineError> {
        let refuse = |reason: String| EngineError::Request { reason };
        if request.messages.is_empty() {
            return Err(refuse("it has no message".to_owned()));
        }
        if request.stop.len() > STOP_STRINGS_MAX {
            return Err(refuse(format!(
                "it has more than {STOP_STRINGS_MAX} stop strings"
            )));
        }
        if request
            .stop
            .iter()
            .any(|stop| stop.is_empty() || stop.len() > STOP_BYTES_MAX)
        {
            return Err(refuse(format!(
                "a stop string has 1 to {STOP_BYTES_MAX} bytes"
            )));
        }
        if request.sampling.max_tokens == 0 {
            return Err(refuse("max_tokens is zero".to_owned()));
        }
        let tokens = self
            .tokenizer
            .encode_prompt(&self.template.render(&request.messages)?);
        if tokens.is_empty() {
            return Err(refuse("its prompt is empty".to_owned()));
        }
        if tokens.len() >= self.context_tokens {
            return Err(EngineError::ContextOverflow {
                prompt_tokens: tokens.len(),
                context_tokens: self.context_tokens,
            });
        }
        Ok(tokens)
    }

    /// The hash of the model's file, computed at most once.
    fn base_sha256(&self) -> Result<String, EngineError> {
        if let Some(known) = &self.info.sha256 {
            return Ok(known.clone());
        }
        let mut kept = self
            .handle
            .base_sha256
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = &*kept {
            return Ok(known.clone());
        }
        let hash = self
            .file
            .sha256()
            .map_err(|source| EngineError::Malformed {
                file: self.info.id.clone(),
                source,
            })?;
        *kept = Some(hash.clone());
        Ok(hash)
    }

    fn check_adapter(&self, name: &str, file: &Gguf) -> Result<Option<String>, EngineError> {
        let refuse = |reason: String| EngineError::Adapter {
            name: name.to_owned(),
            reason,
        };
        if file.len_bytes() > ADAPTER_BYTES_MAX {
            return Err(refuse(format!(
                "it is larger than {ADAPTER_BYTES_MAX} bytes"
            )));
        }
        let metadata = file.metadata();
        if metadata.text("general.type") != Some("adapter")
            || metadata.text("adapter.type") != Some("lora")
        {
            return Err(refuse("it is not a GGUF-LoRA file".to_owned()));
        }
        if metadata.text("general.architecture") != self.info.architecture.as_deref() {
            let made_for = metadata
                .text("general.architecture")
                .unwrap_or("nothing that it names");
            return Err(refuse(format!("it was made for {made_for}")));
        }
        let Some(expected) = metadata.text("synesis.base_sha256") else {
            return Ok(None);
        };
        let found = self.base_sha256()?;
        if !expected.eq_ignore_ascii_case(&found) {
            return Err(EngineError::AdapterBase {
                name: name.to_owned(),
                expected: expected.to_owned(),
                found,
            });
        }
        Ok(Some(found))
    }
}

#[async_trait]
impl Engine for Embedded {
    fn info(&self) -> &ModelInfo {
        &self.info
    }

    async fn generate(
        &self,
        mut request: GenRequest,
        cancel: CancellationToken,
    ) -> Result<GenStream, EngineError> {
        let prompt = self.prompt(&request)?;
        request.stop.extend(self.template.stop().map(str::to_owned));
        let waiting = self.handle.waiting.fetch_add(1, Ordering::SeqCst);
        if waiting >= REQUESTS_QUEUED_MAX {
            self.handle.waiting.fetch_sub(1, Ordering::SeqCst);
            return Err(EngineError::Busy {
                queued_max: REQUESTS_QUEUED_MAX,
            });
        }
        let (events, receiver) = mpsc::channel(EVENTS_BEHIND_MAX);
        let watched = cancel.clone();
        // What cannot be started is refused here, so the caller hears of it before any event.
        let job = |started| {
            Command::Generate(Box::new(Job {
                prompt,
                request,
                cancel,
                events,
                started,
            }))
        };
        self.ask(job).await??;
        Ok(EventStream::new(receiver, Arc::clone(&self.handle), watched).boxed())
    }

    fn count_tokens(&self, text: &str) -> usize {
        self.tokenizer.count(text)
    }

    fn adapters(&self) -> Option<&dyn Adapters> {
        Some(self)
    }
}

#[async_trait]
impl Adapters for Embedded {
    async fn load(&self, name: &str, source: AdapterSource) -> Result<AdapterId, EngineError> {
        let malformed = |source| EngineError::Malformed {
            file: format!("adapter `{name}`"),
            source,
        };
        let file = match source {
            AdapterSource::Path(path) => Gguf::open(&path),
            AdapterSource::Bytes(bytes) => Gguf::from_shared(bytes),
        };
        let file = file.map_err(malformed)?;
        let base_sha256 = self.check_adapter(name, &file)?;
        let name = name.to_owned();
        self.ask(|reply| Command::LoadAdapter {
            name,
            file,
            base_sha256,
            reply,
        })
        .await?
    }

    async fn activate(&self, set: &[(AdapterId, f32)]) -> Result<Duration, EngineError> {
        let set = set.to_vec();
        self.ask(|reply| Command::Activate { set, reply }).await?
    }

    async fn unload(&self, id: AdapterId) -> Result<(), EngineError> {
        self.ask(|reply| Command::UnloadAdapter { id, reply })
            .await?
    }

    fn list(&self) -> Vec<AdapterInfo> {
        self.handle
            .adapters
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}
