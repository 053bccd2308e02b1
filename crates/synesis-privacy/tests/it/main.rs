//! The proxy from outside.
mod walls;
