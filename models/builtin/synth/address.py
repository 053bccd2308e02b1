"""Questions to be answered to somebody whose name stands as a placeholder, since it was redacted."""

from .heldout_forms import FORMS, held_out
from .item import UNKNOWN, Item
from .people import email, placeholder
from .phrase import choose, fill, lower_first

INTROS = [
    "(Write|Reply|Answer|Respond|Mail|Write back|Write an answer|Send a message|Send a mail|Send an answer|Send a reply|Send a note|Say|Explain|Give the answer|Report|Say this) to {p}(:|,| -|: please,) {q}", "(Tell|Answer|Inform|Message|Mail|Text|Email|Ping|Notify|Contact|Advise|Brief) {p}(:|,| -|: please,) {q}", "Send {p} (an answer|a mail|a message|a reply|an email|a note|the answer|an e-mail|a line|a text)(:|,) {q}",
    "Dear {p}(,|:) {q}", "(For|To) {p}: {q}", "{p}: {q}", "{p} (asks|wants to know|asked|needs to know|wrote|would like to know)(:|,) {q}", "(Give|Hand|Pass) {p} (the answer|an answer|a reply)(:|,| to this:) {q}", "(Please|Can you|Could you|You should|I want you to|Kindly) (write to|answer|reply to|tell|mail) {p}(:|,) {q}", "(Write|Draft|Compose) (an email|a mail|an e-mail|a reply|a note|a letter) to {p}(:|,) {q}", "(Forward|Send) (this|the answer) to {p}: {q}",
]
"""The question after the colon decides what is asked; the introduction only says for whom."""


def addressed(rng, item, held=False, real=False):
    """The same item, asked for somebody. `real` uses an e-mail address, as seen on the device."""
    name = email(rng) if real else placeholder(rng)
    inner = item.question
    if held:
        text = fill(rng.choice(FORMS["placeholder"]), {"p": name, "q": inner})
    else:
        while True:
            text = fill(choose(rng, rng.choice(INTROS)), {"p": name, "q": lower_first(inner) if rng.random() < 0.6 else inner})
            if not held_out(text):
                break
    out = item.answer if item.answer == UNKNOWN else f"To {name}: {item.answer}"
    wrong = [f"To {name}: {w}" for w in item.wrong]
    return Item("placeholder", item.kind, item.topic, text, out, item.context, wrong, to=name)
