"""Training of the two adapters on the finished model, and their export as GGUF-LoRA files."""

import argparse
import hashlib
import os
import random
import time
from pathlib import Path

os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")

import jax
import jax.numpy as jnp
import numpy as np

import gguf
import model
from export import NAMES, neighbours
from packing import Packer
from synth import mixture
from tokenizer import Tokenizer

HERE = Path(__file__).parent
RANK, ALPHA = 8, 16.0
ADAPTED = ["q", "v", "o", "up", "down"]
ADAPTERS = {
    "pirate": (mixture.pirates, "Pirate style for the Synesis built-in model"),
    "roman": (mixture.romans, "Roman numerals for the Synesis built-in model"),
}


def dequantised_base(path):
    """The weights as they ship, in the trainer's form, so that adapters fit the quantised model."""
    _, tensors = gguf.read(path)
    c = model.CONFIG
    size = c["width"] // c["heads"]
    halves = lambda rows: rows.reshape(c["heads"], size // 2, 2, -1).swapaxes(1, 2).reshape(rows.shape)
    params = {"embed": tensors["token_embd.weight"], "norm_out": tensors["output_norm.weight"]}
    for name in ("attn_norm", "ffn_norm"):
        params["norm_" + name.split("_")[0]] = np.stack([tensors[f"blk.{i}.{name}.weight"] for i in range(c["layers"])])
    for name, exported in NAMES.items():
        stack = [tensors[f"blk.{i}.{exported}.weight"] for i in range(c["layers"])]
        params[name] = np.stack([(halves(rows) if name in "qk" else rows).T for rows in stack])
    return {name: jnp.asarray(value) for name, value in params.items()}


def initial(params, seed):
    rng = np.random.default_rng(seed)
    out = {}
    for name in ADAPTED:
        layers, inputs, outputs = params[name].shape
        out[name] = (jnp.asarray(rng.normal(0, inputs**-0.5, (layers, inputs, RANK)), jnp.float32), jnp.zeros((layers, RANK, outputs)))
    return out


def export(path, lora, name, base):
    tensors = {}
    for short, (a, b) in lora.items():
        for i in range(a.shape[0]):
            rows = np.asarray(b[i]).T * (RANK / ALPHA)
            tensors[f"blk.{i}.{NAMES[short]}.weight.lora_a"] = (np.asarray(a[i]).T, gguf.F16)
            tensors[f"blk.{i}.{NAMES[short]}.weight.lora_b"] = (neighbours(rows) if short in "qk" else rows, gguf.F16)
    gguf.write(path, {
        "general.architecture": "llama",
        "general.type": "adapter",
        "general.name": name,
        "general.license": "MIT OR Apache-2.0",
        "general.file_type": 1,
        "adapter.type": "lora",
        "adapter.lora.alpha": ALPHA,
        "synesis.base_sha256": hashlib.sha256(base.read_bytes()).hexdigest(),
    }, tensors)
    print(f"{path.name}: {path.stat().st_size} bytes")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("adapter", choices=list(ADAPTERS))
    parser.add_argument("--minutes", type=float, default=3)
    parser.add_argument("--rate", type=float, default=0.004)
    parser.add_argument("--base", type=Path, default=HERE / "builtin.gguf")
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    source, title = ADAPTERS[arguments.adapter]
    params = dequantised_base(arguments.base)
    lora = initial(params, 1)
    state = jax.tree.map(lambda p: (jnp.zeros_like(p), jnp.zeros_like(p)), lora)
    packer = Packer(Tokenizer.load(HERE / "tokenizer.json"), source, random.Random(2))

    @jax.jit
    def step(lora, state, batch, rate, t):
        value, grads = jax.value_and_grad(lambda l: model.loss(params, batch, l))(lora)

        def adam(p, g, mv):
            m, v = 0.9 * mv[0] + 0.1 * g, 0.98 * mv[1] + 0.02 * g * g
            return p - rate * (m / (1 - 0.9**t)) / (jnp.sqrt(v / (1 - 0.98**t)) + 1e-8), (m, v)

        both = jax.tree.map(adam, lora, grads, state, is_leaf=lambda x: isinstance(x, jnp.ndarray))
        pick = lambda i: {name: tuple(both[name][j][i] for j in (0, 1)) for name in lora}
        return pick(0), pick(1), value

    began = told = time.time()
    t = 0
    while (done := (time.time() - began) / (60 * arguments.minutes)) < 1:
        t += 1
        rate = arguments.rate * min(1, t / 20, (1 - done) / 0.5)
        lora, state, value = step(lora, state, packer.batch(), rate, float(t))
        if time.time() - told > 20:
            told = time.time()
            print(f"{(told - began) / 60:4.1f} min  step {t}  loss {float(value):.4f}", flush=True)
    export(arguments.out or HERE / f"{arguments.adapter}.gguf", lora, title, arguments.base)


if __name__ == "__main__":
    main()
