"""Readers of the policy, the scripts and the printed numbers of built pages."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np

NUMBER = r"(-?\d+(?:\.\d+)?)"
POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)" />')


def rules(html):
    """Return the policy of a page, as the sources of each rule."""
    [policy] = POLICY.findall(html)
    parts = [rule.strip().split(" ", 1) for rule in policy.split(";")]
    return {name: sources.split() for name, *[sources] in parts}


def scripts(page):
    """Return the file names of the scripts that a page loads, in order."""
    return [Path(urlsplit(tag["src"]).path).name for tag in page.select("script[src]")]


def output_of(page):
    """Return what the cells of a page have printed, in its order."""
    outputs = page.article.select(".cell_output pre")
    return "\n".join(output.get_text() for output in outputs)


def numbers(text, pattern):
    """Return an array of the numbers in a text at each # of a pattern, a row for each match."""
    found = re.findall(pattern.replace("#", NUMBER), text)
    assert found, f"no output of the chapter has the form {pattern!r}"
    return np.array(found, dtype=float)
