//! A model whose every word the test decides.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::StreamExt;
use synesis_models::{
    Caps, Engine, EngineError, Finish, GenDone, GenEvent, GenRequest, GenStream, ModelInfo,
};
use tokio::sync::{Mutex, mpsc, watch};
use tokio_util::sync::CancellationToken;

/// What the model does next.
#[derive(Debug)]
pub(crate) enum Say {
    Word(&'static str),
    Done,
    Fail,
}

/// Counts what happened to the model.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) calls: u32,
    pub(crate) stopped: u32,
    pub(crate) words: u32,
}

type Script = Arc<Mutex<mpsc::Receiver<Say>>>;

#[derive(Debug)]
pub(crate) struct ScriptedEngine {
    info: ModelInfo,
    script: Script,
    seen: Arc<watch::Sender<Seen>>,
}

/// The test's hand on the model.
#[derive(Debug, Clone)]
pub(crate) struct Director {
    script: mpsc::Sender<Say>,
    seen: watch::Receiver<Seen>,
}

impl Director {
    pub(crate) async fn say(&self, what: Say) {
        self.script.send(what).await.unwrap();
    }

    pub(crate) async fn answer(&self, words: &[&'static str]) {
        for word in words {
            self.say(Say::Word(word)).await;
        }
        self.say(Say::Done).await;
    }

    pub(crate) fn seen(&self) -> Seen {
        *self.seen.borrow()
    }

    /// Waits until the model was stopped that often.
    pub(crate) async fn stopped(&mut self, times: u32) {
        self.until(|seen| seen.stopped >= times).await;
    }

    /// Waits until the model said that many words.
    pub(crate) async fn said(&mut self, words: u32) {
        self.until(|seen| seen.words >= words).await;
    }

    async fn until(&mut self, condition: impl Fn(&Seen) -> bool) {
        let waiting = self.seen.wait_for(condition);
        tokio::time::timeout(Duration::from_secs(20), waiting)
            .await
            .expect("the model did not come so far")
            .unwrap();
    }
}

pub(crate) fn scripted() -> (Arc<ScriptedEngine>, Director) {
    let (script, lines) = mpsc::channel(4096);
    let (sender, seen) = watch::channel(Seen::default());
    let engine = ScriptedEngine {
        info: ModelInfo {
            id: "scripted".into(),
            name: "scripted".into(),
            sha256: None,
            architecture: None,
            context_tokens: None,
            demonstration: false,
            tasks: Vec::new(),
            sum_max: None,
            product_max: None,
            license: None,
            caps: Caps {
                constraints: false,
                adapters: false,
                prefix_cache: false,
                parallel_max: 4,
            },
            engine: "openai",
        },
        script: Arc::new(Mutex::new(lines)),
        seen: Arc::new(sender),
    };
    (Arc::new(engine), Director { script, seen })
}

/// One answer. Tells the test when it was dropped before its end.
struct Speech {
    script: Script,
    seen: Arc<watch::Sender<Seen>>,
    words: u32,
    ended: bool,
}

impl Drop for Speech {
    fn drop(&mut self) {
        if !self.ended {
            self.seen.send_modify(|seen| seen.stopped += 1);
        }
    }
}

impl Speech {
    async fn next(mut self) -> Option<(Result<GenEvent, EngineError>, Self)> {
        if self.ended {
            return None;
        }
        let said = self.script.lock().await.recv().await?;
        let event = match said {
            Say::Word(word) => {
                self.words += 1;
                self.seen.send_modify(|seen| seen.words += 1);
                Ok(GenEvent::Text {
                    text: word.to_owned(),
                    tokens: 1,
                })
            }
            Say::Done => {
                self.ended = true;
                Ok(GenEvent::Done(GenDone {
                    finish: Finish::Stop,
                    prompt_tokens: 10,
                    cached_tokens: 0,
                    completion_tokens: self.words,
                    first_token: None,
                    decode_tokens_per_second: None,
                    mean_probability: None,
                }))
            }
            Say::Fail => {
                self.ended = true;
                Err(EngineError::Closed)
            }
        };
        Some((event, self))
    }
}

#[async_trait]
impl Engine for ScriptedEngine {
    fn info(&self) -> &ModelInfo {
        &self.info
    }

    async fn generate(
        &self,
        _request: GenRequest,
        _cancel: CancellationToken,
    ) -> Result<GenStream, EngineError> {
        self.seen.send_modify(|seen| seen.calls += 1);
        let speech = Speech {
            script: Arc::clone(&self.script),
            seen: Arc::clone(&self.seen),
            words: 0,
            ended: false,
        };
        Ok(futures::stream::unfold(speech, Speech::next).boxed())
    }

    fn count_tokens(&self, text: &str) -> usize {
        text.split_whitespace().count()
    }
}
