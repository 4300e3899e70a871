"""How an image of the book is written to HTML.

Sphinx writes the source and the alternative text and no more. Here an image also has

- its size, so that the text does not jump when it arrives: an SVG's own, and half of a raster
  image's pixels, which are drawn at double density (or the width in pixels that the page asks for);
- lazy loading, except for the first of a page, which is usually in sight;
- a still, if it is animated: the last frame is shown, and the animation is one click away, so that
  nothing moves, or is downloaded, that nobody asked for.

An image without alternative text, and one between paragraphs that is no figure with a caption, get
a warning: Sphinx would use the file's name and say nothing.
"""

import re
from pathlib import Path

from docutils import nodes
from PIL import Image
from sphinx.util import logging
from sphinx.util.images import get_image_size

logger = logging.getLogger(__name__)


def setup(app):
    app.add_node(nodes.image, override=True, html=(visit_image, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def visit_image(self, node):
    if not node.get("alt", "").strip():
        logger.warning("image without alternative text: %s", node["uri"], location=node)
    if not isinstance(node.parent, nodes.TextElement) and not caption(node.parent):
        logger.warning("figure without a caption: %s", node["uri"], location=node)

    name = self.builder.images.get(node["uri"])
    if not name:  # an address elsewhere, or a missing file, which has had its warning
        return type(self).visit_image(self, node)

    path = Path(self.builder.srcdir, node["uri"])
    first = node is next(self.document.findall(nodes.image))
    size = size_attributes(node, path)
    type(self).visit_image(self, node)
    tag = self.body.pop().replace("<img", f'<img {size} decoding="async"', 1)
    lazy_tag = tag.replace("<img", '<img loading="lazy"', 1)
    still = still_frame(path, Path(self.builder.outdir, self.builder.imagedir, name))
    self.body.append((tag if first else lazy_tag).replace(name, still))
    if still != name:
        self.body.append(
            f'<details class="motion"><summary>Play the animation</summary>{lazy_tag}</details>\n'
        )


def caption(node):
    return isinstance(node, nodes.figure) and any(node.findall(nodes.caption))


def size_attributes(node, path):
    """Return width and height in CSS pixels as HTML; take a width in pixels from the node."""
    size = get_image_size(path)
    if not size:
        logger.warning("image of unknown size: %s", path.name, location=node)
        return ""
    scale = 1 if path.suffix == ".svg" else 1 / 2
    wanted = re.fullmatch(r"(\d+)(px)?", node.get("width", ""))
    if wanted:
        scale = int(wanted[1]) / size[0]
        node.attributes.pop("width")
        node.attributes.pop("height", None)
    return f'width="{round(size[0] * scale)}" height="{round(size[1] * scale)}"'


def still_frame(path, target):
    """Write the last frame of an animation beside its target; return the name of what to show."""
    if path.suffix == ".svg":
        return target.name
    with Image.open(path) as image:
        if not getattr(image, "is_animated", False):
            return target.name
        image.seek(image.n_frames - 1)
        target.parent.mkdir(parents=True, exist_ok=True)
        still = target.with_suffix(".still.png")
        image.convert("RGB").save(still)
    return still.name
