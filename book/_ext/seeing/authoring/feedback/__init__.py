"""A small form below a section: was it clear, and what would help?

    :::{div}
    :class: feedback
    :name: W1D5_T2_2D_Convolutions_Video
    :::

A `div` (div.py) without content shows nothing in JupyterLab. The name is that of the section. The
form is sent to the service set in `_config.yml`:

    feedback_endpoint: https://datatops.example.org   # "/feedback" for one on the book's own host
    feedback_name: my_course                          # the project there
    feedback_user_key: ...

in the format of the package `vibecheck`, which the tutorial uses, for the server of the package
`datatops`. A server on another host must allow requests from the book's pages (CORS, with the
headers Content-Type and X-User-Key), which `datatops` does not do by default.

Without a service, Send opens a prefilled issue in the book's repository; without a repository too,
there is no form. Without JavaScript, a link to the issue replaces the form. Sphinx has no feedback
forms, and hosted ones load scripts and trackers with the page.
"""

from html import escape
from urllib.parse import quote

from docutils import nodes
from docutils.parsers.rst.directives import unchanged_required
from sphinx.util.docutils import SphinxDirective

from seeing.authoring import assets
from seeing.delivery.repository import git, issue_form
from seeing.delivery.words import _

FACES = {  # the service's names; the first and last face are in text fonts, too
    "sad": ("☹\ufe0f", _("confusing")),
    "medium": ("😐", _("all right")),
    "happy": ("☺\ufe0f", _("clear")),
}
CHOICE = (
    '<label><input type="radio" name="face" value="{}" required>'
    '<span><span aria-hidden="true">{}</span> <span>{}</span></span></label>'
)
FORM = """\
<form class="feedback" hidden {data}>
<fieldset><legend>{question}</legend>
{choices}
</fieldset>
<label>{wish} <textarea name="text" rows="3"></textarea></label>
<button>{send}</button>
<p role="status"></p>
</form>
"""
LINK = '<p class="feedback-link"><a href="{}">{}</a></p>\n'


class feedback(nodes.General, nodes.Element):  # noqa: N801, a node's class is its name
    """The position of a form, which is chosen when the page is written."""


class Feedback(SphinxDirective):
    option_spec = {"name": unchanged_required}  # noqa: RUF012

    def run(self):
        if "name" not in self.options:
            raise self.error("feedback needs the :name: of a section")
        return [feedback(section=self.options["name"])]


def setup(app):
    for name in ["feedback_endpoint", "feedback_name", "feedback_user_key"]:
        app.add_config_value(name, "", "html", str)
    others = dict.fromkeys(["latex", "text", "man", "texinfo"], (skip, None))
    app.add_node(feedback, html=(visit, None), **others)
    app.add_directive("feedback", Feedback)
    assets.serve(app, __file__)
    app.connect("html-page-context", add_files)


def visit(self, node):
    section, page = node["section"], self.builder.current_docname
    issue = issue_form(
        self.config,
        f"{page}: {section}",
        page=f"{page}, section {section}",
        version=git(self.builder.srcdir, "describe", "--always", "--dirty", "--exclude=*"),
    )
    data = {"section": section, "issue": issue, **service(self.config)}
    if shown(self.config):
        attributes = (f'data-{name}="{escape(value)}"' for name, value in data.items() if value)
        self.body.append(form(" ".join(attributes)))
    if issue:
        text = _("Say what would make this section better")
        self.body.append(LINK.format(escape(issue), escape(text)))
    raise nodes.SkipNode


def skip(self, node):
    """Write nothing, because a form on paper cannot be sent."""
    raise nodes.SkipNode


def form(data):
    """Return the form, in the language of the book."""
    return FORM.format(
        data=data,
        question=_("How was this section?"),
        choices="\n".join(CHOICE.format(name, *face) for name, face in FACES.items()),
        wish=_("What would make it better? (optional)"),
        send=_("Send"),
    )


def service(config):
    """Return the URL and the key of the service, as `datatops` expects them."""
    if not config.feedback_endpoint:
        return {}
    name = quote(config.feedback_name, safe="")
    url = f"{config.feedback_endpoint.rstrip('/')}/api/v1/projects/{name}"
    return {"service": url, "key": config.feedback_user_key}


def shown(config):
    return config.feedback_endpoint or issue_form(config, "")


def add_files(app, pagename, templatename, context, doctree):
    """Load the script and the style sheet only on pages with a form."""
    if doctree and shown(app.config) and any(doctree.findall(feedback)):
        app.add_js_file("feedback.js", loading_method="defer")
        app.add_css_file("feedback.css")
