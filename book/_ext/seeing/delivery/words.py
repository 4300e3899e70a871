"""Translations of the extension's own strings into the language of `_config.yml`.

Strings that this extension and its scripts write into a page are English in the code and passed to
`_`, which looks them up in `locales/LANGUAGE/LC_MESSAGES/book.po`, beside this file. To add a
language, or to update the catalogues after a string has changed:

    make words LANGUAGE=fr

The catalogue is compiled for gettext when the book is built. The translations for scripts are
written into the page.
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
    app.connect("html-page-context", add_translations, priority=950)  # after scripts are added


def load(app, config):
    """Compile the catalogue of the book's language, if there is one, and register it."""
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


def add_translations(app, pagename, templatename, context, doctree):
    """Write the translations that its scripts need into a page, unless it is in English."""
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
