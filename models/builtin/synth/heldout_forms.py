"""Phrasings that are never trained on. The generator refuses every question that holds one of them."""

import re

from .phrase import GROUP

FORMS = {
    "capital": [
        "I'd like to know what city serves as the capital of {x}", "Which of its cities is {x}'s capital", "Would you mind telling me the capital of {x}",
        "If I asked you for the capital of {x}, what would you say", "Hey, any idea what the capital of {x} is", "My daughter asks what the capital of {x} is called",
        "Which city should I write down as the capital of {x}", "We are learning about {x}, so what is the capital there",
        "the capital city of {x}, what is it", "Just give me the name of {x}'s capital city", "Got to know the capital of {x}", "What city functions as {x}'s capital",
    ],
    "continent": ["Which continent would I find {x} on", "What part of the world is {x} in, which continent", "Could you say what continent {x} is located in"],
    "currency": ["What currency would I need in {x}", "Which money should I take along to {x}", "What's the name of the currency they have in {x}"],
    "language": ["What language would I hear in {x}", "Which language should I learn for a trip to {x}", "What tongue is mainly spoken in {x}"],
    "author": ["Do you happen to know who wrote {x}", "Who is {x} by", "Which person is the author of {x}"],
    "colour": ["What colour would you paint {x}", "Do you know the colour that {x} has", "Tell me, which color does {x} have"],
    "legs": ["If you look at {x}, how many legs will you see", "What number of legs does {x} have", "How many legs would {x} need"],
    "days": ["The month of {x} lasts how many days", "What number of days does {x} have", "How many days long is {x}"],
    "parts": ["How many {u} would I count in {x}", "What number of {u} does {x} have", "How many {u} will you find in {x}"],
    "planet": ["Starting at the sun, which planet is the {x} one", "Could you name the {x} planet for me", "Which planet takes the {x} place from the Sun"],
    "month": ["Could you name the {x} month of the calendar", "In the calendar, which month is the {x} one"],
    "after": ["If today is {x}, what day is tomorrow", "Which weekday comes right after {x}"],
    "before": ["If today is {x}, what day was yesterday", "Which weekday comes right before {x}"],
    "opposite": ["What would be the opposite of {x}", "I need a word that is the opposite of {x}", "Do you know the opposite of {x}"],
    "young": ["What would you call a baby {x}", "Do you know what a young {x} is called", "I need the word for a baby {x}"],
    "record": ["Do you know the name of the {x}", "Which one would be the {x}", "I need the name of the {x}"],
    "water": ["At what number of degrees does water {x}", "How many degrees does it take for water to {x}"],
    "sum": [
        "I'm stuck on {a} {o} {b}, what is it", "Could you work out {a} {o} {b} for me", "What would {a} {o} {b} come to", "Hey, {a} {o} {b} makes how much",
        "Do the sum {a} {o} {b}", "My result for {a} {o} {b} should be", "Let's see, {a} {o} {b} would be", "Solve this for me: {a} {o} {b}",
        "{a} {o} {b} adds up to what", "I can't work out {a} {o} {b}",
    ],
    "conversion": [
        "{n} {a} makes how many {b}", "If I have {n} {a}, how many {b} do I have", "Could you turn {n} {a} into {b} for me", "Express {n} {a} in terms of {b}",
        "I need to know {n} {a} as {b}", "What would {n} {a} be in {b}", "How many {b} would I get from {n} {a}", "{n} {a} corresponds to how many {b}",
        "Work out {n} {a} in {b}", "Please state in {b} what {n} {a} is",
    ],
    "hello": ["Hello there, nice to meet you", "Hi, good to see you", "Hey, hello to you"],
    "who": ["Could you introduce yourself", "What kind of program are you", "What exactly are you"],
    "thanks": ["Thanks, that was very helpful", "I am grateful, thank you"],
    "bye": ["That was all, goodbye", "I have to leave, bye"],
    "how": ["How has your day been", "How are things with you today"],
    "can": ["Which things are you able to do", "What sort of tasks can you do"],
    "placeholder": [
        "Compose an answer for {p}: {q}", "Could you answer {p} on this: {q}", "Let {p} know: {q}", "{p} is asking: {q}", "Please get back to {p}: {q}",
        "Make a note for {p}: {q}", "This one is for {p}: {q}", "Answer this for {p}: {q}",
    ],
}
CALCULATOR = ["Could you tell me what {s} is", "What would be the result of {s}", "Work this out: {s}", "How much would {s} be", "Please give the value of {s}", "{s}, what is that"]
"""Held out in the calculator task."""

SLOT = re.compile(r"\{\w\}")


def matcher(form):
    assert not GROUP.search(form), "a held-out form is one phrasing"
    parts = [re.escape(part.lower()) for part in SLOT.split(form)]
    return re.compile(".+".join(parts))


MATCHERS = [matcher(form) for forms in FORMS.values() for form in forms] + [matcher(form) for form in CALCULATOR]


def held_out(text):
    """Whether a training text holds a phrasing that only the evaluation may use."""
    text = text.lower()
    return any(m.search(text) for m in MATCHERS)
