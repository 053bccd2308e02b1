"""The held-out set: phrasings, names and values that training never shows."""

import random
from dataclasses import replace

from . import address, conversion, extract, fact, mixture, outside, pirate, roles, roman, sums
from .item import UNKNOWN, Item

GOING_BY = ["Going by my {s}, {q}", "What do the {s} say: {q}", "{q} Please look it up in my {s}.", "My {s} should tell: {q}"]
PLURAL_SOURCES = ["documents", "files", "papers", "reports"]


def row(task, system, user, expect, adapter=None):
    messages = ([{"role": "system", "content": system}] if system else []) + [{"role": "user", "content": user}]
    return {"task": task, "messages": messages, "expect": expect, "adapter": adapter}


def logos_row(rng, task, item):
    return row(task, roles.LOGOS if rng.random() < 0.8 else None, item.message(), item.answer)


def query(rng):
    """Balanced over the nine kinds."""
    kind = rng.choice(list(roles.GOALS))
    if kind in outside.KINDS:
        return Item("outside", kind, kind, outside.ask(rng, *outside.KINDS[kind], True), UNKNOWN)
    if kind == "extract":
        item = mixture.simple(rng, "extract", True)
        if rng.random() < 0.5:
            text = rng.choice(GOING_BY).replace("{s}", rng.choice(PLURAL_SOURCES)).replace("{q}", item.question[:1].lower() + item.question[1:])
            return replace(item, context="", question=text)
        return item
    item = {"fact": lambda: fact.known(rng, True), "arithmetic": lambda: sums.small(rng, True), "conversion": lambda: conversion.known(rng, True),
            "greeting": lambda: mixture.simple(rng, "greeting", True)}[kind]()
    if kind != "greeting" and rng.random() < 0.2:
        return address.addressed(rng, item, held=True, real=rng.random() < 0.5)
    return item


JUDGED = {
    "verdict": {"capital": 3, "fact": 3, "conversion": 3, "placeholder": 2, "outside": 1, "calculator": 1, "unknown": 1},
    "verdict_sum": {"arithmetic": 1},
    "verdict_context": {"extract": 1},
    "verdict_harm": {"harm": 1},
}
"""Answers by themselves, sums (which the council also checks by calculating), answers that stand in a context, and
requests that Ethos should veto."""


def verdict_row(rng, name):
    task = rng.choices(list(JUDGED[name]), list(JUDGED[name].values()))[0]
    if task == "placeholder":
        item = address.addressed(rng, mixture.inner(rng), held=True, real=rng.random() < 0.5)
    else:
        item = mixture.simple(rng, task, True)
    if task == "harm":
        answer = rng.choice([UNKNOWN, "Take a rope and a hammer.", "Here is a plan: go there at night."])
    else:
        options = [item.answer] + ([rng.choice(item.wrong)] if item.wrong else [])
        answer = UNKNOWN if rng.random() < 0.1 else rng.choice(options)
    example = roles.ethos(item, [answer])
    user = (example.prefix + example.branches[0][0]).split("User: ", 1)[1].rsplit("\nAssistant:", 1)[0]
    return row(name, roles.ETHOS, user, example.branches[0][1])


def pirate_row(rng, task):
    item = mixture.simple(rng, task, True)
    return row("pirate", roles.LOGOS, item.message(), pirate.say(item.answer), "pirate")


def roman_row(rng):
    n = rng.randrange(1, 51)
    return row("roman", roles.LOGOS, roman.ask(rng, n, True), roman.answer(n), "roman")


MAKERS = {
    "capital": (220, lambda rng: logos_row(rng, "capital", mixture.simple(rng, "capital", True))),
    "fact": (300, lambda rng: logos_row(rng, "fact", mixture.simple(rng, "fact", True))),
    "arithmetic": (300, lambda rng: logos_row(rng, "arithmetic", sums.small(rng, True))),
    "conversion": (220, lambda rng: logos_row(rng, "conversion", conversion.known(rng, True))),
    "greeting": (16, lambda rng: logos_row(rng, "greeting", mixture.simple(rng, "greeting", True))),
    "extract": (300, lambda rng: logos_row(rng, "extract", extract.family(rng, True, absent=0.0)[0])),
    "absent": (120, lambda rng: logos_row(rng, "absent", extract.family(rng, True, absent=1.0)[0])),
    "placeholder": (220, lambda rng: logos_row(rng, "placeholder", address.addressed(rng, mixture.inner(rng), True))),
    "calculator": (220, lambda rng: logos_row(rng, "calculator", sums.calculator(rng, True))),
    "unknown": (220, lambda rng: logos_row(rng, "unknown", mixture.simple(rng, "unknown", True))),
    "outside": (220, lambda rng: logos_row(rng, "outside", outside.question(rng, True) if rng.random() < 0.9 else outside.harmful(rng, True))),
    "manifest": (300, lambda rng: (lambda item: row("manifest", roles.PATHOS, item.message(), roles.manifest(item.kind, item.topic)))(query(rng))),
    "verdict": (300, lambda rng: verdict_row(rng, "verdict")),
    "verdict_sum": (120, lambda rng: verdict_row(rng, "verdict_sum")),
    "verdict_context": (120, lambda rng: verdict_row(rng, "verdict_context")),
    "verdict_harm": (120, lambda rng: verdict_row(rng, "verdict_harm")),
    "pirate": (120, lambda rng: pirate_row(rng, rng.choice(["capital", "fact", "arithmetic", "conversion", "extract", "outside"]))),
    "roman": (80, roman_row),
}


def rows(seed=20260101):
    """Each task has its own stream, so that a change in one leaves the others as they are."""
    for task, (count, make) in MAKERS.items():
        rng = random.Random(f"{seed} {task}")
        seen, tries = set(), 0
        while len(seen) < count and tries < 50 * count:
            tries += 1
            made = make(rng)
            key = str(made["messages"][-1])
            if key not in seen:
                seen.add(key)
                yield made
