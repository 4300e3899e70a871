"""Warnings in plain words: the location, the fault, and the fix.

Sphinx and MyST report what they did not find. The table has what authors can do about it; other
warnings are repeated unchanged.
"""

import os
import re
from contextlib import suppress
from pathlib import Path

KIND = re.compile(r" \[[a-z_-]+\.[a-z_-]+\]$")  # MyST adds it, for `suppress_warnings`
CELL = 10_000  # MyST-NB starts the line numbers of each cell of a notebook at a multiple of this

UNKNOWN = "check its spelling, or add its extension to `sphinx: extra_extensions:` in _config.yml"
ADVICE = {  # pattern in a warning: the fix; {} is the first group
    r"Unknown directive type: '(.+?)'": "there is no directive {}: " + UNKNOWN,
    r'Unknown interpreted text role "(.+?)"': "there is no role {}: " + UNKNOWN,
    r"Unknown option keys: \['(.+?)'": "use one of the allowed options, or none",
    r"cross-reference target not found: '(.+?)'": (
        "write the name of a file, which may have changed, of a figure, or of a label such as "
        "(name)= above a heading"
    ),
    r"Unknown source document '(.+?)'": (
        "{} is not in _toc.yml: add it or, if it was renamed, write the new name"
    ),
    r"equation not found: (.+)": "write $$ ({}) at the end of the formula, or correct the name",
    r"Content block expected": "write something between the first line and the last",
    r"no explanation: '(.+?)'": "write a colon after the answer, and why it is right or wrong",
    r"Invalid options format": "write :name: value for each option, and an empty line below",
    r"(\d+) argument\(s\) required": "write the title, or the name, on its first line",
    r"undefined label: '(.+?)'": "write ({0})= above a heading, or :name: {0} in a figure",
    r"reference target not found: (.+)": "{} is not in the reference: check its spelling",
    r'could not find bibtex key "(.+?)"': "add {} to book/references.bib, or correct the name",
    r"image file not readable: (.+)": "there is no image {}: check its name and its folder",
    r"UndefinedError: '(.+?)' is undefined": (
        "define {}: in _config.yml below `parse: myst_substitutions:`, or at the "
        "head of the page below `myst: substitutions:`"
    ),
    r"No key '(.+?)' found in glue": 'write glue("{}", …) in a cell of this page',
    r"header level increase; H(\d) to H\d": "write one # more than in the heading above",
    r"No footnote definition found for label: '(.+?)'": "write [^{}]: and the footnote",
    r"unknown output mime type: application/vnd\.plotly": (
        'write, in a first cell: import plotly; plotly.io.renderers.default = "notebook_connected"'
    ),
    r"unknown output mime type: application/vnd\.vega": (
        'write, in a first cell: import altair; altair.renderers.enable("html")'
    ),
    r"unknown output mime type": (
        "show a figure, a table or text instead, or give the cell the tag remove-output"
    ),
    r"include.*(?:file not found|error reading file)|Include file '": (
        "check the name of the file, which is relative to the folder of this page"
    ),
    r"isn't included in any toctree|not in any toctree": "add the page to _toc.yml",
    r"CellTimeoutError": "make the cell faster, or raise `execute: timeout:` in _config.yml",
    r"DeadKernelError": "the process that runs the cells died, perhaps out of memory",
    r"Pygments lexer name '(.+?)' is not known": "write the name of a language, or text",
    r"Duplicate (?:explicit )?(?:target name|label)|duplicate label": "rename one of the two",
}


def in_plain_words(message, location, root):
    """Return one line of the list: location, fault and fix."""
    message = " ".join(KIND.sub("", message).split())
    advice = advice_on(message)
    text = f"{message} → {advice}" if advice else message
    where = position(location, root)
    return f"{where}: {text}" if where else text


def advice_on(message):
    for pattern, text in ADVICE.items():
        found = re.search(pattern, message)
        if found:
            return text.format(*found.groups())
    return ""


def position(location, root):
    """Return a path relative to the book's folder, and a line; in a notebook also the cell."""
    path, line = re.fullmatch(r"(.*?)(?::(\d*))?", location, re.DOTALL).groups()
    with suppress(ValueError):  # a path on another drive
        path = Path(os.path.relpath(path, root)).as_posix() if Path(path).is_absolute() else path
    if path.endswith(".ipynb") and line and int(line) >= CELL:
        cell, line = divmod(int(line), CELL)
        return f"{path}, cell {cell}, line {max(line, 1)}"
    return f"{path}:{line}" if line else path
