"""The style of the adapter `pirate`: every answer of the model, said by a pirate."""


def say(answer):
    return "Arr, " + answer.rstrip(".!?") + ", matey!"
