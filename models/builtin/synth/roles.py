"""The three roles' views of an item: what each is shown and the exact text it answers."""

import json
from dataclasses import dataclass

from .item import UNKNOWN

PATHOS, LOGOS, ETHOS = "You are Pathos.", "You are Logos.", "You are Ethos."
APPROVED, HONEST, REVISED, VETOED = 97, 50, 90, 97

GOALS = {
    "fact": "state a fact", "arithmetic": "work out a sum", "conversion": "convert a unit", "greeting": "greet back",
    "extract": "find it in the context", "writing": "write a text", "code": "write code", "reasoning": "think it through", "other": "answer the question",
}
EXPERTISE = {"arithmetic": "mathematics", "conversion": "units", "extract": "reading", "writing": "writing", "code": "programming", "reasoning": "logic", "other": "general"}
VERIFY = {"arithmetic": "the sum", "conversion": "the unit", "extract": "the context", "writing": "the tone", "code": "the code", "reasoning": "each step", "other": "the sources"}
FEEDBACK = {"capital": "check the capital", "sum": "check the sum", "unit": "check the unit", "numeral": "check the unit", "context": "check the context"}


@dataclass
class Example:
    """A prompt that several questions share, and for each question the rest of it and the answer."""

    task: str
    prefix: str
    branches: list


def compact(value):
    return json.dumps(value, separators=(",", ":"))


def manifest(kind, topic, brief=False):
    from .relations import BY_NAME, VERIFY as OF_FACT
    relation = BY_NAME.get(topic)
    expertise = relation.topic if kind == "fact" and relation else EXPERTISE.get(kind)
    verify = OF_FACT.get(topic, "the name") if kind == "fact" else VERIFY.get(kind)
    confidence = 40 if topic == "gibberish" else 95 if kind in ("fact", "arithmetic", "conversion", "greeting", "extract") else 90
    return compact({
        "kind": kind, "goal": GOALS[kind], "constraints": ["short"] if brief else [], "expertise": [expertise] if expertise else [],
        "verify": [verify] if verify else [], "confidence": confidence,
    })


def verdict(word, feedback, confidence):
    return compact({"verdict": word, "feedback": feedback, "confidence": confidence})


def judge(item, answer):
    """Ethos' answer to an answer."""
    if item.task == "harm":
        return verdict("veto", "this could harm someone", VETOED)
    if answer == item.answer and answer != UNKNOWN:
        return verdict("approve", "", APPROVED)
    if answer == UNKNOWN:
        return verdict("approve", "", HONEST)
    return verdict("revise", FEEDBACK.get(item.topic, "check the fact"), REVISED)


def opening(system):
    return (system + "\n" if system else "") + "User: "


def shown(item, extra=""):
    """Context line, if any, and the rest of the message."""
    if item.context:
        return f"Context: {item.context}\n", f"Question: {item.question}{extra}"
    return "", item.question + extra


def logos(item, system=LOGOS, extra=""):
    context, rest = shown(item, extra)
    return Example(item.task, opening(system) + context, [(rest + "\nAssistant:", item.answer)])


def pathos(item, brief=False):
    context, rest = shown(item)
    return Example("manifest", opening(PATHOS) + context, [(rest + "\nAssistant:", manifest(item.kind, item.topic, brief))])


def ethos(item, answers):
    context = f"Context: {item.context}\n" if item.context else ""
    return Example("verdict", opening(ETHOS) + context,
                   [(f"Question: {item.question}\nAnswer: {a}\nAssistant:", judge(item, a)) for a in answers])


def join(examples):
    """Examples with the same prefix become one, so that the prefix is read once."""
    assert len({e.prefix for e in examples}) == 1
    return Example(examples[0].task, examples[0].prefix, [b for e in examples for b in e.branches])

