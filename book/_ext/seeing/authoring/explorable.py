"""An interactive figure, which runs in the browser without a server.

    ```{code-cell} ipython3
    ---
    mystnb:
      figure: {name: fig-stepper, caption: The convolution stepper.}
    ---
    plot_sliding_sum(image, kernel)
    ```

    :::{explorable}
    :name: stepper
    Without JavaScript this is an image of one step of the sum.
    :::

The directive takes over the figure above it. Browsers without JavaScript, and print, show that
figure and the text; book/explorables/stepper.js replaces both by the interactive figure, and keeps
number and caption. The scripts load only on the pages that use them, after the page is parsed: one
file with what all figures share, which is smaller than its parts, and the figure's own. The page
contains the numbers that a figure needs (DATA), such as the grey levels of a photograph, because
scripts of a page opened from a file cannot read other files, nor in some browsers, on any page, the
pixels of an image.
"""

import os
from base64 import b64encode
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst.directives import unchanged_required
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

SCRIPTS = Path(__file__).parents[3] / "explorables"
SHARED = ["core", "dom", "fields", "grid", "chart", "mount"]  # each needs those before it
JOINED = "explorables.js"
SCRIPT = {"stepper-small": "stepper"}  # for figures whose name is not that of their script


def photograph():
    """Return the grey levels of the photograph, one byte each."""
    from convtools import natural_image  # slow to import, and most builds read no such page

    return ((natural_image(128).numpy() + 0.5) * 255).round().astype("uint8")


def components():
    """Return patches of the photograph and their components, in the order of rebuild.js.

    They are those of the chapter that contains the figure.
    """
    import numpy as np

    from convtools import learn_filters, natural_image, whiten

    image = natural_image((300, 256)).double().numpy()
    windows = np.lib.stride_tricks.sliding_window_view(image, (12, 12)).reshape(-1, 12, 12)
    patches = windows[np.random.default_rng(0).integers(len(windows), size=40_000)]
    patches = patches - patches.mean(axis=(1, 2), keepdims=True)
    whitened, whitening = whiten(patches, 64)
    gains, patterns = (x[..., -64:].T for x in np.linalg.eigh(whitening.reshape(144, 144)))
    mixing = learn_filters(whitened, 64, seed=0).reshape(64, 144) @ patterns.T
    face = image[60:156, 80:176].reshape(8, 12, 8, 12).swapaxes(1, 2).reshape(64, 144)
    means = face.mean(axis=1, keepdims=True)
    scores = (face - means) @ patterns.T * gains
    parts = [means, scores, 1 / gains, patterns, mixing]
    numbers = np.concatenate([part.ravel() for part in parts])
    return (1024 * numbers).round().astype("<i2")


DATA = {"filter-lab": photograph, "rebuild": components}
logger = logging.getLogger(__name__)


class explorable(nodes.container):  # noqa: N801, a node's class is its name
    """The content without JavaScript: the figure and the text."""


class Explorable(SphinxDirective):
    option_spec = {"name": unchanged_required}  # noqa: RUF012
    has_content = True

    def run(self):
        name = self.options.get("name", "")
        script = SCRIPT.get(name, name)
        if script in SHARED or not (SCRIPTS / f"{script}.js").is_file():
            raise self.error(f"the :name: must be a script in book/explorables, got {name!r}")
        self.assert_has_content()
        node = explorable("", *self.parse_content_to_nodes(), script=script, ids=[name])
        if script in DATA:
            node["data"] = b64encode(DATA[script]().tobytes()).decode()
        self.set_source_info(node)
        return [node]


def setup(app):
    app.add_node(explorable, html=(visit, lambda self, node: self.body.append("</div>\n")))
    app.add_directive("explorable", Explorable)
    app.connect("config-inited", serve)
    app.connect("doctree-read", take_figures)
    app.connect("html-page-context", add_files)


def serve(app, config):
    """Make Sphinx copy the style sheet and the scripts to `_static`, the shared ones as one."""
    joined = Path(app.doctreedir, JOINED)
    joined.parent.mkdir(parents=True, exist_ok=True)
    shared = [(SCRIPTS / f"{name}.js").read_text(encoding="utf-8") for name in SHARED]
    joined.write_text("".join(shared), encoding="utf-8")
    files = [*SCRIPTS.glob("*.css"), *SCRIPTS.glob("*.js")]
    own = sorted(file for file in files if file.stem not in SHARED)
    config.html_static_path.extend(os.path.relpath(file, app.confdir) for file in [joined, *own])


def take_figures(app, doctree):
    """Move the cell with the static figure into the explorable below it."""
    for node in list(doctree.findall(explorable)):
        before = node.previous_sibling()
        if not before or not any(before.findall(nodes.figure)):
            logger.warning("no figure above the explorable %s", node["script"], location=node)
            continue
        before.parent.remove(before)
        node.insert(0, before)


def visit(self, node):
    data = {"data-numbers": node["data"]} if "data" in node else {}
    self.body.append(self.starttag(node, "div", CLASS="explorable", **data))


def add_files(app, pagename, templatename, context, doctree):
    found = doctree.findall(explorable) if doctree else []
    scripts = list(dict.fromkeys(node["script"] for node in found))
    if scripts:
        app.add_css_file("explorables.css")
    for file in [JOINED, *(f"{script}.js" for script in scripts)] if scripts else []:
        app.add_js_file(file, loading_method="defer")
