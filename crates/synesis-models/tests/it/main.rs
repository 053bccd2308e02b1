//! The crate from outside: engines on real model files, servers on real sockets.

mod tiny_model;
