"""What the theme, MyST-NB and docutils write is put right for those who do not see the page.

Each line below is a fault that axe (https://github.com/dequelabs/axe-core) finds in the pages and
that no option of theirs avoids: what stands in the page, and what takes its place.
"""

from pathlib import Path

INSTEAD = {
    # The words in it, "Show the source", say more.
    ' aria-label="Toggle hidden content"': "",
    # The entries of a list; the role that docutils gives them is out of use.
    ' role="doc-biblioentry"': ' role="listitem"',
    # The book's title and the search are in no region of the page.
    '<div id="pst-primary-sidebar" class': (
        '<div id="pst-primary-sidebar" role="complementary" aria-label="Book" class'
    ),
}


def setup(app):
    app.connect("build-finished", put_right)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def put_right(app, exception):
    if exception or app.builder.format != "html":
        return
    for path in sorted(Path(app.outdir).rglob("*.html")):
        before = after = path.read_text(encoding="utf-8")
        for fault, instead in INSTEAD.items():
            after = after.replace(fault, instead)
        if after != before:
            path.write_text(after, encoding="utf-8")
