"""Patterns such as `(What is|Tell me) the capital (city |)of {x}` and the small noise of typing.

A pattern with a dozen alternatives stands for hundreds of phrasings, which is what makes so small
a model generalise at all.
"""

import re

GROUP = re.compile(r"\(([^()]*)\)")


def choose(rng, pattern):
    """One phrasing of the pattern; slots in braces stay."""
    while True:
        found = GROUP.search(pattern)
        if not found:
            return pattern
        pattern = pattern[: found.start()] + rng.choice(found.group(1).split("|")) + pattern[found.end() :]


def fill(text, slots):
    for name, value in slots.items():
        text = text.replace("{" + name + "}", str(value))
    return text


def lower_first(text):
    return text[:1].lower() + text[1:]


def upper_first(text):
    return text[:1].upper() + text[1:]


OPENERS = [
    "Hi, ", "Hello, ", "Hey, ", "Please: ", "Please, ", "Quick question: ", "Question: ", "Sorry, ",
    "Excuse me, ", "OK, ", "So, ", "Well, ", "Now, ", "Good day. ", "Hello! ", "Hi! ", "One question: ",
    "I wonder, ", "Just curious, ", "By the way, ", "Also, ", "A small thing: ", "Let me ask: ", "Right, ",
    "Once more: ", "I forgot: ", "For my homework: ", "Dear assistant, ", "Help me: ", "And ", "Hm, ",
    "Good morning. ", "Be quick: ", "Please answer: ", "Another one: ", "Next: ", "Say, ", "Fine, ",
]
ENDINGS = [
    " please", ", please", " please", ", thanks", " thanks", " again", " by the way", ", can you say",
    ", do you know", " exactly", ", I forgot", ", I wonder", " (short answer)", " for me", ", thank you",
]
BRIEF = [", in short", ", briefly", " in one word", ", short answer please", " (keep it short)", ", keep it brief"]


def typed(rng, text, ask=True, plain=0.5):
    """The text as somebody types it: with or without opener, ending, capital and question mark."""
    text = text.strip()
    if rng.random() >= plain:
        if rng.random() < 0.4:
            text = rng.choice(OPENERS) + (lower_first(text) if rng.random() < 0.7 else text)
        if rng.random() < 0.25:
            text += rng.choice(ENDINGS)
        if rng.random() < 0.12:
            text = misspelt(rng, text)
    roll = rng.random()
    if roll < 0.62:
        text += "?" if ask else "."
    elif roll < 0.68:
        text += rng.choice(["??", " ?", "!", "..", ".", "?!"])
    roll = rng.random()
    if roll < 0.72:
        text = upper_first(text)
    elif roll < 0.88:
        text = text.lower() if "[" not in text else lower_first(text)
    return text


def misspelt(rng, text):
    """One slip inside a long lower-case word; names and numbers are left alone."""
    words = [i for i, w in enumerate(text.split(" ")) if len(w) > 4 and w.isalpha() and w.islower()]
    if not words:
        return text
    parts = text.split(" ")
    i = rng.choice(words)
    word = parts[i]
    at = rng.randrange(1, len(word) - 1)
    parts[i] = rng.choice([
        word[:at] + word[at + 1 :],
        word[:at] + word[at] + word[at:],
        word[:at] + word[at + 1] + word[at] + word[at + 2 :],
    ])
    return " ".join(parts)
