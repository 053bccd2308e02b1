//! One answer of a server, event by event.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use futures::{StreamExt, stream};
use reqwest::Response;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::sse::SseParser;
use super::wire::{Chunk, Usage, words_of};
use super::{http, schema};
use crate::engine::{Finish, GenDone, GenEvent, GenRequest, GenStream};
use crate::error::EngineError;
use crate::limits::HTTP_TEXT_BYTES_MAX;
use crate::text::Cutter;

/// Reads a response until its closing mark.
pub(super) struct Answer {
    url: String,
    response: Option<Response>,
    idle: Duration,
    streamed: bool,
    whole: Vec<u8>,
    parser: SseParser,
    cutter: Option<Cutter>,
    schema: Option<Value>,
    /// The text so far, when it is shown only after it was checked.
    text: String,
    text_bytes: usize,
    deltas: u32,
    finish: Option<Finish>,
    usage: Option<Usage>,
    probabilities: (f64, u32),
    started: Instant,
    first: Option<Instant>,
    ready: VecDeque<Result<GenEvent, EngineError>>,
}

impl Answer {
    pub(super) fn new(
        url: String,
        response: Response,
        request: &GenRequest,
        schema: Option<Value>,
        idle: Duration,
    ) -> Self {
        let kind = response
            .headers()
            .get(reqwest::header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok());
        Self {
            url,
            streamed: !kind.is_some_and(|kind| kind.starts_with("application/json")),
            response: Some(response),
            idle,
            whole: Vec::new(),
            parser: SseParser::default(),
            cutter: Some(Cutter::new(&request.stop, false)),
            schema,
            text: String::new(),
            text_bytes: 0,
            deltas: 0,
            finish: None,
            usage: None,
            probabilities: (0.0, 0),
            started: Instant::now(),
            first: None,
            ready: VecDeque::new(),
        }
    }

    /// The events. Cancelling and dropping both close the connection.
    pub(super) fn into_stream(self, cancel: CancellationToken) -> GenStream {
        stream::unfold((self, cancel), |(mut answer, cancel)| async move {
            let event = answer.next(&cancel).await?;
            Some((event, (answer, cancel)))
        })
        .boxed()
    }

    async fn next(&mut self, cancel: &CancellationToken) -> Option<Result<GenEvent, EngineError>> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                if event.is_err() {
                    self.response = None;
                    self.ready.clear();
                }
                return Some(event);
            }
            let response = self.response.as_mut()?;
            let part = tokio::select! {
                biased;
                () = cancel.cancelled() => {
                    self.close(Finish::Cancelled);
                    continue;
                }
                part = tokio::time::timeout(self.idle, response.chunk()) => part,
            };
            let taken = match part {
                Err(_) => Err(EngineError::Silent {
                    url: self.url.clone(),
                    seconds: self.idle.as_secs(),
                }),
                Ok(Err(_)) => self.broken(),
                Ok(Ok(Some(bytes))) => self.take(&bytes),
                Ok(Ok(None)) => self.end(),
            };
            if let Err(error) = taken {
                self.ready.push_back(Err(error));
            }
        }
    }

    /// The connection broke: no harm when the server had said that it is done.
    fn broken(&mut self) -> Result<(), EngineError> {
        let finish = self.finish.ok_or_else(|| self.cut())?;
        self.close(finish);
        Ok(())
    }

    fn cut(&self) -> EngineError {
        EngineError::Cut {
            source_name: self.url.clone(),
        }
    }

    fn protocol(&self, reason: impl Into<String>) -> EngineError {
        EngineError::Protocol {
            url: self.url.clone(),
            reason: reason.into(),
        }
    }

    fn take(&mut self, bytes: &[u8]) -> Result<(), EngineError> {
        if !self.streamed {
            if self.whole.len() + bytes.len() > HTTP_TEXT_BYTES_MAX {
                return Err(self.protocol("it is too long"));
            }
            self.whole.extend_from_slice(bytes);
            return Ok(());
        }
        let mut events = Vec::new();
        self.parser
            .push(bytes, &mut events)
            .map_err(|_| self.protocol("an event is too long"))?;
        for event in events {
            if self.response.is_none() {
                break;
            }
            if event.trim_ascii() == b"[DONE]" {
                self.close(self.finish.unwrap_or(Finish::Stop));
            } else {
                self.take_chunk(&event)?;
            }
        }
        Ok(())
    }

    fn take_chunk(&mut self, json: &[u8]) -> Result<(), EngineError> {
        let chunk: Chunk = serde_json::from_slice(json)
            .map_err(|error| self.protocol(format!("an event is not JSON ({error})")))?;
        if let Some(error) = chunk.error.filter(|error| !error.is_null()) {
            let words = words_of(&error).unwrap_or_else(|| "no reason given".to_owned());
            return Err(EngineError::Refused {
                url: self.url.clone(),
                status: 200,
                message: http::presentable(&words, None),
            });
        }
        self.usage = chunk.usage.or(self.usage);
        let Some(choice) = chunk.choices.into_iter().next() else {
            return Ok(());
        };
        for token in choice
            .logprobs
            .and_then(|logprobs| logprobs.content)
            .unwrap_or_default()
        {
            self.probabilities.0 += token.logprob.min(0.0).exp();
            self.probabilities.1 += 1;
        }
        if let Some(text) = choice
            .delta
            .and_then(|delta| delta.content)
            .filter(|text| !text.is_empty())
        {
            self.take_text(&text)?;
        }
        match choice.finish_reason.as_deref() {
            None | Some("") => {}
            Some("length") => self.finish = Some(Finish::Length),
            Some("content_filter") => {
                let message = "the answer was stopped by the server's content filter".to_owned();
                return Err(EngineError::Refused {
                    url: self.url.clone(),
                    status: 200,
                    message,
                });
            }
            Some(_) => self.finish = Some(Finish::Stop),
        }
        Ok(())
    }

    fn take_text(&mut self, text: &str) -> Result<(), EngineError> {
        self.text_bytes += text.len();
        if self.text_bytes > HTTP_TEXT_BYTES_MAX {
            return Err(self.protocol("it is too long"));
        }
        self.first.get_or_insert_with(Instant::now);
        self.deltas += 1;
        let Some(cutter) = &mut self.cutter else {
            return Ok(());
        };
        let cut = cutter.push(text.as_bytes());
        self.show(cut.text, 1);
        if cut.stopped {
            self.cutter = None;
            self.close(Finish::Stop);
        }
        Ok(())
    }

    fn show(&mut self, text: String, tokens: u32) {
        if self.schema.is_some() {
            self.text.push_str(&text);
        } else if !text.is_empty() {
            self.ready.push_back(Ok(GenEvent::Text { text, tokens }));
        }
    }

    /// The connection ended by itself.
    fn end(&mut self) -> Result<(), EngineError> {
        if !self.streamed {
            let whole = std::mem::take(&mut self.whole);
            self.take_chunk(&whole)?;
        }
        if self.response.is_some() {
            let finish = self.finish.ok_or_else(|| self.cut())?;
            self.close(finish);
        }
        Ok(())
    }

    /// Nothing more is read; what is left is shown, then the figures.
    fn close(&mut self, finish: Finish) {
        self.response = None;
        if let Some(cutter) = self.cutter.take() {
            let rest = cutter.finish();
            self.show(rest, 0);
        }
        if let Some(schema) = self.schema.take() {
            let text = std::mem::take(&mut self.text);
            let text = if finish == Finish::Stop {
                schema::keep_to(&schema, &text)
            } else {
                Ok(text)
            };
            match text {
                Ok(text) => self.show(text, self.deltas),
                Err(reason) => {
                    self.ready.push_back(Err(EngineError::SchemaIgnored {
                        url: self.url.clone(),
                        reason,
                    }));
                    return;
                }
            }
        }
        let done = self.done(finish);
        self.ready.push_back(Ok(GenEvent::Done(done)));
    }

    #[expect(clippy::cast_possible_truncation, reason = "figures for people")]
    fn done(&self, finish: Finish) -> GenDone {
        let usage = self.usage.unwrap_or_default();
        let completion_tokens = if usage.completion_tokens > 0 {
            usage.completion_tokens
        } else {
            self.deltas
        };
        let decode = self
            .first
            .map(|first| first.elapsed().as_secs_f64())
            .filter(|&seconds| seconds > 0.0 && completion_tokens > 1);
        let (sum, count) = self.probabilities;
        GenDone {
            finish,
            prompt_tokens: usage.prompt_tokens,
            cached_tokens: usage
                .prompt_tokens_details
                .and_then(|details| details.cached_tokens)
                .unwrap_or(0),
            completion_tokens,
            first_token: self.first.map(|first| first - self.started),
            decode_tokens_per_second: decode
                .map(|seconds| (f64::from(completion_tokens - 1) / seconds) as f32),
            mean_probability: (count > 0).then(|| (sum / f64::from(count)) as f32),
        }
    }
}
