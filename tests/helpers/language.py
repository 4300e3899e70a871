"""Words that the book does not use, because the field has other terms for the same thing.

A reader must be able to search the literature with the terms of the book. Each pattern has its
replacement. Quizzes, exercises and predictions may use "answer".
"""

import re

NEURON = r"(?:neurons?|units?|cells?|filters?|kernels?|channels?|layers?)"
SHOWN = r"(?:figures?|numbers?|curves?|ratios?|formulas?|pages?|sections?|tables?|appendix)"
INSTEAD = {
    r"\banswer(?:s|ed|ing)?\b": "response, output, activation",
    r"(?<!take )(?<!takes )(?<!in )(?<!decimal )\bplaces?\b(?! (?:of|the)\b)": "position, location",
    r"\bupright\b|\bslanted\b": "vertical, oblique",
    r"\blevel (?:bars?|edges?|contours?|stripes?)\b": "horizontal",
    r"\bturned\b(?! (?:on|off|out|into)\b)": "rotated, flipped",
    r"\bturns? (?:round|clockwise|by|the kernel)\b": "rotates, flips",
    rf"\b{NEURON}(?: can)? sees?\b": "receives input from, has a receptive field of",
    r"(?<!receptive )(?<!visual )(?<!changed the )\bfields?\b(?!'s| uses)": "receptive field",
    r"\bpictures?\b": "image, stimulus, figure",
    r"\bnerve cells?\b": "neuron",
    r"\bstrengths?\b|\bequally strong\b": "response amplitude, norm, gain",
    rf"\b{SHOWN} (?:says?|tells?|said|told)\b": "shows, gives, indicates",
    r"\b(?:lies?|stands?|lay|stood)\b(?! (?:for|out)\b)": "is",
    r"\bcares?\b|\bchoosy\b|\bminds\b|\blikes\b": "depends on, is selective for, is invariant to",
    r"\bsilen(?:t|ce)\b": "zero response, does not respond",
    r"\bthe one across\b|\bacross it\b": "orthogonal",
    r"\bmade for\b|\bbars?\b.{0,20}\bpixels apart\b": "tuned to, designed for; wavelength, period",
    r"\bthan (?:what is )?around\b": "than its surround",
    r"\bkinds? of things?\b|\bfive guesses\b": "class; top-5 error",
    r"\bbackwards\b|\bsideways\b|\bin one direction only\b": "feedback, lateral, feedforward",
    r"\bside of the kernel\b": "kernel size",
    r"\bas large as the (?:image|input)\b": "the same size as",
    r"\bhow many [a-z ]+ ha(?:s|ve) (?:it|the|an?)\b": "how many … does … have",
    r"\bmultipl(?:y|ies|ied)(?: \w+){0,3} with\b": "multiply by",
    r"\bone (?:needs|wants|can|has to|knows|would)\b": "you, we",
    r"\baddress(?:es)?\b|\banew\b": "URL, again",
    r"\bmend(?:s|ed)?\b|\bstill at it\b": "fix, still running",
}  # fmt: skip
INSTEAD = {re.compile(pattern, re.IGNORECASE): right for pattern, right in INSTEAD.items()}


def private_words(text):
    """Return the words that a text should not use, each with its context and replacement."""
    return [
        f"{text[max(0, found.start() - 40) : found.end() + 25]!r}: write {right}"
        for pattern, right in INSTEAD.items()
        for found in pattern.finditer(text)
    ]
