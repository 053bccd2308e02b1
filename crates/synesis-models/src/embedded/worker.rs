//! The thread that owns a model: takes commands, gives every answer its turn.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, TryRecvError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::backend::Backend;
use super::command::{Command, Handle, Job};
use super::sequence::{Progress, Sequence};
use super::slots::{AdapterSet, Slots};
use crate::adapter::{AdapterId, AdapterInfo, AdapterState};
use crate::engine::{GenDone, GenEvent};
use crate::error::EngineError;
use crate::gguf::Gguf;
use crate::grammar::Grammars;
use crate::limits::ADAPTERS_MAX;
use crate::tokenizer::Vocabulary;

/// A request that is possible and waits for a context.
struct Waiting {
    job: Box<Job>,
    matcher: Option<llguidance::Matcher>,
    set: AdapterSet,
}

struct Worker<B: Backend> {
    slots: Slots<B>,
    adapters: BTreeMap<AdapterId, Arc<B::Adapter>>,
    active: AdapterSet,
    next_adapter: u32,
    shown: Arc<Mutex<Vec<AdapterInfo>>>,
    queue: VecDeque<Waiting>,
    waiting: Arc<AtomicUsize>,
    running: Vec<Sequence>,
    grammars: Grammars,
    vocabulary: Arc<Vocabulary>,
    context_tokens: usize,
    // Last, so that contexts and adapters are gone before the model they belong to.
    backend: B,
}

/// Starts the thread.
pub(super) fn start<B: Backend>(
    backend: B,
    vocabulary: Arc<Vocabulary>,
    grammars: Grammars,
    context_tokens: usize,
    slots_max: usize,
) -> Result<Handle, EngineError> {
    let (sender, commands) = mpsc::channel();
    let waiting = Arc::new(AtomicUsize::new(0));
    let shown = Arc::new(Mutex::new(Vec::new()));
    let (waiting_there, shown_there) = (Arc::clone(&waiting), Arc::clone(&shown));
    let work = move || {
        let worker = Worker {
            slots: Slots::<B>::new(slots_max),
            adapters: BTreeMap::new(),
            active: Vec::new(),
            next_adapter: 1,
            shown: shown_there,
            queue: VecDeque::new(),
            waiting: waiting_there,
            running: Vec::new(),
            grammars,
            vocabulary,
            context_tokens,
            backend,
        };
        let _kept = worker.backend.enter_thread();
        worker.work(&commands);
    };
    let thread = std::thread::Builder::new()
        .name("model".to_owned())
        .spawn(work);
    let thread = thread.map_err(|error| EngineError::Failed {
        engine: B::NAME,
        reason: error.to_string(),
    })?;
    Ok(Handle::new(sender, thread.thread().clone(), waiting, shown))
}

impl<B: Backend> Worker<B> {
    /// Until every handle is gone.
    fn work(mut self, commands: &Receiver<Command>) {
        loop {
            loop {
                match commands.try_recv() {
                    Ok(command) => self.obey(command),
                    Err(TryRecvError::Empty) => break,
                    Err(TryRecvError::Disconnected) => return,
                }
            }
            self.admit();
            if !self.step_all() {
                // A wake-up that came since the checks above is kept, so none is missed.
                std::thread::park();
            }
        }
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Generate(job) => self.accept(job),
            Command::LoadAdapter {
                name,
                file,
                base_sha256,
                reply,
            } => {
                let _ = reply.send(self.load(name, &file, base_sha256));
            }
            Command::Activate { set, reply } => {
                let _ = reply.send(self.activate(set));
            }
            Command::UnloadAdapter { id, reply } => {
                let _ = reply.send(self.unload(id));
            }
        }
    }

    fn accept(&mut self, mut job: Box<Job>) {
        let (replacement, _) = tokio::sync::oneshot::channel();
        let started = std::mem::replace(&mut job.started, replacement);
        match self.check(&job) {
            Ok((matcher, set)) => {
                let _ = started.send(Ok(()));
                self.queue.push_back(Waiting { job, matcher, set });
            }
            Err(error) => {
                self.waiting.fetch_sub(1, Ordering::SeqCst);
                let _ = started.send(Err(error));
            }
        }
    }

    fn check(
        &mut self,
        job: &Job,
    ) -> Result<(Option<llguidance::Matcher>, AdapterSet), EngineError> {
        let named = &job.request.adapters;
        let set = if named.is_empty() {
            self.active.clone()
        } else {
            named.clone()
        };
        self.check_set(&set)?;
        let matcher = job
            .request
            .constraint
            .as_ref()
            .map(|constraint| self.grammars.matcher(constraint))
            .transpose()?;
        Ok((matcher, set))
    }

    fn check_set(&self, set: &AdapterSet) -> Result<(), EngineError> {
        for (n, &(id, weight)) in set.iter().enumerate() {
            if !self.adapters.contains_key(&id) {
                return Err(EngineError::AdapterUnknown { id: id.0 });
            }
            if !weight.is_finite() || set[..n].iter().any(|&(other, _)| other == id) {
                return Err(EngineError::Request {
                    reason: format!("adapter {id} is named twice or its weight is no number"),
                });
            }
        }
        Ok(())
    }

    /// Gives contexts to those that wait, first come first served.
    fn admit(&mut self) {
        let gone =
            |waiting: &Waiting| waiting.job.cancel.is_cancelled() || waiting.job.events.is_closed();
        while let Some(at) = self.queue.iter().position(gone) {
            let Some(waiting) = self.queue.remove(at) else {
                return;
            };
            self.waiting.fetch_sub(1, Ordering::SeqCst);
            let done = GenDone::cancelled(waiting.job.prompt.len());
            let _ = waiting.job.events.try_send(Ok(GenEvent::Done(done)));
        }
        while !self.queue.is_empty() && self.slots.free() {
            let Some(waiting) = self.queue.pop_front() else {
                return;
            };
            self.waiting.fetch_sub(1, Ordering::SeqCst);
            if let Err((job, error)) = self.begin(waiting) {
                let _ = job.events.try_send(Err(error));
            }
        }
    }

    fn begin(
        &mut self,
        Waiting { job, matcher, set }: Waiting,
    ) -> Result<(), (Box<Job>, EngineError)> {
        let adapters = &self.adapters;
        let on = || {
            set.iter()
                .filter_map(|(id, weight)| Some((Arc::clone(adapters.get(id)?), *weight)))
                .collect()
        };
        let slot = match self.slots.claim(&mut self.backend, &set, on, &job.prompt) {
            Ok(Some(slot)) => slot,
            Ok(None) => {
                return Err((
                    job,
                    EngineError::Failed {
                        engine: B::NAME,
                        reason: "no context is free".to_owned(),
                    },
                ));
            }
            Err(error) => return Err((job, error)),
        };
        let cached = self.slots.get(slot).map_or(0, |slot| slot.tokens.len());
        let drop_space = self.vocabulary.space_prefix() && matcher.is_none();
        let Job {
            prompt,
            request,
            events,
            cancel,
            ..
        } = *job;
        let limits = (self.context_tokens, drop_space);
        self.running.push(Sequence::new(
            (slot, &prompt, cached),
            &request,
            matcher,
            (events, cancel),
            limits,
        ));
        Ok(())
    }

    /// One step for every answer that can take one; whether there was any.
    fn step_all(&mut self) -> bool {
        let mut worked = false;
        let mut at = 0;
        while let Some(sequence) = self.running.get_mut(at) {
            if !sequence.ready() {
                at += 1;
                continue;
            }
            worked = true;
            let number = sequence.slot;
            let progress = match self.slots.get(number) {
                Some(slot) => sequence.step(&mut self.backend, slot, &self.vocabulary),
                None => Progress::Failed,
            };
            if progress == Progress::More {
                at += 1;
            } else {
                self.running.remove(at);
                self.slots.release(number, progress == Progress::Ended);
            }
        }
        worked
    }

    fn load(
        &mut self,
        name: String,
        file: &Gguf,
        base_sha256: Option<String>,
    ) -> Result<AdapterId, EngineError> {
        if self.adapters.len() >= ADAPTERS_MAX {
            return Err(EngineError::AdaptersFull {
                adapters_max: ADAPTERS_MAX,
            });
        }
        let start = Instant::now();
        let adapter = self.backend.adapter(&name, file)?;
        let id = AdapterId(self.next_adapter);
        self.next_adapter += 1;
        self.adapters.insert(id, Arc::new(adapter));
        let (bytes, rank) = (file.len_bytes(), rank(file));
        let info = AdapterInfo {
            id,
            name,
            rank,
            bytes,
            base_sha256,
            state: AdapterState::Cached,
            load: start.elapsed(),
        };
        self.shown
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(info);
        Ok(id)
    }

    fn activate(&mut self, set: AdapterSet) -> Result<Duration, EngineError> {
        let start = Instant::now();
        self.check_set(&set)?;
        self.active = set;
        for info in self
            .shown
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .iter_mut()
        {
            let active = self.active.iter().any(|&(id, _)| id == info.id);
            info.state = if active {
                AdapterState::Active
            } else {
                AdapterState::Cached
            };
        }
        Ok(start.elapsed())
    }

    fn unload(&mut self, id: AdapterId) -> Result<(), EngineError> {
        if !self.adapters.contains_key(&id) {
            return Err(EngineError::AdapterUnknown { id: id.0 });
        }
        let in_set = |set: &AdapterSet| set.iter().any(|&(used, _)| used == id);
        if self.slots.busy_with(id)
            || in_set(&self.active)
            || self.queue.iter().any(|waiting| in_set(&waiting.set))
        {
            return Err(EngineError::AdapterInUse { id: id.0 });
        }
        self.slots.forget(id);
        self.adapters.remove(&id);
        self.shown
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .retain(|info| info.id != id);
        Ok(())
    }
}

/// The largest rank in an adapter: the rows of its `a` matrices.
fn rank(file: &Gguf) -> u32 {
    let ranks = file
        .tensors()
        .iter()
        .filter(|tensor| tensor.name.ends_with(".lora_a"))
        .filter_map(|tensor| tensor.shape.first());
    ranks
        .max()
        .and_then(|&rank| u32::try_from(rank).ok())
        .unwrap_or(0)
}
