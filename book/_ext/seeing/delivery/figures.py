"""Writes images to HTML with their size, lazy loading, and a still for an animation.

Sphinx only writes the source and the alternative text. Here an image also has

- its size, so that the text does not move when it loads. SVG images and plots of cells have their
  own size, other raster images half their pixels, for high-resolution screens. `:width:`,
  `:height:` and `:scale:`, in any unit, override this, and keep the proportions unless both width
  and height are given;
- lazy loading, except for the first image of a page, which is usually visible at once;
- a still, if it is animated. The last frame is shown, and the animation is downloaded and played
  only when the reader clicks.

An image without alternative text, and a figure without a caption, get a warning with the fix,
because Sphinx would use the name of the file without a warning.
"""

import re
from pathlib import Path

from docutils import nodes
from PIL import Image, UnidentifiedImageError
from sphinx.util import logging
from sphinx.util.images import get_image_size

from seeing.delivery.words import _

logger = logging.getLogger(__name__)

ANIMATED = {".gif", ".png", ".apng", ".webp"}  # not JPEG: some photographs contain two images
LENGTH = re.compile(r"([\d.]+)\s*([a-z%]*)")
AT_THE_HEAD = "write, at the head of the cell and between two lines ---, mystnb: {%s}"
IN_METADATA = "write into the metadata of the cell: mystnb, %s"
MARKDOWN = "write ![What the image shows]({})"


def setup(app):
    app.add_node(nodes.image, override=True, html=(visit_image, None))


def visit_image(self, node):
    warn(node)
    name = self.builder.images.get(node["uri"])
    if not name:  # an external URL, or a missing file, of which Sphinx has warned
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
        play = _("Play the animation")
        self.body.append(f'<details class="motion"><summary>{play}</summary>{lazy_tag}</details>\n')


def warn(node):
    """Warn of a missing alternative text or caption, with the fix."""
    figure = node.parent if isinstance(node.parent, nodes.figure) else None
    output = is_output(node)
    head = IN_METADATA if str(node.source).endswith(".ipynb") else AT_THE_HEAD
    if not node.get("alt", "").strip():
        what = "an output of this cell" if output else node["uri"]
        remedy = ":alt: What the image shows, below its first line"
        if output:
            remedy = head % "image: {alt: What the image shows}"
        elif any("sd-card-img" in name for name in node["classes"]):
            remedy = ":img-alt: What the image shows, below :img-top:"
        elif "alt" in node:
            remedy = MARKDOWN.format(node["uri"].split("/")[-1])
        logger.warning("image without alternative text: %s → %s", what, remedy, location=node)
    if figure and not any(figure.findall(nodes.caption)):
        what = "an output of this cell" if output else node["uri"]
        remedy = "a line of text below its options"
        if output:
            remedy = head % "figure: {caption: What it shows}"
        logger.warning("figure without a caption: %s → %s", what, remedy, location=node)


def is_output(node):
    """Return whether an image is an output of a cell."""
    while node is not None and not node.get("nb_element", "").startswith("cell"):
        node = node.parent
    return node is not None


def size_attributes(node, path):
    """Return HTML attributes for the size: CSS pixels, and a style for other units."""
    size = get_image_size(path)
    if not size:
        remedy = "save it as PNG, or as SVG with a width and a height in pixels"
        logger.warning("image of unknown size: %s → %s", path.name, remedy, location=node)
        return ""
    own_size = path.suffix.lower() == ".svg" or (path.suffix == ".png" and is_output(node))
    width, height = ((1 if own_size else 1 / 2) * length for length in size)
    scale = node.attributes.pop("scale", 100) / 100
    asked = {side: node.attributes.pop(side, "") for side in ["width", "height"]}
    lengths = {side: LENGTH.fullmatch(length) for side, length in asked.items()}
    pixels = {
        side: float(found[1]) * scale
        for side, found in lengths.items()
        if found and found[2] in ("", "px")
    }
    others = {
        side: f"{float(found[1]) * scale:g}{found[2]}"
        for side, found in lengths.items()
        if found and side not in pixels
    }
    factor = scale
    if pixels and not others:
        factor = pixels["width"] / width if "width" in pixels else pixels["height"] / height
    if len(pixels) == 2 or (pixels and others):
        others |= {side: f"{length:g}px" for side, length in pixels.items()}
    if list(others) == ["height"]:
        others["width"] = "auto"
    style = ";".join(f"{side}:{length}" for side, length in others.items())
    return f'width="{round(width * factor)}" height="{round(height * factor)}"' + (
        f' style="{style}"' if style else ""
    )


def still_frame(path, target):
    """Write the last frame of an animation next to it, and return the name of the file to show."""
    if path.suffix.lower() not in ANIMATED:
        return target.name
    try:
        image = Image.open(path)
    except UnidentifiedImageError:  # `size_attributes` has warned of its unknown size
        return target.name
    with image:
        if not getattr(image, "is_animated", False):
            return target.name
        image.seek(image.n_frames - 1)
        target.parent.mkdir(parents=True, exist_ok=True)
        still = target.with_suffix(".still.png")
        image.convert("RGB").save(still)
    return still.name
