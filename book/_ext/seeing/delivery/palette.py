"""The style sheets use the palette of the figures.

Each colour of convtools/plotting/palette.json becomes a custom property: `now` is var(--book-now),
in both themes. A colour map becomes a list of colours for a gradient. `signed-positive` is the
upper half of `signed`, which has zero in the middle.
"""

import json
from importlib.util import find_spec
from pathlib import Path

FILE = Path(find_spec("convtools").origin).parent / "plotting" / "palette.json"
SHEET = "palette.css"


def setup(app):
    app.add_css_file(SHEET, priority=100)
    app.connect("builder-inited", write_sheet)


def write_sheet(app):
    if app.builder.format == "html":
        path = Path(app.outdir, "_static", SHEET)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(sheet(json.loads(FILE.read_text(encoding="utf-8"))), encoding="utf-8")


def sheet(palette):
    return rule("html", palette["any"] | palette["light"]) + rule(
        'html[data-theme="dark"]', palette["dark"]
    )


def rule(selector, colours):
    middle = len(colours["signed"]) // 2
    colours = colours | {"signed-positive": colours["signed"][middle:]}
    lines = (f"  --book-{name}: {value(colour)};\n" for name, colour in colours.items())
    return f"{selector} {{\n{''.join(lines)}}}\n"


def value(colour):
    return colour if isinstance(colour, str) else ", ".join(colour)
