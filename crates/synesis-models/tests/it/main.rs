//! The crate from outside: engines on real model files, servers on real sockets.

mod builtin;
mod conformance;
mod discover;
mod double;
mod gguf;
mod openai;
mod tiny_model;
mod world;
