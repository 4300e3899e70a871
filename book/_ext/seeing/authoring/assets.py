"""Copies the script and the style sheet in the folder of a directive."""

import os
from pathlib import Path


def serve(app, module):
    """Make Sphinx copy the script and the style sheet of a directive's folder to `_static`."""
    folder = Path(module).parent
    files = sorted([*folder.glob("*.js"), *folder.glob("*.css")])
    app.connect(
        "config-inited",
        lambda app, config: config.html_static_path.extend(
            os.path.relpath(file, app.confdir) for file in files
        ),
    )
