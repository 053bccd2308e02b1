//! Tiny models with random weights, written as GGUF: enough to run every graph and every check.

/// A GGUF file being written.
#[derive(Default)]
pub(crate) struct GgufWriter {
    entries: Vec<(String, u32, Vec<u8>)>,
    tensors: Vec<(String, Vec<u64>, Vec<f32>)>,
}

impl GgufWriter {
    fn entry(&mut self, key: &str, kind: u32, bytes: Vec<u8>) {
        self.entries.retain(|(other, ..)| other != key);
        self.entries.push((key.to_owned(), kind, bytes));
    }

    pub(crate) fn remove(&mut self, key: &str) {
        self.entries.retain(|(other, ..)| other != key);
    }

    pub(crate) fn u32(&mut self, key: &str, value: u32) {
        self.entry(key, 4, value.to_le_bytes().to_vec());
    }

    pub(crate) fn f32(&mut self, key: &str, value: f32) {
        self.entry(key, 6, value.to_le_bytes().to_vec());
    }

    pub(crate) fn bool(&mut self, key: &str, value: bool) {
        self.entry(key, 7, vec![value.into()]);
    }

    pub(crate) fn text(&mut self, key: &str, value: &str) {
        self.entry(key, 8, text(value));
    }

    pub(crate) fn texts(&mut self, key: &str, values: &[String]) {
        self.array(
            key,
            8,
            values.len(),
            values.iter().flat_map(|value| text(value)).collect(),
        );
    }

    pub(crate) fn floats(&mut self, key: &str, values: &[f32]) {
        self.array(
            key,
            6,
            values.len(),
            values
                .iter()
                .flat_map(|value| value.to_le_bytes())
                .collect(),
        );
    }

    pub(crate) fn integers(&mut self, key: &str, values: &[i32]) {
        self.array(
            key,
            5,
            values.len(),
            values
                .iter()
                .flat_map(|value| value.to_le_bytes())
                .collect(),
        );
    }

    fn array(&mut self, key: &str, kind: u32, len: usize, values: Vec<u8>) {
        let mut bytes = kind.to_le_bytes().to_vec();
        bytes.extend((len as u64).to_le_bytes());
        bytes.extend(values);
        self.entry(key, 9, bytes);
    }

    /// Rows first, as engines count.
    pub(crate) fn tensor(&mut self, name: &str, shape: &[usize], numbers: Vec<f32>) {
        assert_eq!(shape.iter().product::<usize>(), numbers.len());
        let shape = shape.iter().rev().map(|&n| n as u64).collect();
        self.tensors.push((name.to_owned(), shape, numbers));
    }

    pub(crate) fn finish(&self) -> Vec<u8> {
        let mut file = b"GGUF".to_vec();
        file.extend(3_u32.to_le_bytes());
        file.extend((self.tensors.len() as u64).to_le_bytes());
        file.extend((self.entries.len() as u64).to_le_bytes());
        for (key, kind, bytes) in &self.entries {
            file.extend(text(key));
            file.extend(kind.to_le_bytes());
            file.extend(bytes);
        }
        let mut place = 0_u64;
        for (name, shape, numbers) in &self.tensors {
            file.extend(text(name));
            file.extend((shape.len() as u32).to_le_bytes());
            file.extend(shape.iter().flat_map(|n| n.to_le_bytes()));
            file.extend(0_u32.to_le_bytes());
            file.extend(place.to_le_bytes());
            place = (place + numbers.len() as u64 * 4).next_multiple_of(32);
        }
        for (_, _, numbers) in &self.tensors {
            file.resize(file.len().next_multiple_of(32), 0);
            file.extend(numbers.iter().flat_map(|x| x.to_le_bytes()));
        }
        file.resize(file.len().next_multiple_of(32), 0);
        file
    }
}

fn text(value: &str) -> Vec<u8> {
    let mut bytes = (value.len() as u64).to_le_bytes().to_vec();
    bytes.extend(value.as_bytes());
    bytes
}

/// Numbers between -1 and 1, the same for the same seed.
pub(crate) fn noise(mut seed: u64, count: usize, scale: f32) -> Vec<f32> {
    let mut next = || {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (seed >> 40) as f32 / (1_u64 << 23) as f32 - 1.0
    };
    (0..count).map(|_| next() * scale).collect()
}

pub(crate) const EMBEDDING: usize = 32;
pub(crate) const HEADS: usize = 4;
pub(crate) const KV_HEADS: usize = 2;
pub(crate) const FEED: usize = 64;
pub(crate) const LAYERS: usize = 2;
pub(crate) const CONTEXT: u32 = 256;

/// Numbers of one head. Where the architecture allows it, heads together are wider than the
/// embedding, so that nothing may confuse the two.
pub(crate) fn head(architecture: &str) -> usize {
    if architecture == "qwen2" {
        EMBEDDING / HEADS
    } else {
        16
    }
}

/// The seven matrices of a layer with their shapes, rows first.
pub(crate) fn matrices(architecture: &str) -> [(&'static str, [usize; 2]); 7] {
    let (q, kv) = (HEADS * head(architecture), KV_HEADS * head(architecture));
    [
        ("attn_q", [q, EMBEDDING]),
        ("attn_k", [kv, EMBEDDING]),
        ("attn_v", [kv, EMBEDDING]),
        ("attn_output", [EMBEDDING, q]),
        ("ffn_gate", [FEED, EMBEDDING]),
        ("ffn_up", [FEED, EMBEDDING]),
        ("ffn_down", [EMBEDDING, FEED]),
    ]
}

/// A tiny random model of an architecture.
pub(crate) fn tiny_model(architecture: &str) -> Vec<u8> {
    model(architecture, |_| {})
}

/// A tiny random model, changed before it is written.
pub(crate) fn model(architecture: &str, change: impl FnOnce(&mut GgufWriter)) -> Vec<u8> {
    let mut file = GgufWriter::default();
    file.text("general.architecture", architecture);
    file.text("general.name", "tiny");
    file.u32("general.alignment", 32);
    let key = |rest: &str| format!("{architecture}.{rest}");
    let head = head(architecture);
    file.u32(&key("context_length"), CONTEXT);
    file.u32(&key("embedding_length"), EMBEDDING as u32);
    file.u32(&key("block_count"), LAYERS as u32);
    file.u32(&key("feed_forward_length"), FEED as u32);
    file.u32(&key("attention.head_count"), HEADS as u32);
    file.u32(&key("attention.head_count_kv"), KV_HEADS as u32);
    file.u32(&key("attention.key_length"), head as u32);
    file.u32(&key("attention.value_length"), head as u32);
    file.f32(&key("attention.layer_norm_rms_epsilon"), 1e-5);
    file.u32(&key("rope.dimension_count"), head as u32);
    file.f32(&key("rope.freq_base"), 10_000.0);
    let vocabulary = sentencepiece(&mut file);
    weights(&mut file, architecture, vocabulary);
    change(&mut file);
    file.finish()
}

/// Three special tokens, all bytes, printable characters, and a few joined pieces.
fn sentencepiece(file: &mut GgufWriter) -> usize {
    let mut tokens: Vec<(String, f32, i32)> = vec![
        ("<unk>".into(), 0.0, 2),
        ("<s>".into(), 0.0, 3),
        ("</s>".into(), 0.0, 3),
    ];
    tokens.extend((0..=255_u8).map(|byte| (format!("<0x{byte:02X}>"), 0.0, 6)));
    let joined = [
        "ab",
        "abc",
        "\u{2581}a",
        "\u{2581}the",
        "th",
        "he",
        "the",
        "er",
        "\u{20ac}",
        "ü",
        "{\"",
        "\":",
        "\"}",
    ];
    tokens.extend(
        joined
            .iter()
            .zip(0_u16..)
            .map(|(piece, n)| ((*piece).to_owned(), -f32::from(n), 1)),
    );
    let letters = (' '..='~')
        .skip(1)
        .map(String::from)
        .chain(["\u{2581}".to_owned()]);
    tokens.extend(letters.map(|letter| (letter, -1000.0, 1)));
    file.text("tokenizer.ggml.model", "llama");
    file.text("tokenizer.ggml.pre", "default");
    file.texts(
        "tokenizer.ggml.tokens",
        &tokens
            .iter()
            .map(|token| token.0.clone())
            .collect::<Vec<_>>(),
    );
    file.floats(
        "tokenizer.ggml.scores",
        &tokens.iter().map(|token| token.1).collect::<Vec<_>>(),
    );
    file.integers(
        "tokenizer.ggml.token_type",
        &tokens.iter().map(|token| token.2).collect::<Vec<_>>(),
    );
    file.u32("tokenizer.ggml.unknown_token_id", 0);
    file.u32("tokenizer.ggml.bos_token_id", 1);
    file.u32("tokenizer.ggml.eos_token_id", 2);
    file.bool("tokenizer.ggml.add_bos_token", true);
    file.bool("tokenizer.ggml.add_space_prefix", true);
    tokens.len()
}

fn weights(file: &mut GgufWriter, architecture: &str, vocabulary: usize) {
    let head = head(architecture);
    let mut seed = 0;
    let mut next = |count: usize, scale: f32| {
        seed += 1;
        noise(seed, count, scale)
    };
    let around_one = |numbers: Vec<f32>| numbers.into_iter().map(|x| 1.0 + x).collect();
    file.tensor(
        "token_embd.weight",
        &[vocabulary, EMBEDDING],
        next(vocabulary * EMBEDDING, 0.5),
    );
    file.tensor(
        "output_norm.weight",
        &[EMBEDDING],
        around_one(next(EMBEDDING, 0.2)),
    );
    for layer in 0..LAYERS {
        let name = |part: &str| format!("blk.{layer}.{part}");
        for norm in ["attn_norm.weight", "ffn_norm.weight"] {
            file.tensor(&name(norm), &[EMBEDDING], around_one(next(EMBEDDING, 0.2)));
        }
        for (part, shape) in matrices(architecture) {
            file.tensor(
                &name(&format!("{part}.weight")),
                &shape,
                next(shape[0] * shape[1], 0.4),
            );
        }
        if architecture == "qwen2" {
            for (part, shape) in &matrices(architecture)[..3] {
                file.tensor(
                    &name(&format!("{part}.bias")),
                    &shape[..1],
                    next(shape[0], 0.3),
                );
            }
        }
        if architecture == "qwen3" {
            for norm in ["attn_q_norm.weight", "attn_k_norm.weight"] {
                file.tensor(&name(norm), &[head], around_one(next(head, 0.2)));
            }
        }
    }
}

/// A random adapter for the tiny model.
pub(crate) fn adapter(
    architecture: &str,
    rank: usize,
    change: impl FnOnce(&mut GgufWriter),
) -> Vec<u8> {
    let mut file = GgufWriter::default();
    file.text("general.type", "adapter");
    file.text("general.architecture", architecture);
    file.text("adapter.type", "lora");
    file.f32("adapter.lora.alpha", 2.0 * rank as f32);
    let mut seed = 1_000;
    for layer in 0..LAYERS {
        for (part, [out, input]) in matrices(architecture) {
            seed += 1;
            file.tensor(
                &format!("blk.{layer}.{part}.weight.lora_a"),
                &[rank, input],
                noise(seed, rank * input, 0.3),
            );
            file.tensor(
                &format!("blk.{layer}.{part}.weight.lora_b"),
                &[out, rank],
                noise(seed + 500, out * rank, 0.3),
            );
        }
    }
    change(&mut file);
    file.finish()
}
