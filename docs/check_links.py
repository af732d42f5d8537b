#!/usr/bin/env python3
"""Names the links of our Markdown files that lead to no file, and the pages that docs/README.md
leaves out. Exits with 1 when there are any."""

import pathlib
import re
import subprocess
import sys

REPOSITORY = pathlib.Path(__file__).resolve().parents[1]
DOCS = REPOSITORY / "docs"
MADE = {DOCS / "benchmarks.md"}  # By `./dev bench`: not there before its first run.
LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")


def pages():
    command = ["git", "ls-files", "-co", "--exclude-standard", "*.md"]
    listed = subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True, text=True)
    paths = [REPOSITORY / line for line in listed.stdout.splitlines()]
    return [path for path in paths if path.exists()]


def links(page):
    for link in LINK.findall(page.read_text(encoding="utf-8")):
        if "://" not in link:
            yield link, (page.parent / link).resolve()


def main():
    found = [f"{page.relative_to(REPOSITORY)}: {link} does not exist"
             for page in pages() for link, target in links(page)
             if not target.exists() and target not in MADE]
    listed = {target for _, target in links(DOCS / "README.md")} | {DOCS / "README.md"}
    found += [f"docs/README.md: {page.name} is not listed"
              for page in sorted(DOCS.glob("*.md")) if page not in listed]
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
