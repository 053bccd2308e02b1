//! One answer at work: read the prompt, choose tokens, send text.

use std::time::{Duration, Instant};

use llguidance::Matcher;
use tokio::sync::mpsc::Sender;
use tokio_util::sync::CancellationToken;

use super::backend::Backend;
use super::slots::Slot;
use super::stream::EVENTS_PER_STEP;
use crate::engine::{Finish, GenDone, GenEvent, GenRequest};
use crate::error::EngineError;
use crate::grammar;
use crate::limits::PREFILL_STEP_TOKENS;
use crate::sample::Sampler;
use crate::text::Cutter;
use crate::tokenizer::Vocabulary;

/// Where an answer stands after a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// There is more to do.
    More,
    /// The closing event was sent; the context can be used again.
    Ended,
    /// It failed, and its context with it.
    Failed,
}

/// One answer.
pub(super) struct Sequence {
    pub(super) slot: usize,
    events: Sender<Result<GenEvent, EngineError>>,
    cancel: CancellationToken,
    /// Tokens not read yet: of the prompt at first, then what was chosen.
    unread: Vec<u32>,
    prompt_tokens: usize,
    cached_tokens: usize,
    context_tokens: usize,
    sampler: Sampler,
    matcher: Option<Matcher>,
    cutter: Option<Cutter>,
    max_tokens: u32,
    generated: u32,
    /// Text and tokens of this step, sent together.
    unsent: (String, u32),
    probabilities: (f64, u32),
    started: Instant,
    first: Option<Instant>,
    logits: Vec<f32>,
}

impl Sequence {
    /// `cached` tokens of the prompt are in the slot already.
    pub(super) fn new(
        (slot, prompt, cached): (usize, &[u32], usize),
        request: &GenRequest,
        matcher: Option<Matcher>,
        (events, cancel): (Sender<Result<GenEvent, EngineError>>, CancellationToken),
        (context_tokens, drop_space): (usize, bool),
    ) -> Self {
        Self {
            slot,
            events,
            cancel,
            unread: prompt[cached..].to_vec(),
            prompt_tokens: prompt.len(),
            cached_tokens: cached,
            context_tokens,
            sampler: Sampler::new(request.sampling.clone()),
            matcher,
            cutter: Some(Cutter::new(&request.stop, drop_space)),
            max_tokens: request.sampling.max_tokens,
            generated: 0,
            unsent: (String::new(), 0),
            probabilities: (0.0, 0),
            started: Instant::now(),
            first: None,
            logits: Vec::new(),
        }
    }

    /// Whether a step may be taken now: there is room for its events, or nobody wants them any more.
    pub(super) fn ready(&self) -> bool {
        self.gone() || self.events.capacity() >= EVENTS_PER_STEP
    }

    fn gone(&self) -> bool {
        self.events.is_closed() || self.cancel.is_cancelled()
    }

    /// Reads a part of the prompt, or chooses one token.
    pub(super) fn step<B: Backend>(
        &mut self,
        backend: &mut B,
        slot: &mut Slot<B>,
        vocabulary: &Vocabulary,
    ) -> Progress {
        if self.gone() {
            return self.end(Finish::Cancelled);
        }
        match self.try_step(backend, slot, vocabulary) {
            Ok(None) => {
                self.send_text();
                Progress::More
            }
            Ok(Some(finish)) => self.end(finish),
            Err(error) => {
                self.send(Err(error));
                Progress::Failed
            }
        }
    }

    fn try_step<B: Backend>(
        &mut self,
        backend: &mut B,
        slot: &mut Slot<B>,
        vocabulary: &Vocabulary,
    ) -> Result<Option<Finish>, EngineError> {
        if self.first.is_none()
            && self.generated == 0
            && let Some(finish) = self.take_forced(vocabulary)?
        {
            return Ok(Some(finish));
        }
        if self.generated >= self.max_tokens
            || slot.tokens.len() + self.unread.len() > self.context_tokens
        {
            return Ok(Some(Finish::Length));
        }
        let count = self.unread.len().min(PREFILL_STEP_TOKENS);
        let part: Vec<u32> = self.unread.drain(..count).collect();
        if !self.unread.is_empty() {
            slot.read(backend, &part, None)?;
            let done = number(slot.tokens.len());
            self.send(Ok(GenEvent::Prefill {
                done,
                total: number(self.prompt_tokens),
            }));
            return Ok(None);
        }
        slot.read(backend, &part, Some(&mut self.logits))?;
        self.choose(vocabulary)
    }

    fn choose(&mut self, vocabulary: &Vocabulary) -> Result<Option<Finish>, EngineError> {
        let allowed = match &mut self.matcher {
            Some(matcher) => Some(
                matcher
                    .compute_mask_or_eos()
                    .map_err(|error| grammar::refused(error.to_string()))?,
            ),
            None => None,
        };
        let choice = self.sampler.choose(&self.logits, allowed.as_ref()).ok_or_else(|| EngineError::Failed {
            engine: "embedded",
            reason: "no token can be chosen: the model's weights are damaged or the constraint allows nothing".to_owned(),
        })?;
        self.first.get_or_insert_with(Instant::now);
        if vocabulary.ends().contains(&choice.token) {
            return Ok(Some(Finish::Stop));
        }
        if !choice.forced {
            self.probabilities.0 += f64::from(choice.probability);
            self.probabilities.1 += 1;
        }
        if let Some(matcher) = &mut self.matcher {
            matcher
                .consume_token(choice.token)
                .map_err(|error| grammar::refused(error.to_string()))?;
        }
        if let Some(finish) = self.take(choice.token, vocabulary) {
            return Ok(Some(finish));
        }
        self.take_forced(vocabulary)
    }

    /// Tokens to which the constraint leaves no alternative need no model.
    fn take_forced(&mut self, vocabulary: &Vocabulary) -> Result<Option<Finish>, EngineError> {
        let Some(matcher) = &mut self.matcher else {
            return Ok(None);
        };
        let forced = if matcher.is_stopped() {
            Vec::new()
        } else {
            matcher.consume_ff_tokens()
        };
        let stopped = matcher.is_stopped();
        if let Some(reason) = matcher.get_error() {
            return Err(grammar::refused(
                reason.lines().next().unwrap_or_default().to_owned(),
            ));
        }
        for token in forced {
            if vocabulary.ends().contains(&token) {
                return Ok(Some(Finish::Stop));
            }
            if self.generated >= self.max_tokens {
                return Ok(Some(Finish::Length));
            }
            self.sampler.remember(token);
            if let Some(finish) = self.take(token, vocabulary) {
                return Ok(Some(finish));
            }
        }
        Ok(stopped.then_some(Finish::Stop))
    }

    /// Counts a token, cuts its text, and leaves it to be read.
    fn take(&mut self, token: u32, vocabulary: &Vocabulary) -> Option<Finish> {
        self.generated += 1;
        self.unsent.1 += 1;
        self.unread.push(token);
        let cut = self.cutter.as_mut()?.push(vocabulary.bytes(token));
        self.unsent.0.push_str(&cut.text);
        if cut.stopped {
            self.cutter = None;
            return Some(Finish::Stop);
        }
        None
    }

    fn end(&mut self, finish: Finish) -> Progress {
        // There may be room for one event only when a reader that is behind cancels.
        if finish != Finish::Cancelled {
            if let Some(cutter) = self.cutter.take() {
                self.unsent.0.push_str(&cutter.finish());
            }
            self.send_text();
        }
        let (sum, count) = self.probabilities;
        let decode = self.first.map(|first| first.elapsed());
        let done = GenDone {
            finish,
            prompt_tokens: number(self.prompt_tokens),
            cached_tokens: number(self.cached_tokens),
            completion_tokens: self.generated,
            first_token: self.first.map(|first| first - self.started),
            decode_tokens_per_second: decode
                .and_then(|time| per_second(self.generated.saturating_sub(1), time)),
            mean_probability: mean(sum, count),
        };
        self.send(Ok(GenEvent::Done(done)));
        Progress::Ended
    }

    fn send_text(&mut self) {
        if !self.unsent.0.is_empty() {
            let (text, tokens) = std::mem::take(&mut self.unsent);
            self.send(Ok(GenEvent::Text { text, tokens }));
        }
    }

    /// There is room: that was looked at before the step. A reader that is gone misses nothing.
    fn send(&self, event: Result<GenEvent, EngineError>) {
        let _ = self.events.try_send(event);
    }
}

fn number(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[expect(clippy::cast_possible_truncation, reason = "figures for people")]
fn per_second(tokens: u32, time: Duration) -> Option<f32> {
    (tokens > 0 && !time.is_zero()).then(|| (f64::from(tokens) / time.as_secs_f64()) as f32)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a probability needs no double precision"
)]
fn mean(sum: f64, count: u32) -> Option<f32> {
    (count > 0).then(|| (sum / f64::from(count)) as f32)
}
