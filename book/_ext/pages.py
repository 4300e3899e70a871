"""When all pages are written they get their last touch; each is read once and written once.

An extension that connects to `pages-written` gets the text of each page by its path, and puts
another in its place. They have their turns in the order in which `_config.yml` lists them.
"""

from pathlib import Path

NO_PAGES = {"_downloads", "_sources", "_static"}


def setup(app):
    app.add_event("pages-written")
    app.connect("build-finished", finish, priority=800)  # when the theme is done with its sheets
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def paths(app):
    """Return where the pages are; nowhere if the builder makes no HTML."""
    out = Path(app.outdir)
    found = sorted(out.rglob("*.html")) if app.builder.format == "html" else []
    return [path for path in found if path.relative_to(out).parts[0] not in NO_PAGES]


def finish(app, exception):
    before = {} if exception else {path: path.read_text(encoding="utf-8") for path in paths(app)}
    if before:
        after = dict(before)
        app.emit("pages-written", after)
        for path, html in after.items():
            if html != before[path]:
                path.write_text(html, encoding="utf-8")
