//! From a GGUF file to a model on its thread.

use std::path::Path;
use std::sync::Arc;

use synesis_core::QueryKind;

use super::backend::Backend;
use super::{Embedded, worker};
use crate::candle::Candle;
use crate::engine::{Caps, Engine};
use crate::error::EngineError;
use crate::gguf::{Gguf, GgufError, Metadata};
use crate::grammar::Grammars;
use crate::info::ModelInfo;
use crate::limits::{CONTEXT_TOKENS_DEFAULT, HASH_AT_OPEN_BYTES_MAX, SLOTS_BYTES_MAX, SLOTS_MAX};
use crate::model_ref::{EngineChoice, OpenOptions};
use crate::template::ChatTemplate;
use crate::tokenizer::{Encoder, Tokenizer, Vocabulary, own_encoder};

/// Where a model's file is.
pub(crate) enum Source<'a> {
    Bytes(&'static [u8]),
    Path(&'a Path),
}

/// What is known before an engine is chosen.
struct Opening<'a> {
    file: Gguf,
    id: &'a str,
    options: &'a OpenOptions,
    vocabulary: Arc<Vocabulary>,
    own_encoder: Option<Arc<dyn Encoder>>,
    context_tokens: usize,
}

/// Opens a model file with the engine that the options ask for.
pub(crate) fn open(
    source: Source<'_>,
    id: &str,
    options: &OpenOptions,
) -> Result<Arc<dyn Engine>, EngineError> {
    let malformed = |source| EngineError::Malformed {
        file: id.to_owned(),
        source,
    };
    let file = match source {
        Source::Bytes(bytes) => Gguf::from_static(bytes).map_err(malformed)?,
        Source::Path(path) => Gguf::open(path).map_err(|error| match error {
            GgufError::Io(source) => EngineError::Unreadable {
                path: path.to_owned(),
                source,
            },
            other => malformed(other),
        })?,
    };
    if file
        .metadata()
        .text("general.type")
        .is_some_and(|kind| kind != "model")
    {
        return Err(malformed(GgufError::Key(
            "general.type (an adapter is not a model)".to_owned(),
        )));
    }
    let vocabulary = Arc::new(Vocabulary::new(file.metadata()).map_err(malformed)?);
    let own_encoder = own_encoder(file.metadata(), &vocabulary).map_err(malformed)?;
    let context_tokens = context_tokens(file.metadata(), options).map_err(malformed)?;
    Opening {
        file,
        id,
        options,
        vocabulary,
        own_encoder,
        context_tokens,
    }
    .choose()
}

impl Opening<'_> {
    fn choose(self) -> Result<Arc<dyn Engine>, EngineError> {
        match self.options.engine {
            EngineChoice::Candle => self.candle(),
            EngineChoice::LlamaCpp => self.llama_cpp(),
            EngineChoice::Auto => match crate::llama_cpp_available() {
                Ok(()) => self.llama_cpp(),
                Err(_) => self.candle(),
            },
        }
    }

    fn candle(self) -> Result<Arc<dyn Engine>, EngineError> {
        let Some(encoder) = self.own_encoder.clone() else {
            let kind = self
                .file
                .metadata()
                .text("tokenizer.ggml.pre")
                .unwrap_or("its own");
            let reason = format!("its vocabulary is cut the way of `{kind}`, which is not known");
            return Err(EngineError::Unsupported {
                engine: Candle::NAME,
                reason,
            });
        };
        let backend = Candle::new(
            &self.file,
            self.id,
            self.vocabulary.len(),
            self.context_tokens,
        )?;
        self.start(backend, encoder)
    }

    #[cfg(feature = "llama-cpp")]
    fn llama_cpp(self) -> Result<Arc<dyn Engine>, EngineError> {
        use crate::llama_cpp::LlamaCpp;
        crate::llama_cpp_available()?;
        let backend = LlamaCpp::new(
            &self.file,
            self.id,
            self.context_tokens,
            self.options.threads,
        )?;
        let encoder = backend.encoder();
        self.start(backend, encoder)
    }

    #[cfg(not(feature = "llama-cpp"))]
    fn llama_cpp(self) -> Result<Arc<dyn Engine>, EngineError> {
        let no = crate::llama_cpp_available().err();
        Err(no.unwrap_or(EngineError::Closed))
    }

    fn start<B: Backend>(
        self,
        backend: B,
        encoder: Arc<dyn Encoder>,
    ) -> Result<Arc<dyn Engine>, EngineError> {
        let malformed = |source| EngineError::Malformed {
            file: self.id.to_owned(),
            source,
        };
        let slots_max = self.slots_max();
        let info = self.info(B::NAME, slots_max).map_err(malformed)?;
        let tokenizer =
            Arc::new(Tokenizer::new(Arc::clone(&self.vocabulary), encoder).map_err(malformed)?);
        let template = ChatTemplate::new(self.file.metadata(), &tokenizer)?;
        let grammars = Grammars::new(Arc::clone(&self.vocabulary), self.own_encoder.clone());
        let handle = worker::start(
            backend,
            Arc::clone(&self.vocabulary),
            grammars,
            self.context_tokens,
            slots_max,
        )?;
        tracing::debug!(
            model = info.id,
            engine = B::NAME,
            context = self.context_tokens,
            "model opened"
        );
        Ok(Arc::new(Embedded {
            info,
            file: self.file,
            tokenizer,
            template,
            context_tokens: self.context_tokens,
            handle: Arc::new(handle),
        }))
    }

    /// As many contexts as memory is meant for.
    fn slots_max(&self) -> usize {
        let metadata = self.file.metadata();
        let name = metadata.text("general.architecture").unwrap_or_default();
        let number =
            |key: &str| u64::from(metadata.u32(&format!("{name}.{key}")).unwrap_or(1).max(1));
        let kv_heads = metadata
            .u32(&format!("{name}.attention.head_count_kv"))
            .map_or_else(|| number("attention.head_count"), u64::from);
        let head = number("embedding_length") / number("attention.head_count");
        // Keys and values in single precision.
        let bytes = 8_u64
            .saturating_mul(number("block_count"))
            .saturating_mul(kv_heads.max(1))
            .saturating_mul(head.max(1));
        let fit = SLOTS_BYTES_MAX / bytes.saturating_mul(self.context_tokens as u64).max(1);
        let fit = usize::try_from(fit)
            .unwrap_or(SLOTS_MAX)
            .clamp(1, SLOTS_MAX);
        self.options
            .parallel_max
            .map_or(fit, |max| max.clamp(1, SLOTS_MAX))
    }

    fn info(&self, engine: &'static str, parallel_max: usize) -> Result<ModelInfo, GgufError> {
        let metadata = self.file.metadata();
        let sha256 = match &self.options.sha256 {
            Some(known) => Some(known.to_ascii_lowercase()),
            None if self.file.len_bytes() <= HASH_AT_OPEN_BYTES_MAX => Some(self.file.sha256()?),
            None => None,
        };
        let own_name = metadata
            .text("general.name")
            .filter(|name| !name.trim().is_empty());
        let file_name = self
            .file
            .path()
            .and_then(Path::file_stem)
            .map(|stem| stem.to_string_lossy().into_owned());
        Ok(ModelInfo {
            id: self.id.to_owned(),
            name: own_name
                .map(str::to_owned)
                .or(file_name)
                .unwrap_or_else(|| self.id.to_owned()),
            sha256,
            architecture: metadata.text("general.architecture").map(str::to_owned),
            context_tokens: u32::try_from(self.context_tokens).ok(),
            demonstration: metadata.bool("synesis.demonstration").unwrap_or(false),
            tasks: tasks(metadata)?,
            sum_max: metadata.u64("synesis.sum_max"),
            product_max: metadata.u64("synesis.product_max"),
            license: metadata
                .text("general.license")
                .map(str::to_owned)
                .or_else(|| self.options.license.clone()),
            caps: Caps {
                constraints: true,
                adapters: true,
                prefix_cache: true,
                parallel_max,
            },
            engine,
        })
    }
}

/// What the model was trained for. An unknown task is an error: leaving it out could leave the
/// list empty, which means everything.
fn tasks(metadata: &Metadata) -> Result<Vec<QueryKind>, GgufError> {
    let named = metadata.texts("synesis.tasks").unwrap_or_default();
    named
        .iter()
        .map(|task| {
            QueryKind::from_name(task).ok_or_else(|| GgufError::Range {
                key: "synesis.tasks".to_owned(),
                value: task.clone(),
            })
        })
        .collect()
}

/// What was asked for, at most what the model was trained for.
fn context_tokens(metadata: &Metadata, options: &OpenOptions) -> Result<usize, GgufError> {
    let name = metadata
        .text("general.architecture")
        .ok_or_else(|| GgufError::Key("general.architecture".to_owned()))?;
    let trained = metadata.size(&format!("{name}.context_length"), 1 << 24)?;
    let wanted = options
        .context_tokens
        .unwrap_or(CONTEXT_TOKENS_DEFAULT)
        .max(1);
    Ok(trained.min(wanted as usize))
}
