//! The binary `synesis-server`.

fn main() {}
