"""What a page loads is what it uses.

The theme gives each page the icons of Font Awesome twice, once as 1.5 MB of JavaScript, style
sheets for all that Bootstrap can do, and the scripts of the search. When all pages are written, in
each of them

- one style sheet stands for all but that of sphinx-design, which few pages need (design.py):
  theirs, joined in their order, without the rules whose classes and names appear in no page and no
  script;
- the icons are those of its font, of which the style sheet holds the glyphs that it shows;
- scripts have no comments and no indentation, those of the search are left to the page of the
  search, and all wait until the page is read; unless it has a script of somebody else, in it or of
  another host, which may need one of them, or hide it (require.js does): they keep their order.

A page that has been through this is not changed by it: a build may write only some of the pages.
"""

import base64
import json
import re
from hashlib import sha256
from itertools import pairwise
from pathlib import Path, PurePosixPath

import tinycss2
from rjsmin import jsmin
from sphinx.util import logging

from seeing.delivery import glyphs
from seeing.delivery.pages import paths

logger = logging.getLogger(__name__)
SHEET = PurePosixPath("_static/pages.css")
SEARCH = "searchtools.js", "language_data.js", "searchindex.js"
STYLE = re.compile(
    r'[ \t]*<link [^>]*href="([^":]*_static/)((?!sphinx-design)[^"]+\.css)[^"]*"[^>]*>\n*'
)
SCRIPT = re.compile(
    r'<script((?: [\w-]+(?:="[^"]*")?)*?) src="([^"]+)"((?: [\w-]+(?:="[^"]*")?)*)></script>'
)
WAITS = re.compile(r' (?:defer|async)(?:="[^"]*")?(?= |$)|type="module"')
IN_ORDER = re.compile(  # of another host, or in the page, where the theme has one that needs none
    r'<script(?![^>]*(?: async| defer|type="module"))[^>]* src="[^"]*://'
    r'|<script(?![^>]*(?: src=| data-cfasync=|type="(?!(?:text|application)/javascript)))[^>]*>'
)
NOT_NEEDED = re.compile(
    r'[ \t]*<link rel="preload" as="script"[^>]*>\n*'
    r'|[ \t]*<script defer src="[^"]*/fontawesome\.js[^"]*"></script>\n*'
    r"|[ \t]*<script>DOCUMENTATION_OPTIONS\.[^<]*</script>\n*"
)
NAMES = re.compile(r"""(?:class|id)=["']([^"']*)["']""")
INLINE = re.compile(r"<script[^>]*>(.*?)</script>", re.DOTALL)
LOADED = re.compile(r'<script\b[^>]*\bsrc="([^"]+)"')
URL = re.compile(r"""(?<!@import )url\(["']?(?!["']?(?:data:|[a-z]+:|[#/]))""")
WORDS = re.compile(r"[A-Za-z][\w-]*")
IMPORT = re.compile(r"""@import (?:url\()?["']?(?![a-z]+:|//)([^"')]+)["']?\)?;""")
FACE = re.compile(r"src:\s*url\([^)]*/(fa-[\w-]+)\.woff2\)[^;}]*")
# Widgets of Bootstrap that no page has: its script names them all the same.
WIDGETS = re.compile(r"^(accordion|carousel|list-group|modal|offcanvas|pagination|popover|toast)")


def setup(app):
    app.connect("builder-inited", start_over)
    app.connect("write-started", forget_scripts)
    app.connect("pages-written", make_lean)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def start_over(app):
    """Have all pages written again if their sheet is gone, which lists the sheets that it joins."""
    if not Path(app.outdir, SHEET).exists():
        for path in paths(app):
            path.unlink()


def forget_scripts(app, builder):
    """Have the scripts copied afresh: of each that was changed Sphinx would report a conflict."""
    if builder.format == "html":
        for path in Path(app.outdir, "_static").rglob("*.js"):
            path.unlink()


def make_lean(app, pages):
    out = Path(app.outdir)
    html = "".join(
        page if SHEET.name in page else NOT_NEEDED.sub("", page) for page in pages.values()
    )
    used = {name for names in NAMES.findall(html) for name in names.split()}
    words = WORDS.findall("".join(INLINE.findall(html)))
    for path in scripts(out, html):
        script = path.read_text(encoding="utf-8")
        # rjsmin takes a template within a template for code, and its spaces for needless.
        script = script if has_nested_template(script) else jsmin(script)
        path.write_text(script, encoding="utf-8")
        words += WORDS.findall(script)
    used |= {word for word in words if not WIDGETS.match(word)}
    sources = sheets(out, pages.values())
    css = "".join(read(out / "_static" / source, out / "_static") for source in sources)
    this = "".join(Path(file).read_text(encoding="utf-8") for file in [__file__, glyphs.__file__])
    version = sha256("\n".join([this, css, *sorted(used)]).encode()).hexdigest()[:8]
    head = f"/* {version} of {json.dumps(sources)} */\n"
    if not (out / SHEET).exists() or not (out / SHEET).read_text(encoding="utf-8").startswith(head):
        (out / SHEET).write_text(head + with_fonts(purge(css, used), out), encoding="utf-8")
    for path, page in pages.items():
        pages[path] = link(page, f"{SHEET.name}?v={version}")


def scripts(out, html):
    """Return the scripts of ours that the pages load, but for the index of the search."""
    addresses = set(LOADED.findall(html))
    names = {
        address.split("_static/")[1].split("?")[0] for address in addresses if is_ours(address)
    }
    paths = [out / "_static" / name for name in sorted(names)]
    for path in paths:
        if not path.is_file():
            logger.warning("a page loads a script that is not there: _static/%s", path.name)
    return [path for path in paths if path.is_file()]


def is_ours(address):
    return "_static/" in address and "://" not in address


def has_nested_template(script):
    for opening in re.finditer(r"\$\{", script):
        depth = 1
        for character in script[opening.end() :]:
            depth += (character == "{") - (character == "}")
            if depth == 0:
                break
            if character == "`":
                return True
    return False


def sheets(out, pages):
    """Return the style sheets of all pages, those first that the last build joined."""
    linked = [[name for _, name in STYLE.findall(html)] for html in pages]
    found = {}
    if (out / SHEET).exists() and any(SHEET.name in names for names in linked):
        head = (out / SHEET).read_text(encoding="utf-8").splitlines()[0]
        found = dict.fromkeys(json.loads(head[head.index("[") : head.rindex("]") + 1]))
    for names in sorted(linked, key=len, reverse=True):  # the fullest page knows the order
        found |= dict.fromkeys(names)
    found.pop(SHEET.name, None)
    return [name for name in found if (out / "_static" / name).exists()]


def read(path, folder):
    """Return a style sheet, with what it imports, and with addresses as seen from `folder`."""
    css = path.read_text(encoding="utf-8")
    here = path.parent.relative_to(folder).as_posix()
    css = URL.sub(lambda found: f"{found[0]}{here}/" if here != "." else found[0], css)
    return IMPORT.sub(lambda found: read((path.parent / found[1]).resolve(), folder.resolve()), css)


def purge(css, used):
    """Return the rules for what is used, without comments."""
    rules = tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True)
    rules.sort(key=is_not_import)  # a browser takes none after the first rule
    return "\n".join(filter(None, (kept(rule, used) for rule in rules)))


def is_not_import(rule):
    return not (rule.type == "at-rule" and rule.at_keyword == "import")


def kept(rule, used):
    if rule.type == "at-rule" and rule.at_keyword == "media":
        inside = tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)
        rules = "".join(kept(inner, used) for inner in inside)
        return f"@media{tinycss2.serialize(rule.prelude)}{{{rules}}}" if rules else ""
    if rule.type != "qualified-rule":
        return "" if rule.at_keyword == "charset" else rule.serialize()
    selectors = [tokens for tokens in split(rule.prelude) if is_used(selected(tokens), used)]
    listed = ",".join(tinycss2.serialize(tokens).strip() for tokens in selectors)
    return f"{listed}{{{tinycss2.serialize(rule.content).strip()}}}" if selectors else ""


def is_used(names, used):
    """Say whether all names are used; a script may complete one that it holds up to a hyphen."""
    return all(name in used or used & begun(name) for name in names)


def begun(name):
    return {name[: i + 1] for i, character in enumerate(name) if character == "-"}


def split(prelude):
    """Return the tokens of each selector of a list."""
    selectors = [[]]
    for token in prelude:
        if token == ",":
            selectors.append([])
        elif token.type != "comment":
            selectors[-1].append(token)
    return selectors


def selected(tokens):
    """Return the classes and ids without which a selector finds nothing."""
    ids = {token.value for token in tokens if token.type == "hash"}
    pairs = pairwise(tokens)
    return ids | {name.value for dot, name in pairs if dot == "." and name.type == "ident"}


def with_fonts(css, out):
    """Put the glyphs that the style sheet shows into it, in place of the fonts' addresses."""
    shown = {ord(character) for character in css if 0xE000 <= ord(character) < 0xF900}

    def face(found):
        [path] = out.glob(f"_static/**/{found[1]}.ttf")
        data = base64.b64encode(glyphs.subset(path, shown)).decode()
        return f'src:url(data:font/woff;base64,{data}) format("woff")'

    return FACE.sub(face, css)


def link(html, sheet):
    """Return a page that links one sheet, and no script that it does not need."""
    if sheet in html:
        return html
    html = STYLE.sub(rf'<link rel="stylesheet" href="\1{sheet}" />\n', html, count=1)
    before, link, after = html.partition(sheet)
    html = NOT_NEEDED.sub("", before + link + STYLE.sub("", after))

    in_order = IN_ORDER.search(html)

    def defer(found):
        attributes, address = found[1] + found[3], found[2]
        if address.split("?")[0].endswith(SEARCH) and 'id="search-results"' not in html:
            return ""
        if "://" in address or WAITS.search(attributes):
            return found[0]
        return f'<script{"" if in_order else " defer"}{attributes} src="{address}"></script>'

    return SCRIPT.sub(defer, html)
