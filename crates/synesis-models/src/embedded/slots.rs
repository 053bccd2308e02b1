//! Contexts and who uses them.
//!
//! A context belongs to one set of adapters for good and keeps what it read, so that the next
//! prompt with the same beginning need not be read from the start. There are few; the one that was
//! not used for longest makes room.

use std::sync::Arc;

use super::backend::Backend;
use crate::adapter::AdapterId;
use crate::error::EngineError;

/// Adapters with their weights, in the order they are applied.
pub(super) type AdapterSet = Vec<(AdapterId, f32)>;

/// Shared beginnings shorter than this are not worth giving up another context for.
const WORTH_KEEPING_TOKENS: usize = 16;

/// One context.
pub(super) struct Slot<B: Backend> {
    pub(super) context: B::Context,
    pub(super) set: AdapterSet,
    /// What it has read.
    pub(super) tokens: Vec<u32>,
    busy: bool,
    used: u64,
}

impl<B: Backend> Slot<B> {
    /// Reads tokens; with `logits`, what may come after them.
    pub(super) fn read(
        &mut self,
        backend: &mut B,
        tokens: &[u32],
        logits: Option<&mut Vec<f32>>,
    ) -> Result<(), EngineError> {
        backend.forward(&mut self.context, self.tokens.len(), tokens, logits)?;
        self.tokens.extend_from_slice(tokens);
        Ok(())
    }

    fn shared(&self, prompt: &[u32]) -> usize {
        self.tokens
            .iter()
            .zip(prompt)
            .take_while(|(a, b)| a == b)
            .count()
    }
}

/// All contexts of a model.
pub(super) struct Slots<B: Backend> {
    slots: Vec<Option<Slot<B>>>,
    clock: u64,
}

impl<B: Backend> Slots<B> {
    pub(super) fn new(max: usize) -> Self {
        Self {
            slots: (0..max.max(1)).map(|_| None).collect(),
            clock: 0,
        }
    }

    pub(super) fn get(&mut self, at: usize) -> Option<&mut Slot<B>> {
        self.slots.get_mut(at)?.as_mut()
    }

    /// Whether a set has a context that is in use.
    pub(super) fn busy_with(&self, id: AdapterId) -> bool {
        self.slots
            .iter()
            .flatten()
            .any(|slot| slot.busy && slot.set.iter().any(|&(used, _)| used == id))
    }

    /// Drops the idle contexts that an adapter is on.
    pub(super) fn forget(&mut self, id: AdapterId) {
        for slot in &mut self.slots {
            if slot
                .as_ref()
                .is_some_and(|slot| !slot.busy && slot.set.iter().any(|&(used, _)| used == id))
            {
                *slot = None;
            }
        }
    }

    /// Whether a new sequence would find a context.
    pub(super) fn free(&self) -> bool {
        self.slots
            .iter()
            .any(|slot| slot.as_ref().is_none_or(|slot| !slot.busy))
    }

    /// A context for a prompt, with as much of it as was read before; `None` when all are in use.
    pub(super) fn claim(
        &mut self,
        backend: &mut B,
        set: &AdapterSet,
        adapters: impl FnOnce() -> Vec<(Arc<B::Adapter>, f32)>,
        prompt: &[u32],
    ) -> Result<Option<usize>, EngineError> {
        let Some(at) = self.choose(set, prompt) else {
            return Ok(None);
        };
        self.clock += 1;
        let kept = self.slots[at].take().filter(|slot| slot.set == *set);
        let mut slot = match kept {
            Some(mut slot) => {
                // The last token is read again: its weights are needed.
                let keep = slot.shared(prompt).min(prompt.len().saturating_sub(1));
                let left = backend.truncate(&mut slot.context, keep)?;
                slot.tokens.truncate(left);
                slot
            }
            None => Slot {
                context: backend.context(&adapters())?,
                set: set.clone(),
                tokens: Vec::new(),
                busy: false,
                used: 0,
            },
        };
        (slot.busy, slot.used) = (true, self.clock);
        self.slots[at] = Some(slot);
        Ok(Some(at))
    }

    /// Gives a context back; one that failed is dropped.
    pub(super) fn release(&mut self, at: usize, sound: bool) {
        if let Some(slot) = self.slots.get_mut(at) {
            match slot {
                Some(slot) if sound => slot.busy = false,
                _ => *slot = None,
            }
        }
    }

    fn choose(&self, set: &AdapterSet, prompt: &[u32]) -> Option<usize> {
        let idle = || {
            self.slots
                .iter()
                .enumerate()
                .filter_map(|(at, slot)| Some((at, slot.as_ref()?)))
                .filter(|(_, slot)| !slot.busy)
        };
        let best = idle()
            .filter(|(_, slot)| slot.set == *set)
            .max_by_key(|(_, slot)| slot.shared(prompt));
        if let Some((at, slot)) = best {
            let shared = slot.shared(prompt);
            if shared >= WORTH_KEEPING_TOKENS || shared * 2 >= slot.tokens.len() {
                return Some(at);
            }
        }
        let empty = self.slots.iter().position(Option::is_none);
        empty.or_else(|| idle().min_by_key(|(_, slot)| slot.used).map(|(at, _)| at))
    }
}
