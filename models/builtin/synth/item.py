"""One question with its right answer, before any of the three roles sees it."""

from dataclasses import dataclass, field

UNKNOWN = "I do not know."
NOT_SAID = "The context does not say."


@dataclass
class Item:
    task: str
    kind: str
    topic: str
    question: str
    answer: str
    context: str = ""
    wrong: list = field(default_factory=list)
    """Answers of the right form that are false."""
    to: str = ""
    """The placeholder the answer is addressed to."""

    def message(self):
        """What the user message holds."""
        if self.context:
            return f"Context: {self.context}\nQuestion: {self.question}"
        return self.question
