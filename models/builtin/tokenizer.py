"""The tokenizer: score-based merging as in SentencePiece BPE, trained on the synthetic text.

Pieces inside a word merge first, the leading space (written as U+2581) last, so that a word has the same
pieces with and without a space before it, except for the first. Copying a name is then plain copying.
Digits and capital letters never merge with each other.
"""

import argparse
import heapq
import json
import random
import re
from collections import Counter
from pathlib import Path

SPACE = "\u2581"
UNK, BOS, EOS = 0, 1, 2
VOCABULARY = 1024
SPACED = 130
NORMAL, UNKNOWN, CONTROL, BYTE = 1, 2, 3, 6

CHARACTERS = SPACE + "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789" + ".,:;?!'\"()[]{}-+*/=_@#&%<>$"

FORMS = [
    '":"', '":[', '","', '],"', '{"', '":', '{"kind":"', '","goal":"', '","constraints":[', '],"expertise":[', '],"verify":[',
    '],"confidence":', '{"verdict":"', '","feedback":"', '","confidence":',
]
"""The frame of the two council formats, one piece each; the merges on the way to them are added."""


class Tokenizer:
    def __init__(self, pieces):
        """`pieces`: list of (text, score, type), the id is the place in the list."""
        self.pieces = pieces
        self.ids = {text: i for i, (text, _, kind) in enumerate(pieces) if kind == NORMAL}
        self.bytes = {int(text[3:5], 16): i for i, (text, _, kind) in enumerate(pieces) if kind == BYTE}
        self.scores = [score for _, score, _ in pieces]
        self.cache = {}

    @classmethod
    def load(cls, path):
        return cls([tuple(piece) for piece in json.loads(Path(path).read_text())])

    def save(self, path):
        Path(path).write_text("[\n" + ",\n".join(json.dumps(piece) for piece in self.pieces) + "\n]\n")

    def encode(self, text):
        """No piece holds a space anywhere but at its start, so the parts between spaces are independent."""
        ids = []
        for part in re.findall(r" ?[^ ]+| ", text):
            if part not in self.cache:
                self.cache[part] = self.merge(part.replace(" ", SPACE))
            ids += self.cache[part]
        return ids

    def merge(self, text):
        symbols = list(text)
        after = list(range(1, len(symbols))) + [-1]
        before = [-1] + list(range(len(symbols) - 1))
        queue = []

        def offer(left):
            right = after[left] if left >= 0 else -1
            if right >= 0 and symbols[left] + symbols[right] in self.ids:
                joined = symbols[left] + symbols[right]
                heapq.heappush(queue, (-self.scores[self.ids[joined]], left, joined))

        for i in range(len(symbols)):
            offer(i)
        while queue:
            _, left, joined = heapq.heappop(queue)
            right = after[left]
            if symbols[left] is None or right < 0 or symbols[left] + symbols[right] != joined:
                continue
            symbols[left], symbols[right] = joined, None
            after[left] = after[right]
            if after[left] >= 0:
                before[after[left]] = left
            offer(left)
            offer(before[left])
        ids = []
        for symbol in symbols:
            if symbol in self.ids:
                ids.append(self.ids[symbol])
            elif symbol is not None:
                ids += [self.bytes[b] for b in symbol.encode()]
        return ids

    def decode(self, ids):
        data = b""
        for i in ids:
            text, _, kind = self.pieces[i]
            data += bytes([int(text[3:5], 16)]) if kind == BYTE else text.replace(SPACE, " ").encode() if kind == NORMAL else b""
        return data.decode(errors="replace")


def learn_words(counts, size):
    """Merges inside words, most frequent pair first."""
    words = [(list(word), weight) for word, weight in sorted(counts.items())]
    learnt = []
    while len(learnt) < size:
        pairs = Counter()
        for symbols, weight in words:
            for pair in zip(symbols, symbols[1:]):
                pairs[pair] += weight
        for first, second in pairs:
            if first[-1].isupper() and second[0].isupper():
                pairs[first, second] = 0
        (first, second), _ = max(pairs.items(), key=lambda item: (item[1], item[0]))
        learnt.append(first + second)
        for symbols, _ in words:
            i = 0
            while i + 1 < len(symbols):
                if symbols[i] == first and symbols[i + 1] == second:
                    symbols[i : i + 2] = [first + second]
                i += 1
    return learnt


def frame_merges(words):
    """The pieces of FORMS with the steps towards them: punctuation first, then the word, then the rest."""
    known, added = set(CHARACTERS) | set(words), []

    def add(piece):
        if piece not in known:
            known.add(piece)
            added.append(piece)

    for form in FORMS:
        parts = re.findall(r"[a-z]+|[^a-z]+", form)
        for part in parts:
            joined = part[0]
            if part not in known:
                for char in part[1:]:
                    joined += char
                    add(joined)
        joined = parts[0]
        for part in parts[1:]:
            joined += part
            add(joined)
    return added


def train(examples, seed=1):
    from synth import mixture

    rng = random.Random(seed)
    counts, spaced = Counter(), Counter()
    for _ in range(examples):
        example = mixture.example(rng)
        for prompt, answer in example.branches:
            text = example.prefix + prompt + " " + answer
            counts.update(re.findall(r"[A-Za-z][a-z]*", text))
            spaced.update(re.findall(r"(?<= )[a-z]+", text))
    weights = {word: count**0.75 for word, count in counts.items() if count > 1 and len(word) > 1}
    for word in re.findall("[a-z]+", "".join(FORMS)):
        weights[word] = max(weights.values())
    fixed = 3 + 256 + len(CHARACTERS) + SPACED + len(frame_merges(re.findall("[a-z]+", "".join(FORMS))))
    words = learn_words(weights, VOCABULARY - fixed)
    frames = frame_merges(words)
    words = words[: VOCABULARY - (fixed - len(frame_merges(re.findall("[a-z]+", "".join(FORMS)))) + len(frames))]
    leading = [SPACE + w for w, _ in spaced.most_common() if w in set(words) or len(w) == 1]
    leading = [SPACE + sign for sign in "+-*/="] + leading
    pieces = [("<unk>", 0.0, UNKNOWN), ("<s>", 0.0, CONTROL), ("</s>", 0.0, CONTROL)]
    pieces += [(f"<0x{b:02X}>", 0.0, BYTE) for b in range(256)]
    room = VOCABULARY - len(pieces) - len(CHARACTERS)
    merged = (words + frames + leading)[:room]
    pieces += [(text, float(-i), NORMAL) for i, text in enumerate(merged)]
    pieces += [(text, float(-len(merged) - i), NORMAL) for i, text in enumerate(CHARACTERS)]
    assert len(pieces) == VOCABULARY and len({text for text, _, _ in pieces}) == VOCABULARY
    return Tokenizer(pieces)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", default=Path(__file__).parent / "tokenizer.json")
    parser.add_argument("--examples", type=int, default=40000)
    arguments = parser.parse_args()
    train(arguments.examples).save(arguments.out)
