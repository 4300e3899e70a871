"""The time that a chapter takes, by the model on the teacher's page.

Optional parts, such as the questions to discuss, are not counted.
"""

import re

from helpers.sources import CELL, OPTIONS

WORDS_PER_MINUTE = 200
READING = {"line": 5 / 60, "figure": 25 / 60}  # minutes
DOING = {"quiz": 1, "prediction": 1.5, "interactive": 8}


def minutes(source):
    """Return the minutes to read and the minutes to do, in steps of 5."""
    body = source.split("---\n", 2)[2]
    text = CELL.sub("", body)
    cells = [cell for _, cell in CELL.findall(body)]
    shown = [OPTIONS.sub("", cell) for cell in cells if not re.search(r"hide-(input|cell)", cell)]
    lines = sum(bool(line.strip()) for code in shown for line in code.splitlines())
    figures = sum("figure:" in cell for cell in cells)
    reading = len(text.split()) / WORDS_PER_MINUTE
    reading += lines * READING["line"] + figures * READING["figure"]

    exercises = sum(map(int, re.findall(r"^:minutes: (\d+)$", text, re.MULTILINE)))
    doing = exercises + sum(
        DOING[kind] * len(re.findall(rf"^:class: [^\n]*\b{name}\b", text, re.MULTILINE))
        for kind, name in {
            "quiz": "quiz",
            "prediction": "predict",
            "interactive": "explorable",
        }.items()
    )
    return in_fives(reading), in_fives(doing)


def in_fives(value):
    return max(5, 5 * round(value / 5))
