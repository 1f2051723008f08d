#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes the Parameters section of the module's docbook: the text of
docs/parameters.md, with each parameter's type and range from the module's
sources. Exits with 1 when the page and the sources do not name the same
parameters or defaults. Called by tools/docs.sh."""

import re
import sys
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

ROOT = Path(__file__).resolve().parents[1]
MODULE = ROOT / "modules" / "imconf"
PAGE = ROOT / "docs" / "parameters.md"
CHANGEABLE_HEAD = "\n## While Kamailio runs\n"
OUT = MODULE / "doc" / "imconf_parameters.xml"
EXPORT = re.compile(r'\{"(\w+)",\s*((?:INT|STR|PARAM_\w+)\w*[^,]*),', re.S)
RANGE = re.compile(r'\{"(\w+)",\s*&settings\.\w+,\s*([^,]+),\s*([^}]+)\}', re.S)
CHANGEABLE = re.compile(r'^\t\t\{"(\w+)", "', re.MULTILINE)
FIELD = re.compile(r"^\t\t\.(\w+) = ([^,{][^,]*),$", re.MULTILINE)
NUMBER = re.compile(r"^[-+*/<() \d]+$")
HEAD = """<?xml version="1.0" encoding='UTF-8'?>
<!DOCTYPE section PUBLIC "-//OASIS//DTD DocBook XML V4.4//EN"
"http://www.oasis-open.org/docbook/xml/4.4/docbookx.dtd">
<!-- made by tools/parameters.py from docs/parameters.md: change it there -->
<section>
	<title>Parameters</title>
"""


class Mistake(Exception):
    """Page and sources disagree; the text says where."""


@dataclass
class Parameter:
    name: str
    default: str
    example: str
    text: str

    def kind(self, exported: dict[str, str]) -> str:
        return "int" if "INT" in exported[self.name] else "string"


def rows() -> list[Parameter]:
    """The lines of the page's tables."""
    found = []
    for line in PAGE.read_text("utf-8").splitlines():
        if not line.startswith("| `"):
            continue
        cells = [cell.strip().replace("\\|", "|")
                 for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if len(cells) != 4:
            raise Mistake(f"not four cells: {line}")
        found.append(Parameter(cells[0].strip("`"), cells[1], cells[2],
                               cells[3]))
    return found


def value(expression: str) -> int:
    """A C constant that is a sum, product or shift of numbers."""
    expression = expression.strip()
    if not NUMBER.match(expression):
        raise Mistake(f"no number: {expression}")
    return int(eval(expression, {"__builtins__": {}}))  # pylint: disable=W0123


def exported() -> dict[str, str]:
    """Parameter -> type, of imconf_mod.c."""
    text = (MODULE / "imconf_mod.c").read_text("utf-8")
    table = text.split("param_export_t params[]", 1)[1].split("};", 1)[0]
    return dict(EXPORT.findall(table))


def ranges() -> dict[str, tuple[str, str]]:
    text = (MODULE / "settings.c").read_text("utf-8")
    return {name: (low, high) for name, low, high in RANGE.findall(text)}


def check_default(parameter: Parameter, fields: dict[str, str]) -> None:
    """What the page calls the default is the one in settings.c."""
    shown = parameter.default.strip("`")
    real = fields.get(parameter.name, "0")
    if not NUMBER.match(real) or not re.fullmatch(r"-?\d+", shown):
        return
    if value(real) != int(shown):
        raise Mistake(f"{parameter.name}: the default is {value(real)}, "
                      f"not {shown}")


def marked(text: str) -> str:
    """Markdown's code marks and links as docbook."""
    text = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", text)
    parts = text.split("`")
    return "".join(f"<literal>{escape(part)}</literal>" if number % 2
                   else escape(part) for number, part in enumerate(parts))


def sentence(text: str) -> str:
    """From the page's table, where it stands without a capital and a stop."""
    return marked(text[:1].upper() + text[1:].rstrip(".") + ".")


def constant(text: str) -> str:
    return str(value(text)) if NUMBER.match(text.strip()) else text.strip()


def changeable() -> set[str]:
    """Those that the cfg framework knows: as settings_cfg.c has it, which the
    page's last section has to repeat."""
    source = (MODULE / "settings_cfg.c").read_text("utf-8")
    names = set(CHANGEABLE.findall(source))
    page = PAGE.read_text("utf-8").split(CHANGEABLE_HEAD, 1)[1]
    named = set(re.findall(r"`(\w+)`", page.split("\n## ", 1)[0]))
    for name in sorted(names ^ named):
        raise Mistake(f"{name} may change at run time, says "
                      f"{'the page' if name in named else 'the source'} only")
    return names


def section(parameter: Parameter, kind: str, limits: str) -> str:
    shown = parameter.example.strip("`")
    given = shown if kind == "int" else f'"{shown}"'
    default = marked(parameter.default) or "none"
    return f"""\
	<section id="imconf.p.{parameter.name}">
		<title><varname>{parameter.name}</varname> ({kind})</title>
		<para>{sentence(parameter.text)}</para>
		<para><emphasis>Default value is {default}.{limits}</emphasis></para>
		<example>
		<title>Set <varname>{parameter.name}</varname> parameter</title>
		<programlisting format="linespecific">
...
modparam("imconf", "{parameter.name}", {escape(given)})
...
</programlisting>
		</example>
	</section>
"""


def write() -> str:
    parameters, types, bounds = rows(), exported(), ranges()
    free = changeable()
    fields = dict(FIELD.findall((MODULE / "settings.c").read_text("utf-8")))
    named = [parameter.name for parameter in parameters]
    for name in sorted(set(named) ^ set(types)):
        raise Mistake(f"{name} is in {'the page' if name in named else 'the sources'} only")
    text = HEAD
    for parameter in parameters:
        check_default(parameter, fields)
        limits = ""
        if parameter.name in bounds:
            low, high = map(constant, bounds[parameter.name])
            limits = f" From {low} to {high}."
        if parameter.name in free:
            limits += " May be changed while Kamailio runs."
        text += section(parameter, parameter.kind(types), limits)
    return text + "</section>\n"


def main() -> int:
    try:
        OUT.write_text(write(), "utf-8")
    except Mistake as mistake:
        print(f"{PAGE.relative_to(ROOT)}: {mistake}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
