//! The binding: the few C functions that are used, owned by types that free what they hold.
//!
//! A context keeps its model and adapters alive, and an adapter its model, so C++ never sees
//! something that was freed.

use std::ffi::{CStr, CString, c_char, c_void};
use std::path::Path;
use std::ptr::{self, NonNull};
use std::sync::{Arc, Mutex, Once, PoisonError};

use llama_cpp_sys_2 as sys;

use crate::limits::PREFILL_STEP_TOKENS;

/// What llama.cpp said while it loaded something, latest last.
static SAID: Mutex<Vec<String>> = Mutex::new(Vec::new());
/// One load at a time, so that what was said belongs to it.
static LOADING: Mutex<()> = Mutex::new(());
static STARTED: Once = Once::new();

const SAID_LINES_MAX: usize = 20;
const SAID_BYTES_MAX: usize = 400;

/// Takes llama.cpp's warnings and errors; everything else is dropped.
extern "C" fn listen(level: sys::ggml_log_level, text: *const c_char, _data: *mut c_void) {
    if text.is_null() || !matches!(level, sys::GGML_LOG_LEVEL_WARN | sys::GGML_LOG_LEVEL_ERROR) {
        return;
    }
    // SAFETY: llama.cpp passes a string that ends with zero and lives during the call.
    let text = unsafe { CStr::from_ptr(text) }.to_string_lossy();
    let line: String = text
        .trim()
        .chars()
        .filter(|c| !c.is_control())
        .take(SAID_BYTES_MAX)
        .collect();
    if line.len() > 1 {
        let mut said = SAID.lock().unwrap_or_else(PoisonError::into_inner);
        if said.len() == SAID_LINES_MAX {
            said.remove(0);
        }
        said.push(line);
    }
}

fn start() {
    // SAFETY: `listen` has the type that is asked for, does not unwind (it allocates and locks
    // only), and lives as long as the program; the start itself has no condition.
    STARTED.call_once(|| unsafe {
        sys::llama_log_set(Some(listen), ptr::null_mut());
        sys::llama_backend_init();
    });
}

/// Runs a load that answers with a null pointer when it fails, and finds the reason it gave.
fn load<T>(what: impl FnOnce() -> *mut T) -> Result<NonNull<T>, String> {
    start();
    let _one = LOADING.lock().unwrap_or_else(PoisonError::into_inner);
    SAID.lock().unwrap_or_else(PoisonError::into_inner).clear();
    let loaded = NonNull::new(what());
    let said = std::mem::take(&mut *SAID.lock().unwrap_or_else(PoisonError::into_inner));
    loaded.ok_or_else(|| {
        if said.is_empty() {
            "it gave no reason".to_owned()
        } else {
            said.join("; ")
        }
    })
}

fn c_path(path: &Path) -> Result<CString, String> {
    CString::new(path.as_os_str().as_encoded_bytes())
        .map_err(|_| "its path holds a zero byte".to_owned())
}

/// A loaded model.
pub(super) struct Model(NonNull<sys::llama_model>);

// SAFETY: after loading, llama.cpp only reads a model; its own server shares one between threads.
unsafe impl Send for Model {}
// SAFETY: as above; every function called on it here takes it as constant, except loading an
// adapter, which happens on the one thread that owns the engine and touches no weights.
unsafe impl Sync for Model {}

impl Drop for Model {
    fn drop(&mut self) {
        // SAFETY: the pointer came from a load and is freed once; contexts and adapters hold an
        // `Arc` of this model, so none is left.
        unsafe { sys::llama_model_free(self.0.as_ptr()) }
    }
}

impl Model {
    /// Loads a file. One that does not stay is read, not mapped.
    pub(super) fn load(path: &Path, stays: bool) -> Result<Self, String> {
        let path = c_path(path)?;
        load(|| {
            // SAFETY: the defaults need nothing; the path ends with zero and outlives the call.
            unsafe {
                let mut params = sys::llama_model_default_params();
                if !stays {
                    params.load_mode = sys::LLAMA_LOAD_MODE_NONE;
                }
                sys::llama_model_load_from_file(path.as_ptr(), params)
            }
        })
        .map(Self)
    }

    fn vocab(&self) -> *const sys::llama_vocab {
        // SAFETY: the model is alive; the vocabulary belongs to it and is only used through it.
        unsafe { sys::llama_model_get_vocab(self.0.as_ptr()) }
    }

    /// Tokens in its vocabulary.
    pub(super) fn vocabulary(&self) -> usize {
        // SAFETY: the vocabulary lives as long as the model.
        let count = unsafe { sys::llama_vocab_n_tokens(self.vocab()) };
        usize::try_from(count).unwrap_or(0)
    }

    /// Appends the tokens of plain text; false when it fails.
    pub(super) fn tokenize(&self, text: &str, out: &mut Vec<u32>) -> bool {
        // No token is shorter than a byte; two more for what a vocabulary puts around.
        let mut tokens: Vec<sys::llama_token> = vec![0; text.len() + 2];
        let (Ok(len), Ok(room)) = (i32::try_from(text.len()), i32::try_from(tokens.len())) else {
            return false;
        };
        // SAFETY: text and tokens are as long as is said, and both outlive the call; the text need
        // not end with zero, for its length is given.
        let count = unsafe {
            sys::llama_tokenize(
                self.vocab(),
                text.as_ptr().cast(),
                len,
                tokens.as_mut_ptr(),
                room,
                false,
                false,
            )
        };
        let Ok(count) = usize::try_from(count) else {
            return false;
        };
        out.extend(
            tokens
                .iter()
                .take(count)
                .filter_map(|&token| u32::try_from(token).ok()),
        );
        true
    }
}

/// A loaded adapter.
pub(crate) struct Adapter {
    adapter: NonNull<sys::llama_adapter_lora>,
    _model: Arc<Model>,
}

// SAFETY: an adapter is weights that are only read; freeing it is bound to no thread.
unsafe impl Send for Adapter {}
// SAFETY: as above.
unsafe impl Sync for Adapter {}

impl Drop for Adapter {
    fn drop(&mut self) {
        // SAFETY: the pointer came from a load, is freed once, and before its model; contexts that
        // use it hold an `Arc` of this adapter, so none is left.
        unsafe { sys::llama_adapter_lora_free(self.adapter.as_ptr()) }
    }
}

impl Adapter {
    pub(super) fn load(model: &Arc<Model>, path: &Path) -> Result<Self, String> {
        let path = c_path(path)?;
        // SAFETY: the model is alive, the path ends with zero and outlives the call.
        let adapter =
            load(|| unsafe { sys::llama_adapter_lora_init(model.0.as_ptr(), path.as_ptr()) })?;
        Ok(Self {
            adapter,
            _model: Arc::clone(model),
        })
    }
}

/// How contexts are made.
#[derive(Clone, Copy, Debug)]
pub(super) struct ContextSettings {
    pub(super) tokens: usize,
    pub(super) threads: usize,
    /// Keep keys and values in single precision: for small models, where it costs little.
    pub(super) exact: bool,
}

/// One sequence. Not for sharing: it stays on the thread that made it.
pub(crate) struct Context {
    context: NonNull<sys::llama_context>,
    vocabulary: usize,
    _adapters: Vec<Arc<Adapter>>,
    _model: Arc<Model>,
}

impl Drop for Context {
    fn drop(&mut self) {
        // SAFETY: the pointer came from llama.cpp and is freed once, before model and adapters,
        // which this struct still holds.
        unsafe { sys::llama_free(self.context.as_ptr()) }
    }
}

impl Context {
    pub(super) fn new(
        model: &Arc<Model>,
        settings: &ContextSettings,
        adapters: &[(Arc<Adapter>, f32)],
    ) -> Result<Self, String> {
        let too_large = |_| "the context is too large".to_owned();
        let tokens = u32::try_from(settings.tokens).map_err(too_large)?;
        let step = u32::try_from(PREFILL_STEP_TOKENS)
            .map_err(too_large)?
            .min(tokens);
        let threads = i32::try_from(settings.threads).unwrap_or(1);
        let context = load(|| {
            // SAFETY: the defaults need nothing; the model is alive; no pointer is in the params.
            unsafe {
                let mut params = sys::llama_context_default_params();
                (
                    params.n_ctx,
                    params.n_batch,
                    params.n_ubatch,
                    params.n_seq_max,
                ) = (tokens, step, step, 1);
                (params.n_threads, params.n_threads_batch) = (threads, threads);
                params.no_perf = true;
                if settings.exact {
                    (params.type_k, params.type_v) = (sys::GGML_TYPE_F32, sys::GGML_TYPE_F32);
                    params.flash_attn_type = sys::LLAMA_FLASH_ATTN_TYPE_DISABLED;
                }
                sys::llama_init_from_model(model.0.as_ptr(), params)
            }
        })?;
        let context = Self {
            context,
            vocabulary: model.vocabulary(),
            _adapters: adapters
                .iter()
                .map(|(adapter, _)| Arc::clone(adapter))
                .collect(),
            _model: Arc::clone(model),
        };
        context.put_on(adapters)?;
        Ok(context)
    }

    fn put_on(&self, adapters: &[(Arc<Adapter>, f32)]) -> Result<(), String> {
        if adapters.is_empty() {
            return Ok(());
        }
        let mut pointers: Vec<_> = adapters
            .iter()
            .map(|(adapter, _)| adapter.adapter.as_ptr())
            .collect();
        let mut scales: Vec<f32> = adapters.iter().map(|&(_, scale)| scale).collect();
        // SAFETY: both lists have the length that is given and outlive the call, which copies them;
        // the adapters were loaded for this model and are held by this context.
        let result = unsafe {
            sys::llama_set_adapters_lora(
                self.context.as_ptr(),
                pointers.as_mut_ptr(),
                pointers.len(),
                scales.as_mut_ptr(),
            )
        };
        if result == 0 {
            Ok(())
        } else {
            Err(format!("the adapters were refused ({result})"))
        }
    }

    /// Forgets what comes after the first tokens; returns how many are left.
    pub(super) fn truncate(&mut self, keep: usize) -> usize {
        // SAFETY: the context is alive and used by this thread only; its memory belongs to it.
        unsafe {
            let memory = sys::llama_get_memory(self.context.as_ptr());
            let from = i32::try_from(keep).unwrap_or(i32::MAX);
            if keep > 0 && sys::llama_memory_seq_rm(memory, 0, from, -1) {
                return keep;
            }
            sys::llama_memory_clear(memory, true);
        }
        0
    }

    /// Reads tokens after those it holds.
    pub(super) fn decode(&mut self, tokens: &[u32]) -> Result<(), String> {
        let mut tokens: Vec<sys::llama_token> = tokens
            .iter()
            .map(|&token| {
                sys::llama_token::try_from(token)
                    .ok()
                    .filter(|_| (token as usize) < self.vocabulary)
            })
            .collect::<Option<_>>()
            .ok_or("a token is not in the vocabulary")?;
        let count = i32::try_from(tokens.len()).map_err(|_| "too many tokens at once")?;
        // SAFETY: the context is alive and used by this thread only; the tokens are in the
        // vocabulary, as many as is said, at least one, at most a batch, and outlive the call.
        let result = unsafe {
            let batch = sys::llama_batch_get_one(tokens.as_mut_ptr(), count);
            sys::llama_decode(self.context.as_ptr(), batch)
        };
        match result {
            0 => Ok(()),
            1 => Err("the context is full".to_owned()),
            other => Err(format!("computing failed ({other})")),
        }
    }

    /// The weights for the place after the last token read.
    pub(super) fn copy_logits(&mut self, logits: &mut Vec<f32>) -> Result<(), String> {
        // SAFETY: the context is alive and its last step asked for the last token's weights, which
        // are as many as the vocabulary has tokens; they are copied before the next step.
        unsafe {
            let weights = sys::llama_get_logits_ith(self.context.as_ptr(), -1);
            if weights.is_null() {
                return Err("it gave no weights".to_owned());
            }
            logits.clear();
            logits.extend_from_slice(std::slice::from_raw_parts(weights, self.vocabulary));
        }
        Ok(())
    }
}
