"""Fixes pages and scripts of other packages, where they have no option for it.

Most of these faults were found by axe (https://github.com/dequelabs/axe-core). Each row has the
location of a fault and its replacement. A replacement that matches nothing is a warning, because
upstream has changed: update the row, or remove it.
"""

import re
from functools import partial
from pathlib import Path
from typing import NamedTuple

from sphinx.util import logging
from sphinx.util.images import get_image_size

logger = logging.getLogger(__name__)


class Repair(NamedTuple):
    where: str  # a pattern in the page, or the name of the script
    fault: str
    instead: str = ""


PAGES = [
    # MyST-NB: the visible text, "Show the source", describes more.
    Repair(r'<details class="[^"]*\bhide\b', r'(?<=<summary) aria-label="[^"]*"'),
    # The theme: the accessible name of the button must contain its text, "Search Ctrl+K".
    Repair(
        "search-button-field",
        r'(search-button-field [^>]*?) title="[^"]*" aria-label="[^"]*"',
        r"\1",
    ),
    # docutils: the entries of the bibliography have a deprecated role.
    Repair('<div class="citation"', 'role="doc-biblioentry"', 'role="listitem"'),
    # The theme: the book's title and the search are in no landmark of the page.
    Repair(
        "<body",
        '<div id="pst-primary-sidebar" class',
        '<div id="pst-primary-sidebar" role="complementary" aria-label="Book" class',
    ),
    # The theme: a download must not open as a page. In a book opened from a file Chromium opens it
    # anyway, so it opens in a new tab.
    Repair(
        "btn-download-",
        r'target="_blank"(\s+class="btn btn-sm btn-download-)',
        r'target="_blank" download\1',
    ),
]
SCRIPTS = [
    # Sphinx: in other languages than English a function is made from a string, which the policy
    # forbids. Here the function is in the script.
    Repair("translations.js", r'"plural_expr":\s*"([^"]*)"', r'"plural_expr": (n) => (\1)'),
    Repair("doctools.js", r'new Function\(\s*"n",\s*`[^`]*`\s*\)', "catalog.plural_expr"),
    # The theme: a margin note hides the list of sections, which a page without sections lacks.
    Repair(
        "scripts/sphinx-book-theme.js",
        r'(querySelector\("div\.bd-sidebar-secondary"\))(\.classList)',
        r"\1?\2",
    ),
]
LOGO = Repair("logo__image", r'<img (?=src="([^"?]*)[^"]*" class="logo__image)')  # has no size


def setup(app):
    app.connect("pages-written", repair, priority=400)  # before scripts are minified (lean)


def repair(app, pages):
    static = Path(app.outdir, "_static")
    fresh = [path for path in pages if path in app.fresh]  # the others are already repaired
    for where, fault, instead in [*PAGES, LOGO._replace(instead=partial(sized, static))]:
        texts = {path: pages[path] for path in fresh if re.search(where, pages[path])}
        pages.update(repaired(texts, fault, instead))
    for name, fault, instead in SCRIPTS if fresh else []:  # scripts are copied along with pages
        script = static / name
        texts = {script: script.read_text(encoding="utf-8")} if script.exists() else {}
        for path, text in repaired(texts, fault, instead).items():
            path.write_text(text, encoding="utf-8")


def repaired(texts, fault, instead):
    found = {path: re.subn(fault, instead, text) for path, text in texts.items()}
    if found and not any(count for _, count in found.values()):
        logger.warning("nothing to repair, has upstream changed it? %s", fault)
    return {path: text for path, (text, _) in found.items()}


def sized(static, found):
    """Return the start of a logo, with its size so that nothing moves when it loads."""
    file = static / found[1].split("/")[-1]
    size = get_image_size(file) if file.is_file() else None
    return f'<img width="{size[0]}" height="{size[1]}" ' if size else found[0]
