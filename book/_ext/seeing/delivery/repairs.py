"""What others write into pages and scripts is put right, where no option of theirs does it.

Most of these faults were found by axe (https://github.com/dequelabs/axe-core). Each row says where
there is a fault, and what takes its place. If it is nowhere to be found there, whoever wrote it has
changed it, which is a warning: the row must follow, or go.
"""

import re
from functools import partial
from pathlib import Path
from typing import NamedTuple

from sphinx.util import logging
from sphinx.util.images import get_image_size

logger = logging.getLogger(__name__)


class Repair(NamedTuple):
    where: str  # in pages with this in them; or in the script of this name
    fault: str
    instead: str = ""


PAGES = [
    # MyST-NB: the words in it, "Show the source", say more.
    Repair(r'<details class="[^"]*\bhide\b', r'(?<=<summary) aria-label="[^"]*"'),
    # The theme: the name of the button must hold the words on it, which are "Search Ctrl+K".
    Repair(
        "search-button-field",
        r'(search-button-field [^>]*?) title="[^"]*" aria-label="[^"]*"',
        r"\1",
    ),
    # docutils: the entries of a list have a role that is out of use.
    Repair('<div class="citation"', 'role="doc-biblioentry"', 'role="listitem"'),
    # The theme: the book's title and the search are in no region of the page.
    Repair(
        "<body",
        '<div id="pst-primary-sidebar" class',
        '<div id="pst-primary-sidebar" role="complementary" aria-label="Book" class',
    ),
    # The theme: a file that is to be kept is not shown. Chromium shows it all the same in a book
    # opened from a file, so in a tab of its own.
    Repair(
        "btn-download-",
        r'target="_blank"(\s+class="btn btn-sm btn-download-)',
        r'target="_blank" download\1',
    ),
]
SCRIPTS = [
    # Sphinx: in another language than English a function is made of words, which the policy
    # forbids. Here the words become one at once.
    Repair("translations.js", r'"plural_expr":\s*"([^"]*)"', r'"plural_expr": (n) => (\1)'),
    Repair("doctools.js", r'new Function\(\s*"n",\s*`[^`]*`\s*\)', "catalog.plural_expr"),
    # The theme: a note in the margin of a page without sections, which has no list of them to hide.
    Repair(
        "scripts/sphinx-book-theme.js",
        r'(querySelector\("div\.bd-sidebar-secondary"\))(\.classList)',
        r"\1?\2",
    ),
]
LOGO = Repair("logo__image", r'<img (?=src="([^"?]*)[^"]*" class="logo__image)')  # has no size


def setup(app):
    app.connect("pages-written", put_right, priority=400)  # before scripts are made small (lean)


def put_right(app, pages):
    static = Path(app.outdir, "_static")
    fresh = [path for path in pages if path in app.fresh]  # in the others it was done before
    for where, fault, instead in [*PAGES, LOGO._replace(instead=partial(sized, static))]:
        texts = {path: pages[path] for path in fresh if re.search(where, pages[path])}
        pages.update(repaired(texts, fault, instead))
    for name, fault, instead in SCRIPTS if fresh else []:  # they are copied when pages are written
        script = static / name
        texts = {script: script.read_text(encoding="utf-8")} if script.exists() else {}
        for path, text in repaired(texts, fault, instead).items():
            path.write_text(text, encoding="utf-8")


def repaired(texts, fault, instead):
    found = {path: re.subn(fault, instead, text) for path, text in texts.items()}
    if found and not any(count for _, count in found.values()):
        logger.warning("nothing to repair any more, whoever wrote it has changed it: %s", fault)
    return {path: text for path, (text, _) in found.items()}


def sized(static, found):
    """Return the start of a logo, with its size so that nothing moves when it arrives."""
    file = static / found[1].split("/")[-1]
    size = get_image_size(file) if file.is_file() else None
    return f'<img width="{size[0]}" height="{size[1]}" ' if size else found[0]
