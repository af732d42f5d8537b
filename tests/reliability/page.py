"""Puts what a command found into its place in docs/reliability.md: page.py NAME < TABLE.md"""

import pathlib
import platform
import re
import subprocess
import sys
import time

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
PAGE = REPOSITORY / "docs" / "reliability.md"


def footer():
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], text=True,
                            capture_output=True, check=False, cwd=REPOSITORY).stdout.strip()
    return f"{time.strftime('%Y-%m-%d')}, engine {commit}, Linux {platform.release()}."


def put(name, body):
    begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    page = PAGE.read_text(encoding="utf-8")
    place = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
    if not place.search(page):
        sys.exit(f"{PAGE.name} has no place for '{name}'")
    PAGE.write_text(place.sub(lambda _: f"{begin}\n{body.strip()}\n\n{footer()}\n{end}", page),
                    encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    put(sys.argv[1], sys.stdin.read())
