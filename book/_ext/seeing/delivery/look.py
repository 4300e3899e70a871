"""What a fork changes in its look needs no second change elsewhere.

The book's name is its title, where Jupyter Book has two settings; the logo has the size of its
file, so that nothing moves when it arrives.
"""

import re
from pathlib import Path

from sphinx.util.images import get_image_size

LOGO = re.compile(r'<img (?=src="([^"?]*)[^"]*" class="logo__image)')


def setup(app):
    app.connect("config-inited", name, priority=10)
    app.connect("pages-written", size_logos)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def name(app, config):
    if config.project in ("", "Python", "Project name not set"):  # Sphinx's words for none
        config.project = config.html_title


def size_logos(app, pages):
    for path, html in pages.items():

        def sized(found, folder=path.parent):
            file = Path(app.outdir, found[1][1:]) if found[1][0] == "/" else folder / found[1]
            size = get_image_size(file) if file.is_file() else None
            return f'<img width="{size[0]}" height="{size[1]}" ' if size else found[0]

        pages[path] = LOGO.sub(sized, html)
