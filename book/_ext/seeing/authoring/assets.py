"""The script and the style sheet that stand beside a directive, on the pages that use it."""

import os
from pathlib import Path


def serve(app, module):
    """Have the script and the style sheet in the folder of a directive copied to `_static`."""
    folder = Path(module).parent
    files = sorted([*folder.glob("*.js"), *folder.glob("*.css")])
    app.connect(
        "config-inited",
        lambda app, config: config.html_static_path.extend(
            os.path.relpath(file, app.confdir) for file in files
        ),
    )
