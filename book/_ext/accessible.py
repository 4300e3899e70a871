"""What the theme, MyST-NB and docutils write is put right, above all for those who do not see it.

Each line below is a fault that no option of theirs avoids, most of them found by axe
(https://github.com/dequelabs/axe-core): what stands in the page, and what takes its place.
"""

INSTEAD = {
    # The words in it, "Show the source", say more.
    ' aria-label="Toggle hidden content"': "",
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
}


def setup(app):
    app.connect("pages-written", put_right)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def put_right(app, pages):
    for path in pages:
        for fault, instead in INSTEAD.items():
            pages[path] = pages[path].replace(fault, instead)
