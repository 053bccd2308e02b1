"""What a decoder in another language has to agree with."""

import unittest
from pathlib import Path

from tokenizer import Tokenizer

TOKENIZER = Tokenizer.load(Path(__file__).parent.parent / "tokenizer.json")


def pieces(text):
    return [TOKENIZER.pieces[i][0] for i in TOKENIZER.encode(text)]


class Pieces(unittest.TestCase):
    def test_text_comes_back(self):
        for text in ["What is 17 + 25?", "a  b\n c", "Zoë → 42 %", '{"kind":"fact"}', " leading"]:
            self.assertEqual(TOKENIZER.decode(TOKENIZER.encode(text)), text)

    def test_digits_and_capitals_stay_single(self):
        self.assertEqual(pieces("[EMAIL_7Q4K]")[1:6], list("EMAIL"))
        self.assertEqual(pieces("1234"), list("1234"))

    def test_a_name_has_the_same_pieces_with_and_without_a_space_before_it(self):
        self.assertEqual(pieces("x Marta Olsen")[2:], pieces("Marta Olsen"))

    def test_the_frame_of_the_council_formats_is_few_pieces(self):
        self.assertLess(len(pieces('{"verdict":"approve","feedback":"","confidence":97}')), 9)


if __name__ == "__main__":
    unittest.main()
