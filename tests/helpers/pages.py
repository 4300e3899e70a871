"""Readers of the policy and the scripts of built pages."""

import re
from pathlib import Path
from urllib.parse import urlsplit

POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)" />')


def rules(html):
    """Return the policy of a page, as the sources of each rule."""
    [policy] = POLICY.findall(html)
    parts = [rule.strip().split(" ", 1) for rule in policy.split(";")]
    return {name: sources.split() for name, *[sources] in parts}


def scripts(page):
    """Return the file names of the scripts that a page loads, in order."""
    return [Path(urlsplit(tag["src"]).path).name for tag in page.select("script[src]")]
