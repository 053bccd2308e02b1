"""Unit conversions: a table of factors, whole numbers only."""

from .heldout_forms import FORMS, held_out
from .item import UNKNOWN, Item
from .phrase import choose, fill, typed

CONVERSION_MAX = 20
PLAIN = 0.4
UNITS = [
    ("kilometer", "meter", 1000), ("meter", "centimeter", 100), ("centimeter", "millimeter", 10), ("kilogram", "gram", 1000),
    ("ton", "kilogram", 1000), ("liter", "milliliter", 1000), ("hour", "minute", 60), ("minute", "second", 60), ("day", "hour", 24),
    ("week", "day", 7), ("year", "month", 12), ("foot", "inch", 12), ("yard", "foot", 3), ("byte", "bit", 8), ("decade", "year", 10),
    ("century", "year", 100), ("gallon", "quart", 4), ("pound", "ounce", 16), ("kilobyte", "byte", 1000), ("gram", "milligram", 1000),
]
PLURAL = {"foot": "feet", "inch": "inches", "century": "centuries"}
SHORT = {"kilometer": "km", "meter": "m", "centimeter": "cm", "millimeter": "mm", "kilogram": "kg", "gram": "g", "liter": "l", "milliliter": "ml", "hour": "h", "minute": "min", "second": "s", "milligram": "mg", "kilobyte": "kB"}
STRANGE = "parsecs,furlongs,fathoms,acres,lumens,volts,amperes,hectares,knots,bushels,stones,leagues,watts,ohms,candelas,tesla,barrels,carats,pixels,miles,degrees,joules,calories,moles,cubits".split(",")

FORMS_ANY = [
    "How many {b} (are|is|are there in|are in|make|do you have in|has|have|does one have in|fit in|fit into|go into|do I have in) {n} {a}", "(Convert|Change|Turn|Transform|Translate|Put|Switch) {n} {a} (to|into|in) {b}",
    "(What is|What's|What are|Give me|Tell me|Say|How much is|How much are|State|Calculate|Show) {n} {a} in {b}", "{n} {a} (in|to|into|as) {b}", "{n} {a} (is|are|equals|equal|=) how many {b}",
    "{n} {a} = ? {b}", "(Can|Could) you (convert|change) {n} {a} (to|into) {b}", "In {b}, (how much|what) (is|are) {n} {a}", "(Express|Write|Give) {n} {a} (in|as) {b}", "How (long|big|heavy|much) (is|are) {n} {a} in {b}",
    "(Tell me|I want to know|Do you know|I need to know|Say|Please say) how many {b} (are in|are|there are in|make) {n} {a}", "{b} in {n} {a}", "(the number|number|amount) of {b} in {n} {a}", "(I have|There are|I need|Take) {n} {a}, how many {b} (is that|are that|are they|is it)",
    "What do {n} {a} (make|give) in {b}", "(Conversion|Convert): {n} {a} (to|into) {b}",
]


def plural(unit, n=2):
    return unit if n == 1 else PLURAL.get(unit, unit + "s")


def spelt(rng, unit, n):
    if unit in SHORT and rng.random() < 0.18:
        return SHORT[unit]
    text = plural(unit, n)
    if text.endswith(("meter", "meters", "liter", "liters")) and rng.random() < 0.3:
        text = text.replace("meter", "metre").replace("liter", "litre")
    return text


def wording(rng, n, a, b, held):
    if held:
        return fill(rng.choice(FORMS["conversion"]), {"n": n, "a": a, "b": b}) + rng.choice(["?", ""])
    while True:
        if rng.random() < PLAIN:
            return fill(rng.choice(["{n} {a} in {b}", "How many {b} are {n} {a}?", "{n} {a} = ? {b}"]), {"n": n, "a": a, "b": b})
        text = typed(rng, fill(choose(rng, rng.choice(FORMS_ANY)), {"n": n, "a": a, "b": b}), plain=0.6)
        if not held_out(text):
            return text


def statement(n, big, value, small):
    return f"{n} {plural(big, n)} is {value} {plural(small, value)}."


def known(rng, held=False):
    big, small, factor = rng.choice(UNITS)
    n = rng.randrange(1, CONVERSION_MAX + 1)
    right = statement(n, big, n * factor, small)
    wrong = [statement(n, big, v, small) for v in (n * factor * 10, (n + 1) * factor, n * 100, n * 12, n * 60, n * 1000, n * 24) if v != n * factor]
    text = wording(rng, n, plural(big, n) if held else spelt(rng, big, n), plural(small) if held else spelt(rng, small, 2), held)
    return Item("conversion", "conversion", "unit", text, right, wrong=wrong)


def unknown(rng, held=False):
    """A unit that is in no table."""
    a, b = rng.sample(STRANGE, 2)
    known_unit = plural(rng.choice(UNITS)[rng.randrange(2)])
    a, b = rng.choice([(a, b), (a, known_unit), (known_unit, b)])
    return Item("unknown", "conversion", "unit", wording(rng, rng.randrange(1, 200), a, b, held), UNKNOWN)
