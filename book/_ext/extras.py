"""`sphinx: extra_extensions:` of `_config.yml` adds to this book's extensions, as in any other.

Jupyter Book adds them to its own list, which the one in `sphinx: config: extensions:` replaces.
"""

from pathlib import Path

import yaml


def setup(app):
    config = Path(app.confdir or app.srcdir, "_config.yml")
    settings = yaml.safe_load(config.read_text(encoding="utf-8")) if config.exists() else {}
    extras = (settings.get("sphinx") or {}).get("extra_extensions") or []
    for extension in [extras] if isinstance(extras, str) else extras:
        app.setup_extension(extension)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
