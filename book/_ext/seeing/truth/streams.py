"""Joins the printed output of a cell, which the kernel sends in random pieces.

MyST-NB ends each piece with a new line, so that a piece that begins with one leaves an empty line
in some builds but not in others.
"""

from copy import copy

from myst_nb.core import render

coalesce = render.coalesce_streams


def setup(app):
    render.coalesce_streams = lambda outputs: coalesce(joined(outputs))


def joined(outputs):
    whole, streams = [], {}
    for output in map(copy, outputs):
        name = output.get("name")
        if output["output_type"] == "stream" and name in streams:
            streams[name]["text"] += output["text"]
        else:
            streams[name] = output
            whole.append(output)
    return whole
