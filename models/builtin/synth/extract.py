"""Questions whose answer is a span of the given context, and questions it does not answer."""

from . import invented
from .heldout_forms import held_out
from .item import NOT_SAID, Item
from .people import (ADJECTIVES, COLOURS, EVENTS, EVENTS_HELD, FRUIT, FRUIT_HELD, JOBS, JOBS_HELD, PLACES, PLACES_HELD, THINGS,
                     THINGS_HELD, date, firm, person, pick, time, town)
from .people import placeholder
from .phrase import choose, fill, typed
from .schemas import SCHEMAS

MAKERS = {
    "p": person, "q": person, "t": town, "f": firm,
    "thing": lambda rng, held: f"{rng.choice(ADJECTIVES)} {pick(rng, THINGS, THINGS_HELD, held)}",
    "place": lambda rng, held: pick(rng, PLACES, PLACES_HELD, held),
    "event": lambda rng, held: pick(rng, EVENTS, EVENTS_HELD, held),
    "job": lambda rng, held: pick(rng, JOBS, JOBS_HELD, held),
    "items": lambda rng, held: pick(rng, FRUIT, FRUIT_HELD, held),
    "colour": lambda rng, held: rng.choice(COLOURS),
    "time": lambda rng, held: time(rng),
    "date": lambda rng, held: date(rng),
    "n": lambda rng, held: str(rng.choice([rng.randrange(2, 100), rng.randrange(100, 10000)])),
    "code": lambda rng, held: str(rng.randrange(1000, 10**rng.choice([4, 5, 6]))),
    "w": lambda rng, held: invented.word(rng),
    "mail": lambda rng, held: placeholder(rng),
}


def slots_of(schema, rng, held):
    return {name: MAKERS[name](rng, held) for name in schema.slots}


def sentence(schema, rng, slots):
    text = fill(choose(rng, rng.choice(schema.says)), slots)
    return text[:1].upper() + text[1:] + "."


def question(schema, rng, slots, asked, held):
    if held:
        return fill(rng.choice(schema.held[asked]), slots) + "?"
    while True:
        text = fill(choose(rng, rng.choice(schema.asks[asked])), slots)
        if rng.random() < 0.06:
            text = rng.choice(["According to the {c}, ", "By the {c}, ", "In the {c}, ", "Given the {c}, "]).replace("{c}", rng.choice(["context", "notes", "document", "text"])) + text[:1].lower() + text[1:]
        text = typed(rng, text, plain=0.75)
        if not held_out(text) and not any(held_text(schema, text)):
            return text


def held_text(schema, text):
    import re
    for forms in schema.held.values():
        for form in forms:
            pattern = ".+".join(re.escape(part.lower()) for part in re.split(r"\{\w+\}", form))
            yield re.fullmatch(pattern, text.lower().rstrip("?. "))


def family(rng, held=False, questions=1, absent=0.07):
    """A context and some questions about it; the answers of all share the context's tokens.

    Of the questions a share of `absent` asks for what the context does not say.
    """
    count = rng.choices([1, 2, 3, 4], [3, 4, 3, 0] if held else [3, 4, 3, 1])[0]
    schemas = [rng.choice(SCHEMAS) for _ in range(count)]
    if count > 1 and rng.random() < 0.35:
        schemas[1] = schemas[0]
    elif count > 1 and not held and rng.random() < 0.3:
        schemas = [schemas[0]] * count
    told = []
    for schema in schemas:
        told.append((schema, distinct(schema, rng, held, told)))
    said = [sentence(schema, rng, slots) for schema, slots in told]
    order = list(range(count))
    rng.shuffle(order)
    context = " ".join(said[i] for i in order)
    return [one(rng, told, context, held, absent) for _ in range(questions)]


def distinct(schema, rng, held, told):
    """Values that no other sentence of the context has, so that every question has one answer."""
    while True:
        slots = slots_of(schema, rng, held)
        if not any(set(slots.values()) & set(other.values()) for _, other in told):
            return slots


def one(rng, told, context, held, absent):
    schema, slots = rng.choice(told)
    asked = rng.choice(list(schema.asks))
    others = [s[k] for sch, s in told for k in s if s is not slots]
    if rng.random() < absent:
        return missing(rng, told, context, held)
    answer = fill(schema.spans.get(asked, "{" + asked + "}"), slots)
    clash = [s for sch, s in told if sch is schema and s is not slots and all(s[k] == slots[k] for k in s if k != asked)]
    if clash:
        return one(rng, told[:1], context, held, absent) if len(told) > 1 else missing(rng, told, context, held)
    wrong = [value for value in others + [v for k, v in slots.items() if k != asked] if value != answer]
    wrong.append(MAKERS[asked](rng, held))
    return Item("extract", "extract", "context", question(schema, rng, slots, asked, held), answer, context, [w for w in wrong if w != answer])


def missing(rng, told, context, held):
    """Either another thing than the told ones, or another property of them."""
    while True:
        schema = rng.choice(told)[0] if rng.random() < 0.6 else rng.choice(SCHEMAS)
        slots = slots_of(schema, rng, held)
        asked = rng.choice(list(schema.asks))
        if any(sch is schema and any(s[k] == slots[k] for k in s if k != asked) for sch, s in told):
            continue
        wrong = [v for _, s in told for v in s.values()]
        return Item("extract", "extract", "context", question(schema, rng, slots, asked, held), NOT_SAID, context, wrong)
