"""How an image of the book is written to HTML.

Sphinx writes the source and the alternative text and no more. Here an image also has

- its size, so that the text does not jump when it arrives: that of an SVG, and of a plot of a cell,
  its own; that of other raster images half of their pixels, for sharp screens; or what `:width:`,
  `:height:` and `:scale:` ask for, in any unit, in the image's own proportions unless both sides
  are given;
- lazy loading, except for the first of a page, which is usually in sight;
- a still, if it is animated: the last frame is shown, and the animation is one click away, so that
  nothing moves, or is downloaded, that nobody asked for.

An image without alternative text, and a figure without a caption, get a warning that says what to
write: Sphinx would use the file's name and say nothing.
"""

import re
from pathlib import Path

from docutils import nodes
from PIL import Image, UnidentifiedImageError
from sphinx.util import logging
from sphinx.util.images import get_image_size

from seeing.delivery.words import _

logger = logging.getLogger(__name__)

ANIMATED = {".gif", ".png", ".apng", ".webp"}  # what may be: some photographs hold two
LENGTH = re.compile(r"([\d.]+)\s*([a-z%]*)")
AT_THE_HEAD = "write, at the head of the cell and between two lines ---, mystnb: {%s}"
IN_METADATA = "write into the metadata of the cell: mystnb, %s"
MARKDOWN = "write ![What the image shows]({})"


def setup(app):
    app.add_node(nodes.image, override=True, html=(visit_image, None))


def visit_image(self, node):
    warn(node)
    name = self.builder.images.get(node["uri"])
    if not name:  # a URL elsewhere, or a missing file, which has had its warning
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
    """Warn of what is missing beside an image, and say what to write."""
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
    """Say whether an image is an output of a cell."""
    while node is not None and not node.get("nb_element", "").startswith("cell"):
        node = node.parent
    return node is not None


def size_attributes(node, path):
    """Return the size in CSS pixels, and a style for what is asked for in other units, as HTML."""
    size = get_image_size(path)
    if not size:
        remedy = "save it as PNG, or as SVG with a width and a height in pixels"
        logger.warning("image of unknown size: %s → %s", path.name, remedy, location=node)
        return ""
    own_size = path.suffix.lower() == ".svg" or (path.suffix == ".png" and is_output(node))
    width, height = ((1 if own_size else 1 / 2) * side for side in size)
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
    """Write the last frame of an animation beside its target; return the name of what to show."""
    if path.suffix.lower() not in ANIMATED:
        return target.name
    try:
        image = Image.open(path)
    except UnidentifiedImageError:  # its size is unknown, too, which has had its warning
        return target.name
    with image:
        if not getattr(image, "is_animated", False):
            return target.name
        image.seek(image.n_frames - 1)
        target.parent.mkdir(parents=True, exist_ok=True)
        still = target.with_suffix(".still.png")
        image.convert("RGB").save(still)
    return still.name
