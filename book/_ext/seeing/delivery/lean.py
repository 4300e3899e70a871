"""Each page loads only the styles, icons and scripts that it uses.

The theme loads all style sheets of Bootstrap and all of Font Awesome on every page. After all pages
are written,

- one style sheet replaces all except that of sphinx-design, which few pages need. It joins them in
  their order, without the rules whose classes and names appear in no page and no script;
- the style sheet contains the glyphs of the icons that it shows;
- scripts have no comments and no indentation, and are deferred. A page with an inline or external
  script of other packages keeps the order of its scripts, because that script may need one of them,
  or hide it, as require.js does.

A processed page does not change when it is processed again, because a build may write only some of
the pages.
"""

import base64
import json
import re
from hashlib import sha256
from pathlib import Path, PurePosixPath

from lightningcss import process_stylesheet
from rjsmin import jsmin
from sphinx.util import logging

from seeing.delivery import glyphs
from seeing.delivery.pages import paths

logger = logging.getLogger(__name__)
SHEET = PurePosixPath("_static/pages.css")
STYLE = re.compile(
    r'[ \t]*<link [^>]*href="([^":]*_static/)((?!sphinx-design)[^"]+\.css)[^"]*"[^>]*>\n*'
)
IN_ORDER = re.compile(  # an inline or external script that is not deferred
    r'<script(?![^>]*(?: async| defer|type="module"))[^>]* src="[^"]*://'
    r'|<script(?![^>]*(?: src=|type="(?!(?:text|application)/javascript)))[^>]*>'
)
# sphinx-design adds these to every page; the script only synchronizes tabs of the same name.
DESIGN = {"sphinx-design.min.css": "sd-", "design-tabs.js": "data-sync-id"}
OPTIONS = "DOCUMENTATION_OPTIONS."  # for parts of the theme that no page has
NAMES = re.compile(r"""(?:class|id)=["']([^"']*)["']""")
INLINE = re.compile(r"<script[^>]*>(.*?)</script>", re.DOTALL)
LOADED = re.compile(r'<script\b[^>]*\bsrc="[^":]*_static/([^":?]+)')
URL = re.compile(r"""(?<!@import )url\(["']?(?!["']?(?:data:|[a-z]+:|[#/]))""")
WORDS = re.compile(r"[A-Za-z][\w-]*")
IMPORT = re.compile(r"""@import (?:url\()?["']?(?![a-z]+:|//)([^"')]+)["']?\)?;""")
IMPORTED = re.compile(r"@import[^;]*;")
SELECTED = re.compile(r"[.#](-?[A-Za-z_][\w-]*)")
FACE = re.compile(r"src:\s*url\([^)]*/(fa-[\w-]+)\.woff2\)[^;}]*")
# Widgets of Bootstrap that no page has, although its script names them.
WIDGETS = re.compile(r"^(accordion|carousel|list-group|modal|offcanvas|pagination|popover|toast)")


def setup(app):
    app.connect("builder-inited", start_over)
    app.connect("write-started", forget_scripts)
    app.connect("html-page-context", choose_files, priority=990)  # after all files are added
    app.connect("pages-written", make_lean, priority=600)  # after the scripts are repaired


def start_over(app):
    """Write all pages again if the joined sheet, which lists its sources, is missing."""
    if not Path(app.outdir, SHEET).exists():
        for path in paths(app):
            path.unlink()


def forget_scripts(app, builder):
    """Have the scripts copied again, because Sphinx reports a conflict for each changed one."""
    if builder.format == "html":
        for path in Path(app.outdir, "_static").rglob("*.js"):
            path.unlink()


def choose_files(app, pagename, templatename, context, doctree):
    """Remove the files that the page does not use, and defer its scripts if possible."""
    body = context.get("body", "")
    for files in [context["css_files"], context["script_files"]]:
        files[:] = [file for file in files if is_used(file, body)]
    scripts = context["script_files"]
    html = body + str(app.config.html_theme_options) + "".join(map(tag, scripts))
    if doctree and not IN_ORDER.search(html):
        scripts[:] = map(deferred, scripts)


def is_used(file, body):
    sign = DESIGN.get(Path(file.filename or "").name, "")
    return sign in body and not file.attributes.get("body", "").startswith(OPTIONS)


def tag(script):
    attributes = "".join(f' {key}="{value}"' for key, value in script.attributes.items())
    source = f' src="{script.filename}"' if script.filename else ""
    return f"<script{attributes}{source}>"


def deferred(script):
    attributes = script.attributes
    if "://" in str(script.filename) or {"defer", "async", "type"} & attributes.keys():
        return script
    return type(script)(script.filename, priority=script.priority, defer="", **attributes)


def make_lean(app, pages):
    out = Path(app.outdir)
    html = "".join(pages.values())
    used = {name for names in NAMES.findall(html) for name in names.split()}
    words = WORDS.findall("".join(INLINE.findall(html)))
    for path in scripts(out, html):
        script = path.read_text(encoding="utf-8")
        # rjsmin would remove spaces from a template literal within a template literal.
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
        if path in app.fresh and SHEET.name not in pages[path]:
            logger.warning("a page without a style sheet, has the theme changed? %s", path.name)


def scripts(out, html):
    """Return the local scripts that the pages load, except the search index."""
    paths = [out / "_static" / name for name in sorted(set(LOADED.findall(html)))]
    for path in paths:
        if not path.is_file():
            logger.warning("a page loads a missing script: _static/%s", path.name)
    return [path for path in paths if path.is_file()]


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
    """Return the style sheets of all pages, beginning with those that the last build joined."""
    linked = [[name for _, name in STYLE.findall(html)] for html in pages]
    found = {}
    if (out / SHEET).exists() and any(SHEET.name in names for names in linked):
        head = (out / SHEET).read_text(encoding="utf-8").splitlines()[0]
        found = dict.fromkeys(json.loads(head[head.index("[") : head.rindex("]") + 1]))
    for names in sorted(linked, key=len, reverse=True):  # the page with most sets the order
        found |= dict.fromkeys(names)
    found.pop(SHEET.name, None)
    return [name for name in found if (out / "_static" / name).exists()]


def read(path, folder):
    """Return a style sheet including its imports, with URLs relative to `folder`."""
    css = path.read_text(encoding="utf-8")
    here = path.parent.relative_to(folder).as_posix()
    css = URL.sub(lambda found: f"{found[0]}{here}/" if here != "." else found[0], css)
    return IMPORT.sub(lambda found: read((path.parent / found[1]).resolve(), folder.resolve()), css)


def purge(css, used):
    """Return the rules in use; a script may complete a name that ends in a hyphen."""
    css = "".join(IMPORTED.findall(css)) + IMPORTED.sub("", css)  # imports must come first
    unused = {name for name in SELECTED.findall(css) if not {name, *prefixes(name)} & used}
    return process_stylesheet(css, unused_symbols=unused, error_recovery=True)


def prefixes(name):
    return {name[: i + 1] for i, character in enumerate(name) if character == "-"}


def with_fonts(css, out):
    """Replace the URLs of the icon fonts by fonts of the glyphs that the style sheet shows."""
    shown = {ord(character) for character in css if 0xE000 <= ord(character) < 0xF900}

    def face(found):
        [path] = out.glob(f"_static/**/{found[1]}.ttf")
        data = base64.b64encode(glyphs.subset(path, shown)).decode()
        return f'src:url(data:font/woff;base64,{data}) format("woff")'

    css, count = FACE.subn(face, css)
    if shown and not count:
        logger.warning("no icon font found in the style sheets, has the theme changed?")
    return css


def link(html, sheet):
    """Return a page that links only the joined sheet."""
    if sheet in html:
        return html
    html = STYLE.sub(rf'<link rel="stylesheet" href="\1{sheet}" />\n', html, count=1)
    before, link, after = html.partition(sheet)
    return before + link + STYLE.sub("", after)
