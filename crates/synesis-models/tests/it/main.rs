//! The crate from outside: engines on real model files, servers on real sockets.

#[cfg(test)]
mod builtin;
#[cfg(test)]
mod conformance;
#[cfg(test)]
mod discover;
#[cfg(test)]
mod double;
#[cfg(test)]
mod gguf;
#[cfg(test)]
mod openai;
#[cfg(test)]
mod tiny_model;
#[cfg(test)]
mod world;
