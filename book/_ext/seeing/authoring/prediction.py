"""A prediction: a question, and a folded answer with all the content that reveals it.

    :::{admonition} Predict, then run
    :class: predict
    What is the response of the kernel to a horizontal edge?
    :::

    cells and text

    :::{admonition} Answer
    :class: reveal dropdown
    Zero, because the pixels on the left and on the right are equal.
    :::

The content between the two boxes moves into the second, and the second into the first. Only the
code of a cell with the tag `hide-output` stays visible, below the question. The author cannot put
the cells into a box, because MyST-NB does not execute a cell in a directive.
"""

from docutils import nodes
from sphinx.util import logging

QUESTION, ANSWER = "predict", "reveal"

logger = logging.getLogger(__name__)


def setup(app):
    # After each node has its line, and before a cell is moved into an interactive figure.
    app.connect("doctree-read", join, priority=200)


def join(app, doctree):
    boxes = [box for box in doctree.findall(nodes.admonition) if kind(box)]
    for box in boxes:
        if kind(box) == QUESTION:
            following = box.parent[box.parent.index(box) + 1 :]
            end = next((i for i, node in enumerate(following) if kind(node)), None)
            if end is None or kind(following[end]) == QUESTION:
                warn(box, "a prediction ends with a box of the class reveal, in its section")
            else:
                fold(box, following[:end], following[end])
        elif kind(box.parent) != QUESTION:
            warn(box, "a box of the class reveal ends a prediction, which begins above it")


def kind(node):
    classes = node.get("classes", ()) if isinstance(node, nodes.admonition) else ()
    return next((name for name in (QUESTION, ANSWER) if name in classes), None)


def fold(question, between, answer):
    for node in [*between, answer]:
        node.parent.remove(node)
    for cell in between:
        if cell.get("hide_mode") == "output":
            question.append(code_of(cell))
        if cell.get("hide_mode") in ("output", "all"):
            del cell["hide_mode"]  # the whole answer is folded
    answer[1:1] = between
    question.append(answer)


def code_of(cell):
    """Move the code of a cell into a new cell, and return that."""
    code = cell.copy()
    del code["hide_mode"]
    code.append(cell.pop(0))
    return code


def warn(box, what):
    logger.warning(what, location=box)
