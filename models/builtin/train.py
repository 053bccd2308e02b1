"""Training from scratch on one thread. Can be stopped at any time and goes on from its checkpoint.

The schedule runs by processor time, so a busy machine makes it longer but not worse.
"""

import argparse
import os
import random
import time
from pathlib import Path

os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")

import jax
import numpy as np

import model
from packing import Packer
from synth import mixture
from tokenizer import Tokenizer

HERE = Path(__file__).parent


def save(path, params, state):
    flat = {f"p.{k}": v for k, v in params.items()} | {f"m.{k}": v for k, v in state["m"].items()} | {f"v.{k}": v for k, v in state["v"].items()}
    np.savez(path.with_suffix(".tmp.npz"), t=state["t"], **{k: np.asarray(v) for k, v in flat.items()})
    path.with_suffix(".tmp.npz").replace(path)


def load(path):
    data = np.load(path)
    part = lambda prefix: {k[2:]: jax.numpy.asarray(data[k]) for k in data.files if k.startswith(prefix + ".")}
    return part("p"), {"m": part("m"), "v": part("v"), "t": jax.numpy.asarray(data["t"])}


def rate_at(done, warm=0.02, cool=0.35):
    """Constant with a warm-up and a linear end; `done` is the share of the time that has passed."""
    return min(1.0, (done + 0.002) / warm, max(0.0, (1 - done) / cool))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60, help="of processor time, for the whole schedule")
    parser.add_argument("--checkpoint", type=Path, default=HERE / "checkpoints" / "base.npz")
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--from-minute", type=float, default=0, help="where in the schedule to go on")
    parser.add_argument("--peak", type=float, default=1.0)
    parser.add_argument("--warm", type=float, default=0.02)
    parser.add_argument("--cool", type=float, default=0.35)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rows", type=int, default=10)
    parser.add_argument("--save-every", type=float, default=120, help="seconds")
    arguments = parser.parse_args()
    arguments.checkpoint.parent.mkdir(exist_ok=True)
    rng = random.Random(arguments.seed)
    packer = Packer(Tokenizer.load(HERE / "tokenizer.json"), mixture.example, rng, arguments.rows)
    params = model.initial(arguments.seed)
    state = model.optimiser_state(params)
    if arguments.resume:
        params, state = load(arguments.checkpoint)

    @jax.jit
    def step(params, state, batch, rate):
        value, grads = jax.value_and_grad(model.loss)(params, batch)
        params, state = model.update(params, grads, state, rate)
        return params, state, value

    began = time.process_time()
    saved = told = time.time()
    total, count, tokens = 0.0, 0, 0
    while True:
        done = (time.process_time() - began + arguments.from_minute * 60) / (arguments.minutes * 60)
        batch = packer.batch()
        params, state, value = step(params, state, batch, arguments.peak * rate_at(done, arguments.warm, arguments.cool))
        total, count, tokens = total + float(value), count + 1, tokens + int((batch["group"] > 0).sum())
        now = time.time()
        if now - told > 30:
            print(f"{arguments.minutes * done:5.1f} min  step {int(state['t'])}  loss {total / count:.4f}  {tokens / (now - told):.0f} tokens/s", flush=True)
            told, total, count, tokens = now, 0.0, 0, 0
        if now - saved > arguments.save_every or done >= 1:
            save(arguments.checkpoint, params, state)
            saved = now
        if done >= 1:
            break


if __name__ == "__main__":
    main()
