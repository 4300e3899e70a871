"""The book's own words, in the language of `_config.yml`.

What an extension writes into a page is English in its code, put through `_`, and in another
language what the catalogue `locales/LANGUAGE/LC_MESSAGES/book.po` says. `make words` takes new
words of the code into all catalogues; gettext's form of them, `book.mo`, is made when it is needed.
"""

from sphinx.locale import get_translation

CATALOGUE = "book"
_ = get_translation(CATALOGUE)
