"""The chapters are executed again when what they import or read has changed.

MyST-NB keeps a chapter's outputs for as long as its cells stay the same. It does not look into the
package that the cells import, so the book would go on showing what yesterday's code computed.
Here the cache's folder is named after the content of the files listed in `recompute_when_changed`:
when one of them changes, the cache is another, empty one, and since its path is part of the
configuration of every page, Sphinx reads every page anew. Prose is in no list and costs nothing.

Nor does Sphinx look into what makes the pages, its local extensions, scripts and style sheets: with
no page out of date, it does not even copy them. The files of `reread_when_changed` have the pages
read again, with the outputs that the cache keeps.
"""

import hashlib
import shutil
from pathlib import Path


def setup(app):
    app.add_config_value("recompute_when_changed", [], "env", list)
    app.add_config_value("reread_when_changed", [], "env", list)
    app.add_config_value("reread_digest", "", "env", str)
    app.add_config_value("rewrite_digest", "", "html", str)  # also if a link check has read them
    app.connect("config-inited", choose_cache)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def choose_cache(app, config):
    caches = Path(app.outdir).parent / ".jupyter_cache"
    cache = caches / digest(Path(app.srcdir), config.recompute_when_changed)
    config.nb_execution_cache_path = str(cache)
    config.reread_digest = config.rewrite_digest = digest(
        Path(app.srcdir), config.reread_when_changed
    )
    for other in caches.glob("*"):
        if other != cache:
            shutil.rmtree(other)


def digest(root, patterns):
    """Return a short digest of the names and the contents of the files that match."""
    found = {path for pattern in patterns for path in root.glob(pattern)}
    total = hashlib.sha256()
    for path in sorted(found):
        if path.is_file() and "__pycache__" not in path.parts:
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            total.update(f"{path.relative_to(root).as_posix()} {content}\n".encode())
    return total.hexdigest()[:16]
