"""The pages that Sphinx has written, for the extensions that put the last touch to them."""

from pathlib import Path

NO_PAGES = {"_downloads", "_sources", "_static"}


def pages(app):
    """Return the text of each page of a book of HTML, by its path."""
    if app.builder.format != "html":
        return {}
    out = Path(app.outdir)
    paths = sorted(out.rglob("*.html"))
    paths = [path for path in paths if path.relative_to(out).parts[0] not in NO_PAGES]
    return {path: path.read_text(encoding="utf-8") for path in paths}


def write(before, after):
    """Write the pages that have changed."""
    for path, html in after.items():
        if html != before[path]:
            path.write_text(html, encoding="utf-8")
