"""Small sums the model knows by heart, and larger ones it copies from a calculator's line."""

from decimal import ROUND_HALF_UP, Decimal

from .heldout_forms import CALCULATOR, FORMS, held_out
from .item import Item
from .phrase import choose, fill, typed

SUM_MAX = 50
PRODUCT_MAX = 12
PLAIN = 0.6
"""So often a sum is asked in signs only: the answer repeats it, so the table can be learnt from the short form."""

SIGN = {
    "+": ["+", "+", "+", "plus", "plus", "and", "added to"],
    "-": ["-", "-", "-", "minus", "minus", "less"],
    "*": ["*", "x", "times", "times", "multiplied by"],
    "/": ["/", "divided by", "over"],
}
FORMS_ANY = [
    "(What is|What's|How much is|Tell me|Calculate|Compute|Work out|Give me|Find|Say|Solve|Determine|What does|Let us do|I need|Evaluate|How many is) {a} {o} {b}",
    "(What is|What's|Calculate|Compute|) {a}{s}{b}", "{a} {s} {b}", "{a}{s}{b}", "{a} {o} {b}", "{a} {o} {b} (is|makes|gives|equals) (what|how much|)", "{a} {s} {b} =", "{a}{s}{b}=",
    "{a} {s} {b} = ?", "{a}{s}{b}=?", "(What do you get|What comes out|What is the result|What do I get|What results) (for|from|of|with|if you take) {a} {o} {b}", "(Can|Could) you (calculate|compute|do|solve|tell me|add up) {a} {o} {b}",
    "How much (is|are|makes|does) {a} {o} {b}", "(result|value|answer|solution) of {a} {o} {b}", "What (does|do) {a} {o} {b} (equal|make|give|yield|come to)", "(Tell me|Say|Do you know|I want to know|I must know) (what|how much) {a} {o} {b} (is|makes|gives|equals)",
    "The (result|value|answer) of {a} {o} {b} is", "If I (have|take) {a} {o} {b}, what is it",
]
FORMS_OF = {
    "+": ["(Add|Sum|Add up|Add together) {a} and {b}", "(What is|Give me|Tell me|Calculate|) the sum of {a} and {b}", "(Add|Put) {b} to {a}", "(What is|) the total of {a} and {b}", "{a} and {b} (together|in all|added)", "{a} more than {b}"],
    "-": ["(Subtract|Take|Take away) {b} from {a}", "(What is|Give me|) the difference of {a} and {b}", "{a} take away {b}", "(What is|) {b} less than {a}"],
    "*": ["Multiply {a} (by|with|and) {b}", "(What is|Give me|Tell me|) the product of {a} and {b}"],
    "/": ["Divide {a} by {b}"],
}


def statement(a, sign, b, value):
    return f"{a} {sign} {b} = {value}."


def evaluate(a, sign, b):
    return a + b if sign == "+" else a - b if sign == "-" else a * b


def question(rng, a, sign, b, forms):
    while True:
        form = choose(rng, rng.choice(forms + FORMS_OF[sign] if forms is FORMS_ANY and rng.random() < 0.5 else forms))
        word = rng.choice(SIGN[sign])
        if "(" in word or (word == "and" and "{o}" in form and form.startswith("{a}")):
            word = sign
        text = typed(rng, fill(form, {"a": a, "b": b, "o": word, "s": sign}), plain=0.6)
        if not held_out(text):
            return text


def spread(rng, value):
    return value + rng.choice([-20, -11, -10, -9, -5, -3, -2, -1, 1, 2, 3, 5, 9, 10, 11, 20])


def small(rng, held=False):
    sign = rng.choices("+-*", [5, 4, 2])[0]
    top = PRODUCT_MAX if sign == "*" else SUM_MAX
    a, b = rng.randrange(top + 1), rng.randrange(top + 1)
    if sign == "-" and b > a and rng.random() < 0.6:
        a, b = b, a
    if held:
        form = rng.choice(FORMS["sum"])
        word = rng.choice(["plus", "plus", "+"] if sign == "+" else ["minus", "-"] if sign == "-" else ["times", "*"])
        text = fill(form, {"a": a, "b": b, "o": word}) + rng.choice(["?", "?", "."])
    elif rng.random() < PLAIN:
        text = rng.choice([f"{a} {sign} {b}", f"{a}{sign}{b}", f"What is {a} {sign} {b}?"])
    else:
        text = question(rng, a, sign, b, FORMS_ANY)
    value = evaluate(a, sign, b)
    return Item("arithmetic", "arithmetic", "sum", text, statement(a, sign, b, value),
                wrong=[statement(a, sign, b, spread(rng, value)) for _ in range(3)])


def calculated(a, sign, b):
    """What a calculator shows, with at most four decimals."""
    a, b = Decimal(a), Decimal(b)
    value = a + b if sign == "+" else a - b if sign == "-" else a * b if sign == "*" else a / b
    text = format(value.quantize(Decimal("0.0001"), ROUND_HALF_UP), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def number(rng, digits_max=7):
    digits = rng.choice([d for d in (2, 3, 3, 4, 4, 5, 6, 7, 8, 9, 10) if d <= digits_max])
    text = str(rng.randrange(10 ** (digits - 1), 10**digits))
    if rng.random() < 0.2:
        text += "." + str(rng.randrange(1, 10)) + (str(rng.randrange(1, 10)) if rng.random() < 0.5 else "")
    return text


def calculator(rng, held=False):
    """The line in the context is right in use; in training half of the results are any number, since it is only copied."""
    sign = rng.choice("+-*/")
    a, b = number(rng), number(rng)
    value = ("-" if sign == "-" and rng.random() < 0.3 else "") + number(rng, 10)
    if held or rng.random() < 0.5:
        value = calculated(a, sign, b)
    forms = CALCULATOR if held else FORMS_ANY
    if held:
        text = fill(rng.choice(forms), {"s": f"{a} {sign} {b}"}) + rng.choice(["?", ""])
    else:
        text = question(rng, a, sign, b, forms)
    line = statement(a, sign, b, value)
    wrong = [statement(a, sign, b, number(rng)), statement(a, sign, number(rng), value)]
    return Item("calculator", "arithmetic", "sum", text, line, context=line, wrong=wrong)
