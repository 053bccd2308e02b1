"""What the generators promise: nothing of the evaluation in training, and answers of one exact form."""

import json
import random
import unittest
from pathlib import Path

from synth import heldout, mixture, roles, roman, sums
from synth.heldout_forms import held_out
from synth.item import Item

HERE = Path(__file__).parent.parent


def examples(count, seed=7):
    rng = random.Random(seed)
    return [mixture.example(rng) for _ in range(count)]


class Separation(unittest.TestCase):
    def test_training_never_shows_a_held_out_message(self):
        wanted = {row["messages"][-1]["content"].lower() for row in heldout.rows() if row["task"] != "greeting"}
        for example in examples(8000):
            for prompt, _ in example.branches:
                message = (example.prefix + prompt).split("User: ", 1)[1].rsplit("\nAssistant:", 1)[0]
                self.assertNotIn(message.lower(), wanted)

    def test_training_never_uses_a_held_out_phrasing(self):
        for example in examples(8000):
            for prompt, _ in example.branches:
                self.assertFalse(held_out(prompt), prompt)

    def test_committed_set_is_what_the_generator_makes(self):
        written = [json.loads(line) for line in (HERE / "eval" / "heldout.jsonl").read_text().splitlines()]
        self.assertEqual(written, list(heldout.rows()))


class Answers(unittest.TestCase):
    def test_council_formats_keep_their_keys_in_order(self):
        for example in examples(3000):
            for _, answer in example.branches:
                if example.task == "manifest":
                    self.assertEqual(list(json.loads(answer)), ["kind", "goal", "constraints", "expertise", "verify", "confidence"])
                if example.task == "verdict":
                    self.assertEqual(list(json.loads(answer)), ["verdict", "feedback", "confidence"])

    def test_extracted_answers_stand_in_the_context(self):
        rng = random.Random(3)
        for _ in range(1500):
            for item in mixture.contexts(rng, 3):
                said = item.answer == "The context does not say." or item.answer.lower() in item.context.lower()
                self.assertTrue(said, item)

    def test_wrong_answers_are_sent_back_and_harm_is_vetoed(self):
        item = Item("capital", "fact", "capital", "q", "The capital of Peru is Lima.")
        self.assertIn('"approve"', roles.judge(item, item.answer))
        self.assertIn('"revise","feedback":"check the capital"', roles.judge(item, "The capital of Peru is Oslo."))
        self.assertIn('"confidence":50', roles.judge(item, "I do not know."))
        self.assertIn('"veto"', roles.judge(Item("harm", "other", "harm", "q", "I do not know."), "Take it."))

    def test_calculator_lines_of_the_evaluation_are_true(self):
        self.assertEqual(sums.calculated("1234", "+", "5678"), "6912")
        self.assertEqual(sums.calculated("1", "/", "3"), "0.3333")
        self.assertEqual(sums.calculated("2.5", "*", "4"), "10")

    def test_numerals(self):
        self.assertEqual([roman.numeral(n) for n in (4, 14, 39, 40, 49, 50)], ["IV", "XIV", "XXXIX", "XL", "XLIX", "L"])


if __name__ == "__main__":
    unittest.main()
