//! What can be asked of a model's thread, and the handle to ask with.

use std::sync::Mutex;
use std::sync::atomic::AtomicUsize;
use std::sync::mpsc::Sender;
use std::thread::Thread;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use crate::adapter::{AdapterId, AdapterInfo};
use crate::engine::{GenEvent, GenRequest};
use crate::error::EngineError;
use crate::gguf::Gguf;

/// A request with its prompt in tokens.
pub(super) struct Job {
    pub(super) prompt: Vec<u32>,
    pub(super) request: GenRequest,
    pub(super) cancel: CancellationToken,
    pub(super) events: mpsc::Sender<Result<GenEvent, EngineError>>,
    /// Told once the request is known to be possible, before it is its turn.
    pub(super) started: oneshot::Sender<Result<(), EngineError>>,
}

/// What a model's thread can be asked. At most [`REQUESTS_QUEUED_MAX`](crate::limits) answers wait;
/// the other commands are each awaited by their caller.
pub(super) enum Command {
    Generate(Box<Job>),
    LoadAdapter {
        name: String,
        file: Gguf,
        base_sha256: Option<String>,
        reply: oneshot::Sender<Result<AdapterId, EngineError>>,
    },
    Activate {
        set: Vec<(AdapterId, f32)>,
        reply: oneshot::Sender<Result<Duration, EngineError>>,
    },
    UnloadAdapter {
        id: AdapterId,
        reply: oneshot::Sender<Result<(), EngineError>>,
    },
}

/// The way to a model's thread. The thread ends when the last one is gone.
pub(super) struct Handle {
    commands: Option<Sender<Command>>,
    thread: Thread,
    /// Requests sent and not yet begun.
    pub(super) waiting: std::sync::Arc<AtomicUsize>,
    /// Kept by the thread, read by everyone.
    pub(super) adapters: std::sync::Arc<Mutex<Vec<AdapterInfo>>>,
    pub(super) base_sha256: Mutex<Option<String>>,
}

impl Handle {
    pub(super) fn new(
        commands: Sender<Command>,
        thread: Thread,
        waiting: std::sync::Arc<AtomicUsize>,
        adapters: std::sync::Arc<Mutex<Vec<AdapterInfo>>>,
    ) -> Self {
        Self {
            commands: Some(commands),
            thread,
            waiting,
            adapters,
            base_sha256: Mutex::new(None),
        }
    }

    pub(super) fn send(&self, command: Command) -> Result<(), EngineError> {
        let sent = self
            .commands
            .as_ref()
            .is_some_and(|commands| commands.send(command).is_ok());
        self.wake();
        if sent {
            Ok(())
        } else {
            Err(EngineError::Closed)
        }
    }

    /// Something changed that the thread may be waiting for.
    pub(super) fn wake(&self) {
        self.thread.unpark();
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        // The channel closes first, so the thread that wakes finds it closed.
        self.commands = None;
        self.wake();
    }
}
