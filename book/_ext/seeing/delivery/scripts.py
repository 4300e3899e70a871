"""What Sphinx's and the theme's scripts do wrong is put right when they have been copied.

Each line is a script, what stands in it, and what takes its place.
"""

import re
from pathlib import Path

INSTEAD = [
    # In another language than English a function is made of words, which the policy forbids
    # (https://github.com/sphinx-doc/sphinx, doctools.js). Here the words become one at once.
    ("translations.js", r'"plural_expr":\s*"([^"]*)"', r'"plural_expr": (n) => (\1)'),
    ("doctools.js", r'new Function\(\s*"n",\s*`[^`]*`\s*\)', "catalog.plural_expr"),
    # A note in the margin of a page without sections, which has no list of them to be hidden.
    (
        "scripts/sphinx-book-theme.js",
        r'(querySelector\("div\.bd-sidebar-secondary"\))(\.classList)',
        r"\1?\2",
    ),
]


def setup(app):
    app.connect("pages-written", put_right, priority=400)  # before they are made small (lean.py)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def put_right(app, pages):
    for name, fault, instead in INSTEAD:
        path = Path(app.outdir, "_static", name)
        if path.exists():
            script = path.read_text(encoding="utf-8")
            fixed = re.sub(fault, instead, script)
            if fixed != script:
                path.write_text(fixed, encoding="utf-8")
