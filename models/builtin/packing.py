"""Rows of several examples, so that no step is spent on padding."""

import numpy as np

from tokenizer import BOS, EOS

ROWS, LENGTH, ANSWERS = 10, 160, 768
REPEATED_WEIGHT = 0.15
"""Loss on those tokens of the question that repeat a pair of the text before: practice in copying."""


class Packer:
    def __init__(self, tokenizer, source, rng, rows=ROWS):
        self.tokenizer, self.source, self.rng, self.rows = tokenizer, source, rng, rows
        self.left = []

    def encoded(self):
        while True:
            example = self.source(self.rng)
            prefix = [BOS] + self.tokenizer.encode(example.prefix)
            branches = [(self.tokenizer.encode(prompt), self.tokenizer.encode(answer) + [EOS]) for prompt, answer in example.branches]
            branches = [(p, a) for p, a in branches if len(prefix) + len(p) + len(a) <= LENGTH]
            if branches:
                return prefix, branches

    def fitting(self, pool, room):
        """An example cut to the room; its other branches stay in the pool."""
        for i, (prefix, branches) in enumerate(pool):
            size, taken = len(prefix), 0
            while taken < len(branches) and size + sum(map(len, branches[taken])) <= room:
                size += sum(map(len, branches[taken]))
                taken += 1
            if taken:
                pool.pop(i)
                if taken < len(branches):
                    pool.insert(0, (prefix, branches[taken:]))
                return prefix, branches[:taken]
        return None

    def batch(self):
        shape = (self.rows, LENGTH)
        out = {name: np.zeros(shape, np.int32) for name in ("tokens", "positions", "group", "branch")}
        at, target, weight = [], [], []
        for row in range(self.rows):
            used, group = 0, 0
            while True:
                while len(self.left) < 16:
                    self.left.append(self.encoded())
                example = self.fitting(self.left, LENGTH - used)
                if example is None:
                    break
                group += 1
                used = self.place(out, row, used, group, example, at, target, weight)
            out["group"][row, used:] = -1
        limit = ANSWERS * self.rows // ROWS
        order = np.arange(len(at))
        if len(at) > limit:
            order = self.rng.sample(range(len(at)), limit)
        for name, values, kind in (("at", at, np.int32), ("target", target, np.int32), ("weight", weight, np.float32)):
            padded = np.zeros(limit, kind)
            padded[: len(order)] = np.asarray(values, kind)[order]
            out[name] = padded
        return out

    def place(self, out, row, used, group, example, at, target, weight):
        prefix, branches = example

        def put(ids, start, position, branch):
            end = start + len(ids)
            out["tokens"][row, start:end] = ids
            out["positions"][row, start:end] = np.arange(position, position + len(ids))
            out["group"][row, start:end] = group
            out["branch"][row, start:end] = branch
            return end

        put(prefix, used, 0, 0)
        used += len(prefix)
        for number, (prompt, answer) in enumerate(branches, 1):
            begin = used
            used = put(prompt + answer, begin, len(prefix), number)
            ids = prompt + answer
            pairs = set(zip(prefix, prefix[1:]))
            for i in range(len(ids) - 1):
                pair = (ids[i], ids[i + 1])
                asked = i + 1 >= len(prompt)
                if asked or pair in pairs:
                    at.append(row * LENGTH + begin + i)
                    target.append(pair[1])
                    weight.append(1.0 if asked else REPEATED_WEIGHT)
                pairs.add(pair)
        return used
