//! What the vectors hold: for each message one example with every field, one with none, and the
//! cases in between where two implementations could differ.

use prost::Message;

use crate::{account_examples, call_examples, contract::CODECS, money_examples, tunnel_examples};

/// An encoded message.
#[derive(Debug)]
pub(crate) struct Example {
    pub(crate) message: &'static str,
    pub(crate) case: &'static str,
    pub(crate) bytes: Vec<u8>,
}

impl Example {
    /// The name of its files, without an ending.
    pub(crate) fn file(&self) -> String {
        format!("{}.{}", self.message, self.case)
    }
}

/// An example under the name of its type.
macro_rules! example {
    ($message:ident, $case:ident, $value:expr) => {{
        let value: synesis_wire::proto::$message = $value;
        crate::examples::encoded(stringify!($message), stringify!($case), &value)
    }};
}
pub(crate) use example;

pub(crate) fn encoded(message: &'static str, case: &'static str, value: &impl Message) -> Example {
    Example {
        message,
        case,
        bytes: value.encode_to_vec(),
    }
}

/// Every example, sorted by file.
pub(crate) fn all() -> Vec<Example> {
    let defaults = CODECS.iter().map(|codec| Example {
        message: codec.name,
        case: "default",
        bytes: Vec::new(),
    });
    let mut all: Vec<_> = defaults
        .chain(call_examples::all())
        .chain(account_examples::all())
        .chain(money_examples::all())
        .chain(tunnel_examples::all())
        .collect();
    all.sort_by_key(Example::file);
    all
}
