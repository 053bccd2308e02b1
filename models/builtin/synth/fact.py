"""Questions for the tables, and questions of the same form about things that do not exist."""

from . import invented
from .heldout_forms import FORMS, held_out
from .item import UNKNOWN, Item
from .phrase import choose, fill, typed, upper_first
from .relations import RELATIONS, BY_NAME

WEIGHTS = [relation.weight for relation in RELATIONS]


def statement(relation, key, value):
    return fill(relation.answer, {"x": key, "X": upper_first(key), "y": value})


def unit_of(value):
    return value.split(" ")[-1]


def ask(rng, relation, key, value, held):
    slots = {"x": key, "X": key, "u": unit_of(value)}
    if held:
        form = rng.choice(FORMS[relation.name])
        if form.startswith("{x}"):
            slots["x"] = upper_first(key)
        return fill(form, slots) + rng.choice(["?", "?", ""])
    while True:
        text = typed(rng, fill(choose(rng, rng.choice(relation.forms)), slots))
        if not held_out(text):
            return text


def known(rng, held=False, relation=None, key=None):
    if relation is None:
        relation = rng.choices(RELATIONS, WEIGHTS)[0]
    elif isinstance(relation, str):
        relation = BY_NAME[relation]
    key = key or rng.choice(list(relation.table))
    value = relation.table[key]
    others = sorted({v for k, v in relation.table.items() if v != value})
    wrong = []
    if relation.name == "parts":
        number, unit = value.split(" ")
        wrong = [f"{int(number) + d} {unit}" for d in (-2, -1, 1, 2, 5, 10) if int(number) + d > 0]
    wrong = [statement(relation, key, v) for v in (wrong or others)]
    return Item("capital" if relation.name == "capital" else "fact", "fact", relation.name,
                ask(rng, relation, key, value, held), statement(relation, key, value), wrong=wrong)


def unknown(rng, held=False):
    """The form is known, the thing is not: the honest answer is not to guess."""
    name = rng.choices(["capital", "continent", "currency", "language", "author", "young", "colour"], [6, 1, 1, 1, 2, 1, 1])[0]
    relation = BY_NAME[name]
    if name == "author":
        key = invented.title(rng, held)
    elif name == "young":
        key = invented.word(rng).lower()
    elif name == "colour":
        key = "a " + invented.word(rng).lower()
    else:
        key = invented.country(rng)
    return Item("unknown", "fact", name, ask(rng, relation, key, "1 x", held), UNKNOWN,
                wrong=[statement(relation, key, value) for value in rng.sample(sorted(set(relation.table.values())), 2)])
