//! The knowledge base on real folders.

#[cfg(test)]
mod base;
