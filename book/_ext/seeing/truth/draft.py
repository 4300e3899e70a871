"""A draft is built despite warnings, and marked as a draft on each page.

    make html DRAFT=1

sets BOOK_DRAFT. The warnings are still printed and listed (strict.py), a cell that fails shows its
error on the page, and the build succeeds. A draft cannot be published, and asks search engines not
to index it. The next build without DRAFT reads all pages again, and fails if there are warnings.
"""

import os
import re
from html import escape

from seeing.delivery.words import _
from seeing.truth.strict import end

NO_INDEX = '<meta name="robots" content="noindex" />\n'
STYLE = (
    "margin:0;padding:.5rem 1rem;text-align:center;"
    "background:var(--book-draft);color:var(--book-white)"
)
BANNER = f'<p role="note" style="{STYLE}">{{}}</p>'


def setup(app):
    app.add_config_value("draft", "", "html", str)  # a change writes all pages again
    app.connect("config-inited", begin, priority=900)  # after the URL is set (edition.py)
    app.connect("html-page-context", mark)
    app.connect("pages-written", count, priority=900)  # after all other warnings


def begin(app, config):
    config.draft = os.environ.get("BOOK_DRAFT", "")
    if config.draft and config.html_baseurl:
        end(
            app,
            "a draft cannot be published: build it without DRAFT, or without a URL "
            "(BOOK_URL, html_baseurl)",
        )


def mark(app, pagename, templatename, context, doctree):
    if app.config.draft:
        context["metatags"] = context.get("metatags", "") + NO_INDEX
        context["draft"] = BANNER.format("")  # layout.html puts it after <body>


def count(app, pages):
    if app.config.draft:
        text = _("Draft, not for publication. Things to fix: {count}").format(count=len(app.to_fix))
        banner = re.compile(re.escape(BANNER).replace(r"\{\}", "[^<]*"))
        for path, html in pages.items():
            pages[path] = banner.sub(BANNER.format(escape(text)), html)
