"""What the theme, MyST-NB and docutils write is put right, above all for those who do not see it.

Each line below is a fault that no option of theirs avoids, most of them found by axe
(https://github.com/dequelabs/axe-core): what stands in the page, and what takes its place.
"""

import re
from pathlib import Path

from sphinx.util import logging

logger = logging.getLogger(__name__)
HERE = Path(__file__).parent
# Those of the theme and of Sphinx stop where they use a storage that the browser refuses. This one
# runs before them.
STORAGE = HERE.joinpath("storage.js").read_text(encoding="utf-8").rstrip()
# Without scripts, buttons that need one are hidden, a phone has the chapters below the text, and
# the page is as dark as the system: which of the theme's colours hold is said by a script.
WITHOUT_SCRIPTS = HERE.joinpath("without-scripts.css").read_text(encoding="utf-8").rstrip()
MODE = '<script data-cfasync="false">\n    document.documentElement.dataset.mode'
JS_ONLY = "<style>\n      .pst-js-only { display: none !important; }\n"

INSTEAD = {
    # The words in it, "Show the source", say more.
    ' aria-label="Toggle hidden content"': "",
    # The name of the button must hold the words on it, which are "Search Ctrl+K".
    'search-button-field search-button__button pst-js-only" title="Search" aria-label="Search"': (
        'search-button-field search-button__button pst-js-only"'
    ),
    # The entries of a list; the role that docutils gives them is out of use.
    ' role="doc-biblioentry"': ' role="listitem"',
    # The book's title and the search are in no region of the page.
    '<div id="pst-primary-sidebar" class': (
        '<div id="pst-primary-sidebar" role="complementary" aria-label="Book" class'
    ),
    # Until all scripts have come the theme is "auto", which has no colours and no borders, or what
    # it was at the last visit.
    ' data-theme="auto"': ' data-theme="light"',
    'localStorage.getItem("theme") || "auto"': (
        '{ light: "light", dark: "dark" }[localStorage.getItem("mode")] || '
        '(matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")'
    ),
    MODE: MODE.replace("\n", f"\n{STORAGE}\n"),
    JS_ONLY: JS_ONLY.replace("\n", f"\n{WITHOUT_SCRIPTS}\n", 1),
    # A file that is to be kept is not shown. Chromium shows it all the same in a book opened from a
    # file, so in a tab of its own.
    ' target="_blank"\n   class="btn btn-sm btn-download-': (
        ' target="_blank" download\n   class="btn btn-sm btn-download-'
    ),
    # The relation that NEXT takes from the head.
    '<a class="right-next"\n': '<a class="right-next" rel="next"\n',
}
# What the head of every page has, whatever `_config.yml` says: if not, the theme has changed.
ALWAYS = [' data-theme="auto"', 'localStorage.getItem("theme") || "auto"', MODE, JS_ONLY]
# Firefox fetches the next page in advance if the head names it, and reports that the policy forbids
# this. A link in the text has the same relation and is not fetched.
NEXT = re.compile(r'[ \t]*<link rel="next"[^>]*>\n')


def setup(app):
    app.connect("pages-written", put_right)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def put_right(app, pages):
    for path in pages:
        for fault, instead in INSTEAD.items():
            pages[path] = NEXT.sub("", pages[path].replace(fault, instead))
    first = pages.get(Path(app.outdir, f"{app.config.root_doc}.html"), "")
    for fault in ALWAYS if first else []:
        if INSTEAD[fault] not in first:
            logger.warning("the theme's pages have changed: they lack %r (accessible.py)", fault)
