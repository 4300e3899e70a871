"""A figure that the reader can play with, in the browser and without a server.

    ```{code-cell} ipython3
    ---
    mystnb:
      figure: {name: fig-stepper, caption: The convolution stepper.}
    ---
    plot_sliding_sum(image, kernel)
    ```

    :::{explorable}
    :name: stepper
    Without JavaScript this is a picture: one step of the sum.
    :::

The directive takes the figure above it. A browser without scripts, and paper, show that picture and
the words; book/explorables/stepper.js puts what can be played with in the place of both, and keeps
number and caption. The scripts are loaded on the pages that use them, after the page has been read.
Scripts of a page opened from a file may not look into its images, and some browsers let no page do
so. The grey levels of the photograph come with the page.
"""

from base64 import b64encode
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst.directives import unchanged_required
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

SCRIPTS = Path(__file__).parents[3] / "explorables"
SHARED = ["core", "dom", "fields", "grid", "chart", "mount"]  # each needs those before it
PHOTOGRAPHED = {"filter-lab": 128}  # pixels of the side
SCRIPT = {"stepper-small": "stepper"}  # of figures that are not named after theirs

logger = logging.getLogger(__name__)


class explorable(nodes.container):  # noqa: N801, a node's class is its name
    """What the reader sees without JavaScript: the figure, and the words."""


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
        if name in PHOTOGRAPHED:
            node["photograph"] = photograph(PHOTOGRAPHED[name])
        self.set_source_info(node)
        return [node]


def setup(app):
    app.add_node(explorable, html=(visit, lambda self, node: self.body.append("</div>\n")))
    app.add_directive("explorable", Explorable)
    app.connect("doctree-read", take_figures)
    app.connect("html-page-context", add_files)


def take_figures(app, doctree):
    """Move the cell whose figure an explorable brings to life into it."""
    for node in list(doctree.findall(explorable)):
        before = node.previous_sibling()
        if not before or not any(before.findall(nodes.figure)):
            logger.warning("no figure above the explorable %s", node["script"], location=node)
            continue
        before.parent.remove(before)
        node.insert(0, before)


def visit(self, node):
    data = {"data-photograph": node["photograph"]} if "photograph" in node else {}
    self.body.append(self.starttag(node, "div", CLASS="explorable", **data))


def photograph(size):
    """Return the grey levels of the photograph, a byte each, row by row, in base64."""
    from convtools import natural_image  # takes seconds, and most builds read no such page

    levels = ((natural_image(size).numpy() + 0.5) * 255).round().astype("uint8")
    return b64encode(levels.tobytes()).decode()


def add_files(app, pagename, templatename, context, doctree):
    found = doctree.findall(explorable) if doctree else []
    scripts = list(dict.fromkeys(node["script"] for node in found))
    if scripts:
        app.add_css_file("explorables.css")
    for script in [*SHARED, *scripts] if scripts else []:
        app.add_js_file(f"{script}.js", loading_method="defer")
