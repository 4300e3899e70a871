"""A draft is built whatever is still to be fixed, and says on each page that it is one.

    make html DRAFT=1

sets BOOK_DRAFT. The warnings are shown and listed as ever (strict.py), a cell that fails shows its
error on the page, and the build succeeds. A draft cannot be published, and search engines are told
to leave it alone. The next build without DRAFT reads all pages again, and fails if it has to.
"""

import os
import re
from html import escape

from seeing.delivery.words import _
from seeing.truth.strict import end

NOT_ROBOTS = '<meta name="robots" content="noindex" />\n'
STYLE = "margin:0;padding:.5rem 1rem;text-align:center"
COLOURS = "background:var(--book-draft);color:var(--book-white)"
BANNER = f'<p role="note" style="{STYLE};{COLOURS}">'


def setup(app):
    app.add_config_value("draft", "", "html", str)  # with it all pages are written again
    app.connect("config-inited", begin, priority=900)  # when the address is known (edition.py)
    app.connect("pages-written", mark, priority=900)  # when all others have had their say
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def begin(app, config):
    config.draft = os.environ.get("BOOK_DRAFT", "")
    if config.draft and config.html_baseurl:
        end(
            app,
            "a draft is not published: build it without DRAFT, or without an address "
            "(BOOK_ADDRESS, html_baseurl)",
        )


def mark(app, pages):
    if app.config.draft:
        text = _("Draft, not for publication. Things to fix: {count}").format(count=len(app.to_fix))
        banner = f"{BANNER}{escape(text)}</p>"
        earlier = re.compile(f"{re.escape(BANNER)}[^<]*</p>")
        for path, html in pages.items():
            html = earlier.sub("", html.replace(NOT_ROBOTS, ""))
            html = html.replace("</head>", f"{NOT_ROBOTS}</head>", 1)
            pages[path] = re.sub(r"<body[^>]*>", rf"\g<0>{banner}", html, count=1)
