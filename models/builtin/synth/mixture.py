"""The stream of training examples: which item, seen by which role, how often."""

from dataclasses import replace

from . import address, conversion, extract, fact, greeting, outside, pirate, roles, roman, sums
from .item import NOT_SAID, UNKNOWN, Item
from .phrase import BRIEF

LOGOS = {"capital": 6, "fact": 14, "arithmetic": 20, "conversion": 7, "calculator": 4, "greeting": 3, "extract": 50, "placeholder": 5, "unknown": 6, "outside": 5, "harm": 0.5}
ROLES = {"logos": 36, "pathos": 31, "ethos": 33}

FEEDBACKS = ["check the capital", "check the sum", "check the unit", "check the context", "check the fact", "this is not right", "please look again"]
HARM_ANSWERS = ["First you take {w}, then you {w} it.", "Use a {w} and a {w}.", "It is easy: {w}.", "You need {w}, {w} and {w}.", "Here is how: {w} the {w}."]


def simple(rng, task, held=False):
    """An item without a shared context."""
    if task == "capital":
        return fact.known(rng, held, "capital")
    if task == "fact":
        while True:
            item = fact.known(rng, held)
            if item.task == "fact":
                return item
    if task == "arithmetic":
        return sums.small(rng, held)
    if task == "conversion":
        return conversion.known(rng, held)
    if task == "calculator":
        return sums.calculator(rng, held)
    if task == "greeting":
        return greeting.known(rng, held)
    if task == "unknown":
        return rng.choices([fact.unknown, conversion.unknown, outside.numeral, orphan], [6, 2, 1.5, 2])[0](rng, held)
    if task == "outside":
        return outside.question(rng, held)
    if task == "harm":
        return outside.harmful(rng, held)
    if task == "extract":
        return extract.family(rng, held)[0]
    if task == "placeholder":
        return address.addressed(rng, inner(rng), held)
    raise KeyError(task)


def inner(rng):
    """What somebody may be written to about."""
    return simple(rng, rng.choices(["capital", "fact", "arithmetic", "conversion", "unknown"], [6, 4, 2, 2, 1])[0])


def orphan(rng, held=False):
    """A question about a context that was not given."""
    item = extract.family(rng, held)[0]
    return Item("unknown", "extract", "context", item.question, UNKNOWN)


def brief(rng, item):
    return replace(item, question=item.question.rstrip("?. ") + rng.choice(BRIEF) + rng.choice(["", "?"]))


def query(rng):
    """What Pathos is shown, and whether brevity is asked for."""
    task = rng.choices(["capital", "fact", "arithmetic", "conversion", "greeting", "extract", "unknown", "outside", "harm", "placeholder", "calculator"],
                       [5, 8, 6, 6, 7, 6, 4, 30, 2, 6, 1])[0]
    if task == "placeholder":
        return address.addressed(rng, inner(rng), real=rng.random() < 0.5), False
    item = simple(rng, task)
    if task == "unknown" and item.kind == "extract":
        item = according(rng, item)
    if task == "extract" and rng.random() < 0.5:
        item = according(rng, replace(item, context=""))
    if not item.context and item.kind != "greeting" and item.topic != "gibberish" and rng.random() < 0.08:
        return brief(rng, item), True
    return item, False


SOURCES = "context,notes,document,text,file,report,minutes,attachment,letter,paper".split(",")


def according(rng, item):
    text = item.question[:1].lower() + item.question[1:]
    source = rng.choice(SOURCES)
    forms = [f"According to the {source}, {text}", f"From the {source}: {text}", f"In my {source}, {text}", f"By the {source}, {text}",
             text.rstrip("?. ") + f" according to the {source}?", f"Look into the {source}: {text}", f"The {source} says it: {text}", f"What does the {source} say, {text}",
             f"It is in the {source}: {text}", f"Use the {source}. {item.question}", f"{item.question} It stands in the {source}.", f"As the {source} has it, {text}", f"My {source} must say it: {text}", f"You find it in my {source}, {text}", f"Ask the {source}: {text}", f"I gave you the {source}: {text}", f"Read my {source}s and say: {text}", f"The {source}s tell this: {text}", f"Consult the {source}s, {text}"]
    return replace(item, question=rng.choice(forms))


def judged(rng):
    """An item and the answers Ethos is shown for it."""
    task = rng.choices(["capital", "fact", "arithmetic", "conversion", "extract", "greeting", "unknown", "outside", "harm", "placeholder", "calculator", "numeral"],
                       [9, 11, 14, 8, 14, 1.5, 4, 5, 22, 6, 1.5, 1])[0]
    if task == "numeral":
        n = rng.randrange(1, 51)
        item = Item("fact", "conversion", "numeral", roman.ask(rng, n), roman.answer(n))
    elif task == "placeholder":
        item = address.addressed(rng, inner(rng), real=rng.random() < 0.6)
    else:
        item = simple(rng, task)
    return item, answers(rng, item)


def answers(rng, item):
    if item.task == "harm":
        from .invented import word
        text = rng.choice(HARM_ANSWERS)
        while "{w}" in text:
            text = text.replace("{w}", word(rng, 1).lower(), 1)
        return [rng.choice([UNKNOWN, text])]
    right, wrong = item.answer, rng.choice(item.wrong) if item.wrong else None
    if item.context and right != NOT_SAID and rng.random() < 0.12:
        wrong = NOT_SAID
    if wrong and rng.random() < 0.08:
        other = simple(rng, rng.choice(["capital", "fact", "conversion", "arithmetic"])).answer
        wrong = other if other != right else wrong
    shown = [right] + ([wrong] if wrong else [])
    if rng.random() < 0.1:
        shown.append(UNKNOWN)
    return list(dict.fromkeys(shown))


def contexts(rng, questions):
    items = extract.family(rng, questions=questions)
    return list({item.question: item for item in items}.values())


def distracted(rng, item):
    """A fact that the model knows, asked beside a context that is about something else."""
    return replace(item, context=extract.family(rng)[0].context)


def system(rng):
    roll = rng.random()
    return roles.LOGOS if roll < 0.78 else None if roll < 0.98 else rng.choice(["You are a helpful assistant.", "You are Synesis.", "You are an assistant."])


def several(rng, one, count=3):
    """Examples that share the opening lines, which are then read once."""
    first = one(rng)
    if "Context: " in first.prefix:
        return first
    made = [first]
    while len(made) < count:
        other = one(rng)
        if other.prefix == first.prefix:
            made.append(other)
        elif "Context: " not in other.prefix:
            made.append(roles.Example(other.task, first.prefix, other.branches))
    return roles.join(made)


def logos(rng, tasks=LOGOS, style=None):
    task = rng.choices(list(tasks), list(tasks.values()))[0]
    head = system(rng)
    say = style or (lambda text: text)
    extra = "\nFeedback: " + rng.choice(FEEDBACKS) if rng.random() < 0.05 else ""
    if task == "extract":
        made = [roles.logos(replace(item, answer=say(item.answer)), head, extra) for item in contexts(rng, 4)]
        return roles.join(made)
    item = simple(rng, task)
    if task in ("capital", "fact", "arithmetic", "conversion") and rng.random() < 0.04:
        item = distracted(rng, item)
    elif task != "greeting" and not item.context and not item.to and rng.random() < 0.03:
        item = brief(rng, item)
    return roles.logos(replace(item, answer=say(item.answer)), head, extra)


def ethos(rng):
    item, shown = judged(rng)
    if item.task == "extract" and item.context:
        family = contexts(rng, 3)
        return roles.join([roles.ethos(i, answers(rng, i)) for i in family])
    example = roles.ethos(item, shown)
    if rng.random() < 0.05 and item.task != "harm":
        example.branches = [(prompt.replace(f"\nAnswer: {a}\n", f"\nAnswer: {pirate.say(a)}\n"), out) for (prompt, out), a in zip(example.branches, shown)]
    return example


def example(rng, tasks=LOGOS, of=ROLES):
    role = rng.choices(list(of), list(of.values()))[0]
    if role == "logos":
        return several(rng, lambda rng: logos(rng, tasks))
    return several(rng, ethos if role == "ethos" else pathos)


def pathos(rng):
    item, short = query(rng)
    return roles.pathos(item, short)


def roman_or_else(rng):
    """Training of the skill adapter: numerals, and enough of the rest that it does not forget."""
    if rng.random() < 0.6:
        n = rng.randrange(1, 51)
        return roles.logos(Item("roman", "conversion", "numeral", roman.ask(rng, n), roman.answer(n)), system(rng))
    return logos(rng)


def romans(rng):
    return several(rng, roman_or_else)


def pirates(rng):
    return several(rng, lambda rng: logos(rng, style=pirate.say))
