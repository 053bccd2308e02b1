//! Models behind one trait: the embedded engines, servers that speak OpenAI's protocol, and what
//! this machine can run.
//!
//! A caller names a model ([`ModelRef`]), opens it ([`open`]), and reads a stream of events. What
//! an engine cannot do is an error that says why and what helps; nothing falls back silently.
//!
//! Absent on purpose: the cloud, the council, settings and environment variables, downloads.

mod adapter;
mod builtin;
mod candle;
mod discover;
mod embedded;
mod engine;
mod error;
pub mod gguf;
mod grammar;
mod hardware;
mod hyper;
mod info;
mod limits;
#[cfg(feature = "llama-cpp")]
mod llama_cpp;
mod model_ref;
mod openai;
mod registry;
mod sample;
mod secret;
mod template;
#[cfg(test)]
#[expect(dead_code, reason = "the tests outside use the rest of it")]
#[path = "../tests/it/tiny_model.rs"]
mod testing;
mod text;
mod tokenizer;

pub use adapter::{AdapterId, AdapterInfo, AdapterSource, AdapterState, Adapters};
pub use builtin::BUILTIN_GGUF;
pub use discover::{Discovered, Place, ServerKind, discover, discover_at};
pub use engine::{
    Caps, Constraint, Engine, Finish, GenDone, GenEvent, GenRequest, GenStream, Sampling, collect,
};
pub use error::EngineError;
pub use hardware::{Gpu, HardwareManifest};
pub use info::ModelInfo;
pub use model_ref::{EngineChoice, ModelRef, OpenOptions, open};
pub use registry::{ModelRegistry, RegisteredModel, RegistryError};
pub use secret::Secret;

/// Whether the fast engine can be used: it is part of this build and the processor can run it.
///
/// # Errors
/// Says what is missing.
pub fn llama_cpp_available() -> Result<(), EngineError> {
    let unavailable = |reason: &str| {
        Err(EngineError::Unavailable {
            engine: "llama.cpp",
            reason: reason.to_owned(),
        })
    };
    if !cfg!(feature = "llama-cpp") {
        return unavailable("this program was built without it (feature `llama-cpp`)");
    }
    #[cfg(target_arch = "x86_64")]
    if !(std::arch::is_x86_feature_detected!("avx2")
        && std::arch::is_x86_feature_detected!("fma")
        && std::arch::is_x86_feature_detected!("f16c"))
    {
        return unavailable("this processor lacks AVX2, FMA or F16C");
    }
    Ok(())
}
