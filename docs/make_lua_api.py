#!/usr/bin/env python3
"""Writes docs/lua-api.md from the stubs in scripts/types.

    make_lua_api.py            writes it
    make_lua_api.py --check    exits with 1 when it is not what would be written
"""

import dataclasses
import pathlib
import re
import sys

REPOSITORY = pathlib.Path(__file__).resolve().parents[1]
TYPES = REPOSITORY / "scripts" / "types"
OUTPUT = REPOSITORY / "docs" / "lua-api.md"

# What authors need first; the rest follows by name.
FIRST = ["engine.scene", "engine.state_machine", "engine.virtual_device", "mqtt", "timer", "log",
         "state", "config", "json"]

INTRODUCTION = """\
# The Lua API

Made from the stubs in `scripts/types` by `./dev docs`: change those, not this file. The Lua language
server reads the same stubs, so an editor completes and checks as you type (`engine new` sets it up).

Modules with a plain name are there in every script; `engine.…` is loaded: `local scene = require
"engine.scene"`. Besides, scripts have Lua's own functions (LuaJIT 2.1, which is Lua 5.1) as far as they
cannot hurt others: no `io`, `ffi`, `package` or bytecode; of `os` `time`, `date` and `clock`; `require`
finds files beside the script and in `scripts.folders`.

All times are seconds and may have fractions. A misuse (a wrong type, a missing argument, a topic that
MQTT does not allow) raises an error at the script's line that says what was expected. What can go wrong
in a show is no error: such functions return nil and a text. A `?` after a name or a type: it may be left
out, or be nil.
"""


@dataclasses.dataclass
class Entry:
    """A class, alias, function or value, as its stub declares it."""

    kind: str
    name: str
    signature: str = ""
    prose: list = dataclasses.field(default_factory=list)
    params: list = dataclasses.field(default_factory=list)
    returns: list = dataclasses.field(default_factory=list)
    fields: list = dataclasses.field(default_factory=list)
    parent: str = ""
    overloads: list = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class Module:
    name: str
    prose: list
    entries: list


# ---- types in annotations -------------------------------------------------------------------------

PAIRS = {"(": ")", "{": "}", "[": "]", "<": ">"}


def skip_bracket(text, at):
    """The position after the bracket that opens at `at`."""
    closing = PAIRS[text[at]]
    at += 1
    while text[at] != closing:
        at = skip_bracket(text, at) if text[at] in PAIRS else at + 1
    return at + 1


def skip_type(text, at=0):
    """The position after the type that begins at `at`."""
    while at < len(text):
        char = text[at]
        if char == '"':
            at = text.index('"', at + 1) + 1
        elif char in PAIRS:
            function = text[:at].endswith("fun")
            at = skip_bracket(text, at)
            if function and text[at:at + 2] == ": ":
                at = skip_type(text, at + 2)
                while text[at:at + 2] == ", ":
                    at = skip_type(text, at + 2)
        elif char in " ,":
            break
        else:
            at += 1
    return at


def split_type(text):
    """A type, and what stands after it."""
    at = skip_type(text)
    return text[:at], text[at:].strip()


# ---- reading stubs --------------------------------------------------------------------------------

def joined(lines):
    """Annotations that go on in lines indented by two spaces, each as one line."""
    result = []
    for line in lines:
        if line.startswith("---  ") and result and result[-1].startswith("---@"):
            result[-1] += " " + line[3:].strip()
        else:
            result.append(line)
    return result


class Reader:
    """Turns the lines of one stub into a Module."""

    def __init__(self, path):
        self.module = Module("", [], [])
        self.shown = {}  # Local names of classes, and what the reference calls them.
        self.fresh()
        for line in joined(path.read_text().splitlines()):
            self.line(line)
        self.module.name = self.module.name or path.stem

    def fresh(self):
        self.prose = []
        self.entry = Entry("", "")
        self.klass = None

    def line(self, line):
        if line.startswith("---@"):
            tag, _, rest = line[4:].partition(" ")
            getattr(self, "tag_" + tag)(rest)
        elif line.startswith("---"):
            self.prose.append(line[3:])
        elif line.strip():
            self.code(line)
        else:
            self.blank()

    def blank(self):
        if self.klass is None and self.prose:
            self.module.prose += self.prose
        self.fresh()

    def take_prose(self):
        prose, self.prose = self.prose, []
        return prose

    def tag_meta(self, rest):
        self.module.name = rest

    def tag_class(self, rest):
        name, _, parent = rest.partition(": ")
        self.klass = Entry("class", name, prose=self.take_prose(), parent=parent)
        self.module.entries.append(self.klass)

    def tag_field(self, rest):
        name, rest = re.match(r"(\[[^]]+\]\??|\S+) (.*)", rest).groups()
        kind, text = split_type(rest)
        self.klass.fields.append((name, kind, self.take_prose() + ([text] if text else [])))

    def tag_alias(self, rest):
        name, kind = rest.split(" ", 1)
        self.module.entries.append(Entry("alias", name, signature=kind, prose=self.take_prose()))

    def tag_param(self, rest):
        name, rest = rest.split(" ", 1)
        kind, text = split_type(rest)
        self.entry.params.append((name, kind, text))

    def tag_return(self, rest):
        kind, rest = split_type(rest)
        name, _, text = rest.partition(" ")
        self.entry.returns.append((name, kind, text))

    def tag_overload(self, rest):
        (self.klass or self.entry).overloads.append(rest)

    def tag_type(self, rest):
        self.entry.signature = rest

    def tag_generic(self, rest):
        pass

    def code(self, line):
        function = re.match(r"(local )?function ([\w.:]+)\((.*)\) end$", line)
        table = re.match(r"(?:local )?(\w+) = \{\}$", line)
        value = re.match(r"([\w.]+) = nil$", line)
        if function:
            self.function(*function.groups())
        elif value:
            self.entry.kind, self.entry.name = "value", value[1]
            self.entry.prose = self.take_prose()
            self.module.entries.append(self.entry)
        elif table and self.klass:
            self.shown[table[1]] = self.klass.name
        elif table or line.startswith("return "):
            self.module.prose += self.prose
            if self.entry.signature:
                self.module.prose += ["", f"`{self.entry.signature}`"]
        else:
            raise SystemExit(f"{self.module.name}: what is this line? {line}")
        self.fresh()

    def function(self, is_local, name, arguments):
        optional = {name.rstrip("?") for name, kind, _ in self.entry.params
                    if name.endswith("?") or kind.endswith("?")}
        shown = [each + "?" * (each in optional) for each in re.findall(r"[\w.]+", arguments)]
        self.entry.kind, self.entry.name = "function", name
        self.entry.signature = f"{name}({', '.join(shown)})"
        self.entry.prose = self.take_prose()
        self.module.entries.append(self.entry)


# ---- writing --------------------------------------------------------------------------------------

def anchor(name):
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def displayed(name):
    """Methods as authors write them: `s:wait`, `handle:cancel`."""
    klass, colon, method = name.partition(":")
    if not colon or "." in klass:
        return name
    return ("s" if klass == "Story" else klass.lower()) + colon + method


class Writer:
    def __init__(self, modules):
        self.modules = modules
        self.known = {entry.name for module in modules for entry in module.entries
                      if entry.kind in ("class", "alias")}
        self.lines = [INTRODUCTION]

    def text(self):
        self.lines.append("## Contents\n")
        for module in self.modules:
            self.contents(module)
        for module in self.modules:
            self.section(module)
        return re.sub(r"\n{3,}", "\n\n", "\n".join(self.lines)).rstrip() + "\n"

    def contents(self, module):
        functions = [entry for entry in module.entries if entry.kind == "function"]
        names = [f"[{displayed(entry.name)}](#{anchor(entry.name)})" for entry in functions
                 if entry.name not in module.name]
        self.lines.append(f"* [{module.name}](#{anchor(module.name)})" + ":" * bool(names))
        if names:
            self.lines.append("  " + ",\n  ".join(names))

    def section(self, module):
        self.lines += ["", f'<a id="{anchor(module.name)}"></a>', f"## {module.name}", ""]
        self.lines += [*module.prose, ""]
        by_rank = sorted(module.entries, key=lambda entry: entry.name.split(".")[-1]
                         != module.name.split(".")[-1])
        for entry in by_rank:  # First what the module is for.
            getattr(self, "write_" + entry.kind)(entry, module)

    def head(self, entry, title):
        self.lines += ["", f'<a id="{anchor(entry.name)}"></a>', f"### {title}", "", *entry.prose, ""]

    def write_class(self, entry, _):
        self.head(entry, f"`{entry.name}`")
        if entry.parent:
            self.lines += [f"Has the fields of {self.linked(entry.parent)} too.", ""]
        for overload in entry.overloads:
            self.lines.append(f"* `{overload}`")
        for name, kind, prose in entry.fields:
            name = re.sub(r"^\[(\d)\]", r"[\1]", name)
            self.item(name, kind, " ".join(line.strip() for line in prose))
        self.lines.append("")

    def write_alias(self, entry, _):
        self.head(entry, f"`{entry.name}`")
        self.lines += [f"`{entry.signature}`", ""]

    def write_value(self, entry, _):
        self.head(entry, f"`{entry.name}`")
        if entry.signature:
            self.lines += [f"`{entry.signature}`", ""]

    def write_function(self, entry, _):
        self.head(entry, f"`{displayed(entry.signature)}`")
        for name, kind, text in entry.params:
            self.item(name, kind, text)
        for name, kind, text in entry.returns:
            shown = f"returns {name}" if name else "returns"
            self.item(shown, kind, text, code=False)
        for overload in entry.overloads:
            self.lines.append(f"* also: `{overload}`")
        self.lines.append("")

    def item(self, name, kind, text, code=True):
        shown = f"`{name}`" if code else f"**{name}**"
        self.lines.append(f"* {shown}: {self.linked(kind)}" + (f". {text}" if text else ""))

    def linked(self, kind):
        links = [name for name in re.findall(r"[A-Za-z_]+\.[A-Za-z_]+", kind) if name in self.known]
        see = ", ".join(f"[{name}](#{anchor(name)})" for name in dict.fromkeys(links))
        if see and re.fullmatch(r"[\w.]+", kind):
            return see
        return f"`{kind}`" + (f" ({see})" if see else "")


def modules():
    found = [Reader(path).module for path in sorted(TYPES.rglob("*.lua"))]
    first = {name: place for place, name in enumerate(FIRST)}
    return sorted(found, key=lambda module: (first.get(module.name, len(FIRST)), module.name))


def main(arguments):
    text = Writer(modules()).text()
    if arguments == ["--check"]:
        if OUTPUT.is_file() and OUTPUT.read_text() == text:
            return 0
        print("docs/lua-api.md is not what scripts/types says: run ./dev docs")
        return 1
    OUTPUT.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
