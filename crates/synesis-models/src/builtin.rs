//! The demonstration model inside this program.

/// The GGUF file of the built-in model.
pub static BUILTIN_GGUF: &[u8] = include_bytes!("../../../models/builtin/builtin.gguf");
