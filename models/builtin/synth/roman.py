"""Roman numerals from 1 to 50: the skill of the adapter `roman`."""

from .heldout_forms import held_out
from .phrase import choose, fill, typed

FORMS = [
    "(What is|What's|Write|Give me|Tell me|Show|Convert|How is|Say) {n} (in|as|into|to) (Roman numerals|a Roman numeral|roman numerals|Roman numbers)", "{n} (in|as) (Roman numerals|Roman|roman numerals|a Roman numeral)", "(What is|Which is) the Roman (numeral|number) (for|of) {n}",
    "How (do you|do I|do we|would one) write {n} (in|with|using) (Roman numerals|Roman numbers|roman numerals)", "(Turn|Change|Translate) {n} into (Roman numerals|a Roman numeral|Roman)", "Roman (numeral|number) (for|of) {n}", "(Which|What) Roman (numeral|number) is {n}", "In Roman numerals, what is {n}", "How did the Romans write {n}",
]
HELD = ["Could you spell {n} with Roman numerals", "What would {n} look like as a Roman numeral", "Please put {n} in Roman form", "How would a Roman have written {n}", "I need {n} on a clock with Roman numerals", "The number {n} as a Roman would carve it"]


def numeral(n):
    text = ""
    for value, sign in [(50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")]:
        while n >= value:
            text, n = text + sign, n - value
    return text


def ask(rng, n, held=False):
    if held:
        return fill(rng.choice(HELD), {"n": n}) + rng.choice(["?", ""])
    while True:
        text = typed(rng, fill(choose(rng, rng.choice(FORMS)), {"n": n}), plain=0.6)
        if not held_out(text):
            return text


def answer(n):
    return f"{n} is {numeral(n)}."
