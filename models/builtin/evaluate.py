"""Greedy answers of the exported file on the held-out set, with a forward pass of its own.

Nothing is shared with the trainer: weights, tokenizer and numbers are read from the GGUF file, and
heads are rotated by neighbouring pairs, as the engines do.
"""

import argparse
import json
from collections import defaultdict
from pathlib import Path

import numpy as np

import gguf
from tokenizer import Tokenizer

HERE = Path(__file__).parent


def rendered(messages):
    """What the chat template of the file gives."""
    system = next((m["content"].split("\n")[0] for m in reversed(messages) if m["role"] == "system"), "")
    user = next(m["content"] for m in reversed(messages) if m["role"] == "user")
    return (system + "\n" if system else "") + "User: " + user + "\nAssistant:"


class Engine:
    def __init__(self, path, adapter=None):
        self.meta, self.w = gguf.read(path)
        m = self.meta
        self.layers, self.heads = m["llama.block_count"], m["llama.attention.head_count"]
        self.size, self.eps = m["llama.rope.dimension_count"], m["llama.attention.layer_norm_rms_epsilon"]
        keys = ("tokens", "scores", "token_type")
        self.tokenizer = Tokenizer(list(zip(*(m[f"tokenizer.ggml.{key}"] for key in keys))))
        angle = np.arange(m["llama.context_length"])[:, None] * m["llama.rope.freq_base"] ** (-np.arange(0, self.size, 2) / self.size)
        self.cos, self.sin = np.cos(angle).astype(np.float32), np.sin(angle).astype(np.float32)
        if adapter:
            self.merge(adapter)

    def merge(self, path):
        meta, lora = gguf.read(path)
        for name in [n[: -len(".lora_a")] for n in lora if n.endswith(".lora_a")]:
            a, b = lora[name + ".lora_a"], lora[name + ".lora_b"]
            self.w[name] = self.w[name] + meta["adapter.lora.alpha"] / a.shape[0] * (b @ a)

    def norm(self, x, weight):
        return x / np.sqrt((x * x).mean(-1, keepdims=True) + self.eps) * weight

    def rotate(self, x, at):
        cos, sin = self.cos[at][:, None], self.sin[at][:, None]
        a, b = x[..., 0::2], x[..., 1::2]
        return np.stack([a * cos - b * sin, a * sin + b * cos], -1).reshape(x.shape)

    def forward(self, ids, cache):
        """Logits after the last of `ids`; `cache` holds keys and values of what came before."""
        past = len(cache[0][0]) if cache[0] else 0
        at = np.arange(past, past + len(ids))
        x = self.w["token_embd.weight"][ids]
        for i in range(self.layers):
            w = lambda name: self.w[f"blk.{i}.{name}.weight"]
            h = self.norm(x, w("attn_norm"))
            q, k, v = ((h @ w(f"attn_{n}").T).reshape(len(ids), self.heads, self.size) for n in "qkv")
            q, k = self.rotate(q, at), self.rotate(k, at)
            if cache[i]:
                k, v = np.concatenate([cache[i][0], k]), np.concatenate([cache[i][1], v])
            cache[i] = (k, v)
            scores = np.einsum("qhd,khd->hqk", q, k) / np.sqrt(self.size)
            scores = np.where(np.arange(len(k))[None, None] <= at[None, :, None], scores, -np.inf)
            weights = np.exp(scores - scores.max(-1, keepdims=True))
            weights /= weights.sum(-1, keepdims=True)
            x = x + np.einsum("hqk,khd->qhd", weights, v).reshape(len(ids), -1) @ w("attn_output").T
            h = self.norm(x, w("ffn_norm"))
            gate = h @ w("ffn_gate").T
            x = x + (gate / (1 + np.exp(-gate)) * (h @ w("ffn_up").T)) @ w("ffn_down").T
        return self.norm(x[-1], self.w["output_norm.weight"]) @ self.w["token_embd.weight"].T

    def answer(self, prompt, limit=96):
        ids = [self.meta["tokenizer.ggml.bos_token_id"]] + self.tokenizer.encode(prompt)
        cache, out = [None] * self.layers, []
        while len(out) < limit:
            best = int(self.forward(ids, cache).argmax())
            if best == self.meta["tokenizer.ggml.eos_token_id"]:
                break
            out.append(best)
            ids = [best]
        return self.tokenizer.decode(out)


def agrees(task, said, wanted):
    """Manifest and verdict count by kind and verdict; all else must be the exact text."""
    field = {"manifest": "kind", "verdict": "verdict"}.get(task.split("_")[0])
    if not field:
        return said == wanted
    try:
        return json.loads(said)[field] == json.loads(wanted)[field]
    except (ValueError, KeyError, TypeError):
        return False


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=HERE / "builtin.gguf")
    parser.add_argument("--limit", type=int, default=10**6, help="rows per task")
    parser.add_argument("--tasks", nargs="*")
    parser.add_argument("--misses", type=int, default=0, help="show so many per task")
    arguments = parser.parse_args()
    chosen = defaultdict(list)
    for line in (HERE / "eval" / "heldout.jsonl").read_text().splitlines():
        row = json.loads(line)
        if (not arguments.tasks or row["task"] in arguments.tasks) and len(chosen[row["task"]]) < arguments.limit:
            chosen[row["task"]].append(row)
    engines = {}
    print(f"{'task':12} {'rows':>5} {'right':>7} {'exact':>7}")
    for task, rows in chosen.items():
        right = exact = 0
        misses = []
        for row in rows:
            adapter = row["adapter"]
            if adapter and not (HERE / f"{adapter}.gguf").exists():
                break
            if adapter not in engines:
                engines[adapter] = Engine(arguments.model, HERE / f"{adapter}.gguf" if adapter else None)
            said = engines[adapter].answer(rendered(row["messages"]))
            exact += said == row["expect"]
            if agrees(task, said, row["expect"]):
                right += 1
            else:
                misses.append((row["messages"][-1]["content"], said, row["expect"]))
        else:
            print(f"{task:12} {len(rows):5} {100 * right / len(rows):6.1f}% {100 * exact / len(rows):6.1f}%", flush=True)
            for asked, said, wanted in misses[: arguments.misses]:
                print(f"    {asked!r}\n      said {said!r}\n    wanted {wanted!r}")


if __name__ == "__main__":
    main()
