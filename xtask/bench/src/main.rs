//! Measures Synesis.
fn main() {}
