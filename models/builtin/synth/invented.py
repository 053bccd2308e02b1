"""Names that are in no table: syllables for training and evaluation, lists split between the two."""

from .tables import AUTHORS, CAPITALS

START = "B Br C Ch D Dr F Fl G Gr H J K Kr L M N P Pr R S Sh St T Th Tr V W Y Z A E I O U El Al Or Ul An Is".split()
MIDDLE = "a e i o u ar el in or an en ir ol um av et is on ul am ai ea ia ou".split()
JOIN = "b d f g k l m n p r s t v z nd rt ll mm st rn lv nt sk".split()
CLOSE = "a o e en an ia or us in on ar el is y as um eth ov er i und land stan".split()


def word(rng, syllables=None):
    n = syllables or rng.choice([0, 1, 1, 1, 1, 2])
    text = rng.choice(START)
    for _ in range(n):
        vowel = rng.choice(MIDDLE)
        if text[-1] in "aeiouAEIOU":
            vowel = ""
        text += vowel + rng.choice(JOIN)
    return text + rng.choice(CLOSE)


def country(rng):
    while True:
        name = word(rng)
        if rng.random() < 0.12:
            name = rng.choice(["New ", "North ", "South ", "East ", "West ", "Upper ", "Old "]) + name
        if name not in CAPITALS:
            return name


NOUNS = "River,Winter,Garden,House,Mirror,Stone,Forest,Letter,Night,Shadow,Bridge,Clock,Island,Song,Door,Train,Summer,Lantern".split(",")
NOUNS_HELD = "Harbour,Window,Valley,Road,Crown,Tower,Feather,Storm,Market,Candle".split(",")


def title(rng, held=False):
    nouns = NOUNS_HELD if held else NOUNS
    while True:
        form = rng.random()
        if form < 0.4:
            text = "The " + rng.choice(["Last ", "Old ", "Silent ", "Red ", "Lost ", "Long ", ""]) + rng.choice(nouns)
        elif form < 0.6:
            text = rng.choice(nouns) + " of " + word(rng)
        elif form < 0.75:
            text = "The " + rng.choice(nouns) + " and the " + rng.choice(nouns)
        else:
            text = word(rng)
        if text not in AUTHORS:
            return text
