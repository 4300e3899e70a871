"""The parts of a chapter's source."""

import re

CELL = re.compile(r"^(`{3,})\{code-cell\}[^\n]*\n(.*?)^\1$", re.MULTILINE | re.DOTALL)
OPTIONS = re.compile(r"\A(---\n.*?^---\n|(:[^\n]*\n)+)", re.MULTILINE | re.DOTALL)


def cells(source):
    """Return the code of each cell, as a list of its non-blank lines."""
    found = [OPTIONS.sub("", body) for _, body in CELL.findall(source)]
    return [[line for line in code.splitlines() if line.strip()] for code in found]


def run(cell, names):
    """Run the code of a cell without its magics, in a namespace."""
    exec(re.sub(r"^%.*$", "", OPTIONS.sub("", cell).strip(), flags=re.MULTILINE), names)
