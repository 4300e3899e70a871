"""Update the translation catalogues from the strings in calls of `_` (delivery/words.py).

    python3 tools/venv.py python tools/words.py [LANGUAGE]

Existing translations are kept. A LANGUAGE, such as fr, without a catalogue gets a new one.
"""

import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[1]
BOOK = ROOT / "book"
LOCALES = BOOK / "_ext/seeing/delivery/locales"
METHODS = [("_ext/**.py", "python"), ("**.js", "javascript")]
OPTIONS = {"**.js": {"parse_template_string": True}}


def main(*languages):
    template = Catalog(project="book")
    for file, line, message, comments, _ in extract_from_dir(
        BOOK, METHODS, OPTIONS, directory_filter=bool
    ):
        template.add(message, None, [(f"book/{file}", line)], auto_comments=comments)
    for language in sorted({*languages, *(path.name for path in LOCALES.glob("*"))}):
        path = LOCALES / language / "LC_MESSAGES" / "book.po"
        path.parent.mkdir(parents=True, exist_ok=True)
        catalogue = Catalog(locale=language)
        if path.exists():
            with path.open("rb") as file:
                catalogue = read_po(file, language)
        catalogue.update(template, no_fuzzy_matching=True)
        with path.open("wb") as file:
            write_po(
                file, catalogue, omit_header=True, sort_output=True, ignore_obsolete=True,
                include_lineno=False,
            )  # fmt: skip
        missing = [message.id for message in catalogue if message.id and not message.string]
        print(f"{path.relative_to(ROOT)}: {len(missing)} to translate")


if __name__ == "__main__":
    main(*sys.argv[1:])
