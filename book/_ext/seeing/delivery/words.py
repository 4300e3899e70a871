"""The book's own words, in the language of `_config.yml`.

What an extension or a script of ours writes into a page is English in its code, put through `_`,
and in another language what `locales/LANGUAGE/LC_MESSAGES/book.po` says, beside this file. For a
new language, or for new words in the code, of which the others are taken over as they are:

    make words LANGUAGE=fr

The form that gettext reads is made when the book is built. Scripts find their words in the page.
"""

import json
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from sphinx.locale import get_translation

CATALOGUE = "book"
LOCALES = Path(__file__).parent / "locales"
DATA = '<script type="application/json" id="book-words">{}</script>\n'

_ = get_translation(CATALOGUE)


def setup(app):
    app.connect("config-inited", load, priority=1)
    app.connect("html-page-context", tell_scripts, priority=950)  # when scripts are added


def load(app, config):
    """Make the catalogue of the book's language known to Sphinx, if there is one."""
    folder = Path(app.outdir).parent / "locales"
    catalogue = read(config.language)
    if catalogue:
        target = folder / config.language / "LC_MESSAGES" / f"{CATALOGUE}.mo"
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as file:
            write_mo(file, catalogue)
    app.add_message_catalog(CATALOGUE, str(folder))


def read(language):
    path = LOCALES / (language or "en") / "LC_MESSAGES" / f"{CATALOGUE}.po"
    if not path.exists():
        return None
    with path.open("rb") as file:
        return read_po(file, language)


def tell_scripts(app, pagename, templatename, context, doctree):
    """Put the words of the scripts that a page loads into it, unless they are English."""
    catalogue = read(app.config.language)
    if catalogue and doctree:
        loaded = {Path(str(file.filename)).name for file in context["script_files"]}
        words = {
            message.id: message.string
            for message in catalogue
            if message.string and any(Path(file).name in loaded for file, _ in message.locations)
        }
        if words:
            text = json.dumps(words, ensure_ascii=False).replace("<", "\\u003c")
            context["metatags"] = context.get("metatags", "") + DATA.format(text)
