"""From a checkpoint to the GGUF file that ships."""

import argparse
from pathlib import Path

import numpy as np

import gguf
from model import CONFIG
from synth.conversion import CONVERSION_MAX
from synth.sums import PRODUCT_MAX, SUM_MAX
from tokenizer import BOS, EOS, UNK, Tokenizer

HERE = Path(__file__).parent
NAMES = {"q": "attn_q", "k": "attn_k", "v": "attn_v", "o": "attn_output", "gate": "ffn_gate", "up": "ffn_up", "down": "ffn_down"}

CHAT_TEMPLATE = (
    "{%- set ns = namespace(system='', user='') -%}"
    "{%- for message in messages -%}"
    "{%- if message['role'] == 'system' -%}{%- set ns.system = message['content'].split('\\n')[0] -%}"
    "{%- elif message['role'] == 'user' -%}{%- set ns.user = message['content'] -%}"
    "{%- endif -%}"
    "{%- endfor -%}"
    "{%- if ns.system -%}{{ ns.system + '\\n' }}{%- endif -%}"
    "{{ 'User: ' + ns.user + '\\nAssistant:' }}"
)
"""The first line of the system message and the last user message; this model was trained on no more."""


def neighbours(rows):
    """Training rotates the pairs (i, i + half) of a head, the file format's engines (2i, 2i + 1)."""
    heads, outputs = CONFIG["heads"], rows.shape[0]
    return rows.reshape(heads, 2, outputs // heads // 2, -1).swapaxes(1, 2).reshape(rows.shape)


def metadata(tokenizer):
    c = CONFIG
    return {
        "general.architecture": "llama",
        "general.type": "model",
        "general.name": "Synesis built-in demonstration model",
        "general.license": "MIT OR Apache-2.0",
        "general.file_type": 7,
        "general.quantization_version": 2,
        "llama.context_length": c["context"],
        "llama.embedding_length": c["width"],
        "llama.block_count": c["layers"],
        "llama.feed_forward_length": c["ffn"],
        "llama.attention.head_count": c["heads"],
        "llama.attention.head_count_kv": c["heads"],
        "llama.attention.layer_norm_rms_epsilon": c["eps"],
        "llama.rope.dimension_count": c["width"] // c["heads"],
        "llama.rope.freq_base": c["theta"],
        "llama.vocab_size": c["vocabulary"],
        "tokenizer.ggml.model": "llama",
        "tokenizer.ggml.pre": "default",
        "tokenizer.ggml.tokens": [text for text, _, _ in tokenizer.pieces],
        "tokenizer.ggml.scores": [score for _, score, _ in tokenizer.pieces],
        "tokenizer.ggml.token_type": [kind for _, _, kind in tokenizer.pieces],
        "tokenizer.ggml.bos_token_id": BOS,
        "tokenizer.ggml.eos_token_id": EOS,
        "tokenizer.ggml.unknown_token_id": UNK,
        "tokenizer.ggml.add_bos_token": True,
        "tokenizer.ggml.add_eos_token": False,
        "tokenizer.ggml.add_space_prefix": False,
        "tokenizer.chat_template": CHAT_TEMPLATE,
        "synesis.demonstration": True,
        "synesis.tasks": ["fact", "arithmetic", "conversion", "greeting", "extract"],
        "synesis.sum_max": SUM_MAX,
        "synesis.product_max": PRODUCT_MAX,
        "synesis.conversion_max": CONVERSION_MAX,
    }


def tensors(params):
    out = {"token_embd.weight": (params["embed"], gguf.Q8_0)}
    for i in range(CONFIG["layers"]):
        out[f"blk.{i}.attn_norm.weight"] = (params["norm_attn"][i], gguf.F32)
        out[f"blk.{i}.ffn_norm.weight"] = (params["norm_ffn"][i], gguf.F32)
        for name, exported in NAMES.items():
            rows = params[name][i].T
            out[f"blk.{i}.{exported}.weight"] = (neighbours(rows) if name in "qk" else rows, gguf.Q8_0)
    out["output_norm.weight"] = (params["norm_out"], gguf.F32)
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, default=HERE / "checkpoints" / "base.npz")
    parser.add_argument("--out", type=Path, default=HERE / "builtin.gguf")
    arguments = parser.parse_args()
    data = np.load(arguments.checkpoint)
    params = {key[2:]: data[key] for key in data.files if key.startswith("p.")}
    gguf.write(arguments.out, metadata(Tokenizer.load(HERE / "tokenizer.json")), tensors(params))
    print(f"{arguments.out.name}: {arguments.out.stat().st_size} bytes, {sum(v.size for v in params.values())} parameters")


if __name__ == "__main__":
    main()
