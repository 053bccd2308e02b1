//! The program as its users meet it: real processes, real sockets, real files.

mod ask_cloud;
mod ask_local;
mod broken_stream;
mod egress;
mod filters;
mod model_server;
mod wrong_input;
mod world;
